"""What the demo's company writes, each message in Japanese and English and as text and HTML.

English is a translation, for leads whose locale says so. Japanese mail opens with company, department, title and
姓 + 様, as business letters do; the filter `honorific` knows the rules. Imports `nurture` only.
"""

from __future__ import annotations

from dataclasses import dataclass

from nurture import Message, Purpose, Translation

SITE = "https://www.mihon-systems.example"
"""The invented company's pages, on a domain that nobody can own."""


@dataclass(frozen=True)
class Words:
    """One language of a message: subject, paragraphs, and what its link says."""

    subject: str
    paragraphs: tuple[str, ...]
    link: str = ""


def _text(words: Words, opening: str, closing: str, url: str) -> str:
    link = (f"▼ {words.link}\n{url}",) if words.link else ()
    return "\n\n".join((opening, *words.paragraphs, *link, closing)) + "\n"


def _html(words: Words, opening: str, closing: str, url: str) -> str:
    shown = [f"<p>{paragraph}</p>".replace("\n", "<br>") for paragraph in (opening, *words.paragraphs)]
    if words.link:
        shown.append(f'<p style="margin:26px 0"><a href="{url}" style="{_BUTTON}">{words.link}</a></p>')
    shown.append(f"<p>{closing}</p>".replace("\n", "<br>"))
    return "\n".join(shown) + "\n"


_BUTTON = "background:#1f5f5b;color:#fff;padding:11px 22px;border-radius:6px;text-decoration:none;display:inline-block"
_PAGE = (
    '<html><body style="margin:0;background:#f4f1ea">'
    '<div style="max-width:600px;margin:0 auto;padding:28px;background:#fff;'
    "font:15px/1.8 'Hiragino Sans','Noto Sans JP',Meiryo,sans-serif;color:#22302f\">"
    '<p style="color:#1f5f5b;font-weight:bold;letter-spacing:.08em">見本システムズ</p>{body}</div></body></html>'
)
_JA_OPENING, _EN_OPENING = "{{ lead|honorific('letter') }}", "Dear {{ lead|honorific }},"
_JA_CLOSING = "今後ともよろしくお願いいたします。\n見本システムズ株式会社 営業部"
_EN_CLOSING = "Kind regards,\nMihon Systems, customer team"


def _message(name: str, purpose: Purpose, title: str, path: str, ja: Words, en: Words) -> Message:
    """A message from its two languages; only the parts that differ are written twice."""
    url = f"{SITE}{path}"
    japanese = (_JA_OPENING, _JA_CLOSING, url)
    english = (_EN_OPENING, _EN_CLOSING, url)
    translation = Translation("en", en.subject, _text(en, *english), _PAGE.replace("{body}", _html(en, *english)))
    return Message(
        name,
        purpose,
        ja.subject,
        _text(ja, *japanese),
        _PAGE.replace("{body}", _html(ja, *japanese)),
        title=title,
        translations=[translation],
    )


DOCUMENT = _message(
    "document", Purpose.TRANSACTIONAL, "Requested document", "/documents/guide",
    Words("ご請求の資料をお送りします",
          ("お世話になっております。見本システムズでございます。",
           "このたびは資料をご請求いただき、誠にありがとうございます。\n下記のページよりご覧いただけます。",
           "ご不明な点がございましたら、このメールにそのままご返信ください。"), "資料を開く"),
    Words("Here is the guide you asked for",
          ("Thank you for your request. You will find the guide on the page below.",
           "If anything is unclear, simply reply to this mail."), "Open the guide"),
)  # fmt: skip
SEMINAR_CONFIRMATION = _message(
    "seminar_confirmation", Purpose.TRANSACTIONAL, "Seminar: place confirmed", "/seminars/how-to-join",
    Words("【受付完了】セミナーのお申し込みについて",
          ("お世話になっております。見本システムズでございます。",
           "セミナーへのお申し込みを承りました。\n当日のご案内は下記のページにございます。",
           "ご都合が悪くなられた場合は、お手数ですがこのメールへのご返信でお知らせください。"), "当日のご案内"),
    Words("Your place at the seminar is confirmed",
          ("Thank you for signing up. All you need on the day is on the page below.",
           "If you cannot come, please reply to this mail."), "How to join"),
)  # fmt: skip
THANKS_CARD = _message(
    "thanks_card", Purpose.MARKETING, "Thanks for the card", "/cases",
    Words("名刺交換のお礼",
          ("先日は貴重なお時間をいただき、誠にありがとうございました。\n見本システムズでございます。",
           "お話の中でお役に立てそうな事例をまとめました。お手すきの折にご覧いただけますと幸いです。"), "事例を見る"),
    Words("Thank you for your time",
          ("It was good to meet you. Some of the cases below come close to what we talked about.",), "See the cases"),
)  # fmt: skip
GREETING = _message(
    "greeting", Purpose.MARKETING, "Greeting", "/first-steps",
    Words("はじめてのご挨拶",
          ("お世話になっております。見本システムズでございます。",
           "現場の情報を一か所に集め、今日の仕事を軽くする。そのための小さな一歩を、毎月ご紹介しております。",
           "まずは多くのお客様が最初に取り組まれた三つのことをご覧ください。"), "最初の三つのこと"),
    Words("Three first steps",
          ("We help teams gather what they know in one place.",
           "Most of our customers began with the same three small steps."), "The first three steps"),
)  # fmt: skip
CASE_STUDY = _message(
    "case_study", Purpose.MARKETING, "Case study", "/cases/lead-time",
    Words("【事例】現場の残業を三割減らした工夫",
          ("お世話になっております。見本システムズでございます。",
           "御社と近い規模のお客様が、半年で取り組まれた内容をまとめました。",
           "かかった費用と、うまくいかなかった点も正直に書いております。"), "事例を読む"),
    Words("How one team cut overtime by a third",
          ("A customer of about your size wrote down what they changed in half a year.",
           "What it cost, and what did not work, is in there, too."), "Read the case"),
)  # fmt: skip
WEBINAR_INVITATION = _message(
    "webinar_invitation", Purpose.MARKETING, "Invitation to the weekly webinar", "/webinar",
    Words("【ご招待】毎週木曜15時 オンライン説明会",
          ("お世話になっております。見本システムズでございます。",
           "実際の画面をご覧いただきながらご質問にお答えする、45分のオンライン説明会を毎週開いております。",
           "カメラもマイクも不要です。途中のご退席もご自由にどうぞ。"), "空いている回を見る"),
    Words("Every Thursday: 45 minutes with the product",
          ("Each Thursday we show the product as it is and answer whatever you ask.",
           "No camera, no microphone, and you may leave whenever you like."), "Pick a date"),
)  # fmt: skip
DIGEST = _message(
    "digest", Purpose.MARKETING, "Monthly digest", "/digest",
    Words("今月のまとめ: よく読まれた三つの記事",
          ("お世話になっております。見本システムズでございます。",
           "今月、同じお立場の方々によく読まれた記事を三つお届けします。三分ほどで読めます。"), "三つの記事を読む"),
    Words("The three pieces people read most this month",
          ("Three short pieces that people in your role read most. It takes about three minutes.",), "Read them"),
)  # fmt: skip
SEMINAR_THANKS = _message(
    "seminar_thanks", Purpose.TRANSACTIONAL, "Seminar: slides", "/seminars/slides",
    Words("ご参加のお礼と当日の資料",
          ("本日はお忙しい中セミナーにご参加いただき、誠にありがとうございました。",
           "お約束しておりました資料をお送りします。\nあわせて、三問だけのアンケートにご協力いただけますと幸いです。"),
          "資料とアンケート"),
    Words("Thank you for coming: slides inside",
          ("Thank you for joining us today. Here are the slides we promised.",
           "If you have a minute, three short questions wait on the same page."), "Slides and questions"),
)  # fmt: skip
SEMINAR_RECORDING = _message(
    "seminar_recording", Purpose.TRANSACTIONAL, "Seminar: recording for those who missed it", "/seminars/recording",
    Words("セミナーの録画をお送りします",
          ("お世話になっております。見本システムズでございます。",
           "先日のセミナーではお目にかかれず残念でした。お申し込みの皆様に録画をお送りしております。"), "録画を見る"),
    Words("The recording of the seminar",
          ("We missed you at the seminar. Everyone who signed up gets the recording.",), "Watch the recording"),
)  # fmt: skip
SEMINAR_FOLLOWUP = _message(
    "seminar_followup", Purpose.MARKETING, "Seminar: what comes next", "/consulting",
    Words("セミナーの内容を自社に当てはめるには",
          ("お世話になっております。見本システムズでございます。",
           "「うちの場合はどうか」というご質問を多くいただきました。よくある三つの型に分けてお答えしております。"),
          "三つの型を見る"),
    Words("What it would look like at your place",
          ("Many asked what all this would mean for them. We answer along three typical situations.",),
          "The three situations"),
)  # fmt: skip
MISS_YOU = _message(
    "miss_you", Purpose.MARKETING, "Win back: a quiet hello", "/whats-new",
    Words("ご無沙汰しております",
          ("ご無沙汰しております。見本システムズでございます。",
           "しばらくの間に変わったことを、一枚にまとめました。ご関心が変わられていましたら、お知らせください。"),
          "変わったことを見る"),
    Words("It has been a while",
          ("We put on one page what has changed since we last heard from you.",
           "If your interests have changed, tell us."), "What is new"),
)  # fmt: skip
LAST_LETTER = _message(
    "last_letter", Purpose.MARKETING, "Win back: shall we go on?", "/stay",
    Words("今後のご案内を続けてもよろしいでしょうか",
          ("お世話になっております。見本システムズでございます。",
           "最近はお役に立てていないように存じます。ご不要でしたら、下の配信停止からいつでもお止めいただけます。",
           "続けてもよろしければ、一度だけ下を押してください。押されない場合、ご案内の回数を減らします。"),
          "続けて受け取る"),
    Words("Shall we go on writing?",
          ("We may not have been useful lately. You can stop these mails with the link at the bottom.",
           "If you would like them to go on, press the button once. If not, we will write less."), "Yes, go on"),
)  # fmt: skip
HOT_LEAD = Message(
    "hot_lead",
    Purpose.INTERNAL,
    "【要対応】{{ lead.full_name|default('お名前未登録') }} 様のご関心が高まっています",
    """{{ lead.company|default(account.name)|default('会社名なし') }}
{{ lead.department|default('部署なし') }} {{ lead.title|default('役職なし') }}
{{ lead.full_name|default('お名前未登録') }} 様

理由: {{ params.reason }}
関心: {{ lead.interest|default('-') }}
流入元: {{ lead.source|default('-') }}
電話: {{ lead.phone|default('-') }}

二営業日以内のお電話をお願いします。
""",
    title="Notice to the owner",
)

MESSAGES = (
    DOCUMENT, SEMINAR_CONFIRMATION, THANKS_CARD, GREETING, CASE_STUDY, WEBINAR_INVITATION, DIGEST,
    SEMINAR_THANKS, SEMINAR_RECORDING, SEMINAR_FOLLOWUP, MISS_YOU, LAST_LETTER, HOT_LEAD,
)  # fmt: skip
"""Every message."""

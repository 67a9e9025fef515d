"""The seminars of program B, and what is said about them.

Bodies are outside a scenario's version: mending a word forks nothing. May import `nurture` and the house.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from examples.scenarios.house import at, letter, notice, service
from nurture import Campaign


def _seminar(name: str, title: str, begins: datetime) -> Campaign:
    return Campaign(
        name=name,
        medium="seminar",
        title=title,
        starts_at=begins,
        ends_at=begins + timedelta(minutes=90),
        place="オンライン",
    )


SEMINARS = (
    _seminar("dx-may", "はじめての業務DX", at("2026-05-21 14:00")),
    _seminar("cost-july", "間接費の見直し方", at("2026-07-09 14:00")),
    _seminar("dx-october", "現場で進める業務DX", at("2026-10-14 14:00")),
    _seminar("cost-october", "年度末に備える費用の見直し", at("2026-10-16 14:00")),
    _seminar("dx-january", "新年の業務DX", at("2027-01-07 14:00")),
)
TITLE = "{{ params.title }}"

MESSAGES = (
    *(
        service(
            f"confirm-{one.name}",
            f"【受付完了】{one.title}",
            f"「{one.title}」へのお申し込みを承りました。予定表に登録できるファイルを添付しております。",
            "ご都合が悪くなられた場合は、お手数ですが本メールへのご返信にてお知らせください。",
            invitation=one.name,
        )
        for one in SEMINARS
    ),
    service("reminder", f"【3営業日前のご案内】{TITLE}", f"「{TITLE}」の開催が近づいてまいりました。", path="/join"),
    service(
        "starts_soon", f"【まもなく開始】{TITLE}", "1時間後に開始いたします。下記よりご参加ください。", path="/join"
    ),
    service(
        "moved",
        f"【日程変更】{TITLE}",
        "誠に勝手ながら、開催日時を{{ params.starts_at|date('full') }}に変更させていただきます。",
        "ご迷惑をおかけしますことを深くお詫び申し上げます。",
    ),
    service(
        "apology",
        f"【開催中止のお詫び】{TITLE}",
        "お申し込みいただきましたセミナーは、都合により開催を中止させていただくこととなりました。",
        "ご迷惑をおかけしますことを深くお詫び申し上げます。",
    ),
    letter(
        "survey",
        f"【御礼】{TITLE}にご参加いただきありがとうございました",
        "よろしければアンケートにご協力ください。",
        path="/survey",
    ),
    letter("digest", f"{TITLE}の要点をお届けします", "当日の要点を1枚にまとめました。", path="/digest"),
    letter("recording", f"{TITLE}の録画をご覧いただけます", "ご都合のよいときにご視聴ください。", path="/recording"),
    letter(
        "partner_offer",
        "株式会社共催より資料のご案内",
        "共催セミナーに関連する資料をご用意いたしました。",
        entity="partner",
    ),
    *(
        letter(
            f"{topic}-{number}",
            f"{word}のヒント（第{number}回）",
            f"{word}に役立つ情報をお届けいたします。",
            path=f"/{topic}/{number}",
        )
        for topic, word in (("dx", "業務DX"), ("cost", "費用の見直し"))
        for number in (1, 2)
    ),
    notice(
        "seminar_lead",
        "有望なお客様：セミナーアンケート",
        "{{ lead|honorific }}が導入をご検討中です。1営業日以内にお電話ください。",
    ),
)

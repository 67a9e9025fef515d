"""An invitation to a seminar as a Japanese company sends it, with every field that such a mail has; and in English."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache

from nurture import Attribute, Message, Program
from nurture.mail.owner import Owner
from nurture.ports import Envelope
from nurture.predicates import q
from nurture.program import Block, Campaign, Choice, Layout, Translation
from tests.mail.corpus import MARKUP
from tests.mail.house import SITE, MailHouse, a_lead

FRAME = """<!doctype html><html lang="{{ locale }}"><head><meta charset="utf-8"><title>{{ campaign.title }}</title>
<style>body { margin: 0; font-family: sans-serif; color: #222 } td { padding: 16px; overflow-wrap: anywhere }
.head { background: #0b3d5c; color: #fff; font-size: 18px } @media (max-width: 480px) { td { padding: 8px } }</style>
</head><body><table role="presentation" width="100%" cellspacing="0"><tr><td class="head">{{ sender.name }}</td></tr>
<tr><td>{{ content }}</td></tr><tr><td>{{ blocks.offer }}</td></tr></table></body></html>
"""
HTML_JA = """<p>{{ lead|honorific('letter') }}<br>({{ lead.family_kana }} {{ lead.given_kana }} 様)</p>
<p>いつもお世話になっております。<br>「{{ campaign.title }}」のご案内です。</p>
<ul><li>日時: {{ campaign.starts_at|date('full') }}〜{{ campaign.ends_at|date('time') }}</li>
<li>会場: {{ campaign.place }}</li><li>お申し込み期限: {{ lead.until|date }}（{{ lead.until|date('short') }}）</li></ul>
<p><a href="https://shop.example.jp/seminar?id=1&amp;lang=ja">お申し込みはこちら</a></p>
"""
TEXT_JA = """{{ lead|honorific('letter') }}
({{ lead.family_kana }} {{ lead.given_kana }} 様)

いつもお世話になっております。
「{{ campaign.title }}」のご案内です。

日時: {{ campaign.starts_at|date('full') }}〜{{ campaign.ends_at|date('time') }}
会場: {{ campaign.place }}
お申し込み期限: {{ lead.until|date }}（{{ lead.until|date('short') }}）
https://shop.example.jp/seminar?id=1&lang=ja

{{ blocks.offer }}
"""
HTML_EN = """<p>Dear {{ lead|honorific }},</p><p>we invite you to “{{ campaign.title }}”
on {{ campaign.starts_at|date('full') }} at {{ campaign.place }}.</p>
<p><a href="https://shop.example.jp/seminar?id=1&amp;lang=en">Register</a></p>
"""
PROGRAM = Program(
    locale="ja",
    zone="Asia/Tokyo",
    attributes=[Attribute("until", "date")],
    layouts=[Layout("frame", FRAME, inline_css=True)],
    campaigns=[
        Campaign(
            name="seminar",
            title="春の製造業DXセミナー",
            place="見本会館 3階 大ホール（東京都千代田区）",
            starts_at=datetime(2026, 4, 24, 6, 0, tzinfo=UTC),
            ends_at=datetime(2026, 4, 24, 8, 30, tzinfo=UTC),
            url="https://shop.example.jp/seminar",
        )
    ],
    blocks=[
        Block(
            "offer",
            "<p>資料をご用意しました。</p>",
            choices=[Choice("chief", q.lead.title == "部長", "<p><b>部長職の方へ:</b> 個別相談会もございます。</p>")],
        )
    ],
    messages=[
        Message(
            "invitation",
            "marketing",
            "【{{ sender.name }}】{{ lead.family_name }}様、{{ campaign.title }}のご案内",
            TEXT_JA,
            HTML_JA,
            preheader="Hidden before: {{ campaign.starts_at|date('day') }}開催",
            layout="frame",
            from_owner=True,
            invitation="seminar",
            utm={"campaign": "seminar", "source": "mail"},
            translations=[Translation("en", "{{ sender.name }}: {{ campaign.title }}", None, HTML_EN, "Hidden before")],
        )
    ],
)
OWNER = Owner("見本 花子", "hanako@example.jp", signature="見本商事株式会社 営業部\n見本 花子", phone="03-0000-0001")


@cache
def _house() -> MailHouse:
    return MailHouse(PROGRAM, site=SITE, owners={"o": OWNER})


def japanese_mail() -> Envelope:
    """The invitation to somebody of whom everything is known."""
    lead = a_lead(
        {"until": date(2026, 4, 17)},
        family_name="髙﨑", given_name="一郎", family_kana="タカサキ", given_kana="イチロウ",
        company="株式会社見本商事", department="営業部", title="部長", owner="o", locale="ja",
    )  # fmt: skip
    return _house().mail(lead, "invitation", choices={"offer": "chief"})


def english_mail() -> Envelope:
    """The invitation in English."""
    lead = a_lead(
        {"until": date(2026, 4, 17)},
        family_name="Lovelace",
        given_name="Ada",
        title="Dr.",
        company="Example Ltd",
        locale="en",
    )
    return _house().mail(lead, "invitation")


def hostile_mail() -> Envelope:
    """The invitation to somebody whose every field is an attack."""
    script, image, breakout, style = MARKUP[0], MARKUP[12], MARKUP[70], MARKUP[35]
    lead = a_lead(
        {"until": date(2026, 4, 17)},
        family_name=script, given_name=breakout, family_kana=image, given_kana="</td></tr></table>",
        company=image + "W" * 200, department=style, title="<!--", locale="ja",
    )  # fmt: skip
    return _house().mail(lead, "invitation")

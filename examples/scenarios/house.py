"""The company whose five programs stand beside this file: its days, its people, its tone of voice. All invented.

May import `nurture` only. Addresses are on domains that nobody can own.
"""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from nurture import BusinessCalendar, Message, Owner, Purpose, SenderIdentity, Site, Window
from nurture.calendar import each_day, public_holidays

ZONE = "Asia/Tokyo"
JST = ZoneInfo(ZONE)
BEGIN, END = datetime(2026, 4, 1, 9, tzinfo=JST), datetime(2027, 4, 1, 9, tzinfo=JST)
"""The fiscal year that the programs live through."""

OBON = each_day(date(2026, 8, 13), date(2026, 8, 16))
YEAR_END = each_day(date(2026, 12, 29), date(2027, 1, 4))
OFFICE = (
    BusinessCalendar("mihon", closed=public_holidays("JP", range(2026, 2029)))
    .with_closures(OBON)
    .with_closures(YEAR_END)
)
"""Monday to Friday without public holidays, Obon and the year's end: the last two are the company's own."""

FIRST_LETTER = datetime(2026, 4, 1, 10)  # noqa: DTZ001 - what the wall clock shows; the zone is given beside it
"""From when on newsletters come, and at which time of day."""
NIGHT = Window(time(20), time(8))
"""Hours in which no marketing goes out."""

OWNERS = {
    one: Owner(name, f"{one}@mihon.example", signature=f"見本株式会社 {team}\n{name}")
    for one, name, team in (
        ("sato", "佐藤 美咲", "東日本営業部"),
        ("suzuki", "鈴木 大輔", "西日本営業部"),
        ("inside", "高橋 彩", "インサイドセールス"),
        ("manager", "田中 誠", "営業部長"),
        ("director", "伊藤 恵", "取締役"),
        ("success", "渡辺 健", "カスタマーサクセス"),
    )
}
"""Who looks after leads and accounts, by their ids."""

SITE = Site(
    "https://crm.mihon.example",
    secret="links of invented people lead nowhere",  # noqa: S106 - the domain is reserved
    identity=SenderIdentity(
        "見本株式会社",
        "news@mihon.example",
        postal_address="〒100-0000 東京都見本区見本町1-2-3",
        complaint_contact="privacy@mihon.example",
    ),
    identities={
        "partner": SenderIdentity(
            "株式会社共催",
            "seminar@kyosai.example",
            postal_address="〒530-0000 大阪府見本市共催町4-5-6",
            complaint_contact="privacy@kyosai.example",
        )
    },
)

_PAGES = "https://www.mihon.example"
_OPENING = "{{ lead|honorific('letter') }}"
_GREETING = "いつもお世話になっております。見本株式会社でございます。"
_CLOSING = "今後とも何卒よろしくお願い申し上げます。\n見本株式会社"


def letter(
    name: str,
    subject: str,
    *paragraphs: str,
    purpose: Purpose = Purpose.MARKETING,
    path: str = "",
    topic: str = "",
    entity: str = "",
    from_owner: bool = False,
    invitation: str | None = None,
) -> Message:
    """A Japanese business mail: addressee, greeting, what is to be said, where to read on, closing.

    Args:
        name: Names it in steps.
        subject: Its subject line.
        paragraphs: What is said; templates.
        purpose: Why it is sent.
        path: The page of ours to read on; none when empty.
        topic: For consent by topic.
        entity: Who sends.
        from_owner: Whether it comes from the lead's owner, whose signature then closes it.
        invitation: The campaign whose date goes along.
    """
    link = (f"▼ 詳しくはこちらをご覧ください\n{_PAGES}{path}",) if path else ()
    closing = "{{ owner.signature }}" if from_owner else _CLOSING
    greeting = _GREETING if not entity else "お世話になっております。{{ sender.name }}でございます。"
    text = "\n\n".join((_OPENING, greeting, *paragraphs, *link, closing)) + "\n"
    return Message(
        name, purpose, subject, text, topic=topic, entity=entity, from_owner=from_owner, invitation=invitation
    )


def service(name: str, subject: str, *paragraphs: str, path: str = "", invitation: str | None = None) -> Message:
    """A mail that somebody asked for, such as a confirmation; it sells nothing."""
    return letter(name, subject, *paragraphs, purpose=Purpose.TRANSACTIONAL, path=path, invitation=invitation)


def notice(name: str, subject: str, text: str) -> Message:
    """A mail to a colleague."""
    return Message(name, Purpose.INTERNAL, subject, f"お疲れさまです。\n\n{text}\n")


def at(text: str) -> datetime:
    """An instant in Tokyo: `at("2026-05-22 20:00")`."""
    return datetime.fromisoformat(text).replace(tzinfo=JST)

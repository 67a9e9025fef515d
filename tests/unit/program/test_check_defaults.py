"""What holds by default and is probably not meant: the weakest law, and the zone of a program that names none."""

from __future__ import annotations

from datetime import time

import pytest

from nurture import CAN_SPAM, GDPR, JAPAN, ContactPolicy, Message, Program, Scenario, civil, days, q
from nurture.calendar import Window
from nurture.program import Ground, Jurisdiction
from nurture.steps import branch, send, wait

LAWS = [JAPAN, GDPR, CAN_SPAM]
NEWS = Message("news", "marketing", "News", "x")
INVOICE = Message("invoice", "transactional", "Invoice", "x")
TEXT = Message("text", "marketing", "News", "x", channel="sms")


def warned(about: str, **parts: object) -> list[str]:
    """The warnings about a place."""
    program = Program(**{"zone": "Asia/Tokyo", **parts})  # type: ignore[arg-type]
    return [one for one in program.warnings if one.startswith(f"{about}:")]


def test_the_weakest_law_by_default_is_warned_of() -> None:
    policy = ContactPolicy(jurisdiction="us", jurisdictions=LAWS)
    (said,) = warned("policy.jurisdiction", messages=[NEWS], policy=policy)
    assert "'US' asks nobody first" in said
    assert "every lead" in said
    chosen = ContactPolicy(jurisdiction="US", jurisdictions=LAWS, jurisdiction_from="locale")
    (said,) = warned("policy.jurisdiction", messages=[NEWS], policy=chosen)
    assert "leads whose 'locale' is missing" in said


@pytest.mark.parametrize(
    ("default", "laws", "message"),
    [
        ("JP", LAWS, NEWS),
        ("", LAWS, NEWS),
        ("US", LAWS, INVOICE),
        ("US", LAWS, TEXT),  # CAN-SPAM is about e-mail
        ("X", [Jurisdiction(name="X", grounds=Ground("consent"))], NEWS),
    ],
)
def test_another_law_or_no_marketing_under_it_is_not(default: str, laws: list[Jurisdiction], message: Message) -> None:
    policy = ContactPolicy(jurisdiction=default, jurisdictions=laws)
    assert warned("policy.jurisdiction", messages=[message], policy=policy) == []


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ({"messages": [NEWS]}, "dates in messages"),
        ({"policy": ContactPolicy(quiet=Window(time(22), time(6)))}, "the hours of the contact policy"),
        ({"scenarios": [Scenario("s", q.touches("a.b"), [wait(civil(days=3))])]}, "waits of scenario 's'"),
        (
            {"scenarios": [Scenario("s", q.touches("a.b"), [branch(q.everyone, then=[wait(civil(days=3))])])]},
            "waits of scenario 's'",
        ),
    ],
)
def test_a_zone_that_nobody_named_is_warned_of_where_it_is_read(parts: dict[str, object], named: str) -> None:
    (said,) = warned("zone", zone="UTC", **parts)
    assert named in said
    assert warned("zone", **parts) == []
    assert warned("zone", zone="Etc/UTC", **parts) == []


def test_a_program_that_reads_no_clock_needs_no_zone() -> None:
    scenario = Scenario("s", q.touches("a.b"), [wait(days(3))])
    laws = ContactPolicy(jurisdiction="JP", jurisdictions=LAWS)
    assert warned("zone", zone="UTC", scenarios=[scenario], policy=laws) == []


def test_a_message_in_its_zone_under_a_law_that_asks_is_fine() -> None:
    scenario = Scenario("s", q.touches("a.b"), [send("news")])
    policy = ContactPolicy(jurisdiction="JP", jurisdictions=LAWS)
    program = Program(messages=[NEWS], scenarios=[scenario], policy=policy, zone="Asia/Tokyo")
    assert program.warnings == ()

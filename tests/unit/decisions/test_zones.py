"""In whose zone a civil time is read, that leads are told their account's, and that the record says whose it was."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from nurture import Attribute, ContactPolicy, Nurture, Program, Scenario, Window, civil, days, q
from nurture.decisions import asks_across
from nurture.decisions.asking import asked_in
from nurture.decisions.scene import zone_of
from nurture.decisions.zones import Whose, leads_need_zone, needs_zone, told_zone, whose_zone
from nurture.model import Lead, Standing
from nurture.predicates import Predicate
from nurture.simulation import VirtualClock
from nurture.steps import Step, branch, tag, wait, wait_for
from nurture.storage import MemoryStorage

ASKED = q.touches("form.submitted")
START = datetime(2026, 4, 1, 3, tzinfo=UTC)  # noon in Tokyo, the evening before in New York
ACCOUNT_ZONE = Attribute("zone", subject="account")
TEN = civil(at="10:00")


def a_scenario(*steps: Step, on: Predicate = ASKED, subject: str = "lead") -> Scenario:
    return Scenario("s", on, steps, subject=subject)


@pytest.mark.parametrize(
    ("lead", "account", "found"),
    [
        ("Asia/Tokyo", "America/New_York", Whose("Asia/Tokyo", "lead")),
        (None, "America/New_York", Whose("America/New_York", "account")),
        ("Asia/Tokio", "America/New_York", Whose("America/New_York", "account")),  # it names no zone
        (9, 9, Whose("UTC", "program")),
        (None, None, Whose("UTC", "program")),
    ],
)
def test_the_leads_then_the_accounts_then_the_programs(lead: object, account: object, found: Whose) -> None:
    assert whose_zone(lead, account, "UTC") == found
    assert found.zone.key == found.name == zone_of(lead, "UTC", account)
    assert dict(found.saw()) == {"zone": found.name, "zone_of": found.of}


@pytest.mark.parametrize(
    ("steps", "needs"),
    [
        ([wait(days(1)), tag("x")], False),
        ([wait(TEN)], True),
        (
            [branch(q.lead.title == "CTO", then=[branch(q.lead.title == "CEO", then=[wait(civil(business_hours=4))])])],
            True,
        ),
        ([wait_for(ASKED, civil(days=1))], True),
        ([branch(q.account.industry == "SaaS", then=[tag("x")])], False),  # a predicate asks for itself
    ],
)
def test_a_scenario_needs_a_zone_where_something_is_civil(steps: list[Step], needs: bool) -> None:
    scenario = a_scenario(*steps)
    assert needs_zone(scenario) is needs
    assert leads_need_zone(Program(scenarios=[scenario])) is needs


def test_leads_are_told_the_zone_where_something_is_civil() -> None:
    plain, civil_one = a_scenario(wait(days(1))), a_scenario(wait(TEN))
    quiet = ContactPolicy(quiet=Window(time(22), time(6)))
    assert asked_in(Program(scenarios=[plain])).fields == frozenset()
    assert asked_in(Program(scenarios=[civil_one])).fields == {"zone"}
    assert asked_in(Program(policy=quiet)).fields == {"zone"}
    assert asked_in(Program(), [plain]).fields == frozenset()
    assert asked_in(Program(), [civil_one]).fields == {"zone"}  # an older version that still runs
    assert asked_in(Program(scenarios=[a_scenario(wait(TEN), subject="account")])).fields == frozenset()


@pytest.mark.parametrize(("subject", "asks"), [("lead", True), ("account", False)])
def test_an_older_version_with_a_civil_time_asks_across(subject: str, asks: bool) -> None:
    assert asks_across(Program(), a_scenario(wait(TEN), subject=subject)) is asks


class House:
    """One lead, perhaps in an account, and a program that waits until ten o'clock."""

    def __init__(self) -> None:
        self.clock = VirtualClock(START)
        program = Program(
            scenarios=[a_scenario(wait(TEN), tag("ten"), wait(days(1)), tag("late"))], attributes=[ACCOUNT_ZONE]
        )
        self.crm = Nurture(program, MemoryStorage(clock=self.clock))

    def decide(self, length: timedelta = timedelta(seconds=1)) -> None:
        self.clock.move_to(self.clock.now + length)
        self.crm.tick()

    def waits_until(self, lead: Lead) -> datetime | None:
        (run,) = self.crm.standing(lead.id).enrollments
        return run.until

    def noted(self, lead: Lead) -> list[dict[str, object]]:
        """Whose zones the decisions about the lead have kept."""
        notes = [note for record in self.crm.explain(lead.id).decisions for note in record.notes]
        return [dict(note.saw) for note in notes if note.what == "step" and "zone" in note.saw]


@pytest.mark.parametrize(
    ("own", "accounts", "until", "saw"),
    [
        (None, None, datetime(2026, 4, 1, 10, tzinfo=UTC), ("UTC", "program")),
        (None, "Asia/Tokyo", datetime(2026, 4, 2, 1, tzinfo=UTC), ("Asia/Tokyo", "account")),
        ("America/New_York", "Asia/Tokyo", datetime(2026, 4, 1, 14, tzinfo=UTC), ("America/New_York", "lead")),
        ("America/New_York", None, datetime(2026, 4, 1, 14, tzinfo=UTC), ("America/New_York", "lead")),
    ],
)
def test_a_lead_waits_on_the_wall_clock_that_is_recorded(
    own: str | None, accounts: str | None, until: datetime, saw: tuple[str, str]
) -> None:
    house = House()
    account = house.crm.capture_account(name="Example", attributes={"zone": accounts} if accounts else {})
    lead = house.crm.capture(email="ada@example.com", zone=own, account=account.id)
    house.decide()
    house.crm.record(lead.id, "form.submitted")
    house.decide()
    assert told_zone(house.crm.standing(lead.id)) == accounts
    assert house.waits_until(lead) == until
    assert house.noted(lead) == [{"zone": saw[0], "zone_of": saw[1]}]
    house.decide(timedelta(days=2))
    assert house.crm.lead(lead.id).tags == ("late", "ten")
    assert len(house.noted(lead)) == 1  # the second wait is not civil


def test_a_lead_hears_that_its_account_moved() -> None:
    house = House()
    account = house.crm.capture_account(name="Example", attributes={"zone": "Asia/Tokyo"})
    lead = house.crm.capture(email="ada@example.com", account=account.id)
    house.decide()
    house.crm.update(account.id, attributes={"zone": "America/New_York"})
    house.decide()
    house.crm.record(lead.id, "form.submitted")
    house.decide()
    assert house.waits_until(lead) == datetime(2026, 4, 1, 14, tzinfo=UTC)


def test_nobody_told_a_standing_that_is_not_there() -> None:
    assert told_zone(None) is None
    assert told_zone(Standing(subject=Lead(id="l", created_at=START, email="ada@example.com").id, program="")) is None

"""Approvals from the host's side: what is asked for, who may answer, and that nothing else goes out."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from nurture import Answered, Approval, Attribute, Basis, Message, Program, Refused, Scenario, days, hours, q
from nurture.errors import InvalidFactError, NotFoundError
from nurture.model import LeadId
from nurture.steps import Step, approve, send, send_to_people, set_attribute, tag, wait
from nurture.testing.doubles import FakeSender
from tests.stores import T0, House, store_maker

STEPS = (
    approve(
        "director",
        message="case",
        deadline=days(3),
        then=[send("case", if_withheld=[tag("withheld")]), tag("sent")],
        refused=[tag("refused")],
        otherwise=[tag("late")],
    ),
)


def program_of(text: str = "As approved", steps: tuple[Step, ...] = STEPS) -> Program:
    return Program(
        messages=[Message("case", "marketing", "Case", text)],
        scenarios=[Scenario("s", q.touches("go.now"), steps)],
    )


class Office:
    """A lead whose run waits for an approval."""

    def __init__(self, kind: str = "memory", folder: Path = Path(), program: Program | None = None) -> None:
        self.sender = FakeSender()
        self.house = House(program or program_of(), store_maker(kind, folder), senders={"email": self.sender})
        self.crm = self.house.crm
        self.lead: LeadId = self.crm.capture(email="a@example.com", consent=Basis.CONSENT).id
        self.crm.record(self.lead, "go.now")
        self.pass_(hours(1))

    def pass_(self, length: object) -> None:
        self.house.tick_at(self.house.clock.now + length)  # type: ignore[operator]

    def open(self) -> Approval:
        (found,) = self.crm.approvals(self.lead)
        return found

    def answer(self, approval: str, **given: object) -> Answered | Refused:
        said = {"role": "director", "by": "tanaka", **given}
        answer = self.crm.approve(self.lead, approval, **said)  # type: ignore[arg-type]
        self.pass_(hours(1))
        return answer

    @property
    def tags(self) -> tuple[str, ...]:
        return self.crm.lead(self.lead).tags

    def texts(self) -> list[str]:
        return [one.text.splitlines()[0] for one in self.sender.delivered]


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_yes_sends_it_and_is_a_fact(kind: str, tmp_path: Path) -> None:
    office = Office(kind, tmp_path)
    one = office.open()
    assert (one.subject, one.scenario, one.role, one.message) == (office.lead, "s", "director", "case")
    assert one.until is not None
    assert one.until - one.asked_at == days(3)
    assert office.texts() == []
    assert office.answer(one.id, reason="good") == Answered(one.id, given=True)
    assert office.texts() == ["As approved"]
    assert office.tags == ("sent",)
    assert office.crm.approvals(office.lead) == ()
    (fact,) = [fact for fact in office.crm.timeline(office.lead) if fact.kind == "approval.given"]
    assert (fact.properties["by"], fact.properties["reason"], fact.properties["content"]) == (
        "tanaka",
        "good",
        one.content,
    )


def test_a_no_and_the_deadline_send_nothing() -> None:
    office = Office()
    one = office.open()
    assert office.answer(one.id, refuse=True) == Answered(one.id, given=False)
    assert (office.texts(), office.tags) == ([], ("refused",))
    late = Office()
    approval = late.open().id
    late.pass_(days(4))
    assert (late.texts(), late.tags) == ([], ("late",))
    assert late.answer(approval) == Refused("not_open")
    assert late.texts() == []


def test_only_the_role_may_answer_what_was_asked() -> None:
    office = Office()
    one = office.open()
    assert office.answer(one.id, role="intern") == Refused("wrong_role")
    with pytest.raises(NotFoundError, match="no such approval"):
        office.answer("appr_0")
    with pytest.raises(InvalidFactError, match="by"):
        office.answer(one.id, by=" ")
    assert office.texts() == []
    assert office.open() == one


def test_the_same_answer_twice_is_harmless_and_another_one_comes_too_late() -> None:
    office = Office()
    one = office.open()
    assert office.answer(one.id)
    assert office.answer(one.id, by="suzuki") == Answered(one.id, given=True)
    assert office.answer(one.id, refuse=True) == Refused("answered_before")
    assert office.texts() == ["As approved"]
    assert [fact.kind for fact in office.crm.timeline(office.lead)].count("approval.given") == 1


def test_a_message_that_changed_meanwhile_is_asked_for_anew() -> None:
    office = Office()
    old = office.open()
    office.crm.activate(program_of("Changed"))
    assert office.answer(old.id) == Refused("content_changed")
    assert office.texts() == []
    new = office.open()
    assert new.id != old.id
    assert new.content != old.content
    assert new.until == old.until
    assert office.answer(old.id) == Refused("content_changed")
    assert office.answer(new.id) == Answered(new.id, given=True)
    assert office.texts() == ["Changed"]


def test_a_message_that_changed_back_needs_no_other_request() -> None:
    office = Office()
    first = office.open()
    office.crm.activate(program_of("Changed"))
    assert office.answer(first.id) == Refused("content_changed")
    office.crm.activate(program_of())
    assert office.open().id == first.id


@pytest.mark.parametrize(
    ("text", "sent", "tags"), [("Changed", [], ("withheld",)), ("As approved", ["As approved"], ())]
)
def test_what_changed_between_approval_and_claim_does_not_go(text: str, sent: list[str], tags: tuple[str, ...]) -> None:
    office = Office()
    answer = office.crm.approve(office.lead, office.open().id, role="director", by="tanaka")
    assert answer  # decided, and not delivered yet
    office.crm.activate(program_of(text))
    office.pass_(hours(1))
    assert office.texts() == sent
    assert set(tags) <= set(office.tags)
    if not sent:
        (receipt,) = [fact for fact in office.crm.timeline(office.lead) if fact.kind == "email.withheld"]
        assert receipt.properties["reason"] == "not_approved"


def test_what_was_approved_binds_the_run_also_much_later() -> None:
    steps = (approve("director", message="case", deadline=days(3)), wait(days(9)), send("case"))
    office = Office(program=program_of(steps=steps))
    assert office.answer(office.open().id)
    office.crm.activate(program_of("Changed", steps))
    office.pass_(days(10))
    assert office.texts() == []
    untouched = Office(program=program_of(steps=steps))
    assert untouched.answer(untouched.open().id)
    untouched.pass_(days(10))
    assert untouched.texts() == ["As approved"]


def test_a_run_without_approval_is_bound_to_nothing() -> None:
    steps = (wait(days(1)), send("case"))
    office = Office(program=program_of(steps=steps))
    office.crm.activate(program_of("Changed", steps))
    office.pass_(days(2))
    assert office.texts() == ["Changed"]


def test_each_run_asks_for_itself() -> None:
    one = program_of()
    more = attrs.evolve(one, scenarios=[attrs.evolve(one.scenarios[0], reentry="always", key="deal")])
    office = Office(program=more)
    office.crm.record(office.lead, "go.now", {"deal": "d2"})
    office.pass_(hours(1))
    first, second = office.crm.approvals(office.lead)
    assert office.answer(second.id)
    assert office.crm.approvals(office.lead) == (first,)
    assert office.texts() == ["As approved"]


def test_the_subject_may_be_an_account() -> None:
    scenario = Scenario(
        "s",
        q.touches("go.now"),
        [approve("director", deadline=days(3), then=[set_attribute("grp", "approved")])],
        subject="account",
    )
    house = House(
        Program(scenarios=[scenario], attributes=[Attribute("grp", subject="account")]), store_maker("memory", Path())
    )
    firm = house.crm.capture_account(name="Acme", domain="acme.example").id
    house.crm.record(firm, "go.now")
    house.tick_at(T0 + hours(1))
    (one,) = house.crm.approvals(firm)
    assert (one.message, one.content) == ("", "")
    assert house.crm.approve(firm, one.id, role="director", by="tanaka") == Answered(one.id, given=True)
    assert house.crm.account(firm).attributes["grp"] == "approved"


@pytest.mark.parametrize(("text", "sent"), [("Changed", []), ("As approved", ["As approved"])])
def test_what_was_approved_on_an_accounts_run_binds_what_its_people_get(text: str, sent: list[str]) -> None:
    steps = (approve("director", message="case", deadline=days(3)), wait(days(1)), send_to_people("case"))

    def program(words: str) -> Program:
        return Program(
            messages=[Message("case", "marketing", "Case", words)],
            scenarios=[Scenario("s", q.touches("go.now"), steps, subject="account")],
        )

    sender = FakeSender()
    house = House(program("As approved"), store_maker("memory", Path()), senders={"email": sender})
    firm = house.crm.capture_account(name="Acme", domain="acme.example").id
    house.crm.capture(email="a@acme.example", account=firm, consent=Basis.CONSENT)
    house.crm.record(firm, "go.now")
    house.tick_at(T0 + hours(1))
    (one,) = house.crm.approvals(firm)
    assert house.crm.approve(firm, one.id, role="director", by="tanaka")
    house.crm.activate(program(text))
    for passed in (days(2), days(2) + hours(1)):
        house.tick_at(T0 + passed)
    assert [one.text.splitlines()[0] for one in sender.delivered] == sent

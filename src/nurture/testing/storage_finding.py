"""What a store promises that finds members itself: `Capability.FIND`, F1 to F3. May import the ports and pytest.

A predicate has one meaning, so what a store finds is compared with `match`, asked subject by subject of the same store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, cast

import pytest

from nurture.calendar import days, this_month
from nurture.model import (
    Account,
    AccountId,
    Changes,
    Consent,
    Lead,
    LeadId,
    Origin,
    ScoreState,
    Standing,
    SubjectId,
    SubjectKind,
    Touchpoint,
)
from nurture.model.decay import add
from nurture.ports import Capability, FindingView, Place, Search
from nurture.predicates import Order, Predicate, q
from nurture.program import Attribute, Lifecycle, Program, ScoreModel, ScoreRule, Segment, Stage
from nurture.runtime.asking import Inquiry, Present
from nurture.runtime.results import Knowledge, Member
from nurture.runtime.selecting import in_order
from nurture.testing.storage_groups import ACME, DAY, NOON, Clock, fact, row, save, standing, with_fields, write

if TYPE_CHECKING:
    from nurture.model import Value
    from nurture.ports import Storage, View

NOW: Final = NOON + DAY
_PAGE: Final = 3
_NAMES: Final = ("田中", "𠮷野", "ada", "Ada", "éva", "zoë", "ﾀﾅｶ", "")
PROGRAM: Final = Program(
    lifecycle=Lifecycle([Stage("new")], []),
    scores=[
        ScoreModel("warmth", [ScoreRule(q.touches("page.viewed"), 5)], half_life=days(10), floor=0, ceiling=60),
        ScoreModel("fit", [ScoreRule(q.account.industry == "SaaS", 10)]),
    ],
    segments=[
        Segment("keen", q.touches("page.viewed").within(days=3).count() >= 2),
        Segment("keen saas", q.segment("keen") & (q.account.industry == "SaaS")),
    ],
    attributes=[
        Attribute("seats", "integer"), Attribute("rate", "number"), Attribute("vip", "boolean"),
        Attribute("born", "date"), Attribute("seen", "instant"),
    ],
)  # fmt: skip
NAMES: Final = PROGRAM.names(SubjectKind.LEAD)

ASKED: Final[dict[str, Predicate]] = {
    "everybody": q.everyone,
    "nobody": ~q.everyone,
    "a text": q.lead.name.is_in(["ada", "𠮷野"]) | q.lead.name.starts_with("A", ignore_case=True),
    "a whole number": (q.lead.seats >= 2) & (q.lead.seats != 3),
    "a number": q.lead.rate >= 0.3,
    "a boolean": ~q.lead.vip.is_true(),
    "a date": q.lead.born.during(this_month(zone="Asia/Tokyo")) | q.lead.born.is_missing(),
    "an instant": q.lead.seen.ago() >= days(2),
    "several values": q.lead.tags.has_any(["a", "b"]) & q.in_list("spring"),
    "the account": (q.account.industry == "SaaS") | q.account.employees.is_missing(),
    "facts": q.touches("page.viewed").where(q.prop("path").contains("/p")).within(days=2).count() >= 1,
    "no facts": q.touches().within(days=2).never(),
    "the last fact": q.touches("page.viewed").last(q.prop("path") == "/p"),
    "a score": q.score("warmth") >= 6,
    "a segment": q.segment("keen saas") | (q.score("fit") >= 10),
    "a membership": q.time_in_segment("keen") >= days(1),
    "a stage": q.stage == "new",
    "a word": q.consent().given(),
    "the account itself": q.account.matches(q.touches("deal.opened")),
    "its people": q.account.leads.where(q.lead.seats >= 3).count() >= 2,
    "lots": q.bucket("salt", 0, 50),
    "lots and more": q.bucket("salt", 0, 70) & (q.lead.seats >= 1) & q.touches("page.viewed"),
    "held": q.held(q.lead.seats >= 0, at_least=days(9)) | (q.lead.name == "ada"),
}  # fmt: skip
"""Questions of every kind; a store may leave to its caller what it cannot ask."""

ORDERS: Final[dict[str, Order]] = {
    "score": q.score("warmth").desc(),
    "score, rising": q.score("fit").asc(),
    "text": q.lead.name.asc(),
    "text, falling": q.lead.name.desc(),
    "whole": q.lead.seats.desc(),
    "number": q.lead.rate.asc(),
    "boolean": q.lead.vip.desc(),
    "date": q.lead.born.asc(),
    "instant": q.lead.seen.desc(),
    "created": q.lead.created_at.asc(),
    "account": q.account.employees.desc(),
}


class FindingContract:
    """`Capability.FIND`: the store finds members itself, as `match` would."""

    def make_storage(self, tenant: str, clock: Clock) -> Storage:
        """A handle on the store under test; within one test every call reaches the same store."""
        raise NotImplementedError("define make_storage(tenant, clock), which returns a handle on the store under test")

    def filled(self) -> Storage:
        """A handle on a store with sixteen leads of three accounts; and there is another tenant."""
        made = self.make_storage("default", lambda: NOW)
        fill(made)
        other = self.make_storage("other", lambda: NOW)
        save(other, _lead(1), standing(SubjectId("lead_1")), subject=SubjectId("lead_1"))
        return made

    @pytest.fixture
    def audience(self) -> Iterator[Storage]:
        """A handle on a store with sixteen leads of three accounts; and there is another tenant."""
        made = self.filled()
        yield made
        made.close()

    def test_f_the_capability_is_declared(self, audience: Storage) -> None:
        """Else nobody would use it."""
        assert Capability.FIND in audience.capabilities

    @pytest.mark.parametrize("name", ASKED)
    def test_f1_find_names_everybody_of_whom_it_holds(self, audience: Storage, name: str) -> None:
        """F1: in the order of ids, in pages, once the rest was asked of them."""
        with audience.view() as view:
            assert _found(view, _search(ASKED[name])) == _matched(view, ASKED[name])

    def test_f1_find_is_about_the_instant_that_is_asked(self, audience: Storage) -> None:
        """F1: windows, decay and calendars look back from there, and nothing later is seen."""
        for instant in (NOON - DAY, NOON, NOON + 9 * DAY):
            for name in ("facts", "no facts", "a score", "an instant", "a membership"):
                with audience.view() as view:
                    search = Search(where=ASKED[name], names=NAMES, now=instant)
                    assert _found(view, search) == _matched(view, ASKED[name], search)

    def test_f1_accounts_are_found_as_leads_are(self, audience: Storage) -> None:
        """F1: by their fields, facts and people."""
        names = PROGRAM.names(SubjectKind.ACCOUNT)
        asked = [
            q.account.industry == "SaaS",
            q.touches("deal.opened"),
            q.account.leads.where(q.lead.seats >= 3).count() >= 2,
        ]
        for where in asked:
            search = Search(where=where, names=names, now=NOW)
            with audience.view() as view:
                found, expected = _found(view, search), _matched(view, where, search)
            assert found == expected
            assert 0 < len(expected) < 3

    @pytest.mark.parametrize("limit", [0, -1])
    def test_f1_to_f3_a_limit_below_one_asks_for_nothing(self, audience: Storage, limit: int) -> None:
        """F1 and F3: and no page is read from its end."""
        with audience.view() as view:
            assert _finding(view).find(_search(q.everyone), "", limit).subjects == ()
            assert _finding(view).best(_search(q.everyone), q.lead.name.asc(), None, limit) in ((), None)

    def test_f2_tally_counts_them(self, audience: Storage) -> None:
        """F2: or says that it cannot."""
        for where in ASKED.values():
            with audience.view() as view:
                assert _finding(view).tally(_search(where)) in (None, len(_matched(view, where)))

    @pytest.mark.parametrize("order", ORDERS)
    def test_f3_best_names_the_first_in_an_order(self, audience: Storage, order: str) -> None:
        """F3: whoever has no value last, and equal ones by id; from the beginning, and after every place there is."""
        for where in (q.everyone, ASKED["no facts"], ASKED["lots"]):
            search = _search(where)
            with audience.view() as view:
                expected = _ordered(view, where, ORDERS[order])
                for limit in (1, 5, 99):
                    found = _finding(view).best(search, ORDERS[order], None, limit)
                    assert found in (None, _ids(expected[:limit]))
                for index, one in enumerate(expected):
                    found = _finding(view).best(search, ORDERS[order], Place(one.value, one.subject), 4)
                    assert found in (None, _ids(expected[index + 1 : index + 5]))

    def test_f1_a_unit_finds_what_it_wrote(self, audience: Storage) -> None:
        """F1, U1: as it gets and pages."""
        with audience.begin() as unit:
            assert write(unit, SubjectId("lead_z"), with_fields(_lead(4), {"id": LeadId(SubjectId("lead_z"))}))
            assert "lead_z" in _found(unit, _search(q.everyone))


def _finding(view: View) -> FindingView:
    return cast("FindingView", view)


def _search(where: Predicate) -> Search:
    return Search(where=where, names=NAMES, now=NOW)


def _found(view: View, search: Search) -> list[str]:
    """Everybody whom the store finds, page by page, after the rest was asked of them."""
    found: list[str] = []
    after = ""
    for _ in range(20):
        some = _finding(view).find(search, after, _PAGE)
        assert len(some.subjects) <= _PAGE
        if some.rest is None:
            found += some.subjects
        else:
            found += _asked(view, some.rest, search, list(some.subjects))
        if len(some.subjects) < _PAGE:
            break
        after = some.subjects[-1]
    return found


def _ids(members: Sequence[Member]) -> tuple[str, ...]:
    return tuple([one.subject for one in members])


def _matched(view: View, where: Predicate, search: Search | None = None) -> list[str]:
    """Everybody of whom it holds, by `match`."""
    search = search or _search(where)
    of_accounts = search.names.subject is SubjectKind.ACCOUNT
    everybody = view.page(Account, "", 99) if of_accounts else view.page(Lead, "", 99)
    return _asked(view, where, search, [one.id for one in everybody])


def _asked(view: View, where: Predicate, search: Search, ids: list[SubjectId]) -> list[str]:
    kind = search.names.subject
    inquiry = Inquiry(PROGRAM, kind, where, Present("default", search.now))
    records = view.get(Account, ids) if kind is SubjectKind.ACCOUNT else view.get(Lead, ids)
    return list(inquiry.yes(view, {one: records[one] for one in ids}))


def _ordered(view: View, where: Predicate, order: Order) -> list[Member]:
    """Everybody of whom it holds, in an order."""
    inquiry = Inquiry(PROGRAM, SubjectKind.LEAD, where, Present("default", NOW), order.reach)
    leads = {SubjectId(one.id): one for one in view.page(Lead, "", 99)}
    members = [
        Member(one, None, None, Knowledge.NOW, order.value(sight, NOW, NAMES))
        for one, sight in inquiry.yes(view, dict(leads)).items()
    ]
    return in_order(members, order)


# --- sixteen leads ---------------------------------------------------------------------------------------------------

_INDUSTRIES: Final = ("SaaS", "retail", None)
_ACCOUNTS: Final = tuple(AccountId(SubjectId(f"{ACME}_{number}")) for number in range(3))


def fill(storage: Storage) -> None:
    """Write sixteen leads of three accounts, with what happened and where they stand, in one unit."""
    groups: dict[SubjectId, Changes] = {}
    for number, (one, industry) in enumerate(zip(_ACCOUNTS, _INDUSTRIES, strict=True)):
        employees = None if number == 1 else 10 ** (number + 1)
        account = Account(id=one, created_at=NOON, name=f"Company {number}", industry=industry, employees=employees)
        deals = [fact(f"deal{number}", one, kind="deal.opened")] if number != 1 else []
        groups[one] = Changes(records=(account, *deals))
    for number in range(16):
        lead, facts = _lead(number), _facts(number)
        waits = [row(one.id, lead.id) for one in facts[:1]] if number % 2 else []
        groups[lead.id] = Changes(records=(lead, *facts, *waits, *_standing(number)))
    with storage.begin() as unit:
        assert not unit.put(groups)


def _lead(number: int) -> Lead:
    values: dict[str, Value] = {
        "seats": number % 5,
        "rate": number / 10,
        "vip": number % 2 == 0,
        "born": date(2026 - number, 2 + number % 3, 1 + number),
        "seen": NOON - number * DAY / 2,
    }
    missing = {name for index, name in enumerate(values) if (number + index) % 6 == 0}
    return Lead(
        id=LeadId(SubjectId(f"lead_{number:x}" if number < 13 else f"lead_{'Zあ𠮷'[number - 13]}")),
        created_at=NOON - (number % 4) * DAY,
        phone=f"03000000{number:02}",
        name=_NAMES[number % len(_NAMES)] or None,
        account=None if number % 4 == 3 else _ACCOUNTS[number % 4],
        tags=("a",) if number % 3 == 0 else (),
        lists=("spring",) if number % 2 else (),
        attributes={name: value for name, value in values.items() if name not in missing},
        consents=(Consent(at=NOON),) if number % 5 == 0 else (),
    )


def _facts(number: int) -> list[Touchpoint]:
    """Pages that were viewed, and what the person said."""
    subject = _lead(number).id
    views = [
        with_fields(
            fact(f"{subject} {index}", subject, at=NOON - ((number + index) % 7) * DAY / 2),
            {
                "properties": {"path": ["/p", "/pricing", "/about"][(number + index) % 3]},
                "origin": Origin.HOST if (number + index) % 5 == 4 else Origin.LEAD,
            },
        )
        for index in range(number % 4)
    ]
    word = fact(f"{subject} word", subject, kind="consent.given")
    told = {"channel": "email", "purpose": "marketing", "topic": "", "explicit": False}
    return [*views, with_fields(word, {"properties": told})] if number % 5 == 0 else views


def _standing(number: int) -> list[Standing]:
    if number % 7 == 6:
        return []  # nobody has decided anything about it
    warmth = ScoreState()
    model = PROGRAM.score("warmth")
    assert model is not None
    for index in range(number):
        warmth = add(warmth, 5.0, NOON - (index % 4) * DAY, model.scale)
    return [
        standing(
            _lead(number).id,
            stage="new" if number % 3 else None,
            stage_since=NOON,
            scores={"warmth": warmth, "fit": ScoreState(constant=10.0 * (number % 2))},
            memberships={"keen": NOON - (number % 3) * DAY} if number % 4 else {},
        )
    ]

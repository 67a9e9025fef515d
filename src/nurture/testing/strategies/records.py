"""Strategies for every kind of record that a store keeps; each is well formed by itself. Imports the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from nurture.model import (
    EMPTY,
    Account,
    AccountId,
    Activated,
    Activation,
    Alias,
    Allowance,
    DecisionRecord,
    Definition,
    Effect,
    EffectId,
    EffectKind,
    EffectState,
    EnrollmentId,
    FactId,
    FrozenMapping,
    InboxRow,
    Lead,
    LeadId,
    Note,
    Origin,
    Purpose,
    Record,
    Repeat,
    SubjectId,
    Touchpoint,
)
from nurture.model.effect import OPEN_STATES
from nurture.testing.strategies.standings import standings
from nurture.testing.strategies.values import (
    PersonName,
    companies,
    consents,
    emails,
    instants,
    kinds,
    names,
    people,
    phones,
    properties,
    subjects,
    suppressions,
    texts,
)

if TYPE_CHECKING:
    from datetime import datetime


def _ids(prefix: str) -> st.SearchStrategy[str]:
    """Ids that collide now and then."""
    return st.integers(0, 20).map(lambda number: f"{prefix}_{number:02}")


@st.composite
def leads(draw: st.DrawFn, subject: st.SearchStrategy[SubjectId] | None = None) -> Lead:
    """Leads of the first version, with one identifier at least and with any other fields."""
    maybe = st.none() | texts(min_size=1, max_size=12)
    person = draw(st.none() | people()) or PersonName("", "", "", "")
    identifiers = {"email": emails(), "phone": phones(), "line": names(), "visitor": names()}
    chosen = draw(st.sets(st.sampled_from(sorted(identifiers)), min_size=1))
    return Lead(
        id=LeadId(draw(_lead_ids() if subject is None else subject)),
        created_at=draw(instants()),
        email=draw(identifiers["email"]) if "email" in chosen else None,
        phone=draw(identifiers["phone"]) if "phone" in chosen else None,
        line=draw(identifiers["line"]) if "line" in chosen else None,
        visitor=draw(identifiers["visitor"]) if "visitor" in chosen else None,
        external_ids=draw(st.dictionaries(st.sampled_from(["crm", "基幹"]), names(), max_size=2).map(FrozenMapping)),
        name=person.name.strip() or None,
        family_name=person.family_name or None,
        given_name=person.given_name or None,
        family_kana=person.family_kana or None,
        given_kana=person.given_kana or None,
        company=draw(st.none() | companies()),
        department=draw(maybe),
        title=draw(st.sampled_from([None, "部長", "代表取締役社長", "CEO"])),
        source=draw(maybe),
        campaign=draw(maybe),
        account=draw(st.none() | _account_ids()),
        owner=draw(maybe),
        locale=draw(st.sampled_from([None, "ja", "en"])),
        zone=draw(st.sampled_from([None, "Asia/Tokyo", "America/New_York"])),
        tags=tuple(draw(st.lists(names(), max_size=3))),
        attributes=draw(properties()),
        consents=tuple(draw(st.lists(consents(), max_size=2))),
    )


def accounts(subject: st.SearchStrategy[AccountId] | None = None) -> st.SearchStrategy[Account]:
    """Accounts of the first version."""
    maybe = st.none() | texts(min_size=1, max_size=12)
    return st.builds(
        Account,
        id=_account_ids() if subject is None else subject,
        created_at=instants(),
        name=companies(),
        name_kana=st.sampled_from([None, "アクメ", "ｱｸﾒ"]),
        domain=st.sampled_from([None, "example.jp", "例え.example"]),
        corporate_number=st.sampled_from([None, "0000000000000"]),
        industry=maybe,
        employees=st.none() | st.integers(0, 10**6),
        region=st.sampled_from([None, "東京都", "Bayern"]),
        owner=maybe,
        attributes=properties(),
    )


def touchpoints(subject: st.SearchStrategy[SubjectId] | None = None) -> st.SearchStrategy[Touchpoint]:
    """Facts of any kind; some happened after they were received, or long before."""
    return st.builds(
        Touchpoint,
        id=_ids("fact").map(FactId),
        subject=subjects() if subject is None else subject,
        kind=kinds(),
        at=instants(),
        received_at=instants(),
        origin=st.sampled_from(Origin),
        channel=st.sampled_from([None, "web", "email", "電話"]),
        campaign=st.none() | names(),
        properties=properties(),
        cause=st.none() | _ids("eff").map(EffectId),
        suspect=st.booleans(),
    )


def inbox_rows(subject: st.SearchStrategy[SubjectId] | None = None) -> st.SearchStrategy[InboxRow]:
    """Rows of facts that wait; the fact is another record."""
    owners = subjects() if subject is None else subject
    return st.builds(InboxRow, fact=_ids("fact").map(FactId), subject=owners, due_at=instants())


@st.composite
def effects(draw: st.DrawFn, subject: st.SearchStrategy[SubjectId] | None = None) -> Effect:
    """Effects of the first version in every state; open ones are due, settled ones are not."""
    state = draw(st.sampled_from(EffectState))
    at: st.SearchStrategy[datetime | None] = st.none() | instants()
    return Effect(
        id=EffectId(draw(_ids("eff"))),
        subject=draw(subjects() if subject is None else subject),
        enrollment=EnrollmentId(draw(_ids("enr"))),
        scenario=draw(names()),
        step=draw(st.sampled_from(["0", "1.then.0"])),
        kind=draw(st.sampled_from(EffectKind)),
        name=draw(names()),
        channel=draw(st.sampled_from(["", "email", "line"])),
        purpose=draw(st.sampled_from(Purpose)),
        topic=draw(st.sampled_from(["", "news"])),
        entity=draw(st.sampled_from(["", "brand"])),
        params=draw(properties(max_size=2)),
        repeat=draw(st.sampled_from(Repeat)),
        state=state,
        planned_at=draw(instants()),
        due_at=draw(instants()) if state in OPEN_STATES else None,
        expires_at=draw(at),
        attempts=draw(st.integers(0, 5)),
        fence=draw(st.integers(0, 5)),
        claimed_at=draw(at),
        settled_at=None if state in OPEN_STATES else draw(at),
        reason=draw(st.sampled_from(["", "busy", "no_such_mailbox"])),
        message_id=draw(st.sampled_from(["", "<eff_1@crm.example.jp>"])),
        choices=draw(st.sampled_from([EMPTY, FrozenMapping({"offer": "hot"})])),
        priority=draw(st.sampled_from([0, 0, 5, -1])),
        content=draw(st.sampled_from(["", "cont_1"])),
    )


def aliases(subject: st.SearchStrategy[SubjectId] | None = None) -> st.SearchStrategy[Alias]:
    """What an identifier means."""
    return st.builds(Alias, id=_ids("alias"), subject=subjects() if subject is None else subject)


def allowances() -> st.SearchStrategy[Allowance]:
    """What may still go to an address, or within a cap."""
    return st.builds(
        Allowance,
        id=_ids("address:0"),
        recent=st.lists(instants(), max_size=4).map(lambda some: tuple(sorted(some))),
        suppressions=st.lists(suppressions(), max_size=2).map(tuple),
        labels=st.lists(st.sampled_from(["", "marketing\temail\ta"]), max_size=2).map(tuple),
        counts=st.lists(st.integers(1, 9), max_size=2).map(tuple),
    )


def definitions() -> st.SearchStrategy[Definition]:
    """Programs and versions of scenarios, as any text; `programs()` gives ones that mean something."""
    return st.builds(
        Definition, id=_ids("def"), what=st.sampled_from(["program", "scenario"]), body=texts(max_size=200)
    )


def activations() -> st.SearchStrategy[Activation]:
    """Which program is active."""
    older = st.sampled_from([(), ("scen_1",), ("scen_1", "scen_2")])
    one = st.builds(Activated, st.sampled_from(["prog_1", "prog_2"]), instants(), st.booleans(), older)
    history = st.lists(one, max_size=3).map(lambda some: tuple(sorted(some, key=lambda each: each.at)))
    return st.builds(Activation, history=history, rolled_to=st.none() | subjects())


def decision_records(subject: st.SearchStrategy[SubjectId] | None = None) -> st.SearchStrategy[DecisionRecord]:
    """What was decided at one moment, and why."""
    notes = st.builds(
        Note,
        what=st.sampled_from(["stage", "segment", "score", "enrolled", "left"]),
        name=names(),
        outcome=names(),
        clause=texts(),
        saw=properties(max_size=2),
    )
    return st.builds(
        DecisionRecord,
        id=_ids("dec"),
        subject=subjects() if subject is None else subject,
        at=instants(),
        causes=st.lists(_ids("fact"), max_size=2).map(tuple),
        notes=st.lists(notes, max_size=2).map(tuple),
    )


def records() -> st.SearchStrategy[Record]:
    """One record of any kind; versioned ones are of the first version."""
    return st.one_of(
        leads(),
        accounts(),
        touchpoints(),
        inbox_rows(),
        standings(),
        effects(),
        aliases(),
        allowances(),
        definitions(),
        activations(),
        decision_records(),
    )


def _lead_ids() -> st.SearchStrategy[SubjectId]:
    return st.sampled_from(["lead_a", "lead_b", "lead_c"]).map(SubjectId)


def _account_ids() -> st.SearchStrategy[AccountId]:
    return st.sampled_from(["acct_x", "acct_y"]).map(lambda one: AccountId(SubjectId(one)))

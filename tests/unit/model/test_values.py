"""What comes in becomes plain: neither markup nor members of enumerations nor odd instants stay in a record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, IntEnum

import attrs
import pytest

from nurture.errors import InvalidFactError
from nurture.model import Account, AccountId, Consent, FactId, FrozenMapping, Lead, LeadId, SubjectId, Touchpoint
from nurture.model.consent import Purpose, Suppression
from nurture.model.lead import identifiers_of
from nurture.model.values import clean_choice, clean_instant, clean_text, clean_texts, clean_value, clean_values

AT = datetime(2026, 3, 2, 12, 0, 0, 5, tzinfo=UTC)


class Source(str, Enum):  # noqa: UP042 -- what hosts had before `StrEnum`; it prints its name
    WEB = "web"
    MAIL = "marketing"
    VIEW = "page.viewed"


class Size(IntEnum):
    BIG = 3


class Safe(str):
    """Text that templates take for safe markup."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


class Stamp(datetime):
    """An instant with manners of its own."""

    def isoformat(self, sep: str = " ", timespec: str = "auto") -> str:
        return "some day"


class Day(date):
    pass


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        (Safe("<b>"), "<b>"),
        (Source.WEB, "web"),
        (Size.BIG, 3),
        (True, True),
        (Stamp(2026, 3, 2, 12, 0, 0, 5, UTC), AT),
        (Stamp(2026, 3, 2, 21, 0, 0, 5, timezone(timedelta(hours=9))), AT),
        (Day(2026, 3, 2), date(2026, 3, 2)),
        ([Safe("a"), Size.BIG], ("a", 3)),
    ],
)
def test_a_value_is_made_plain(given: object, plain: object) -> None:
    found = clean_value(given, "field")
    assert (found, type(found)) == (plain, type(plain))
    if isinstance(found, tuple):
        assert [type(one) for one in found] == [str, int]


def test_plain_things_are_handed_on_as_they_are() -> None:
    text, values = "a b", FrozenMapping({"a": 1, "b": "x"})
    assert clean_text(text, "field") is text
    assert clean_values(values, "field") is values
    assert clean_texts(texts := FrozenMapping({"a": "b"}), "field") is texts
    assert clean_instant(AT, "field") is AT


@pytest.mark.parametrize("given", [{Source.WEB: Safe("x")}, FrozenMapping({Source.WEB: Safe("x")})])
def test_a_mapping_is_made_plain_frozen_or_not(given: dict[str, str]) -> None:
    for found in (clean_values(given, "field"), clean_texts(given, "field")):
        assert type(found) is FrozenMapping
        assert [(name, type(name), type(one)) for name, one in found.items()] == [("web", str, str)]


def test_a_choice_may_be_named_by_a_member_of_another_enumeration() -> None:
    assert clean_choice(Purpose, Source.MAIL, "purpose") is Purpose.MARKETING


def test_what_is_no_text_is_named_by_its_type() -> None:
    with pytest.raises(InvalidFactError, match=r"lead\.name: expected text, found int"):
        clean_text(7, "lead.name")


def test_every_text_of_a_lead_is_plain() -> None:
    lead = Lead(
        id=LeadId(SubjectId(Safe("lead_1"))), created_at=AT, email=Safe("a@example.jp"), name=Safe("<b>"),
        source=Source.WEB, account=AccountId(SubjectId(Safe("acct_1"))), external_ids={Source.WEB: Safe("7")},
        tags=(Safe("t"),), attributes=FrozenMapping({"note": Source.WEB}),
        consents=(Consent(at=AT, source=Source.WEB),),
    )  # fmt: skip
    texts = [lead.id, lead.email, lead.name, lead.source, lead.account, *lead.tags, *lead.external_ids]
    texts += [*lead.external_ids.values(), lead.attributes["note"], lead.consents[0].source]
    assert [type(one) for one in texts] == [str] * len(texts)
    assert (lead.source, lead.external_ids, lead.attributes) == ("web", {"web": "7"}, {"note": "web"})
    later = attrs.evolve(lead, external_ids=FrozenMapping({"crm": Safe("8")}))
    assert type(later.external_ids["crm"]) is str


def test_every_text_of_an_account_is_plain() -> None:
    made = Account(id=AccountId(SubjectId(Safe("acct_1"))), created_at=AT, name=Safe("A"), industry=Source.WEB,
                   employees=Size.BIG)  # fmt: skip
    assert [type(one) for one in (made.id, made.name, made.industry, made.employees)] == [str, str, str, int]


def test_every_text_of_a_fact_is_plain() -> None:
    fact = Touchpoint(
        id=FactId(Safe("f")), subject=SubjectId(Safe("lead_1")), kind=Source.VIEW, at=AT, received_at=AT,
        channel=Source.WEB, campaign=Safe("c"), properties={"p": Safe("x")},
    )  # fmt: skip
    texts = [fact.id, fact.subject, fact.kind, fact.channel, fact.campaign, fact.properties["p"]]
    assert [type(one) for one in texts] == [str] * len(texts)
    assert (fact.kind, fact.channel) == ("page.viewed", "web")


@pytest.mark.parametrize("name", ["channel", "campaign"])
def test_a_fact_holds_no_text_that_a_store_cannot_hold(name: str) -> None:
    fact = Touchpoint(id=FactId("f"), subject=SubjectId("s"), kind="page.viewed", at=AT, received_at=AT)
    with pytest.raises(InvalidFactError, match=rf"touchpoint\.{name}"):
        attrs.evolve(fact, **{name: "a\x00"})


def test_every_text_of_a_consent_and_a_suppression_is_plain() -> None:
    word = Consent(at=AT, channel=Safe("email"), topic=Safe("n"), source=Safe("s"), text_version=Source.WEB)
    refusal = Suppression(purpose=None, reason=Safe("bounced"), at=AT)
    texts = [word.channel, word.topic, word.source, word.text_version, refusal.reason]
    assert [type(one) for one in texts] == [str] * len(texts)


def test_an_identifier_is_looked_up_by_its_text() -> None:
    plain = identifiers_of({"email": "a@example.jp"}, {"web": "web"})
    assert identifiers_of({"email": Safe("a@example.jp")}, {Source.WEB: Source.WEB}) == plain
    assert {type(part) for one in plain for part in one} == {str}

"""Which content each block takes: the first choice that holds, of the blocks that a message mentions."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest

from nurture import Account, Dossier, Lead, Message, Program, days, q
from nurture.decisions import choices_of, choose, plan_of
from nurture.model import AccountId, FactId, LeadId, SubjectId, SubjectKind, Touchpoint
from nurture.program import Block, Choice, Layout, Translation

NOW = datetime(2026, 4, 1, tzinfo=UTC)
LEAD = Lead(id=LeadId(SubjectId("lead_1")), email="a@example.com", created_at=NOW - days(9))
OFTEN = q.touches("page.viewed").within(days=7).count() >= 2
OFFER = Block(
    "offer", "plain", choices=[Choice("chief", q.lead.title == "部長", "chief"), Choice("often", OFTEN, "often")]
)
SEASON = Block("season", "all year", choices=[Choice("spring", q.everyone, "spring")])
FIXED = Block("fixed", "always the same")


def viewed(number: int) -> Touchpoint:
    at = NOW - days(number)
    return Touchpoint(id=FactId(f"fact_{number}"), subject=LEAD.id, kind="page.viewed", at=at, received_at=at)


def taken(message: Message, *facts: Touchpoint, lead: Lead = LEAD, layout: Layout | None = None) -> dict[str, str]:
    program = Program(messages=[message], blocks=[OFFER, SEASON, FIXED], layouts=[layout] if layout else [])
    return dict(choose(program, Dossier(subject=lead, facts=facts), message, NOW))


BOTH = Message("m", "marketing", "s", text="{{ blocks.offer }} {{ blocks['season'] }} {{ blocks.fixed }}")


def test_the_first_choice_that_holds_is_taken() -> None:
    assert taken(BOTH, viewed(1), viewed(2)) == {"offer": "often", "season": "spring"}
    chief = attrs.evolve(LEAD, title="部長")
    assert taken(BOTH, viewed(1), viewed(2), lead=chief) == {"offer": "chief", "season": "spring"}


def test_where_none_holds_the_block_keeps_its_own_content() -> None:
    assert taken(BOTH, viewed(1), viewed(9)) == {"season": "spring"}


@pytest.mark.parametrize(
    "message",
    [
        Message("m", "marketing", "{{ blocks.season }}", text="x"),
        Message("m", "marketing", "s", html="<p>{{ blocks.season }}</p>"),
        Message("m", "marketing", "s", text="x", preheader="{{ blocks.season }}"),
        Message("m", "marketing", "s", text="x", translations=[Translation("ja", "s", text="{{ blocks.season }}")]),
    ],
)
def test_every_template_of_a_message_may_mention_a_block(message: Message) -> None:
    assert taken(message) == {"season": "spring"}


@pytest.mark.parametrize("layout", [Layout("l", html="{{ blocks.season }}"), Layout("l", text="{{ blocks.season }}")])
def test_its_layout_may_too(layout: Layout) -> None:
    message = Message("m", "marketing", "s", text="x", layout="l")
    assert taken(message, layout=layout) == {"season": "spring"}
    assert taken(attrs.evolve(message, layout=None), layout=layout) == {}


def test_blocks_that_are_not_mentioned_are_not_asked() -> None:
    message = Message("n", "marketing", "s", text="the season of {{ lead.name }}")
    program = Program(messages=[message, BOTH], blocks=[OFFER, SEASON, FIXED])
    assert dict(choices_of(program, message)) == {}
    assert set(choices_of(program, BOTH)) == {"offer", "season"}


def test_a_message_of_the_same_name_with_another_text_is_looked_at_anew() -> None:
    program = Program(messages=[BOTH], blocks=[OFFER, SEASON, FIXED])
    assert set(choices_of(program, BOTH)) == {"offer", "season"}
    assert dict(choices_of(program, attrs.evolve(BOTH, text="x"))) == {}


def test_an_account_reads_no_mail_and_chooses_nothing() -> None:
    firm = Account(id=AccountId(SubjectId("acct_1")), name="Acme", created_at=NOW)
    program = Program(messages=[BOTH], blocks=[SEASON])
    assert dict(choose(program, Dossier(subject=firm), BOTH, NOW)) == {}


def test_what_claims_load_is_what_choices_look_at_and_deciding_loads_none_of_it() -> None:
    plan = plan_of(Program(messages=[BOTH], blocks=[OFFER]), SubjectKind.LEAD)
    assert plan.claim_reach.need("page.viewed") is not None
    assert plan.reach.need("page.viewed") is None


def test_what_choices_ask_the_account_is_told_to_its_leads() -> None:
    block = Block("b", choices=[Choice("saas", q.account.industry == "SaaS", "x")])
    asked = plan_of(Program(blocks=[block]), SubjectKind.ACCOUNT).asked
    assert asked.fields == {"industry"}
    crowd = Block("b", choices=[Choice("crowd", q.account.leads.count() >= 3, "x")])
    assert plan_of(Program(blocks=[crowd]), SubjectKind.ACCOUNT).asked.of_accounts

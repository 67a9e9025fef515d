"""The front door gives the nodes that one would write by hand."""

import copy
import pickle
from datetime import timedelta

import pytest

from nurture.errors import DefinitionError
from nurture.model import EnrollmentState, Purpose
from nurture.predicates import (
    All,
    AnyOf,
    Compare,
    Consented,
    Everyone,
    Field,
    Grade,
    Held,
    InBucket,
    InScenario,
    InSegment,
    InStage,
    Not,
    OfAccount,
    Owner,
    People,
    Score,
    TimeInSegment,
    TimeInStage,
    Word,
    q,
)
from nurture.predicates.operators import OPERATORS


class Model:
    name = "engagement"


def test_fields_by_attribute_and_by_item() -> None:
    assert (q.lead.title == "CTO") == Compare(Field(Owner.LEAD, "title"), "eq", "CTO")
    assert (q.lead["年商"] >= 5) == Compare(Field(Owner.LEAD, "年商"), "ge", 5)
    assert (q.account.industry != "x") == Compare(Field(Owner.ACCOUNT, "industry"), "ne", "x")
    assert (q.prop("path") < 3) == Compare(Field(Owner.PROP, "path"), "lt", 3)


def test_what_a_run_began_with_by_attribute_by_item_and_by_path() -> None:
    assert (q.entry.rank == "A") == (q.entry["rank"] == "A") == Compare(Field(Owner.ENTRY, "rank"), "eq", "A")
    assert q.entry.campaign.starts_at.field_ == q.entry["campaign.starts_at"].field_
    assert q.entry["campaign.starts_at"].field_ == Field(Owner.ENTRY, "campaign.starts_at")
    assert list(dir(q.entry)) == []  # nobody declares its names
    with pytest.raises(TypeError, match="no truth value"):
        bool(q.entry)


def test_every_operator_can_be_written() -> None:
    x = q.lead.x
    written = [
        x == 1, x != 1, x < 1, x <= 1, x > 1, x >= 1,
        x.between(1, 2), x.is_in([1]), x.not_in([1]), x.contains("a"), x.starts_with("a"), x.ends_with("a"),
        x.like("a%"), x.matches("a"), x.has_any(["a"]), x.has_all(["a"]), x.has_none(["a"]), x.is_missing(),
        x.equals("a", ignore_case=True), x.is_in(["a"], ignore_case=True), x.contains("a", ignore_case=True),
        x.starts_with("a", ignore_case=True), x.ends_with("a", ignore_case=True), x.like("a", ignore_case=True),
    ]  # fmt: skip
    assert {one.op for one in written} == set(OPERATORS)
    assert x.is_present() == Not(Compare(Field(Owner.LEAD, "x"), "missing"))
    assert x.is_true() == Compare(Field(Owner.LEAD, "x"), "eq", True)
    assert x.is_false() == Compare(Field(Owner.LEAD, "x"), "eq", False)


def test_scores_stages_and_segments_by_name_or_by_what_has_one() -> None:
    assert (q.score("engagement") >= 40) == (q.score(Model()) >= 40) == Score("engagement", "ge", 40)
    assert q.segment(Model()) == InSegment("engagement")
    assert (q.stage == "mql") == InStage(("mql",))
    assert (q.stage != "mql") == Not(InStage(("mql",)))
    assert q.stage.is_in(["mql", "sql"]) == InStage(("mql", "sql"))
    assert (q.time_in_stage >= timedelta(days=30)) == TimeInStage("ge", timedelta(days=30))
    assert q.everyone == Everyone()


def test_what_is_asked_about_where_a_subject_stands() -> None:
    assert (q.grade(Model()) >= "B") == Grade("engagement", "ge", "B")
    assert (q.time_in_segment("hot") >= timedelta(days=3)) == TimeInSegment("hot", "ge", timedelta(days=3))
    assert q.scenario("welcome").is_active() == InScenario("welcome", (EnrollmentState.ACTIVE,))
    assert q.scenario("welcome").is_in(["completed"]) == InScenario("welcome", (EnrollmentState.COMPLETED,))
    assert q.consent("news", channel="line").given() == Consented(Word.GIVEN, channel="line", topic="news")
    assert q.consent().refused() == Consented(Word.REFUSED)
    assert q.consent(entity="sister").refused() == Consented(Word.REFUSED, entity="sister")
    assert q.consent().unsubscribed() == Consented(Word.UNSUBSCRIBED)
    assert q.consent(purpose="transactional").unsaid() == Consented(Word.UNSAID, purpose=Purpose.TRANSACTIONAL)
    profiled = Consented(Word.UNSAID, purpose=Purpose.PROFILING, channel="any")
    assert q.consent(purpose="profiling").unsaid() == profiled
    assert q.in_list("fair") == Compare(Field(Owner.LEAD, "lists"), "contains", "fair")
    assert q.bucket("spring", 0, 10) == InBucket("spring", 0.0, 10.0)


def test_held_about_an_account_is_asked_of_the_account() -> None:
    day = timedelta(days=1)
    assert q.held(q.lead.a == 1, at_least=day) == Held(q.lead.a == 1, "ge", day)
    assert q.held(q.account.a == 1, less_than=day) == OfAccount(Held(q.account.a == 1, "lt", day))


def test_people_and_the_account_itself() -> None:
    assert (q.account.leads.count() >= 3) == People(Everyone(), "ge", 3)
    assert q.account.matches(q.stage == "won") == OfAccount(InStage(("won",)))
    assert q.account.industry.field_ == Field(Owner.ACCOUNT, "industry")


def test_parts_can_be_joined_by_name() -> None:
    a, b = q.lead.a == 1, q.lead.b == 1
    assert q.all_of(a, b) == All((a, b))
    assert q.any_of(a, b) == AnyOf((a, b))
    assert q.none_of(a, b) == Not(AnyOf((a, b)))


def test_states_are_a_list_and_not_a_text() -> None:
    with pytest.raises(DefinitionError, match="a list of states"):
        q.scenario("welcome").is_in("active")


def test_a_stage_list_is_not_a_text() -> None:
    with pytest.raises(DefinitionError, match="a list of names"):
        q.stage.is_in("mql")


def test_tab_completion_shows_the_catalogue() -> None:
    assert {"email", "title", "tags", "created_at"} <= set(dir(q.lead))
    assert {"industry", "employees"} <= set(dir(q.account))
    assert {"lead", "account", "touches", "score", "stage", "segment", "prop"} <= set(dir(q))


def test_protocols_that_look_for_special_names_are_not_misled() -> None:
    assert not hasattr(q.lead, "__wrapped__")
    assert not hasattr(q.lead, "_repr_html_")
    assert copy.deepcopy(q.lead.x == 1) == (q.lead.x == 1)
    assert pickle.loads(pickle.dumps(q.touches("page.viewed").within(days=3))) == q.touches("page.viewed").within(
        days=3
    )

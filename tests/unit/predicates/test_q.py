"""The front door gives the nodes that one would write by hand."""

import copy
import pickle
from datetime import timedelta

import pytest

from nurture.errors import DefinitionError
from nurture.predicates import (
    Compare,
    Everyone,
    Field,
    InSegment,
    InStage,
    Not,
    Owner,
    Score,
    TimeInStage,
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


def test_every_operator_can_be_written() -> None:
    x = q.lead.x
    written = [
        x == 1, x != 1, x < 1, x <= 1, x > 1, x >= 1,
        x.is_in([1]), x.contains("a"), x.starts_with("a"), x.is_missing(),
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

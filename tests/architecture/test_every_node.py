"""Every node of a predicate has all readings that every node must have. A new node without one turns this red."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from jsonschema import Draft202012Validator

from nurture.calendar import this_month
from nurture.model import Sight
from nurture.model.decay import Scale
from nurture.predicates import (
    FieldType,
    Names,
    Predicate,
    Reach,
    check,
    compile_flip,
    compile_match,
    describe,
    dumps,
    examine,
    json_schema,
    loads,
    lowered,
    q,
    reach_of,
    to_json,
    walk,
)
from nurture.predicates.describe import LANGUAGES
from nurture.predicates.encoding.nodes import FORMS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
viewed = q.touches("page.viewed")
SAMPLES = {
    type(sample): sample
    for sample in (
        q.everyone,
        q.all_of(q.lead.title == "CTO", q.everyone),
        q.any_of(q.lead.title == "CTO", viewed),
        ~viewed,
        q.lead.title == "CTO",
        viewed.within(days=7).count() >= 3,
        viewed.then(q.touches("form.submitted"), within=DAY),
        q.score("warm") >= 3,
        q.grade("warm") >= "A",
        q.stage == "new",
        q.time_in_stage >= DAY,
        q.segment("hot"),
        q.time_in_segment("hot") >= DAY,
        q.scenario("welcome").is_active(),
        q.consent().given(),
        q.bucket("spring", 0, 10),
        q.lead.born.during(this_month()),
        q.lead.born.anniversary(before=3),
        q.lead.born.age() >= 20,
        q.lead.born.ago() >= DAY,
        q.held(q.lead.title == "CTO", at_least=DAY),
        q.account.matches(viewed),
        q.account.leads.where(viewed).count() >= 3,
    )
}
ACCOUNTS = Names(subject="account", other=Names(segments={"hot": viewed}))  # type: ignore[arg-type]
NAMES = Names(
    segments={"hot": viewed},
    scales={"warm": Scale(timedelta(days=21))},
    grades={"warm": (("A", 50.0), ("B", 0.0))},
    stages=("new",),
    scenarios=("welcome",),
    lead_fields={"title": FieldType.TEXT, "born": FieldType.DATE},
    other=ACCOUNTS,
)
LOOKS_AT_NOTHING = {"Everyone", "InBucket"}


def nodes(kind: type[Predicate] = Predicate) -> Iterator[type[Predicate]]:
    """Every node that the library has; a test's own ones do not count."""
    for one in kind.__subclasses__():
        if one.__module__.startswith("nurture."):
            yield one
        yield from nodes(one)


NODES = sorted(set(nodes()), key=lambda node: node.__name__)


def test_there_is_a_sample_of_every_node() -> None:
    assert {node.__name__ for node in SAMPLES} == {node.__name__ for node in NODES}


def test_the_tables_have_every_node_and_no_other() -> None:
    assert {form.node for form in FORMS.values()} == set(NODES)
    for sentences in LANGUAGES.values():
        assert set(sentences) == set(NODES)


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.__name__)
def test_every_node_has_all_readings(node: type[Predicate]) -> None:
    sample = SAMPLES[node]
    assert check(sample, NAMES, "here") == []
    assert loads(dumps(sample)) == sample
    assert Draft202012Validator(json_schema(NAMES)).is_valid(to_json(sample))
    assert describe(sample) != describe(sample, "ja")
    nothing = Sight()
    answer = compile_match(sample, NAMES)(nothing, NOW)
    assert answer is not compile_match(~sample, NAMES)(nothing, NOW)
    flips = compile_flip(sample, NAMES)(nothing, NOW)
    assert flips is None or flips > NOW
    assert (reach_of(sample, NAMES) == Reach.nothing()) is (node.__name__ in LOOKS_AT_NOTHING)
    assert examine(sample, nothing, NOW, NAMES).answer is answer


def test_what_is_said_with_plainer_nodes_is_gone_afterwards() -> None:
    left = {type(one).__name__ for sample in SAMPLES.values() for one in walk(lowered(sample, NAMES))}
    assert not left & {"Grade", "OfAccount"}

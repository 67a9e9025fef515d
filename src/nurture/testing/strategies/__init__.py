"""Hypothesis strategies: values, every record, predicates, programs, facts, and clocks. Needs the extra `testing`.

Each is a function that gives a strategy. `programs()` is small on purpose: few names and round lengths of time, so
that windows end together, guards open at the instant at which facts arrive, and scenarios set each other off.
`records()` is wide on purpose: Japanese names, characters beyond 16 bits, and the edges of the calendar.

    @given(strategies.leads())
    def test_my_store_finds_a_lead_again(lead): ...
"""

from __future__ import annotations

try:
    import hypothesis  # noqa: F401  # pyright: ignore[reportUnusedImport]
except ModuleNotFoundError as missing:
    message = 'nurture.testing.strategies needs Hypothesis: pip install "nurture-crm[testing]"'
    raise ImportError(message, name="hypothesis") from missing

from nurture.testing.strategies.clauses import clauses_for, sequences_for
from nurture.testing.strategies.comparisons import periods
from nurture.testing.strategies.facts import HORIZON, START, clock_readings, facts_for, lead_fields, new_facts
from nurture.testing.strategies.predicates import predicates_for
from nurture.testing.strategies.programs import (
    KINDS,
    STAGES,
    lifecycles,
    policies,
    programs,
    scenarios,
    score_models,
    step_lists,
)
from nurture.testing.strategies.records import (
    accounts,
    activations,
    aliases,
    allowances,
    decision_records,
    definitions,
    effects,
    inbox_rows,
    leads,
    records,
    touchpoints,
)
from nurture.testing.strategies.standings import enrollments, score_states, standings
from nurture.testing.strategies.values import (
    companies,
    consents,
    emails,
    instants,
    kinds,
    lengths,
    names,
    people,
    phones,
    properties,
    subjects,
    suppressions,
    texts,
    values,
)

__all__ = [
    "HORIZON",
    "KINDS",
    "STAGES",
    "START",
    "accounts",
    "activations",
    "aliases",
    "allowances",
    "clauses_for",
    "clock_readings",
    "companies",
    "consents",
    "decision_records",
    "definitions",
    "effects",
    "emails",
    "enrollments",
    "facts_for",
    "inbox_rows",
    "instants",
    "kinds",
    "lead_fields",
    "leads",
    "lengths",
    "lifecycles",
    "names",
    "new_facts",
    "people",
    "periods",
    "phones",
    "policies",
    "predicates_for",
    "programs",
    "properties",
    "records",
    "scenarios",
    "score_models",
    "score_states",
    "sequences_for",
    "standings",
    "step_lists",
    "subjects",
    "suppressions",
    "texts",
    "touchpoints",
    "values",
]

"""Cases that were reasoned by hand: each pins an operator, a quantifier or a term of the calendar at an edge."""

from collections.abc import Mapping
from types import ModuleType

from tests.parity.cases import (
    against,
    amounts,
    anniversaries,
    company,
    consents,
    counts,
    entries,
    facts,
    held,
    joined,
    many,
    moments,
    numbers,
    patterns,
    periods,
    scores,
    sequences,
    single,
    standing,
    texts,
    trends,
    values,
    windows,
)
from tests.parity.cases.said import Case, cases_of

_MODULES: Mapping[str, ModuleType] = {
    "texts": texts,
    "patterns": patterns,
    "many": many,
    "numbers": numbers,
    "values": values,
    "against": against,
    "facts": facts,
    "windows": windows,
    "counts": counts,
    "amounts": amounts,
    "trends": trends,
    "single": single,
    "sequences": sequences,
    "periods": periods,
    "moments": moments,
    "anniversaries": anniversaries,
    "scores": scores,
    "standing": standing,
    "held": held,
    "consents": consents,
    "entries": entries,
    "company": company,
    "joined": joined,
}
CASES: tuple[Case, ...] = tuple(
    case for name, module in _MODULES.items() for case in cases_of(module.GROUPS, f"{name}_")
)

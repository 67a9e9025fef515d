"""One tree, many readings: predicates over leads, accounts and their facts.

May import `nurture.calendar`, `nurture.model` and `nurture.errors`. `q` is the front door; `match` is
the reference meaning, and every other reading agrees with it.
"""

from nurture.predicates.codec import dumps, from_json, loads, to_json
from nurture.predicates.describe import describe
from nurture.predicates.examine import Clause, examine
from nurture.predicates.flip import compile_flip
from nurture.predicates.inline import inlined
from nurture.predicates.match import compile_fact, compile_match, match
from nurture.predicates.names import ACCOUNT_FIELDS, LEAD_FIELDS, Names, check
from nurture.predicates.operators import OPERATORS, FieldType, Operand, Operator
from nurture.predicates.q import Q, q
from nurture.predicates.reach import Need, Reach, reach_of
from nurture.predicates.touches import Quantifier, Touched
from nurture.predicates.tree import (
    All,
    AnyOf,
    Compare,
    Everyone,
    Field,
    InSegment,
    InStage,
    Not,
    Owner,
    Predicate,
    Score,
    TimeInStage,
    walk,
)

__all__ = [
    "ACCOUNT_FIELDS",
    "LEAD_FIELDS",
    "OPERATORS",
    "All",
    "AnyOf",
    "Clause",
    "Compare",
    "Everyone",
    "Field",
    "FieldType",
    "InSegment",
    "InStage",
    "Names",
    "Need",
    "Not",
    "Operand",
    "Operator",
    "Owner",
    "Predicate",
    "Q",
    "Quantifier",
    "Reach",
    "Score",
    "TimeInStage",
    "Touched",
    "check",
    "compile_fact",
    "compile_flip",
    "compile_match",
    "describe",
    "dumps",
    "examine",
    "from_json",
    "inlined",
    "loads",
    "match",
    "q",
    "reach_of",
    "to_json",
    "walk",
]

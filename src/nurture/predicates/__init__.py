"""One tree, many readings: predicates over leads, accounts and their facts.

May import `nurture.calendar`, `nurture.model` and `nurture.errors`. `q` is the front door; `match` is
the reference meaning, and every other reading agrees with it.
"""

from nurture.predicates.codec import dumps, dumps_document, from_document, from_json, loads, to_document, to_json
from nurture.predicates.dates import Age, Anniversary, Elapsed, Held, InPeriod
from nurture.predicates.describe import describe
from nurture.predicates.examine import Clause, examine
from nurture.predicates.flip import compile_flip
from nurture.predicates.inline import inlined
from nurture.predicates.lower import lowered
from nurture.predicates.match import compile_fact, compile_match, match
from nurture.predicates.names import ACCOUNT_FIELDS, LEAD_FIELDS, Names, check
from nurture.predicates.operators import OPERATORS, FieldType, Operand, Operator
from nurture.predicates.ordering import Order
from nurture.predicates.people import OfAccount, People
from nurture.predicates.q import Q, q
from nurture.predicates.reach import Need, Reach, reach_of
from nurture.predicates.schema import json_schema
from nurture.predicates.sequences import Followed
from nurture.predicates.standing import (
    Consented,
    Grade,
    InBucket,
    InScenario,
    InSegment,
    InStage,
    Score,
    TimeInSegment,
    TimeInStage,
    Word,
)
from nurture.predicates.touches import Quantifier, Touched
from nurture.predicates.tree import (
    All,
    AnyOf,
    Compare,
    Everyone,
    Field,
    Not,
    Owner,
    Predicate,
    Scaled,
    walk,
)
from nurture.predicates.whatif import Change, What, flippers

__all__ = [
    "ACCOUNT_FIELDS",
    "LEAD_FIELDS",
    "OPERATORS",
    "Age",
    "All",
    "Anniversary",
    "AnyOf",
    "Change",
    "Clause",
    "Compare",
    "Consented",
    "Elapsed",
    "Everyone",
    "Field",
    "FieldType",
    "Followed",
    "Grade",
    "Held",
    "InBucket",
    "InPeriod",
    "InScenario",
    "InSegment",
    "InStage",
    "Names",
    "Need",
    "Not",
    "OfAccount",
    "Operand",
    "Operator",
    "Order",
    "Owner",
    "People",
    "Predicate",
    "Q",
    "Quantifier",
    "Reach",
    "Scaled",
    "Score",
    "TimeInSegment",
    "TimeInStage",
    "Touched",
    "What",
    "Word",
    "check",
    "compile_fact",
    "compile_flip",
    "compile_match",
    "describe",
    "dumps",
    "dumps_document",
    "examine",
    "flippers",
    "from_document",
    "from_json",
    "inlined",
    "json_schema",
    "loads",
    "lowered",
    "match",
    "q",
    "reach_of",
    "to_document",
    "to_json",
    "walk",
]

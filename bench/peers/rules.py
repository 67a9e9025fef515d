"""The benchmark's rule in the rule engines that run inside a Python process.

They take a lead as a dictionary, instants as epoch seconds: what their documents show. The
count of page views is part of the rule and its cost is charged; where a language cannot count
(business-rules), the count is a Python method of the lead, as its documents advise.
May import the workload; imports each peer only when it is built.
"""

# The peers are optional and mostly untyped; this folder is where that stays.
# mypy: disable-error-code="import-untyped, import-not-found, attr-defined"

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from attrs import frozen

from bench.workload import EMPLOYEES, SCORE, SINCE, TARGET, VIEWS, Person

Rule = Callable[[Mapping[str, Any]], bool]
SINCE_SECONDS = int(SINCE.timestamp())
TARGETS = sorted(TARGET)


def as_dict(person: Person) -> dict[str, Any]:
    """A lead as these engines take it."""
    return {
        "id": person.id,
        "account": {"industry": person.account.industry, "employees": person.account.employees},
        "score": person.score,
        "unsubscribed": person.unsubscribed,
        "touchpoints": [{"kind": fact.kind, "at": int(fact.at.timestamp())} for fact in person.touchpoints],
    }


def hand_on_dicts() -> Rule:
    """The same rule by hand on the same dictionaries: what the engines could reach at best."""

    def matches(lead: Mapping[str, Any]) -> bool:
        account = lead["account"]
        if (
            account["industry"] in TARGET
            and account["employees"] >= EMPLOYEES
            and lead["score"] >= SCORE
            and not lead["unsubscribed"]
        ):
            count = 0
            for fact in lead["touchpoints"]:
                if fact["kind"] == "page.viewed" and fact["at"] >= SINCE_SECONDS:
                    count += 1
            return count >= VIEWS
        return False

    return matches


def business_rules() -> Rule:
    """business-rules: conditions as JSON over a class of variables."""
    from business_rules import engine, variables

    class Variables(variables.BaseVariables):  # type: ignore[misc]  # the peer is not typed
        def __init__(self, lead: Mapping[str, Any]) -> None:
            self.lead = lead

        @variables.string_rule_variable()  # type: ignore[untyped-decorator]
        def industry(self) -> str:
            return cast("str", self.lead["account"]["industry"])

        @variables.numeric_rule_variable()  # type: ignore[untyped-decorator]
        def employees(self) -> int:
            return cast("int", self.lead["account"]["employees"])

        @variables.numeric_rule_variable()  # type: ignore[untyped-decorator]
        def score(self) -> float:
            return cast("float", self.lead["score"])

        @variables.boolean_rule_variable()  # type: ignore[untyped-decorator]
        def unsubscribed(self) -> bool:
            return cast("bool", self.lead["unsubscribed"])

        @variables.numeric_rule_variable()  # type: ignore[untyped-decorator]
        def views(self) -> int:
            facts = self.lead["touchpoints"]
            return sum(1 for fact in facts if fact["kind"] == "page.viewed" and fact["at"] >= SINCE_SECONDS)

    at_least = "greater_than_or_equal_to"
    conditions = {
        "all": [
            {"any": [{"name": "industry", "operator": "equal_to", "value": x} for x in TARGETS]},
            {"name": "employees", "operator": at_least, "value": EMPLOYEES},
            {"name": "score", "operator": at_least, "value": SCORE},
            {"name": "unsubscribed", "operator": "is_false", "value": True},
            {"name": "views", "operator": at_least, "value": VIEWS},
        ]
    }
    check = engine.check_conditions_recursively
    return lambda lead: bool(check(conditions, Variables(lead)))


def json_logic() -> Rule:
    """panzi-json-logic: the whole rule as JSON, the count as a reduce over a filter."""
    from json_logic import jsonLogic

    viewed = {"==": [{"var": "kind"}, "page.viewed"]}
    recent = {">=": [{"var": "at"}, SINCE_SECONDS]}
    views = {"filter": [{"var": "touchpoints"}, {"and": [viewed, recent]}]}
    count = {"reduce": [views, {"+": [1, {"var": "accumulator"}]}, 0]}
    rule: Any = {
        "and": [
            {"in": [{"var": "account.industry"}, TARGETS]},
            {">=": [{"var": "account.employees"}, EMPLOYEES]},
            {">=": [{"var": "score"}, SCORE]},
            {"!": [{"var": "unsubscribed"}]},
            {">=": [count, VIEWS]},
        ]
    }
    return lambda lead: bool(jsonLogic(rule, cast("Any", lead)))


CEL = (
    f"account.industry in {json.dumps(TARGETS)} && account.employees >= {EMPLOYEES} && "
    f"score >= {SCORE:.1f} && !unsubscribed && "
    f'touchpoints.filter(t, t.kind == "page.viewed" && t.at >= {SINCE_SECONDS}).size() >= {VIEWS}'
)


def cel_expr_python() -> Rule:
    """cel-expr-python: Google's C++ implementation of CEL."""
    from cel_expr_python import cel

    kinds = cel.Type
    environment = cel.NewEnv(
        variables={
            "id": kinds.INT,
            "account": kinds.DYN,
            "score": kinds.DOUBLE,
            "unsubscribed": kinds.BOOL,
            "touchpoints": kinds.DYN,
        }
    )
    expression = environment.compile(CEL)
    return lambda lead: bool(expression.eval(data=lead).value())


def common_expression_language() -> Rule:
    """common-expression-language: CEL in Rust."""
    import cel

    program = cel.compile(CEL)
    return lambda lead: bool(program.execute(cast("Any", lead)))


def cel_python() -> Rule:
    """cel-python: CEL in Python."""
    import celpy

    environment = celpy.Environment()
    program = environment.program(environment.compile(CEL))
    convert = celpy.json_to_cel
    return lambda lead: bool(program.evaluate({key: convert(value) for key, value in lead.items()}))


def rule_engine() -> Rule:
    """rule-engine: its own language, with comprehensions."""
    import rule_engine as engine

    rule = engine.Rule(
        f"account.industry in {json.dumps(TARGETS)} and account.employees >= {EMPLOYEES} and "
        f"score >= {SCORE} and not unsubscribed and "
        f'[t for t in touchpoints if t.kind == "page.viewed" and t.at >= {SINCE_SECONDS}].length'
        f" >= {VIEWS}"
    )
    return lambda lead: bool(rule.matches(lead))


@frozen
class RulePeer:
    """One engine.

    Args:
        distribution: The name it is installed by.
        build: Makes the rule ready.
        share: It sees one lead in so many: the slow ones would take minutes for all of them.
        advantage: `nurture` should be this many times as fast.
        binding: Whether that is a goal; else it is an aim.
    """

    distribution: str
    build: Callable[[], Rule]
    share: int
    advantage: float
    binding: bool = False


PEERS = (
    RulePeer("cel-expr-python", cel_expr_python, 5, 8, binding=True),
    RulePeer("business-rules", business_rules, 10, 15),
    RulePeer("panzi-json-logic", json_logic, 10, 15),
    RulePeer("common-expression-language", common_expression_language, 10, 15),
    RulePeer("rule-engine", rule_engine, 100, 15),
    RulePeer("cel-python", cel_python, 1_000, 15),
)

"""Writes the page that says what each reading of a predicate can do, from the tables by which the readings work.

`python docs/_extensions/capabilities.py` writes `docs/reference/readings.md`; a test sees to it that this was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from nurture.predicates import (
    OPERATORS,
    Owner,
    Predicate,
    Quantifier,
    frame,
    sql,
)
from nurture.predicates.answering.leaves import LEAVES
from nurture.predicates.comparisons import TESTS

PAGE = Path(__file__).resolve().parents[1] / "reference" / "readings.md"

Known = Mapping[str, bool | str]

_HEAD = """\
# What each reading can do

<!-- Written by docs/_extensions/capabilities.py from the tables by which the readings work. -->

`match` is the meaning, and `flip`, `reach`, the codec, `describe` and `examine` know every node. SQL and frames are
read by engines of other people, so each declares what it can. What it cannot is refused with `NotCompilableError`,
which names the node; `nurture.predicates.sql.split` pushes into SQL what can be pushed, and leaves the rest to
`match`. A number in brackets leads to the reason below.
"""
_TAIL = """\
A fiscal year that begins in a month read from a field, a grade, and a segment that is named by another are said with
plainer nodes first; so whoever can read those can read these.
"""
_NODES: Mapping[str, str] = {
    "Everyone": "`q.everyone`",
    "Compare": "`q.lead.title == …`, `q.account.usage >= 0.8 * q.account.plan`",
    "InPeriod": "`.during(this_month())`",
    "Anniversary": "`.anniversary(before=…, after=…)`",
    "Age": "`.age() >= …`",
    "Elapsed": "`.ago() >= …`, `.ahead() <= …`",
    "Held": "`q.held(…, at_least=…)`",
    "Score": "`q.score(…) >= …`",
    "Grade": "`q.grade(…) >= …`",
    "InStage": "`q.stage == …`",
    "TimeInStage": "`q.time_in_stage >= …`",
    "InSegment": "`q.segment(…)`",
    "TimeInSegment": "`q.time_in_segment(…) >= …`",
    "InScenario": "`q.scenario(…).is_active()`",
    "Consented": "`q.consent(…).given()`",
    "InBucket": "`q.bucket(…)`",
    "OfAccount": "`q.account.matches(…)`",
    "People": "`q.account.leads.where(…).count() >= …`",
    "Touched": "`q.touches(…)`",
    "Followed": "`.then(…)`, `.then_no(…)`",
}
_FIELDS: Mapping[Owner, str] = {
    Owner.LEAD: "`q.lead.…`",
    Owner.ACCOUNT: "`q.account.…`",
    Owner.ENTRY: "`q.entry.…`",
    Owner.PROP: "`q.prop(…)`",
}
_JOINED = frozenset({"All", "AnyOf", "Not"})
_SAID_OTHERWISE = frozenset({"Grade", "InSegment"})
"""What frames never see, since it is said with plainer nodes before."""


def page() -> str:
    """The page."""
    reasons: list[str] = []
    return "\n".join(
        [
            _HEAD,
            *_table(
                "Clauses",
                ("clause", "match", "turns by time", "SQL", "frames"),
                _clauses(reasons),
            ),
            *_table(
                "Values",
                ("value", "match", "SQL", "frames"),
                _fields(reasons),
            ),
            *_table(
                "Operators",
                ("operator", "match", "SQL", "frames"),
                _operators(reasons),
            ),
            *_table(
                "Asked of facts",
                ("quantifier", "match", "SQL", "frames"),
                _quantifiers(reasons),
            ),
            _TAIL,
            "## Why not\n",
            *(
                f"{number}. {reason[:1].upper()}{reason[1:]}."
                for number, reason in enumerate(reasons, 1)
            ),
            "",
        ]
    )


def _table(
    title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> Iterable[str]:
    yield f"## {title}\n"
    yield f"| {' | '.join(columns)} |"
    yield f"| {' | '.join('---' for _ in columns)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _clauses(reasons: list[str]) -> Iterable[tuple[str, ...]]:
    of_sql, of_frame = _tables()
    names = sorted(
        {node.__name__ for node in _nodes(Predicate)} - _JOINED, key=_place
    )
    for name in names:
        frames = name in _SAID_OTHERWISE or of_frame.get(
            name, "nobody has written it yet"
        )
        yield (
            _NODES[name],
            "yes",
            "yes" if _turns(name) else "no",
            _cell(of_sql.get(name, "nobody has written it yet"), reasons),
            _cell(frames, reasons),
        )


def _fields(reasons: list[str]) -> Iterable[tuple[str, ...]]:
    of_sql, of_frame = _tables()
    for owner in Owner:
        key = f"Field.{owner.value}"
        yield (
            _FIELDS[owner],
            *(
                _cell(known, reasons)
                for known in (True, of_sql[key], of_frame[key])
            ),
        )


def _operators(reasons: list[str]) -> Iterable[tuple[str, ...]]:
    of_sql, of_frame = _tables()
    for name, row in OPERATORS.items():
        by_match = (
            "needs the engine RE2: the extra `regex`"
            if name == "matches"
            else name in TESTS
        )
        key = f"Compare.{name}"
        yield (
            f"`{row.symbol}`",
            *(
                _cell(known, reasons)
                for known in (by_match, of_sql[key], of_frame[key])
            ),
        )


def _quantifiers(reasons: list[str]) -> Iterable[tuple[str, ...]]:
    of_sql, of_frame = _tables()
    for quantifier in Quantifier:
        key = f"Touched.{quantifier.value}"
        yield (
            f"`.{quantifier.value}(…)`",
            *(
                _cell(known, reasons)
                for known in (True, of_sql[key], of_frame[key])
            ),
        )


def _tables() -> tuple[Known, Known]:
    """What the two declare, under the same names."""
    kinds = {
        "node": "",
        "field": "Field.",
        "operator": "Compare.",
        "quantifier": "Touched.",
    }
    of_frame = {
        f"{kinds[kind]}{name}": known
        for (kind, name), known in (
            (k.split(), v) for k, v in frame.CAPABILITIES.items()
        )
    }
    return sql.CAPABILITIES, of_frame


def _cell(known: bool | str, reasons: list[str]) -> str:
    if known is True:
        return "yes"
    reason = known if isinstance(known, str) else "nobody has written it yet"
    if reason not in reasons:
        reasons.append(reason)
    is_condition = ("only", "needs") if isinstance(known, str) else ()
    partly = any(
        word in reason.split(":")[0].split() for word in is_condition
    )
    return f"{'partly' if partly else 'no'} [{reasons.index(reason) + 1}]"


def _turns(name: str) -> bool:
    """Whether time alone can change the answer."""
    still = {
        "Everyone",
        "Compare",
        "InStage",
        "InScenario",
        "InBucket",
        "People",
        "OfAccount",
    }
    if {node.__name__ for node in LEAVES} - still != _MOVING:
        raise LookupError("a leaf is new: say whether it turns by time")
    return name not in still


_MOVING = {
    "InPeriod",
    "Anniversary",
    "Age",
    "Elapsed",
    "Held",
    "TimeInSegment",
    "Consented",
    "Touched",
    "Followed",
}


def _nodes(base: type[Predicate]) -> Iterable[type[Predicate]]:
    for node in base.__subclasses__():
        yield node
        yield from _nodes(node)


def _place(name: str) -> int:
    known = [*_NODES]
    if name not in known:
        raise LookupError(f"a node is new: say how {name} is written")
    return known.index(name)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

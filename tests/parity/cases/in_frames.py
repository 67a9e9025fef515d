"""The cases as frames of pandas, Polars, PyArrow and DuckDB.

A column of a frame has one type. So the rows of a batch are dealt into frames such that every property has one type
in each; a row whose own facts hold values of several types in one property cannot be said in a frame, and is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zlib import crc32

import attrs
import pyarrow as pa

from nurture.frames import filter as rows_of
from nurture.model import Account, Lead, SubjectKind, Value
from nurture.model.decay import value_at
from nurture.model.dossier import account_values
from nurture.predicates import Compare, Field, FieldType, Owner, Predicate, Touched, walk
from tests.parity.cases.records import ACCOUNT_NAMES, LEAD_NAMES, Known, Records
from tests.parity.cases.said import SCALES
from tests.parity.frame_worlds import ARROW, ids

if TYPE_CHECKING:
    from tests.parity.cases.batches import Batch

T = FieldType
_TYPES: tuple[tuple[type, FieldType], ...] = (
    (bool, T.BOOLEAN), (str, T.TEXT), (int, T.INTEGER), (float, T.NUMBER), (datetime, T.INSTANT), (date, T.DATE),
    (tuple, T.TEXTS),
)  # fmt: skip
_FACTS = {
    "id": T.TEXT, "subject": T.TEXT, "kind": T.TEXT, "at": T.INSTANT, "origin": T.TEXT, "channel": T.TEXT,
    "campaign": T.TEXT, "suspect": T.BOOLEAN,
}  # fmt: skip
_STANDING = {"stage": T.TEXT, "stage_since": T.INSTANT} | {f"score.{model}": T.NUMBER for model in SCALES}
_CONSENT = {"channel": T.TEXT, "purpose": T.TEXT, "topic": T.TEXT, "explicit": T.BOOLEAN, "expires_at": T.INSTANT}


class Asked:
    """Frames of one kind that are asked.

    All subjects of one moment lie in the same frames; the facts of each batch lie in frames of their own.

    Args:
        made: Makes such a frame of an Arrow table.
        batches: All that will be asked.
    """

    def __init__(self, made: Callable[[pa.Table], Any], batches: Sequence[Batch]) -> None:
        self._made = made
        self._rows: dict[datetime, list[Records]] = {}
        for batch in batches:
            self._rows.setdefault(batch.now, []).extend(batch.records)
        self._known: dict[datetime, _Subjects] = {}

    def answers(self, batch: Batch) -> Mapping[str, bool]:
        """The answers by case."""
        found: dict[str, bool] = {}
        for hand in _dealt(batch):
            chosen = self._ids(batch, hand)
            kept = set(chosen)
            assert len(kept) == len(chosen), "a row came twice"
            found |= {records.case.id: records.asked.id in kept for records in hand.rows}
        return found

    def _ids(self, batch: Batch, hand: _Hand) -> Sequence[str]:
        known = self._known.get(batch.now)
        if known is None:
            known = self._known[batch.now] = _subjects(self._rows[batch.now], self._made)
        facts = [*_facts([one for records in hand.rows for one in records.everybody])]
        of_leads = batch.subject is SubjectKind.LEAD
        chosen = rows_of(
            batch.asked,
            known.leads if of_leads else known.accounts,
            self._made(table(facts, _FACTS | {f"prop.{name}": of for name, of in hand.types.items()})),
            known.accounts_twice if of_leads else None,
            now=batch.now,
            leads=None if of_leads else known.leads,
            memberships=known.memberships,
            enrollments=known.enrollments,
            names=batch.names,
        )
        return ids(chosen)


@attrs.frozen
class _Subjects:
    """The frames of all who are asked about at a moment.

    Where leads are asked about, each account has two rows; each membership always has: nobody may be found twice.
    """

    leads: Any
    accounts: Any
    accounts_twice: Any
    memberships: Any
    enrollments: Any


def _subjects(rows: Sequence[Records], made: Callable[[pa.Table], Any]) -> _Subjects:
    everybody = {one.id: one for records in rows for one in records.everybody}.values()
    leads = {row["id"]: row for row in _leads(rows)}
    accounts = {row["id"]: row for row in _accounts(rows)}
    return _Subjects(
        made(table([*leads.values()], {"id": T.TEXT, **LEAD_NAMES.lead_fields, **_STANDING})),
        *(
            made(table([*accounts.values()] * times, {"id": T.TEXT, **ACCOUNT_NAMES.account_fields, **_STANDING}))
            for times in (1, 2)
        ),
        made(table([*_memberships(everybody)] * 2, {"subject": T.TEXT, "segment": T.TEXT, "since": T.INSTANT})),
        made(table([*_runs(everybody)], {"subject": T.TEXT, "scenario": T.TEXT, "state": T.TEXT})),
    )


# -- which rows can lie in one frame ------------------------------------------------------------------------------


@attrs.define
class _Hand:
    """Rows that lie in one frame, and the types of its properties."""

    rows: list[Records]
    types: dict[str, FieldType]


def _dealt(batch: Batch) -> list[_Hand]:
    """The rows of a batch, dealt into frames."""
    asked = dict.fromkeys(_properties(batch.asked))
    hands: list[_Hand] = []
    for records in batch.records:
        types = _types_in(records)
        if types is None:
            continue
        hand = next((one for one in hands if _together(one.types, types) is not None), None)
        if hand is None or any(one.asked.id == records.asked.id for one in hand.rows):
            hand = _Hand([], {})
            hands.append(hand)
        hand.rows.append(records)
        hand.types = _together(hand.types, types) or {}
    for hand in hands:
        for name in asked:
            hand.types.setdefault(name, _CONSENT.get(name, T.TEXT))
    return hands


def _properties(predicate: Predicate) -> Iterator[str]:
    """The properties that are asked about."""
    for node in walk(predicate):
        if isinstance(node, Compare):
            yield from (field.name for field in node.fields if _is_prop(field))
        if isinstance(node, Touched):
            yield from (name for name in (node.of, node.per) if name is not None)
    yield from _CONSENT


def _is_prop(field: Field) -> bool:
    return field.owner is Owner.PROP


def _types_in(records: Records) -> dict[str, FieldType] | None:
    """The types of the properties of a row's facts; None when one property has several."""
    types: dict[str, FieldType] | None = {}
    for one in records.everybody:
        for fact in one.facts:
            if any(isinstance(value, tuple) and _holds_others(value) for value in fact.properties.values()):
                return None  # lists hold texts
            of_fact = {name: _type_of(value) for name, value in fact.properties.items()}
            types = None if types is None else _together(types, of_fact)
    return types


def _together(one: Mapping[str, FieldType], other: Mapping[str, FieldType]) -> dict[str, FieldType] | None:
    types = {**one, **other}
    return None if any(name in one and one[name] is not of for name, of in other.items()) else types


def _holds_others(values: tuple[Value, ...]) -> bool:
    """Whether one of the values is no text."""
    return any(not isinstance(value, str) for value in values)


def _type_of(value: Value) -> FieldType:
    return next(of for kind, of in _TYPES if isinstance(value, kind))


def table(rows: Sequence[Mapping[str, Any]], types: Mapping[str, FieldType]) -> pa.Table:
    """Rows as an Arrow table."""
    return pa.table({name: pa.array([row.get(name) for row in rows], ARROW[of]) for name, of in types.items()})


# -- rows ---------------------------------------------------------------------------------------------------------


def _leads(rows: Sequence[Records]) -> Iterator[dict[str, Any]]:
    for records in rows:
        for one in records.leads:
            assert isinstance(one.record, Lead)
            yield {**_empty(one), **one.record.values, **_standing(records, one), "account": one.record.account}


def _empty(one: Known) -> dict[str, Any]:
    """Of every other lead that has no tags and is on no lists, empty ones are kept."""
    return {"tags": [], "lists": []} if crc32(one.id.encode()) & 1 else {}


def _accounts(rows: Sequence[Records]) -> Iterator[dict[str, Any]]:
    for records in rows:
        if records.account is not None:
            assert isinstance(records.account.record, Account)
            yield {**account_values(records.account.record), **_standing(records, records.account)}


def _standing(records: Records, one: Known) -> dict[str, Any]:
    standing = one.standing
    scores = {
        f"score.{model}": value_at(state, SCALES[model], records.case.now) for model, state in standing.scores.items()
    }
    return {"id": one.id, "stage": standing.stage, "stage_since": standing.stage_since, **scores}


def _facts(everybody: Sequence[Known]) -> Iterator[dict[str, Any]]:
    for one in everybody:
        for fact in one.facts:
            yield {
                **{f"prop.{name}": value for name, value in fact.properties.items()},
                "id": fact.id,
                "subject": fact.subject,
                "kind": fact.kind,
                "at": fact.at,
                "origin": fact.origin.value,
                "channel": fact.channel,
                "campaign": fact.campaign,
                "suspect": fact.suspect,
            }


def _memberships(everybody: Iterable[Known]) -> Iterator[dict[str, Any]]:
    for one in everybody:
        for name, since in one.standing.memberships.items():
            yield {"subject": one.id, "segment": name, "since": since}


def _runs(everybody: Iterable[Known]) -> Iterator[dict[str, Any]]:
    for one in everybody:
        for name, state in one.standing.run_states:
            yield {"subject": one.id, "scenario": name, "state": state.value}

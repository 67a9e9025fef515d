"""Which rows a side writes: counted by triggers, and asserted equal on both sides.

A ratio against a hand-written loop means something only when the loop writes the same rows. So
before anything is timed, each side does a small run on a database with counting triggers on
every table, and the counts are compared with each other and with the written description below.
Whoever makes `nurture` write one row more must change the description, in the open; the
hand-written loop must follow. May import attrs and `bench.raw`.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from bench.harness import NotTheSameWorkError
from bench.raw import Raw
from bench.raw import seen as counted

# A side's rows may be smaller or larger than the other's by this factor, on average: the same
# facts told in other words, but not a row left empty.
SIZE_BAND = 1.5


@frozen
class Writes:
    """What happened to one table: rows inserted, updated and deleted."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    def __str__(self) -> str:
        return f"{self.inserted}/{self.updated}/{self.deleted}"

    def times(self, count: int, /) -> Writes:
        """The same, `count` times over."""
        return Writes(self.inserted * count, self.updated * count, self.deleted * count)


# What one unit of work writes, by table.
Unit = Mapping[str, Writes]

# One drip step of one lead, from "the wait is over" to "the next wait has begun":
# decide (plan the effect), claim, send, record, and decide again on the receipt.
DRIP_STEP: Unit = {
    "nurture_effect": Writes(inserted=1, updated=2),  # planned, claimed, accepted
    "nurture_allowance": Writes(inserted=2),  # of the address and of the lead's cap; the first claim makes them
    "nurture_touchpoint": Writes(inserted=1),  # the receipt
    "nurture_inbox": Writes(inserted=1, deleted=1),  # the receipt, until it is decided
    "nurture_standing": Writes(updated=2),  # two decisions
    "nurture_decision": Writes(inserted=2),
}

# One recorded fact.
FACT: Unit = {
    "nurture_touchpoint": Writes(inserted=1),
    "nurture_inbox": Writes(inserted=1),
}

# One row a transaction, whatever the transaction holds: each side has it, how often is its own affair.
PER_TRANSACTION = frozenset({"nurture_clock"})


def seen(raw: Raw) -> Mapping[str, Writes]:
    """What was written since the database was watched, for the tables that were written to."""
    return {
        table: Writes(found.get("insert", 0), found.get("update", 0), found.get("delete", 0))
        for table, found in counted(raw).items()
    }


def check(side: str, found: Mapping[str, Writes], unit: Unit, count: int) -> None:
    """Refuse a side that did not write the described rows, `count` times over."""
    expected = {table: writes.times(count) for table, writes in unit.items()}
    wrong = [
        f"{table}: expected {expected.get(table, Writes())}, wrote {found.get(table, Writes())}"
        for table in sorted((expected.keys() | found.keys()) - PER_TRANSACTION)
        if expected.get(table, Writes()) != found.get(table, Writes())
    ]
    if wrong:
        raise NotTheSameWorkError(f"{side}, {count} units of work: " + "; ".join(wrong))


def check_shape(ours: Raw, theirs: Raw, unit: Unit) -> None:
    """Refuse databases whose written tables differ in indexes or in the size of their rows."""
    wrong: list[str] = []
    for table in sorted(unit):
        mine, hand = ours.indexes(table), theirs.indexes(table)
        if mine != hand:
            wrong.append(f"{table}: {mine} indexes against {hand}")
        size, hand_size = ours.row_size(table), theirs.row_size(table)
        if not hand_size / SIZE_BAND <= size <= hand_size * SIZE_BAND:
            wrong.append(f"{table}: rows of {size:.0f} bytes against {hand_size:.0f}")
    if wrong:
        raise NotTheSameWorkError("the tables differ: " + "; ".join(wrong))

"""The records that a store keeps besides leads, facts, standings and effects; and the sum of all kinds.

Immutable records: the first put wins and a repeat is a no-op. Versioned records: a put succeeds
only when its version is the stored one plus one (1 when there is none).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

import attrs

from nurture.model.account import Account
from nurture.model.effect import Allowance, Effect
from nurture.model.ids import SubjectId
from nurture.model.lead import Lead
from nurture.model.standing import Standing, Switch
from nurture.model.touchpoint import InboxRow, Touchpoint
from nurture.model.values import EMPTY, FrozenMapping, Value


@attrs.frozen(slots=True, kw_only=True)
class Alias:
    """Which lead or account an identifier means.

    Attributes:
        id: Digest of tenant, kind and folded identifier; never the identifier itself.
        version: Rises by one with each write.
        subject: Whom it means now.
    """

    id: str
    version: int = 1
    subject: SubjectId


@attrs.frozen(slots=True, kw_only=True)
class Definition:
    """A program, one version of a scenario, or what a broadcast says, as JSON; found by its id, kept for ever.

    Attributes:
        id: Hash of the content; of some people of a broadcast, of which ones they are.
        what: `program`, `scenario`, `broadcast`, or `list` for some of the people of a broadcast.
        body: The JSON text.
    """

    id: str
    what: str
    body: str


@attrs.frozen(slots=True)
class Activated:
    """That a program became the active one, or that a scenario was switched under it, and from when.

    Attributes:
        program: Its fingerprint.
        at: The moment.
        enrolls: Whether those who come into a segment or a stage by it are enrolled.
        older: Versions of scenarios that the program does not hold, that may still run, and that ask something of
            another subject; sorted.
        switches: The scenarios that are switched by hand from then on, all of them.
    """

    program: str
    at: datetime
    enrolls: bool = False
    older: tuple[str, ...] = ()
    switches: Mapping[str, Switch] = attrs.field(factory=FrozenMapping[Switch])


@attrs.frozen(slots=True, kw_only=True)
class Activation:
    """Which program is active in this tenant, and which ones were.

    Attributes:
        id: Always `program`.
        version: Rises by one with each write.
        history: Every activation, oldest first; the last one holds.
        rolled_to: How far the roll-over of standings has come, by subject id; None when it is done.
    """

    id: str = "program"
    version: int = 1
    history: tuple[Activated, ...] = ()
    rolled_to: str | None = None


@attrs.frozen(slots=True)
class Note:
    """One thing that was decided, and why.

    Attributes:
        what: `stage`, `segment`, `score`, `enrolled`, `step`, `left`, `effect`, `skipped`, …
        name: Of the stage, segment, scenario, …
        outcome: What was decided, in a word or two.
        clause: The sentence of the clause that decided.
        saw: The values it saw, by name. Scores, counts and stages; never names or addresses.
    """

    what: str
    name: str
    outcome: str
    clause: str = ""
    saw: Mapping[str, Value] = EMPTY


@attrs.frozen(slots=True, kw_only=True)
class DecisionRecord:
    """What was decided about a subject at one moment.

    Attributes:
        id: Derived from subject and moment.
        subject: About whom.
        at: The moment.
        causes: The ids of the facts that were folded in; empty when time alone did it.
        notes: What was decided.
    """

    id: str
    subject: SubjectId
    at: datetime
    causes: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


Versioned: TypeAlias = Lead | Account | Standing | Effect | Alias | Allowance | Activation
Immutable: TypeAlias = Touchpoint | InboxRow | Definition | DecisionRecord
Record: TypeAlias = Versioned | Immutable

VERSIONED: tuple[type[Versioned], ...] = (Lead, Account, Standing, Effect, Alias, Allowance, Activation)
"""The kinds whose puts are compared with the stored version."""
IMMUTABLE: tuple[type[Immutable], ...] = (Touchpoint, InboxRow, Definition, DecisionRecord)
"""The kinds of which the first put wins."""


@attrs.frozen(slots=True, kw_only=True)
class Changes:
    """What one group writes: all of it, or nothing.

    Attributes:
        records: To write.
        folded: The inbox rows to delete, by fact; a row that is gone already is a conflict.
        quiet_until: The group conflicts if its subject has an unfolded inbox row due *by* this instant
            (`due_at <= quiet_until`); None asks nothing. Where it is given, a subject that another unit holds is
            a conflict, too, and not waited for.
    """

    records: tuple[Record, ...] = ()
    folded: tuple[str, ...] = ()
    quiet_until: datetime | None = None

"""Where a subject stands under a program. Imports values only; no behaviour that needs a clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

import attrs

from nurture.model.ids import AccountId, EffectId, EnrollmentId, FactId, SubjectId
from nurture.model.profiling import Profiling
from nurture.model.values import EMPTY, FrozenMapping, Value

NOTHING = timedelta(0)


@attrs.frozen(slots=True)
class Award:
    """Points that one fact earned: when, for which fact, how many."""

    at: datetime
    fact: FactId
    points: float


@attrs.frozen(slots=True, kw_only=True)
class ScoreState:
    """What is kept of one score, so that reading it needs no history.

    The decaying part is kept in *forward* form (Cormode, Shkapenyuk, Srivastava, Xu: "Forward Decay",
    ICDE 2009): relative to a landmark that lies a whole number of half-lives after the epoch. The sum
    is kept as non-overlapping partials (Shewchuk 1997), which makes it exact: the order in which facts
    arrive cannot matter, not even in the last bit.

    Attributes:
        landmark: Number of half-lives from the epoch to the landmark; 0 for a model without decay.
        partials: Exact sum of the awards of rules without a cap, in units of the landmark.
        older: The parts of that sum that were earned before the landmark, by landmark, newest first, each
            in units of its own; older ones than these have faded to nothing.
        kept: For each rule with a cap or a key, by position, the awards that count, oldest first.
        keys: For rules with `once_per`, the property value of each kept award, likewise.
        total: With kept awards: the sum of everything that fades, in units of the landmark, so that a database
            can read the score; None without kept awards, when the first of `partials` is that sum.
        constant: Points of the rules about what the subject is, as of the last decision.
        above: Names of the thresholds that the score is above (with hysteresis).
    """

    landmark: int = 0
    partials: tuple[float, ...] = ()
    older: tuple[tuple[float, ...], ...] = ()
    kept: Mapping[str, tuple[Award, ...]] = attrs.field(factory=FrozenMapping[tuple[Award, ...]])
    keys: Mapping[str, tuple[str, ...]] = attrs.field(factory=FrozenMapping[tuple[str, ...]])
    total: float | None = None
    constant: float = 0.0
    above: tuple[str, ...] = ()


class Switch(StrEnum):
    """How a scenario was switched by hand, beside what the program says.

    `paused`: nobody enters, and runs stand still until it is resumed. `closed`: nobody enters, and runs go on to their
    end. `stopped`: nobody enters, and runs were ended.
    """

    PAUSED = "paused"
    CLOSED = "closed"
    STOPPED = "stopped"


class EnrollmentState(StrEnum):
    """How a run of a scenario stands."""

    ACTIVE = "active"
    COMPLETED = "completed"
    REACHED_GOAL = "reached_goal"
    EXITED = "exited"
    WITHDRAWN = "withdrawn"
    RESTARTED = "restarted"


@attrs.frozen(slots=True)
class Visit:
    """One stop on the path of an enrollment.

    Attributes:
        step: Address of the step in the pinned version, such as `2.then.0`.
        at: When the enrollment arrived.
        edge: By which edge it left; None while it is still there.
    """

    step: str
    at: datetime
    edge: str | None = None


@attrs.frozen(slots=True, kw_only=True)
class Enrollment:
    """One subject's run through one version of a scenario.

    Attributes:
        id: Derived from subject, scenario, run key and cause.
        scenario: Name of the scenario.
        version: Hash of the version it is on; only a migration changes it.
        run_key: Tells several runs apart (a seminar's id); `""` when the scenario has no key.
        cause: The fact that began it.
        state: How it stands.
        started_at: When it began.
        ended_at: When it ended.
        reason: Why it ended, in a word.
        path: Every step it stopped at, in order; the last one is where it is.
        moved: How many of these stops, at the beginning, were made on older versions; the rest are one way through
            the present version, and begin where it came to that.
        asked: What it asked for on older versions, such as `message:hello`; sorted.
        stop: The id of the stop at which it stood when it came to this version, while it is still there.
        until: The instant at which the present step goes on by itself.
        effect: The effect that the present step waits for.
        since: From when on facts answer the present step (the claim of the send before it).
        entry: What its steps may ask about the fact that began it, and about that fact's campaign.
        turns: How many effects the present step has asked for: a message and those it falls back to.
        late: How much later than planned it came to the present step, since it was held up.
        shift: By how much its later appointments are moved, since a step that shifts them was late.
        number: The how manieth run of its scenario and key this is.
        hops: Over how many subjects, each telling the next without waiting for anything, came what moved it last.
        held: Whether it came to the present step while its scenario was paused, and was not asked what to do yet.
        approved: The hash of what was approved, by the message: nothing else of it goes out any more.
    """

    id: EnrollmentId
    scenario: str
    version: str
    run_key: str = ""
    cause: FactId
    state: EnrollmentState = EnrollmentState.ACTIVE
    started_at: datetime
    ended_at: datetime | None = None
    reason: str = ""
    path: tuple[Visit, ...] = ()
    moved: int = 0
    asked: tuple[str, ...] = ()
    stop: str = ""
    until: datetime | None = None
    effect: EffectId | None = None
    since: datetime | None = None
    entry: Mapping[str, Value] = EMPTY
    turns: int = 0
    late: timedelta = NOTHING
    shift: timedelta = NOTHING
    number: int = 1
    held: bool = False
    hops: int = 0
    approved: Mapping[str, Value] = EMPTY

    @property
    def is_active(self) -> bool:
        """Whether it still runs."""
        return self.state is EnrollmentState.ACTIVE

    @property
    def step(self) -> str | None:
        """Address of the step at which it is or ended."""
        return self.path[-1].step if self.path else None


@attrs.frozen(slots=True)
class PastRun:
    """What is kept of a run that ended before many others did: when, and the how manieth of its scenario and key."""

    ended_at: datetime
    number: int = 1


PastRuns: TypeAlias = Mapping[str, Mapping[str, Mapping[str, PastRun]]]
"""What is kept of such runs, by scenario, state and key."""


@attrs.frozen(slots=True)
class Echo:
    """Over how many steps, each answering the one before at once, something came to a subject; and when it did."""

    hops: int
    at: datetime


@attrs.frozen(slots=True, kw_only=True)
class Standing:
    """Where a subject stands under a program; written by deciding and by nothing else.

    Attributes:
        subject: Whose.
        version: Rises by one with each write.
        program: Hash of the program under which it was decided.
        switches: The scenarios that were switched by hand, as far as this standing has followed.
        older: The versions of scenarios of earlier programs whose questions are answered beside those of the program;
            sorted.
        stage: The present stage; None before the first decision, or for a program without a lifecycle.
        stage_since: Since when.
        scores: State of each score, by model.
        profiling: What the person said about being scored; None when nothing.
        memberships: The segments it is in, and since when.
        entered: The scenarios whose `on` is a predicate that holds: they enroll when it begins to hold again; sorted.
        enrollments: Runs of scenarios: the active ones, and the newest ended one of each scenario and key, but of a
            scenario only the newest twenty, and those that may still reach their goal; of a scenario with a
            schedule, the newest of all.
        past: What is kept of the other ended ones, by scenario, state and key.
        covered: Values that its steps set, and that the record does not hold: a later change of the same field, not
            decided yet, covers them.
        account: What its account has told it: the values that some predicate reads.
        people: For an account: its leads that say yes to a question, by the name under which they tell it.
        said: For a lead: the account that it told, and the questions to which it said yes.
        agenda: For each watched question, the instant at which time alone may change its answer.
        advanced_to: The last moment that was decided.
        due_at: The earliest instant at which something can change with no new fact; None means never.
        echo: What came to it last over steps that answered one another; None when nothing did.
        telling: For an account: the values that its leads are being told, and the lead reached so far. For a lead:
            what it is still to say to its account.
        failures: How often in a row deciding it failed; while it is not zero, only `due_at` makes it due.
        dead: Why deciding it failed for good; None when it did not.
    """

    subject: SubjectId
    version: int = 1
    program: str
    switches: Mapping[str, Switch] = attrs.field(factory=FrozenMapping[Switch])
    older: tuple[str, ...] = ()
    stage: str | None = None
    stage_since: datetime | None = None
    scores: Mapping[str, ScoreState] = attrs.field(factory=FrozenMapping[ScoreState])
    profiling: Profiling | None = None
    memberships: Mapping[str, datetime] = attrs.field(factory=FrozenMapping[datetime])
    entered: tuple[str, ...] = ()
    enrollments: tuple[Enrollment, ...] = ()
    past: PastRuns = attrs.field(factory=FrozenMapping[Mapping[str, Mapping[str, PastRun]]])
    covered: Mapping[str, Value] = EMPTY
    account: Mapping[str, Value] = EMPTY
    people: Mapping[str, frozenset[str]] = attrs.field(factory=FrozenMapping[frozenset[str]])
    said: Said | None = None
    agenda: Mapping[str, datetime] = attrs.field(factory=FrozenMapping[datetime])
    advanced_to: datetime | None = None
    due_at: datetime | None = None
    echo: Echo | None = None
    telling: Telling | None = None
    failures: int = 0
    dead: str | None = None

    @property
    def id(self) -> SubjectId:
        """A subject has one standing, so the subject identifies it."""
        return self.subject

    @property
    def run_states(self) -> tuple[tuple[str, EnrollmentState], ...]:
        """The scenarios of all runs that it knows, with the states of these, each pair once.

        These are the rows that a table of runs needs, where predicates are read by a dataframe or by a database of
        the host's own.
        """
        whole = [(run.scenario, run.state) for run in self.enrollments]
        past = [(name, EnrollmentState(state)) for name, states in self.past.items() for state in states]
        return tuple(dict.fromkeys((*whole, *past)))


@attrs.frozen(slots=True, kw_only=True)
class Said:
    """What a lead has told its account: to which of the questions about people it says yes."""

    account: AccountId
    yes: tuple[str, ...] = ()


@attrs.frozen(slots=True, kw_only=True)
class Telling:
    """What a subject is telling: an account its leads, one after the other by id; or a lead its account.

    Attributes:
        fact: Tells it apart from others.
        values: What is told: the values and answers of an account; of a lead, its account and where it says yes or no.
        after: The lead that an account has reached.
        rolled: Of the values those that were not told before because no program asked for them: nobody is
            enrolled because such a value is told at last.
        hops: Over how many steps came what is told.
    """

    fact: FactId
    values: Mapping[str, Value]
    after: str = ""
    rolled: tuple[str, ...] = ()
    hops: int = 0

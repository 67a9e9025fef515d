"""Strategies for standings and what they hold: well formed, though nothing fits together. Imports the model."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from nurture.model import (
    EMPTY,
    AccountId,
    Award,
    Echo,
    EffectId,
    Enrollment,
    EnrollmentId,
    EnrollmentState,
    FactId,
    FrozenMapping,
    PastRun,
    Profiling,
    Said,
    ScoreState,
    Standing,
    SubjectId,
    Telling,
    Visit,
)
from nurture.testing.strategies.values import instants, names, properties, subjects

_floats = st.floats(allow_nan=False, allow_infinity=False)
_facts = st.sampled_from(["fact_1", "fact_2", "fact_3"]).map(FactId)
_lengths = st.sampled_from([timedelta(0), timedelta(hours=7), timedelta(days=40, microseconds=1)])
_places = st.sampled_from(["0", "1", "2"])


def score_states() -> st.SearchStrategy[ScoreState]:
    """What is kept of a score, with sums that must come back to the last bit."""
    awards = st.lists(st.builds(Award, instants(), _facts, _floats), min_size=1, max_size=2).map(tuple)
    sums = st.lists(_floats, max_size=3).map(tuple)
    return st.builds(
        ScoreState,
        landmark=st.integers(0, 2**40),
        partials=sums,
        older=st.lists(sums, max_size=2).map(tuple),
        kept=st.dictionaries(_places, awards, max_size=2).map(FrozenMapping),
        keys=st.dictionaries(_places, st.lists(names(), max_size=2).map(tuple), max_size=2).map(FrozenMapping),
        constant=_floats,
        above=st.lists(names(), max_size=2, unique=True).map(tuple),
    )


def enrollments() -> st.SearchStrategy[Enrollment]:
    """Runs of scenarios, under way and ended."""
    addresses = st.sampled_from(["0", "1.then.0", "2.otherwise.1.then.0"])
    visits = st.builds(Visit, addresses, instants(), st.none() | st.sampled_from(["next", "then", "otherwise"]))
    return st.builds(
        Enrollment,
        id=st.sampled_from(["enr_1", "enr_2"]).map(EnrollmentId),
        scenario=names(),
        version=st.sampled_from(["def_1", "def_2"]),
        run_key=st.just("") | names(),
        cause=_facts,
        state=st.sampled_from(EnrollmentState),
        started_at=instants(),
        ended_at=st.none() | instants(),
        reason=st.sampled_from(["", "goal", "end"]),
        path=st.lists(visits, max_size=3).map(tuple),
        until=st.none() | instants(),
        effect=st.none() | st.just(EffectId("eff_1")),
        since=st.none() | instants(),
        entry=properties(max_size=2),
        turns=st.integers(0, 3),
        late=_lengths,
        shift=_lengths,
        number=st.integers(1, 5),
        approved=st.sampled_from([EMPTY, FrozenMapping({"hello": "cont_1"})]),
    )


def _past_states() -> st.SearchStrategy[FrozenMapping[FrozenMapping[PastRun]]]:
    """What is kept of earlier runs of one scenario: by state and key."""
    ended = [one.value for one in EnrollmentState if one is not EnrollmentState.ACTIVE]
    runs = st.dictionaries(names(), st.builds(PastRun, instants(), st.integers(1, 5)), min_size=1, max_size=2)
    return st.dictionaries(st.sampled_from(ended), runs.map(FrozenMapping), min_size=1, max_size=2).map(FrozenMapping)


def standings(subject: st.SearchStrategy[SubjectId] | None = None) -> st.SearchStrategy[Standing]:
    """Standings of the first version: due or not, failing, dead, in the middle of telling."""
    at = st.none() | instants()
    questions = st.lists(names(), max_size=2, unique=True).map(tuple)
    return st.builds(
        Standing,
        subject=subjects() if subject is None else subject,
        program=st.just("prog_1"),
        older=questions,
        stage=st.none() | names(),
        stage_since=at,
        scores=st.dictionaries(names(), score_states(), max_size=2).map(FrozenMapping),
        profiling=st.none() | st.builds(Profiling, objected_at=at, allowed_at=at, counts_after=at),
        memberships=st.dictionaries(names(), instants(), max_size=2).map(FrozenMapping),
        enrollments=st.lists(enrollments(), max_size=2).map(tuple),
        past=st.dictionaries(names(), _past_states(), max_size=2).map(FrozenMapping),
        account=properties(max_size=2),
        people=st.dictionaries(names(), st.frozensets(names(), max_size=3), max_size=2).map(FrozenMapping),
        said=st.none() | st.builds(Said, account=st.just(AccountId(SubjectId("acct_1"))), yes=questions),
        agenda=st.dictionaries(names(), instants(), max_size=2).map(FrozenMapping),
        advanced_to=at,
        due_at=at,
        echo=st.none() | st.builds(Echo, st.integers(1, 30), instants()),
        telling=st.none()
        | st.builds(
            Telling, fact=_facts, values=properties(max_size=2), after=st.sampled_from(["", "lead_a"]), rolled=questions
        ),
        failures=st.sampled_from([0, 0, 0, 1, 7]),
        dead=st.sampled_from([None, None, None, "poison"]),
    )

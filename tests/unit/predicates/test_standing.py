"""Clauses about segments, runs, consent and chance, by hand: what they answer and when they turn."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import attrs
import pytest

from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import (
    Consent,
    Enrollment,
    EnrollmentId,
    EnrollmentState,
    FactId,
    Purpose,
    Sight,
    SubjectId,
    Touchpoint,
    Value,
    by_kind,
)
from nurture.predicates import (
    Consented,
    Grade,
    InBucket,
    InScenario,
    Names,
    Predicate,
    TimeInSegment,
    Word,
    compile_flip,
    compile_match,
    q,
)
from nurture.predicates.answering.standing import lot_of, percent_of
from nurture.runtime.capturing import consent_properties

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


def asked(predicate: Predicate, sight: Sight, now: datetime = NOW) -> tuple[bool, datetime | None]:
    """The answer and when it turns; the turn is checked to be exact."""
    asks = compile_match(predicate, Names())
    flip = compile_flip(predicate, Names())(sight, now)
    if flip is not None:
        assert flip > now
        assert asks(sight, flip - TICK) is asks(sight, now)
        assert asks(sight, flip) is not asks(sight, now)
    return asks(sight, now), flip


# -- consent ----------------------------------------------------------------------------------------


def said(given: bool, age: timedelta, *, id: str = "f", **more: object) -> Touchpoint:
    consent = Consent(given=given, at=NOW - age, **more)  # type: ignore[arg-type]
    return Touchpoint(
        id=FactId(f"{id}{age}"),
        subject=SubjectId("lead_1"),
        kind="consent.given" if given else "consent.withdrawn",
        at=consent.at,
        received_at=NOW,
        properties=consent_properties(consent),
    )


def words(*facts: Touchpoint, topic: str = "", entity: str = "", now: datetime = NOW) -> set[str]:
    """Which of the four questions are answered with yes."""
    seen = Sight(touches=by_kind(facts))
    return {word.value for word in Word if asked(Consented(word, topic=topic, entity=entity), seen, now)[0]}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], {"unsaid"}),
        ([said(True, DAY)], {"given"}),
        ([said(False, DAY)], {"refused"}),
        ([said(False, DAY, explicit=True)], {"refused", "unsubscribed"}),
        ([said(False, 2 * DAY), said(True, DAY)], {"refused"}),  # only an explicit yes lifts a refusal
        ([said(False, 2 * DAY), said(True, DAY, explicit=True)], {"given"}),
        ([said(True, 2 * DAY, explicit=True), said(False, DAY)], {"refused"}),
        ([said(True, DAY, explicit=True), said(False, DAY)], {"refused"}),  # at one instant a refusal wins
        ([said(True, DAY, expires_at=NOW)], set()),  # it has run out, but it is no refusal, and it was said
        ([said(True, DAY, expires_at=NOW + TICK)], {"given"}),
        ([said(True, -DAY)], {"unsaid"}),  # not said yet
        ([said(True, DAY, channel="line")], {"unsaid"}),
        ([said(True, DAY, purpose=Purpose.TRANSACTIONAL)], {"unsaid"}),
        ([said(True, DAY, topic="news")], {"unsaid"}),  # a word about one topic says nothing about all
    ],
)
def test_the_word_that_holds(facts: list[Touchpoint], expected: set[str]) -> None:
    assert words(*facts) == expected


def test_a_word_about_everything_covers_each_topic() -> None:
    assert words(said(True, DAY), topic="news") == {"given"}
    assert words(said(False, DAY), said(True, 2 * DAY, topic="news"), topic="news") == {"refused"}
    assert words(said(False, DAY, topic="events"), topic="news") == {"unsaid"}


def test_a_topic_that_was_refused_by_name_is_put_back_by_name_alone() -> None:
    no, general = said(False, 3 * DAY, topic="news"), said(True, 2 * DAY, explicit=True)
    assert words(no, general, topic="news") == {"refused"}
    assert words(no, general) == {"given"}
    assert words(no, general, said(True, DAY, topic="news", explicit=True), topic="news") == {"given"}


def test_a_word_towards_one_sender_says_nothing_about_another() -> None:
    own, sister = said(True, DAY), towards("sister", said(False, 2 * DAY, explicit=True))
    assert words(own, sister) == {"given"}
    assert words(own, sister, entity="sister") == {"refused", "unsubscribed"}
    assert words(own, sister, entity="brother") == {"unsaid"}
    assert words(towards("", said(True, DAY))) == {"given"}  # the site's own, said by its empty name
    # An explicit yes lifts only what was said to the same sender.
    assert words(said(False, 2 * DAY), towards("sister", said(True, DAY, explicit=True))) == {"refused"}


def test_a_word_about_profiling_is_about_every_channel() -> None:
    seen = Sight(touches=by_kind([said(False, DAY, purpose=Purpose.PROFILING, channel="line", topic="news")]))
    assert asked(q.consent(purpose="profiling").refused(), seen)[0]
    assert not asked(q.consent().refused(), seen)[0]


def towards(entity: str, fact: Touchpoint) -> Touchpoint:
    """A fact of consent towards a sender."""
    return attrs.evolve(fact, properties={**fact.properties, "entity": entity})


@pytest.mark.parametrize(
    ("word", "facts", "expected"),
    [
        (Word.GIVEN, [said(True, DAY, expires_at=NOW + DAY)], NOW + DAY),
        (Word.GIVEN, [said(True, DAY)], None),
        (Word.REFUSED, [said(True, DAY, expires_at=NOW + DAY)], None),
        (Word.UNSAID, [said(True, -DAY)], NOW + DAY),
        (Word.GIVEN, [said(True, -DAY, expires_at=NOW + 3 * DAY)], NOW + DAY),
        (Word.GIVEN, [said(True, DAY), said(False, -2 * DAY)], NOW + 2 * DAY),
        (Word.REFUSED, [said(False, DAY), said(True, -2 * DAY)], None),
    ],
)
def test_consent_turns_when_it_runs_out_or_is_said(
    word: Word, facts: list[Touchpoint], expected: datetime | None
) -> None:
    assert asked(Consented(word), Sight(touches=by_kind(facts)))[1] == expected


def test_a_consent_fact_without_a_topic_is_about_everything() -> None:
    bare: dict[str, Value] = {"channel": "email", "purpose": "marketing"}
    fact = Touchpoint(
        id="f", subject=SubjectId("s"), kind="consent.given", at=NOW, received_at=NOW, properties=bare
    )  # fmt: skip
    assert words(fact, topic="news") == {"given"}


# -- segments and runs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "age", "expected", "turns_in"),
    [
        ("ge", 3 * DAY, True, None),
        ("ge", 3 * DAY - TICK, False, TICK),
        ("gt", 3 * DAY, False, TICK),
        ("lt", 3 * DAY - TICK, True, TICK),
        ("lt", 3 * DAY, False, None),
        ("le", 3 * DAY, True, TICK),
        ("le", 3 * DAY + TICK, False, None),
        ("ge", -DAY, False, 4 * DAY),
        ("lt", None, False, None),
    ],
)
def test_time_in_a_segment(op: str, age: timedelta | None, expected: bool, turns_in: timedelta | None) -> None:
    seen = Sight(memberships={} if age is None else {"hot": NOW - age})
    assert asked(TimeInSegment("hot", op, 3 * DAY), seen) == (expected, None if turns_in is None else NOW + turns_in)


def test_a_membership_at_the_end_of_time_turns_never() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert asked(TimeInSegment("hot", "ge", DAY), Sight(memberships={"hot": last}), last - TICK) == (False, None)


def test_runs_of_a_scenario_by_their_states() -> None:
    def run(scenario: str, state: EnrollmentState) -> Enrollment:
        return Enrollment(
            id=EnrollmentId("e"), scenario=scenario, version="v", cause=FactId("f"), state=state, started_at=NOW
        )

    seen = Sight(enrollments=[run("a", EnrollmentState.COMPLETED), run("b", EnrollmentState.ACTIVE)])
    assert asked(q.scenario("b").is_active(), seen) == (True, None)
    assert asked(q.scenario("a").is_active(), seen) == (False, None)
    assert asked(q.scenario("a").is_in(["completed", "exited"]), seen) == (True, None)
    assert asked(q.scenario("c").is_in(list(EnrollmentState)), seen) == (False, None)


# -- buckets ----------------------------------------------------------------------------------------


def test_a_lot_is_the_same_for_ever() -> None:
    drawn = blake2b(b"spring\x1flead_1", digest_size=8).digest()
    assert lot_of("spring", "lead_1") == int.from_bytes(drawn, "big") == 0x1675B8DF6DC9D241
    assert percent_of("spring", "lead_1") == pytest.approx(lot_of("spring", "lead_1") / 2**64 * 100)


def test_shares_that_touch_have_no_gap_and_no_overlap() -> None:
    shares = [InBucket("spring", low, low + 12.5) for low in (0, 12.5, 25, 37.5, 50, 62.5, 75, 87.5)]
    tests = [compile_match(share, Names()) for share in shares]
    counts = [0] * len(shares)
    for number in range(4_000):
        seen = Sight(subject=f"lead_{number}")
        inside = [place for place, test in enumerate(tests) if test(seen, NOW)]
        assert len(inside) == 1
        counts[inside[0]] += 1
    assert min(counts) > 400  # of 500 each


def test_who_is_not_known_is_in_no_bucket() -> None:
    assert asked(InBucket("spring", 0, 100), Sight()) == (False, None)


def test_buckets_of_different_salts_are_independent() -> None:
    subjects = [f"lead_{number}" for number in range(2_000)]
    both = sum(1 for one in subjects if percent_of("a", one) < 50 and percent_of("b", one) < 50)
    assert 400 < both < 600


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: InBucket("s", 50, 50), "0 <= low < high <= 100"),
        (lambda: InBucket("s", -1, 50), "0 <= low < high <= 100"),
        (lambda: InBucket("s", True, 50), "expected a number, found bool"),
        (lambda: InBucket("", 0, 50), "expected a name"),
        (lambda: Grade("m", "like", "A"), "unknown comparison"),
        (lambda: Grade("m", "ge", ""), "expected a name"),
        (lambda: InScenario("w", ()), "at least one state"),
        (lambda: TimeInSegment("s", "ge", timedelta(0)), "above zero"),
        (lambda: TimeInSegment("s", "eq", DAY), "unknown comparison"),
        (lambda: Consented(Word.GIVEN, topic=3), "expected a name"),  # type: ignore[arg-type]
        (lambda: Consented(Word.GIVEN, channel=""), "expected a name"),
        (lambda: Consented(Word.GIVEN, purpose=Purpose.PROFILING), "a word about profiling is about every"),
        (lambda: Consented(Word.GIVEN, entity=3), "consent.entity"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_meant_is_refused_when_written(make, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        make()


def test_an_unknown_state_names_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="completed"):
        InScenario("w", ("complete",))  # type: ignore[arg-type]

"""What single change would turn an answer over: the smallest of each kind, each of them proved."""

from datetime import UTC, date, datetime, timedelta

import pytest

from nurture.calendar import today
from nurture.model import FactId, ScoreState, Sight, SubjectId, SubjectKind, Touchpoint, by_kind
from nurture.model.decay import Scale
from nurture.predicates import (
    LEAD_FIELDS,
    FieldType,
    Grade,
    Names,
    Predicate,
    Touched,
    compile_match,
    flippers,
    q,
)
from nurture.predicates.explaining.samples import satisfying
from nurture.predicates.explaining.trials import What, trials_of
from nurture.predicates.whatif import MAX_TRIALS, Change

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
KNOWN = Names(
    segments={"hot": q.score("warm") >= 40},
    scales={"warm": Scale()},
    grades={"warm": (("A", 30.0), ("B", 10.0), ("C", 0.0))},
    stages=("new", "mql", "won"),
    scenarios=("welcome",),
    lead_fields={
        **LEAD_FIELDS, "seats": FieldType.INTEGER, "usage": FieldType.NUMBER, "born": FieldType.DATE,
        "vip": FieldType.BOOLEAN, "next": FieldType.INSTANT,
    },
)  # fmt: skip
BOUGHT = Touchpoint(
    id=FactId("f1"), subject=SubjectId("lead_1"), kind="purchase.made", at=NOW - DAY, received_at=NOW,
    properties={"amount": 400},
)  # fmt: skip
SIGHT = Sight(
    lead={
        "title": "CEO", "seats": 30, "usage": 3.0, "tags": ("b",), "born": date(1990, 5, 5), "vip": False,
        "created_at": NOW - 3 * DAY,
    },
    touches=by_kind([BOUGHT]),
    stage="new",
    stage_since=NOW - DAY,
    scores={"warm": ScoreState(constant=3.0)},
    subject="lead_1",
)  # fmt: skip
page, paid = q.touches("page.viewed"), q.touches("purchase.made")
FACT = "if one more fact came now: "


def found(predicate: Predicate, names: Names = KNOWN) -> list[Change]:
    return list(flippers(predicate, SIGHT, NOW, names))


@pytest.mark.parametrize(
    ("predicate", "what", "sentence"),
    [
        (q.lead.seats >= 50, What.VALUE, "if seats is 50"),
        (q.lead.seats > 50, What.VALUE, "if seats is 51"),
        (q.lead.seats > 30.5, What.VALUE, "if seats is 31"),
        (q.lead.seats < 30, What.VALUE, "if seats is 29"),
        (~(q.lead.seats >= 30), What.VALUE, "if seats is 29"),
        (q.lead.seats.between(1, 5), What.VALUE, "if seats is 5"),
        (q.lead.title == "CTO", What.VALUE, 'if title is "CTO"'),
        (q.lead.title == "CEO", What.VALUE, "if title is missing"),
        (q.lead.title.is_missing(), What.VALUE, "if title is missing"),
        (q.lead.vip.is_true(), What.VALUE, "if vip is yes"),
        (q.lead.tags.contains("a"), What.VALUE, 'if tags contains "a"'),
        (~q.lead.tags.contains("b"), What.VALUE, "if tags is missing"),
        (q.lead.born.age() >= 40, What.VALUE, "if at least 40 full years since born"),
        (q.lead.next.during(today()), What.VALUE, "if next is today"),
        (page.within(days=3), What.FACT, "if one more fact came now: at least 1 page.viewed"),
        (q.touches("purchase.made").count() >= 2, What.FACT, "if one more fact came now: at least 1 purchase.made"),
        (page.where((q.prop("path") == "/p") & (q.prop("n") > 3)), What.FACT, None),
        (paid.sum("amount") >= 1000, What.FACT, FACT + "at least 1 purchase.made (amount is 600)"),
        (paid.sum("amount") > 1000, What.FACT, FACT + "at least 1 purchase.made (amount is 601)"),
        (paid.sum("amount") >= 1000.5, What.FACT, FACT + "at least 1 purchase.made (amount is 600.5)"),
        (paid.sum("amount") < 0, What.FACT, FACT + "at least 1 purchase.made (amount is -401)"),
        (paid.average("amount") >= 500, What.FACT, FACT + "at least 1 purchase.made (amount is 600)"),
        (paid.max("amount") > 900, What.FACT, FACT + "at least 1 purchase.made (amount is 901)"),
        (paid.min("amount") >= 400, What.FACT, FACT + "at least 1 purchase.made (amount is 399)"),
        (
            paid.where(q.prop("sku") == "a").sum("amount") >= 5,  # what was paid for others does not count
            What.FACT,
            FACT + 'at least 1 purchase.made (sku is "a" and amount is 5)',
        ),
        (
            paid.distinct("amount") >= 2,
            What.FACT,
            FACT + "at least 2 different values of amount among purchase.made",
        ),
        (page.last(q.prop("path") == "/zz"), What.FACT, FACT + 'at least 1 page.viewed (path is "/zz")'),
        (
            page.where(q.prop("n") > 3).first(q.prop("path") == "/zz"),
            What.FACT,
            FACT + 'at least 1 page.viewed (n is above 3 and path is "/zz")',
        ),
        (
            page.newest_per("deal").where(q.prop("state") == "open"),
            What.FACT,
            FACT + 'at least 1 page.viewed (only the newest of each deal, state is "open")',
        ),
        (q.lead.tags.has_none(["b"]), What.VALUE, 'if tags is known and has none of "b"'),
        (q.lead.lists.has_none(["b"]), What.VALUE, 'if lists is known and has none of "b"'),
        (page.never(), What.FACT, None),
        (q.touches("purchase.made").then(page, within=2 * DAY), What.FACT, None),
        (q.stage == "mql", What.STAGE, "if the stage is mql"),
        (q.time_in_stage >= timedelta(hours=1), What.STAGE, "if the stage is mql"),
        (q.consent("news").given(), What.CONSENT, None),
        (q.consent(entity="sister").refused(), What.CONSENT, None),
        (~q.consent().unsubscribed(), What.CONSENT, None),
        (q.score("warm") >= 40, What.SCORE, "if the score warm is at least 40"),
        (q.segment("hot"), What.SCORE, "if the score warm is at least 40"),
        (q.scenario("welcome").is_active(), What.RUN, None),
        (q.account.matches(q.stage == "won"), What.ACCOUNT, None),
        (q.account.leads.count() >= 1, What.ACCOUNT, None),
        (q.in_list("fair"), What.VALUE, None),
    ],
)
def test_the_smallest_change(predicate: Predicate, what: What, sentence: str | None) -> None:
    change = found(predicate)[0]
    assert change.what is what
    if sentence is not None:
        assert change.sentence == sentence
    assert change.said("ja") not in ("", change.sentence)


def test_a_question_to_or_about_others_is_named_by_its_sentence() -> None:
    (change,) = found(q.account.matches(q.stage == "won"))
    assert change.name == "the stage is won"
    (change,) = found(q.account.leads.where(q.lead.title == "CTO").count() >= 1, Names(subject=SubjectKind.ACCOUNT))
    assert change.name == 'title is "CTO"'


@pytest.mark.parametrize(
    "predicate",
    [
        paid.sum("amount") >= 1000,
        paid.sum("amount") <= 0.5,
        paid.average("amount") > 500.25,
        paid.max("amount") >= 401,
        paid.min("amount") < 399.5,
        page.last(q.prop("path") == "/zz"),
        page.first((q.prop("path") == "/zz") & (q.prop("n") >= 3)),
        page.where(q.prop("kind") == "x").sum("amount") > 3,
    ],
)
def test_the_fact_that_is_said_is_enough(predicate: Predicate) -> None:
    """Whoever knows nothing but what is said can bring it about."""
    node = found(predicate)[0].node
    assert isinstance(node, Touched)
    fact = Touchpoint(
        id=FactId("z"), subject=SubjectId("lead_1"), kind=node.kind or "", at=NOW, received_at=NOW,
        properties=satisfying(node.having),
    )  # fmt: skip
    after = Sight(lead=SIGHT.lead, touches=by_kind([BOUGHT, fact]))
    asks = compile_match(predicate, KNOWN)
    assert asks(after, NOW) is not asks(SIGHT, NOW)


def test_what_is_said_is_so_even_where_another_clause_made_the_difference() -> None:
    bad = page.where((q.prop("n") == 1) & (q.prop("n") == 2))  # no fact is so
    assert found(bad | q.touches().never()) == []


def test_the_nearest_grade_comes_first() -> None:
    assert found(q.grade("warm") >= "B")[0].node == Grade("warm", "eq", "B")


def test_people_come_and_go_in_the_account_itself() -> None:
    (change,) = found(q.account.leads.count() >= 1, Names(subject=SubjectKind.ACCOUNT))
    assert change.what is What.PEOPLE


def test_smaller_changes_come_before_larger_ones() -> None:
    either = (q.lead.seats >= 31) | (q.lead.usage >= 90) | (q.stage == "won") | (q.lead.email.is_present())
    assert [change.name for change in found(either)] == ["lead.seats", "lead.usage", "", "lead.email"]
    assert len(flippers(either, SIGHT, NOW, KNOWN, limit=2)) == 2
    assert flippers(either, SIGHT, NOW, KNOWN, limit=0) == ()


def test_either_of_two_fields_may_change_and_the_sentence_says_which() -> None:
    changes = found(q.lead.usage >= 0.8 * q.lead.seats)
    assert {change.name for change in changes} == {"lead.usage", "lead.seats"}
    assert len({change.sentence for change in changes}) == 2
    assert len({change.said("ja") for change in changes}) == 2


@pytest.mark.parametrize(
    "predicate",
    [
        (q.lead.title == "CTO") & (q.stage == "mql"),  # two changes
        page.count() >= 2,
        q.bucket("s", 0, 1e-9),
        q.everyone,
        (q.lead.seats >= 5) & (q.lead.seats < 5),
    ],
)
def test_what_takes_more_than_one_change_is_not_found(predicate: Predicate) -> None:
    assert found(predicate) == []


def test_a_change_of_a_value_leaves_the_fact_that_says_so() -> None:
    assert found(~q.lead.title.changed(within=DAY) & (q.lead.title == "CTO")) == []
    fresh = q.held(q.lead.seats >= 5, less_than=2 * DAY)
    assert found(q.held(q.lead.seats >= 5, at_least=2 * DAY) | fresh)[0].what is What.VALUE


def test_what_is_tried_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = 0
    before = trials_of

    def counted(*given: object) -> object:
        nonlocal tried
        for trial in before(*given):  # type: ignore[arg-type]
            tried += 1
            yield trial

    monkeypatch.setattr("nurture.predicates.whatif.trials_of", counted)
    wide = q.any_of(*(q.lead[f"x{number}"].is_in(list(range(1000))) for number in range(300)))
    assert flippers(wide, SIGHT, NOW, KNOWN) != ()
    assert tried <= MAX_TRIALS + 1


def test_the_sight_itself_is_left_alone() -> None:
    seen = Sight(lead=dict(SIGHT.lead), touches=dict(SIGHT.touches), stage="new", stage_since=NOW)
    everything = (q.lead.seats >= 50) & (q.stage == "won") & page & (q.score("warm") >= 3) & q.consent().given()
    flippers(everything, seen, NOW, KNOWN)
    assert (seen.lead, seen.touches, seen.stage, seen.scores) == (SIGHT.lead, SIGHT.touches, "new", {})


def test_no_value_of_the_subject_is_in_a_change() -> None:
    secret = Sight(lead={"usage": 1234.5, "seats": 77, "tags": ("secret",)}, account={"plan": 4321})
    for predicate in (q.lead.usage >= 2 * q.account.plan, q.lead.tags.contains("a"), q.lead.seats != q.lead.usage):
        for change in flippers(predicate, secret, NOW, KNOWN):
            assert not any(word in f"{change.node!r}{change.sentence}" for word in ("1234", "77", "secret", "4321"))


def test_every_trial_says_what_is_the_case_after_it() -> None:
    for leaf in (q.lead.seats >= 50, q.stage == "mql", page, q.consent().given(), q.lead.born.anniversary()):
        for trial in trials_of(leaf, SIGHT, NOW, KNOWN):
            if not trial.of_leaf:
                assert compile_match(trial.node, KNOWN)(trial.sight, NOW)


def test_what_a_run_began_with_is_not_the_subject_s_to_change() -> None:
    seen = Sight(lead={"seats": 3}, entry={"rank": "B", "n": 5, "starts": NOW - DAY})
    for asked in (q.entry.rank == "A", q.entry.n.is_missing(), q.entry.starts.ahead() <= DAY):
        assert flippers(asked, seen, NOW, KNOWN) == ()
    (change,) = flippers(q.lead.seats >= q.entry.n, seen, NOW, KNOWN)
    assert (change.what, change.name) == (What.VALUE, "lead.seats")


def test_one_more_fact_of_the_same_thing_turns_the_answer() -> None:
    seen = Sight(entry={"seminar": "s1", "paid": 4, "topics": ("a",)})
    for condition in (
        q.prop("seminar") == q.entry.seminar,
        (q.prop("seminar") == q.entry.seminar) & (q.prop("amount") >= 2.5 * q.entry.paid),
        (q.prop("amount") == q.entry.topics) | (q.prop("seminar") == q.entry.seminar),
    ):
        changes = flippers(page.where(condition), seen, NOW, KNOWN)
        is_easy = not str(condition).startswith("AnyOf")  # of an `|` the first part alone is tried
        assert [change.what for change in changes] == ([What.FACT] if is_easy else [])
    assert satisfying(q.prop("a") > 2 * q.entry.paid, seen.entry) == {"a": 8.000001}
    assert satisfying(q.prop("a") == 2 * q.entry.seminar, seen.entry) == {"a": None}
    assert satisfying(q.prop("a") == q.entry.unknown, seen.entry) == {"a": None}
    assert satisfying(q.prop("a") == q.prop("b"), {"b": 1}) == {"a": None}

"""Sentences, in both languages."""

from datetime import UTC, date, datetime, timedelta

import pytest

from nurture.calendar import last_days, last_week, on_day, this_fiscal_year, this_month, today
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import EnrollmentState, Origin, Purpose
from nurture.predicates import (
    OPERATORS,
    AnyOf,
    Compare,
    Consented,
    Field,
    InScenario,
    Owner,
    Quantifier,
    Word,
    describe,
    q,
)
from nurture.predicates.operators import Operand
from nurture.predicates.sentences import number
from nurture.predicates.sentences_en import SENTENCES as ENGLISH
from nurture.predicates.sentences_ja import SENTENCES as JAPANESE
from nurture.predicates.tree import Predicate

views = q.touches("page.viewed")


@pytest.mark.parametrize(
    ("predicate", "english", "japanese"),
    [
        (q.lead.title == "CTO", 'title is "CTO"', "「title」が「CTO」である"),
        (q.account.employees >= 50, "the account's employees is at least 50", "会社の「employees」が50以上である"),
        (q.lead.x.is_in(["a", "b"]), 'x is one of "a", "b"', "「x」が「a」、「b」のいずれかである"),
        (q.lead.x.is_present(), "x is present", "「x」が入力済みである"),
        (views.never(), "no page.viewed", "page.viewedが一度もない"),
        (
            views.within(days=14).count() >= 3,
            "at least 3 page.viewed in the last 14 days",
            "過去14日以内のpage.viewedが3回以上",
        ),
        (
            views.where(q.prop("path") == "/").on("web"),
            'at least 1 page.viewed (path is "/", on web)',
            "page.viewed（「path」が「/」である、経路がweb）が1回以上",
        ),
        (
            q.touches().within(hours=36),
            "at least 1 fact (by the lead) in the last 1 day 12 hours",
            "過去1日12時間以内の行動（本人によるもの）が1回以上",
        ),
        (
            views.by(Origin.HOST).last(q.prop("p") == 1),
            "the newest page.viewed (by the host) is one where p is 1",
            "最新のpage.viewed（自社システムによるもの）で「p」が1である",
        ),
        (q.score("warm") >= 40, "the score warm is at least 40", "スコア「warm」が40以上である"),
        (q.stage != "new", "the stage is not new", "購買段階が「new」ではない"),
        (q.stage.is_in(["a", "b"]), "the stage is a or b", "購買段階が「a」か「b」である"),
        (
            q.time_in_stage > timedelta(days=30),
            "in the stage for more than 30 days",
            "今の購買段階になってから30日より長く経っている",
        ),
        (~q.segment("hot"), "not in the segment hot", "セグメント「hot」に属さない"),
        (q.everyone, "everyone", "全員"),
        (AnyOf(()), "nobody", "該当なし"),
        (
            (q.stage == "a") & (views | q.segment("hot")),
            "the stage is a and (at least 1 page.viewed or in the segment hot)",
            "購買段階が「a」である、かつ（page.viewedが1回以上、またはセグメント「hot」に属する）",
        ),
        (
            q.lead.created_at < datetime(2026, 3, 1, 9, tzinfo=UTC),
            "created_at is before 2026-03-01 09:00 UTC",
            "「created_at」が2026年3月1日 09:00 UTCより前である",
        ),
    ],
)
def test_a_predicate_in_words(predicate, english: str, japanese: str) -> None:
    assert describe(predicate) == english
    assert describe(predicate, "ja") == describe(predicate, "ja-JP") == japanese


def test_braces_in_a_name_are_said_as_they_stand() -> None:
    assert describe(q.lead["{value}"] == "{field}") == '{value} is "{field}"'


DAY = timedelta(days=1)
bought = q.touches("purchase.made").within(days=90)


@pytest.mark.parametrize(
    ("predicate", "english", "japanese"),
    [
        # values
        (
            q.account.usage >= 0.8 * q.account.plan,
            "the account's usage is at least 0.8 times the account's plan",
            "会社の「usage」が会社の「plan」の0.8倍以上である",
        ),
        (q.lead.a == q.lead.b, "a is b", "「a」が項目「b」である"),
        (q.lead.a.is_true(), "a is yes", "「a」がはいである"),
        (q.lead.a.between(1, 5), "a is between 1 and 5", "「a」が1〜5の範囲にある"),
        (
            q.lead.a.between(date(2026, 3, 1), date(2026, 3, 31)),
            "a is between 2026-03-01 and 2026-03-31",
            "「a」が2026年3月1日〜2026年3月31日の範囲にある",
        ),
        (q.lead.a.not_in(["x", "y"]), 'a is known and is none of "x", "y"', "「a」が「x」、「y」のいずれでもない"),
        (
            q.lead.a.equals("CTO", ignore_case=True),
            'a is "CTO" (in whatever case)',
            "「a」が「CTO」である（大文字小文字を区別しない）",
        ),
        (q.lead.a > 1234567.5, "a is above 1234567.5", "「a」が1234567.5より大きい"),
        (q.lead.a >= 1e6, "a is at least 1000000", "「a」が1000000以上である"),
        (q.lead.a >= date(2026, 3, 1), "a is at or after 2026-03-01", "「a」が2026年3月1日以降である"),
        (
            q.lead.a <= datetime(2026, 3, 1, 9, 0, 30, tzinfo=UTC),
            "a is at or before 2026-03-01 09:00:30 UTC",
            "「a」が2026年3月1日 09:00:30 UTC以前である",
        ),
        (q.in_list("spring"), 'lists contains "spring"', "「lists」に「spring」が含まれる"),
        # facts
        (
            q.touches().within(days=1).count() >= 3,
            "at least 3 facts (by the lead) in the last 1 day",
            "過去1日以内の行動（本人によるもの）が3回以上",
        ),
        (q.touches("email.*").never(), "no email.*", "email.で始まる行動が一度もない"),
        (q.touches("page.viewed").during(today()), "at least 1 page.viewed today", "今日のpage.viewedが1回以上"),
        (
            q.touches("page.viewed").during(last_days(7)),
            "at least 1 page.viewed in the last 7 days",
            "直近7日間のpage.viewedが1回以上",
        ),
        (
            q.touches("page.viewed").during(on_day(date(2026, 3, 1))),
            "at least 1 page.viewed on 1 March 2026",
            "2026年3月1日のpage.viewedが1回以上",
        ),
        (
            q.touches("page.viewed").older_than(days=7),
            "at least 1 page.viewed at least 7 days ago",
            "7日以上前のpage.viewedが1回以上",
        ),
        (
            q.touches("page.viewed").within(days=14).older_than(days=7),
            "at least 1 page.viewed in the last 14 days but not in the last 7 days",
            "過去14日以内（直近7日を除く）のpage.viewedが1回以上",
        ),
        (
            q.touches("page.viewed").during(this_fiscal_year(zone="account"), starts=q.account.month),
            "at least 1 page.viewed this fiscal year (years begin in the month of the account's month) "
            "(in the account's time zone)",
            "今年度（年度の開始月は会社の「month」）（会社の現地時間）のpage.viewedが1回以上",
        ),
        (
            bought.sum("amount") >= 10_000,
            "the sum of amount over purchase.made in the last 90 days is at least 10000",
            "過去90日以内のpurchase.madeの「amount」の合計が10000以上である",
        ),
        (
            bought.max("amount") < 3,
            "the greatest amount of purchase.made in the last 90 days is below 3",
            "過去90日以内のpurchase.madeの「amount」の最大値が3より小さい",
        ),
        (
            bought.average("amount") != 3,
            "the average amount of purchase.made in the last 90 days is not 3",
            "過去90日以内のpurchase.madeの「amount」の平均が3以外である",
        ),
        (
            bought.distinct("item") >= 2,
            "at least 2 different values of item among purchase.made in the last 90 days",
            "過去90日以内のpurchase.madeの「item」が2種類以上",
        ),
        (
            bought.trend() >= 1.5,
            "purchase.made in the last 90 days: at least 1.5 times as many as in the 90 days before",
            "過去90日以内のpurchase.madeがその前の90日の1.5倍以上",
        ),
        (
            bought.first(q.prop("item") == "a"),
            'the oldest purchase.made in the last 90 days is one where item is "a"',
            "過去90日以内の最初のpurchase.madeで「item」が「a」である",
        ),
        (
            bought.since_last() >= timedelta(days=30),
            "the newest purchase.made in the last 90 days was at least 30 days ago",
            "過去90日以内の最新のpurchase.madeから30日以上経っている",
        ),
        (
            q.touches("deal.changed").newest_per("deal").where(q.prop("state") == "open").count() >= 1,
            'at least 1 deal.changed (only the newest of each deal, state is "open")',
            "deal.changed（「deal」ごとに最新のもの、「state」が「open」である）が1回以上",
        ),
        (
            q.touches("page.viewed").then(q.touches("form.submitted"), within=timedelta(days=7)),
            "page.viewed and then form.submitted within 7 days",
            "page.viewedの後、7日以内にform.submittedがある",
        ),
        (
            q.touches("page.viewed").then_no(q.touches("form.submitted"), within=timedelta(days=7)),
            "page.viewed and then no form.submitted within 7 days",
            "page.viewedの後、7日以内にform.submittedがない",
        ),
        # standing
        (q.grade("warm") >= "B", "the grade by warm is B or better", "「warm」の評価がB以上である"),
        (q.grade("warm") < "B", "the grade by warm is worse than B", "「warm」の評価がBより低い"),
        (
            q.time_in_segment("hot") < DAY,
            "in the segment hot for less than 1 day",
            "セグメント「hot」に入ってからまだ1日経っていない",
        ),
        (q.scenario("welcome").is_active(), "in the scenario welcome, active", "シナリオ「welcome」が進行中である"),
        (
            ~q.scenario("welcome").is_active(),
            "not in the scenario welcome, active",
            "シナリオ「welcome」が進行中ではない",
        ),
        (
            q.scenario("w").is_in(["completed", "reached_goal"]),
            "in the scenario w, completed or reached goal",
            "シナリオ「w」が完了か目標達成である",
        ),
        (q.consent().given(), "has agreed to marketing by email", "メールでの販促案内の受け取りに同意している"),
        (
            q.consent("news").unsubscribed(),
            "has unsubscribed from marketing by email (topic news)",
            "メールでの販促案内（「news」）を本人が配信停止した",
        ),
        (
            q.consent("news", entity="sister company").given(),
            'has agreed to marketing by email (topic news) from "sister company"',
            "「sister company」からのメールでの販促案内（「news」）の受け取りに同意している",
        ),
        (
            q.consent(purpose="profiling").refused(),
            "has refused profiling",
            "プロファイリングを断っている",
        ),
        (
            q.bucket("spring", 0, 12.5),
            "in the share from 0% to 12.5% of spring",
            "「spring」の無作為割り当てで0%以上12.5%未満に入る",
        ),
        # dates
        (q.lead.due.during(today()), "due is today", "「due」が今日である"),
        (q.lead.due.during(this_month()), "due is within this month", "「due」が今月に含まれる"),
        (
            q.lead.due.during(last_week()),
            "due is within last week (weeks begin on Monday)",
            "「due」が先週（月曜始まり）に含まれる",
        ),
        (q.lead.born.anniversary(), "today is an anniversary of born", "今日が「born」の記念日である"),
        (
            q.lead.born.anniversary(before=3),
            "today is at most 3 days before an anniversary of born",
            "今日が「born」の記念日の3日前から当日までに当たる",
        ),
        (
            q.lead.born.anniversary(after=1),
            "today is at most 1 day after an anniversary of born",
            "今日が「born」の記念日の当日から1日後までに当たる",
        ),
        (
            q.lead.born.anniversary(before=3, after=1),
            "today is at most 3 days before and 1 day after an anniversary of born",
            "今日が「born」の記念日の3日前から1日後までに当たる",
        ),
        (q.lead.born.age() >= 1, "at least 1 full year since born", "「born」から満1年以上である"),
        (q.lead.due.ago() >= timedelta(days=30), "due is at least 30 days ago", "「due」から30日以上経っている"),
        (
            q.lead.due.ahead(zone="Asia/Tokyo") <= timedelta(days=30),
            "due is at most 30 days ahead (in Asia/Tokyo)",
            "「due」まで30日以内である（Asia/Tokyo）",
        ),
        (
            q.held(q.lead.plan == "pro", at_least=timedelta(days=30)),
            '(plan is "pro") for at least 30 days',
            "（「plan」が「pro」である）の状態が30日以上続いている",
        ),
        (
            q.held(q.lead.plan == "pro", less_than=timedelta(days=30)),
            '(plan is "pro") for less than 30 days',
            "（「plan」が「pro」である）の状態になって30日未満である",
        ),
        # accounts
        (q.account.leads.count() >= 3, "at least 3 people at the account", "会社のリードが3人以上いる"),
        (
            q.account.leads.where(q.touches("page.viewed")).count() == 0,
            "nobody at the account with (at least 1 page.viewed)",
            "会社のリードのうち（page.viewedが1回以上）に当てはまる人がいない",
        ),
        (
            q.account.matches(q.score("fit") > 3),
            "of the account: (the score fit is above 3)",
            "会社が（スコア「fit」が3より大きい）に当てはまる",
        ),
        (~(q.lead.a == 1), "not (a is 1)", "（「a」が1である）に当てはまらない"),
        # what a run began with
        (q.entry.rank == "A", 'the entry\'s rank is "A"', "開始時の「rank」が「A」である"),
        (
            q.lead.seats >= 2 * q.entry.plan.seats,
            "seats is at least 2 times the entry's plan.seats",
            "「seats」が開始時の「plan.seats」の2倍以上である",
        ),
        (
            q.entry.campaign.starts_at.ahead() <= timedelta(days=3),
            "the entry's campaign.starts_at is at most 3 days ahead",
            "開始時の「campaign.starts_at」まで3日以内である",
        ),
        (
            views.where(q.prop("seminar") == q.entry.seminar),
            "at least 1 page.viewed (seminar is the entry's seminar)",
            "page.viewed（「seminar」が開始時の「seminar」である）が1回以上",
        ),
    ],
)
def test_the_richer_predicates_in_words(predicate: Predicate, english: str, japanese: str) -> None:
    assert describe(predicate) == english
    assert describe(predicate, "ja") == japanese


def test_both_languages_say_the_same_nodes() -> None:
    assert set(ENGLISH) == set(JAPANESE)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_word_of_every_table_is_said(lang: str) -> None:
    facts = q.touches("a.b").within(days=2)
    amounts = [
        facts.count(),
        facts.distinct("x"),
        facts.sum("x"),
        facts.min("x"),
        facts.max("x"),
        facts.average("x"),
        facts.trend(),
    ]
    lengths = [facts.since_first(), facts.since_last(), q.time_in_stage, q.lead.x.ago(), q.lead.x.ahead()]
    orders = [lambda a, b: a < b, lambda a, b: a <= b, lambda a, b: a > b, lambda a, b: a >= b]
    equal = [lambda a, b: a == b, lambda a, b: a != b]
    asked = [compare(term, 2) for term in [*amounts, q.score("s"), q.lead.x.age()] for compare in [*orders, *equal]]
    asked += [compare(q.grade("g"), "B") for compare in [*orders, *equal]]
    asked += [compare(term, DAY) for term in lengths for compare in orders]
    asked += [facts.first(q.prop("x") == 1), facts.last(q.prop("x") == 1)]
    asked += [InScenario("s", [state]) for state in EnrollmentState]
    asked += [
        Consented(word, purpose=purpose, channel=channel, entity=entity)
        for word in Word
        for purpose in Purpose
        if purpose is not Purpose.PROFILING
        for channel in ("email", "fax")
        for entity in ("", "sister")
    ]
    asked += [Consented(word, purpose=Purpose.PROFILING, channel="any") for word in Word]
    asked += [facts.by(origin) for origin in Origin]
    given = {Operand.ONE: "x", Operand.MANY: ["x"], Operand.NOTHING: None}
    for row in OPERATORS.values():
        value = given.get(row.operand, (1, 2))
        asked.append(Compare(Field(Owner.LEAD, "f"), row.name, value if "text" in row.takes or value != "x" else 1))
    said = [describe(one, lang) for one in asked]
    assert len(set(said)) == len(said)  # no two questions sound alike
    assert {one.quantifier for one in asked if hasattr(one, "quantifier")} == set(Quantifier)


def test_a_long_list_is_cut() -> None:
    many = q.lead.x.is_in(range(25))
    assert describe(many) == f"x is one of {', '.join(map(str, range(20)))} and 5 more"
    assert describe(many, "ja").endswith("19ほか5件のいずれかである")
    assert describe(q.lead.x.is_in([])) == "x is one of –"


def test_what_is_no_predicate_is_refused() -> None:
    with pytest.raises(DefinitionError, match="expected a predicate made with q, found FieldTerm"):
        describe(q.lead.x)  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["en", "en-GB", "ja", "ja-JP"])
def test_a_language_is_read_by_its_beginning(lang: str) -> None:
    assert describe(q.everyone, lang) == {"e": "everyone", "j": "全員"}[lang[0]]


@pytest.mark.parametrize("lang", ["fr", "jam", "english", ""])
def test_an_unknown_language_is_refused(lang: str) -> None:
    with pytest.raises(UnknownNameError, match=rf"unknown language '{lang}'; (known: en, ja|did you mean)"):
        describe(q.everyone, lang)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1234567890123456789, "1234567890123456789"),
        (-(2**63), "-9223372036854775808"),
        (10**15, "1000000000000000"),
        (1e15, "1000000000000000"),
        (1e20, "100000000000000000000"),
        (1e300, "1e+300"),
        (0.00001, "0.00001"),
        (1e-9, "1e-09"),
        (-0.5, "-0.5"),
        (0.1, "0.1"),
        (1234567.123456789, "1234567.123456789"),
        (0.0, "0"),
        (-0.0, "0"),
        (40.0, "40"),
    ],
)
def test_a_number_is_said_in_full(value: float, said: str) -> None:
    assert number(value) == said
    assert type(value)(number(value)) == value


def test_the_condition_of_one_fact_stands_apart_from_what_follows() -> None:
    touches, x, y = q.touches("a.b"), q.prop("x") == 1, q.prop("y") == 1
    assert describe(touches.last(x | y)) == "the newest a.b is one where (x is 1 or y is 1)"
    assert describe(touches.last(x) | (q.lead.y == 1)) == "the newest a.b is one where x is 1 or y is 1"
    assert describe(touches.first(x & y), "ja") == "最初のa.bで（「x」が1である、かつ「y」が1である）"


@pytest.mark.parametrize(
    ("predicate", "english", "japanese"),
    [
        (q.lead.x == 'a" or y is "b', r'x is "a\" or y is \"b"', '「x」が「a" or y is "b」である'),
        (q.lead.x == "\\", r'x is "\\"', "「x」が「\\」である"),
        (
            q.lead.x == "a」である、または「y」が「b",
            'x is "a」である、または「y」が「b"',
            "「x」が「a」」である、または「y」」が「b」である",
        ),
        (q.segment("a or everyone"), 'in the segment "a or everyone"', "セグメント「a or everyone」に属する"),
        (q.stage == "everyone", 'the stage is "everyone"', "購買段階が「everyone」である"),
        (q.touches("a.b").on('web, "x"'), r'at least 1 a.b (on "web, \"x\"")', 'a.b（経路が「web, "x"」）が1回以上'),
        (q.lead["a is 1 or b"] == 1, '"a is 1 or b" is 1', "「a is 1 or b」が1である"),
        (q.lead.x == q.lead.yes, "x is the field yes", "「x」が項目「yes」である"),
        (q.lead.x == q.lead["b c"], 'x is the field "b c"', "「x」が項目「b c」である"),
        (q.lead.x == q.entry.yes, "x is the entry's yes", "「x」が開始時の「yes」である"),
        (q.lead["the entry's x"] == 1, '"the entry\'s x" is 1', "「the entry's x」が1である"),
        (q.entry["x is 1 or b"] == 1, 'the entry\'s "x is 1 or b" is 1', "開始時の「x is 1 or b」が1である"),
    ],
)
def test_no_text_can_be_taken_for_a_part_of_the_sentence(predicate: Predicate, english: str, japanese: str) -> None:
    assert describe(predicate) == english
    assert describe(predicate, "ja") == japanese

"""C. From a document to inside sales, and back (資料請求・リサイクル): what is returned comes again at the right time.

The numbers in the comments are those of the written plan. Imports `nurture` and the house.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from examples.scenarios.c_letters import MESSAGES, PRODUCTS
from examples.scenarios.crowd import crowd
from examples.scenarios.house import NIGHT, OFFICE, ZONE, at
from nurture import (
    JAPAN,
    Attribute,
    ContactPolicy,
    Lifecycle,
    Member,
    Nurture,
    Program,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    Spacing,
    Stage,
    Transition,
    civil,
    days,
    hours,
    minutes,
    q,
)
from nurture.steps import (
    assign,
    branch,
    cases,
    change_stage,
    exit_,
    goal,
    jump,
    mark,
    send,
    send_first,
    task,
    wait,
    wait_for_any,
    wait_until,
)

if TYPE_CHECKING:
    from examples.scenarios.year import Year
    from nurture import Touchpoint
    from nurture.predicates import Predicate

WEST = q.lead.prefecture.is_in(["大阪府", "福岡県"])

DOCUMENT = Scenario(  # 1
    "document",
    on=q.touches("document.requested"),
    reentry="always",
    reentry_after=days(90),
    title="資料請求",
    steps=[send("paper", max_lateness=days(1)), wait(civil(business_days=2, at="10:00"))],
)


def _looked_at(product: str) -> Predicate:
    return q.touches("page.viewed").where(q.prop("product") == product).within(days=7).count() >= 2


INTEREST = Scenario(  # 2
    "interest",
    on=q.any_of(*(_looked_at(name) for name in PRODUCTS)),
    only_if=q.touches("document.requested"),
    reentry="always",
    reentry_after=days(14),
    title="製品への関心",
    steps=[send_first(*((f"product_{name}", _looked_at(name)) for name in PRODUCTS), unread=False)],
)

LATE = task("初回架電の遅れを確認", owner="manager", due=civil(business_hours=4), outcomes={})
HANDOVER = Scenario(  # 4 and 5
    "handover",
    on=q.stage == "mql",
    reentry="always",
    title="インサイドセールスへの引き渡し",
    steps=[
        branch(WEST, then=[assign(among=["suzuki"])], otherwise=[assign(among={"sato": 2, "inside": 1})]),
        task("初回架電", due=civil(business_hours=4), outcomes={"架電済": []}, overdue=[LATE]),
        wait_for_any(
            civil(business_days=2),
            accepted=(
                q.touches("mql.accepted"),
                [change_stage("sal", reason="インサイドセールスが受け入れ"), goal("受け入れ")],
            ),
            returned=(q.touches("mql.returned"), [exit_("返却")]),
            otherwise=[task("受け入れの判断を催促", owner="manager", due=civil(business_days=1), outcomes={})],
        ),
    ],
)

REASONS = ("時期尚早", "予算なし", "競合採用", "連絡不可")
RETURNED = Scenario(  # 7
    "returned",
    on=q.touches("mql.returned"),
    reentry="always",
    title="返却",
    steps=[
        cases(
            **{one: (q.entry.reason == one, [change_stage("recycled", reason=one)]) for one in REASONS},
            otherwise=[change_stage("disqualified", reason="対象外")],
        )
    ],
)
RECYCLE = Scenario(  # 6
    "recycle",
    on=q.touches("mql.returned"),
    reentry="restart",
    exit=q.touches("mql.accepted"),
    title="リサイクル",
    steps=[
        cases(
            時期尚早=(
                q.entry.reason == "時期尚早",
                [wait_until(q.entry.planned_on, civil(months=-2, roll="forward", at="10:00"))],
            ),
            予算なし=(
                q.entry.reason == "予算なし",
                [wait_until(q.account.fiscal_year_on, civil(months=-5, roll="forward", at="10:00"))],
            ),
            競合採用=(
                q.entry.reason == "競合採用",
                [wait_until(q.entry.contract_ends_on, civil(months=-6, roll="forward", at="10:00"))],
            ),
            連絡不可=(
                q.entry.reason == "連絡不可",
                [
                    wait(civil(weeks=2, business_days=0, at="10:00")),
                    send("drip_1"),
                    wait(civil(weeks=2, business_days=0, at="10:00")),
                    send("drip_2"),
                    exit_("連絡不可"),
                ],
            ),
            otherwise=[exit_("対象外")],
        ),
        send("time_to_talk"),
        task("再提案のお電話", due=civil(business_days=2), outcomes={}),
    ],
)

SILENT = q.touches().within(days=60).never()
WIN_BACK = Scenario(  # 8
    "win_back",
    on=q.segment("silent"),
    reentry="always",
    reentry_after=days(60),
    goal=q.touches("email.clicked"),
    while_entered=True,
    title="掘り起こし",
    steps=[
        wait(civil(business_days=0, at="10:00")),
        mark("again"),
        send_first(*(f"win_back_{number}" for number in (1, 2, 3, 4)), misfire="now"),
        wait(days(30)),
        jump("again", at_most=3, otherwise=[exit_("反応なし")]),
    ],
)


def _left_unanswered(number: int) -> Predicate:
    """That somebody silent had so many mails that were to win them back."""
    letters = q.touches("email.sent").where(q.prop("name").starts_with("win_back_")).within(days=365)
    return SILENT & (letters.count() >= number)


ENGAGEMENT = ScoreModel(  # 3
    "engagement",
    [
        ScoreRule(q.touches("document.requested"), 20, cap=2, name="資料請求"),
        ScoreRule(q.touches("page.viewed"), 4, cap=15, name="ページ閲覧"),
        ScoreRule(q.touches("email.clicked"), 8, cap=5, name="メールのクリック"),
    ],
    half_life=days(21),
    floor=0,
)
FIT = ScoreModel(
    "fit",
    [
        ScoreRule(q.lead.title.is_in(["部長", "取締役"]), 40, name="決裁に近い役職"),
        ScoreRule(q.lead.title.is_in(["課長", "係長", "主任"]), 25, name="検討する役職"),
        ScoreRule(q.account.employees >= 100, 30, name="100名以上"),
    ],
    grades={"A": 60, "B": 40, "C": 20, "D": 0},
)

PROGRAM = Program(
    name="recycling",
    lifecycle=Lifecycle(
        stages=[
            Stage("lead", "見込み"),
            Stage("mql", "有望"),
            Stage("sal", "受け入れ済み"),
            Stage("recycled", "再育成"),
            Stage("disqualified", "対象外"),
        ],
        transitions=[
            Transition("lead", "mql", when=(q.score("engagement") >= 50) & (q.grade("fit") >= "B")),  # 3
            Transition("mql", "lead", when=q.score("engagement") < 35),
            Transition("mql", "sal"),
            Transition("mql", "recycled", reason_required=True),  # 7
            Transition("mql", "disqualified", reason_required=True),
            Transition("recycled", "lead", when=q.score("engagement") < 35),  # only who cooled down can be hot again
        ],
    ),
    scores=[ENGAGEMENT, FIT],
    segments=[
        Segment(
            "silent",
            SILENT
            & q.touches("document.requested")
            & q.stage.is_in(["lead", "recycled"])
            & ~q.scenario("recycle").is_active()  # for them there is an appointment already
            & q.touches("email.sent").where(q.prop("name") == "time_to_talk").within(days=60).never(),
            title="60日間反応のない方",
        )
    ],
    messages=MESSAGES,
    scenarios=[DOCUMENT, INTEREST, HANDOVER, RETURNED, RECYCLE, WIN_BACK],
    attributes=[
        Attribute("prefecture", title="都道府県"),
        Attribute("fiscal_year_on", "date", subject="account", title="次の期首"),
    ],
    policy=ContactPolicy(
        spacing=Spacing(  # 8
            days(1),
            grows=[
                (_left_unanswered(3), days(90)),
                (_left_unanswered(2), days(60)),
                (_left_unanswered(1), days(30)),
            ],
        ),
        quiet=NIGHT,
        open_days_only=True,
        jurisdiction="JP",
        jurisdictions=JAPAN,
    ),
    zone=ZONE,
    calendar=OFFICE,
    locale="ja",
)


def call_list(crm: Nurture, owner: str, most: int = 30) -> Iterable[Member]:
    """Whom an owner calls today (4): at most so many, the best score first."""
    mine = (q.stage == "mql") & (q.lead.owner == owner)
    return crm.members(mine, order_by=q.score("engagement").desc(), limit=most)


CAST = {
    # who: (title, prefecture, requested at)
    "reader": ("担当", "東京都", "2026-04-06 11:00"),
    "again": ("担当", "東京都", "2026-04-06 11:00"),
    "hot": ("部長", "東京都", "2026-05-11 10:00"),
    "unfit": ("担当", "東京都", "2026-05-11 10:00"),
    "uncalled": ("部長", "大阪府", "2026-05-15 15:00"),
    "too-early": ("部長", "東京都", "2026-05-12 10:00"),
    "no-budget": ("部長", "東京都", "2026-05-12 10:00"),
    "rival": ("部長", "東京都", "2026-05-12 10:00"),
    "unreachable": ("部長", "東京都", "2026-05-12 10:00"),
    "wrong": ("部長", "東京都", "2026-05-12 10:00"),
    "silent": ("担当", "東京都", "2026-04-08 11:00"),
    "woken": ("担当", "東京都", "2026-04-08 11:00"),
}
"""The people of whom the tests tell what becomes."""
_RETURNS: dict[str, dict[str, str | date]] = {
    "too-early": {"reason": "時期尚早", "planned_on": date(2026, 11, 1)},
    "no-budget": {"reason": "予算なし"},
    "rival": {"reason": "競合採用", "contract_ends_on": date(2027, 3, 31)},
    "unreachable": {"reason": "連絡不可"},
    "wrong": {"reason": "対象外"},
}


def play(year: Year, size: int = 300) -> Year:
    """Documents are requested all year.

    Args:
        year: A year that has not begun.
        size: How many request one besides the cast.
    """
    for who, (title, prefecture, requested) in CAST.items():
        _request(year, who, "見本", "一郎", title, prefecture, at(requested))
    for who in ("hot", "unfit", "uncalled", *_RETURNS):
        _warms_up(year, who, at(CAST[who][2]) + minutes(10))
    for when, product in (
        ("2026-04-13 11:00", "kintai"),
        ("2026-04-14 11:00", "kintai"),
        ("2026-04-23 11:00", "keihi"),
        ("2026-04-24 11:00", "keihi"),
        ("2026-05-18 11:00", "koubai"),
        ("2026-05-19 11:00", "koubai"),
    ):
        year.fact("reader", "page.viewed", at(when), {"path": f"/products/{product}", "product": product})
    for when in ("2026-05-06 11:00", "2026-07-20 11:00"):
        year.fact("again", "document.requested", at(when), {"document": "guide"})
    for when in ("2026-09-01 11:00", "2026-09-02 11:00"):
        _warms_up(year, "unreachable", at(when))
    for one in crowd(size):
        began = at("2026-04-02 09:00") + timedelta(days=year.random.uniform(0, 330))
        _request(year, one.key, one.family_name, one.given_name, one.title, one.prefecture, began)
        if year.random.random() < 0.4:
            _warms_up(year, one.key, began + hours(year.random.uniform(1, 200)))
    year.habit("task.created", lambda fact: _work(year, fact))
    year.habit("email.sent", lambda fact: _read(year, fact))
    return year.run()


def _request(year: Year, who: str, family: str, given: str, title: str, prefecture: str, when: datetime) -> None:
    name = f"株式会社{family}製作所"
    year.company(f"{who}-inc", name, employees=120, attributes={"fiscal_year_on": date(2027, 4, 1)})
    year.person(
        who,
        when,
        of=f"{who}-inc",
        family_name=family,
        given_name=given,
        title=title,
        company=name,
        consent="consent",
        source="document form",
        attributes={"prefecture": prefecture},
    )
    year.fact(who, "document.requested", when, {"document": "guide"})


def _warms_up(year: Year, who: str, when: datetime) -> None:
    """Ten pages within ten minutes."""
    for number in range(10):
        year.fact(who, "page.viewed", when + minutes(number), {"path": f"/features/{number}"})


def _work(year: Year, fact: Touchpoint) -> None:
    """Inside sales: a first call, and what comes of it."""
    who = year.names[fact.subject]
    if fact.properties["title"] != "初回架電" or who == "uncalled":
        return
    year.closes(fact, hours(1), "架電済")
    if who in CAST:
        said = _RETURNS.get(who)
    else:
        reason = year.luck(fact).choice([None, *REASONS, "対象外"])
        said = None if reason is None else {"reason": reason}
    if said is None:
        year.after(fact, hours(3), lambda: year.crm.record(fact.subject, "mql.accepted", origin="host"))
    else:
        year.after(fact, hours(3), lambda: year.crm.record(fact.subject, "mql.returned", said, origin="host"))


def _read(year: Year, fact: Touchpoint) -> None:
    """Readers answer some of their mail."""
    who, name, luck = year.names[fact.subject], fact.properties["name"], year.luck(fact)
    if who == "woken" and name == "win_back_2":
        year.clicks(fact, hours(2))
    elif who not in CAST and luck.random() < 0.1:
        year.clicks(fact, hours(luck.uniform(0.1, 40)))

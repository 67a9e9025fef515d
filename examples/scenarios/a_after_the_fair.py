"""A. After the fair (展示会後フォロー): 600 cards of three days, imported that night.

The numbers in the comments are those of the program's written plan. Imports `nurture` and the house.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from examples.scenarios.a_letters import BLOCKS, MESSAGES
from examples.scenarios.crowd import crowd
from examples.scenarios.house import FIRST_LETTER, NIGHT, OFFICE, ZONE, at
from nurture import (
    JAPAN,
    Attribute,
    Cap,
    ContactPolicy,
    Lifecycle,
    Program,
    Recurrence,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    Stage,
    Transition,
    civil,
    days,
    double_opt_in,
    hours,
    q,
)
from nurture.model import DOUBLE_OPT_IN
from nurture.program import Asked, on_schedule
from nurture.steps import (
    adjust_score,
    assign,
    branch,
    cases,
    change_stage,
    enroll,
    exit_,
    goal,
    jump,
    mark,
    notify,
    send,
    send_first,
    split,
    tag,
    task,
    wait,
    wait_for_any,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from examples.scenarios.year import Year
    from nurture import Touchpoint
    from nurture.model import Value

OPEN_DEAL = q.account.matches(q.touches("deal.changed").newest_per("deal").where(q.prop("state") == "open"))

TO_SALES = (
    change_stage("mql", reason="展示会後に関心を示された"),
    assign(by=q.lead.prefecture, to={"大阪府": "suzuki", "福岡県": "suzuki"}, otherwise="sato"),
)
CALL = (
    mark("call"),
    task(
        "展示会のお礼のお電話",
        due=civil(business_days=2),
        deadline=civil(business_days=5),
        outcomes={
            "商談化": [change_stage("opportunity", reason="お電話で商談化"), goal("商談化")],
            "再架電": [wait_until(q.lead.call_again_on, civil(at="10:00")), jump("call", at_most=5)],
            "NG": [exit_("NG")],
            "不在": [
                wait(civil(business_days=1, at="10:00")),
                jump("call", at_most=2, otherwise=[send("we_called")]),
            ],
        },
    ),
)

AFTER_THE_FAIR = Scenario(
    "after_the_fair",
    on=q.touches("card.exchanged"),
    key="event",
    goal=q.touches("deal.created"),  # 8
    title="展示会後フォロー",
    steps=(
        cases(  # 1
            open_deal=(OPEN_DEAL, [notify("met_at_the_fair", params={"event": q.entry.event}), exit_("商談中")]),
            outsider=(q.lead.relation.is_in(["競合", "学生"]), [exit_("対象外")]),
            customer=(
                q.lead.relation == "顧客",
                [task("ご来場のお礼", due=civil(business_days=2), outcomes={}), exit_("既存のお客様")],
            ),
        ),
        branch(  # 2
            q.entry.basis == "badge",
            then=[
                enroll(DOUBLE_OPT_IN, key=Asked(source="fair").key()),
                wait_for_any(days(14), agreed=(q.consent().given(), []), otherwise=[exit_("同意なし")]),
            ],
        ),
        wait(civil(business_days=1, at="10:00")),  # 3
        send("thanks", params={"event": q.entry.event}),
        cases(  # 4 and 5
            A=(q.entry.rank == "A", [adjust_score("engagement", 20), *CALL]),
            B=(q.entry.rank == "B", [adjust_score("engagement", 10)]),
            C=(q.entry.rank == "C", [adjust_score("engagement", 5)]),
        ),
        wait(civil(business_days=4, at="10:00")),  # 6
        send_first(
            ("case_factory", q.account.industry == "製造"),
            ("case_logistics", q.account.industry == "物流"),
            ("case_retail", q.account.industry == "小売"),
            "case_general",
        ),
        wait_for_any(  # 7
            days(10),
            clicked=(q.touches("email.clicked"), TO_SALES),
            priced=(q.touches("page.viewed").where(q.prop("path").starts_with("/pricing")), TO_SALES),
            otherwise=[
                split("webinar or paper", webinar=(50, [send("webinar")]), paper=(50, [send("white_paper")])),
            ],
        ),
        wait_until(q.entry.met_on, civil(days=90, at="10:00")),  # 8
        tag("newsletter"),
    ),
)

NEWSLETTER = Scenario(
    "newsletter",
    on=on_schedule(
        Recurrence("FREQ=MONTHLY;BYDAY=1TU", start=FIRST_LETTER, zone=ZONE, roll="forward"),
        q.segment("readers"),
    ),
    title="見本だより",
    steps=[send("newsletter")],
)

PROGRAM = Program(
    name="after-the-fair",
    lifecycle=Lifecycle(
        stages=[Stage("new", "新規"), Stage("mql", "有望"), Stage("opportunity", "商談")],
        transitions=[
            Transition("new", "mql"),
            Transition("new", "opportunity", when=q.touches("deal.created")),
            Transition("mql", "opportunity", when=q.touches("deal.created")),
        ],
    ),
    scores=[ScoreModel("engagement", [ScoreRule(q.touches("email.clicked"), 8, cap=5)], half_life=days(21), floor=0)],
    segments=[Segment("readers", q.lead.tags.has_any(["newsletter"]), title="見本だよりの読者")],
    messages=MESSAGES,
    blocks=BLOCKS,
    scenarios=[
        AFTER_THE_FAIR,
        NEWSLETTER,
        double_opt_in("may_we_write", deadline=days(14)),
    ],
    attributes=[
        Attribute("relation", title="関係"),
        Attribute("prefecture", title="都道府県"),
        Attribute("call_again_on", "date", title="再架電日"),
    ],
    policy=ContactPolicy(
        caps=Cap(2, days(7)), quiet=NIGHT, open_days_only=True, jurisdiction="JP", jurisdictions=JAPAN
    ),
    zone=ZONE,
    calendar=OFFICE,
    locale="ja",
)

EVENT, MET_ON = "春の業務改善展", date(2026, 5, 20)
IMPORTED = at("2026-05-22 20:00")
"""The night of the third day, a Friday."""

CAST = {
    # who: (relation, basis, rank, memo, prefecture)
    "in-a-deal": ("", "card", "A", "", "東京都"),
    "rival": ("競合", "card", "C", "", "東京都"),
    "student": ("学生", "badge", "C", "", "東京都"),
    "customer": ("顧客", "card", "A", "", "東京都"),
    "badge-yes": ("", "badge", "B", "", "東京都"),
    "badge-no": ("", "badge", "B", "", "東京都"),
    "met": ("", "card", "A", "価格について", "東京都"),
    "call-again": ("", "card", "A", "連携について", "東京都"),
    "never-in": ("", "card", "A", "", "東京都"),
    "refuses": ("", "card", "A", "", "東京都"),
    "uncalled": ("", "card", "A", "", "東京都"),
    "clicker": ("", "card", "B", "", "大阪府"),
    "pricing": ("", "card", "C", "", "東京都"),
    "scanner": ("", "card", "C", "", "東京都"),
    "quiet": ("", "card", "C", "", "東京都"),
    "winner": ("", "card", "B", "", "東京都"),
}
"""The people of whom the tests tell what becomes."""
_ANSWERS = {"met": ["商談化"], "call-again": ["再架電", "商談化"], "never-in": ["不在"] * 3, "refuses": ["NG"]}


def play(year: Year, size: int = 600) -> Year:
    """What happens at the fair and after it.

    Args:
        year: A year that has not begun.
        size: How many cards there are besides the cast's; every seventh is of somebody known.
    """
    for who, (relation, basis, rank, memo, prefecture) in CAST.items():
        year.company(f"{who}-inc", f"株式会社{who}", industry="製造", owner="sato")
        _visits(year, who, relation=relation, basis=basis, rank=rank, memo=memo, prefecture=prefecture)
    year.fact("in-a-deal-inc", "deal.changed", at("2026-04-20 11:00"), {"deal": "d-1", "state": "open"}, by="host")
    year.fact("pricing", "page.viewed", at("2026-06-03 13:00"), {"path": "/pricing/plans"})
    year.fact("winner", "deal.created", at("2026-07-01 15:00"), {"deal": "d-2"}, by="host")
    for number, one in enumerate(crowd(size)):
        year.company(f"{one.key}-inc", one.company, industry=one.industry, owner="sato")
        if number % 7 == 0:  # known before
            _known(year, one.key, one.family_name, one.given_name, one.title)
        rank, basis = year.random.choice("ABBCCC"), "badge" if number % 10 == 0 else "card"
        _visits(
            year, one.key, one.family_name, one.given_name, one.title, basis=basis, rank=rank, prefecture=one.prefecture
        )
    answers = {who: iter(some) for who, some in _ANSWERS.items()}
    year.habit("task.created", lambda fact: _work(year, fact, answers))
    year.habit("email.sent", lambda fact: _read(year, fact))
    return year.run()


def _known(year: Year, who: str, family: str, given: str, title: str) -> None:
    year.person(who, at("2026-04-10 12:00"), of=f"{who}-inc", family_name=family, given_name=given, title=title)


def _visits(
    year: Year,
    who: str,
    family: str = "見本",
    given: str = "太郎",
    title: str = "課長",
    *,
    relation: str = "",
    basis: str,
    rank: str,
    memo: str = "",
    prefecture: str,
) -> None:
    year.person(
        who,
        IMPORTED,
        of=f"{who}-inc",
        family_name=family,
        given_name=given,
        title=title,
        owner="sato",
        source="fair",
        attributes={"prefecture": prefecture, **({"relation": relation} if relation else {})},
        consent="paper_card" if basis == "card" else None,
    )
    card: dict[str, Value] = {"event": EVENT, "met_on": MET_ON, "basis": basis, "rank": rank, "memo": memo}
    year.fact(who, "card.exchanged", IMPORTED, card)


def _work(year: Year, fact: Touchpoint, answers: Mapping[str, Iterator[str]]) -> None:
    """Inside sales calls: the cast as it is written, the crowd by chance."""
    if fact.properties["title"] != "展示会のお礼のお電話":
        return
    who = year.names[fact.subject]
    if who not in CAST:
        outcome = year.luck(fact).choices(["商談化", "NG", "不在", ""], [2, 2, 4, 1])[0]
    else:
        outcome = next(answers.get(who, iter(())), "")
    if outcome:
        again = {"call_again_on": date(2026, 6, 10)} if outcome == "再架電" else None
        year.closes(fact, hours(5), outcome, again)


def _read(year: Year, fact: Touchpoint) -> None:
    """Readers answer some of their mail."""
    who, name, luck = year.names[fact.subject], fact.properties["name"], year.luck(fact)
    if name == "may_we_write":
        if who == "badge-yes" or (who not in CAST and luck.random() < 0.5):
            year.confirms(fact, days(3))
    elif who == "clicker" and name == "case_factory":
        year.clicks(fact, hours(2))
    elif who == "scanner":
        year.clicks(fact, timedelta(seconds=3), suspect=True)
    elif who not in CAST and luck.random() < 0.1:
        year.clicks(fact, timedelta(minutes=luck.uniform(5, 2000)))

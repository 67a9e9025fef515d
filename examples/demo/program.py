"""What should follow from facts: the demo's program, as a host would write its own.

Two scores, a lifecycle of five stages, four segments and three scenarios. Imports `nurture` and the demo's
messages and calendar.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from examples.demo.company_days import COMPANY_DAYS
from examples.demo.messages import MESSAGES
from nurture import (
    Attribute,
    Campaign,
    Cap,
    ContactPolicy,
    Lifecycle,
    Program,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    Stage,
    Threshold,
    Transition,
    Window,
    civil,
    days,
    hours,
    q,
)
from nurture.program import Reentry
from nurture.steps import (
    Step,
    act,
    branch,
    change_stage,
    exit_,
    notify,
    send,
    set_attribute,
    split,
    tag,
    wait,
    wait_for,
)

TASK = "sales.create_task"
"""The one action of the host: write a task for sales."""

OWN_ATTRIBUTES = (
    Attribute("interest", "text", title="関心"),
    Attribute("booth_rank", "text", title="ブースでの評価"),
    Attribute("reads_our_mail", "boolean", title="メールを読む人"),
    Attribute("fiscal_year_starts_in", "integer", subject="account", title="期首月"),
)
"""What the program itself reads and sets; a user's file may bring more."""

# --- scores: what somebody is, and what somebody does ----------------------------------------------

_DECIDES = (
    q.lead.title.contains("代表")
    | q.lead.title.contains("取締役")
    | q.lead.title.contains("部長")
    | q.lead.title.contains("Director")
    | q.lead.title.contains("VP")
    | q.lead.title.contains("Head")
)
_PREPARES = q.lead.title.contains("課長") | q.lead.title.contains("次長") | q.lead.title.contains("Manager")
_WE_SERVE = q.account.industry.is_in(["manufacturing", "construction", "wholesale", "food", "logistics"])

FIT_RULES = (
    ScoreRule(_DECIDES, 30, name="decides"),
    ScoreRule(_PREPARES, 15, name="prepares decisions"),
    ScoreRule(_WE_SERVE, 20, name="an industry we serve"),
    ScoreRule(q.account.employees >= 51, 10, name="more than 50 people"),
    ScoreRule(q.account.employees >= 501, 10, name="more than 500 people"),
    ScoreRule(q.account.employees < 10, -10, name="fewer than 10 people"),
    ScoreRule(q.lead.booth_rank == "A", 20, name="rank A at the booth"),
    ScoreRule(q.lead.booth_rank == "B", 10, name="rank B at the booth"),
)
ENGAGEMENT = ScoreModel(
    "engagement",
    rules=(
        ScoreRule(q.touches("page.viewed"), 2, cap=15, name="a page"),
        ScoreRule(q.touches("page.viewed").where(q.prop("path").starts_with("/pricing")), 8, cap=3, name="pricing"),
        ScoreRule(q.touches("email.clicked"), 8, cap=6, name="a click in a mail"),
        ScoreRule(q.touches("form.submitted"), 12, cap=3, name="a form"),
        ScoreRule(q.touches("card.exchanged"), 6, cap=2, name="a business card"),
        ScoreRule(q.touches("seminar.applied"), 6, once_per="seminar", name="signed up for a seminar"),
        ScoreRule(q.touches("seminar.attended"), 22, once_per="seminar", name="came to a seminar"),
        ScoreRule(q.touches("consent.withdrawn"), -25, cap=1, name="unsubscribed"),
    ),
    half_life=days(21),
    floor=0,
    thresholds=(Threshold("warm", up=20, down=12), Threshold("hot", up=45, down=30)),
)

# --- the phases of buying --------------------------------------------------------------------------

_BOUGHT = q.touches("purchase.made")
_MET = q.touches("meeting.held").within(days=45)
_LOST = q.touches("deal.lost").within(days=90)

LIFECYCLE = Lifecycle(
    stages=(
        Stage("new", "新規"),
        Stage("engaged", "関心あり"),
        Stage("mql", "有望 (MQL)", stale_after=days(30)),
        Stage("opportunity", "商談", stale_after=days(60)),
        Stage("customer", "顧客"),
    ),
    transitions=(
        *(Transition(stage, "customer", when=_BOUGHT) for stage in ("new", "engaged", "mql", "opportunity")),
        Transition("new", "engaged", when=q.score("engagement") >= 12),
        Transition("engaged", "new", when=q.score("engagement") < 4),
        Transition(
            "engaged",
            "mql",
            when=(q.score("engagement") >= 32) & (q.score("fit") >= 30) & ~_LOST,
            guard=q.score("fit") >= 10,  # also for a step or a person that asks
        ),
        Transition("mql", "engaged", when=q.score("engagement") < 14),
        Transition("mql", "opportunity", when=_MET & ~_LOST),
        Transition("opportunity", "engaged", when=_LOST),
        Transition("opportunity", "mql", reason_required=True),  # by hand: 時期尚早, 予算なし, …
        Transition("customer", "engaged", reason_required=True),
    ),
)

# --- who belongs together ----------------------------------------------------------------------------

SILENT = Segment(
    "silent",
    q.touches().within(days=30).never()
    & q.touches("lead.created").within(days=30).never()
    & q.stage.is_in(["new", "engaged"]),
    title="30日間反応なし / silent for 30 days",
)
HOT = Segment("hot", (q.score("engagement") >= 45) & (q.score("fit") >= 30), title="今すぐ / hot")
DECIDERS = Segment("deciders", _DECIDES, title="決裁者 / decision makers")
SEMINAR_GUESTS = Segment("seminar_guests", q.touches("seminar.attended"), title="セミナー参加者 / seminar guests")

# --- what happens to them ----------------------------------------------------------------------------

_BUYING = q.stage.is_in(["opportunity", "customer"])


def _tell_sales(reason: str) -> tuple[Step, ...]:
    return (notify("hot_lead", params={"reason": reason}), act(TASK, params={"title": "call", "reason": reason}))


WELCOME = Scenario(
    "welcome",
    on=q.touches("lead.created"),
    goal=_BUYING,
    title="はじめまして / welcome",
    steps=(
        wait(minutes=5),
        branch(
            q.touches("seminar.applied"),
            then=[send("seminar_confirmation", max_lateness=hours(12))],
            otherwise=[branch(q.touches("form.submitted"), then=[send("document", max_lateness=days(1))])],
        ),
        wait(civil(business_days=1, at="10:00")),
        branch(q.touches("card.exchanged"), then=[send("thanks_card")], otherwise=[send("greeting")]),
        wait_for(
            q.touches("email.clicked"),
            civil(business_days=4, at="10:00"),
            then=[
                set_attribute("reads_our_mail", True),
                wait(days=4),
                send("webinar_invitation"),
            ],
            otherwise=[
                split(
                    "second try",
                    paper=(50, [send("case_study")]),
                    webinar=(50, [send("webinar_invitation")]),
                )
            ],
        ),
        wait(civil(business_days=5, at="10:00")),
        branch(
            (q.score("engagement") >= 20) & (q.score("fit") >= 30),
            then=[
                change_stage("mql", reason="reads and fits"),
                *_tell_sales("お役職・業種が合い、よくご覧になっています"),
                exit_("handed to sales"),
            ],
        ),
        wait(civil(weeks=3, weekday=1, at="10:30")),
        send("digest"),
    ),
)
AFTER_SEMINAR = Scenario(
    "after_seminar",
    on=q.touches("seminar.ended"),
    key="seminar",
    exit=q.stage == "customer",
    title="セミナーの後で / after the seminar",
    steps=(
        branch(
            q.touches("seminar.attended").within(days=1),
            then=[
                wait(minutes=30),
                send("seminar_thanks", max_lateness=days(1)),
                tag("seminar-guest"),
                wait_for(
                    q.touches("email.clicked"),
                    civil(business_days=2, at="10:00"),
                    then=[
                        branch(
                            q.score("fit") >= 30,
                            then=[
                                change_stage("mql", reason="came to the seminar and read the slides"),
                                *_tell_sales("セミナーにご参加のうえ、資料をご覧になりました"),
                            ],
                            otherwise=[wait(days=3), send("case_study")],
                        )
                    ],
                    otherwise=[wait(civil(business_days=1, at="10:00")), send("seminar_followup")],
                ),
            ],
            otherwise=[
                wait(civil(business_days=1, at="10:00")),
                send("seminar_recording"),
                tag("missed-seminar"),
            ],
        ),
    ),
)
WIN_BACK = Scenario(
    "win_back",
    on=q.segment("silent"),
    reentry=Reentry.ALWAYS,
    reentry_after=days(60),
    goal=_BUYING,
    title="お久しぶりです / win back the silent",
    steps=(
        wait(civil(business_days=1, at="11:00")),
        send("miss_you"),
        wait_for(
            q.touches("email.clicked"),
            days(8),
            then=[tag("came-back", remove=["dormant"]), wait(days=3), send("digest")],
            otherwise=[
                send("last_letter"),
                wait_for(
                    q.touches("email.clicked"),
                    days(10),
                    then=[tag("came-back", remove=["dormant"])],
                    otherwise=[tag("dormant"), exit_("still silent")],
                ),
            ],
        ),
    ),
)


def build_program(
    *,
    attributes: Sequence[Attribute] = (),
    campaigns: Sequence[Campaign] = (),
    fit: Sequence[ScoreRule] = (),
    zone: str = "Asia/Tokyo",
    locale: str = "ja",
) -> Program:
    """The demo's program.

    Args:
        attributes: Custom attributes that a file brings, beside the program's own.
        campaigns: What leads came by.
        fit: More rules for who fits, about a file's own columns.
        zone: Where the company is; quiet hours of a lead without a zone are read there.
        locale: Language for leads without one.
    """
    return Program(
        name="mihon-systems",
        lifecycle=LIFECYCLE,
        scores=(ScoreModel("fit", (*FIT_RULES, *fit), thresholds=(Threshold("good", up=30, down=20),)), ENGAGEMENT),
        segments=(SILENT, HOT, DECIDERS, SEMINAR_GUESTS),
        messages=MESSAGES,
        scenarios=(WELCOME, AFTER_SEMINAR, WIN_BACK),
        campaigns=tuple(campaigns),
        attributes=(*OWN_ATTRIBUTES, *attributes),
        actions=(TASK,),
        policy=ContactPolicy(caps=Cap(2, days(7)), quiet=Window(time(20), time(8))),
        zone=zone,
        calendar=COMPANY_DAYS,
        locale=locale,
    )

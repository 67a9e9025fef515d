"""B. The co-hosted webinar (共催ウェビナー): one run for each seminar, moved and called off with it.

Each organiser writes under its own consent. The numbers in the comments are those of the written plan.
Imports `nurture` and the house.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from examples.scenarios.b_letters import MESSAGES, SEMINARS
from examples.scenarios.crowd import crowd
from examples.scenarios.house import NIGHT, OFFICE, ZONE, at
from nurture import (
    JAPAN,
    Attribute,
    Campaign,
    Cap,
    ContactPolicy,
    Lifecycle,
    Program,
    Scenario,
    ScoreModel,
    ScoreRule,
    Stage,
    Transition,
    civil,
    days,
    hours,
    q,
)
from nurture.model import Basis, Consent
from nurture.steps import (
    adjust_score,
    assign,
    branch,
    cases,
    change_stage,
    enroll,
    notify,
    send,
    send_first,
    task,
    wait,
    wait_for,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from examples.scenarios.year import Year
    from nurture import Touchpoint
    from nurture.model import Value


MOVED_TO = at("2026-07-16 14:00")
SAME = q.prop("seminar") == q.entry.seminar
ABOUT = {"title": q.entry.campaign.title, "seminar": q.entry.seminar}
STARTS, ENDS = q.entry.campaign.starts_at, q.entry.campaign.ends_at
ATTENDED = q.touches("seminar.attended").where(SAME)
ANSWERED = q.touches("survey.answered").where(SAME)
COST = ANSWERED.where(q.prop("topic") == "cost") | (~ANSWERED & q.entry.seminar.starts_with("cost-"))
BY_TOPIC = [branch(COST, then=[enroll("drip_cost")], otherwise=[enroll("drip_dx")])]
READY = (q.prop("months") <= 3) & q.prop("role").is_in(["決裁者", "推進者"])

WEBINAR = Scenario(
    "webinar",
    on=q.touches("seminar.applied"),
    key="seminar",  # 8
    moved_by=q.touches("seminar.rescheduled"),  # 4
    exit=q.touches("seminar.cancelled").where(SAME),
    title="共催ウェビナー",
    steps=(
        cases(  # 1
            **{
                one.name: (q.entry.seminar == one.name, [send(f"confirm-{one.name}", max_lateness=days(1))])
                for one in SEMINARS
            },
            otherwise=[],
        ),
        wait_until(  # 2
            STARTS, civil(business_days=-3, at="10:00"), then=[send("reminder", params=ABOUT, max_lateness=days(1))]
        ),
        wait_until(STARTS, hours(-1), then=[send("starts_soon", params=ABOUT, max_lateness=hours(1))]),  # 3
        wait_until(ENDS, days(1), ended_by=q.touches("seminar.attended"), same="seminar"),  # 5
        cases(  # 6
            stayed=(
                ATTENDED.where(q.prop("share") >= 0.6),
                [adjust_score("engagement", 15), send("survey", params=ABOUT)],
            ),
            left_early=(ATTENDED, [send("digest", params=ABOUT)]),
            otherwise=[adjust_score("engagement", 3), send("recording", params=ABOUT)],
        ),
        send("partner_offer"),
        wait_for(  # 7
            q.touches("survey.answered"),
            days(7),
            same="seminar",
            then=[
                branch(
                    ANSWERED.where(READY),
                    then=[
                        change_stage("mql", reason="アンケート: 3か月以内・決裁者または推進者"),
                        assign(among=["sato", "suzuki"]),
                        notify("seminar_lead"),
                        task("アンケート回答者へのお電話", due=civil(business_days=1), outcomes={}),
                    ],
                    otherwise=BY_TOPIC,
                )
            ],
            otherwise=BY_TOPIC,
        ),
    ),
)
MOVED = Scenario(
    "webinar_moved",
    on=q.touches("seminar.rescheduled"),
    key="seminar",
    reentry="always",
    title="ウェビナーの日程変更",
    steps=[send("moved", params={"title": q.entry.title, "starts_at": q.entry.starts_at})],
)
CANCELLED = Scenario(
    "webinar_cancelled",
    on=q.touches("seminar.cancelled"),
    key="seminar",
    title="ウェビナーの中止",
    steps=[send("apology", params={"title": q.entry.title})],
)


def _drip(topic: str, title: str) -> Scenario:
    return Scenario(
        f"drip_{topic}",
        on=None,
        title=title,
        steps=[
            wait(civil(weeks=1, business_days=0, at="10:00")),
            send_first(f"{topic}-1", f"{topic}-2"),
            wait(civil(weeks=2, business_days=0, at="10:00")),
            send_first(f"{topic}-1", f"{topic}-2"),
        ],
    )


PROGRAM = Program(
    name="webinar",
    lifecycle=Lifecycle([Stage("new", "新規"), Stage("mql", "有望")], [Transition("new", "mql")]),
    scores=[ScoreModel("engagement", [ScoreRule(q.touches("seminar.applied"), 5)], half_life=days(21), floor=0)],
    messages=MESSAGES,
    scenarios=[
        WEBINAR,
        MOVED,
        CANCELLED,
        _drip("dx", "業務DXの連載"),
        _drip("cost", "費用の見直しの連載"),
    ],
    campaigns=SEMINARS,
    attributes=[Attribute("prefecture", title="都道府県")],
    policy=ContactPolicy(  # 8
        caps=Cap(2, days(7)),
        quiet=NIGHT,
        open_days_only=True,
        max_lateness=days(21),
        jurisdiction="JP",
        jurisdictions=JAPAN,
    ),
    zone=ZONE,
    calendar=OFFICE,
    locale="ja",
)

CAST: dict[str, tuple[list[str], str, bool, float | None, dict[str, Value] | None]] = {
    # who: (seminars, applied on, both organisers, share, survey)
    "decider": (["dx-may"], "2026-04-20 11:00", True, 0.9, {"months": 2, "role": "決裁者", "topic": "dx"}),
    "curious": (["dx-may"], "2026-04-21 11:00", True, 0.8, {"months": 12, "role": "担当", "topic": "cost"}),
    "silent": (["dx-may"], "2026-04-22 11:00", False, 0.7, None),
    "leaver": (["dx-may"], "2026-04-23 11:00", False, 0.2, None),
    "absent": (["dx-may"], "2026-04-24 11:00", True, None, None),
    "late": (["dx-may"], "2026-05-19 16:00", False, None, None),
    "last-minute": (["dx-may"], "2026-05-21 13:30", False, 1.0, None),
    "patient": (["cost-july"], "2026-06-15 11:00", False, 0.9, None),
    "both": (["dx-october", "cost-october"], "2026-09-15 11:00", True, 0.9, None),
    "let-down": (["dx-january"], "2026-12-10 11:00", False, None, None),
}
"""The people of whom the tests tell what becomes."""


def play(year: Year, size: int = 300) -> Year:
    """Five seminars: one is put off a week, one is called off.

    Args:
        year: A year that has not begun.
        size: How many apply besides the cast.
    """
    plans: dict[str, Sequence[str]] = {who: seminars for who, (seminars, *_) in CAST.items()}
    for who, (seminars, applied, both, _, _) in CAST.items():
        _apply(year, who, "見本", "花子", seminars, at(applied), both=both)
    for one in crowd(size):
        chosen = year.random.choice(SEMINARS)
        begins = chosen.starts_at or at("2026-04-01 09:00")
        plans[one.key] = [chosen.name]
        when, both = begins - timedelta(days=year.random.uniform(14, 30)), year.random.random() < 0.6
        _apply(year, one.key, one.family_name, one.given_name, [chosen.name], when, both=both)
    for who, names in plans.items():
        for name in names:
            _happens(year, who, next(one for one in SEMINARS if one.name == name))
    year.habit("email.sent", lambda fact: _answer(year, fact))
    return year.run()


def _apply(
    year: Year, who: str, family: str, given: str, seminars: Sequence[str], when: datetime, *, both: bool
) -> None:
    year.person(
        who,
        when,
        family_name=family,
        given_name=given,
        company="見本商事株式会社",
        consent=Consent(at=when, basis=Basis.CONSENT, source="seminar form"),
    )
    if both:
        year.at(when, lambda: year.crm.consent(year.lead(who), entity="partner", source="seminar form"))
    for name in seminars:
        year.fact(who, "seminar.applied", when, {"seminar": name}, campaign=name)


def _happens(year: Year, who: str, seminar: Campaign) -> None:
    """What becomes of a seminar for somebody who applied."""
    about = {"seminar": seminar.name, "title": seminar.title}
    begins, ends = seminar.starts_at, seminar.ends_at
    if begins is None or ends is None:
        return
    if seminar.name == "dx-january":
        year.fact(who, "seminar.cancelled", at("2026-12-25 15:00"), about, by="host")
        return
    if seminar.name == "cost-july":
        ends += MOVED_TO - begins
        moved: dict[str, Value] = {**about, "starts_at": MOVED_TO, "ends_at": ends}
        year.fact(who, "seminar.rescheduled", at("2026-07-03 12:00"), moved, by="host")
    share = CAST[who][3] if who in CAST else year.random.choice([None, 0.3, 0.8, 1.0])
    if share is not None:
        said: dict[str, Value] = {"seminar": seminar.name, "share": share}
        year.fact(who, "seminar.attended", ends + timedelta(minutes=30), said)


def _answer(year: Year, fact: Touchpoint) -> None:
    """Some of those who stayed answer the survey."""
    if fact.properties["name"] != "survey":
        return
    who, luck = year.names[fact.subject], year.luck(fact)
    answer: Mapping[str, Value] | None = CAST[who][4] if who in CAST else None
    if who not in CAST and luck.random() < 0.4:
        months, role = luck.choice([1, 3, 6, 12]), luck.choice(["決裁者", "推進者", "担当"])
        answer = {"months": months, "role": role, "topic": luck.choice(["dx", "cost"])}
    if answer is None:
        return
    given = answer

    def say() -> None:
        mail = next(one for one in year.crm.effects(fact.subject) if one.id == fact.cause)
        said = {"seminar": mail.params["seminar"], **given}  # about the seminar that the mail was about
        year.crm.record(fact.subject, "survey.answered", said)

    year.after(fact, hours(3), say)

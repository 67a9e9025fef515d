"""D. The buying committee (稟議): an account's run, mail to its people by their roles, and silence while it circulates.

The numbers in the comments are those of the written plan. What becomes of a lost deal is program C's recycling.
Imports `nurture`, the house and program C.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from examples.scenarios.c_recycling import RECYCLE
from examples.scenarios.crowd import crowd
from examples.scenarios.d_letters import MESSAGES
from examples.scenarios.house import FIRST_LETTER, NIGHT, OFFICE, ZONE, at
from nurture import (
    JAPAN,
    Attribute,
    ContactPolicy,
    Hold,
    Lifecycle,
    Program,
    Recurrence,
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
from nurture.program import on_schedule
from nurture.steps import (
    adjust_score,
    approve,
    cases,
    change_stage,
    exit_,
    goal,
    notify,
    send,
    send_to_people,
    set_attribute,
    task,
    tell,
    wait_for,
    wait_until,
)

if TYPE_CHECKING:
    from examples.scenarios.year import Year
    from nurture import Touchpoint
    from nurture.model import Value
    from nurture.predicates import Predicate

PROPOSED = (
    q.touches("deal.changed").newest_per("deal").where((q.prop("stage") == "提案") & (q.prop("amount") >= 3_000_000))
)
ACTIVE = q.account.leads.where(q.touches().within(days=14)).count()
ANONYMOUS = q.touches("visit.recognized").within(days=14)
CHAMPION, SECURITY, DECIDER = q.lead.role == "担当", q.lead.role == "情シス", q.lead.role == "決裁者"

COMMITTEE = Scenario(
    "committee",
    on=PROPOSED & ((ACTIVE >= 3) | ((ACTIVE >= 2) & ANONYMOUS)),  # 1
    subject="account",
    title="購買委員会の支援",
    steps=[
        notify("committee"),  # 2
        task("決裁者を特定する", due=civil(business_days=3), outcomes={"特定": []}),
        send_to_people("ringi_template", CHAMPION),  # 3
        send_to_people("roi_sheet", CHAMPION),
        send_to_people("security_sheet", SECURITY),
        approve(
            "director",
            message="one_page_case",
            deadline=civil(business_days=3),
            then=[send_to_people("one_page_case", DECIDER)],
        ),
        wait_for(  # 4
            q.touches("ringi.drafted"),
            civil(business_days=15),
            otherwise=[task("別の推進者を探す", due=civil(business_days=5), outcomes={})],
        ),
    ],
)


def _decided(result: str, **more: str) -> Predicate:
    """What was decided about the draft of this run."""
    said = (q.prop("draft") == q.entry.draft) & (q.prop("result") == result)
    for name, value in more.items():
        said &= q.prop(name) == value
    return q.touches("ringi.decided").where(said)


CIRCULATION = Scenario(
    "circulation",
    on=q.touches("ringi.drafted"),
    key="draft",
    subject="account",
    title="稟議の回付",
    steps=[
        change_stage("稟議", reason="稟議書の起案"),
        set_attribute("ringi", "回付中"),  # 5: the policy holds what goes to everyone of the account
        wait_until(  # 6
            q.entry.expected_on,
            civil(business_days=3, at="18:00"),
            ended_by=q.touches("ringi.decided"),
            same="draft",
        ),
        set_attribute("ringi", None),
        cases(
            決裁=(_decided("決裁"), [change_stage("受注", reason="決裁"), goal("決裁")]),
            差戻し=(
                _decided("差戻し"),
                [
                    change_stage("提案", reason="稟議差戻し"),
                    cases(
                        security=(_decided("差戻し", missing="security"), [send_to_people("security_sheet", CHAMPION)]),
                        otherwise=[send_to_people("roi_sheet", CHAMPION)],
                    ),
                ],
            ),
            否決=(  # 8
                _decided("否決"),
                [
                    change_stage("失注", reason="稟議否決"),
                    cases(
                        **{
                            reason: (
                                _decided("否決", reason=reason),
                                [tell("mql.returned", people=CHAMPION, properties={"reason": reason})],
                            )
                            for reason in ("予算なし", "連絡不可")
                        },
                        otherwise=[exit_("否決")],
                    ),
                ],
            ),
            otherwise=[task("決裁状況を確認する", due=civil(business_days=1), outcomes={})],
        ),
    ],
)

LEFT = Scenario(  # 7
    "person_left",
    on=q.touches("person.left"),
    only_if=CHAMPION,
    title="推進者の異動・退職",
    steps=[tell("champion.left", to="account")],
)
SUCCESSOR = Scenario(
    "successor",
    on=q.touches("champion.left"),
    reentry="always",
    subject="account",
    title="後任の確認",
    steps=[task("後任を確認する", due=civil(business_days=3), outcomes={}), adjust_score("interest", -20)],
)
NEWSLETTER = Scenario(
    "newsletter",
    on=on_schedule(
        Recurrence("FREQ=MONTHLY;BYDAY=4TU", start=FIRST_LETTER, zone=ZONE, roll="forward"),
        q.everyone,
    ),
    title="見本だより",
    steps=[send("newsletter", max_lateness=days(2))],
)

PROGRAM = Program(
    name="committee",
    lifecycle=Lifecycle(
        stages=[Stage("見込み"), Stage("提案"), Stage("稟議"), Stage("受注"), Stage("失注")],
        transitions=[
            Transition("見込み", "提案", when=PROPOSED),
            Transition("提案", "稟議"),
            Transition("稟議", "受注"),
            Transition("稟議", "提案", reason_required=True),
            Transition("稟議", "失注", reason_required=True),
        ],
        subject="account",
    ),
    scores=[ScoreModel("interest", [ScoreRule(q.touches("visit.recognized"), 10, cap=5)], subject="account")],
    messages=MESSAGES,
    scenarios=[COMMITTEE, CIRCULATION, LEFT, SUCCESSOR, NEWSLETTER, RECYCLE],
    attributes=[
        Attribute("role", title="役割"),
        Attribute("ringi", subject="account", title="稟議の状態"),
        Attribute("fiscal_year_on", "date", subject="account", title="次の期首"),
    ],
    policy=ContactPolicy(
        holds=Hold("ringi", q.account.ringi == "回付中"),  # 5
        quiet=NIGHT,
        open_days_only=True,
        jurisdiction="JP",
        jurisdictions=JAPAN,
    ),
    zone=ZONE,
    calendar=OFFICE,
    locale="ja",
)

CAST = ("approved", "sent-back", "rejected", "overdue", "slow", "anonymous", "too-small")
"""The accounts of which the tests tell what becomes; the people of each are `<account>-担当` and so on."""
ROLES = ("担当", "情シス", "決裁者")
MET = at("2026-05-11 10:00")
"""When the three of an account begin to look around, a Monday."""
_DRAFTS: dict[str, list[tuple[str, str, date, str, dict[str, str]]]] = {
    # who: (draft, drafted, expected, decided, how)
    "approved": [("a-1", "2026-05-20 10:00", date(2026, 6, 5), "2026-06-04 15:00", {"result": "決裁"})],
    "sent-back": [
        ("s-1", "2026-05-20 10:00", date(2026, 6, 5), "2026-06-01 15:00", {"result": "差戻し", "missing": "security"}),
        ("s-2", "2026-06-10 10:00", date(2026, 6, 26), "2026-06-25 15:00", {"result": "決裁"}),
    ],
    "rejected": [
        ("r-1", "2026-05-20 10:00", date(2026, 6, 5), "2026-06-03 15:00", {"result": "否決", "reason": "予算なし"})
    ],
    "overdue": [("o-1", "2026-08-03 10:00", date(2026, 8, 12), "", {})],
}


def play(year: Year, size: int = 60) -> Year:
    """Deals become committees, and drafts circulate.

    Args:
        year: A year that has not begun.
        size: How many accounts there are besides the cast.
    """
    for who in CAST:
        _account(year, who, f"株式会社{who}", 900_000 if who == "too-small" else 4_000_000)
        for number, role in enumerate(ROLES):
            if not (who == "anonymous" and role == "決裁者"):
                year.fact(f"{who}-{role}", "page.viewed", MET + hours(number), {"path": "/plans"})
        for draft in _DRAFTS.get(who, ()):
            _circulates(year, who, *draft)
    year.fact("anonymous", "visit.recognized", MET + hours(5), {"path": "/security"})
    year.fact("slow-担当", "person.left", at("2026-07-01 09:30"), by="host")
    for one in crowd(size):
        _account(year, one.key, one.company, year.random.choice([1_000_000, 4_000_000, 12_000_000]))
        began = MET + timedelta(days=year.random.uniform(0, 200))
        for role in ROLES:
            if year.random.random() < 0.8:
                year.fact(f"{one.key}-{role}", "page.viewed", began + hours(year.random.uniform(0, 99)), {"path": "/"})
        if year.random.random() < 0.6:
            drafted, result = began + days(12), year.random.choice(["決裁", "決裁", "否決", ""])
            decided = "" if not result else f"{drafted + days(14):%Y-%m-%d %H:%M}"
            how = {"result": result, "reason": "予算なし"}
            expected = (drafted + days(15)).date()
            _circulates(year, one.key, f"{one.key}-1", f"{drafted:%Y-%m-%d %H:%M}", expected, decided, how)
    year.habit("task.created", lambda fact: _work(year, fact))
    year.habit("approval.requested", lambda fact: _look(year, fact))
    return year.run()


def _account(year: Year, who: str, name: str, amount: int) -> None:
    year.company(who, name, owner="sato", attributes={"fiscal_year_on": date(2027, 4, 1)})
    for role in ROLES:
        year.person(
            f"{who}-{role}",
            of=who,
            email=f"{who}-{ROLES.index(role)}@people.example",
            family_name="見本",
            title="取締役" if role == "決裁者" else "担当",
            company=name,
            owner="director" if role == "決裁者" else "sato",  # so that its mail comes from the director
            consent="consent",
            attributes={"role": role},
        )
    deal: dict[str, Value] = {"deal": f"{who}-deal", "stage": "提案", "amount": amount}
    year.fact(who, "deal.changed", at("2026-05-01 10:00"), deal, by="host")


def _circulates(
    year: Year, who: str, draft: str, drafted: str, expected: date, decided: str, how: dict[str, str]
) -> None:
    year.fact(who, "ringi.drafted", at(drafted), {"draft": draft, "expected_on": expected}, by="host")
    if decided:
        year.fact(who, "ringi.decided", at(decided), {"draft": draft, **how}, by="host")


def _work(year: Year, fact: Touchpoint) -> None:
    if fact.properties["title"] == "決裁者を特定する" and year.names[fact.subject] != "slow":
        year.closes(fact, days(1), "特定")


def _look(year: Year, fact: Touchpoint) -> None:
    """The director looks at what goes out in the director's name, on the same day."""
    asked = str(fact.properties["approval"])
    year.after(fact, hours(4), lambda: year.crm.approve(fact.subject, asked, role="director", by="director"))

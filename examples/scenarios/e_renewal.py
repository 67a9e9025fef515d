"""E. Renewal, churn, up-sell, referral (契約更新): one run for each contract and term.

The numbers in the comments are those of the written plan. Imports `nurture` and the house.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from examples.scenarios.crowd import crowd
from examples.scenarios.e_letters import MESSAGES
from examples.scenarios.house import BEGIN, FIRST_LETTER, JST, NIGHT, OFFICE, ZONE, at
from nurture import (
    JAPAN,
    Attribute,
    ContactPolicy,
    Hold,
    Program,
    Recurrence,
    Scenario,
    civil,
    days,
    hours,
    q,
)
from nurture.program import on_schedule
from nurture.steps import (
    cases,
    exit_,
    notify,
    send,
    send_to_people,
    set_attribute,
    split,
    task,
    tell,
    wait,
    wait_for,
    wait_until,
)

if TYPE_CHECKING:
    from examples.scenarios.year import Year
    from nurture import Civil
    from nurture.model import Value

MAIN = q.lead.role == "主担当"

TREND = q.touches("product.used").within(weeks=4).trend()
TICKETS = q.touches("ticket.changed").newest_per("ticket").where(q.prop("state") == "open").count()
UNHAPPY = q.account.leads.where(q.touches("nps.answered").last(q.prop("score") <= 6)).count() >= 1
LATE = q.touches("payment.delayed").within(days=90)
SAME = q.prop("contract") == q.entry.contract


def _before(count: int) -> Civil:
    """So many days before, on an open day."""
    return civil(days=-count, roll="forward", at="10:00")


RENEWAL = Scenario(
    "renewal",
    on=q.touches("term.began"),  # of a new contract, and of one that was renewed
    key="contract",
    reentry="always",
    subject="account",
    goal=q.touches("contract.renewed").where(SAME),  # 7
    exit=q.touches("contract.cancelled").where(SAME),
    title="契約更新",
    steps=[
        wait_until(q.entry.renews_on, _before(120)),
        cases(  # 1
            red=(
                (TREND < 0.5) | (TICKETS >= 2) | UNHAPPY,
                [  # 2
                    set_attribute("health", "red"),
                    notify("at_risk"),
                    task("解約の恐れを確認する", owner="success", due=civil(business_days=2), outcomes={}),
                    wait_for(
                        q.touches("ticket.resolved"),
                        civil(business_days=10),
                        then=[set_attribute("health", "amber")],
                        otherwise=[task("責任者への報告", owner="manager", due=civil(business_days=1), outcomes={})],
                    ),
                ],
            ),
            amber=((TREND < 0.8) | (TICKETS >= 1) | LATE, [set_attribute("health", "amber")]),
            otherwise=[set_attribute("health", "green")],
        ),
        wait_until(q.entry.renews_on, _before(90)),  # 3
        send_to_people("usage_report", MAIN),
        wait_until(q.entry.renews_on, _before(60)),
        task("更新見積を作成する", due=civil(business_days=5), outcomes={}),
        wait_until(q.entry.notice_by, _before(14)),
        notify("notice_deadline"),
        wait_until(q.entry.renews_on, civil(business_days=5, at="10:00")),
        task("更新の手続きを確認する", due=civil(business_days=1), outcomes={}),
    ],
)

NPS = Scenario(  # 4
    "nps",
    on=q.touches("nps.answered"),
    reentry="always",
    title="NPSへの対応",
    steps=[
        cases(
            promoter=(
                q.entry.score >= 9,
                [
                    send("referral_request"),
                    wait(civil(weeks=2, business_days=0, at="10:00")),
                    send("case_request"),
                ],
            ),
            detractor=(
                q.entry.score <= 6,
                [task("お詫びとお伺いのお電話", owner="success", due=civil(business_days=1), outcomes={})],
            ),
        )
    ],
)

UPSELL = Scenario(  # 5; held back while the account is red
    "upsell",
    on=q.held(q.account.usage_share >= 0.8, at_least=days(14)) & ~(q.account.health == "red"),
    subject="account",
    title="上位プランのご提案",
    steps=[
        split(
            "upsell",
            offer=(
                90,
                [
                    send_to_people("upsell", MAIN),
                    task("上位プランのご提案", due=civil(business_days=5), outcomes={}),
                ],
            ),
            holdout=(10, [exit_("比較のため送らない")]),
        )
    ],
)

MOVED = Scenario(  # 6
    "main_user_moved",
    on=q.touches("main_user.moved"),
    reentry="always",
    subject="account",
    title="主担当の交代",
    steps=[tell("onboarding.due", to=q.entry.successor)],
)
ONBOARDING = Scenario(
    "onboarding",
    on=q.touches("onboarding.due"),
    title="後任のご案内",
    steps=[send("onboarding_1"), wait(civil(business_days=3, at="10:00")), send("onboarding_2")],
)

REASONS = ("価格", "機能", "体制変更")
CANCELLED = Scenario(  # 7
    "cancelled",
    on=q.touches("contract.cancelled"),
    key="contract",
    subject="account",
    title="解約後",
    steps=[
        cases(
            **{one: (q.entry.reason == one, [set_attribute("churn_reason", one)]) for one in REASONS},
            otherwise=[set_attribute("churn_reason", "その他")],
        ),
        wait(civil(days=180, roll="forward", at="10:00")),
        send_to_people("win_back", MAIN),
    ],
)

REFERRAL = Scenario(  # 8
    "referral",
    on=q.touches("referral.arrived"),
    title="ご紹介",
    steps=[tell("referral.credited", to=q.entry.referrer, properties={"company": q.lead.company})],
)
THANKS = Scenario(
    "referral_thanks",
    on=q.touches("referral.credited"),
    reentry="always",
    title="ご紹介の御礼",
    steps=[send("thanks_referral")],
)
NEWSLETTER = Scenario(
    "newsletter",
    on=on_schedule(
        Recurrence("FREQ=MONTHLY;BYDAY=1TU", start=FIRST_LETTER, zone=ZONE, roll="forward"),
        q.lead.role.is_present(),
    ),
    title="見本だより",
    steps=[send("newsletter", max_lateness=days(3))],
)

PROGRAM = Program(
    name="renewal",
    messages=MESSAGES,
    scenarios=[RENEWAL, NPS, UPSELL, MOVED, ONBOARDING, CANCELLED, REFERRAL, THANKS, NEWSLETTER],
    attributes=[
        Attribute("role", title="役割"),
        Attribute("health", subject="account", title="健康状態"),
        Attribute("usage_share", "number", subject="account", title="プランの利用率"),
        Attribute("churn_reason", subject="account", title="解約理由"),
    ],
    policy=ContactPolicy(
        holds=Hold("detractor", q.touches("nps.answered").where(q.prop("score") <= 6).within(days=30)),  # 4
        quiet=NIGHT,
        open_days_only=True,
        jurisdiction="JP",
        jurisdictions=JAPAN,
    ),
    zone=ZONE,
    calendar=OFFICE,
    locale="ja",
)

RENEWS_ON = date(2026, 12, 1)
CAST = {
    # who: how often the product is used a week, in the first months and later
    "green": (3, 3),
    "amber": (3, 3),
    "red": (3, 3),
    "fading": (4, 1),
    "unhappy": (3, 3),
    "heavy": (5, 5),
    "heavy-red": (5, 5),
    "leaver": (3, 3),
}
"""The accounts of which the tests tell what becomes; `<account>-主担当` is the main user of each."""


def play(year: Year, size: int = 60) -> Year:
    """Contracts come up for renewal.

    Args:
        year: A year that has not begun.
        size: How many accounts there are besides the cast.
    """
    for who, (early, late) in CAST.items():
        _account(year, who, f"株式会社{who}", RENEWS_ON, early, late)
    _tickets(year)
    year.fact("amber", "payment.delayed", at("2026-07-15 10:00"), by="host")
    year.fact("unhappy-主担当", "nps.answered", at("2026-07-01 13:00"), {"score": 3})
    year.fact("green-主担当", "nps.answered", at("2026-06-10 13:00"), {"score": 10})
    for who, when in (("heavy", "2026-06-01 09:00"), ("heavy-red", "2026-07-30 09:00")):
        year.change(who, at(when), usage_share=0.85)
    year.person("heir", at("2026-09-01 09:00"), of="green", family_name="後任", consent="consent")
    year.fact("green", "main_user.moved", at("2026-09-01 10:00"), {"successor": "@heir"}, by="host")
    _renews(year, "green", RENEWS_ON, at("2026-11-20 15:00"))
    cancelled = {"contract": "leaver-1", "reason": "価格"}
    year.fact("leaver", "contract.cancelled", at("2026-09-10 15:00"), cancelled, by="host")
    year.person("friend", at("2026-07-06 11:00"), family_name="紹介", company="株式会社紹介先")
    year.fact("friend", "referral.arrived", at("2026-07-06 11:00"), {"referrer": "@green-主担当"}, by="host")
    for one in crowd(size):
        renews_on = RENEWS_ON + timedelta(days=year.random.randrange(-90, 200))
        _account(year, one.key, one.company, renews_on, year.random.randint(2, 5), year.random.randint(1, 5))
        year.change(one.key, at("2026-06-01 09:00"), usage_share=year.random.choice([0.4, 0.82, 0.9]))
        if year.random.random() < 0.7:
            _renews(year, one.key, renews_on, _midnight(renews_on) - timedelta(days=9))
    return year.run()


def _renews(year: Year, who: str, on: date, agreed: datetime) -> None:
    """A contract is renewed; on the day itself its next term begins."""
    year.fact(who, "contract.renewed", agreed, {"contract": f"{who}-1"}, by="host")
    year.fact(who, "term.began", _midnight(on), _term(who, on + timedelta(days=365)), by="host")


def _term(who: str, renews_on: date) -> dict[str, Value]:
    return {"contract": f"{who}-1", "renews_on": renews_on, "notice_by": renews_on - timedelta(days=30)}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), JST)


def _account(year: Year, who: str, name: str, renews_on: date, early: int, late: int) -> None:
    year.company(who, name, owner="sato")
    for number, role in enumerate(("主担当", "利用者")):
        year.person(
            f"{who}-{role}",
            of=who,
            email=f"{who}-{number}@people.example",
            family_name="見本",
            company=name,
            owner="sato",
            consent="relation",
            attributes={"role": role},
        )
    year.fact(who, "term.began", BEGIN + hours(1), _term(who, renews_on), by="host")
    for week in range(48):
        for _ in range(early if week < 14 else late):  # told once a week
            year.fact(who, "product.used", BEGIN + timedelta(weeks=week, hours=2), {"week": week}, by="host")


def _tickets(year: Year) -> None:
    """Two accounts have two open tickets each; those of one are resolved."""
    for who in ("red", "heavy-red"):
        for number in (1, 2):
            opened = {"ticket": f"{who}-{number}", "state": "open"}
            year.fact(who, "ticket.changed", at("2026-07-20 10:00"), opened, by="host")
    for number in (1, 2):
        closed = {"ticket": f"heavy-red-{number}", "state": "closed"}
        year.fact("heavy-red", "ticket.changed", at("2026-08-20 10:00"), closed, by="host")
    year.fact("heavy-red", "ticket.resolved", at("2026-08-20 10:00"), {"ticket": "heavy-red-2"}, by="host")

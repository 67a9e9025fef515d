"""The company, its facts and its people; questions about accounts."""

from nurture.model import SubjectKind
from nurture.predicates import q
from tests.parity.cases.said import (
    A_DAY,
    TICK,
    Group,
    asks,
    both,
    days,
    firm,
    mate,
    no,
    page,
    scored,
    stage,
    utc,
    yes,
)

_A = SubjectKind.ACCOUNT


GROUPS: tuple[Group, ...] = (
    # -- the company --
    *both(
        "a value of the account",
        q.account.industry == "SaaS",
        yes("it", firm(industry="SaaS")),
        no("another", firm(industry="steel")),
        no("missing", firm()),
        no("no account"),
    ),
    *asks(
        "employees",
        q.account.employees >= 50,
        yes("50", firm(employees=50)),
        no("49", firm(employees=49)),
        no("no account"),
    ),
    *asks(
        "its own value against another",
        q.account.usage >= 0.8 * q.account.plan,
        yes("80 percent", firm(usage=8.0, plan=10.0)),
        no("less", firm(usage=7.999999, plan=10.0)),
        no("no account"),
    ),
    *both(
        "the account's facts",
        q.account.matches(q.touches("page.viewed").within(days=7).count() >= 2),
        yes("two of them", firm(page(days(1)), page(days(7) - TICK))),
        no("one is too old", firm(page(days(1)), page(days(7)))),
        no("a lead's own facts are not its account's", firm(page()), page()),
        no("no account", page(), page()),
    ),
    *asks(
        "what is not so of the account",
        q.account.matches(~(q.account.industry == "SaaS")),
        yes("another", firm(industry="steel")),
        yes("missing", firm()),
        no("no account: false without one"),
    ),
    *asks(
        "the account's score",
        q.account.matches(q.score("fit") >= 10),
        yes("its own", firm(scored("fit", 10.0))),
        no("not the lead's", firm(), scored("fit", 10.0)),
    ),
    *asks(
        "the account's stage",
        q.account.matches(q.stage == "customer"),
        yes("its own", firm(stage("customer"))),
        no("not the lead's", firm(), stage("customer")),
    ),
    *asks(
        "the account's segment",
        q.account.matches(q.segment("large")),
        yes("it is", firm(employees=100)),
        no("it is not", firm(employees=99)),
    ),
    *both(
        "its people",
        q.account.leads.where(q.lead.title == "CEO").count() >= 2,
        yes("oneself and another", firm(), mate(title="CEO"), title="CEO"),
        yes("two others", firm(), mate(title="CEO"), mate(title="CEO")),
        no("one", firm(), mate(title="CTO"), title="CEO"),
        no("no account", title="CEO"),
    ),
    *asks(
        "all its people",
        q.account.leads.count() == 2,
        yes("oneself and another", firm(), mate()),
        no("oneself", firm()),
        no("three", firm(), mate(), mate()),
        no("no account"),
    ),
    *asks(
        "none of its people",
        q.account.leads.where(q.lead.title == "CEO").count() == 0,
        yes("nobody is", firm()),
        no("one is", firm(), mate(title="CEO")),
        no("no account: false without one"),
    ),
    *asks(
        "few of its people",
        q.account.leads.where(q.lead.title == "CEO").count() <= 1,
        yes("none", firm()),
        yes("one", firm(), title="CEO"),
        no("two", firm(), mate(title="CEO"), title="CEO"),
    ),
    *asks(
        "less of its people",
        q.account.leads.where(q.lead.title == "CEO").count() < 1,
        yes("none", firm()),
        no("one", firm(), title="CEO"),
    ),
    *asks(
        "more of its people",
        q.account.leads.where(q.lead.title == "CEO").count() > 1,
        no("one", firm(), title="CEO"),
        yes("two", firm(), mate(title="CEO"), title="CEO"),
    ),
    *asks(
        "another number of its people",
        q.account.leads.where(q.lead.title == "CEO").count() != 1,
        yes("none", firm()),
        no("one", firm(), title="CEO"),
    ),
    *asks(
        "its people who did something",
        q.account.leads.where(q.touches("page.viewed").within(days=7)).count() >= 2,
        yes("two of them", firm(), mate(page(days(1))), page(days(1))),
        no("one did it twice", firm(), mate(), page(days(1)), page(days(2))),
        no("one did it too long ago", firm(), mate(page(days(7))), page(days(1))),
    ),
    # -- asked of accounts --
    *asks(
        "of accounts: a value",
        q.account.employees >= 50,
        yes("50", employees=50),
        no("49", employees=49),
        no("missing"),
        of=_A,
    ),
    *asks(
        "of accounts: facts",
        q.touches("page.viewed").within(days=7),
        yes("its own", page(days(1))),
        no("too old", page(days(7))),
        no("its people's", mate(page(days(1)))),
        of=_A,
    ),
    *asks(
        "of accounts: people",
        q.account.leads.where(q.lead.title == "CEO").count() >= 1,
        yes("one", mate(title="CEO")),
        no("another", mate(title="CTO")),
        no("nobody"),
        of=_A,
    ),
    *asks(
        "of accounts: itself",
        q.account.matches(q.account.tier == "gold"),
        yes("it", tier="gold"),
        no("another", tier="tin"),
        of=_A,
    ),
    *asks(
        "of accounts: today",
        q.account.renews_at.ahead() <= A_DAY,
        yes("in a day", renews_at=utc("2026-11-19 03:00")),
        no("later", renews_at=utc("2026-11-19 03:00:00.000001")),
        no("missing"),
        of=_A,
    ),
)

"""Clauses joined by and, or, not."""

from datetime import timedelta

from nurture.model import Origin
from nurture.predicates import q
from tests.parity.cases.said import (
    Did,
    Group,
    asks,
    days,
    did,
    firm,
    member,
    no,
    page,
    run,
    scored,
    stage,
    yes,
)

_fit = q.score("fit")


def _said(when: timedelta) -> Did:
    return did("consent.given", when, by=Origin.HOST, props={"channel": "email", "purpose": "marketing"})


GROUPS: tuple[Group, ...] = (
    # -- joined --
    *asks("everyone", q.everyone, yes("everybody")),
    *asks("nobody", ~q.everyone, no("nobody")),
    *asks("all of none", q.all_of(), yes("nothing is lacking")),
    *asks("any of none", q.any_of(), no("there is nothing")),
    *asks("none of none", q.none_of(), yes("there is nothing")),
    *asks(
        "and",
        (q.lead.title == "CEO") & (q.lead.seats >= 5),
        yes("both", title="CEO", seats=5),
        no("one", title="CEO", seats=4),
        no("the other", title="CTO", seats=5),
        no("neither"),
    ),
    *asks(
        "or",
        (q.lead.title == "CEO") | (q.lead.seats >= 5),
        yes("both", title="CEO", seats=5),
        yes("one", title="CEO"),
        yes("the other", seats=5),
        no("neither", seats=4),
    ),
    *asks(
        "none of",
        q.none_of(q.lead.title == "CEO", q.lead.seats >= 5),
        no("one", title="CEO"),
        no("the other", seats=5),
        yes("neither", seats=4),
        yes("missing, both"),
    ),
    *asks(
        "not both",
        ~((q.lead.title == "CEO") & (q.lead.seats >= 5)),
        no("both", title="CEO", seats=5),
        yes("one", title="CEO"),
        yes("nothing known"),
    ),
    *asks(
        "two ands in an or",
        ((q.lead.title == "CEO") & (q.lead.seats >= 5)) | ((q.lead.nickname == "a") & (q.lead.vip.is_true())),
        yes("the first", title="CEO", seats=5),
        yes("the second", nickname="a", vip=True),
        no("half of each", title="CEO", nickname="a"),
        no("the other halves", seats=5, vip=True),
    ),
    *asks(
        "two ors in an and",
        ((q.lead.title == "CEO") | (q.lead.seats >= 5)) & ((q.lead.nickname == "a") | (q.lead.vip.is_true())),
        yes("one of each", title="CEO", vip=True),
        yes("the others", seats=5, nickname="a"),
        no("both of the first", title="CEO", seats=5),
        no("both of the second", nickname="a", vip=True),
    ),
    *asks(
        "not a score, and something else",
        ~(_fit >= 40) & (q.lead.title == "CEO"),
        yes("below", scored("fit", 39.0), title="CEO"),
        no("at it", scored("fit", 40.0), title="CEO"),
        no("below, and something else is not so", scored("fit", 39.0), title="CTO"),
    ),
    *asks(
        "not a score, or something else",
        ~(_fit >= 40) | (q.lead.title == "CEO"),
        yes("below", scored("fit", 39.0)),
        yes("the other", scored("fit", 40.0), title="CEO"),
        no("neither", scored("fit", 40.0)),
    ),
    *asks(
        "facts and facts",
        q.touches("page.viewed").within(days=7) & (q.touches("form.submitted").count() >= 2),
        yes("both", page(), did("form.submitted"), did("form.submitted")),
        no("one too few", page(), did("form.submitted")),
        no("without the first", did("form.submitted"), did("form.submitted")),
    ),
    *asks(
        "facts or facts",
        q.touches("page.viewed").within(days=7) | ~q.touches("form.submitted"),
        yes("the first", page(), did("form.submitted")),
        yes("the second"),
        no("neither", did("form.submitted")),
    ),
    *asks(
        "facts in an or in an and",
        (q.lead.title == "CEO")
        & (q.touches("page.viewed").within(days=7) | (q.touches("form.submitted").count() >= 2)),
        yes("one", page(), title="CEO"),
        yes("the other", did("form.submitted"), did("form.submitted"), title="CEO"),
        no("neither", did("form.submitted"), title="CEO"),
        no("the title is another", page(), title="CTO"),
    ),
    *asks(
        "a segment in an or",
        q.segment("seen") | (q.lead.title == "CTO"),
        yes("the segment", page()),
        yes("the other", title="CTO"),
        no("neither", page(days(7)), title="CEO"),
    ),
    *asks(
        "not a score, and facts",
        ~(_fit >= 40) & q.touches("page.viewed"),
        yes("below", scored("fit", 39.0), page()),
        no("at it", scored("fit", 40.0), page()),
        no("below, without facts", scored("fit", 39.0)),
    ),
    *asks(
        "not a score, or facts",
        ~(_fit >= 40) | q.touches("page.viewed"),
        yes("below", scored("fit", 39.0)),
        yes("at it, with facts", scored("fit", 40.0), page()),
        no("at it, without", scored("fit", 40.0)),
    ),
    *asks(
        "runs in an or",
        q.scenario("welcome").is_in(["completed", "exited"]) | (q.lead.title == "CTO"),
        yes("both runs", run("welcome", "completed"), run("welcome", "exited")),
        yes("the other", title="CTO"),
        no("neither", run("welcome")),
    ),
    *asks(
        "time in a segment in an or",
        (q.time_in_segment("seen") >= days(3)) | (q.lead.title == "CTO"),
        yes("the segment", member("seen", days(3))),
        yes("the other", title="CTO"),
        no("neither", member("seen", days(2))),
    ),
    *asks(
        "nothing said in an or",
        q.consent().unsaid() | (q.lead.title == "CTO"),
        yes("nothing was said"),
        yes("the other", _said(days(2)), _said(days(1)), title="CTO"),
        no("neither", _said(days(2)), _said(days(1))),
    ),
    *asks(
        "the account in an or",
        q.account.matches(q.stage == "customer") | (q.lead.title == "CTO"),
        yes("the account", firm(stage("customer"))),
        yes("the other", firm(), title="CTO"),
        no("neither", firm(stage("new"))),
    ),
    # -- when the whole turns --
    *asks(
        "two windows",
        q.touches("page.viewed").within(days=7) & q.touches("form.submitted").within(days=7),
        yes("the form leaves first", page(days(1)), did("form.submitted", days(6))),
        yes("the page leaves first", page(days(6)), did("form.submitted", days(1))),
        no("the form is gone", page(days(1)), did("form.submitted", days(7))),
    ),
    *asks(
        "two silences",
        q.touches("page.viewed").within(days=7).never() | q.touches("form.submitted").within(days=7).never(),
        no("the form leaves first", page(days(1)), did("form.submitted", days(6))),
        no("the page leaves first", page(days(6)), did("form.submitted", days(1))),
        yes("the form is gone", page(days(1)), did("form.submitted", days(7))),
    ),
    *asks(
        "twice whatever, of several kinds",
        q.touches().within(days=7).count() >= 2,
        no("one is still to come", page(days(1)), did("form.submitted", -days(1))),
        yes("two kinds", page(days(1)), did("form.submitted", days(2))),
        no("one", page(days(1))),
    ),
)

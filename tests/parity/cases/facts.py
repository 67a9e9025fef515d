"""Which facts a clause sees."""

from nurture.calendar import this_month
from nurture.model import Origin
from nurture.predicates import q
from tests.parity.cases.said import NOW, TICK, Group, asks, both, days, did, no, page, utc, yes

_pages = q.touches("page.viewed")
_n = q.prop("n")

GROUPS: tuple[Group, ...] = (
    # -- which facts --
    *both(
        "a kind",
        _pages,
        yes("there is one", page(days(1))),
        yes("years ago counts without a window", page(days(2000))),
        yes("this very instant has happened", page(days(0))),
        no("a microsecond from now has not", page(-TICK)),
        no("another kind", did("form.submitted")),
        no("a kind that begins so is another", did("page.viewed_twice")),
        no("nothing"),
        no("a machine may have done it", did("page.viewed", suspect=True)),
    ),
    *asks(
        "a kind sees every origin",
        q.touches("email.sent"),
        yes("we did it", did("email.sent", by=Origin.ENGINE)),
        yes("the host did it", did("email.sent", by=Origin.HOST)),
    ),
    *both(
        "a prefix",
        q.touches("email.*"),
        yes("of the family", did("email.opened")),
        yes("we did it: a prefix sees every origin", did("email.sent", by=Origin.ENGINE)),
        yes("deeper below", did("email.link.clicked")),
        no("the dot belongs to it", did("emails.read")),
        no("it stands in front", did("my.email.read")),
        no("another kind", page()),
    ),
    *both(
        "no kind",
        q.touches(),
        yes("whatever the person did", did("seminar.attended")),
        no("what we did is not seen", did("email.sent", by=Origin.ENGINE)),
        no("what the host did is not seen", did("call.made", by=Origin.HOST)),
        no("a machine may have done it", did("page.viewed", suspect=True)),
        no("nothing"),
    ),
    *asks(
        "no kind, by the host",
        q.touches().by(Origin.HOST),
        yes("the host did it", did("call.made", by=Origin.HOST)),
        no("the person did it", did("call.made")),
    ),
    *asks(
        "by the lead",
        q.touches("call.made").by(Origin.LEAD),
        yes("the person did it", did("call.made")),
        no("the host did it", did("call.made", by=Origin.HOST)),
        no("we did it", did("call.made", by=Origin.ENGINE)),
    ),
    *asks(
        "by the engine",
        q.touches("email.*").by(Origin.ENGINE),
        yes("we did it", did("email.sent", by=Origin.ENGINE)),
        no("the person did it", did("email.opened")),
    ),
    *asks(
        "on a channel",
        _pages.on("web"),
        yes("this one", did("page.viewed", channel="web")),
        no("another", did("page.viewed", channel="app")),
        no("letter case counts", did("page.viewed", channel="Web")),
        no("none is known", page()),
    ),
    *asks(
        "of a campaign",
        _pages.of_campaign("spring"),
        yes("this one", did("page.viewed", campaign="spring")),
        no("another", did("page.viewed", campaign="springs")),
        no("none is known", page()),
    ),
    *asks(
        "including suspect",
        _pages.including_suspect(),
        yes("a machine may have done it", did("page.viewed", suspect=True)),
        yes("a person did it", page()),
        no("nothing"),
    ),
    *asks(
        "of a message",
        q.touches("email.clicked").of_message("hello"),
        yes("this one", did("email.clicked", props={"name": "hello"})),
        no("another", did("email.clicked", props={"name": "tips"})),
        no("no message is known", did("email.clicked")),
    ),
    *asks(
        "of a step",
        q.touches("email.clicked").of_step("welcome", "0"),
        yes("this one", did("email.clicked", scenario="welcome", step="0")),
        no("another step", did("email.clicked", scenario="welcome", step="1")),
        no("another scenario", did("email.clicked", scenario="nudge", step="0")),
    ),
    *asks(
        "one fact has it all",
        _pages.where((q.prop("path") == "/a") & (_n == 1)),
        yes("one fact", page(path="/a", n=1)),
        no("two facts, each a half", page(path="/a"), page(n=1)),
    ),
    *asks(
        "what is not so of a fact",
        _pages.where(~(q.prop("path") == "/a")),
        yes("another path", page(path="/b")),
        yes("no path: false at the leaf, turned around", page()),
        no("that path", page(path="/a")),
        no("no fact"),
    ),
    *asks(
        "either of a fact",
        _pages.where((q.prop("path") == "/a") | (_n == 1)),
        yes("the one", page(path="/a")),
        yes("the other", page(n=1)),
        no("neither", page(path="/b", n=2)),
    ),
    *asks(
        "everyone of a fact",
        _pages.where(q.everyone),
        yes("whatever it is", page()),
        no("no fact"),
    ),
    *asks(
        "one or everyone of a fact",
        _pages.where((_n == 1) | q.everyone),
        yes("another", page(n=2)),
        no("no fact"),
    ),
    # -- what really changed --
    *asks(
        "changed within",
        q.lead.title.changed(within=days(7)),
        yes("it did", did("lead.changed", days(1), by=Origin.HOST, revision=2, fields=("title",))),
        no("another field", did("lead.changed", days(1), by=Origin.HOST, revision=2, fields=("company",))),
        no("exactly a week ago", did("lead.changed", days(7), by=Origin.HOST, revision=2, fields=("title",))),
        no("a name that holds it", did("lead.changed", days(1), by=Origin.HOST, revision=2, fields=("job_title",))),
    ),
    *asks(
        "within, far back",
        _pages.within(days=36_500).count() >= 1,
        yes("a hundred years", page(days(36_499))),
        no("none"),
        now=NOW,
    ),
    *asks(
        "during this month",
        _pages.during(this_month()).count() == 1,
        yes("the first instant in Tokyo", page(utc("2026-10-31 15:00"))),
        no("the last of October", page(utc("2026-10-31 14:59:59.999999"))),
    ),
)

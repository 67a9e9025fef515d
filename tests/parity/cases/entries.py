"""What the run at hand began with, against constants, other values, the calendar and facts."""

from datetime import date

from nurture.calendar import today, tomorrow
from nurture.model import SubjectKind
from nurture.predicates import q
from tests.parity.cases.said import A_DAY, Group, asks, began, both, days, did, no, page, utc, yes

_starts = q.entry.campaign.starts_at
_same = q.prop("seminar") == q.entry.seminar

GROUPS: tuple[Group, ...] = (
    # -- against constants --
    *both(
        "an entry value ==",
        q.entry.rank == "A",
        yes("the same", began(rank="A")),
        no("letter case counts", began(rank="a")),
        no("another type", began(rank=1)),
        no("missing", began(other="A")),
        no("the lead's value of that name is another", began(rank="B"), nickname="A"),
        no("no run is at hand"),
    ),
    *both(
        "an entry value !=",
        q.entry.rank != "A",
        yes("another", began(rank="B")),
        no("the same", began(rank="A")),
        no("missing"),
        no("another type: like missing", began(rank=1)),
    ),
    *asks(
        "an entry number >=",
        q.entry["share"] >= 0.6,
        yes("the same", began(share=0.6)),
        yes("a whole number", began(share=1)),
        no("a millionth less", began(share=0.599999)),
        no("a text", began(share="0.7")),
        no("True is no number", began(share=True)),
        no("missing"),
    ),
    *asks(
        "a nested entry value",
        q.entry.campaign.owner.is_in(["Sato", "Kato"]),
        yes("by its path", began(campaign__owner="Kato")),
        no("not by its last part", began(owner="Kato")),
        no("missing", began(campaign="Kato")),
    ),
    *asks(
        "an entry value is missing",
        q.entry.rank.is_missing(),
        yes("it is", began(other=1)),
        no("an empty text is known", began(rank="")),
        yes("no run is at hand"),
    ),
    *asks(
        "many entry values",
        q.entry.topics.has_any(["tax", "law"]),
        yes("one of them", began(topics=("law", "sport"))),
        no("none of them", began(topics=("sport",))),
        no("one text is not many", began(topics="law")),
    ),
    *asks(
        "an account's run",
        q.entry.rank == "A",
        yes("the same", began(rank="A")),
        no("no run is at hand"),
        of=SubjectKind.ACCOUNT,
    ),
    # -- against other values --
    *both(
        "an entry value against the lead's",
        q.entry.seats >= 2 * q.lead.seats,
        yes("4 and 2", began(seats=4), seats=2),
        no("3 and 2", began(seats=3), seats=2),
        no("missing here", seats=2),
        no("missing there", began(seats=4)),
        no("a text", began(seats="4"), seats=2),
    ),
    *asks(
        "the lead's against an entry value",
        q.lead.nickname == q.entry.name,
        yes("the same", began(name="Jiro"), nickname="Jiro"),
        no("another", began(name="jiro"), nickname="Jiro"),
        no("both missing", began()),
    ),
    *asks(
        "two entry values",
        q.entry.came < q.entry.invited,
        yes("below", began(came=2, invited=3)),
        no("the same", began(came=3, invited=3.0)),
        no("texts have no order", began(came="a", invited="b")),
    ),
    # -- the calendar --
    *both(
        "an entry instant today",  # Tokyo: from 15:00 UTC of the 17th
        _starts.during(today()),
        yes("midnight in Tokyo", began(campaign__starts_at=utc("2026-11-17 15:00"))),
        no("a microsecond before", began(campaign__starts_at=utc("2026-11-17 14:59:59.999999"))),
        no("the next midnight", began(campaign__starts_at=utc("2026-11-18 15:00"))),
        no("a text", began(campaign__starts_at="2026-11-18")),
        no("missing"),
    ),
    *asks(
        "an entry date tomorrow",
        q.entry.held_on.during(tomorrow()),
        yes("the 19th", began(held_on=date(2026, 11, 19))),
        no("the 18th", began(held_on=date(2026, 11, 18))),
        yes("in New York it is still the 17th", began(held_on=date(2026, 11, 18)), zone="America/New_York"),
    ),
    *both(
        "an entry instant ahead",
        _starts.ahead() <= days(3),
        yes("three days to the microsecond", began(campaign__starts_at=utc("2026-11-21 03:00"))),
        no("one more", began(campaign__starts_at=utc("2026-11-21 03:00:00.000001"))),
        no("now is over", began(campaign__starts_at=utc("2026-11-18 03:00"))),
        no("missing"),
    ),
    *asks(
        "an entry instant ago",
        _starts.ago() >= days(1),
        yes("a day to the microsecond", began(campaign__starts_at=utc("2026-11-17 03:00"))),
        no("less", began(campaign__starts_at=utc("2026-11-17 03:00:00.000001"))),
        no("still to come", began(campaign__starts_at=utc("2026-11-20 03:00"))),
    ),
    *asks(
        "an anniversary of an entry date",
        q.entry.signed_on.anniversary(before=1),
        yes("today", began(signed_on=date(2024, 11, 18))),
        yes("tomorrow", began(signed_on=date(2024, 11, 19))),
        no("yesterday", began(signed_on=date(2024, 11, 17))),
    ),
    *asks(
        "years since an entry date",
        q.entry.signed_on.age() == 2,
        yes("two today", began(signed_on=date(2024, 11, 18))),
        no("two tomorrow", began(signed_on=date(2024, 11, 19))),
        no("three today", began(signed_on=date(2023, 11, 18))),
    ),
    # -- facts of the same thing --
    *both(
        "the same seminar",
        q.touches("seminar.attended").where(_same),
        yes("it is", began(seminar="s1"), did("seminar.attended", seminar="s1")),
        yes(
            "one of two",
            began(seminar="s1"),
            did("seminar.attended", seminar="s2"),
            did("seminar.attended", seminar="s1"),
        ),
        no("another", began(seminar="s1"), did("seminar.attended", seminar="s2")),
        no("the fact names none", began(seminar="s1"), did("seminar.attended")),
        no("the run began with none", did("seminar.attended", seminar="s1")),
        no("neither names one", did("seminar.attended")),
        no("a number is no text", began(seminar=1), did("seminar.attended", seminar="1")),
    ),
    *asks(
        "the same seminar, twice within ten days",
        q.touches("seminar.attended").where(_same).within(days=10).count() >= 2,
        yes(
            "both",
            began(seminar="s1"),
            did("seminar.attended", seminar="s1"),
            did("seminar.attended", days(9), seminar="s1"),
        ),
        no(
            "one of another",
            began(seminar="s1"),
            did("seminar.attended", seminar="s1"),
            did("seminar.attended", days(9), seminar="s2"),
        ),
        no(
            "one too old",
            began(seminar="s1"),
            did("seminar.attended", seminar="s1"),
            did("seminar.attended", days(10), seminar="s1"),
        ),
    ),
    *asks(
        "two of the same seminar's parts",
        q.touches("part.seen").where(_same).distinct("part") >= 2,
        yes("two parts", began(seminar=7), did("part.seen", seminar=7, part=1), did("part.seen", seminar=7, part=2)),
        no(
            "one of another", began(seminar=7), did("part.seen", seminar=7, part=1), did("part.seen", seminar=8, part=2)
        ),
    ),
    *asks(
        "any fact of the same order",
        q.touches("order.*").where(q.prop("order") == q.entry.order),
        yes("a whole number is its float", began(order=5), did("order.paid", order=5.0)),
        no("another", began(order=5), did("order.paid", order=6)),
    ),
    *asks(
        "the newest page is the one that began it",
        q.touches("page.viewed").last(q.prop("path") == q.entry.path),
        yes("it is", began(path="/a"), page(path="/a"), page(days(2), path="/b")),
        no("it is the older one", began(path="/b"), page(path="/a"), page(days(2), path="/b")),
    ),
    *asks(
        "the oldest page is the one that began it",
        q.touches("page.viewed").first(q.prop("path") == q.entry.path),
        yes("it is", began(path="/b"), page(path="/a"), page(days(2), path="/b")),
        no("it is the newer one", began(path="/a"), page(path="/a"), page(days(2), path="/b")),
    ),
    *asks(
        "the same deal is open, by its newest fact",
        q.touches("deal.changed")
        .newest_per("deal")
        .where((q.prop("deal") == q.entry.deal) & (q.prop("state") == "open")),
        yes(
            "its newest says so",
            began(deal="d1"),
            did("deal.changed", days(2), deal="d1", state="won"),
            did("deal.changed", deal="d1", state="open"),
        ),
        no(
            "its newest says otherwise",
            began(deal="d1"),
            did("deal.changed", days(2), deal="d1", state="open"),
            did("deal.changed", deal="d1", state="won"),
        ),
        no("another is open", began(deal="d1"), did("deal.changed", deal="d2", state="open")),
    ),
    *asks(
        "half of what was ordered was paid at once",
        q.touches("order.paid").where(q.prop("paid") >= 0.5 * q.entry.total),
        yes("half", began(total=100), did("order.paid", paid=50)),
        no("less", began(total=100), did("order.paid", paid=49.999999)),
        no("no total is known", did("order.paid", paid=50)),
    ),
    *asks(
        "invited to the same seminar and not come",
        q.touches("seminar.invited").where(_same).then_no(q.touches("seminar.attended").where(_same), within=A_DAY),
        yes(
            "come to another",
            began(seminar="s1"),
            did("seminar.invited", days(3), seminar="s1"),
            did("seminar.attended", days(2.5), seminar="s2"),
        ),
        no(
            "come to this one",
            began(seminar="s1"),
            did("seminar.invited", days(3), seminar="s1"),
            did("seminar.attended", days(2.5), seminar="s1"),
        ),
        no("invited to another", began(seminar="s1"), did("seminar.invited", days(3), seminar="s2")),
    ),
    *asks(
        "invited to the same seminar, and then called",
        q.touches("seminar.invited").where(_same).then(q.touches("call.made"), within=A_DAY),
        yes(
            "to this one",
            began(seminar="s1"),
            did("seminar.invited", days(3), seminar="s1"),
            did("call.made", days(2.5)),
        ),
        no(
            "to another",
            began(seminar="s1"),
            did("seminar.invited", days(3), seminar="s2"),
            did("call.made", days(2.5)),
        ),
    ),
    *asks(
        "called, and then come to the same seminar",
        q.touches("call.made").then(q.touches("seminar.attended").where(_same), within=A_DAY),
        yes(
            "to this one",
            began(seminar="s1"),
            did("call.made", days(3)),
            did("seminar.attended", days(2.5), seminar="s1"),
        ),
        no(
            "to another",
            began(seminar="s1"),
            did("call.made", days(3)),
            did("seminar.attended", days(2.5), seminar="s2"),
        ),
    ),
    *asks(
        "how long ago the same seminar was",
        q.touches("seminar.attended").where(_same).since_last() >= days(2),
        yes("two days", began(seminar="s1"), did("seminar.attended", days(2), seminar="s1")),
        yes(
            "a later one is another",
            began(seminar="s1"),
            did("seminar.attended", days(2), seminar="s1"),
            did("seminar.attended", seminar="s2"),
        ),
        no("yesterday", began(seminar="s1"), did("seminar.attended", seminar="s1")),
    ),
)

"""What has held for a time."""

from datetime import UTC, datetime, timedelta

from nurture.model import Origin, Value
from nurture.predicates import q
from tests.parity.cases.said import (
    TICK,
    Did,
    Group,
    asks,
    days,
    did,
    firm,
    no,
    utc,
    yes,
)

_FIRST = datetime.min.replace(tzinfo=UTC)


def _changed(
    when: timedelta | datetime, revision: int, of: str, before: Value, after: Value, kind: str = "lead"
) -> Did:
    known = {f"before.{of}": before, f"after.{of}": after}
    known = {name: value for name, value in known.items() if value is not None}
    return did(f"{kind}.changed", when, by=Origin.HOST, revision=revision, fields=(of,), props=known)


GROUPS: tuple[Group, ...] = (
    # -- what has held for a time --
    *asks(
        "held at least 7 days",
        q.held(q.lead.title == "CEO", at_least=days(7)),
        yes("since we met", title="CEO"),
        no("not so now", title="CTO"),
        no("missing"),
        no("we met less than a week ago", title="CEO", created_at=utc("2026-11-11 03:00:00.000001")),
        yes("we met exactly a week ago", title="CEO", created_at=utc("2026-11-11 03:00")),
        no("it became so within the week", _changed(days(7) - TICK, 2, "title", "CTO", "CEO"), title="CEO"),
        yes("it became so exactly a week ago", _changed(days(7), 2, "title", "CTO", "CEO"), title="CEO"),
        no(
            "it was something else in between",
            _changed(days(3), 2, "title", "CEO", "CTO"),
            _changed(days(2), 3, "title", "CTO", "CEO"),
            title="CEO",
        ),
        no("it became so this very moment", _changed(days(0), 2, "title", "CTO", "CEO"), title="CEO"),
        yes("another field changed", _changed(days(1), 2, "company", "A", "B"), title="CEO"),
        no("it was missing", _changed(days(1), 2, "title", None, "CEO"), title="CEO"),
        yes("a change that changed nothing", _changed(days(1), 2, "title", "CEO", "CEO"), title="CEO"),
    ),
    *asks(
        "not held at least 7 days",
        ~q.held(q.lead.title == "CEO", at_least=days(7)),
        no("since we met", title="CEO"),
        yes("not so now", title="CTO"),
    ),
    *asks(
        "held, and a change leaves it true",
        q.held(q.lead.seats >= 5, at_least=days(7)),
        yes("it never fell below", _changed(days(1), 2, "seats", 9, 6), seats=6),
        no("it rose to it", _changed(days(1), 2, "seats", 4, 6), seats=6),
        no(
            "by revision, not by time: it fell in between",
            _changed(days(2), 2, "seats", 9, 4),
            _changed(days(3), 3, "seats", 4, 6),
            seats=6,
        ),
    ),
    # Who entered the seats last entered an earlier change: it was false just before the title changed, as long as the
    # seats of then are known, which is for five more days.
    *asks(
        "held, one or the other",
        q.held((q.lead.title == "CEO") | (q.lead.seats >= 5), at_least=days(7)),
        no(
            "by revision: before the title changed neither was so",
            _changed(days(1), 2, "title", "CTO", "CEO"),
            _changed(days(2), 3, "seats", 4, 6),
            title="CEO",
            seats=6,
        ),
    ),
    *asks(
        "held, whatever the title but one",
        q.held(~(q.lead.title == "CEO") | (q.lead.seats >= 5), at_least=days(7)),
        no(
            "by revision: the title was it before the seats rose",
            _changed(days(1), 2, "title", "CTO", "CEO"),
            _changed(days(2), 3, "seats", 4, 6),
            title="CEO",
            seats=6,
        ),
    ),
    *asks(
        "held, at the edges of what is known",
        q.held(q.lead.title == "CEO", at_least=days(7)),
        yes("a change that names no fields is none", did("lead.changed", days(1), by=Origin.HOST), title="CEO"),
        yes("since the first instant of all", title="CEO", created_at=_FIRST, now_=_FIRST + days(7)),
        no("a microsecond less", title="CEO", created_at=_FIRST + TICK, now_=_FIRST + days(7)),
    ),
    *asks(
        "held less than 7 days",
        q.held(q.lead.title == "CEO", less_than=days(7)),
        no("since we met", title="CEO"),
        no("not so now: neither", title="CTO"),
        yes("we met less than a week ago", title="CEO", created_at=utc("2026-11-11 03:00:00.000001")),
        no("we met exactly a week ago", title="CEO", created_at=utc("2026-11-11 03:00")),
        yes("it became so within the week", _changed(days(7) - TICK, 2, "title", "CTO", "CEO"), title="CEO"),
        no("it became so exactly a week ago", _changed(days(7), 2, "title", "CTO", "CEO"), title="CEO"),
    ),
    *asks(
        "held of the account",
        q.held(q.account.tier == "gold", at_least=days(7)),
        yes("since we heard of it", firm(tier="gold")),
        no("it became so lately", firm(_changed(days(1), 2, "tier", "tin", "gold", "account"), tier="gold")),
        no("not so now", firm(tier="tin")),
        no("no account"),
    ),
)

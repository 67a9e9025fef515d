"""Consent: four words."""

from datetime import datetime, timedelta

from nurture.model import ANY_CHANNEL, ANY_ENTITY, Origin, Value
from nurture.predicates import q
from tests.parity.cases.said import (
    A_DAY,
    TICK,
    Did,
    Group,
    asks,
    both,
    days,
    did,
    no,
    utc,
    yes,
)


def _said(
    kind: str, when: timedelta | datetime, *, explicit: bool = False, topic: str = "", purpose: str = "marketing",
    channel: str = "email", id: str | None = None, **more: Value,
) -> Did:  # fmt: skip
    known = {"channel": channel, "purpose": purpose, "topic": topic, "explicit": explicit, **more}
    return did(kind, when, id=id, by=Origin.HOST, props=known)


def _yes(when: timedelta | datetime = A_DAY, **more: Value) -> Did:
    return _said("consent.given", when, **more)  # type: ignore[arg-type]


def _no(when: timedelta | datetime = A_DAY, **more: Value) -> Did:
    return _said("consent.withdrawn", when, **more)  # type: ignore[arg-type]


_BEFORE = utc("2026-11-18 00:00")
_PLAIN: dict[str, Value] = {"channel": "email", "purpose": "marketing", "explicit": True}
_ALL: dict[str, Value] = {"channel": ANY_CHANNEL, "entity": ANY_ENTITY}

GROUPS: tuple[Group, ...] = (
    # -- consent: four words --
    *both(
        "consent given",
        q.consent().given(),
        yes("a yes", _yes()),
        no("a no", _no()),
        no("nothing"),
        yes("still to run out", _yes(expires_at=utc("2026-11-18 03:00:00.000001"))),
        no("it runs out this very instant", _yes(expires_at=utc("2026-11-18 03:00"))),
        no("a refusal holds against a newer yes that came along", _no(days(2)), _yes(days(1))),
        yes("a newer explicit yes lifts it", _no(days(2)), _yes(days(1), explicit=True)),
        no("an older explicit yes does not", _yes(days(2), explicit=True), _no(days(1))),
        no("at one instant a refusal wins", _yes(days(1), explicit=True), _no(days(1))),
        no("still to come", _yes(-TICK)),
        yes("now", _yes(days(0))),
        no("another channel", _yes(channel="sms")),
        no("another purpose", _yes(purpose="transactional")),
        no("a topic is not all of it", _yes(topic="news")),
        yes("the newest yes has run out, another has not", _yes(days(2)), _yes(days(1), expires_at=_BEFORE)),
        no("all of them have run out", _yes(days(2), expires_at=_BEFORE), _yes(days(1), expires_at=_BEFORE)),
        no(
            "the one that has not was voided by a refusal that was lifted",
            _yes(days(3)),
            _no(days(2)),
            _yes(days(1), explicit=True, expires_at=_BEFORE),
        ),
        no(
            "one of the very instant of that refusal is voided, too",
            _yes(days(2)),
            _no(days(2)),
            _yes(days(1), explicit=True, expires_at=_BEFORE),
        ),
        yes(
            "one that came along after the refusal is a ground once it is lifted",
            _no(days(3)),
            _yes(days(2)),
            _yes(days(1), explicit=True, expires_at=_BEFORE),
        ),
        no("everything was refused", _yes(days(2)), _no(days(1), **_ALL)),
        yes("everything was refused before", _no(days(2), **_ALL), _yes(days(1), explicit=True)),
        no("every sender was refused on this channel", _yes(days(2)), _no(days(1), entity=ANY_ENTITY)),
        no("a yes is never to everybody", _yes(entity=ANY_ENTITY), _yes(channel=ANY_CHANNEL)),
        yes("the newest yes has not", _yes(days(2), expires_at=utc("2026-11-18 00:00")), _yes(days(1))),
    ),
    *both(
        "consent refused",
        q.consent().refused(),
        yes("a no", _no()),
        yes("a no that we heard elsewhere", _no(explicit=False)),
        yes("an explicit one", _no(explicit=True)),
        no("a yes", _yes()),
        no("a yes that ran out is no refusal", _yes(expires_at=utc("2026-11-18 00:00"))),
        no("nothing"),
        no("lifted by a newer explicit yes", _no(days(2)), _yes(days(1), explicit=True)),
        yes("not lifted by one that came along", _no(days(2)), _yes(days(1))),
        yes("not lifted by one of that very instant", _no(days(1)), _yes(days(1), explicit=True)),
        no("still to come", _no(-TICK)),
    ),
    *both(
        "consent unsubscribed",
        q.consent().unsubscribed(),
        yes("they said so to us", _no(explicit=True)),
        no("we heard it elsewhere", _no(explicit=False)),
        no("a yes", _yes(explicit=True)),
        no("nothing"),
        no("the newest no is the word", _no(days(2), explicit=True), _no(days(1))),
        yes("the newest no is the word, and said to us", _no(days(2)), _no(days(1), explicit=True)),
    ),
    *both(
        "consent unsaid",
        q.consent().unsaid(),
        yes("nothing"),
        no("a yes", _yes()),
        no("a no", _no()),
        no("a yes that ran out was said", _yes(expires_at=utc("2026-11-18 00:00"))),
        yes("only of another channel", _yes(channel="sms")),
        yes("only of another purpose", _no(purpose="internal")),
        yes("only of a topic", _yes(topic="news")),
        yes("still to come", _yes(-TICK)),
    ),
    *asks(
        "consent to a topic",
        q.consent("news").given(),
        yes("to the topic", _yes(topic="news")),
        yes("to all of it", _yes()),
        no("to another topic", _yes(topic="fairs")),
        no("all of it was refused since", _yes(days(2), topic="news"), _no(days(1))),
        yes("an explicit yes to the topic lifts that", _no(days(2)), _yes(days(1), topic="news", explicit=True)),
        no(
            "a general yes puts back no topic that was refused",
            _no(days(2), topic="news"),
            _yes(days(1), explicit=True),
        ),
        yes("one to the topic does", _no(days(2), topic="news"), _yes(days(1), topic="news", explicit=True)),
        no(
            "nor while both were refused and one was lifted",
            _no(days(3), topic="news"),
            _no(days(2)),
            _yes(days(1), explicit=True),
        ),
        no("an explicit yes to another does not", _no(days(2)), _yes(days(1), topic="fairs", explicit=True)),
    ),
    *asks(
        "consent on a channel",
        q.consent(channel="line").given(),
        yes("this one", _yes(channel="line")),
        no("another", _yes()),
    ),
    *asks(
        "consent for a purpose",
        q.consent(purpose="transactional").given(),
        yes("this one", _yes(purpose="transactional")),
        no("another", _yes()),
    ),
    *asks(
        "consent for profiling",
        q.consent(purpose="profiling").refused(),
        yes("this one", _no(purpose="profiling", channel="any")),
        no("on one channel it is not kept", _no(purpose="profiling")),
        no("another", _no()),
    ),
    # -- towards whom --
    *both(
        "consent towards a sender",
        q.consent(entity="sister").given(),
        yes("towards this one", _yes(entity="sister")),
        no("towards the site's own", _yes()),
        no("towards the site's own, said", _yes(entity="")),
        no("towards another", _yes(entity="brother")),
        no("letter case counts", _yes(entity="Sister")),
        no("a number is no name", _yes(entity=3)),
        yes("a refusal of another takes nothing back", _yes(days(2), entity="sister"), _no(days(1))),
        no("a refusal of this one does", _yes(days(2), entity="sister"), _no(days(1), entity="sister")),
        no(
            "an explicit yes towards another lifts nothing",
            _yes(days(3), entity="sister"),
            _no(days(2), entity="sister"),
            _yes(days(1), explicit=True),
        ),
        yes(
            "one towards this one does",
            _no(days(2), entity="sister"),
            _yes(days(1), entity="sister", explicit=True),
            _no(days(0)),
        ),
    ),
    *both(
        "consent towards the site's own",
        q.consent().given(),
        yes("said by an empty name", _yes(entity="")),
        no("towards another", _yes(entity="sister")),
        no("a number is no name", _yes(entity=3)),
        yes("a refusal of another takes nothing back", _yes(days(2)), _no(days(1), entity="sister")),
        no("a refusal by an empty name does", _yes(days(2)), _no(days(1), entity="")),
    ),
    *both(
        "consent refused towards a sender",
        q.consent(entity="sister").refused(),
        yes("towards this one", _no(entity="sister")),
        no("towards the site's own", _no()),
        yes("towards every sender, on every channel", _no(**_ALL)),
        yes("towards every sender, on this channel", _no(entity=ANY_ENTITY)),
        no("towards every sender, on another channel", _no(entity=ANY_ENTITY, channel="line")),
        no("everything of another purpose", _no(purpose="transactional", **_ALL)),
        no("everything, and this one was put back", _no(days(2), **_ALL), _yes(A_DAY, entity="sister", explicit=True)),
        yes("everything, and another was put back", _no(days(2), **_ALL), _yes(A_DAY, explicit=True)),
        yes(
            "everything, and this one was put back before",
            _yes(days(2), entity="sister", explicit=True),
            _no(days(1), **_ALL),
        ),
        no("lifted", _no(days(2), entity="sister"), _yes(days(1), entity="sister", explicit=True)),
        yes("not lifted by a yes to another", _no(days(2), entity="sister"), _yes(days(1), explicit=True)),
    ),
    *both(
        "consent unsubscribed from a sender",
        q.consent(entity="sister").unsubscribed(),
        yes("from this one", _no(entity="sister", explicit=True)),
        no("from another", _no(explicit=True)),
        yes("from everything", _no(explicit=True, **_ALL)),
        no("from everything, as we heard elsewhere", _no(**_ALL)),
        yes(
            "the newest no towards another is not the word", _no(days(2), entity="sister", explicit=True), _no(days(1))
        ),
    ),
    *both(
        "consent unsaid towards a sender",
        q.consent(entity="sister").unsaid(),
        yes("nothing"),
        yes("only towards the site's own", _yes()),
        no("said", _yes(entity="sister")),
        no("refused", _no(entity="sister")),
        no("everything was refused", _no(**_ALL)),
    ),
    *asks(
        "consent to a topic towards a sender",
        q.consent("news", entity="sister").given(),
        yes("to all of it", _yes(entity="sister")),
        yes("to the topic", _yes(topic="news", entity="sister")),
        no("to the topic, towards another", _yes(topic="news")),
        no("to another topic", _yes(topic="fairs", entity="sister")),
        yes(
            "to the topic, after everything was refused",
            _no(days(2), **_ALL),
            _yes(days(1), topic="news", entity="sister", explicit=True),
        ),
        yes(
            "to all of it, after everything was refused",
            _no(days(2), **_ALL),
            _yes(days(1), entity="sister", explicit=True),
        ),
    ),
    # -- several words, one after the other --
    *asks(
        "consent refused, again and again",
        q.consent().refused(),
        yes("lifted, and refused once more", _no(days(3)), _yes(days(2), explicit=True), _no(days(1))),
        no("lifted once more", _yes(days(3), explicit=True), _no(days(2)), _yes(days(1), explicit=True)),
        no("a yes that says nothing of topics lifts it", _no(days(2)), did("consent.given", props=_PLAIN)),
        yes("suspect or not, a word is a word", did("consent.withdrawn", props=_PLAIN, suspect=True)),
    ),
    *asks(
        "consent refused for a topic, at one instant",
        q.consent(topic="news").refused(),
        yes("a refusal by name wins", _yes(days(1), topic="news", explicit=True), _no(days(1), topic="news")),
    ),
)

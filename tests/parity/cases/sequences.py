"""One fact and then another, or none."""

from nurture.predicates import q
from tests.parity.cases.said import TICK, Group, asks, both, days, did, no, page, yes

_form = q.touches("form.submitted")
_call = q.touches("call.made")


def _filled(when, **more):  # type: ignore[no-untyped-def]
    return did("form.submitted", when, props=more)


def _called(when, **more):  # type: ignore[no-untyped-def]
    return did("call.made", when, props=more)


GROUPS: tuple[Group, ...] = (
    *both(
        "then",
        _form.then(_call, within=days(7)),
        yes("three days later", _filled(days(10)), _called(days(7))),
        yes("exactly a week later", _filled(days(10)), _called(days(3))),
        no("a microsecond too late", _filled(days(10)), _called(days(3) - TICK)),
        no("at the same instant is not after", _filled(days(10)), _called(days(10))),
        yes("a microsecond after is", _filled(days(10)), _called(days(10) - TICK)),
        no("before", _filled(days(10)), _called(days(11))),
        no("nothing followed", _filled(days(10))),
        no("nothing followed yet", _filled(days(1))),
        no("nothing began", _called(days(7))),
        no("still to come", _filled(days(1)), _called(-TICK)),
        no("still to come, exactly a week later", _filled(days(1)), _called(-days(6))),
        no("still to come, and too late", _filled(days(1)), _called(-days(6) - TICK)),
        yes("now counts", _filled(days(1)), _called(days(0))),
        yes("the second one was followed", _filled(days(30)), _filled(days(10)), _called(days(9))),
        no("another kind followed", _filled(days(10)), page(days(9))),
        no("a machine may have followed", _filled(days(10)), did("call.made", days(9), suspect=True)),
        no("nothing"),
    ),
    *both(
        "then_no",
        _form.then_no(_call, within=days(7)),
        yes("the week is just over", _filled(days(7))),
        no("a microsecond is left", _filled(days(7) - TICK)),
        no("it was followed", _filled(days(10)), _called(days(9))),
        no("exactly a week later is in time", _filled(days(10)), _called(days(3))),
        yes("a microsecond too late", _filled(days(10)), _called(days(3) - TICK)),
        yes("at the same instant is not after", _filled(days(10)), _called(days(10))),
        yes("one of two was not", _filled(days(30)), _filled(days(10)), _called(days(9))),
        no("it will be followed, exactly a week later", _filled(days(1)), _called(-days(6))),
        no("it will not be in time", _filled(days(1)), _called(-days(6) - TICK)),
        no("nothing began", _called(days(9))),
        no("nothing"),
        no("the last instant of the week is now, and it is followed now", _filled(days(7)), _called(days(0))),
    ),
    *asks(
        "then of one kind",
        q.touches("page.viewed").then(q.touches("page.viewed"), within=days(1)),
        yes("another one", page(days(3)), page(days(2))),
        no("itself is not after itself", page(days(3))),
        no("too far apart", page(days(3)), page(days(1))),
    ),
    *asks(
        "then where",
        _form.where(q.prop("name") == "trial").then(_call.where(q.prop("result") == "met"), within=days(7)),
        yes("both as asked", _filled(days(3), name="trial"), _called(days(2), result="met")),
        no("another form", _filled(days(3), name="news"), _called(days(2), result="met")),
        no("another result", _filled(days(3), name="trial"), _called(days(2), result="away")),
    ),
    *asks(
        "then of recent ones",
        _form.within(days=7).then(_call, within=days(7)),
        yes("it began inside", _filled(days(7) - TICK), _called(days(1))),
        no("it began outside", _filled(days(7)), _called(days(1))),
    ),
    *asks(
        "then of old ones",
        _form.older_than(days=2).then(_call, within=days(7)),
        yes("old enough", _filled(days(2)), _called(days(1))),
        no("too young", _filled(days(2) - TICK), _called(days(1))),
    ),
    *asks(
        "then of a family",
        q.touches("email.*").then(q.touches("page.viewed"), within=days(1)),
        yes("of the family", did("email.clicked", days(2)), page(days(1))),
        no("of another", did("emails.clicked", days(2)), page(days(1))),
    ),
)

"""Double opt-in: a person is asked at the address, and only a click from there is a consent. Pure.

What was asked for stands in the fact `consent.asked`. It is also the key of the run, so that several questions to one
person run side by side; the effect that asks carries it as a parameter, and the link in the mail says it word for word.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import attrs

from nurture.calendar import Civil, days
from nurture.errors import DefinitionError, InvalidFactError
from nurture.model import DOUBLE_OPT_IN, Effect, Fact, FrozenMapping, Purpose, Value, clean_choice
from nurture.model.consent import refuse_long_notes
from nurture.model.values import clean_text
from nurture.predicates import q
from nurture.program.scenario import Reentry, Scenario
from nurture.steps import Step, exit_, send, wait_for
from nurture.steps.declaration import steps_given, wrong

if TYPE_CHECKING:
    from collections.abc import Mapping

ASKED = "asked"
"""The property of the fact, and the parameter of the effect, that hold what was asked for."""
LINK_LIFE = timedelta(days=31)
"""So long can a link be followed, counted from when the question was decided; no deadline may be longer."""
_A_WEEK = days(7)


@attrs.frozen(slots=True, kw_only=True)
class Asked:
    """The consent that a person is asked for.

    Attributes:
        channel: On which channel.
        purpose: What for.
        topic: About what; `""` is the whole purpose.
        entity: Towards which sender; `""` is the site's own.
        text_version: Which wording the person saw.
        source: Where the question came from, such as a form's name.
    """

    channel: str = "email"
    purpose: Purpose = Purpose.MARKETING
    topic: str = ""
    entity: str = ""
    text_version: str = ""
    source: str = ""

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "purpose", clean_choice(Purpose, self.purpose, "purpose"))
        for name in _TEXTS:
            object.__setattr__(self, name, clean_text(getattr(self, name), name))
        refuse_long_notes(self, ("text_version", "source"))
        if not self.channel:
            raise InvalidFactError("channel", "the name of a channel, such as 'email'")

    def properties(self) -> Mapping[str, Value]:
        """What the fact `consent.asked` says."""
        said: dict[str, Value] = {name: getattr(self, name) for name in _TEXTS}
        return FrozenMapping({ASKED: self.key(), "purpose": self.purpose.value, **said})

    def key(self) -> str:
        """What tells this question from others; where it came from does not matter."""
        said = [self.channel, self.purpose.value, self.topic, self.entity, self.text_version]
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


_TEXTS = ("channel", "topic", "entity", "text_version", "source")


def asked_in(effect: Effect) -> Asked | None:
    """What an effect asks a person for; None when it asks for no consent."""
    key = effect.params.get(ASKED)
    if not isinstance(key, str):
        return None
    try:
        said: object = json.loads(key)
    except ValueError:
        return None
    parts = cast("list[object]", said) if isinstance(said, list) else []
    if len(parts) != 5 or not all(isinstance(one, str) for one in parts):
        return None
    channel, purpose, topic, entity, text_version = cast("list[str]", parts)
    if purpose not in [one.value for one in Purpose] or not channel:
        return None
    return Asked(channel=channel, purpose=Purpose(purpose), topic=topic, entity=entity, text_version=text_version)


def double_opt_in(
    message: str,
    *,
    name: str = DOUBLE_OPT_IN,
    deadline: timedelta | Civil = _A_WEEK,
    then: Sequence[Step] = (),
    otherwise: Sequence[Step] = (),
) -> Scenario:
    """The scenario that asks for a confirmation whenever `crm.ask_consent` was called.

    The same question is asked once at a time: asking again while an answer is awaited sends nothing, so that a
    form cannot be used to flood somebody's mailbox. Another topic, sender or wording is another question.

    Args:
        message: Name of the transactional message that shows `{{ confirm_url }}`.
        name: Names the scenario.
        deadline: How long to wait for the answer; at most `LINK_LIFE`, 31 days. A link can be followed for that long,
            also when the run has stopped waiting.
        then: Steps when the person confirmed, such as sending what was asked for.
        otherwise: Steps when nobody answered, such as asking once more.

    Raises:
        DefinitionError: The deadline may be longer than the link can be followed, or something is of another type.

    Example:
        >>> double_opt_in("confirm").key
        'asked'
    """
    if not isinstance(cast("object", deadline), (timedelta, Civil)):
        raise wrong("double_opt_in.deadline", "a timedelta or civil(...)", deadline)
    if _at_most(deadline) > LINK_LIFE:
        raise DefinitionError(f"double_opt_in.deadline: at most {LINK_LIFE.days} days, as links end then")
    answered = [*steps_given(then, "double_opt_in.then"), exit_("confirmed")]
    silent = [*steps_given(otherwise, "double_opt_in.otherwise"), exit_("unanswered")]
    confirmed = q.touches(Fact.CONSENT_GIVEN).where(q.prop("source") == DOUBLE_OPT_IN)
    return Scenario(
        name,
        on=q.touches(Fact.CONSENT_ASKED),
        key=ASKED,
        reentry=Reentry.ALWAYS,
        steps=[
            send(message),
            wait_for(confirmed, deadline, then=answered, otherwise=silent),
        ],
    )


def _at_most(length: timedelta | Civil) -> timedelta:
    """The longest that a time can be on a usual calendar: every other day is open, for four hours at least."""
    if isinstance(length, timedelta):
        return length
    open_days = 0 if length.business_days is None else 2 * length.business_days + 1
    if length.business_hours is not None:  # four hours on an open day, and to the first one
        open_days = 2 * -(-length.business_hours // timedelta(hours=4)) + 1
    to_weekday = 0 if length.weekday is None else 6
    to_day = 31 if length.is_in_month else 0
    on_clock = 0 if length.at is None else 1
    roll = 0 if length.roll is None else 2
    whole = 366 * length.years + 31 * length.months + 7 * length.weeks + length.days
    return timedelta(days=min(whole + open_days + to_weekday + to_day + roll + on_clock, LINK_LIFE.days + 1))

"""The step that sends a message to the lead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

import attrs

from nurture.model import EffectKind, Repeat
from nurture.steps.acting import Acting, Given, Misfire, sorted_out
from nurture.steps.declaration import several
from nurture.steps.step import EffectOrder, Scene, Step

if TYPE_CHECKING:
    from datetime import timedelta

_ELSEWHERE_NEITHER: Final = frozenset({"message_changed", "not_approved", "profiling_purpose", "holdout"})
"""Why a message is withheld for reasons that another channel does not mend; besides those of lateness."""
_TOO_LATE: Final = "too_late"


@attrs.frozen(slots=True)
class Send(Acting):
    """Send a message, and go on once it has settled: accepted, refused, withheld, or in doubt.

    Where it cannot go (there is no address or no consent, the address is suppressed, the message was refused for good),
    the messages to fall back to are tried, each on its own channel, one after the other. All of them are one step, and
    at most one of them goes: when nobody knows whether one went, no other is tried. What is too late for one is too
    late for all; lateness counts from the arrival at the step.

    Attributes:
        message: Name of the message.
        repeat: What to do when nobody knows whether it was sent.
        fallback: Names of the messages to try instead, in order.
    """

    kind: ClassVar[str] = "send"

    message: str
    repeat: Repeat = Repeat.AT_MOST_ONCE
    fallback: tuple[str, ...] = ()

    def tries(self) -> int:
        """One for each message."""
        return 1 + len(self.fallback)

    def asks_for(self, scene: Scene) -> EffectOrder:
        """The message whose turn it is."""
        name = (self.message, *self.fallback)[scene.turns]
        return EffectOrder(EffectKind.MESSAGE, name, self.filled(scene), self.repeat)

    def goes_elsewhere(self, scene: Scene) -> bool:
        """Whether it was refused for a reason that does not hold for every channel."""
        if scene.outcome == "withheld":
            return scene.reason not in _ELSEWHERE_NEITHER and not scene.reason.startswith(_TOO_LATE)
        return scene.outcome == "failed"

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The messages."""
        return [("message", name) for name in (self.message, *self.fallback)]

    def problems(self) -> Iterable[str]:
        """Each message is tried once."""
        yield from super().problems()
        if len({self.message, *self.fallback}) < self.tries():
            yield "fallback: a message stands twice"

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        if lang == "ja":
            return "、届かなければ".join(f"「{name}」" for name in (self.message, *self.fallback)) + "を送る"
        return "send " + ", else ".join(repr(name) for name in (self.message, *self.fallback))


def send(
    message: str,
    *,
    params: Given | None = None,
    fallback: Sequence[str] = (),
    repeat: Repeat = Repeat.AT_MOST_ONCE,
    misfire: Misfire | str = Misfire.SKIP,
    max_lateness: timedelta | None = None,
    if_failed: Sequence[Step] = (),
    if_withheld: Sequence[Step] = (),
) -> Send:
    """Send a message by its name; a wait after it starts when it was really sent.

    Args:
        message: Name of a message of the program.
        params: Extra values for its body, as `params.name`. A field such as `q.entry.starts_at` is read on arrival.
        fallback: Names of messages, on other channels, to try in this order when this one cannot go.
        repeat: `at_most_once` (default) parks a message whose fate is unknown; `at_least_once` sends it again.
        misfire: When it is late: `skip` withholds it after `max_lateness`, `now` and `shift` send it, and `last_only`
            sends it unless the run's next appointment has passed. `shift` moves the later appointments, too.
        max_lateness: After this time it is withheld; None means the contact policy's with `skip`, else any.
        if_failed: Steps when it was refused for good, or nobody knows what became of it; none means to go on.
        if_withheld: Steps when it may not go; none means to go on.

    Example:
        >>> send("reminder", fallback=["reminder_sms"]).sentence()
        "send 'reminder', else 'reminder_sms'"
    """
    values, fields = sorted_out(params, "send.params")
    return Send(
        message,
        repeat,
        several(fallback),
        params=values,
        fill=fields,
        misfire=misfire,
        max_lateness=max_lateness,
        if_failed=if_failed,
        if_withheld=if_withheld,
    )

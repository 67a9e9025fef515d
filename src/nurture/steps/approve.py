"""The step that lets somebody look first: the run goes on when a person with a role has said yes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

import attrs

from nurture.calendar import describe as describe_duration
from nurture.model import Fact, FrozenMapping, Value, digest
from nurture.predicates import Predicate, Touched
from nurture.steps.declaration import several
from nurture.steps.step import (
    Duration,
    FactOrder,
    Go,
    KeepOrder,
    Move,
    Scene,
    Stay,
    Step,
    length_problems,
)


@attrs.frozen(slots=True)
class Approve(Step):
    """Ask for an approval, and wait for the answer of somebody with a role, up to a deadline.

    What is approved is what the message says at that time: its texts, its layout and the blocks. When an answer comes
    and that is something else by now, the request is made anew, and the answer counts for nothing. What the run sends
    of that message afterwards goes out as it was approved, or is withheld as `not_approved`.

    An answer and the deadline at one instant: the answer wins. A yes and a no at one instant: the no wins.

    Attributes:
        role: Whose word counts; the host knows who has it.
        message: What is looked at; `""` when it is the going on itself.
        deadline: How long to wait, counted from the arrival.
        then: Steps when it was approved.
        refused: Steps when it was refused.
        otherwise: Steps when nobody answered in time.
    """

    kind: ClassVar[str] = "approve"
    listens: ClassVar[bool] = True

    role: str
    message: str
    deadline: Duration
    then: tuple[Step, ...] = ()
    refused: tuple[Step, ...] = ()
    otherwise: tuple[Step, ...] = ()

    def arrive(self, scene: Scene) -> Move:
        """Ask for it."""
        return self.resume(scene)

    def resume(self, scene: Scene) -> Move:
        """Go on by the edge that an answer or time chose; ask where nobody was asked for what it says now."""
        content = scene.content(self.message) if self.message else ""
        approval = digest("appr", scene.stop, content)
        no = scene.word_on(Fact.APPROVAL_REFUSED, "approval", approval)
        if no is not None:
            return Go("refused", saw={"fact": no.id})
        yes = scene.word_on(Fact.APPROVAL_GIVEN, "approval", approval)
        if yes is not None:
            kept = (KeepOrder(self.message, content),) if self.message else ()
            return Go("approved", kept, saw={"fact": yes.id})
        until = scene.later(self.deadline)
        if until <= scene.now:
            return Go("timeout")
        if scene.word_on(Fact.APPROVAL_REQUESTED, "approval", approval) is not None:
            return Stay(until=until)
        about: dict[str, Value] = {"approval": approval, "stop": scene.stop, "role": self.role}
        if self.message:
            about |= {"message": self.message, "content": content}
        asked = FactOrder(Fact.APPROVAL_REQUESTED, FrozenMapping(about), approval)
        return Stay(until=until, orders=(asked,))

    def edges(self) -> Mapping[str, Sequence[Step]]:
        """Approved, refused and timeout."""
        return {"approved": self.then, "refused": self.refused, "timeout": self.otherwise}

    def mentions(self) -> Iterable[tuple[str, str]]:
        """The message, whatever it is for."""
        return (("content", self.message),) if self.message else ()

    def predicates(self) -> Iterable[tuple[str, Predicate]]:
        """The requests and the answers."""
        kinds = (Fact.APPROVAL_REQUESTED, Fact.APPROVAL_GIVEN, Fact.APPROVAL_REFUSED)
        return tuple((f"{kind.rpartition('.')[2]}.on", Touched(kind)) for kind in kinds)

    def problems(self) -> Iterable[str]:
        """Somebody can be asked, and the waiting ends."""
        if not self.role.strip() or len(self.role) > 100:
            yield "role: expected a name of 1 to 100 characters"
        yield from length_problems(self.deadline, "deadline")

    def sentence(self, lang: str = "en") -> str:
        """What this step does."""
        limit = describe_duration(self.deadline, lang)
        if lang == "ja":
            what = f"「{self.message}」の" if self.message else ""
            return f"「{self.role}」による{what}承認を待つ（期限: {limit}）"
        what = f" of {self.message!r}" if self.message else ""
        return f"wait for the approval{what} by {self.role!r} (at most {limit})"


def approve(
    role: str,
    *,
    deadline: Duration,
    message: str = "",
    then: Sequence[Step] = (),
    refused: Sequence[Step] = (),
    otherwise: Sequence[Step] = (),
) -> Approve:
    """Wait until somebody with a role has approved a message: `crm.approvals` tells which, `crm.approve` answers.

    Args:
        role: Whose word counts, such as `director`.
        deadline: How long to wait, elapsed or civil.
        message: The message that is looked at; what the run sends of it later goes as it was approved, or not at all.
        then: Steps when it was approved, such as sending it.
        refused: Steps when it was refused.
        otherwise: Steps when nobody answered in time.

    Example:
        >>> from nurture import days
        >>> from nurture.steps import send
        >>> approve("director", message="case", deadline=days(3), then=[send("case")]).sentence()
        "wait for the approval of 'case' by 'director' (at most 3 days)"
    """
    return Approve(role, message, deadline, several(then), several(refused), several(otherwise))

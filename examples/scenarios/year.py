"""A year in a minute: the runtime on a clock that jumps, and what people and colleagues are going to do.

It is what `nurture.simulate` does, for programs in which companies act as well, colleagues close tasks and directors
approve. Whoever wants to know only what mail does to leads takes `simulate`. May import `nurture` and the house.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from examples.scenarios.house import BEGIN, END, OWNERS, SITE
from nurture import NewFact, Nurture, Origin, Program, Touchpoint
from nurture.model import LeadId
from nurture.ports import Accepted, Action, Envelope, Receipt
from nurture.simulation import VirtualClock
from nurture.storage import MemoryStorage

if TYPE_CHECKING:
    from nurture.model import SubjectId, Value
    from nurture.ports import Storage

_SOON = timedelta(microseconds=1)
_CONFIRM = re.compile(r"/confirm/([\w.~-]+)")
_AT_ONCE = 1000


class Post:
    """Takes every mail, and keeps the text of each by its key."""

    dedup_window = timedelta.max

    def __init__(self) -> None:
        self.letters: dict[str, Envelope] = {}

    def send(self, envelopes: Iterable[Envelope], /) -> tuple[Receipt, ...]:
        """Keep them."""
        taken = list(envelopes)
        self.letters.update((one.key, one) for one in taken)
        return tuple(Accepted() for _ in taken)

    def close(self) -> None:
        """Nothing to give back."""


@dataclass(frozen=True)
class _Happening:
    """A fact that is made when its time comes."""

    made: Callable[[], NewFact]


class Year:
    """A program, a store, and a heap of what is to come.

    Args:
        program: What should follow from facts.
        storage: Makes the store from the clock; None is a store in memory.
        actions: The host's own actions.
        seed: The same seed makes the same year.
    """

    def __init__(
        self,
        program: Program,
        *,
        storage: Callable[[VirtualClock], Storage] | None = None,
        actions: Mapping[str, Action] | None = None,
        seed: int = 7,
    ) -> None:
        self.clock = VirtualClock(BEGIN)
        self.seed = seed
        self.random = Random(seed)
        self.post = Post()
        self.ids: dict[str, SubjectId] = {}
        self.names: dict[SubjectId, str] = {}
        self._coming: list[tuple[datetime, int, Callable[[], object] | _Happening]] = []
        self._habits: dict[str, list[Callable[[Touchpoint], object]]] = {}
        self._count = 0
        self._keys = 0
        self.crm = Nurture(
            program,
            MemoryStorage(clock=self.clock) if storage is None else storage(self.clock),
            senders={"email": self.post},
            site=SITE,
            owners=OWNERS,
            actions=actions,
            observers=(self._notice,),
            new_key=self._new_key,
        )

    def luck(self, fact: Touchpoint) -> Random:
        """Chance in what somebody does about a fact: the same for the same person, whoever else acts before."""
        about = fact.properties.get("name") or fact.properties.get("title")
        return Random(f"{self.seed}:{self.names[fact.subject]}:{about}:{fact.at.date()}")

    def at(self, when: datetime, do: Callable[[], object]) -> None:
        """Let something happen at an instant."""
        self._plan(when, do)

    def after(self, fact: Touchpoint, delay: timedelta, do: Callable[[], object]) -> None:
        """Let something happen some time after a fact."""
        self.at(fact.at + delay, do)

    def habit(self, kind: str, answer: Callable[[Touchpoint], object]) -> None:
        """Let people answer each new fact of a kind; whatever they do, they do through `at` and `after`."""
        self._habits.setdefault(kind, []).append(answer)

    def company(self, who: str, name: str, when: datetime = BEGIN, **fields: object) -> None:
        """A company that we come to know."""

        def take_in() -> None:
            self._know(who, self.crm.capture_account(name=name, key=who, **fields).id)  # type: ignore[arg-type]

        self.at(when, take_in)

    def person(self, who: str, when: datetime = BEGIN, *, of: str | None = None, **fields: object) -> None:
        """A person whom we come to know, of a company that is known by then."""

        def take_in() -> None:
            given = {"email": f"{who}@people.example", **fields}
            if of is not None:
                given["account"] = self.ids[of]
            self._know(who, self.crm.capture(**given).id)  # type: ignore[arg-type]

        self.at(when, take_in)

    def fact(
        self,
        who: str,
        kind: str,
        when: datetime,
        properties: Mapping[str, Value] | None = None,
        *,
        campaign: str | None = None,
        by: str = "lead",
    ) -> None:
        """Something that happens to a person or a company; `@name` as a value stands for that one's id."""

        def made() -> NewFact:
            said = {
                name: self.ids[value[1:]] if isinstance(value, str) and value.startswith("@") else value
                for name, value in (properties or {}).items()
            }
            return NewFact(subject=self.ids[who], kind=kind, properties=said, campaign=campaign, origin=Origin(by))

        self._plan(when, _Happening(made))

    def change(self, who: str, when: datetime, **attributes: object) -> None:
        """Let attributes of a person or a company change."""
        self.at(when, lambda: self.crm.update(self.ids[who], attributes=attributes))

    def lead(self, who: str) -> LeadId:
        """The id of a person."""
        return LeadId(self.ids[who])

    def clicks(self, fact: Touchpoint, delay: timedelta, *, suspect: bool = False) -> None:
        """Let the reader of a mail click in it some time after it was sent, or a machine that looks into mail."""

        def click() -> None:
            self.crm.record(fact.subject, "email.clicked", cause=fact.cause, channel="email", suspect=suspect)

        self.after(fact, delay, click)

    def confirms(self, fact: Touchpoint, delay: timedelta) -> None:
        """Let the reader of a mail follow its link that confirms a consent."""
        token = _CONFIRM.search(self.post.letters[str(fact.cause)].text)
        if token is not None:
            self.after(fact, delay, lambda: self.crm.confirm(token.group(1)))

    def closes(
        self, fact: Touchpoint, delay: timedelta, outcome: str, attributes: Mapping[str, object] | None = None
    ) -> None:
        """Let a colleague close a task some time after it was given, and write down what was said."""

        def close() -> None:
            if attributes:
                self.crm.update(fact.subject, attributes=attributes)
            self.crm.close_task(fact.subject, str(fact.properties["task"]), outcome, by="inside")

        self.after(fact, delay, close)

    def run(self, until: datetime = END) -> Year:
        """Live up to an instant: from each one at which something is due to the next."""
        while (turn := self._next_turn()) is not None and turn <= until:
            self.clock.move_to(turn)
            self._let_happen()
            self.crm.tick(_AT_ONCE)
        self.clock.move_to(until)
        return self

    def _plan(self, when: datetime, what: Callable[[], object] | _Happening) -> None:
        self._count += 1
        heapq.heappush(self._coming, (max(when, self.clock.now), self._count, what))

    def _let_happen(self) -> None:
        """Everything that is due, in order; facts that follow one another are recorded together."""
        facts: list[NewFact] = []
        while self._coming and self._coming[0][0] <= self.clock.now:
            _, _, what = heapq.heappop(self._coming)
            if isinstance(what, _Happening):
                facts.append(what.made())
                continue
            self.crm.record_many(facts)
            facts = []
            what()
        self.crm.record_many(facts)

    def _next_turn(self) -> datetime | None:
        with self.crm.storage.view() as view:
            due = view.next_due_at()
        turns = [one for one in (due, self._coming[0][0] if self._coming else None) if one is not None]
        return max(min(turns) + _SOON, self.clock.now) if turns else None

    def _know(self, who: str, identity: SubjectId) -> None:
        self.ids[who] = identity
        self.names[identity] = who

    def _notice(self, fact: Touchpoint) -> None:
        for answer in self._habits.get(fact.kind, ()):
            answer(fact)

    def _new_key(self) -> str:
        self._keys += 1
        return f"year-{self._keys}"

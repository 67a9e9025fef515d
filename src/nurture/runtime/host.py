"""What a host gave to its `Nurture`, in one record that the parts of the runtime share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from secrets import token_bytes, token_hex
from threading import Event

import attrs

from nurture.mail.files import AttachmentSource
from nurture.mail.owner import Owner
from nurture.mail.site import Site
from nurture.model import FactId, InboxRow, Origin, Record, SubjectId, Touchpoint, Value, fact_id, frozen
from nurture.ports import Action, Sender, Storage
from nurture.program import Program
from nurture.runtime.probe import Probe
from nurture.runtime.queue import Queue

log = logging.getLogger("nurture")
log.addHandler(logging.NullHandler())


def report(what: str, error: BaseException, **about: str) -> None:
    """Log that something failed: its type and place. Its text may hold personal data, so it is left out."""
    log.error("%s: %s at %s", what, type(error).__name__, where(error), extra=about)


def where(error: BaseException) -> str:
    """The file and the line that raised an error."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place is not None else "nowhere"


Observer = Callable[[Touchpoint], None]


@attrs.define(slots=True, kw_only=True)
class Host:
    """The parts that were wired together; everything in it may be used from several threads.

    Attributes:
        program: What should follow from facts; replaced by `activate`.
        storage: Keeps everything and holds the clock.
        senders: By channel.
        site: Links, secret, identity; needed as soon as something is sent by mail.
        actions: The host's own actions, by name.
        owners: Who looks after leads and accounts, by the owner's id.
        attachments: Files that messages name.
        observers: Called with each new fact after it was committed.
        future_tolerance: A fact may lie so far in the future; it waits. Beyond, it is refused.
        lease: How long a claim holds.
        is_joined: Whether the store works inside a transaction of the host's own.
        render: Whether bodies are rendered; simulations may go without.
        new_key: Makes a key for a fact that was given none.
        unreadable: Subjects that this process could not read, or that others held, lately; and when to try again.
        held: Subjects whose effects it could not claim lately, likewise: another transaction has them, or a fact of
            theirs is to be decided first.
        crowd: How many rounds in a row other workers were faster with some of the work; the more, the wider we look.
        slice: So many effects are sent before what became of them is written down; it grows while sending is quick.
        queue: Who was put off lately, for each limit that leads share.
        salt: Makes this worker look for its work in other places than others do.
        stop: Set when the worker should end; looked at between batches.
        probe: Is told what is done and how long it takes; None when nobody wants to know.
    """

    program: Program
    storage: Storage
    senders: Mapping[str, Sender]
    site: Site | None
    actions: Mapping[str, Action]
    owners: Mapping[str, Owner]
    attachments: Mapping[str, AttachmentSource] = attrs.field(factory=dict[str, AttachmentSource])
    observers: Sequence[Observer] = ()
    future_tolerance: timedelta = timedelta(hours=1)
    lease: timedelta = timedelta(seconds=55)
    is_joined: bool = False
    render: bool = True
    new_key: Callable[[], str] = lambda: token_hex(12)
    stop: Event = attrs.field(factory=Event)
    probe: Probe | None = None
    unreadable: dict[str, datetime] = attrs.field(factory=dict[str, datetime])
    held: dict[str, datetime] = attrs.field(factory=dict[str, datetime])
    crowd: int = 0
    slice: int = 5
    queue: Queue = attrs.field(factory=Queue)
    salt: bytes = attrs.field(factory=lambda: token_bytes(8))

    @property
    def tenant(self) -> str:
        """Whose data it is."""
        return self.storage.tenant

    def tell(self, facts: Iterable[Touchpoint]) -> None:
        """Tell the observers; what one of them raises is logged and stops nobody."""
        if not self.observers:
            return
        for fact in facts:
            for observer in self.observers:
                try:
                    observer(fact)
                except Exception as error:
                    report("an observer failed", error, nurture_fact=fact.id)

    def count(self, name: str, number: int, **labels: str) -> None:
        """Tell the probe that so many of these happened; what it raises is logged and stops nobody."""
        if self.probe is None:
            return
        try:
            self.probe.count(name, number, **labels)
        except Exception as error:
            report("a probe failed", error)

    def fact(
        self,
        subject: SubjectId,
        kind: str,
        properties: Mapping[str, Value],
        now: datetime,
        *,
        key: str | None = None,
        at: datetime | None = None,
        origin: Origin = Origin.HOST,
    ) -> Touchpoint:
        """A fact of the host's or the runtime's own, received now."""
        return Touchpoint(
            id=FactId(fact_id(self.tenant, subject, f"{kind}:{key if key is not None else self.new_key()}")),
            subject=subject,
            kind=kind,
            at=at or now,
            received_at=now,
            origin=origin,
            properties=frozen(properties),
        )


def with_inbox(facts: Iterable[Touchpoint]) -> tuple[Record, ...]:
    """The facts, each followed by its inbox row: they go in together."""
    records: list[Record] = []
    for fact in facts:
        records += (fact, InboxRow(fact=fact.id, subject=fact.subject, due_at=max(fact.at, fact.received_at)))
    return tuple(records)

"""`AsyncNurture`: the same object for programs on an event loop. Needs the extra `async`; loaded when asked for.

There is no second copy of anything: each method runs the synchronous one in a greenlet, on a store whose driver
waits in the loop. May import what `nurture.runtime.nurture` may, and asyncio.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Coroutine,
    Generator,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial, wraps
from itertools import islice
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from nurture.errors import DefinitionError, StorageError
from nurture.runtime import probing, working
from nurture.runtime.bridging import AnyAction, AnySender, BridgedAction, BridgedSender, Stop, bridged
from nurture.runtime.host import Observer, report
from nurture.runtime.joining import refuse_joined
from nurture.runtime.nurture import BATCH, Nurture
from nurture.runtime.parts import is_async, refuse_wrong_parts

if TYPE_CHECKING:
    from types import TracebackType

    from nurture.mail.files import AttachmentSource
    from nurture.mail.owner import Owner
    from nurture.mail.site import Site
    from nurture.ports import Storage
    from nurture.program import Program
    from nurture.runtime.probe import Probe
    from nurture.runtime.results import Delivered, Ticked

P = ParamSpec("P")
R = TypeVar("R")
PAGE = 100
"""So much of a long answer is fetched at a time."""


class _Core(Nurture):
    """The synchronous object, as it is run in greenlets."""

    def prepare(self) -> Stop:
        """Let nothing that waits block the loop; the answer is set when every run should end."""
        self._host.stop = stop = Stop()
        return stop

    def deliver_until(self, limit: int, stop: Stop) -> Delivered:
        """Like `deliver`, until somebody wants it to end."""
        refuse_joined(self._host, "deliver")
        self._ready()
        return probing.deliver(self._host, limit, stop)

    def tick_until(self, limit: int, stop: Stop) -> Ticked:
        """Like `tick`, until somebody wants it to end."""
        refuse_joined(self._host, "tick")
        self._ready()
        return working.tick(self._host, limit, stop)

    def run_until(self, poll: timedelta, once: bool, stop: Stop) -> Ticked:
        """Like `run`, until somebody wants it to end; signals are none of its business."""
        refuse_joined(self._host, "run")
        self._ready()
        work = partial(working.tick, self._host, BATCH, stop)
        return working.finish(work, stop) if once else working.keep_on(self._host, work, poll, stop)


def _awaited(
    method: Callable[Concatenate[Nurture, P], R],
) -> Callable[Concatenate[AsyncNurture, P], Coroutine[Any, Any, R]]:
    """The method, as a coroutine."""

    @wraps(method)
    async def call(self: AsyncNurture, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await bridged(method, self._core, *args, **kwargs)  # pyright: ignore[reportPrivateUsage] -- of this class

    return call


def _walked(
    method: Callable[Concatenate[Nurture, P], Iterator[R]],
) -> Callable[Concatenate[AsyncNurture, P], AsyncIterator[R]]:
    """The method that walks, as one that walks asynchronously."""

    @wraps(method)
    async def walk(self: AsyncNurture, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[R]:
        found = await bridged(method, self._core, *args, **kwargs)  # pyright: ignore[reportPrivateUsage] -- of this class
        while page := await bridged(lambda: list(islice(found, PAGE))):
            for one in page:
                yield one

    return walk


class AsyncNurture:
    """`Nurture` for a program on an event loop: the same methods with the same parameters, to be awaited.

    `dead`, `stuck`, `tasks`, `no_next_step` and `members` are walked with `async for`. `stop` and `attach` wait for
    nothing, and are plain methods. Any number of asyncio's tasks may use one object at the same time, on one loop. A
    call that is cancelled has done all of its writing or nothing; only what sends goes on to the end of the batch at
    hand (`deliver`, `tick`, `run`).

    `async with` closes it at the end.

    Args:
        program: What should follow from facts. The first one that meets an empty store becomes active.
        storage: A `SqlStorage` on an asynchronous driver, such as `sqlite+aiosqlite:///crm.db` or
            `postgresql+psycopg_async://…`; or a `MemoryStorage`. Any other holds up the loop while it works.
        senders: A sender for each channel: an `AsyncSender`; or a `Sender`, which is called in a thread.
        site: Base URL, secret and sender identity; needed to send mail.
        actions: The host's own actions, by name: coroutine functions; or others, which are called in a thread.
        owners: Who looks after leads, by the id that leads carry: an `Owner`, or an address; an owner whose id is an
            address needs none.
        attachments: Files that messages name, by that name: an `Attachment`, or what makes one for an effect.
        observers: Called with every new fact after it was committed, on the loop: they should be quick. Not coroutine
            functions.
        probe: Is told what is done and how long it takes.
        render: Whether bodies are rendered.
        new_key: Makes a key for a fact that was given none.

    Raises:
        DefinitionError: As for `Nurture`; or an observer is a coroutine function.
        StorageError: The store is on a synchronous driver.

    Example:
        >>> import asyncio
        >>> from nurture import Program
        >>> from nurture.storage import MemoryStorage
        >>> async def main() -> str | None:
        ...     async with AsyncNurture(Program(), MemoryStorage()) as crm:
        ...         return (await crm.capture(email="ada@example.com")).email
        >>> asyncio.run(main())
        'ada@example.com'
    """

    def __init__(
        self,
        program: Program,
        storage: Storage,
        *,
        senders: Mapping[str, AnySender] | None = None,
        site: Site | None = None,
        actions: Mapping[str, AnyAction] | None = None,
        owners: Mapping[str, str | Owner] | None = None,
        attachments: Mapping[str, AttachmentSource] | None = None,
        observers: Sequence[Observer] = (),
        probe: Probe | None = None,
        render: bool = True,
        new_key: Callable[[], str] | None = None,
    ) -> None:
        refuse_wrong_parts(may_wait=True, storage=storage, senders=senders, actions=actions, observers=observers)
        if not getattr(storage, "is_asynchronous", True):
            raise StorageError(
                "this store is on a synchronous driver, which would hold up the event loop: use 'sqlite+aiosqlite://…'"
                " or 'postgresql+psycopg_async://…'"
            )
        if any(is_async(one) for one in observers):
            raise DefinitionError(["observers: expected plain functions; one that must wait may begin a task"])
        core = _Core(
            program,
            storage,
            senders={channel: BridgedSender(one) for channel, one in (senders or {}).items()},
            site=site,
            actions={name: BridgedAction(one) for name, one in (actions or {}).items()},
            owners=owners,
            attachments=attachments,
            observers=observers,
            probe=probe,
            render=render,
            new_key=new_key,
        )
        self._hold(core, core.prepare())

    def _hold(self, core: _Core, stopped: Stop) -> None:
        self._core = core
        self._stopped = stopped
        self._runs: set[Stop] = set()
        self._at_work: dict[asyncio.Task[Any], Stop] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def program(self) -> Program:
        """The program by which this object decides."""
        return self._core.program

    @property
    def storage(self) -> Storage:
        """The store."""
        return self._core.storage

    async def using(self, connection: object) -> Self:
        """The same inside a transaction of the application's own; see `Nurture.using`.

        Args:
            connection: With a transaction open: SQLAlchemy's `AsyncConnection` or `AsyncSession`.

        Raises:
            JoinError: The store or the connection cannot be joined.
        """
        within = self.__class__.__new__(self.__class__)
        within._hold(await bridged(self._core.using, connection), self._stopped)
        return within

    capture = _awaited(Nurture.capture)
    capture_account = _awaited(Nurture.capture_account)
    record = _awaited(Nurture.record)
    record_many = _awaited(Nurture.record_many)
    update = _awaited(Nurture.update)
    consent = _awaited(Nurture.consent)
    unsubscribe = _awaited(Nurture.unsubscribe)
    unsubscribe_by = _awaited(Nurture.unsubscribe_by)
    ask_consent = _awaited(Nurture.ask_consent)
    confirm = _awaited(Nurture.confirm)
    object_to_profiling = _awaited(Nurture.object_to_profiling)
    allow_profiling = _awaited(Nurture.allow_profiling)
    suppress = _awaited(Nurture.suppress)
    suppression = _awaited(Nurture.suppression)
    consent_proof = _awaited(Nurture.consent_proof)
    move = _awaited(Nurture.move)
    enroll = _awaited(Nurture.enroll)
    withdraw = _awaited(Nurture.withdraw)
    tasks = _walked(Nurture.tasks)
    no_next_step = _walked(Nurture.no_next_step)
    close_task = _awaited(Nurture.close_task)
    approvals = _awaited(Nurture.approvals)
    approve = _awaited(Nurture.approve)
    send = _awaited(Nurture.send)
    broadcast = _awaited(Nurture.broadcast)
    approve_broadcast = _awaited(Nurture.approve_broadcast)
    broadcasts = _walked(Nurture.broadcasts)
    broadcast_status = _awaited(Nurture.broadcast_status)
    stop_broadcast = _awaited(Nurture.stop_broadcast)
    decide = _awaited(Nurture.decide)
    activate = _awaited(Nurture.activate)
    migrate = _awaited(Nurture.migrate)
    pause = _awaited(Nurture.pause)
    resume = _awaited(Nurture.resume)
    stop_scenario = _awaited(Nurture.stop_scenario)
    reopen = _awaited(Nurture.reopen)
    switches = _awaited(Nurture.switches)
    rollover_progress = _awaited(Nurture.rollover_progress)
    preview = _awaited(Nurture.preview)
    test_send = _awaited(Nurture.test_send)
    backlog = _awaited(Nurture.backlog)
    reasons = _awaited(Nurture.reasons)
    stuck = _walked(Nurture.stuck)
    resolve = _awaited(Nurture.resolve)
    dead = _walked(Nurture.dead)
    revive = _awaited(Nurture.revive)
    lead = _awaited(Nurture.lead)
    account = _awaited(Nurture.account)
    standing = _awaited(Nurture.standing)
    timeline = _awaited(Nurture.timeline)
    effects = _awaited(Nurture.effects)
    members = _walked(Nurture.members)
    count = _awaited(Nurture.count)
    sample = _awaited(Nurture.sample)
    page = _awaited(Nurture.page)
    add_to_list = _awaited(Nurture.add_to_list)
    remove_from_list = _awaited(Nurture.remove_from_list)
    replace_list = _awaited(Nurture.replace_list)
    lists = _awaited(Nurture.lists)
    explain = _awaited(Nurture.explain)

    async def deliver(self, limit: int = BATCH) -> Delivered:
        """Carry out effects that are due, at most `limit`.

        When it is cancelled, it finishes the slice that is being sent, writes down what became of it, and gives
        back the rest; only a second cancellation ends it at once, and leaves what was being sent in doubt.
        """
        return await self._carried_through(partial(self._core.deliver_until, limit), Stop())

    async def tick(self, limit: int = BATCH) -> Ticked:
        """Decide and deliver until nothing is due. When it is cancelled, it ends as `deliver` does."""
        return await self._carried_through(partial(self._core.tick_until, limit), Stop())

    async def run(
        self,
        *,
        poll: timedelta = timedelta(seconds=1),
        once: bool = False,
        stop_on: Collection[signal.Signals] = (),
    ) -> Ticked:
        """Tick for ever; `stop()` ends it, and so does cancelling its task, after the slice at hand.

        Several may run at the same time; they take different work.

        Args:
            poll: The longest sleep between two ticks.
            once: End as soon as nothing is due; a failure is raised then, instead of being tried again.
            stop_on: Signals that end it, such as `signal.SIGTERM`, while it runs in the main thread. None by
                default: a server such as uvicorn has handlers of its own.

        Returns:
            What was done in all.
        """
        stop = Stop()
        if self._stopped.is_set():
            stop.set()
        self._runs.add(stop)
        try:
            with _signals(stop_on, self.stop):
                return await self._carried_through(partial(self._core.run_until, poll, once), stop)
        finally:
            self._runs.discard(stop)
            if not self._runs:
                self._stopped.clear()

    def stop(self) -> None:
        """Ask every `run` to end after the slice at hand. May be called from another thread."""
        self._stopped.set()
        for stop in list(self._runs):
            stop.set()

    def attach(self, probe: Probe | None) -> None:
        """Tell this probe from now on what is done and how long it takes, instead of the one before."""
        self._core.attach(probe)

    async def close(self) -> None:
        """End what is being sent, and give back what senders and store hold; harmless twice."""
        while self._at_work:
            for stop in self._at_work.values():
                stop.set()
            await asyncio.wait(list(self._at_work))
        await bridged(self._core.close)

    async def _carried_through(self, work: Callable[[Stop], R], stop: Stop) -> R:
        """Work in a task of its own, which a cancellation asks to stop, and does not break off."""
        task = asyncio.create_task(bridged(work, stop))
        self._at_work[task] = stop
        task.add_done_callback(self._at_work.pop)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            stop.set()
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                task.cancel()  # somebody insists
                await asyncio.wait([task])
            error = None if task.cancelled() else task.exception()
            if error is not None:
                report("work failed after it was cancelled", error)
            raise


@contextmanager
def _signals(numbers: Collection[signal.Signals], act: Callable[[], None]) -> Generator[None]:
    loop = asyncio.get_running_loop()
    with ExitStack() as undoing:
        for number in numbers:
            before = signal.getsignal(number)
            loop.add_signal_handler(number, act)
            if before is not None:  # None is a handler that Python does not know
                undoing.callback(signal.signal, number, before)
            undoing.callback(loop.remove_signal_handler, number)
        yield

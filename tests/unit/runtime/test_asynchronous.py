"""`AsyncNurture`: what `Nurture` does, by many tasks on one thread, none of which holds up the others."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from nurture import AsyncNurture, Basis, Moved, Nurture, Program, Refused, Ticked
from nurture.errors import DefinitionError, NotFoundError, StorageError, UnknownNameError
from nurture.model import SubjectId, Touchpoint
from nurture.ports import Accepted, Deferred, Receipt, Rejected, Storage
from nurture.storage import MemoryStorage, SqlStorage
from nurture.testing import Miscounted
from tests.unit.runtime.loops import (
    ACTING,
    PROGRAM,
    STORES,
    LoopSender,
    SlowSender,
    loop_nurture,
    made,
    play,
    states,
    turns_of_the_loop,
    wanting,
)


@pytest.fixture(params=STORES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return made(request.param, tmp_path)


# --- the same methods -------------------------------------------------------------------------------------------

PLAIN = {"stop", "attach"}  # they wait for nothing
MORE = {"run": {"stop_on"}}
PUBLIC = sorted([name for name, _ in inspect.getmembers(Nurture, callable) if not name.startswith("_")])


def test_no_method_is_missing_and_none_is_too_many() -> None:
    mine = [name for name, _ in inspect.getmembers(AsyncNurture, callable) if not name.startswith("_")]
    assert sorted(mine) == PUBLIC
    properties = [name for name, _ in inspect.getmembers(Nurture, lambda one: isinstance(one, property))]
    assert [name for name, _ in inspect.getmembers(AsyncNurture, lambda one: isinstance(one, property))] == properties


@pytest.mark.parametrize("name", ["__init__", *PUBLIC])
def test_the_parameters_are_the_same(name: str) -> None:
    theirs = inspect.signature(getattr(Nurture, name)).parameters
    mine = inspect.signature(getattr(AsyncNurture, name)).parameters
    shared = {key: one for key, one in mine.items() if key not in MORE.get(name, ())}
    assert list(shared) == list(theirs)
    assert [one.default for one in shared.values()] == [one.default for one in theirs.values()]
    assert [one.kind for one in list(shared.values())[1:]] == [one.kind for one in list(theirs.values())[1:]]


@pytest.mark.parametrize("name", PUBLIC)
def test_each_is_awaited_or_walked(name: str) -> None:
    walks = inspect.signature(getattr(Nurture, name)).return_annotation.startswith("Iterator")
    method = getattr(AsyncNurture, name)
    assert inspect.isasyncgenfunction(method) == walks
    assert inspect.iscoroutinefunction(method) == (not walks and name not in PLAIN)


def test_everything_a_host_does(storage: Storage) -> None:
    told: list[Touchpoint] = []

    async def scene() -> None:
        sender = LoopSender()
        async with loop_nurture(storage, sender, observers=[told.append]) as crm:
            assert crm.program is PROGRAM
            assert crm.storage is storage
            firm = await crm.capture_account(name="Acme", key="acme")
            lead = await crm.capture(email="ann@example.com", account=firm.id, consent=Basis.CONSENT)
            assert (await crm.account(firm.id)).name == "Acme"
            assert await crm.lead(lead.id) == lead
            await crm.record_many([])
            await crm.record(lead.id, "form.submitted", {"form": "contact"}, key="1")
            await crm.update(lead.id, title="CTO", attributes={"grp": "a"})
            assert (await crm.tick()).delivered.accepted == 1
            assert await crm.move(lead.id, "mql") == Refused("guard")
            await crm.record(lead.id, "page.viewed")
            assert await crm.move(lead.id, "mql") == Moved("mql")
            assert [one.subject async for one in crm.members("wanted", fresh=True)] == [lead.id]
            assert (await crm.standing(lead.id)).stage == "mql"  # type: ignore[union-attr]
            assert (await crm.explain(lead.id)).stage == "mql"
            assert await crm.enroll(lead.id, "welcome")
            assert (await crm.withdraw(lead.id, "welcome")).runs == 1  # type: ignore[union-attr]
            await crm.unsubscribe(lead.id)
            await crm.consent(lead.id)
            assert (await crm.backlog()).dead == 0
            assert [one async for one in crm.dead()] == [one async for one in crm.stuck()] == []
            assert await crm.revive(lead.id) is False
            assert await crm.resolve((await crm.effects(lead.id))[-1].id, sent=True) is False
            assert await crm.activate() == 0
            assert (await crm.decide()).conflicts == 0
            assert (await crm.deliver()).conflicts == 0
            timeline = await crm.timeline(lead.id)
            assert {one.kind for one in told} >= {"form.submitted", "email.sent", "stage.changed"}
            assert {one.id for one in timeline} <= {one.id for one in told}

    play(scene)


def test_errors_are_the_hosts_as_ever(storage: Storage) -> None:
    async def scene() -> None:
        async with loop_nurture(storage) as crm:
            with pytest.raises(NotFoundError):
                await crm.lead("lead_nobody")  # type: ignore[arg-type]
            with pytest.raises(UnknownNameError):
                _ = [one async for one in crm.members("no_such")]
            await crm.capture(email="ann@example.com")

    play(scene)


# --- many at once -----------------------------------------------------------------------------------------------


def test_fifty_tasks_capture_record_and_tick_at_once(storage: Storage) -> None:
    """On a store that is used for the very first time; each mail goes out once."""

    async def scene() -> tuple[list[str], dict[str, int]]:
        sender = LoopSender()
        async with loop_nurture(storage, sender) as crm:
            leads = await wanting(crm, 50)
            await asyncio.gather(*[crm.tick() for _ in range(50)], *[crm.explain(lead) for lead in leads])
            await crm.run(once=True)
            return await states(crm, leads), dict(sender.fake.copies)

    became, copies = play(scene)
    assert became == ["accepted"] * 50
    assert sorted(copies.values()) == [1] * 50


def test_one_person_captured_at_once_by_many_is_one(storage: Storage) -> None:
    async def scene() -> int:
        async with loop_nurture(storage) as crm:
            found = await asyncio.gather(*[crm.capture(email="ann@example.com") for _ in range(20)])
            return len({one.id for one in found})

    assert play(scene) == 1


def test_workers_side_by_side_send_each_mail_once(storage: Storage) -> None:
    async def scene() -> Mapping[str, int]:
        sender = LoopSender()
        async with loop_nurture(storage, sender) as crm:
            workers = [asyncio.create_task(crm.run(poll=timedelta(milliseconds=5))) for _ in range(3)]
            leads = await wanting(crm, 30)
            while await states(crm, leads) != ["accepted"] * 30:
                await asyncio.sleep(0.005)
            crm.stop()
            done = await asyncio.gather(*workers)
            assert sum(one.delivered.accepted for one in done) == 30
        return sender.fake.copies

    assert sorted(play(scene).values()) == [1] * 30


def test_waiting_for_sqlites_lock_lets_other_tasks_run(tmp_path: Path) -> None:
    async def scene() -> None:
        async with loop_nurture(made("sqlite+aiosqlite", tmp_path)) as crm:
            await crm.capture(email="ann@example.com")
            other = sqlite3.connect(tmp_path / "crm.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            capturing = [asyncio.create_task(crm.capture(email=f"{number}@example.com")) for number in range(3)]
            await turns_of_the_loop(20)
            assert not any(one.done() for one in capturing)
            assert (await crm.backlog()).due == 1  # and who only reads does not wait
            other.execute("COMMIT")
            other.close()
            assert len({lead.id for lead in await asyncio.gather(*capturing)}) == 3

    play(scene)


# --- senders and actions ----------------------------------------------------------------------------------------


def test_an_asynchronous_sender_runs_on_the_loop() -> None:
    async def scene() -> None:
        sender = LoopSender()
        async with loop_nurture(MemoryStorage(), sender) as crm:
            await wanting(crm, 3)
            assert (await crm.tick()).delivered.accepted == 3
        assert sender.threads == {threading.get_ident()}
        assert sender.closed == 1

    play(scene)


def test_a_synchronous_sender_blocks_a_thread_and_not_the_loop() -> None:
    async def scene() -> None:
        sender = SlowSender()
        async with loop_nurture(MemoryStorage(), sender) as crm:
            await wanting(crm, 1)
            ticking = asyncio.create_task(crm.tick())
            while not sender.sending.is_set():
                await asyncio.sleep(0.001)
            await turns_of_the_loop(5)
            await crm.capture(email="meanwhile@example.com")
            assert not ticking.done()
            sender.may_go_on.set()
            assert (await ticking).delivered.accepted == 1
        assert threading.get_ident() not in {*sender.threads, *sender.closed_in}
        assert len(sender.closed_in) == 1

    play(scene)


def test_no_lock_of_a_store_is_held_while_mail_is_sent(storage: Storage) -> None:
    """Another task, and for the store in memory another thread, reads and writes meanwhile."""

    async def scene() -> None:
        sender = LoopSender()
        sender.may_go_on.clear()
        async with loop_nurture(storage, sender) as crm:
            await wanting(crm, 1)
            ticking = asyncio.create_task(crm.tick())
            await sender.sending.wait()
            await asyncio.wait_for(crm.capture(email="ben@example.com"), 30)
            if isinstance(storage, MemoryStorage):
                beside = Nurture(PROGRAM, storage)
                await asyncio.wait_for(asyncio.to_thread(beside.capture, email="eve@example.com"), 30)
            sender.may_go_on.set()
            assert (await ticking).delivered.accepted == 1

    play(scene)


@pytest.mark.parametrize(
    ("outcome", "became"),
    [
        (ConnectionError("cut"), "unknown"),
        (Rejected("no"), "rejected"),
        (Deferred("later"), "planned"),
        (Miscounted(), "unknown"),
    ],
)
def test_what_an_asynchronous_sender_says_counts(outcome: object, became: str) -> None:
    async def scene() -> list[str]:
        sender = LoopSender()
        sender.fake.then(outcome)  # type: ignore[arg-type]
        async with loop_nurture(MemoryStorage(), sender) as crm:
            leads = await wanting(crm, 1)
            await crm.tick()
            return await states(crm, leads)

    assert play(scene) == [became]


def test_the_window_of_a_sender_counts() -> None:
    """One that knows a key again may be asked again after a lost answer; others may not."""

    async def scene() -> list[str]:
        sender = LoopSender(dedup_window=timedelta(days=1))
        sender.fake.then(ConnectionError("cut"))
        async with loop_nurture(MemoryStorage(), sender) as crm:
            leads = await wanting(crm, 1)
            await crm.tick()
            return await states(crm, leads)

    assert play(scene) == ["claimed"]


class Calls:
    """Actions of every make, and where each was called."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bool]] = []

    def _note(self, name: str) -> Receipt | None:
        self.seen.append((name, threading.current_thread() is threading.main_thread()))
        return Accepted("told") if name == "receipt" else None

    async def coroutine(self, key: str, subject: SubjectId, params: Mapping[str, object], /) -> Receipt | None:
        await asyncio.sleep(0)
        return self._note("receipt")

    def plain(self, key: str, subject: SubjectId, params: Mapping[str, object], /) -> Receipt | None:
        return self._note("plain")

    async def __call__(self, key: str, subject: SubjectId, params: Mapping[str, object], /) -> Receipt | None:
        await asyncio.sleep(0)
        return self._note("object")

    async def failing(self, key: str, subject: SubjectId, params: Mapping[str, object], /) -> Receipt | None:
        raise ValueError


@pytest.mark.parametrize(
    ("make", "seen", "became"),
    [
        ("coroutine", [("receipt", True)], "accepted"),
        ("plain", [("plain", False)], "accepted"),
        ("__call__", [("object", True)], "accepted"),
        ("wrapped", [("receipt", True)], "accepted"),
        ("failing", [], "claimed"),  # and tried again under the same key
    ],
)
def test_actions_of_every_make(make: str, seen: list[tuple[str, bool]], became: str) -> None:
    calls = Calls()
    action: object = calls if make == "__call__" else getattr(calls, make, None)
    if make == "wrapped":  # what a careless decorator makes of a coroutine function
        action = lambda *given: calls.coroutine(*given)

    async def scene() -> list[str]:
        async with AsyncNurture(ACTING, MemoryStorage(), actions={"call": action}) as crm:  # type: ignore[dict-item]
            leads = await wanting(crm, 1)
            await crm.tick()
            return await states(crm, leads)

    assert play(scene) == [became]
    assert calls.seen == seen


# --- ending -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["run", "tick", "deliver"])
def test_a_cancelled_worker_gives_back_what_it_claimed(storage: Storage, method: str) -> None:
    """The slice that was being sent is carried through and written down; all others are due again at once."""

    async def scene() -> None:
        sender = LoopSender()
        sender.may_go_on.clear()
        async with loop_nurture(storage, sender) as crm:
            leads = await wanting(crm, 12)
            await crm.decide()
            working = asyncio.create_task(getattr(crm, method)())
            await sender.sending.wait()
            working.cancel()
            await turns_of_the_loop(5)
            assert not working.done()
            sender.may_go_on.set()
            with pytest.raises(asyncio.CancelledError):
                await working
            sent = len(sender.fake.delivered)
            assert 0 < sent < 12
            assert await states(crm, leads) == ["accepted"] * sent + ["planned"] * (12 - sent)
            assert (await crm.tick()).delivered.accepted == 12 - sent
            assert sender.fake.duplicates == frozenset()

    play(scene)


def test_a_second_cancellation_ends_it_at_once(storage: Storage) -> None:
    """What was being sent is in doubt then; the store is free, and nothing hangs."""

    async def scene() -> None:
        sender = LoopSender()
        sender.may_go_on.clear()
        async with loop_nurture(storage, sender) as crm:
            leads = await wanting(crm, 1)
            working = asyncio.create_task(crm.run())
            await sender.sending.wait()
            working.cancel()
            await turns_of_the_loop(2)
            working.cancel()
            with pytest.raises(asyncio.CancelledError):
                await working
            assert await states(crm, leads) == ["claimed"]
            assert sender.fake.delivered == []
            await crm.capture(email="ben@example.com")

    play(scene)


def test_a_timeout_around_a_tick_loses_no_receipt(storage: Storage) -> None:
    async def scene() -> list[str]:
        sender = LoopSender()
        sender.may_go_on.clear()
        async with loop_nurture(storage, sender) as crm:
            leads = await wanting(crm, 1)

            async def run_out(limit: asyncio.Timeout) -> None:
                await sender.sending.wait()
                limit.reschedule(asyncio.get_running_loop().time())
                await turns_of_the_loop(5)
                sender.may_go_on.set()

            async def tick_in_time() -> None:
                async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as tasks:
                    tasks.create_task(run_out(limit))
                    await crm.tick()

            with pytest.raises(TimeoutError):
                await tick_in_time()
            return await states(crm, leads)

    assert play(scene) == ["accepted"]


def test_a_cancelled_capture_is_done_or_not_done(storage: Storage) -> None:
    async def scene() -> None:
        async with loop_nurture(storage) as crm:
            await crm.capture(email="first@example.com")
            for turns in range(12):
                capturing = asyncio.create_task(crm.capture(email=f"{turns}@example.com", name="Ann"))
                for _ in range(turns):
                    await asyncio.sleep(0)
                capturing.cancel()
                await asyncio.wait([capturing])
            again = await asyncio.gather(
                *[crm.capture(email=f"{turns}@example.com", name="Ann") for turns in range(12)]
            )
            for lead in again:  # whole, and once
                assert [one.kind for one in await crm.timeline(lead.id)] == ["lead.created"]

    play(scene)


def test_stop_ends_every_run_and_the_next_one_runs_again(storage: Storage) -> None:
    async def scene() -> None:
        async with loop_nurture(storage) as crm:
            for _ in range(2):
                leads = await wanting(crm, 2)
                runs = [asyncio.create_task(crm.run(poll=timedelta(hours=1))) for _ in range(2)]
                while await states(crm, leads) != ["accepted"] * len(await states(crm, leads)):
                    await asyncio.sleep(0.002)
                threading.Thread(target=crm.stop).start()  # from anywhere
                async with asyncio.timeout(30):
                    done = await asyncio.gather(*runs)
                assert all(isinstance(one, Ticked) for one in done)

    play(scene)


def test_stop_before_run_ends_it_at_once() -> None:
    async def scene() -> tuple[Ticked, Ticked]:
        async with loop_nurture(MemoryStorage()) as crm:
            await wanting(crm, 1)
            crm.stop()
            return await crm.run(), await crm.run(once=True)

    first, second = play(scene)
    assert first.moved == 0
    assert second.delivered.accepted == 1


def test_run_sleeps_and_wakes_by_what_is_due(storage: Storage) -> None:
    """The loop turns all the time; what is recorded meanwhile is sent."""

    async def scene() -> None:
        sender = LoopSender()
        async with loop_nurture(storage, sender) as crm:
            running = asyncio.create_task(crm.run(poll=timedelta(milliseconds=20)))
            await turns_of_the_loop(30)
            await wanting(crm, 1)
            await sender.sending.wait()
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running

    play(scene)


def test_a_tick_that_fails_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(MemoryStorage):
        fails = 1

        def view(self):  # type: ignore[no-untyped-def]
            if self.fails and asyncio.current_task() is not main:
                self.fails -= 1
                raise StorageError("away")
            return super().view()

    main: object = None

    async def scene() -> list[str]:
        nonlocal main
        main = asyncio.current_task()
        store = Broken()
        async with loop_nurture(store) as crm:
            leads = [(await crm.capture(email="ann@example.com", consent=Basis.CONSENT)).id]
            await crm.record(leads[0], "form.submitted")
            running = asyncio.create_task(crm.run(poll=timedelta(milliseconds=5)))
            while await states(crm, leads) != ["accepted"]:
                await asyncio.sleep(0.002)
            crm.stop()
            await running
            return await states(crm, leads)

    assert play(scene) == ["accepted"]
    assert "a tick failed" in caplog.text


def test_run_once_raises_what_fails() -> None:
    class Away(MemoryStorage):
        is_away = False

        def view(self):  # type: ignore[no-untyped-def]
            if self.is_away:
                raise StorageError("away")
            return super().view()

    async def scene() -> None:
        store = Away()
        async with loop_nurture(store) as crm:
            await wanting(crm, 1)
            store.is_away = True
            with pytest.raises(StorageError):
                await crm.run(once=True)

    play(scene)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_signals_end_it_only_when_asked_for() -> None:
    got: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: got.append(number))
    mine = signal.getsignal(signal.SIGUSR1)

    async def scene() -> None:
        async with loop_nurture(MemoryStorage()) as crm:
            running = asyncio.create_task(crm.run(poll=timedelta(hours=1)))
            await turns_of_the_loop(3)
            os.kill(os.getpid(), signal.SIGUSR1)
            await turns_of_the_loop(5)
            assert got == [signal.SIGUSR1]
            assert not running.done()
            crm.stop()
            await running
            running = asyncio.create_task(crm.run(poll=timedelta(hours=1), stop_on=[signal.SIGUSR1]))
            await turns_of_the_loop(3)
            os.kill(os.getpid(), signal.SIGUSR1)
            async with asyncio.timeout(30):
                await running
            assert signal.getsignal(signal.SIGUSR1) is mine

    try:
        play(scene)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert got == [signal.SIGUSR1]


def test_closing_ends_what_runs(storage: Storage) -> None:
    async def scene() -> None:
        sender = LoopSender()
        sender.may_go_on.clear()
        crm = loop_nurture(storage, sender)
        leads = await wanting(crm, 12)
        running = asyncio.create_task(crm.run())
        await sender.sending.wait()
        closing = asyncio.create_task(crm.close())
        await turns_of_the_loop(5)
        assert not closing.done()
        assert sender.closed == 0
        sender.may_go_on.set()
        await closing
        await running
        assert sender.closed == 1
        assert len(sender.fake.delivered) < len(leads)
        await crm.close()

    play(scene)


# --- what is refused --------------------------------------------------------------------------------------------


def test_a_store_that_would_block_the_loop_is_refused(tmp_path: Path) -> None:
    storage = SqlStorage(f"sqlite:///{tmp_path / 'crm.db'}")
    with pytest.raises(StorageError, match=r"sqlite\+aiosqlite.*postgresql\+psycopg_async"):
        AsyncNurture(Program(), storage)
    storage.close()


def test_an_observer_that_would_never_be_awaited_is_refused() -> None:
    async def observe(fact: Touchpoint) -> None: ...

    with pytest.raises(DefinitionError, match="observers: expected plain functions"):
        AsyncNurture(Program(), MemoryStorage(), observers=[observe])  # type: ignore[list-item]


def test_what_nurture_refuses_is_refused() -> None:
    with pytest.raises(DefinitionError, match="declares 'call'"):
        AsyncNurture(ACTING, MemoryStorage())


# --- what is loaded ---------------------------------------------------------------------------------------------


def fresh(statement: str) -> str:
    result = subprocess.run([sys.executable, "-I", "-c", statement], capture_output=True, text=True, check=True)
    return result.stdout.strip()


def test_who_needs_no_loop_loads_none() -> None:
    probe = "import sys, nurture; from nurture import Nurture, simulate; from nurture.storage import MemoryStorage; "
    probe += "from nurture.senders import SmtpSender; import nurture.cli; "
    assert fresh(probe + "print({'asyncio', 'sqlalchemy', 'greenlet'} & set(sys.modules))") == "set()"
    assert "asyncio" in fresh("import sys; from nurture import AsyncNurture; print(sorted(sys.modules))")


@pytest.mark.parametrize("library", ["greenlet", "sqlalchemy"])
def test_a_missing_extra_is_named(library: str) -> None:
    probe = f"""
import sys
sys.modules[{library!r}] = None
try:
    from nurture import AsyncNurture
except ImportError as error:
    print(error)
"""
    assert 'pip install "nurture-crm[async]"' in fresh(probe)

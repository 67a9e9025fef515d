"""`crm.using(connection)`: recording and deciding inside the application's own transaction."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from nurture import Basis, Enrolled, Moved, Nurture, Refused, Withdrawn
from nurture.errors import JoinError, NotFoundError
from nurture.model import LeadId, Touchpoint
from nurture.runtime.asynchronous import AsyncNurture
from nurture.simulation import NullSender
from nurture.storage import MemoryStorage, SqlStorage
from tests.postgres import fresh_url
from tests.stores import SITE
from tests.unit.runtime.loops import PROGRAM, loop_nurture, play
from tests.unit.storage.hosts import HOSTS, AlchemyHost, Host, RollBackError, begins_immediately, make_host, sqlite_url


class World:
    """An application with a table and transactions of its own, and our object, on one database."""

    def __init__(self, host: Host, url: str) -> None:
        self.host = host
        self.told: list[Touchpoint] = []
        self.crm = Nurture(
            PROGRAM, SqlStorage(url), senders={"email": NullSender()}, site=SITE, observers=[self.told.append]
        )
        self.crm.activate()
        self.told.clear()

    def kinds(self, lead: LeadId) -> list[str]:
        return [one.kind for one in reversed(self.crm.timeline(lead))]


@pytest.fixture(params=[(base, host) for base in ("sqlite", "postgres") for host in HOSTS], ids="-".join)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    base, kind = request.param
    url = sqlite_url(tmp_path) if base == "sqlite" else fresh_url()
    storage = SqlStorage(url)
    storage.upgrade()
    storage.close()
    made = World(make_host(kind, url), url)
    yield made
    made.host.close()
    made.crm.close()


def test_the_hosts_commit_keeps_the_lead_and_its_facts(world: World) -> None:
    with world.host.transaction() as given:
        world.host.run(given, "INSERT INTO orders VALUES (1)")
        here = world.crm.using(given)
        lead = here.capture(email="ann@example.com", consent=Basis.CONSENT)
        here.record(lead.id, "form.submitted", key="1")
        world.host.run(given, "INSERT INTO orders VALUES (2)")
    assert world.host.orders() == 2
    assert world.crm.lead(lead.id) == lead
    assert "form.submitted" in world.kinds(lead.id)
    assert world.crm.tick().delivered.accepted == 1


def test_the_hosts_rollback_takes_the_lead_and_its_facts(world: World) -> None:
    known = world.crm.capture(email="ben@example.com", name="Ben")
    with world.host.transaction() as given:
        world.host.run(given, "INSERT INTO orders VALUES (1)")
        here = world.crm.using(given)
        lead = here.capture(email="ann@example.com")
        here.record(lead.id, "form.submitted")
        here.record(known.id, "form.submitted")
        here.update(known.id, title="CTO")
        assert here.lead(known.id).title == "CTO"  # type: ignore[attr-defined]
        raise RollBackError
    assert world.host.orders() == 0
    with pytest.raises(NotFoundError):
        world.crm.lead(lead.id)
    assert world.crm.lead(known.id) == known
    assert world.kinds(known.id) == ["lead.created"]
    again = world.crm.capture(email="ann@example.com")  # nothing of it is left in the way
    assert world.kinds(again.id) == ["lead.created"]


def test_nobody_else_sees_it_before_the_commit(world: World) -> None:
    with world.host.transaction() as given:
        lead = world.crm.using(given).capture(email="ann@example.com")
        assert world.crm.using(given).lead(lead.id) == lead
        with pytest.raises(NotFoundError):
            world.crm.lead(lead.id)
    assert world.crm.lead(lead.id) == lead


def test_observers_are_told_after_the_commit_and_once(world: World) -> None:
    with world.host.transaction() as given:
        here = world.crm.using(given)
        lead = here.capture(email="ann@example.com")
        here.record(lead.id, "page.viewed")
        world.crm.using(given).record(lead.id, "form.submitted")
        assert world.told == []
    assert [one.kind for one in world.told] == ["lead.created", "page.viewed", "form.submitted"]
    with world.host.transaction() as given:
        world.crm.using(given).record(lead.id, "page.viewed")
    assert len(world.told) == 4


def test_observers_are_never_told_of_what_was_rolled_back(world: World) -> None:
    lead = world.crm.capture(email="ann@example.com")
    world.told.clear()
    with world.host.transaction() as given:
        world.crm.using(given).record(lead.id, "page.viewed")
        raise RollBackError
    with world.host.transaction() as given:
        world.crm.using(given).record(lead.id, "kept.early")  # plain SQLite must not begin with a savepoint
        here = world.crm.using(given)
        with world.host.savepoint(given):
            here.record(lead.id, "lost.early")
            raise RollBackError
        here.record(lead.id, "kept.late")
    assert "lost.early" not in world.kinds(lead.id)
    assert [one.kind for one in world.told] == ["kept.early", "kept.late"]


def test_stages_and_runs_are_decided_inside(world: World) -> None:
    lead = world.crm.capture(email="ann@example.com", consent=Basis.CONSENT).id
    with world.host.transaction() as given:
        here = world.crm.using(given)
        assert here.move(lead, "mql") == Refused("guard")
        here.record(lead, "page.viewed")
        assert here.move(lead, "mql") == Moved("mql")
        enrolled = here.enroll(lead, "welcome")
        assert isinstance(enrolled, Enrolled)
        assert here.explain(lead).stage == "mql"
        assert [one.state.value for one in here.effects(lead)] == ["planned"]
    assert world.crm.standing(lead).stage == "mql"  # type: ignore[union-attr]
    with world.host.transaction() as given:
        here = world.crm.using(given)
        assert here.withdraw(lead, "welcome") in (Refused("not_enrolled"), Withdrawn("welcome", 1))
        here.unsubscribe(lead)
        raise RollBackError
    assert world.crm.tick().delivered.accepted == 1  # the unsubscribe was taken back along with the rest


def test_a_decision_that_was_rolled_back_is_made_again(world: World) -> None:
    lead = world.crm.capture(email="ann@example.com", consent=Basis.CONSENT).id
    world.crm.record(lead, "form.submitted")
    with world.host.transaction() as given:
        while world.crm.using(given).decide().subjects:
            pass
        assert len(world.crm.using(given).effects(lead)) == 1
        raise RollBackError
    assert world.crm.effects(lead) == ()
    assert world.crm.tick().delivered.accepted == 1


@pytest.mark.parametrize("act", ["deliver", "tick", "run", "activate"])
def test_what_belongs_to_a_worker_is_refused(world: World, act: str) -> None:
    with world.host.transaction() as given, pytest.raises(JoinError, match="is for a worker"):
        getattr(world.crm.using(given), act)()
    assert world.crm.tick().moved == 0


def test_closing_what_using_gave_closes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[object] = []
    monkeypatch.setattr(NullSender, "close", closed.append)
    with world.host.transaction() as given:
        here = world.crm.using(given)
        here.close()
        lead = here.capture(email="ann@example.com")
    assert closed == []
    assert world.crm.lead(lead.id) == lead


def test_a_refusal_leaves_the_hosts_transaction_usable(world: World) -> None:
    with world.host.transaction() as given:
        world.host.run(given, "INSERT INTO orders VALUES (1)")
        with pytest.raises(NotFoundError):
            world.crm.using(given).record(LeadId("lead_nobody"), "page.viewed")
        lead = world.crm.using(given).capture(email="ann@example.com")
    assert world.host.orders() == 1
    assert world.crm.lead(lead.id) == lead


def test_the_first_use_of_a_store_may_be_within_a_transaction(tmp_path: Path) -> None:
    """The program becomes active with the commit, and not with a rollback."""
    storage = SqlStorage(sqlite_url(tmp_path))
    storage.upgrade()
    host = AlchemyHost(sqlite_url(tmp_path))
    crm = Nurture(PROGRAM, storage)
    for ending in (RollBackError, None):
        with host.transaction() as given:
            crm.using(given).capture(email="ann@example.com")
            if ending is not None:
                raise ending
    assert len(crm.timeline(crm.capture(email="ann@example.com").id)) == 1
    host.close()
    crm.close()


def test_a_store_in_memory_cannot_be_joined() -> None:
    with pytest.raises(JoinError, match="MemoryStorage cannot join a transaction; SqlStorage can"):
        Nurture(PROGRAM, MemoryStorage()).using(object())


def test_something_that_is_no_connection_is_refused(tmp_path: Path) -> None:
    crm = Nurture(PROGRAM, SqlStorage(sqlite_url(tmp_path)))
    with pytest.raises(JoinError, match="expected a SQLAlchemy Connection or Session"):
        crm.using("sqlite://")
    crm.close()


# --- SQLite's one writer ----------------------------------------------------------------------------------------


def test_the_hosts_open_write_locks_nobody_out_of_its_own_transaction(world: World) -> None:
    """With a connection of ours the host would wait for us, and we for the host: `database is locked`."""
    with world.host.transaction() as given:
        world.host.run(given, "INSERT INTO orders VALUES (1)")
        for number in range(3):
            here = world.crm.using(given)
            lead = here.capture(email=f"{number}@example.com")
            here.record(lead.id, "form.submitted")
            world.host.run(given, "INSERT INTO orders VALUES (1)")
    assert world.host.orders() == 4


def test_a_worker_beside_it_waits_and_goes_on(tmp_path: Path) -> None:
    storage = SqlStorage(sqlite_url(tmp_path))
    storage.upgrade()
    host = AlchemyHost(sqlite_url(tmp_path))
    host.engine.dispose()
    begins_immediately(host.engine)
    crm = Nurture(PROGRAM, storage, senders={"email": NullSender()}, site=SITE)
    waiting = crm.capture(email="ben@example.com", consent=Basis.CONSENT).id
    crm.record(waiting, "form.submitted")
    with host.transaction() as given:
        lead = crm.using(given).capture(email="ann@example.com", consent=Basis.CONSENT).id
        worker = threading.Thread(target=crm.run, kwargs={"once": True})
        worker.start()
        crm.using(given).record(lead, "form.submitted")
        assert worker.is_alive()  # it cannot write yet
    worker.join(60)
    crm.tick()
    assert [one.state.value for who in (waiting, lead) for one in crm.effects(who)] == ["accepted"] * 2
    host.close()
    crm.close()


# --- on an event loop -------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite+aiosqlite", "postgresql+psycopg_async"])
def loop_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite+aiosqlite":
        return f"{request.param}:///{tmp_path / 'crm.db'}"
    return fresh_url("psycopg_async")


def test_asynchronous_transactions_are_joined(loop_url: str) -> None:
    async def scene() -> None:
        engine = create_async_engine(loop_url)
        told: list[str] = []
        observe: Callable[[Touchpoint], None] = lambda fact: told.append(fact.kind)
        async with loop_nurture(SqlStorage(engine), observers=[observe]) as crm:
            known = (await crm.capture(email="known@example.com", consent=Basis.CONSENT)).id
            told.clear()
            async with engine.begin() as connection:
                await connection.execute(text("CREATE TABLE orders (n integer)"))
            async with engine.begin() as connection:
                await connection.execute(text("INSERT INTO orders VALUES (1)"))
                here = await crm.using(connection)
                assert isinstance(here, AsyncNurture)
                kept = (await here.capture(email="kept@example.com")).id
                assert await here.move(known, "mql") == Refused("guard")
                with pytest.raises(JoinError):
                    await here.tick()
                await here.close()
                assert told == []
            assert told[0] == "lead.created"
            told.clear()
            async with AsyncSession(engine) as session:
                await session.begin()
                here = await crm.using(session)
                await here.record(kept, "page.viewed")
                await session.commit()
            assert told == ["page.viewed"]
            async with engine.connect() as connection:
                begun = await connection.begin()
                here = await crm.using(connection)
                lost = (await here.capture(email="lost@example.com")).id
                await here.record(known, "form.submitted")
                await begun.rollback()
            assert told == ["page.viewed"]
            with pytest.raises(NotFoundError):
                await crm.lead(lost)
            assert (await crm.tick()).delivered.accepted == 0
            async with engine.connect() as connection:
                assert (await connection.execute(text("SELECT count(*) FROM orders"))).scalar_one() == 1
        await engine.dispose()

    play(scene)


def test_many_transactions_at_once_on_one_loop(loop_url: str) -> None:
    async def scene() -> None:
        engine = create_async_engine(loop_url)
        async with loop_nurture(SqlStorage(engine)) as crm:
            await crm.activate()

            async def one(number: int) -> LeadId:
                async with engine.begin() as connection:
                    if connection.dialect.name == "sqlite":
                        await connection.execute(text("BEGIN IMMEDIATE"))
                    here = await crm.using(connection)
                    lead = await here.capture(email=f"{number}@example.com")
                    await here.record(lead.id, "page.viewed")
                    return lead.id

            leads = await asyncio.gather(*[one(number) for number in range(10)])
            assert [len(await crm.timeline(lead)) for lead in leads] == [2] * 10
        await engine.dispose()

    play(scene)

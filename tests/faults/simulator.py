"""The simulator: some days of two tenants on one store, with many processes and everything that goes wrong.

`simulate(seed)` draws the whole world from one number, runs it, lets it calm down, and audits what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import attrs

from nurture import Nurture, Program
from nurture.errors import ProgramMismatchError, StorageError
from nurture.ports import Storage
from nurture.storage import MemoryStorage
from tests.faults.auditing import Auditor
from tests.faults.faults import CALM, Fates
from tests.faults.final import audit_the_end
from tests.faults.handles import Handle
from tests.faults.hosts import Host, script_for
from tests.faults.other_side import OtherSide
from tests.faults.plans import (
    LEASE,
    LIMIT,
    LIMIT_AHEAD,
    LIMIT_BACK,
    POLL,
    START,
    TENANTS,
    YEARS,
    Plan,
    Report,
    plan_for,
)
from tests.faults.processes import FaultySender, FaultyStorage, Process
from tests.faults.programs import FIRST, PROGRAMS, SECOND
from tests.faults.schedule import Killed, Lock, Scheduler
from tests.faults.verdicts import AuditError
from tests.stores import SITE

QUICKLY = Path("/dev/shm")


class World:
    """Everything that one seed determines.

    Args:
        seed: The seed.
        plan: Size and kind.
        folder: For a store that is a file.
    """

    def __init__(self, seed: int, plan: Plan, folder: Path) -> None:
        self.seed = seed
        self.plan = plan
        self.dice = Random(seed)
        self.scheduler = Scheduler(self.dice, START)
        self.fates = Fates(self.dice, plan.rates)
        self.other_side = OtherSide(deduplicates=plan.deduplicates)
        gap = LIMIT_AHEAD if plan.limited else None
        self.auditor = Auditor(deduplicates=plan.deduplicates, longest_gap=gap)
        self.hosts: list[Host] = []
        self.is_stormy = True
        self.keys = 0
        self._folder = folder
        self._left: dict[str, list[Handle]] = {tenant: [] for tenant in TENANTS}
        self._memory = MemoryStorage(TENANTS[0], clock=self.scheduler.clock)
        self._lock = Lock(self.scheduler) if plan.store == "sqlite" else None

    # -- processes ----------------------------------------------------------------------------------------

    def _open(self, tenant: str, process: Process) -> Storage:
        if self.plan.store == "memory":
            return self._memory.for_tenant(tenant)
        left = self._left[tenant]
        handle = left.pop() if left and self.dice.random() < 0.8 else self._handle(tenant)
        handle.process = process
        process.when_over.append(lambda: self._take_back(tenant, handle))
        return handle.storage

    def _handle(self, tenant: str) -> Handle:
        limit = LIMIT if self.plan.limited else None
        return Handle(self._folder, tenant, self.scheduler.clock, limit)

    def _take_back(self, tenant: str, handle: Handle) -> None:
        handle.close()
        self._left[tenant].append(handle)

    def process(self, name: str) -> Process:
        """A fresh process."""
        return Process(name, self.scheduler, self.fates, LEASE)

    def crm_of(self, tenant: str, process: Process, program: Program | None = None) -> Nurture:
        """A host's object within a process, with the program that is active now unless told otherwise."""
        storage = FaultyStorage(self._open(tenant, process), process, self._lock, self.auditor)
        sender = FaultySender(self.other_side, process, self.auditor, tenant)
        crm = Nurture(
            program or PROGRAMS.get(self.auditor.active(tenant) or "", FIRST),
            storage,
            senders={"email": sender},
            site=SITE,
            actions={"task": sender.act},
            new_key=self._new_key,
        )
        crm._host.salt = self.dice.randbytes(8)
        crm._host.stop.wait = lambda timeout=None: bool(process.sleep(timedelta(seconds=timeout or 0)))  # type: ignore[method-assign]
        return crm

    def _new_key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def keep_alive(self, name: str, life: Callable[[Process], bool]) -> Callable[[], None]:
        """Run a process; start it again when it dies, until it says that it is done."""

        def task() -> None:
            for number in range(1, 100_000):
                process = self.process(f"{name}#{number}")
                try:
                    if life(process):
                        break
                except Killed:
                    if self.scheduler.over:
                        raise
                    self.fates.counts["restarts"] += 1
                process.end()
                self.scheduler.sleep(timedelta(seconds=self.dice.uniform(0.1, 90)))
            process.end()

        return task

    # -- what they do ---------------------------------------------------------------------------------------

    def work(self, tenant: str, process: Process) -> bool:
        """A worker: tick, sleep until something is due, tick again."""
        crm = self.crm_of(tenant, process)
        while self.is_stormy:
            try:
                doing = self.dice.randrange(4)
                limit = self.dice.choice([1, 3, 100])
                if doing == 0:
                    crm.decide(limit)
                elif doing == 1:
                    crm.deliver(limit)
                else:
                    crm.tick(limit)
                pause = self._pause(crm)
            except ProgramMismatchError:
                self.fates.counts["refused: another program"] += 1
                return not self.is_stormy
            except StorageError:
                pause = POLL
            except Exception as error:
                raise AuditError(f"invariant 12: one of them stopped everybody: {error!r}") from error
            process.sleep(pause)
        return True

    def _pause(self, crm: Nurture) -> timedelta:
        with crm.storage.view() as view:
            due = view.next_due_at()
        longest = timedelta(minutes=self.dice.uniform(1, 180))
        if due is None:
            return longest
        return min(longest, max(timedelta(milliseconds=2), due - self.scheduler.clock())) + timedelta(milliseconds=1)

    def serve(self, host: Host, process: Process) -> bool:
        """A host process: it does what its script says, again until it is done, whatever happens."""
        crm = self.crm_of(host.tenant, process)
        while host.script:
            at, deed = host.script[0]
            if at > self.scheduler.now:
                process.sleep(at - self.scheduler.now)
            self._maybe_jump()
            try:
                host.do(crm, deed)
            except ProgramMismatchError:
                return False
            except StorageError:
                process.sleep(timedelta(seconds=self.dice.uniform(0.1, 20)))
                continue
            host.script.pop(0)
            if self.dice.random() < 0.7:
                self.scheduler.wake(f"{host.tenant} worker")
        return True

    def _maybe_jump(self) -> None:
        if not (self.plan.jumps and self.is_stormy and self.fates.happens("jump")):
            return
        length = self.dice.choice((*self.plan.jumps, YEARS) if self.plan.limited else self.plan.jumps)
        length *= self.dice.choice((-1, 1))
        self.scheduler.offset += length
        if self.plan.limited and not -LIMIT_BACK <= length <= LIMIT_AHEAD:
            self.fates.counts["jumps beyond the limit"] += 1
            name = f"clock keeper {self.fates.counts['jump']}"
            self.scheduler.spawn(name, self.keep_alive(name, lambda process: self._mend_clock(process, length)))

    def _mend_clock(self, process: Process, length: timedelta) -> bool:
        """An operator sees that the store refuses the clock, and sets it right, or accepts one that is a day late."""
        process.sleep(timedelta(minutes=self.dice.uniform(1, 20)))
        is_ahead = self.scheduler.offset > LIMIT_AHEAD  # by another jump, which nobody in his senses accepts
        if length == -timedelta(days=1) and self.dice.random() < 0.5 and not is_ahead:
            for tenant in TENANTS:
                handle = self._handle(tenant)
                handle.process = process
                handle.storage.allow_clock()
                handle.close()
            self.fates.counts["clocks accepted"] += 1
        else:
            self.scheduler.offset -= length
        return True

    def activate(self, tenant: str, at: datetime, program: Program) -> Callable[[Process], bool]:
        """An operator who makes another program active, again until it worked."""

        def life(process: Process) -> bool:
            if at > self.scheduler.now:
                process.sleep(at - self.scheduler.now)
            crm = self.crm_of(tenant, process)
            while True:
                try:
                    crm.activate(program)
                except ProgramMismatchError:
                    return False
                except StorageError:
                    process.sleep(timedelta(seconds=self.dice.uniform(0.1, 20)))
                else:
                    self.fates.counts["activations"] += 1
                    return True

        return life

    # -- the course of things -------------------------------------------------------------------------------

    def run(self) -> None:
        """The storm, the calm, and the audit."""
        plan, scheduler = self.plan, self.scheduler
        end = START + timedelta(days=plan.days)
        for tenant in TENANTS:
            scripts = script_for(self.dice, plan.leads, plan.hosts, START, end)
            for number, script in enumerate(scripts):
                host = Host(tenant, script, self.dice, self.auditor)
                self.hosts.append(host)
                name = f"{tenant} host {number}"
                scheduler.spawn(name, self.keep_alive(name, lambda process, host=host: self.serve(host, process)))
            for number in range(plan.workers):
                name = f"{tenant} worker {number}"
                scheduler.spawn(name, self.keep_alive(name, lambda process, tenant=tenant: self.work(tenant, process)))
            if plan.activates:
                for share, program in ((0.35, SECOND), (0.7, FIRST)):
                    at = START + timedelta(days=plan.days * share * self.dice.uniform(0.8, 1.2))
                    name = f"{tenant} operator {share}"
                    scheduler.spawn(name, self.keep_alive(name, self.activate(tenant, at, program)))
        scheduler.spawn("weather", self._weather(end))
        scheduler.run()

    def _weather(self, end: datetime) -> Callable[[], None]:
        def task() -> None:
            self.scheduler.sleep(end - self.scheduler.now)
            self.is_stormy = False
            self.fates.rates = attrs.evolve(CALM, switch=self.plan.rates.switch)
            self.scheduler.wake("")
            while len(self.scheduler.names) > 1:
                self.scheduler.sleep(POLL)
            for tenant in TENANTS:
                process = self.process(f"{tenant} last worker")
                crm = self.crm_of(tenant, process)
                self._settle(tenant, crm)
                audit_the_end(self, tenant, crm)
                process.end()

        return task

    def _settle(self, tenant: str, crm: Nurture) -> None:
        """One healthy worker until all is quiet."""
        crm.activate()
        abandoned = self.auditor.effects.claims_open(tenant, self.scheduler.clock() + LEASE)
        until = self.scheduler.clock() + LEASE + timedelta(seconds=60)
        is_checked = False
        for _ in range(3_000):
            crm.tick()
            with crm.storage.view() as view:
                due = view.next_due_at()
            if not is_checked and (due is None or due > until):
                self.auditor.effects.require_taken_again(tenant, abandoned)
                is_checked = True
            if due is None:
                return
            self.scheduler.sleep(max(timedelta(milliseconds=1), due - self.scheduler.clock()))
        raise AuditError("invariant 2, 9: it never became quiet")


def simulate(seed: int, **given: object) -> Report:
    """Run the world of this seed and audit it.

    Args:
        seed: Determines everything.
        given: Fields of `Plan` that are not to be drawn.

    Raises:
        AuditError: Something that must never break broke; the message has the line that shows it again.
    """
    plan = plan_for(seed, **given)
    parent = QUICKLY if QUICKLY.is_dir() else None
    with TemporaryDirectory(prefix="nurture-faults-", dir=parent) as folder:
        world = World(seed, plan, Path(folder))
        try:
            world.run()
        except (Exception, AuditError) as error:
            again = " ".join(f"--{name} {value}" for name, value in given.items())
            error.add_note(f"again: python -m tests.faults --seed {seed} {again}".rstrip())
            raise
        return Report(
            seed=seed,
            plan=plan,
            trace=world.scheduler.trace,
            points=world.scheduler.points,
            faults=world.fates.counts,
            checks=world.auditor.counts,
        )

"""Invariants 13, 18 and 30 with real processes: several workers on one store, and somebody who says no meanwhile.

What each process saw is noted in files; the store and the notes are compared when all is quiet.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.synchronize import Barrier
from multiprocessing.synchronize import Event as EventType
from pathlib import Path

import pytest

from nurture import Basis, Cap, ContactPolicy, Message, Nurture, Program, Scenario, days, q
from nurture.errors import ProgramMismatchError
from nurture.model import Activation, EffectState, Fact, Lead, LeadId
from nurture.ports import Accepted, Envelope, Receipt
from nurture.runtime.legs import ACTIVATION
from nurture.steps import act, send
from tests.crash.crew import FORKS, PATIENCE_SECONDS, Place, note, notes, until
from tests.crash.places import PLACES, url_of

WORKERS = 3
Opened = Callable[[Nurture], Nurture]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Takes what a test opened, and closes it whatever happens."""
    with ExitStack() as stack:

        def keep(crm: Nurture) -> Nurture:
            stack.callback(crm.close)
            return crm

        yield keep


class NotingSender:
    """Takes every mail and notes it at once."""

    def __init__(self, folder: Path) -> None:
        self._ledger = folder / "ledger"

    @property
    def dedup_window(self) -> timedelta:
        return timedelta(0)

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        for one in envelopes:
            note(self._ledger, one.key)
        return tuple(Accepted() for _ in envelopes)

    def close(self) -> None:
        """Nothing is held."""


def on_your_marks(crm: Nurture, gun: Barrier) -> None:
    """Wait until all are connected; they start together."""
    crm.storage.now()
    gun.wait(PATIENCE_SECONDS)


def work(place: Place, program: str, limit: int, gun: Barrier, stop: EventType) -> None:
    """A worker in small steps, until it is asked to stop."""
    crm = place.open(PROGRAMS[program], sender=NotingSender(place.folder))
    on_your_marks(crm, gun)
    while not stop.is_set():
        if not crm.decide(limit).subjects and not crm.deliver(limit).moved:
            stop.wait(0.005)
    crm.close()


def run(place: Place, targets: Collection[partial[None]], workers: Collection[partial[None]], count: int) -> None:
    """Run targets to their end while workers work; then let workers finish what is due."""
    stop, patience = FORKS.Event(), PATIENCE_SECONDS + count / 2
    gun = FORKS.Barrier(len(targets) + len(workers))
    ends = [FORKS.Process(target=one, args=(gun,)) for one in targets]
    goes_on = [FORKS.Process(target=one, args=(gun, stop)) for one in workers]
    storage = place.storage()

    def is_quiet() -> bool:
        with storage.view() as view:
            now = datetime.now(UTC)
            return not view.due(now, 1) and not view.claimable(now, 1) and not view.backlog(now, 1).claimed

    try:
        for process in (*goes_on, *ends):
            process.start()
        for process in ends:
            process.join(patience)
        until("all is quiet", is_quiet, lambda: goes_on[0].join(0.05), place, patience)
        stop.set()
        for process in goes_on:
            process.join(patience)
        assert [process.exitcode for process in (*goes_on, *ends)] == [0] * (len(goes_on) + len(ends))
    finally:
        storage.close()
        for process in (*goes_on, *ends):
            if process.is_alive():
                process.kill()


def tell_mail(*scenarios: Scenario, **policy: object) -> Program:
    names = [f"m{number}" for number in range(len(scenarios))]
    return Program(
        messages=[Message(name, "marketing", "Hello", "Hello") for name in names],
        scenarios=scenarios,
        policy=ContactPolicy(max_lateness=days(30), **policy),  # type: ignore[arg-type]
    )


def scenario(number: int) -> Scenario:
    return Scenario(f"s{number}", q.touches("form.submitted"), [send(f"m{number}")])


def arrive(crm: Nurture, count: int) -> list[LeadId]:
    leads = [crm.capture(email=f"a{number}@example.jp", consent=Basis.CONSENT).id for number in range(count)]
    for lead in leads:
        crm.record(lead, "form.submitted", key="1")
    return leads


WELCOME = tell_mail(scenario(0))


def say_no(place: Place, leads: list[LeadId], gun: Barrier) -> None:
    """Unsubscribe one after the other, and note how each one's mails stood when that was committed."""
    crm = place.open(WELCOME)
    on_your_marks(crm, gun)
    for lead in leads:
        crm.unsubscribe(lead)
        with crm.storage.view() as view:
            effects = view.effects_of(lead)
        note(place.folder / "no", lead, *(f"{one.id} {one.fence} {one.state}" for one in effects))
    crm.close()


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("are_planned", [True, False], ids=["planned", "undecided"])
@pytest.mark.parametrize(
    "count", [pytest.param(100, id="quick"), pytest.param(5_000, id="long", marks=pytest.mark.stress)]
)
def test_i13_nothing_is_claimed_after_an_unsubscribe(
    kind: str, are_planned: bool, count: int, tmp_path: Path, opened: Opened
) -> None:
    place = Place(url_of(kind, tmp_path), tmp_path)
    crm = opened(place.open(WELCOME))
    leads = arrive(crm, count)
    while are_planned and crm.decide().subjects:
        pass
    run(
        place,
        [partial(say_no, place, leads[half::-2]) for half in (-1, -2)],
        [partial(work, place, "welcome", 7)] * WORKERS,
        count,
    )
    mailed = Counter(key for (key,) in notes(tmp_path / "ledger"))
    snapshots = {words[0]: [word.split(" ") for word in words[1:]] for words in notes(tmp_path / "no")}
    assert set(snapshots) == set(leads)
    for lead in leads:
        then = {key: (int(fence), state) for key, fence, state in snapshots[lead]}
        (said,) = (fact for fact in crm.timeline(lead) if fact.kind == Fact.CONSENT_WITHDRAWN)
        for effect in crm.effects(lead):
            fence, state = then.get(effect.id, (0, "none"))
            if are_planned:  # else a decision about an earlier moment may be committed after it, and is withheld later
                assert state not in ("none", EffectState.PLANNED)  # open effects were withdrawn in the same unit
            assert effect.fence == fence  # nothing was claimed afterwards
            assert not effect.is_open
            if kind == "sqlite":  # instants of units follow their commits only where units run one by one
                assert effect.claimed_at is None or effect.claimed_at < said.received_at
            assert mailed[effect.id] == (effect.state is EffectState.ACCEPTED)
            assert (effect.state is EffectState.ACCEPTED) == (fence > 0)
    assert 0 < len(mailed) < count, f"no race: {len(mailed)} of {count} were mailed"


CAPPED = tell_mail(*map(scenario, range(4)), caps=Cap(2, per=days(1)))


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize(
    "count", [pytest.param(40, id="quick"), pytest.param(3_000, id="long", marks=pytest.mark.stress)]
)
def test_i18_workers_side_by_side_never_overspend_a_cap(kind: str, count: int, tmp_path: Path, opened: Opened) -> None:
    place = Place(url_of(kind, tmp_path), tmp_path)
    crm = opened(place.open(CAPPED))
    leads = arrive(crm, count)
    while crm.decide().subjects:
        pass
    run(place, [], [partial(work, place, "capped", limit) for limit in (7, 11, 13)], count)
    mailed = {key for (key,) in notes(tmp_path / "ledger")}
    assert len(notes(tmp_path / "ledger")) == len(mailed)
    for lead in leads:
        assert sum(effect.id in mailed for effect in crm.effects(lead)) == 2
        assert sum(effect.state is EffectState.ACCEPTED for effect in crm.effects(lead)) == 2


SHARED = tell_mail(*map(scenario, range(4)), caps=[Cap(70, days(1), scope="all"), Cap(9, days(1), scope="account")])


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize(
    ("count", "firms"),
    [pytest.param(40, 10, id="quick"), pytest.param(3_000, 500, id="long", marks=pytest.mark.stress)],
)
def test_i18_workers_side_by_side_never_overspend_what_leads_share(
    kind: str, count: int, firms: int, tmp_path: Path, opened: Opened
) -> None:
    place = Place(url_of(kind, tmp_path), tmp_path)
    crm = opened(place.open(SHARED))
    leads = arrive(crm, count)
    accounts = [crm.capture_account(name=f"Firm {number}").id for number in range(firms)]
    for number, lead in enumerate(leads):
        crm.update(lead, account=accounts[number % firms])
    while crm.decide().subjects:
        pass
    run(place, [], [partial(work, place, "shared", limit) for limit in (7, 11, 13)], count)
    mailed = {key for (key,) in notes(tmp_path / "ledger")}
    assert len(mailed) == len(notes(tmp_path / "ledger")) == 70  # the cap in two slices, and every slot of it
    by_firm = Counter(crm.lead(lead).account for lead in leads for effect in crm.effects(lead) if effect.id in mailed)
    assert max(by_firm.values()) <= 9
    waiting = Counter(one.reason for lead in leads for one in crm.effects(lead) if one.id not in mailed)
    assert set(waiting) <= {"program_cap", "account_cap"}, waiting


OLD, NEW = (
    Program(
        actions=["task"], scenarios=[Scenario("visit", q.touches("form.submitted"), [act("task", params={"by": by})])]
    )
    for by in ("old", "new")
)


PROGRAMS = {"welcome": WELCOME, "capped": CAPPED, "shared": SHARED, "old": OLD, "new": NEW}


def work_or_wait(place: Place, name: str, gun: Barrier, stop: EventType) -> None:
    """A worker whose program may not be the active one; it notes when it was let and when it was refused."""
    crm = place.open(PROGRAMS[name])
    on_your_marks(crm, gun)
    while not stop.is_set():
        try:
            if crm.decide(5).subjects:
                note(place.folder / "decided", name)
            elif not crm.deliver(5).moved:
                stop.wait(0.005)
        except ProgramMismatchError:
            note(place.folder / "refused", name)
            stop.wait(0.01)
    crm.close()


def keep_coming(place: Place, count: int, gun: Barrier) -> None:
    """People arrive, one after the other."""
    crm = place.open(OLD)
    on_your_marks(crm, gun)
    for number in range(count):
        lead = crm.capture(email=f"a{number}@example.jp").id
        crm.record(lead, "form.submitted", key="1")
        note(place.folder / "arrived", lead)
    crm.close()


def roll_over(place: Place, after: int, gun: Barrier) -> None:
    """Activate the new program when so many have arrived."""
    crm = place.open(NEW)
    on_your_marks(crm, gun)
    until(
        "people arrive",
        lambda: len(notes(place.folder / "arrived")) >= after,
        lambda: time.sleep(0.002),
        place,
        PATIENCE_SECONDS + after,
    )
    crm.activate()
    crm.close()


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize(
    "count", [pytest.param(100, id="quick"), pytest.param(4_000, id="long", marks=pytest.mark.stress)]
)
def test_i30_two_programs_never_decide_side_by_side(kind: str, count: int, tmp_path: Path, opened: Opened) -> None:
    place = Place(url_of(kind, tmp_path), tmp_path)
    crm = opened(place.open(OLD))
    crm.decide()
    run(
        place,
        [partial(keep_coming, place, count), partial(roll_over, place, count // 2)],
        [partial(work_or_wait, place, program) for program in ("old", "old", "new", "new")],
        count,
    )
    with crm.storage.view() as view:
        first, second = view.get(Activation, [ACTIVATION])[ACTIVATION].history
        leads = [lead.id for lead in view.page(Lead, "", count + 1)]
    assert (first.program, second.program) == (OLD.fingerprint, NEW.fingerprint)
    assert {words[0] for words in notes(tmp_path / "refused")} == {"old", "new"}
    assert {words[0] for words in notes(tmp_path / "decided")} == {"old", "new"}
    assert len(leads) == count
    old, new = (program.version_of(program.scenarios[0]) for program in (OLD, NEW))
    for lead in leads:
        standing = crm.standing(lead)
        assert standing is not None
        (enrollment,) = standing.enrollments
        (effect,) = crm.effects(lead)
        # Whom nobody had decided before the activation is decided by the new program from the beginning.
        assert enrollment.version == new or enrollment.started_at < second.at
        assert effect.params["by"] == ("old" if enrollment.version == old else "new")
        assert effect.state is EffectState.ACCEPTED

"""Invariants 1, 2, 3, 4, 6 and 9 with real processes: workers and recorders are killed at random moments.

Afterwards new workers bring everything to an end, and the store is compared with what recorders were told
and with what the far side took over.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random

import attrs
import pytest

from nurture.model import Effect, EffectState, Lead, Repeat, Standing, Touchpoint
from nurture.ports import View
from tests.crash.crew import FORKS, LEASE, PATIENCE_SECONDS, STEPS, Crew, Place, crew, notes, record, until, work
from tests.crash.mail_house import Copy, MailHouse, copies, killed
from tests.crash.places import PLACES, url_of

FINAL = set(EffectState) - {EffectState.PLANNED, EffectState.CLAIMED}
WORKERS = ("worker a", "worker b", "worker c")
RECORDERS = ("recorder a", "recorder b")
TRAP = 0.05
CAUSES = {"hello": "form.submitted", "task": "page.viewed", "tips": "form.submitted"}


@attrs.frozen
class Storm:
    """What a storm leaves behind.

    Attributes:
        place: Where it raged.
        seed: What it was drawn from.
        killed: The processes that died in it.
        frozen: Those that were stopped for longer than a lease.
    """

    place: Place
    seed: int
    killed: frozenset[int]
    frozen: frozenset[int]

    @property
    def disturbed(self) -> frozenset[int]:
        """Whoever may have had to leave a mail in doubt."""
        return self.killed | self.frozen


def rage(place: Place, seed: int, kills: int, freezes: int = 0) -> Storm:
    """Kill and freeze at random moments, then let new workers come to an end."""
    print(f"seed {seed}: python -m pytest tests/crash/test_storm.py with NURTURE_STORM_SEED={seed}")
    dice, patience = Random(seed), PATIENCE_SECONDS + 3 * kills
    place.open().close()  # the tables and the first program
    jobs = {name: lambda _: FORKS.Process(target=work, args=(place,)) for name in WORKERS}
    jobs |= {
        name: lambda own: FORKS.Process(target=record, args=(place, own.replace(" ", "-"), 0.01)) for name in RECORDERS
    }
    everybody = (*WORKERS, *RECORDERS)
    to_freeze = sorted(dice.sample(range(kills), freezes))

    with crew(jobs) as men:

        def strike() -> None:
            men.fill(everybody)
            men.wait(dice.uniform(0.0, 0.2))
            victim = dice.choice(everybody)
            if men.is_ready(victim, place):
                men.kill(victim)
            frozen = dice.choice(WORKERS)
            if to_freeze and len(men.dead) >= to_freeze[0] and men.is_ready(frozen, place):
                to_freeze.pop(0)
                men.freeze(frozen, LEASE.total_seconds() + 1)

        until("the storm", lambda: len(men.dead) >= kills, strike, place, patience)
        calm(place, men, patience)
        return Storm(place, seed, frozenset(men.dead), frozenset(men.ever_frozen))


def calm(place: Place, men: Crew, patience: float) -> None:
    """Recorders go, workers stay until nothing waits any more."""
    for name in set(RECORDERS) & set(men.running):
        men.kill(name)
    storage = place.storage()

    def is_quiet() -> bool:
        with storage.view() as view:
            return not men.frozen and view.next_due_at() is None

    def beat() -> None:
        men.fill(WORKERS)
        men.wait(0.05)

    until("all is quiet", is_quiet, beat, place, patience)
    storage.close()


def check(storm: Storm) -> tuple[int, int]:
    """Every promise, after the storm; how many effects there were, and how many of them nobody knows about."""
    place = storm.place
    taken: defaultdict[str, list[Copy]] = defaultdict(list)
    for copy in copies(place.folder):
        taken[copy.key].append(copy)
    storage = place.storage()
    with storage.view() as view:
        check_acknowledged(view, place)
        effects = {effect.id: effect for lead in every_lead(view) for effect in check_lead(view, lead)}
    storage.close()
    if place.port is None:
        taken |= {key: [Copy(key, effects[key].message_id, 0)] for key in mailed(place)}
    assert set(taken) <= set(effects)
    for key, effect in effects.items():
        check_effect(effect, taken[key], storm, deduplicates=place.port is None and effect.channel == "email")
    return len(effects), sum(effect.state is EffectState.UNKNOWN for effect in effects.values())


def check_acknowledged(view: View, place: Place) -> None:
    """6: what a recorder was told is there."""
    told = notes(place.folder / "acknowledged")
    leads, facts = {words[0] for words in told}, {words[1] for words in told if len(words) > 1}
    assert len(facts) > 2 * len(RECORDERS)
    assert leads <= set(view.get(Lead, leads))
    assert facts <= set(view.get(Touchpoint, facts))


def every_lead(view: View) -> Iterator[str]:
    after = ""
    while page := view.page(Lead, after, 500):
        yield from (lead.id for lead in page)
        after = page[-1].id


def check_lead(view: View, lead: str) -> tuple[Effect, ...]:
    """2 and 5: each step that is due has exactly one effect, and each effect exactly one end and one receipt."""
    facts, effects = view.history(lead), view.effects_of(lead)  # type: ignore[arg-type]
    recorded = {fact.kind for fact in facts}
    expected = [name for name, kind in CAUSES.items() if kind in recorded]
    assert sorted(effect.name for effect in effects) == expected
    for effect in effects:
        assert effect.state in FINAL
        assert effect.due_at is None
        receipts = [fact for fact in facts if fact.cause == effect.id]
        assert len(receipts) == 1
    (standing,) = view.get(Standing, [lead]).values()
    assert standing.dead is None
    assert all(run.state == "completed" for run in standing.enrollments)
    assert standing.stage == ("mql" if "form.submitted" in recorded else "new")
    return effects


def check_effect(effect: Effect, taken: list[Copy], storm: Storm, *, deduplicates: bool) -> None:
    """1, 3 and 4: what the world got is what the policy allows, and every repeat is the fault of a crash."""
    where = f"{effect.id}, seed {storm.seed}"
    assert len(taken) <= effect.attempts, where
    assert {copy.message_id for copy in taken} <= {effect.message_id}, where
    if effect.state is EffectState.ACCEPTED:
        assert taken, where
    if deduplicates:
        assert effect.state is EffectState.ACCEPTED, where
    elif effect.repeat is Repeat.AT_MOST_ONCE:
        assert effect.state in (EffectState.ACCEPTED, EffectState.UNKNOWN), where
        assert len(taken) <= 1, where
        assert effect.state is EffectState.ACCEPTED or storm.disturbed, where
    else:
        assert effect.state is EffectState.ACCEPTED, where
        assert len(taken) <= 1 + len(storm.disturbed), where
        senders = Counter(copy.process for copy in taken)
        twice = {process for process, times in senders.items() if times > 1}
        assert twice <= storm.frozen, where  # one that was not frozen dies once, and then sends no more
        assert len(set(senders) - storm.disturbed) <= 1, where


def mailed(place: Place) -> list[str]:
    """The keys of the mails in the maildir, each of which is there once by its name."""
    return [path.name.partition(".")[0] for path in (place.folder / "maildir" / "new").iterdir()]


def seed_of(number: int) -> int:
    """Fixed by the environment, or fresh."""
    return int(os.environ.get("NURTURE_STORM_SEED", 0)) or Random().randrange(1, 10**6) + number


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize(
    "kills", [pytest.param(13, id="quick"), pytest.param(500, id="long", marks=pytest.mark.stress)]
)
def test_i6_a_storm_over_a_mail_server(kind: str, kills: int, tmp_path: Path) -> None:
    seed = seed_of(0)
    house = MailHouse(tmp_path, seed=seed, trap=TRAP)
    try:
        place = Place(url_of(kind, tmp_path), tmp_path, house.port)
        storm = rage(place, seed, kills, freezes=1 + kills // 50)
        effects, unknown = check(storm)
    finally:
        house.close()
    print(f"{kind}, smtp: {len(storm.killed)} killed, {effects} effects, {unknown} unknown")
    print(f"{len(killed(tmp_path))} of them died between the end of a mail and the answer to it")
    assert effects >= STEPS * len(RECORDERS)


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize(
    "kills", [pytest.param(13, id="quick"), pytest.param(500, id="long", marks=pytest.mark.stress)]
)
def test_i1_a_storm_over_a_maildir(kind: str, kills: int, tmp_path: Path) -> None:
    seed = seed_of(1)
    storm = rage(Place(url_of(kind, tmp_path), tmp_path), seed, kills, freezes=1 + kills // 50)
    effects, unknown = check(storm)
    print(f"{kind}, maildir: {len(storm.killed)} killed, {effects} effects, {unknown} unknown")
    assert effects >= STEPS * len(RECORDERS)

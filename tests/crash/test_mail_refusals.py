"""Invariant 13 for one sender, one topic and one address: real workers, and somebody who refuses just that meanwhile.

What was refused is not claimed afterwards; what was not refused goes all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from multiprocessing.synchronize import Barrier
from multiprocessing.synchronize import Event as EventType
from pathlib import Path

import pytest

from nurture import Message, Nurture, Program, Scenario, Site, days, q
from nurture.model import Consent, Effect, EffectState, LeadId
from nurture.program import ContactPolicy, Topic
from nurture.steps import send
from tests.crash.crew import Place, note, notes
from tests.crash.places import PLACES, url_of
from tests.crash.test_races import NotingSender, on_your_marks, run
from tests.stores import IDENTITY

WORKERS = 3
SITE = Site(
    "https://crm.example.com", secret="only-for-tests-0123456789", identity=IDENTITY, identities={"brand": IDENTITY}
)
MESSAGES = [
    Message("ours", "marketing", "Hello", "Hello"),
    Message("brand", "marketing", "Hello", "Hello", entity="brand"),
    Message("news", "marketing", "Hello", "Hello", topic="news"),
]
PROGRAM = Program(
    topics=[Topic("news")],
    messages=MESSAGES,
    scenarios=[Scenario(one.name, q.touches("form.submitted"), [send(one.name)]) for one in MESSAGES],
    policy=ContactPolicy(max_lateness=days(30)),
)
REFUSED = {"entity": {"brand"}, "topic": {"news"}, "address": {"ours", "brand", "news"}, "ours": {"ours", "news"}}
"""Which messages each way to refuse concerns."""


def opened(place: Place) -> Nurture:
    """A runtime of this process's own."""
    return Nurture(PROGRAM, place.storage(), senders={"email": NotingSender(place.folder)}, site=SITE)


@pytest.fixture
def crm_at() -> Iterator[Callable[[Place], Nurture]]:
    with ExitStack() as stack:

        def keep(place: Place) -> Nurture:
            crm = opened(place)
            stack.callback(crm.close)
            return crm

        yield keep


def work(place: Place, gun: Barrier, stop: EventType) -> None:
    """A worker in small steps, until it is asked to stop."""
    crm = opened(place)
    on_your_marks(crm, gun)
    while not stop.is_set():
        if not crm.decide(7).subjects and not crm.deliver(7).moved:
            stop.wait(0.005)
    crm.close()


def refuse(place: Place, way: str, leads: list[LeadId], gun: Barrier) -> None:
    """Refuse one after the other, and note how each one's mails stood when that was committed."""
    crm = opened(place)
    on_your_marks(crm, gun)
    for lead in leads:
        if way == "address":
            crm.suppress(crm.lead(lead).email or "", reason="complained")
        elif way == "topic":
            crm.unsubscribe(lead, topic="news")
        else:
            crm.unsubscribe(lead, entity="brand" if way == "entity" else "")
        with crm.storage.view() as view:
            effects = view.effects_of(lead)
        note(place.folder / "no", lead, *(f"{one.id} {one.fence} {one.state}" for one in effects))
    crm.close()


QUICK = [("sqlite", "entity"), ("postgres", "topic"), ("sqlite", "address"), ("postgres", "ours")]
LONG = [(kind, way) for kind in PLACES for way in REFUSED]


@pytest.mark.parametrize(
    ("kind", "way", "count"),
    [
        *(pytest.param(*case, 25, id="-".join((*case, "quick"))) for case in QUICK),
        *(pytest.param(*case, 1_500, id="-".join((*case, "long")), marks=pytest.mark.stress) for case in LONG),
    ],
)
def test_i13_what_was_refused_is_not_claimed_and_the_rest_goes(
    kind: str, way: str, count: int, tmp_path: Path, crm_at: Callable[[Place], Nurture]
) -> None:
    place = Place(url_of(kind, tmp_path), tmp_path)
    crm = crm_at(place)
    leads = []
    for number in range(count):
        at = crm.storage.now()
        lead = crm.capture(email=f"a{number}@example.jp", consent=Consent(at=at)).id
        crm.consent(lead, entity="brand")
        crm.record(lead, "form.submitted", key="1")
        leads.append(lead)
    while crm.decide().subjects:
        pass
    run(
        place,
        [partial(refuse, place, way, leads[half::-2]) for half in (-1, -2)],
        [partial(work, place)] * WORKERS,
        3 * count,
    )
    mailed = Counter(key for (key,) in notes(tmp_path / "ledger"))
    snapshots = {words[0]: [word.split(" ") for word in words[1:]] for words in notes(tmp_path / "no")}
    assert set(snapshots) == set(leads)
    went = 0
    for lead in leads:
        then = {key: (int(fence), state) for key, fence, state in snapshots[lead]}
        for effect in crm.effects(lead):
            assert not effect.is_open
            assert mailed[effect.id] == (effect.state is EffectState.ACCEPTED)
            if effect.name not in REFUSED[way]:
                assert effect.state is EffectState.ACCEPTED, effect.reason
                continue
            went += effect.state is EffectState.ACCEPTED
            check_refused(effect, *then[effect.id], is_withdrawn=way != "address")
    concerned = count * len(REFUSED[way])
    assert went < concerned, f"no race: {went} of {concerned} were mailed"


def check_refused(effect: Effect, fence: int, state: str, *, is_withdrawn: bool) -> None:
    """It stood so when the refusal was committed; nothing was claimed afterwards."""
    assert effect.fence == fence
    assert (effect.state is EffectState.ACCEPTED) == (fence > 0)
    if is_withdrawn:
        assert state != EffectState.PLANNED  # withdrawn in the same unit
    if effect.state is not EffectState.ACCEPTED:
        assert effect.state is EffectState.WITHHELD
        assert effect.reason in ("unsubscribed", "complained")

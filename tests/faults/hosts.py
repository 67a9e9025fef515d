"""What the host applications do: people are captured, things happen to them; some of it twice, late or in a race."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import attrs

from nurture import Basis, Nurture
from nurture.errors import NotFoundError
from nurture.model import Effect, LeadId, Origin
from tests.faults.auditing import Auditor

ZONES = ("Asia/Tokyo", "America/New_York", None)
POISONED = 0
"""The number of the lead for whom a template fails."""


@attrs.frozen(slots=True)
class Deed:
    """One thing that a host does; doing it twice must be harmless.

    Attributes:
        what: The name of the method of `Host` that does it.
        lead: Number of the lead.
        key: Tells it from others.
        late: How long ago it happened.
        word: What it is about.
    """

    what: str
    lead: int
    key: str
    late: timedelta = timedelta(0)
    word: str = ""


DEEDS = (
    ("view", 30),
    ("submit", 8),
    ("buy", 16),
    ("inquire", 2),
    ("click", 8),
    ("repeat", 10),
    ("retitle", 5),
    ("readdress", 2),
    ("rezone", 1),
    ("join", 3),
    ("reindustry", 3),
    ("unsubscribe", 4),
    ("unsubscribe_topic", 2),
    ("resubscribe", 3),
    ("refuse", 1),
    ("move", 3),
    ("enroll", 3),
    ("withdraw", 2),
)
WORDS = {
    "retitle": ("buyer", "clerk", ""),
    "join": ("a", "b", ""),
    "reindustry": ("retail", "steel", ""),
    "rezone": ("Asia/Tokyo", "Europe/Berlin"),
    "move": ("new", "mql", "sql"),
    "enroll": ("welcome", "visit", "shops"),
    "withdraw": ("welcome", "persuade"),
    "view": ("/a", "/b", "/c"),
}


def script_for(
    dice: Random, leads: int, hosts: int, start: datetime, end: datetime
) -> list[list[tuple[datetime, Deed]]]:
    """What each host process of a tenant does, and when: first all are captured, then things happen in bursts."""
    scripts: list[list[tuple[datetime, Deed]]] = [
        [(start + timedelta(seconds=number), Deed("capture", number, "capture")) for number in range(leads)]
        for _ in range(hosts)
    ]
    names, weights = zip(*DEEDS, strict=True)
    now, number = start + timedelta(hours=dice.uniform(0, 3)), 0
    while now < end:
        for _ in range(dice.randint(1, 6)):
            number += 1
            what = dice.choices(names, weights)[0]
            late = timedelta(hours=dice.uniform(0, 50)) if dice.random() < 0.15 else timedelta(0)
            word = dice.choice(WORDS.get(what, ("",)))
            deed = Deed(what, dice.randrange(leads), str(number), late, word)
            scripts[dice.randrange(hosts)].append((now + timedelta(seconds=dice.uniform(0, 5)), deed))
        now += timedelta(minutes=dice.choice([1, 20, 90, 400, 1000]))
    for script in scripts:
        script.sort(key=lambda entry: entry[0])
    return scripts


class Host:
    """One host process's script, and what the store acknowledged to it.

    Attributes:
        tenant: Whose host.
        script: What is still to be done, and when.
        acknowledged: The ids of the facts whose recording returned.
    """

    def __init__(self, tenant: str, script: list[tuple[datetime, Deed]], dice: Random, auditor: Auditor) -> None:
        self.tenant = tenant
        self.script = script
        self.acknowledged: list[str] = []
        self._dice = dice
        self._auditor = auditor
        self._recorded: list[tuple[LeadId, str, dict[str, str], str, datetime]] = []

    def do(self, crm: Nurture, deed: Deed) -> None:
        """Do one thing."""
        getattr(self, f"_{deed.what}")(crm, deed)

    def _lead(self, crm: Nurture, deed: Deed) -> LeadId:
        return self._capture(crm, deed)

    def _capture(self, crm: Nurture, deed: Deed) -> LeadId:
        number = deed.lead
        consent = Basis.CONSENT if number % 3 != 2 and deed.what == "capture" else None
        return crm.capture(
            external_ids={"crm": str(number)},
            email=f"person{number}@example.jp" if deed.what == "capture" else None,
            zone=ZONES[number % len(ZONES)],
            attributes={"divisor": 0 if number == POISONED else 1},
            consent=consent,
        ).id

    def _fact(self, crm: Nurture, deed: Deed, kind: str, properties: dict[str, str]) -> None:
        lead = self._lead(crm, deed)
        at = crm.storage.now() - deed.late
        self._record(crm, lead, kind, properties, deed.key, at)
        self._recorded.append((lead, kind, properties, deed.key, at))

    def _record(
        self, crm: Nurture, lead: LeadId, kind: str, properties: dict[str, str], key: str, at: datetime
    ) -> None:
        self.acknowledged.append(crm.record(lead, kind, properties, key=key, at=at))

    def _view(self, crm: Nurture, deed: Deed) -> None:
        self._fact(crm, deed, "page.viewed", {"path": deed.word})

    def _submit(self, crm: Nurture, deed: Deed) -> None:
        self._fact(crm, deed, "form.submitted", {})

    def _buy(self, crm: Nurture, deed: Deed) -> None:
        self._fact(crm, deed, "purchase.made", {"order": f"order {self._dice.randrange(12)}"})

    def _inquire(self, crm: Nurture, deed: Deed) -> None:
        self._fact(crm, deed, "inquiry.opened", {})

    def _repeat(self, crm: Nurture, _: Deed) -> None:
        if self._recorded:
            lead, kind, properties, key, at = self._dice.choice(self._recorded)
            for _ in range(self._dice.randint(1, 3)):
                self._record(crm, lead, kind, properties, key, at)

    def _click(self, crm: Nurture, deed: Deed) -> None:
        lead = self._lead(crm, deed)
        mails = [one for one in self._auditor.mirrors[self.tenant].of(Effect).values() if one.subject == lead]
        mails = [one for one in mails if one.channel and one.fence]
        if mails:
            mail = self._dice.choice(mails)
            identity = crm.record(lead, "email.clicked", {"url": "x"}, key=deed.key, cause=mail.id, origin=Origin.LEAD)
            self.acknowledged.append(identity)

    def _retitle(self, crm: Nurture, deed: Deed) -> None:
        crm.update(self._lead(crm, deed), title=deed.word or None)

    def _readdress(self, crm: Nurture, deed: Deed) -> None:
        crm.update(self._lead(crm, deed), email=f"person{deed.lead}@{self._dice.choice(['example.jp', 'example.com'])}")

    def _rezone(self, crm: Nurture, deed: Deed) -> None:
        crm.update(self._lead(crm, deed), zone=deed.word)

    def _join(self, crm: Nurture, deed: Deed) -> None:
        account = crm.capture_account(name=deed.word, key=deed.word).id if deed.word else None
        crm.update(self._lead(crm, deed), account=account)

    def _reindustry(self, crm: Nurture, deed: Deed) -> None:
        account = crm.capture_account(name="a", key=self._dice.choice("ab")).id
        crm.update(account, industry=deed.word or None)

    def _unsubscribe(self, crm: Nurture, deed: Deed) -> None:
        crm.unsubscribe(self._lead(crm, deed))

    def _unsubscribe_topic(self, crm: Nurture, deed: Deed) -> None:
        crm.unsubscribe(self._lead(crm, deed), topic="news")

    def _refuse(self, crm: Nurture, deed: Deed) -> None:
        crm.consent(self._lead(crm, deed), given=False)

    def _resubscribe(self, crm: Nurture, deed: Deed) -> None:
        crm.consent(self._lead(crm, deed))

    def _move(self, crm: Nurture, deed: Deed) -> None:
        _asked(lambda: crm.move(self._lead(crm, deed), deed.word, reason="asked"))

    def _enroll(self, crm: Nurture, deed: Deed) -> None:
        _asked(lambda: crm.enroll(self._lead(crm, deed), deed.word))

    def _withdraw(self, crm: Nurture, deed: Deed) -> None:
        _asked(lambda: crm.withdraw(self._lead(crm, deed), deed.word))


def _asked(request: object) -> None:
    """Ask; a request that could not be answered at once, because others were always faster, is not asked again."""
    try:
        request()  # type: ignore[operator]
    except NotFoundError:
        return

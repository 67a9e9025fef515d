"""Row `compose`: a rendered mail into bytes, and handed over, against the standard library's `EmailMessage` by hand.

The same headers and bodies on both sides; a reader of mail finds the same in both. Ours are also read again before they
go. The other end takes the bytes and does nothing with them. The processors' seconds are compared: nothing waits.
"""

from __future__ import annotations

import email
import time
from collections.abc import Callable, Iterator, Sequence
from email import policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import cast

from bench import letters
from bench.harness import SUBJECT, NotTheSameWorkError, Reading, Report, Scale, Side, compare, race, table, versions
from bench.limits import mail as by_hand
from bench.limits.mail import Written
from bench.workload import NOW
from nurture.mail import Rendered, context_of, make_unsubscribe_link, message_id, render
from nurture.mail.compose import compose
from nurture.model import Purpose

ROW = "compose"
LIMIT = "EmailMessage by hand"
UNIT = "mails/s"
SEEN = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post")


class _Letter:
    """The templates as a message."""

    subject, text, html = letters.SUBJECT_LINE, letters.TEXT, letters.HTML


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report."""
    del scratch
    mails = [_written(number) for number in range(scale.pick(50, 2_000))]
    _same(_ours(mails[0], 0), by_hand.composed(mails[0], NOW))
    sides = [
        Side(LIMIT, partial(_run, mails, lambda mail, _: by_hand.composed(mail, NOW))),
        Side(SUBJECT, partial(_run, mails, _ours)),
    ]
    done = race(sides, scale.pick(3, 11)).by_cpu()
    yield Report(
        title=f"{ROW}: {len(mails):,} mails, text and HTML",
        documents=(
            compare(ROW, done, LIMIT, measure="rate", unit=UNIT, used=versions("jinja2"), goal=scale.goal(">=", 0.5)),
        ),
        lines=table(done, sides, LIMIT, UNIT),
    )


def _written(number: int) -> Written:
    """A mail with its footer, as our own writer shows it, so that nothing is left to add."""
    lead = letters.reader(number)
    link = make_unsubscribe_link(letters.SITE, "default", lead.id, f"eff_{number}", Purpose.MARKETING, "")
    context = context_of(lead, None, letters.params(), unsubscribe_url=link, identity=letters.IDENTITY)
    said = render(_Letter(), context)
    who = letters.IDENTITY
    shown = (who.name, who.postal_address, who.complaint_contact, link)
    footer = "\n".join(shown)
    html = (said.html or "").replace("</body>", f"<p>{'<br>'.join(shown)}</p></body>")
    return Written(
        sender=f"{who.name} <{who.address}>",
        recipient=lead.email or "",
        subject=said.subject,
        text=f"{said.text}\n{footer}\n",
        html=html,
        message_id=message_id(f"eff_{number}", letters.SITE),
        unsubscribe=link,
    )


def _ours(mail: Written, number: int) -> bytes:
    envelope = compose(
        Rendered(mail.subject, mail.text, mail.html),
        key=f"eff_{number}",
        message_id=mail.message_id,
        recipient=mail.recipient,
        purpose=Purpose.MARKETING,
        identity=letters.IDENTITY,
        now=NOW,
        unsubscribe_url=mail.unsubscribe,
    )
    return envelope.data


def _run(mails: Sequence[Written], write: Callable[[Written, int], bytes]) -> Callable[[], Reading]:
    def run() -> Reading:
        cpu, start = time.process_time(), time.perf_counter()
        size = 0
        for number, mail in enumerate(mails):
            size += len(write(mail, number))
        assert size > len(mails)
        return Reading(len(mails), time.perf_counter() - start, time.process_time() - cpu)

    return run


def _same(ours: bytes, theirs: bytes) -> None:
    """Both mails say the same to a reader of mail."""
    mine, other = (cast("EmailMessage", email.message_from_bytes(one, policy=policy.default)) for one in (ours, theirs))
    for name in SEEN:
        if str(mine[name]).strip() != str(other[name]).strip():
            raise NotTheSameWorkError(f"{name}: {mine[name]!r} is not {other[name]!r}")
    for kind in ("plain", "html"):
        parts = [one.get_body((kind,)) for one in (mine, other)]
        texts = ["" if part is None else part.get_content().replace("\r\n", "\n").rstrip() for part in parts]
        if texts[0] != texts[1]:
            raise NotTheSameWorkError(f"the {kind} parts differ")

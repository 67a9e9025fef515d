"""Mail by hand: a plain template, an `EmailMessage`, and a loop over one SMTP connection.

What a careful person writes without this library: the same headers, the same bodies, one recipient each. May import
the standard library, jinja2 and the workload.
"""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from attrs import frozen


@frozen
class Written:
    """One mail as a person would hold it before it is bytes."""

    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    unsubscribe: str


def composed(mail: Written, now: datetime) -> bytes:
    """The mail as bytes, by the standard library's own writer."""
    message = EmailMessage(policy=SMTP)
    message["From"] = mail.sender
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message.as_bytes()


def sent(port: int, mails: Sequence[tuple[str, str, bytes]]) -> int:
    """Hand all mails over on one connection; how many the server took."""
    taken = 0
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as connection:
        for sender, recipient, data in mails:
            taken += not connection.sendmail(sender, [recipient], data)
    return taken

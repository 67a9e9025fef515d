"""A mail with every Japanese field, as its source says it: reviewed by eye once, and the same ever since.

`python -m tests.mail.test_golden` writes the file anew; look at what has changed before you keep it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from nurture.ports import Envelope
from tests.mail import strict
from tests.mail.seminar import english_mail, hostile_mail, japanese_mail

MAILS = {"japanese": japanese_mail, "english": english_mail, "hostile": hostile_mail}
FOLDER = Path(__file__).parent.parent / "golden"


def source_of(envelope: Envelope) -> str:
    """The mail in its source form, decoded so that people can read it: fields, then part for part."""
    mail = strict.read(envelope.data)
    lines = [f"Envelope-From: {envelope.sender}", f"Envelope-To: {envelope.recipient}"]
    for part in mail.walk():
        lines += [f"{name}: {strict.decoded(value)}" for name, value in part.fields]
        if not part.parts:
            lines += ["", *part.data.decode("utf-8").split("\r\n"), "~~~"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", MAILS)
def test_the_mail_says_what_it_said_when_it_was_reviewed(name: str) -> None:
    assert source_of(MAILS[name]()) == (FOLDER / f"mail_{name}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    for known, make in MAILS.items():
        (FOLDER / f"mail_{known}.txt").write_text(source_of(make()), encoding="utf-8")
        sys.stdout.write(f"mail_{known}.txt\n")

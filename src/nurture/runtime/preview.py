"""A mail as one person would get it: what `Nurture.preview` gives. Light; imports findings only."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import attrs

from nurture.mail.lint import Finding


@attrs.frozen(slots=True, kw_only=True)
class Chosen:
    """What a block shows, and why.

    Attributes:
        block: Its name.
        choice: The choice that is shown; `""` is the block's own content.
        why: In a sentence.
    """

    block: str
    choice: str
    why: str


@attrs.frozen(slots=True, kw_only=True)
class Preview:
    """A mail as one person would get it. In a notebook it shows itself.

    Attributes:
        subject: The subject line.
        preheader: The line beside it.
        text: The plain text, with the footer.
        html: The HTML, with the footer; None when there is none.
        locale: The language that was taken.
        choices: What its blocks show, and why.
        sender: As `From` shows it; `""` on channels that are not mail.
        fallback: Why it does not come from the lead's owner though the message says so; `""` otherwise.
        headers: Every header, decoded.
        source: The mail as it goes over the wire; empty on channels that are not mail.
        findings: What its author may want to mend.
    """

    subject: str
    preheader: str
    text: str
    html: str | None
    locale: str
    choices: tuple[Chosen, ...]
    sender: str
    fallback: str
    headers: Mapping[str, str]
    source: bytes = attrs.field(repr=False)
    findings: tuple[Finding, ...]

    def _repr_html_(self) -> str:
        """The mail in a frame that runs nothing and reaches nothing of the page around it."""
        rows = [
            ("From", self.sender),
            ("Subject", self.subject),
            ("Preheader", self.preheader),
            ("Language", self.locale),
        ]
        rows += [(f"Block {one.block}", f"{one.choice or '—'}: {one.why}") for one in self.choices]
        rows += [(one.code, f"{one.where}: {one.said}") for one in self.findings]
        table = "".join(f"<tr><th>{escape(name)}</th><td>{escape(said)}</td></tr>" for name, said in rows if said)
        body = self.html if self.html is not None else f"<pre>{escape(self.text)}</pre>"
        frame = f'<iframe sandbox="" srcdoc="{escape(body)}" style="width:100%;height:30em;border:1px solid"></iframe>'
        return f"<table>{table}</table>{frame}"

"""Django's message with the parts and the headers that a mail was composed with. Imports the ports; needs Django."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from nurture.ports import Envelope

_OF_THE_BODY: Final = ("from", "to", "subject", "mime-version")


def message_of(envelope: Envelope, *, is_anymail: bool = False) -> Any:  # noqa: ANN401 -- Django has no types
    """Django's message with the same parts and headers.

    Args:
        envelope: What was composed.
        is_anymail: Whether it is for anymail, most of whose services set the return path themselves.
    """
    from email import message_from_bytes, policy

    parsed: Any = message_from_bytes(envelope.data, policy=policy.SMTP)
    written_by = str(parsed.get("From", envelope.sender))
    headers = {
        name: str(value)
        for name, value in parsed.items()
        if name.lower() not in _OF_THE_BODY and not name.lower().startswith("content-")
    }
    if not is_anymail:
        headers["From"] = written_by
    message = import_module("django.core.mail").EmailMultiAlternatives(
        subject=envelope.subject,
        body=envelope.text,
        from_email=written_by if is_anymail else envelope.sender,
        to=[envelope.recipient],
        headers=headers,
    )
    if envelope.html is not None:
        message.attach_alternative(envelope.html, "text/html")
    bodies = [parsed.get_body([kind]) for kind in ("plain", "html")]
    for part in parsed.walk():
        if not part.is_multipart() and not any(part is body for body in bodies):
            message.attach(_attachment(part))
    return message


def _attachment(part: Any) -> Any:  # noqa: ANN401 -- a part of whatever policy it was read with
    """The same part as Django takes it, with its own parameters (a calendar's `method` among them)."""
    from email.encoders import encode_base64
    from email.mime.base import MIMEBase

    made = MIMEBase(part.get_content_maintype(), part.get_content_subtype())
    said: dict[str, str] = dict(part["Content-Type"].params) if "Content-Type" in part else {}
    for name, value in said.items():
        if name not in ("charset", "name"):
            made.set_param(name, value)
    made.set_payload(part.get_payload(decode=True))
    encode_base64(made)
    disposition: str = part.get_content_disposition() or "attachment"
    filename: str | None = part.get_filename()
    if filename is None:
        made.add_header("Content-Disposition", disposition)
    else:
        wide = ("utf-8", "", filename)  # RFC 2231
        made.add_header("Content-Disposition", disposition, filename=filename if filename.isascii() else wide)
    if "Content-ID" in part:
        made["Content-ID"] = str(part["Content-ID"])
    return made

"""One mail for exactly one recipient, as bytes; the same input gives the same bytes. Pure.

Imports templates' result, files, headers, addresses, the site, owners and the ports. A marketing mail is compliant or
refused: both unsubscribe headers (RFC 8058), who sends, and what the law wants shown. What was written is read
again by an independent reader and compared, so that nothing hostile becomes a header.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from email.utils import format_datetime
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from nurture.errors import SendRefusedError
from nurture.mail._shown import MOST_TAGS
from nurture.mail._tags import has_more_tags
from nurture.mail.address import wire_address
from nurture.mail.files import check_size, part_of
from nurture.mail.footer import with_html_footer, with_text_footer
from nurture.mail.headers import check_value, encode_mailbox, encode_text, read_fields, write_fields
from nurture.mail.site import LOCAL_HOSTS
from nurture.mail.templates import LONGEST_OUTPUT, Rendered
from nurture.model import Purpose
from nurture.ports import Envelope

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.mail.files import Attachment
    from nurture.mail.owner import Owner
    from nurture.mail.site import SenderIdentity

_MESSAGE_ID: Final = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")
_LINK: Final = re.compile(r"[!#-;=?-~]{1,900}")  # printable ASCII but space, quotation mark, angle brackets
_LIST_ID: Final = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")
_OVERLONG: Final = re.compile(rb"^(.{74,75})(=20|=09)$", re.MULTILINE)
"""A line of 77 or 78 octets, which `binascii.b2a_qp` makes where a blank at the end of a full one is quoted."""


def compose(
    rendered: Rendered,
    *,
    key: str,
    message_id: str,
    recipient: str,
    purpose: Purpose,
    identity: SenderIdentity,
    now: datetime,
    unsubscribe_url: str | None = None,
    unsubscribe_mailto: str | None = None,
    list_id: str | None = None,
    return_path: str | None = None,
    owner: Owner | None = None,
    is_verified: bool = False,
    attachments: Sequence[Attachment] = (),
    locale: str = "ja",
    channel: str = "email",
) -> Envelope:
    """The mail, ready to be sent.

    Args:
        rendered: Subject and bodies in the words for this person.
        key: The effect's key; the boundary between parts is derived from it.
        message_id: The Message-ID with angle brackets, as it was committed.
        recipient: One address.
        purpose: Why it is sent; marketing must meet the rules above.
        identity: Who sends.
        now: The instant in `Date`, aware.
        unsubscribe_url: The one-click link; `https`, or `http` to localhost.
        unsubscribe_mailto: An address that also takes unsubscribe requests.
        list_id: Names the list, such as `news.example.jp` (RFC 2919).
        return_path: Envelope sender; None means the identity's address.
        owner: In whose name it goes out; None means the identity's alone.
        is_verified: Whether the site may send from the owner's address. If not, it comes from the identity, and
            answers go to the owner.
        attachments: Files that go along.
        locale: Language of the lines that the law wants, where the body lacks them.
        channel: The channel's name.

    Raises:
        SendRefusedError: With the reason `bad_address`, `several_recipients`, `needs_smtputf8`, `unsafe_header`,
            `unsafe_text`, `no_unsubscribe`, `no_sender_identity`, `hidden_footer`, `empty_subject`, `empty_body`,
            `too_big` or `attachment_too_large`.
    """
    to = wire_address(recipient, smtputf8=True)
    _check_rendered(rendered)
    check_size(attachments)
    if purpose is Purpose.MARKETING:
        rendered = _disclosed(rendered, identity, unsubscribe_url, locale)
    who = _wire(identity) if owner is None else _wire_of_owner(identity, owner, is_verified)
    decoded = _fields(
        rendered.subject, to=to, message_id=message_id, who=who, now=now,
        unsubscribe_url=unsubscribe_url, unsubscribe_mailto=unsubscribe_mailto, list_id=list_id,
    )  # fmt: skip
    content, body = _content(rendered, key, attachments)
    decoded |= content
    smtputf8 = not to.isascii()
    encoded = decoded | {"From": who.written, "Subject": encode_text(rendered.subject)}
    if unsubscribe_mailto is not None and "List-Unsubscribe" in encoded:
        encoded["List-Unsubscribe"] = encoded["List-Unsubscribe"].replace(">, <", ">,\r\n <")
    block = write_fields(list(encoded.items()), smtputf8=smtputf8)
    if read_fields(block, smtputf8=smtputf8) != list((decoded | {"From": who.read}).items()):
        raise SendRefusedError("unsafe_header", "what was written is not what was meant")
    return Envelope(
        key=key,
        channel=channel,
        message_id=message_id,
        sender=_wire(identity).address if return_path is None else wire_address(return_path),
        recipient=to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        headers=decoded,
        data=block + b"\r\n" + body,
        smtputf8=smtputf8,
        fallback="owner_not_verified" if owner is not None and not is_verified else "",
    )


def _check_rendered(rendered: Rendered) -> None:
    check_value(rendered.subject, "Subject")
    if not rendered.subject.strip():
        raise SendRefusedError("empty_subject")
    if not rendered.text.strip():
        raise SendRefusedError("empty_body")
    if max(len(rendered.text), len(rendered.html or "")) > LONGEST_OUTPUT:
        raise SendRefusedError("too_big")
    if rendered.html is not None and has_more_tags(rendered.html, MOST_TAGS):
        raise SendRefusedError("too_big", f"the HTML has more than {MOST_TAGS} tags")


def _disclosed(rendered: Rendered, identity: SenderIdentity, unsubscribe_url: str | None, locale: str) -> Rendered:
    """The bodies with everything that marketing mail must show."""
    if not unsubscribe_url:
        raise SendRefusedError("no_unsubscribe", "marketing mail needs a one-click link")
    for field in ("postal_address", "complaint_contact"):
        if not str(getattr(identity, field)).strip():
            raise SendRefusedError("no_sender_identity", f"marketing mail needs identity.{field}")
    html = rendered.html
    return Rendered(
        rendered.subject,
        with_text_footer(rendered.text, identity, unsubscribe_url, locale),
        None if html is None else with_html_footer(html, identity, unsubscribe_url, locale),
        rendered.preheader,
        rendered.locale,
    )


def _fields(
    subject: str,
    *,
    to: str,
    message_id: str,
    who: _Wire,
    now: datetime,
    unsubscribe_url: str | None,
    unsubscribe_mailto: str | None,
    list_id: str | None,
) -> dict[str, str]:
    """The header fields that say who, to whom and why, decoded and in order."""
    if not _MESSAGE_ID.fullmatch(message_id) or len(message_id) > 400:
        raise SendRefusedError("unsafe_header", "Message-ID: expected <key@host>")
    if now.tzinfo is None:
        raise ValueError("now: expected a datetime with a time zone")
    fields = {
        "From": who.shown,
        "To": to,
        "Subject": subject,
        "Date": _date(now.astimezone(UTC)),
        "Message-ID": message_id,
    }
    if who.reply_to is not None:
        fields["Reply-To"] = who.reply_to
    fields["Auto-Submitted"] = "auto-generated"
    if list_id is not None:
        if not _LIST_ID.fullmatch(list_id) or len(list_id) > 255:
            raise SendRefusedError("unsafe_header", "List-Id: expected a dotted name")
        fields["List-Id"] = f"<{list_id}>"
    if unsubscribe_url is not None:
        fields["List-Unsubscribe"] = _list_unsubscribe(unsubscribe_url, unsubscribe_mailto)
        fields["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    fields["MIME-Version"] = "1.0"
    return fields


def _list_unsubscribe(url: str, mailto: str | None) -> str:
    """One `https` link (RFC 8058 section 3.1), and perhaps an address."""
    parts = urlsplit(url) if _LINK.fullmatch(url) and "," not in url else None
    if parts is None or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL_HOSTS)):
        raise SendRefusedError("no_unsubscribe", "the one-click link is not https")
    return f"<{url}>" if mailto is None else f"<{url}>, <mailto:{_mailto(mailto)}>"


def _mailto(address: str) -> str:
    wire = wire_address(address)
    if not _LINK.fullmatch(wire) or any(sign in wire for sign in "?&%"):
        raise SendRefusedError("bad_address", "unsubscribe_mailto: an address that needs no escaping")
    return wire


class _Wire(NamedTuple):
    """What a sender looks like on the wire; the same for thousands of mails."""

    address: str
    reply_to: str | None
    shown: str
    written: str
    read: str


@lru_cache(maxsize=64)
def _wire(identity: SenderIdentity) -> _Wire:
    return _wired(identity.name, identity.address, identity.reply_to)


@lru_cache(maxsize=512)
def _wire_of_owner(identity: SenderIdentity, owner: Owner, is_verified: bool) -> _Wire:
    if is_verified:
        return _wired(owner.name, owner.address, None)
    return _wired(identity.name, identity.address, owner.address)


def _wired(name: str, mailbox: str, answers: str | None) -> _Wire:
    address = wire_address(mailbox)
    reply_to = None if answers is None else wire_address(answers)
    written = encode_mailbox(name, address)
    shown = f"{name} <{address}>" if name else address
    # A reader must find a plain name as it was written (perhaps in quotation marks), and an encoded one decoded.
    is_plain = name.isascii() and "=?" not in name
    return _Wire(address, reply_to, shown, written, written.replace("\r\n ", " ") if is_plain else shown)


@lru_cache(maxsize=64)
def _date(now: datetime) -> str:
    return format_datetime(now)


def _content(rendered: Rendered, key: str, files: Sequence[Attachment]) -> tuple[Mapping[str, str], bytes]:
    """The fields that describe the body, and the body."""
    fields, body = _words(rendered, key)
    if not files:
        return fields, body
    # Neither encoding of text can make "=_", nor can base64, so no part holds the boundary.
    boundary = f"=_{blake2b(key.encode('utf-8', 'surrogatepass'), digest_size=12, person=b'mixed').hexdigest()}"
    opening = f"--{boundary}\r\n".encode("ascii")
    parts = [opening, write_fields(list(fields.items())), b"\r\n", body]
    for file in files:
        parts += (b"\r\n", opening, part_of(file))
    parts.append(f"\r\n--{boundary}--\r\n".encode("ascii"))
    return {"Content-Type": f'multipart/mixed; boundary="{boundary}"'}, b"".join(parts)


def _words(rendered: Rendered, key: str) -> tuple[Mapping[str, str], bytes]:
    """The text, and beside it the HTML if there is any."""
    encoding, text = _transfer(rendered.text)
    if rendered.html is None:
        return {"Content-Type": 'text/plain; charset="utf-8"', "Content-Transfer-Encoding": encoding}, text
    # Neither encoding can make "=_", so no body holds the boundary.
    boundary = f"=_{blake2b(key.encode('utf-8', 'surrogatepass'), digest_size=12).hexdigest()}"
    html_encoding, html = _transfer(rendered.html)
    body = b"".join(
        (
            f"--{boundary}\r\n{_part('plain', encoding)}".encode("ascii"), text,
            f"\r\n--{boundary}\r\n{_part('html', html_encoding)}".encode("ascii"), html,
            f"\r\n--{boundary}--\r\n".encode("ascii"),
        )
    )  # fmt: skip
    return {"Content-Type": f'multipart/alternative; boundary="{boundary}"'}, body


def _part(subtype: str, encoding: str) -> str:
    return f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'


def _transfer(text: str) -> tuple[str, bytes]:
    """The text in lines of at most 76 octets: quoted-printable when nearly all is ASCII, base64 otherwise."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        data = lines.encode("utf-8")
    except UnicodeEncodeError:
        raise SendRefusedError("unsafe_text", "a lone surrogate") from None
    if len(data) - len(lines) <= len(lines) // 8:
        quoted = _OVERLONG.sub(rb"\1=\n\2", binascii.b2a_qp(data, istext=True))
        return "quoted-printable", quoted.replace(b"\n", b"\r\n")
    return "base64", base64.encodebytes(data.replace(b"\n", b"\r\n")).replace(b"\n", b"\r\n")

"""Sends mail by Django's mail backends, those of anymail among them. Imports the ports; needs the extra `django`.

Django's settings say how mail leaves; this adapter gives Django the message, and reads what became of it.
"""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Collection, Mapping
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from nurture.errors import DefinitionError
from nurture.ports import Accepted, Deferred, Envelope, Receipt, Rejected, Unknown
from nurture.senders._django_message import message_of
from nurture.senders._relay import JAPANESE_CARRIERS
from nurture.senders._replies import refusal
from nurture.senders._wire import refused_unseen
from nurture.senders._words import is_timeout, plain

try:
    import_module("django.core.mail")
except ImportError as error:
    raise ImportError('DjangoSender needs Django: pip install "nurture-crm[django]"') from error

_NOT_NOW: Final = {
    **dict.fromkeys((401, 402, 403), "not_authorized"),
    **dict.fromkeys((408, 425), "not_read"),
    429: "throttled",
}
"""Answers of a service that say that nothing was sent, and that can be mended or pass."""
_BEFORE_ANYTHING: Final = ("ConnectTimeout", "NewConnectionError", "ConnectTimeoutError", "NameResolutionError")


class _Connection(Protocol):
    """A backend of Django's that is open."""

    def open(self) -> object: ...

    def close(self) -> None: ...

    def send_messages(self, messages: list[Any]) -> int | None: ...


class DjangoSender:
    """Hands mails to a mail backend of Django's.

    The message has the text, the HTML, the attachments and every header that the mail was composed with, Message-ID,
    `List-*` and `Auto-Submitted` among them. Django writes its bytes anew. A service behind anymail signs, and sets the
    return path; with Django's own backends the return path is the composed one.

    Where anymail says what became of the recipient, that counts. An exception counts by its place: nothing was sent
    when no connection was made or the server said no. Of anything else nobody knows. How long one message may take is
    what the settings say: set `EMAIL_TIMEOUT`, or `ANYMAIL["REQUESTS_TIMEOUT"]`. When a message runs into that, or no
    connection can be made, the rest of the call is deferred untried. No backend knows a key again.

    A backend counts what it sent. One that sends later (a queue) counts nothing, and then nobody knows: give the
    backend that the queue sends by.

    Args:
        backend: Dotted name of the backend's class; None is `EMAIL_BACKEND` of the settings.
        options: What the backend is made with, such as `{"host": "127.0.0.1"}`.
        lenient_domains: Domains whose "no such mailbox" does not condemn an address for good.

    Raises:
        DefinitionError: There is no such backend.
    """

    def __init__(
        self,
        backend: str | None = None,
        *,
        options: Mapping[str, object] | None = None,
        lenient_domains: Collection[str] = JAPANESE_CARRIERS,
    ) -> None:
        _check(backend)
        self._backend = backend
        self._options = dict(options or {})
        self._lenient = frozenset(domain.lower() for domain in lenient_domains)

    @property
    def dedup_window(self) -> timedelta:
        """Zero: no backend knows a key again."""
        return timedelta(0)

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Send each mail and say what became of it; the rest of a call is deferred when nobody answers."""
        receipts: list[Receipt] = []
        connection: _Connection | None = None
        given_up: Deferred | None = None
        for envelope in envelopes:
            refused: Receipt | None = _refused(envelope)
            if given_up is None and refused is None and connection is None:
                opened = self._open()
                if isinstance(opened, Deferred):
                    given_up, refused = Deferred("not_tried"), opened
                else:
                    connection = opened
            if refused is not None or connection is None:
                receipts.append(refused or given_up or Deferred("not_tried"))
                continue
            receipt, is_hopeless = self._settle(connection, envelope)
            receipts.append(receipt)
            if is_hopeless:
                given_up = Deferred("not_tried")
            if not isinstance(receipt, Accepted):  # perhaps in the middle of who knows what
                _close(connection)
                connection = None
        if connection is not None:
            _close(connection)
        return tuple(receipts)

    def close(self) -> None:
        """Nothing is held between calls."""

    def _open(self) -> _Connection | Deferred:
        connection: _Connection | None = None
        try:
            made = import_module("django.core.mail").get_connection(self._backend, fail_silently=False, **self._options)
            connection = cast("_Connection", made)
            connection.open()
            return connection
        except Exception as error:  # a backend may be anybody's; nothing was said yet
            if connection is not None:
                _close(connection)
            if isinstance(error, smtplib.SMTPResponseException):
                is_login = isinstance(error, smtplib.SMTPAuthenticationError)
                return Deferred("not_authenticated" if is_login else "not_connected", str(error.smtp_code))
            return Deferred(f"not_connected_{type(error).__name__}")

    def _settle(self, connection: _Connection, envelope: Envelope) -> tuple[Receipt, bool]:
        """The receipt, and whether trying further messages in this call is without hope."""
        is_anymail = hasattr(connection, "esp_name")
        try:
            message = message_of(envelope, is_anymail=is_anymail)
        except (ValueError, LookupError, TypeError):
            return Rejected("bad_mail"), False
        try:
            count = connection.send_messages([message])
        except Exception as error:
            return _told(message) or self._meaning(error, envelope), is_timeout(error)
        if count:
            return _told(message) or Accepted(), False
        # A receiver of anymail's `pre_send` called it off; any other backend may have it in a queue of its own.
        return Rejected("cancelled") if is_anymail else Unknown("not_counted"), False

    def _meaning(self, error: Exception, envelope: Envelope) -> Receipt:
        """What an exception says of the message, by its place. Names of anymail are compared, as it may be missing."""
        domain = envelope.recipient.rpartition("@")[2]
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            code, reply = next(iter(error.recipients.values()), (0, b""))
            return refusal(code, reply, at="rcpt", domain=domain, lenient=self._lenient)
        if isinstance(error, smtplib.SMTPDataError) and not _is_refusal(error.smtp_code):
            is_taken = 200 <= error.smtp_code <= 299
            return Accepted(plain(_bytes(error.smtp_error))) if is_taken else Unknown("reply_makes_no_sense")
        if isinstance(error, (smtplib.SMTPSenderRefused, smtplib.SMTPDataError)):
            at = "mail" if isinstance(error, smtplib.SMTPSenderRefused) else "data"
            return refusal(error.smtp_code, _bytes(error.smtp_error), at=at, domain=domain, lenient=self._lenient)
        names = {kind.__name__ for kind in type(error).__mro__}
        if "BadHeaderError" in names:
            return Rejected("unsafe_header")
        if "AnymailInvalidAddress" in names:
            return Rejected("bad_address")
        if names & {"AnymailUnsupportedFeature", "AnymailSerializationError", "SMTPNotSupportedError"}:
            return Rejected("not_supported")
        if "ImproperlyConfigured" in names:
            return Deferred("not_configured")
        if "AnymailError" in names:
            return _by_status(error)
        return Unknown(f"failed_{type(error).__name__}")


def _refused(envelope: Envelope) -> Rejected | None:
    """Why Django cannot carry it. It takes the quotation marks of `"da..me."@…` away, and so names somebody else."""
    if envelope.recipient.startswith('"'):
        return Rejected("needs_quoted_address")
    return refused_unseen(envelope, takes_smtputf8=False)


def _told(message: Any) -> Receipt | None:  # noqa: ANN401 -- Django has no types
    """What anymail knows of the one recipient; None when it says nothing."""
    recipients: Any = getattr(getattr(message, "anymail_status", None), "recipients", None)
    for one in recipients.values() if recipients else ():
        receipts: dict[str, Receipt] = {
            **dict.fromkeys(
                ("sent", "queued"),
                Accepted(plain(str("" if one.message_id is None else one.message_id).encode("ascii", "replace"))),
            ),
            "invalid": Rejected("bad_address"),
            "rejected": Rejected("refused_by_service"),
            "failed": Deferred("failed_at_service"),
        }
        return receipts.get(str(one.status), Unknown("status_unknown"))
    return None


def _by_status(error: Exception) -> Receipt:
    """An answer of the service, or its absence."""
    status = getattr(error, "status_code", None)
    if status is None:
        return Deferred("not_connected") if _is_before(error) else Unknown(f"failed_{type(error).__name__}")
    if status in _NOT_NOW:
        return Deferred(_NOT_NOW[status], str(status))
    return Rejected("refused", str(status)) if 400 <= status <= 499 else Unknown(f"answered_{status}")


def _is_before(error: BaseException) -> bool:
    """Whether there was no connection: requests has a kind for it, or urllib3 below says so."""
    seen: object = error.__cause__ or error
    for _ in range(4):
        if any(kind.__name__ in _BEFORE_ANYTHING for kind in type(seen).__mro__):
            return True
        inner = getattr(seen, "args", ())
        seen = getattr(seen, "reason", None) or (inner[0] if inner else None)
    return False


def _is_refusal(code: int) -> bool:
    """Whether smtplib's error about the data is a no; it takes every reply but 250 for one, also behind the dot.

    A 250 can only have come instead of the 354 before the data: nothing was sent.
    """
    return 400 <= code <= 599 or code == 250


def _check(backend: str | None) -> None:
    """Refuse a name that leads nowhere; one that needs the settings first is found out about when it is used."""
    if backend is None:
        return
    configuration: Any = import_module("django.core.exceptions")
    try:
        import_module("django.utils.module_loading").import_string(backend)
    except ImportError as error:
        raise DefinitionError(["backend: expected the dotted name of a class that can be imported"]) from error
    except configuration.ImproperlyConfigured:
        return


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode("ascii", "replace")


def _close(connection: _Connection) -> None:
    with contextlib.suppress(Exception):  # what was sent was sent
        connection.close()


if TYPE_CHECKING:
    from nurture.ports import Sender

    _fits: type[Sender] = DjangoSender

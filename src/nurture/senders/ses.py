"""Sends mail by Amazon SES (API version 2), a receipt for each message. Imports the ports; needs the extra `ses`.

The mail goes as it was composed. SES puts its own Message-ID in place of ours, and Amazon signs for the domain.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

from nurture.errors import DefinitionError
from nurture.ports import Accepted, Deferred, Envelope, Receipt, Rejected, Unknown
from nurture.senders._turns import in_turn
from nurture.senders._wire import refused_unseen
from nurture.senders._words import is_timeout, plain

try:
    boto3, exceptions, config = (import_module(name) for name in ("boto3", "botocore.exceptions", "botocore.config"))
except ImportError as error:
    raise ImportError('SesSender needs boto3: pip install "nurture-crm[ses]"') from error

_TAG: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_KEY_TAG: Final = "nurture-key"
_SOON: Final = timedelta(minutes=1)
_LATER: Final = timedelta(hours=1)

_NOT_NOW: Final[Mapping[str, tuple[str, timedelta | None]]] = {
    **dict.fromkeys(
        ("TooManyRequestsException", "ThrottlingException", "Throttling", "RequestThrottled", "SlowDown"),
        ("throttled", _SOON),
    ),
    "LimitExceededException": ("quota", _LATER),
    "AccountSuspendedException": ("account_suspended", _LATER),
    "SendingPausedException": ("sending_paused", _LATER),
    "MailFromDomainNotVerifiedException": ("domain_not_verified", _LATER),
    "NotFoundException": ("not_found", _LATER),  # the configuration set
    **dict.fromkeys(
        "AccessDeniedException UnrecognizedClientException InvalidClientTokenId ExpiredTokenException".split()
        + "InvalidSignatureException SignatureDoesNotMatch IncompleteSignature MissingAuthenticationToken".split()
        + "AccessDenied ExpiredToken NotAuthorized RequestExpired RequestTimeTooSkewed OptInRequired".split(),
        ("not_authenticated", None),
    ),
}
"""Errors that say that nothing was sent, and that can be mended or pass. Those that are not here pass, too."""

_OF_THIS_MAIL: Final = frozenset(
    {"BadRequestException", "InvalidParameterValue", "ParameterValidation", "ValidationException", "ValidationError"}
)
"""Errors that the same mail would meet again, whatever is mended in the account."""

_NO_AUTHORITY: Final = (401, 403, 407)
_TOO_BIG: Final = 413
_THROTTLED: Final = 429
_NOT_VERIFIED: Final = re.compile(r"not verified|did not have authority", re.IGNORECASE)
_BAD_ADDRESS: Final = re.compile(
    r"missing (?:final|domain)|illegal address|invalid domain|local address|domain (?:starts|ends|contains)",
    re.IGNORECASE,
)


class SesClient(Protocol):
    """As much of boto3's `sesv2` client as is used."""

    def send_email(self, **request: object) -> Mapping[str, object]:
        """`SendEmail`."""
        ...

    def close(self) -> None:
        """Give back connections."""
        ...


class SesSession(Protocol):
    """A session of boto3's, which knows who asks."""

    def client(self, service_name: str, /, **options: object) -> object:
        """A client of one service."""
        ...

    def get_credentials(self) -> SesCredentials | None:
        """In whose name; None when there is nothing."""
        ...


class SesCredentials(Protocol):
    """In whose name is asked."""

    def get_frozen_credentials(self) -> object:
        """The keys of this moment, fetched anew when they are about to end."""
        ...


class SesSender:
    """Hands mails to Amazon SES.

    The client tries each request once: a library that tried again by itself could send twice. SES does not know a key
    again, so `dedup_window` is zero. The effect's key goes along as the tag `nurture-key`, which SES repeats in the
    events that it publishes. SES takes the sender from the mail's own `From`; it has a return path of its own, and
    passes what comes back to the composed one.

    Credentials are fetched before a mail is handed over, so that whatever breaks there has sent nothing. When they
    cannot be had, nobody answers, or a mail runs into the timeout, the rest of that call is deferred untried.

    Args:
        region: Such as `ap-northeast-1`; None is what the machine's AWS settings say.
        configuration_set: Under which events are published; None is the account's own.
        tags: Go along with each mail: names and values of letters, digits, `_` and `-`.
        timeout: The longest time for connecting, and then for each wait for the answer.
        endpoint_url: Another address of the service, such as a private one.
        session: A session of boto3's with credentials of its own; None is the machine's.

    Raises:
        DefinitionError: An argument cannot work.
    """

    def __init__(
        self,
        region: str | None = None,
        *,
        configuration_set: str | None = None,
        tags: Mapping[str, str] | None = None,
        timeout: timedelta = timedelta(seconds=15),
        endpoint_url: str | None = None,
        session: SesSession | None = None,
    ) -> None:
        self._tags = dict(tags or {})
        _check(self._tags, timeout)
        self._configuration_set = configuration_set
        self._timeout = timeout
        self._session = _session(session)
        self._client: SesClient = _client(self._session, region, timeout, endpoint_url)

    @property
    def dedup_window(self) -> timedelta:
        """Zero: SES takes the same message as often as it is sent."""
        return timedelta(0)

    @property
    def timeout(self) -> timedelta:
        """The longest time for connecting, and then for each wait for the answer."""
        return self._timeout

    def send(self, envelopes: Collection[Envelope], /) -> tuple[Receipt, ...]:
        """Send each mail and say what became of it."""
        return in_turn(envelopes, self._settle)

    def close(self) -> None:
        """Give back the connections; harmless twice."""
        self._client.close()

    def _settle(self, envelope: Envelope) -> tuple[Receipt, bool]:
        """The receipt, and whether trying further messages in this call is without hope."""
        refused = refused_unseen(envelope, takes_smtputf8=False)
        if refused is not None:
            return refused, False
        if not self._has_credentials():
            return Deferred("not_authenticated"), True
        tags = self._tags | ({_KEY_TAG: envelope.key} if _TAG.fullmatch(envelope.key) else {})
        request: dict[str, object] = {
            # Without `FromEmailAddress`: SES would put it in the place of the mail's From, and lose the name there.
            "FeedbackForwardingEmailAddress": envelope.sender,
            "Destination": {"ToAddresses": [envelope.recipient]},
            "Content": {"Raw": {"Data": envelope.data}},
            "EmailTags": [{"Name": name, "Value": value} for name, value in tags.items()],
        }
        if self._configuration_set is not None:
            request["ConfigurationSetName"] = self._configuration_set
        try:
            answer = self._client.send_email(**request)
        except exceptions.ClientError as error:
            if error.operation_name != "SendEmail":  # another service, which gives the credentials
                return Deferred("not_authenticated"), True
            return _refusal(error.response), False
        except Exception as error:
            return _broken(error)
        return Accepted(plain(str(answer.get("MessageId", "")).encode("ascii", "replace"))), False

    def _has_credentials(self) -> bool:
        """Whether there are any at this moment; who gives them may be a file, a process or another service."""
        try:
            found = self._session.get_credentials()
            if found is not None:
                found.get_frozen_credentials()
        except Exception:  # each provider has errors of its own, and nothing was said to SES yet
            return False
        return found is not None


def _broken(error: Exception) -> tuple[Receipt, bool]:
    """What became of a request to which SES did not answer, by the place where it broke; and whether all is lost."""
    name = type(error).__name__
    if isinstance(error, exceptions.ParamValidationError):
        return Rejected("bad_mail"), False
    if name in ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"):
        return Deferred("not_authenticated"), True
    # An error of TLS may also come with the answer; only a certificate that is not believed is surely before.
    is_before = name in ("EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError")
    if is_before or "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Deferred(f"not_connected_{name}"), True
    if isinstance(error, exceptions.ReadTimeoutError):
        return Unknown("broken_after_end_timeout"), True
    return Unknown(f"failed_{name}"), is_timeout(error)


def _refusal(said: Mapping[str, Mapping[str, object]]) -> Receipt:
    """What an error that SES itself answered means. Its words hold the address, so none gets into a receipt.

    Only what is surely about this mail is rejected: any other refusal can be mended, or passes by itself, and nothing
    was sent.
    """
    problem = said.get("Error", {})
    code, words = str(problem.get("Code", "")), str(problem.get("Message", ""))
    status = int(str(said.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)))
    if code in _NOT_NOW:
        reason, wait = _NOT_NOW[code]
        return Deferred(reason, code, wait)
    if code == "MessageRejected":
        return (
            Deferred("domain_not_verified", code, _LATER) if _NOT_VERIFIED.search(words) else Rejected("policy", code)
        )
    if code in _OF_THIS_MAIL:
        return Rejected("bad_address" if _BAD_ADDRESS.search(words) else "refused", code)
    if not 400 <= status <= 499:
        return Unknown(f"answered_{status}")
    if status == _TOO_BIG:
        return Rejected("too_big", code)
    if status == _THROTTLED:
        return Deferred("throttled", code, _SOON)
    return Deferred("not_authenticated" if status in _NO_AUTHORITY else "not_done", code)


def _session(given: SesSession | None) -> SesSession:
    """The session whose client is used: the host's, or the one that boto3 itself would take."""
    return given or cast("SesSession", boto3.DEFAULT_SESSION or boto3.session.Session())


def _client(session: SesSession, region: str | None, timeout: timedelta, endpoint_url: str | None) -> SesClient:
    seconds = timeout.total_seconds()
    once = {"total_max_attempts": 1, "mode": "standard"}
    try:
        made = session.client(
            "sesv2",
            region_name=region,
            endpoint_url=endpoint_url,
            config=config.Config(connect_timeout=seconds, read_timeout=seconds, retries=once),
        )
    except (exceptions.BotoCoreError, ValueError) as error:
        raise DefinitionError([f"region, endpoint_url: {type(error).__name__}"]) from error
    return cast("SesClient", made)


def _check(tags: Mapping[str, str], timeout: timedelta) -> None:
    problems = [
        f"tags.{name}: expected letters, digits, '_' and '-', at most 256"
        for name, value in tags.items()
        if not (_TAG.fullmatch(name) and _TAG.fullmatch(value))
    ]
    if _KEY_TAG in tags:
        problems.append(f"tags.{_KEY_TAG}: holds the effect's key")
    if timeout <= timedelta(0):
        problems.append("timeout: expected more than zero")
    if problems:
        raise DefinitionError(problems)


if TYPE_CHECKING:
    from nurture.ports import Sender

    _fits: type[Sender] = SesSender

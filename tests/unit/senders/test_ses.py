"""Amazon SES: what is asked of it (tried against moto), and what its answers are taken for."""

import base64
import sys
from collections.abc import Iterator
from datetime import timedelta

import attrs
import boto3
import botocore.session
import pytest
from botocore.credentials import DeferredRefreshableCredentials
from botocore.exceptions import ClientError, TokenRetrievalError, UnauthorizedSSOTokenError
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from nurture.errors import DefinitionError
from nurture.ports import Accepted, Deferred, Receipt, Rejected, Unknown
from nurture.senders import SesSender
from nurture.testing.sender_contract import Fault, an_envelope
from tests.contract.test_sender_ses import error
from tests.unit.senders.http_server import Endpoint, Said, closed_port

REGION = "ap-northeast-1"
LATER, SOON = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    running = Endpoint(Said(200, {}, b'{"MessageId": "0100-ses"}'), Said(400), Said(429))
    yield running
    running.stop()


def sender_to(endpoint: Endpoint, **options: object) -> SesSender:
    return SesSender(REGION, endpoint_url=endpoint.url, **options)  # type: ignore[arg-type]


def one(endpoint: Endpoint, *plan: Fault | Said, **options: object) -> Receipt:
    endpoint.plan.extend(plan)
    sender = sender_to(endpoint, **options)
    (receipt,) = sender.send([an_envelope()])
    sender.close()
    sender.close()
    return receipt


@mock_aws
def test_moto_takes_the_mail_as_it_was_composed() -> None:
    client = boto3.client("sesv2", region_name=REGION)
    client.create_email_identity(EmailIdentity="info@example.jp")
    (receipt,) = SesSender(REGION).send([an_envelope()])
    (message,) = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    assert receipt == Accepted(message.id)
    assert message.source == "info@example.jp"
    assert set(message.destinations) == {an_envelope().recipient}
    assert message.raw_data.encode() == an_envelope().data


@mock_aws
def test_moto_refuses_a_sender_that_was_not_verified() -> None:
    assert SesSender(REGION).send([an_envelope()]) == (Deferred("domain_not_verified", "MessageRejected", LATER),)


def test_what_is_asked(endpoint: Endpoint) -> None:
    assert one(endpoint, configuration_set="crm", tags={"brand": "b_1"}) == Accepted("0100-ses")
    (asked,) = endpoint.asked
    assert asked.path == "/v2/email/outbound-emails"
    page = asked.json()
    del page["Content"]
    assert page == {
        "FeedbackForwardingEmailAddress": "info@example.jp",
        "Destination": {"ToAddresses": ["lead1@example.com"]},
        "ConfigurationSetName": "crm",
        "EmailTags": [{"Name": "brand", "Value": "b_1"}, {"Name": "nurture-key", "Value": an_envelope().key}],
    }


def test_the_name_in_from_stays_and_what_comes_back_goes_to_the_return_path(endpoint: Endpoint) -> None:
    data = an_envelope().data.replace(b"From: info@example.jp", b"From: Mihon <info@example.jp>")
    keyed = attrs.evolve(an_envelope(), sender="b+key@bounces.example.jp", data=data)
    sender_to(endpoint).send([keyed])
    page = endpoint.asked[0].json()
    assert "FromEmailAddress" not in page  # SES would write it in the place of the mail's From
    assert page["FeedbackForwardingEmailAddress"] == "b+key@bounces.example.jp"
    assert base64.b64decode(page["Content"]["Raw"]["Data"]) == data


@mock_aws
def test_it_is_the_address_in_from_that_must_be_verified() -> None:
    boto3.client("sesv2", region_name=REGION).create_email_identity(EmailIdentity="info@example.jp")
    (receipt,) = SesSender(REGION).send([attrs.evolve(an_envelope(), sender="b+key@bounces.example.jp")])
    assert isinstance(receipt, Accepted)


def test_a_key_that_is_no_tag_goes_without(endpoint: Endpoint) -> None:
    sender_to(endpoint).send([attrs.evolve(an_envelope(), key="a b")])
    assert endpoint.asked[0].json()["EmailTags"] == []


@pytest.mark.parametrize(
    ("said", "receipt"),
    [
        (error(429, "TooManyRequestsException"), Deferred("throttled", "TooManyRequestsException", SOON)),
        (error(400, "ThrottlingException"), Deferred("throttled", "ThrottlingException", SOON)),
        (error(400, "LimitExceededException"), Deferred("quota", "LimitExceededException", LATER)),
        (error(400, "AccountSuspendedException"), Deferred("account_suspended", "AccountSuspendedException", LATER)),
        (error(400, "SendingPausedException"), Deferred("sending_paused", "SendingPausedException", LATER)),
        (
            error(400, "MailFromDomainNotVerifiedException"),
            Deferred("domain_not_verified", "MailFromDomainNotVerifiedException", LATER),
        ),
        (error(404, "NotFoundException", "configuration set"), Deferred("not_found", "NotFoundException", LATER)),
        (error(403, "AccessDeniedException"), Deferred("not_authenticated", "AccessDeniedException")),
        (error(400, "MessageRejected", "contains a virus"), Rejected("policy", "MessageRejected")),
        (
            error(400, "MessageRejected", "Email address is not verified. lead1@example.com"),
            Deferred("domain_not_verified", "MessageRejected", LATER),
        ),
        (error(400, "BadRequestException", "Missing final '@domain'"), Rejected("bad_address", "BadRequestException")),
        (error(400, "BadRequestException", "Illegal address"), Rejected("bad_address", "BadRequestException")),
        (error(400, "BadRequestException", "a header is wrong"), Rejected("refused", "BadRequestException")),
        (error(413, "RequestEntityTooLarge"), Rejected("too_big", "RequestEntityTooLarge")),
        (error(403, "AccessDenied"), Deferred("not_authenticated", "AccessDenied")),
        (error(403, "RequestTimeTooSkewed"), Deferred("not_authenticated", "RequestTimeTooSkewed")),
        (error(400, "ExpiredToken"), Deferred("not_authenticated", "ExpiredToken")),
        (error(400, "RequestExpired"), Deferred("not_authenticated", "RequestExpired")),
        (error(400, "RequestThrottled"), Deferred("throttled", "RequestThrottled", SOON)),
        (error(400, "ConcurrentModificationException"), Deferred("not_done", "ConcurrentModificationException")),
        (Said(401), Deferred("not_authenticated", "401")),
        (Said(407), Deferred("not_authenticated", "407")),
        (Said(408), Deferred("not_done", "408")),
        (Said(429), Deferred("throttled", "429", SOON)),
        (error(500, "InternalServiceError"), Unknown("answered_500")),
        (error(503, "ServiceUnavailable"), Unknown("answered_503")),
        (Fault.LOSE_ANSWER, Unknown("failed_ConnectionClosedError")),
    ],
)
def test_what_an_answer_means(endpoint: Endpoint, said: Fault | Said, receipt: Receipt) -> None:
    assert one(endpoint, said) == receipt
    assert len(endpoint.asked) == (said is Fault.LOSE_ANSWER)
    assert "lead1" not in repr(receipt)


def test_the_library_does_not_try_again_by_itself(endpoint: Endpoint) -> None:
    endpoint.plan.extend([error(500, "InternalServiceError"), error(429, "TooManyRequestsException")])
    sender = sender_to(endpoint)
    receipts = sender.send([an_envelope(1), an_envelope(2), an_envelope(3)])
    assert [type(receipt) for receipt in receipts] == [Unknown, Deferred, Accepted]
    assert len(endpoint.asked) == 1


def test_a_silent_service(endpoint: Endpoint) -> None:
    assert one(endpoint, Fault.HANG, timeout=timedelta(seconds=1)) == Unknown("broken_after_end_timeout")


def test_nobody_listens() -> None:
    sender = SesSender(REGION, endpoint_url=f"http://127.0.0.1:{closed_port()}")
    assert sender.send([an_envelope(1), an_envelope(2)]) == (
        Deferred("not_connected_EndpointConnectionError"),
        Deferred("not_tried"),
    )


def test_nobody_is_asked_in_whose_name_there_is_nothing(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    assert one(endpoint, session=boto3.session.Session()) == Deferred("not_authenticated")
    assert endpoint.asked == []


def expiring(error: Exception) -> boto3.session.Session:
    """A session whose credentials must be fetched, which fails."""
    inner = botocore.session.get_session()

    def fetch() -> None:
        raise error

    inner._credentials = DeferredRefreshableCredentials(fetch, "assume-role-with-web-identity")
    return boto3.session.Session(botocore_session=inner, region_name=REGION)


@pytest.mark.parametrize(
    "failure",
    [
        ClientError(
            {"Error": {"Code": "InvalidIdentityToken"}, "ResponseMetadata": {"HTTPStatusCode": 400}},  # type: ignore[typeddict-item]
            "AssumeRoleWithWebIdentity",
        ),
        TokenRetrievalError(provider="sso", error_msg="expired"),
        UnauthorizedSSOTokenError(),
        FileNotFoundError("the token"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_credentials_that_cannot_be_fetched_lose_no_mail(endpoint: Endpoint, failure: Exception) -> None:
    receipts = sender_to(endpoint, session=expiring(failure)).send([an_envelope(1), an_envelope(2)])
    assert receipts == (Deferred("not_authenticated"), Deferred("not_tried"))
    assert endpoint.asked == []


def test_credentials_that_end_while_the_request_is_made_lose_no_mail(endpoint: Endpoint) -> None:
    refused = ClientError({"Error": {"Code": "ExpiredTokenException"}, "ResponseMetadata": {}}, "AssumeRole")  # type: ignore[typeddict-item]
    sender = sender_to(endpoint)

    def fail(**_: object) -> None:
        raise refused

    sender._client = type("Client", (), {"send_email": staticmethod(fail)})()
    assert sender.send([an_envelope(1), an_envelope(2)]) == (Deferred("not_authenticated"), Deferred("not_tried"))


def test_what_it_cannot_carry_is_refused_and_all_others_go(endpoint: Endpoint) -> None:
    hanako = attrs.evolve(an_envelope(1), recipient="花子@example.com", smtputf8=True)
    hostile = attrs.evolve(an_envelope(2), recipient="a@example.com, b@example.com")
    receipts = sender_to(endpoint).send([hanako, hostile, an_envelope(3)])
    assert receipts == (Rejected("needs_smtputf8"), Rejected("bad_address"), Accepted("0100-ses"))


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"tags": {"a b": "c"}}, "tags.a b"),
        ({"tags": {"a": ""}}, "tags.a"),
        ({"tags": {"nurture-key": "x"}}, "nurture-key"),
        ({"timeout": timedelta(0)}, "timeout"),
        ({"endpoint_url": "nowhere"}, "endpoint_url"),
    ],
)
def test_wrong_arguments_are_named(options: dict, named: str) -> None:
    with pytest.raises(DefinitionError, match=named):
        SesSender(REGION, **options)


def test_the_extra_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import nurture.senders

    monkeypatch.delitem(sys.modules, "nurture.senders.ses", raising=False)
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ImportError, match=r"nurture-crm\[ses\]"):
        nurture.senders.SesSender  # noqa: B018 -- looking it up loads it

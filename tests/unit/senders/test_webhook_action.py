"""The ready-made action: what is posted, and what each answer is taken for."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from nurture import Program, Scenario, q
from nurture.errors import DefinitionError
from nurture.model import SubjectId
from nurture.ports import Accepted, Deferred, Receipt, Rejected, Unknown
from nurture.senders import WebhookAction
from nurture.steps import tag, webhook
from tests.stores import T0, House, store_maker
from tests.unit.senders.http_server import Endpoint, Said, closed_port

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
LEAD = SubjectId("lead_1")
PARAMS = {"event": "mql", "at": NOON, "on": date(2026, 4, 1), "tags": ("a", "b"), "n": 3}


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    running = Endpoint(Said(200, {}, b'{"id": "4711"}'), Said(422), Said(503))
    yield running
    running.stop()


def action_to(endpoint: Endpoint, **options: object) -> WebhookAction:
    return WebhookAction(endpoint.url + "/hook", SECRET, clock=lambda: NOON, **options)  # type: ignore[arg-type]


def test_the_body_is_the_documented_one(endpoint: Endpoint) -> None:
    assert action_to(endpoint)("eff_1", LEAD, PARAMS) == Accepted("4711")
    (asked,) = endpoint.asked
    payload = {
        "event": "mql",
        "at": "2026-04-01T12:00:00+00:00",
        "on": "2026-04-01",
        "tags": ["a", "b"],
        "n": 3,
    }
    assert asked.path == "/hook"
    assert asked.json() == {
        "type": "action.requested",
        "version": 1,
        "data": {"key": "eff_1", "subject": "lead_1", "payload": payload},
    }


def test_the_key_is_the_idempotency_key_and_signed(endpoint: Endpoint) -> None:
    action = action_to(endpoint)
    action("eff_1", LEAD, {})
    action("eff_1", LEAD, {})
    first, second = endpoint.asked
    signed = f"eff_1.{int(NOON.timestamp())}.".encode() + first.body
    mark = base64.b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
    assert first.headers["webhook-id"] == "eff_1"
    assert first.headers["Idempotency-Key"] == '"eff_1"'
    assert first.headers["webhook-signature"] == f"v1,{mark}"
    assert first.body == second.body


@pytest.mark.parametrize(
    ("said", "receipt"),
    [
        (Said(204, {}, b""), Accepted()),
        (Said(400), Rejected("refused", "400")),
        (Said(429, {"Retry-After": "90"}), Deferred("throttled", "429", timedelta(seconds=90))),
        (Said(500), Unknown("answered_500")),
    ],
)
def test_answers_are_taken_as_those_of_the_sender(endpoint: Endpoint, said: Said, receipt: Receipt) -> None:
    endpoint.plan.append(said)
    assert action_to(endpoint)("eff_1", LEAD, {}) == receipt


@pytest.mark.parametrize(("status", "receipt"), [(302, Unknown("answered_302")), (307, Deferred("redirected", "307"))])
def test_a_redirect_is_never_followed(endpoint: Endpoint, status: int, receipt: Receipt) -> None:
    endpoint.plan.append(Said(status, {"Location": f"{endpoint.url}/elsewhere"}))
    assert action_to(endpoint)("eff_1", LEAD, {}) == receipt
    assert endpoint.asked == []  # a second request would have been taken over


def test_nobody_at_home_is_deferred_and_text_that_is_none_is_refused(endpoint: Endpoint) -> None:
    away = WebhookAction(f"http://127.0.0.1:{closed_port()}/", SECRET, timeout=timedelta(seconds=2))
    assert isinstance(away("eff_1", LEAD, {}), Deferred)
    assert action_to(endpoint)("eff_1", LEAD, {"text": "\ud800"}) == Rejected("bad_text")


def test_it_shows_its_host_alone_and_refuses_what_cannot_work() -> None:
    assert repr(WebhookAction("https://erp.example.com/secret", SECRET)) == "WebhookAction('erp.example.com')"
    with pytest.raises(DefinitionError, match="expected https"):
        WebhookAction("http://erp.example.com/", SECRET)
    with pytest.raises(DefinitionError, match="secret"):
        WebhookAction("https://erp.example.com/", "short")


def test_a_scenario_posts_until_the_endpoint_has_it(endpoint: Endpoint) -> None:
    endpoint.plan.append(Said(503, {"Retry-After": "60"}))
    steps = [webhook("erp", {"title": q.lead.title}, if_failed=[tag("failed")]), tag("posted")]
    program = Program(actions=["erp"], scenarios=[Scenario("s", q.touches("go.now"), steps)])
    house = House(program, store_maker("memory", None), actions={"erp": action_to(endpoint)})  # type: ignore[arg-type]
    lead = house.crm.capture(email="a@example.com", title="CTO").id
    house.crm.record(lead, "go.now")
    for minutes in (1, 5):
        house.tick_at(T0 + timedelta(minutes=minutes))
    (effect,) = house.crm.effects(lead)
    (asked,) = endpoint.asked  # what was taken over
    assert effect.attempts == 2
    assert asked.json()["data"] == {"key": effect.id, "subject": lead, "payload": {"title": "CTO"}}
    assert house.crm.lead(lead).tags == ("posted",)

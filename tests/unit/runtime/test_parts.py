"""What a host hands over is refused at once where it is something else, with its place and what belongs there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nurture import AsyncNurture, Nurture, Program, SenderIdentity, Site
from nurture.errors import DefinitionError
from nurture.mail import Owner, Tracking
from nurture.senders import AsyncSmtpSender, ConsoleSender
from nurture.storage import MemoryStorage
from tests.stores import SITE

PRIVATE = "ada@example.com"


class Half:
    """Sends, and does nothing else."""

    def send(self, envelopes: object) -> None:
        """Nothing."""


class Unsure(ConsoleSender):
    """Says how long keys are known, and not in time."""

    dedup_window = 3600  # type: ignore[assignment]


async def wait_a_moment(*_: object) -> None:
    """Wait for nothing."""


def made(**given: Any) -> Nurture:
    """An object of these parts; the others are right."""
    return Nurture(**{"program": Program(), "storage": MemoryStorage(), "site": SITE, **given})


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"program": 5}, "program: expected a Program, found int"),
        ({"program": {}}, "program: expected a Program, found dict"),
        ({"program": Program}, "program: expected a Program, found the class Program"),
        ({"storage": PRIVATE}, "storage: expected a store, such as SqlStorage(url) or MemoryStorage(), found text"),
        (
            {"storage": MemoryStorage},
            "storage: expected a store, such as SqlStorage(url) or MemoryStorage(), found its class: make one, as in "
            "MemoryStorage(…)",
        ),
        ({"senders": 5}, "senders: expected senders by channel, such as {'email': SmtpSender(host)}, found int"),
        ({"senders": [5]}, "senders: expected senders by channel, such as {'email': SmtpSender(host)}, found list"),
        ({"senders": {5: 5}}, "senders: expected a text as name, found int"),
        ({"senders": {"email": 5}}, "senders['email']: expected a sender, such as SmtpSender(host), found int"),
        (
            {"senders": {"email": ConsoleSender}},
            "senders['email']: expected a sender, such as SmtpSender(host), found its class: make one, as in "
            "ConsoleSender(…)",
        ),
        (
            {"senders": {"email": Half()}},
            "senders['email']: expected a sender, such as SmtpSender(host); Half has no close and no dedup_window",
        ),
        (
            {"senders": {"email": Unsure()}},
            "senders['email']: expected a timedelta as its dedup_window, zero where keys are forgotten, found int",
        ),
        (
            {"senders": {"email": AsyncSmtpSender("localhost")}},
            "senders['email']: expected a plain function; AsyncNurture takes senders and actions that wait",
        ),
        (
            {"actions": {"call": wait_a_moment}},
            "actions['call']: expected a plain function; AsyncNurture takes senders and actions that wait",
        ),
        (
            {"observers": [print, wait_a_moment]},
            "observers[1]: expected a plain function; AsyncNurture takes senders and actions that wait",
        ),
        ({"owners": {PRIVATE: 5}}, "owners[…]: expected an Owner or an address, found int"),
        ({"site": PRIVATE}, "site: expected a Site, found text"),
        ({"actions": [5]}, "actions: expected functions by the name of the action, found list"),
        ({"actions": {"call": 5}}, "actions['call']: expected a function, found int"),
        ({"owners": PRIVATE}, "owners: expected owners or their addresses by id, found text"),
        ({"owners": {"hanako": 5}}, "owners['hanako']: expected an Owner or an address, found int"),
        ({"attachments": 5}, "attachments: expected files by name, found int"),
        (
            {"attachments": {"plan": "plan.pdf"}},
            "attachments['plan']: expected an Attachment, or a function that makes one for an effect, found text",
        ),
        ({"observers": print}, "observers: expected several, such as a list, found builtin_function_or_method"),
        ({"observers": [print, 5]}, "observers[1]: expected a function, found int"),
        ({"probe": 5}, "probe: expected a probe, such as OpenTelemetry(), found int"),
        ({"render": "no"}, "render: expected True or False, found text"),
        ({"new_key": 5}, "new_key: expected a function, found int"),
    ],
)
def test_a_part_that_is_something_else_is_told_with_its_place(given: dict[str, object], problem: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        made(**given)
    assert list(refused.value.problems) == [problem]
    assert PRIVATE not in str(refused.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(DefinitionError) as refused:
        made(storage=5, senders=5, observers=[5])
    assert len(refused.value.problems) == 3
    with pytest.raises(DefinitionError) as refused:
        AsyncNurture(Program(), 5, senders=5, actions=5)  # type: ignore[arg-type]
    assert len(refused.value.problems) == 3


def test_what_is_right_is_taken() -> None:
    made(senders=None, actions=None, owners={"hanako": Owner("花子", PRIVATE), "taro": PRIVATE}, observers=(print,))
    made(senders={}, site=None, probe=None, render=False, new_key=lambda: "key")


SECRET = b"0123456789abcdef"
SENDER = SenderIdentity("Example", "news@example.com")
URL = "https://crm.example.com"


@pytest.mark.parametrize(
    ("make", "problems"),
    [
        (lambda: SenderIdentity(5, 5), ["identity.name: expected text, found int", "identity.address: expected text"]),  # type: ignore[arg-type]
        (lambda: Owner("", 5), ["owner.address: expected text, found int"]),  # type: ignore[arg-type]
        (lambda: Site(5, secret=SECRET, identity=SENDER), ["site.base_url: expected https://host/path"]),  # type: ignore[arg-type]
        (lambda: Site(URL, secret=5, identity=5), ["site.secret: expected at least 16", "site.identity: expected a"]),  # type: ignore[arg-type]
        (lambda: Site(URL, secret="\udc80" * 20, identity=SENDER), ["site.secret: expected at least 16 bytes"]),
        (lambda: Site(URL, secret=[5], identity=SENDER), ["site.secret: expected at least 16 bytes"]),  # type: ignore[list-item]
        (lambda: Site(URL, secret=SECRET, identity=SENDER, identities=5), ["site.identities: expected a mapping"]),  # type: ignore[arg-type]
        (
            lambda: Site(URL, secret=SECRET, identity=SENDER, identities={1: SENDER}),
            ["site.identities: expected texts"],
        ),  # type: ignore[dict-item]
        (
            lambda: Site(URL, secret=SECRET, identity=SENDER, identities={PRIVATE: 3}),
            ["site.identities[…]: expected a S"],
        ),  # type: ignore[dict-item]
        (
            lambda: Site(URL, secret=SECRET, identity=SENDER, tracking={PRIVATE: 3}),  # type: ignore[dict-item]
            ["site.tracking: unknown purpose that is an address", "site.tracking[…]: expected a Tracking"],
        ),
        (lambda: Site(URL, secret=SECRET, identity=SENDER, tracking=5), ["site.tracking: expected a mapping"]),  # type: ignore[arg-type]
        (
            lambda: Tracking(clicks="false", opens=1),
            ["tracking.clicks: expected T", "tracking.opens: expected T"],
        ),  # type: ignore[arg-type]
        (lambda: Site(URL, secret=SECRET, identity=SENDER, verified=5), ["site.verified: expected domains"]),  # type: ignore[arg-type]
        (lambda: Site(URL, secret=SECRET, identity=SENDER, own_hosts=[5]), ["site.own_hosts: expected domains"]),  # type: ignore[list-item]
        (lambda: Site(URL, secret=SECRET, identity=SENDER, return_path=5), ["site.return_path: expected an address"]),  # type: ignore[arg-type]
    ],
)
def test_what_the_site_is_made_of_is_told_likewise(make: Callable[[], object], problems: list[str]) -> None:
    with pytest.raises(DefinitionError) as refused:
        make()
    assert len(refused.value.problems) == len(problems)
    for found, expected in zip(refused.value.problems, problems, strict=True):
        assert found.startswith(expected)

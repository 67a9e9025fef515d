"""The site and who sends: what is refused, and that the secret never shows."""

import pickle

import attrs
import pytest

from nurture.errors import DefinitionError
from nurture.mail import SenderIdentity, Site, message_id

IDENTITY = SenderIdentity("株式会社見本", "info@example.jp")
SECRET = "0123456789abcdef"


@pytest.mark.parametrize(
    ("base_url", "kept"),
    [
        ("https://crm.example.jp", "https://crm.example.jp"),
        ("https://crm.example.jp:8443/a/b///", "https://crm.example.jp:8443/a/b"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_a_base_url_is_kept_without_its_slash(base_url: str, kept: str) -> None:
    assert Site(base_url, secret=SECRET, identity=IDENTITY).base_url == kept


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "crm.example.jp",
        "http://crm.example.jp",
        "ftp://crm.example.jp",
        "javascript:alert(1)",
        "https://",
        "https://a b",
        "https://crm.example.jp?x=1",
        "https://crm.example.jp#x",
        "https://user@crm.example.jp",
        "https://crm.example.jp\r\nX: y",
        "https://例え.jp",
        "https://crm.example.jp:port",
        'https://crm.example.jp/"',
        "http://localhost.example.jp",
    ],
)
def test_a_base_url_that_could_mislead_is_refused(base_url: str) -> None:
    with pytest.raises(DefinitionError, match=r"site\.base_url"):
        Site(base_url, secret=SECRET, identity=IDENTITY)


@pytest.mark.parametrize("secret", ["short", b"x" * 15, "", [], [SECRET, "short"]])
def test_a_weak_secret_is_refused(secret: object) -> None:
    with pytest.raises(DefinitionError, match=r"site\.secret") as caught:
        Site("https://crm.example.jp", secret=secret, identity=IDENTITY)  # type: ignore[arg-type]
    assert "short" not in str(caught.value)


def test_the_secret_never_shows() -> None:
    site = Site("https://crm.example.jp", secret=[SECRET, b"f" * 16], identity=IDENTITY)
    assert SECRET not in f"{site!r}{site}"
    assert site.secret == (SECRET.encode(), b"f" * 16)
    assert pickle.loads(pickle.dumps(site)) == site
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        site.secret = ()  # type: ignore[misc]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": ""}, ["identity.name"]),
        ({"name": "a\r\nBcc: x"}, ["identity.name"]),
        ({"address": "nobody"}, ["identity.address"]),
        ({"reply_to": "a@b.c, d@e.f"}, ["identity.reply_to"]),
        ({"name": " ", "address": "x"}, ["identity.name", "identity.address"]),
    ],
)
def test_an_identity_names_every_problem(fields: dict[str, str], named: list[str]) -> None:
    with pytest.raises(DefinitionError) as caught:
        SenderIdentity(**{"name": "a", "address": "a@example.jp", **fields})
    assert [problem.partition(":")[0] for problem in caught.value.problems] == named


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://CRM.example.jp:8443/x", "<eff_abc@crm.example.jp>"),
        ("http://localhost:8000", "<eff_abc@localhost>"),
        ("http://[::1]", "<eff_abc@localhost>"),
    ],
)
def test_a_message_id_is_a_function_of_key_and_host(base_url: str, expected: str) -> None:
    assert message_id("eff_abc", Site(base_url, secret=SECRET, identity=IDENTITY)) == expected

"""The site and who sends: what is refused, and that the secret never shows."""

import pickle

import attrs
import pytest

from nurture.errors import DefinitionError
from nurture.mail import SenderIdentity, Site, Tracking, message_id
from nurture.model import Purpose

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


@pytest.mark.parametrize("base_url", ["https://a_b.example.jp", "https://[2001:db8::1]/crm", "https://-a.jp"])
def test_a_host_that_no_mail_could_name_is_refused_as_what_it_is(base_url: str) -> None:
    with pytest.raises(DefinitionError, match=r"site\.base_url: expected a host") as caught:
        Site(base_url, secret=SECRET, identity=IDENTITY)
    assert "own_hosts" not in str(caught.value)


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


def site(**given: object) -> Site:
    return Site(**{"base_url": "https://crm.example.jp", "secret": SECRET, "identity": IDENTITY, **given})  # type: ignore[arg-type]


BRAND = SenderIdentity("見本ブランド", "news@例え.jp")


class TestEntities:
    def test_the_site_is_nobody_else(self) -> None:
        one = site(identities={"brand": BRAND})
        assert (one.identity_of(""), one.identity_of("brand"), one.identity_of("other")) == (IDENTITY, BRAND, None)
        assert site().identities == {}

    def test_the_given_mapping_may_change_later(self) -> None:
        given = {"brand": BRAND}
        one = site(identities=given)
        given.clear()
        assert one.identity_of("brand") == BRAND
        assert hash(one) == hash(site(identities={"brand": BRAND}))


class TestVerified:
    def test_by_default_they_are_the_domains_of_those_who_send(self) -> None:
        assert site(identities={"brand": BRAND}).verified == {"example.jp", "xn--r8jz45g.jp"}

    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            ("hanako@example.jp", True),
            ("hanako@EXAMPLE.jp", True),
            ("hanako@news.example.jp", False),  # a subdomain is another domain
            ("hanako@myexample.jp", False),
            ("hanako@jp", False),
            ("hanako@例え.jp", True),
            ("a@example.jp, b@example.jp", False),
            ("a@evil.example@example.jp", False),
            ("example.jp", False),
            ("", False),
            ("a\r\nb@example.jp", False),
        ],
    )
    def test_an_address_is_verified_when_its_domain_is(self, address: str, expected: bool) -> None:
        assert site(verified={"Example.jp", "例え.jp"}).is_verified(address) is expected

    def test_one_name_is_one_domain_and_none_is_none(self) -> None:
        assert site(verified="example.com").verified == {"example.com"}
        assert not site(verified=()).is_verified("info@example.jp")


class TestTracking:
    def test_it_is_off_unless_a_purpose_has_it(self) -> None:
        assert [site().tracking_of(purpose) for purpose in Purpose] == [Tracking()] * len(Purpose)
        assert (Tracking().clicks, Tracking().opens) == (False, False)

    def test_a_purpose_may_be_given_by_its_name(self) -> None:
        clicks = Tracking(clicks=True)
        for name in ("marketing", Purpose.MARKETING):
            one = site(tracking={name: clicks})
            assert one.tracking_of(Purpose.MARKETING) == clicks
            assert one.tracking_of(Purpose.TRANSACTIONAL) == Tracking()


class TestOwnHosts:
    def test_by_default_it_is_the_host_of_the_site(self) -> None:
        assert site(base_url="https://CRM.example.jp:8443/x").own_hosts == {"crm.example.jp"}
        assert site(base_url="http://[::1]:80").own_hosts == {"::1"}

    def test_they_are_kept_in_lower_case_as_punycode(self) -> None:
        assert site(own_hosts=["WWW.example.jp", "例え.jp", "localhost"]).own_hosts == {
            "www.example.jp", "xn--r8jz45g.jp", "localhost",
        }  # fmt: skip


def test_a_return_path_is_kept_in_lower_case() -> None:
    assert site(return_path="Bounces@Mail.例え.jp").return_path == "bounces@mail.xn--r8jz45g.jp"
    assert site().return_path is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"identity": "a@example.jp"}, "identity"),
        ({"identities": {"brand": "a@example.jp"}}, "identities['brand']"),
        ({"identities": {"": BRAND}}, "identities"),
        ({"verified": {"a@example.jp"}}, "verified"),
        ({"verified": {""}}, "verified"),
        ({"return_path": "nobody"}, "return_path"),
        ({"return_path": f"{'x' * 24}@example.jp"}, "return_path"),
        ({"return_path": '"da..me."@example.jp'}, "return_path"),
        ({"return_path": "a@b.c, d@e.f"}, "return_path"),
        ({"tracking": {"marketing": True}}, "tracking['marketing']"),
        ({"own_hosts": {"https://crm.example.jp"}}, "own_hosts"),
        ({"own_hosts": {"crm.example.jp:443"}}, "own_hosts"),
    ],
)
def test_a_field_that_is_wrong_is_named_and_not_shown(given: dict[str, object], field: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        site(**given)
    assert [problem.partition(": ")[0] for problem in caught.value.problems] == [f"site.{field}"]
    assert "@" not in str(caught.value).replace("the @", "").replace("an @", "")


def test_a_purpose_that_there_is_not_is_named_with_the_nearest() -> None:
    with pytest.raises(DefinitionError, match=r"site\.tracking: unknown purpose 'marketin'; did you mean 'marketing'"):
        site(tracking={"marketin": Tracking()})


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(DefinitionError) as caught:
        site(base_url="x", secret="short", verified={"?"}, own_hosts={"?"}, return_path="x", identities={"": BRAND})
    assert [problem.split(":")[0].split("[")[0] for problem in caught.value.problems] == [
        "site.base_url", "site.secret", "site.identities", "site.verified", "site.own_hosts", "site.return_path",
    ]  # fmt: skip

"""What templates may mention, and that it is plain and cannot be changed."""

from datetime import UTC, datetime

import pytest

from nurture.errors import SendRefusedError
from nurture.mail import Kind, Owner, SenderIdentity, check_template, compile_template, context_of, known_names
from nurture.mail.context import ACCOUNT_FIELDS, LEAD_FIELDS, SENDER_FIELDS
from nurture.model import Account, AccountId, Lead, LeadId, SubjectId
from nurture.program import Campaign

AT = datetime(2026, 4, 1, tzinfo=UTC)
LEAD = Lead(
    id=LeadId(SubjectId("lead_a")),
    created_at=AT,
    email="taro@example.jp",
    family_name="山田",
    given_name="太郎",
    tags=("vip",),
    attributes={"plan": "pro", "email": "forged@example.com"},
)
ACCOUNT = Account(
    id=AccountId(SubjectId("acct_a")), created_at=AT, name="株式会社見本", employees=51, attributes={"tier": "A"}
)
IDENTITY = SenderIdentity("見本", "info@example.jp", postal_address="東京", complaint_contact="03-0000-0000")


def test_fields_attributes_and_parameters_are_there() -> None:
    context = context_of(LEAD, ACCOUNT, {"seminar": "春"}, unsubscribe_url="https://x", identity=IDENTITY)
    source = (
        "{{ lead|honorific }}/{{ lead.full_name }}/{{ lead.plan }}/{{ lead.tags[0] }}/{{ lead.created_at|date }}/"
        "{{ account.name }}/{{ account.employees }}/{{ account.tier }}/{{ params.seminar }}/{{ unsubscribe_url }}/"
        "{{ sender.name }}/{{ sender.postal_address }}"
    )
    assert compile_template(source).render(context) == (
        "山田 様/山田 太郎/pro/vip/2026年4月1日(水)/株式会社見本/51/A/春/https://x/見本/東京"
    )


def test_a_built_in_field_wins_over_an_attribute_of_its_name() -> None:
    assert compile_template("{{ lead.email }}").render(context_of(LEAD)) == "taro@example.jp"


def test_declared_but_empty_is_none_and_undeclared_is_unknown() -> None:
    context = context_of(LEAD, lead_attributes=["nickname", "plan"], account_attributes=["tier"])
    source = "{{ lead.nickname or 'N' }}{{ lead.plan }}{{ lead.company or 'C' }}"
    source += "{{ account.name or 'A' }}{{ account.tier or 'T' }}"
    assert compile_template(source).render(context) == "NproCAT"
    for unknown in (
        "{{ lead.nicknam or 'x' }}",
        "{{ account.teir or 'x' }}",
        "{{ params.x or 'x' }}",
        "{{ lead.consents }}",
    ):
        with pytest.raises(SendRefusedError, match="is not known"):
            compile_template(unknown).render(context)


def test_language_and_zone_are_the_leads_own_or_the_given() -> None:
    import attrs

    assert (context_of(LEAD)["locale"], context_of(LEAD, zone="Asia/Seoul")["zone"]) == ("ja", "Asia/Seoul")
    abroad = attrs.evolve(LEAD, locale="en", zone="Europe/Paris")
    assert (context_of(abroad)["locale"], context_of(abroad)["zone"]) == ("en", "Europe/Paris")


def test_the_context_is_plain_and_frozen() -> None:
    context = context_of(LEAD, ACCOUNT, {"a": 1}, identity=IDENTITY)
    for name in ("lead", "account", "params", "sender"):
        with pytest.raises(TypeError):
            context[name]["x"] = 1  # type: ignore[index]
    plain = (str, int, float, bool, datetime, tuple, type(None))
    values = [value for part in context.values() for value in (part.values() if isinstance(part, dict) else [part])]
    assert all(isinstance(value, plain) for value in values)


def test_known_names_are_those_of_the_context() -> None:
    context = context_of(
        LEAD, ACCOUNT, {"a": 1}, identity=IDENTITY, lead_attributes=["plan"], account_attributes=["tier"]
    )
    names = known_names(["plan"], ["tier"], ["a"])
    assert {name for name in names if "." not in name} == set(context)
    for part, fields in (("lead", LEAD_FIELDS), ("account", ACCOUNT_FIELDS), ("sender", SENDER_FIELDS)):
        assert {f"{part}.{field}" for field in fields} <= names
    assert {f"{part}.{field}" for part in ("lead", "account", "params", "sender") for field in context[part]} - {
        "lead.email"
    } <= names  # type: ignore[attr-defined]
    assert check_template("{{ params.b }}{{ lead.plan }}", names) == ("line 1: unknown field of params 'b'; known: a",)
    assert check_template("{{ params.b }}{{ lead.plan }}", known_names(["plan"])) == ()


def test_the_owner_the_campaign_and_further_links_are_there() -> None:
    owner = Owner("見本 花子", "hanako@example.jp", "営業部 <1>\n花子", phone="03")
    campaign = Campaign(name="spring", title="春", starts_at=AT, place="東京", url="https://e.jp")
    context = context_of(LEAD, owner=owner, campaign=campaign, preferences_url="https://p", confirm_url="https://c")
    source = "{{ owner.name }} {{ owner.phone }} {{ campaign.title }} {{ campaign.starts_at|date('short') }}"
    links = " {{ campaign.place }} {{ campaign.url }} {{ preferences_url }} {{ confirm_url }}"
    assert compile_template(source + links).render(context) == (
        "見本 花子 03 春 2026/04/01 東京 https://e.jp https://p https://c"
    )
    html = compile_template("{{ owner.signature_html }}|{{ owner.signature }}", Kind.HTML)
    assert html.render(context) == "営業部 &lt;1&gt;<br>花子|営業部 &lt;1&gt;\n花子"
    own = context_of(LEAD, owner=Owner("", "a@b.c", signature_html="<b>1</b>"))
    assert html.render(own) == "<b>1</b>|"


def test_without_an_owner_and_a_campaign_their_fields_are_empty() -> None:
    source = "{{ owner.name or '-' }}{{ campaign.title or '-' }}{{ preferences_url or '-' }}{{ confirm_url or '-' }}"
    assert compile_template(source).render(context_of(LEAD)) == "----"
    assert check_template(source, known_names()) == ()

"""What templates may mention: plain data made of a lead, its account and a step's parameters. Pure.

Imports the model only; the site, owners and campaigns as types. No record is handed over, only text, numbers,
dates and frozen mappings of these, so that a template cannot reach further. A field that is declared but empty is
None; one that is not declared is unknown, and saying it fails.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from html import escape
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from nurture.model.values import FrozenMapping

if TYPE_CHECKING:
    from nurture.mail.owner import Owner
    from nurture.mail.site import SenderIdentity
    from nurture.model import Account, Lead, Value
    from nurture.program import Campaign

LEAD_FIELDS: Final = (
    "id", "created_at", "email", "phone", "name", "family_name", "given_name", "family_kana", "given_kana", "full_name",
    "company", "department", "title", "source", "campaign", "account", "owner", "locale", "zone", "tags",
)  # fmt: skip
"""The built-in fields of a lead that a template may mention."""

ACCOUNT_FIELDS: Final = (
    "id", "created_at", "name", "name_kana", "domain", "corporate_number", "industry", "employees", "region", "owner",
)  # fmt: skip
"""The built-in fields of an account that a template may mention."""

SENDER_FIELDS: Final = ("name", "address", "postal_address", "complaint_contact")
"""What a template may mention of who sends."""

OWNER_FIELDS: Final = ("name", "address", "signature", "signature_html", "phone")
"""What a template may mention of the lead's owner."""

CAMPAIGN_FIELDS: Final = ("name", "medium", "title", "starts_at", "ends_at", "place", "url")
"""What a template may mention of the campaign that a message invites to."""

_lead_values = attrgetter(*LEAD_FIELDS)
_account_values = attrgetter(*ACCOUNT_FIELDS)
_sender_values = attrgetter(*SENDER_FIELDS)
_campaign_values = attrgetter(*CAMPAIGN_FIELDS)


def context_of(
    lead: Lead,
    account: Account | None = None,
    params: Mapping[str, Value] | None = None,
    *,
    unsubscribe_url: str | None = None,
    preferences_url: str | None = None,
    confirm_url: str | None = None,
    identity: SenderIdentity | None = None,
    owner: Owner | None = None,
    campaign: Campaign | None = None,
    lead_attributes: Iterable[str] = (),
    account_attributes: Iterable[str] = (),
    locale: str = "ja",
    zone: str = "Asia/Tokyo",
) -> dict[str, object]:
    """What the templates of a message to this lead may mention.

    Args:
        lead: To whom.
        account: Its company; without one every field of `account` is empty.
        params: What the step gave along.
        unsubscribe_url: The link by which this reader unsubscribes.
        preferences_url: The link to the page where this reader chooses topics.
        confirm_url: The link by which this reader confirms a consent that was asked for.
        identity: Who sends.
        owner: Who of us looks after the lead; without one every field of `owner` is empty.
        campaign: To what the message invites; without one every field of `campaign` is empty.
        lead_attributes: The custom attributes of leads that the program declares.
        account_attributes: Those of accounts.
        locale: The language when the lead has none.
        zone: The zone of dates when the lead has none.

    Returns:
        `lead`, `account`, `params`, `sender`, `owner`, `campaign`, `unsubscribe_url`, `preferences_url`,
        `confirm_url`, `locale` and `zone`. A built-in field wins over a custom attribute of the same name.
    """
    person: dict[str, object] = {name: None for name in lead_attributes}
    person.update(lead.attributes)
    person = nested(person)
    person.update(zip(LEAD_FIELDS, _lead_values(lead), strict=True))
    firm: dict[str, object] = {name: None for name in account_attributes}
    if account is None:
        firm.update(_NO_ACCOUNT)
    else:
        firm.update(account.attributes)
        firm = nested(firm)
        firm.update(zip(ACCOUNT_FIELDS, _account_values(account), strict=True))
    sender: dict[str, object] = {}
    if identity is not None:
        sender.update(zip(SENDER_FIELDS, _sender_values(identity), strict=True))
    return {
        "lead": FrozenMapping(person),
        "account": FrozenMapping(firm),
        "params": FrozenMapping(params or {}),
        "sender": FrozenMapping(sender),
        "owner": _NO_OWNER if owner is None else _owner(owner),
        "campaign": _NO_CAMPAIGN if campaign is None else _campaign(campaign),
        "unsubscribe_url": unsubscribe_url,
        "preferences_url": preferences_url,
        "confirm_url": confirm_url,
        "locale": lead.locale or locale,
        "zone": lead.zone or zone,
    }


def _owner(owner: Owner) -> FrozenMapping[object]:
    written = owner.signature_html or "<br>".join(escape(owner.signature).splitlines())
    return FrozenMapping(
        {
            "name": owner.name,
            "address": owner.address,
            "signature": owner.signature,
            "signature_html": Markup(written),  # noqa: S704 -- the host's own HTML, or escaped
            "phone": owner.phone,
        }
    )


def _campaign(campaign: Campaign) -> FrozenMapping[object]:
    return FrozenMapping(dict(zip(CAMPAIGN_FIELDS, _campaign_values(campaign), strict=True)))


def nested(values: Mapping[str, object]) -> dict[str, object]:
    """The values with those of a path inside each other again, so that a template can say `lead.plan.seats`.

    Each is there under its whole name, too. A value that stands where a path goes on wins over the path.
    """
    if not any("." in name for name in values):
        return dict(values)
    found: dict[str, object] = {}
    inner: dict[str, dict[str, object]] = {}
    for name, value in values.items():
        found[name] = value
        first, dot, rest = name.partition(".")
        if dot:
            inner.setdefault(first, {})[rest] = value
    return {**{name: FrozenMapping(nested(some)) for name, some in inner.items()}, **found}


_NO_ACCOUNT: Final[dict[str, object]] = {name: None for name in ACCOUNT_FIELDS}
_NO_OWNER: Final[FrozenMapping[object]] = FrozenMapping({name: None for name in OWNER_FIELDS})
_NO_CAMPAIGN: Final[FrozenMapping[object]] = FrozenMapping({name: None for name in CAMPAIGN_FIELDS})


def known_names(
    lead_attributes: Iterable[str] = (), account_attributes: Iterable[str] = (), params: Collection[str] | None = None
) -> frozenset[str]:
    """The names that `check_template` accepts for a context made by `context_of`.

    Args:
        lead_attributes: The custom attributes of leads that the program declares.
        account_attributes: Those of accounts.
        params: What the step gives along; None when that is not known, so that every name passes.
    """
    names = {"lead", "account", "params", "sender", "owner", "campaign", "locale", "zone"}
    names |= {"unsubscribe_url", "preferences_url", "confirm_url"}
    lead_attributes, account_attributes = tuple(lead_attributes), tuple(account_attributes)
    names.update(f"lead.{name}" for name in (*LEAD_FIELDS, *lead_attributes))
    names.update(f"account.{name}" for name in (*ACCOUNT_FIELDS, *account_attributes))
    names.update(
        f"{owner}.{name.partition('.')[0]}"  # the first step of a path, which leads to a mapping
        for owner, known in (("lead", lead_attributes), ("account", account_attributes))
        for name in known
    )
    for owner, fields in (("sender", SENDER_FIELDS), ("owner", OWNER_FIELDS), ("campaign", CAMPAIGN_FIELDS)):
        names.update(f"{owner}.{name}" for name in fields)
    names.update(f"params.{name}" for name in params or ())
    return frozenset(names)

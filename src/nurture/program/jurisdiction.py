"""What a law says about marketing, as data that a host can change. Imports the calendar and the model only.

The laws that are written out here are an engineering reading, not legal advice: have them checked, and change
what differs with `attrs.evolve`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

import attrs

from nurture.calendar import Civil, civil
from nurture.model import Basis
from nurture.program.choices import choose, choose_all
from nurture.steps.declaration import Declaration, several_or_one


class Shown(StrEnum):
    """What a marketing mail must show; the footer shows all of them, whatever the law."""

    NAME = "name"
    POSTAL_ADDRESS = "postal_address"
    CONTACT = "contact"
    UNSUBSCRIBE = "unsubscribe"


def _basis(value: Basis | str) -> Basis:
    return choose(Basis, value, "ground.basis")


@attrs.frozen(slots=True)
class Ground(Declaration):
    """A basis that a law accepts for marketing.

    Attributes:
        basis: Which.
        lasts: How long, counted from the word's own instant; None means until it is taken back.
    """

    stands_in: ClassVar[str] = "policy.jurisdictions.grounds"

    basis: Basis = attrs.field(converter=_basis)
    lasts: timedelta | Civil | None = None


def _texts(given: Iterable[str] | str) -> tuple[str, ...]:
    return several_or_one(given, str)


def _grounds(given: Iterable[Ground] | Ground) -> tuple[Ground, ...]:
    return several_or_one(given, Ground)


def _shown(given: Iterable[Shown | str] | Shown | str) -> tuple[Shown, ...]:
    return choose_all(Shown, given, "jurisdiction.shows")


_A_MONTH = civil(months=1)


@attrs.frozen(slots=True, kw_only=True)
class Jurisdiction(Declaration):
    """Whose law holds, and what it asks of marketing. Where several are meant, one by itself is enough.

    Attributes:
        name: Names it in the policy and in consents, such as `JP`.
        title: The law, for people to read.
        countries: Other values of a lead's attribute that mean this law, such as country codes.
        channels: On which channels it holds; none named means on all. Elsewhere the policy's own rule holds.
        grounds: Which bases it accepts, and for how long each. Not asked where it opts out.
        opt_out: Whether nobody needs to be asked first: everything goes until the person refuses.
        confirmed: Whether a consent counts only once it was confirmed (double opt-in).
        shows: What a mail must show.
        keeps: How long consents must be kept after the last message that was sent on them.
    """

    stands_in: ClassVar[str] = "policy.jurisdictions"

    name: str
    title: str = ""
    countries: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    channels: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    grounds: tuple[Ground, ...] = attrs.field(default=(), converter=_grounds)
    opt_out: bool = False
    confirmed: bool = False
    shows: tuple[Shown, ...] = attrs.field(default=tuple(Shown), converter=_shown)
    keeps: timedelta | Civil = _A_MONTH

    def holds_on(self, channel: str) -> bool:
        """Whether it speaks about this channel."""
        return not self.channels or channel in self.channels

    def ground(self, basis: Basis) -> Ground | None:
        """What it says of a basis; None when it does not accept it."""
        return next((one for one in self.grounds if one.basis is basis), None)


_EEA = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip

JAPAN = Jurisdiction(
    name="JP",
    title="特定電子メール法",
    countries=["JPN", "Japan", "日本"],
    channels=["email", "sms"],
    grounds=[Ground(Basis.CONSENT), Ground(Basis.PAPER_CARD), Ground(Basis.RELATION), Ground(Basis.PUBLISHED)],
    keeps=civil(months=1),
)
"""Japan's act on specified electronic mail: e-mail and SMS, not LINE. Records are kept a month from the last send."""

GDPR = Jurisdiction(
    name="EU",
    title="GDPR and ePrivacy directive",
    countries=["EEA", *_EEA],
    grounds=[Ground(Basis.CONSENT), Ground(Basis.RELATION)],
    keeps=civil(years=3),
)
"""Consent, or one's own customers for similar products (ePrivacy directive, art. 13 (2)). Where courts ask for a double
opt-in, as in Germany, use `attrs.evolve(GDPR, confirmed=True)`. No time for records is named; three years are a common
time for claims to lapse."""

CAN_SPAM = Jurisdiction(
    name="US",
    title="CAN-SPAM Act",
    countries=["USA"],
    channels=["email"],
    opt_out=True,
    keeps=civil(years=5),
)
"""The United States: nobody needs to be asked first, everybody can refuse. No time for records is named; five years are
the time within which penalties can be claimed (28 U.S.C. § 2462)."""

CASL = Jurisdiction(
    name="CA",
    title="Canada's Anti-Spam Legislation",
    countries=["CAN", "Canada"],
    grounds=[
        Ground(Basis.CONSENT),
        Ground(Basis.RELATION, civil(months=24)),
        Ground(Basis.INQUIRY, civil(months=6)),
        Ground(Basis.PUBLISHED),
        Ground(Basis.PAPER_CARD),
    ],
    keeps=civil(years=3),
)
"""Canada: implied consent ends 24 months after a purchase and 6 months after an inquiry (s. 10 (10)); published
addresses and cards count where nothing against it stands beside them and the message concerns the person's role
(s. 10 (9)). Proceedings may begin within three years (s. 23)."""

__all__ = ["CAN_SPAM", "CASL", "GDPR", "JAPAN", "Ground", "Jurisdiction", "Shown"]

"""The company that several leads belong to. Imports values only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

import attrs

from nurture.errors import InvalidFactError
from nurture.model.ids import AccountId
from nurture.model.values import EMPTY, Value, clean_instant, clean_text, clean_values


@attrs.frozen(slots=True, kw_only=True)
class Account:
    """A company; it has attributes, touchpoints and a standing of its own.

    株式会社 in front and behind are often different legal entities, so a name never merges two
    accounts by itself; 法人番号 (`corporate_number`) and a web domain are keys.

    Attributes:
        id: Ours.
        version: Rises by one with each change.
        created_at: When we first heard of it.
        name: As registered.
        name_kana: Reading, without カブシキガイシャ.
        domain: Web domain that is its own (never a provider's).
        corporate_number: 法人番号, 13 digits.
        industry: In the host's words.
        employees: Head count.
        region: Prefecture or country.
        owner: Who of us looks after it.
        attributes: Typed custom attributes that the program declares.
    """

    id: AccountId
    version: int = 1
    created_at: datetime
    name: str
    name_kana: str | None = None
    domain: str | None = None
    corporate_number: str | None = None
    industry: str | None = None
    employees: int | None = None
    region: str | None = None
    owner: str | None = None
    attributes: Mapping[str, Value] = EMPTY

    def __attrs_post_init__(self) -> None:
        put = object.__setattr__
        if self.id.__class__ is not str:
            put(self, "id", clean_text(self.id, "account.id"))
        put(self, "created_at", clean_instant(self.created_at, "account.created_at"))
        for name in ACCOUNT_TEXT_FIELDS:
            value: object = getattr(self, name)
            if value is not None:
                put(self, name, clean_text(value, f"account.{name}"))
        if not self.name:
            raise InvalidFactError("account.name", "a name")
        put(self, "attributes", clean_values(self.attributes, "account.attributes"))
        employees = cast("object", self.employees)
        if employees is not None and (isinstance(employees, bool) or not isinstance(employees, int)):
            raise InvalidFactError("account.employees", "a whole number", found=type(employees).__name__)
        if employees is not None:
            put(self, "employees", int(employees))


ACCOUNT_TEXT_FIELDS = ("name", "name_kana", "domain", "corporate_number", "industry", "region", "owner")
"""The built-in fields that hold text."""

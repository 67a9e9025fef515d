"""A person and a company that stand for all readers when a message is looked at: they have every field. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from nurture.mail.links import TEST_LEAD
from nurture.model import Account, AccountId, Lead, SubjectId, SubjectKind, Value
from nurture.predicates import FieldType

if TYPE_CHECKING:
    from nurture.program import Attribute, Program

_SAMPLE_DAY: Final = date(2026, 4, 1)


def sample_lead(program: Program, now: datetime, *, owner: str | None = None) -> Lead:
    """Somebody who has every field, so that a template that shows one has something to show.

    Args:
        program: Its language, zone and attributes.
        now: When we met.
        owner: Who of us looks after them.
    """
    in_japanese = program.locale.startswith("ja")
    family, given = ("見本", "花子") if in_japanese else ("Sample", "Hanna")
    return Lead(
        id=TEST_LEAD,
        created_at=now,
        email="hanako@example.jp" if in_japanese else "hanna@example.com",
        phone="03-0000-0000",
        line="sample",
        name=f"{family} {given}" if in_japanese else f"{given} {family}",
        family_name=family,
        given_name=given,
        family_kana="ミホン" if in_japanese else None,
        given_kana="ハナコ" if in_japanese else None,
        company="株式会社見本" if in_japanese else "Sample Inc.",
        department="営業部" if in_japanese else "Sales",
        title="部長" if in_japanese else "Manager",
        source="sample",
        owner=owner,
        locale=program.locale,
        zone=program.zone,
        attributes=_sample_values(program, SubjectKind.LEAD, now),
    )


def sample_account(program: Program, now: datetime) -> Account:
    """The company of that person."""
    in_japanese = program.locale.startswith("ja")
    return Account(
        id=AccountId(SubjectId("acct_sample")),
        created_at=now,
        name="株式会社見本" if in_japanese else "Sample Inc.",
        attributes=_sample_values(program, SubjectKind.ACCOUNT, now),
    )


def _sample_values(program: Program, of: SubjectKind, now: datetime) -> Mapping[str, Value]:
    return {one.name: _sample_value(one, now) for one in program.attributes if one.subject is of}


def _sample_value(attribute: Attribute, now: datetime) -> Value:
    samples: dict[FieldType, Value] = {
        FieldType.TEXT: f"〈{attribute.title or attribute.name}〉",
        FieldType.INTEGER: 10,
        FieldType.NUMBER: 10.0,
        FieldType.BOOLEAN: True,
        FieldType.INSTANT: now,
        FieldType.DATE: _SAMPLE_DAY,
        FieldType.TEXTS: (f"〈{attribute.title or attribute.name}〉",),
    }
    return samples[attribute.type]

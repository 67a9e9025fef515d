"""What can be wrong with a contact policy and with topics. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from nurture.errors import unknown_name
from nurture.model import ANY_CHANNEL, ANY_ENTITY, Purpose, SubjectKind
from nurture.predicates import LEAD_FIELDS, FieldType, check
from nurture.program.check_pacing import pacing_problems
from nurture.steps.step import length_problems

if TYPE_CHECKING:
    from nurture.program.jurisdiction import Jurisdiction
    from nurture.program.policy import ContactPolicy
    from nurture.program.program import Program

LONGEST = timedelta(days=36_525)
"""A hundred years: beyond it lies a mistake, not a plan."""


def is_length(length: timedelta | None) -> bool:
    """Whether it is a time that a plan may have, or none at all."""
    return length is None or timedelta(0) < length <= LONGEST


def policy_problems(program: Program) -> Iterator[str]:
    """Every problem of the contact policy and of the topics, one sentence each."""
    policy = program.policy
    yield from pacing_problems(program)
    if not is_length(policy.max_lateness):
        yield "policy.max_lateness: expected a positive time"
    if policy.max_attempts < 1:
        yield "policy.max_attempts: expected at least 1"
    yield from _jurisdiction_problems(program)
    for law in policy.jurisdictions:
        yield from _law_problems(law)
    yield from _sharing_problems(program)
    yield from _hold_problems(program)
    yield from _topic_problems(program)
    yield from _name_problems(program)


def _jurisdiction_problems(program: Program) -> Iterator[str]:
    policy = program.policy
    names = [one.name for one in policy.jurisdictions]
    if policy.jurisdiction and policy.law(policy.jurisdiction) is None:
        yield unknown_name("jurisdiction", policy.jurisdiction, names, where="policy.jurisdiction")
    if policy.jurisdiction_from is not None:
        yield from _attribute_problems(program, policy.jurisdiction_from)
        if not names:
            yield "policy.jurisdiction_from: expected policy.jurisdictions that the attribute can name"
    meant = Counter(one.casefold() for law in policy.jurisdictions for one in {law.name, *law.countries})
    for name, count in meant.items():
        if count > 1:
            yield f"policy.jurisdictions: {name!r} means {count} laws"


def _attribute_problems(program: Program, name: str) -> Iterator[str]:
    own = {one.name: one.type for one in program.attributes if one.subject is SubjectKind.LEAD}
    known = {**LEAD_FIELDS, **own}
    if name not in known:
        yield unknown_name("field", name, list(known), where="policy.jurisdiction_from")
    elif known[name] is not FieldType.TEXT:
        yield f"policy.jurisdiction_from: expected a field that holds text; {name!r} holds {known[name].value}"


def _law_problems(law: Jurisdiction) -> Iterator[str]:
    where = f"policy.jurisdictions.{law.name}"
    if not law.name or len(law.name) > 100:
        yield f"policy.jurisdictions: expected a name of 1 to 100 characters, found {len(law.name)}"
    if not law.opt_out and not law.grounds:
        yield f"{where}.grounds: expected at least one, or opt_out=True; else nothing could ever be sent"
    if law.opt_out and law.confirmed:
        yield f"{where}.confirmed: nobody is asked where people opt out, so nothing can be confirmed"
    for basis, count in Counter(one.basis for one in law.grounds).items():
        if count > 1:
            yield f"{where}.grounds: {basis.value!r} stands {count} times"
    for ground in law.grounds:
        yield from length_problems(ground.lasts, f"{where}.grounds.{ground.basis.value}.lasts")
    yield from length_problems(law.keeps, f"{where}.keeps")


def _sharing_problems(program: Program) -> Iterator[str]:
    entities = _entities(program)
    pairs = Counter((one.giver, one.taker) for one in program.policy.sharing)
    for index, one in enumerate(program.policy.sharing):
        where = f"policy.sharing[{index}]"
        if one.giver == one.taker:
            yield f"{where}: giver and taker are the same entity"
        if one.taker not in entities:
            yield unknown_name("entity", one.taker, sorted(entities), where=f"{where}.taker")
        if not one.record.strip():
            yield f"{where}.record: expected what says that the consent may be used, such as a notice's name"
    for (giver, taker), count in pairs.items():
        if count > 1:
            yield f"policy.sharing: {giver!r} → {taker!r} stands {count} times"


def _entities(program: Program) -> set[str]:
    """Who sends, as far as the program says; the site may know more, but those send nothing."""
    return {"", *(one.entity for one in program.messages), *(one.entity for one in program.topics)}


def _hold_problems(program: Program) -> Iterator[str]:
    policy: ContactPolicy = program.policy
    topics = {one.name for one in program.topics} | {one.topic for one in program.messages if one.topic}
    known = {"scenario": [one.name for one in program.scenarios], "topic": sorted(topics)}
    yield from _twice("policy.holds", (one.name for one in policy.holds))
    for hold in policy.holds:
        where = f"policy.holds.{hold.name}"
        if not hold.name.isidentifier() or len(hold.name) > 60:
            yield f"{where}: expected a name that a reason can carry: letters, digits and _, at most 60"
        if not hold.purposes or not {Purpose.MARKETING, Purpose.TRANSACTIONAL}.issuperset(hold.purposes):
            yield f"{where}.purposes: expected 'marketing', 'transactional', or both"
        yield from check(hold.where, program.names(SubjectKind.LEAD), f"{where}.where")
        for what, names in (("scenario", hold.scenarios), ("topic", hold.topics)):
            yield from _twice(f"{where}.{what}s", names)
            for name in sorted(set(names) - set(known[what])):
                yield unknown_name(what, name, known[what], where=f"{where}.{what}s")


def _name_problems(program: Program) -> Iterator[str]:
    for message in program.messages:
        if message.entity == ANY_ENTITY:
            yield f"messages.{message.name}.entity: {ANY_ENTITY!r} means every sender, in refusals only"
        if message.channel == ANY_CHANNEL:
            yield f"messages.{message.name}.channel: {ANY_CHANNEL!r} means every channel, in refusals only"


def _topic_problems(program: Program) -> Iterator[str]:
    for topic in program.topics:
        if not topic.name or len(topic.name) > 100:
            yield f"topics: expected a name of 1 to 100 characters, found {len(topic.name)}"
        if topic.purpose in (Purpose.INTERNAL, Purpose.PROFILING):
            yield f"topics.{topic.name}.purpose: people choose marketing or transactional messages"
    for (name, purpose, entity), count in Counter(
        (one.name, one.purpose, one.entity) for one in program.topics
    ).items():
        if count > 1:
            towards = f" of {entity!r}" if entity else ""
            yield f"topics: {name!r} for {purpose.value}{towards} stands {count} times"


def _twice(where: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{where}: the name {name!r} stands {count} times"

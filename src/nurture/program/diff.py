"""What differs between two scenarios or two programs, declaration by declaration and step by step. Pure.

Steps are told apart by what they are, and matched in order, so that one step put in between does not make all those
below it look new. What was matched is the mapping by which runs can move from one version to the next. May import
the program, the codec and what lies below.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from html import escape
from typing import Final, TypeAlias, cast

import attrs

from nurture.calendar import Civil
from nurture.calendar import describe as describe_duration
from nurture.errors import DefinitionError
from nurture.model import FrozenMapping
from nurture.predicates import Predicate, describe
from nurture.predicates.display import LANGUAGES, bundle
from nurture.program.codec import as_json
from nurture.program.lifecycle import Lifecycle
from nurture.program.program import Program, canonical
from nurture.program.scenario import Scenario, all_steps
from nurture.steps import Step


class ChangeKind(StrEnum):
    """What happened to something."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"


Texts: TypeAlias = Mapping[str, str]
"""The same in every language, by its code."""
_NOTHING: Final[Texts] = FrozenMapping({lang: "" for lang in LANGUAGES})
_WORDS: Final[Mapping[str, Mapping[ChangeKind, str]]] = {
    "en": {
        ChangeKind.ADDED: "{where} added: {after}",
        ChangeKind.REMOVED: "{where} removed: {before}",
        ChangeKind.MOVED: "{where} moved to {to}: {after}",
        ChangeKind.CHANGED: "{where} changed from {before} to {after}",
    },
    "ja": {
        ChangeKind.ADDED: "{where} 追加: {after}",
        ChangeKind.REMOVED: "{where} 削除: {before}",
        ChangeKind.MOVED: "{where} → {to} 移動: {after}",
        ChangeKind.CHANGED: "{where} 変更: {before} → {after}",
    },
}
_SHORT: Final = 80
_SAME: Final = "equal"
_UNORDERED: Final = frozenset({"holds"})
"""Fields with declarations that have names, and whose order says nothing."""


@attrs.frozen(slots=True, kw_only=True)
class Change:
    """One thing that differs.

    Attributes:
        kind: What happened to it.
        where: Its place: in the old one, if it was there, else in the new one; such as `steps.1.then.0.message`.
        to: Its place in the new one, if that is another.
        before: What it was, in words, by language; `""` when it was not there.
        after: What it is now, likewise.
    """

    kind: ChangeKind
    where: str
    to: str = ""
    before: Texts = _NOTHING
    after: Texts = _NOTHING

    def sentence(self, lang: str = "en") -> str:
        """The change in a sentence."""
        shape = _WORDS[lang][self.kind]
        return shape.format(where=self.where, to=self.to, before=self.before[lang], after=self.after[lang])

    def __str__(self) -> str:
        return self.sentence()


@attrs.frozen(slots=True)
class Diff:
    """Everything that differs; false when nothing does.

    Attributes:
        changes: What differs, in the order of the declarations.
        mapping: Of two scenarios, for each step of the old one where it stands in the new one; None when it is gone.
            Empty for programs.
    """

    changes: tuple[Change, ...] = ()
    mapping: Mapping[str, str | None] = attrs.field(factory=FrozenMapping[str | None])

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __str__(self) -> str:
        return self.text()

    def text(self, lang: str = "en") -> str:
        """A line for each change."""
        return "\n".join(one.sentence(lang) for one in self.changes)

    def _repr_html_(self) -> str:
        return "".join(f"<p>{escape(one.sentence())}</p>" for one in self.changes)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return bundle(str(self), self._repr_html_())


def diff(old: Scenario | Program, new: Scenario | Program) -> Diff:
    """What differs between two scenarios, or between two programs.

    Messages, scores, segments, stages and the policy stand outside the versions of scenarios: runs under way take
    such a change at once, but for the segments that a scenario asks about.

    Args:
        old: What was.
        new: What is to be; of the same kind.

    Raises:
        DefinitionError: The two are of different kinds.

    Example:
        >>> from nurture import Scenario, q
        >>> from nurture.steps import send, tag
        >>> old = Scenario("welcome", q.touches("form.submitted"), [send("hello")])
        >>> print(diff(old, Scenario("welcome", q.touches("form.submitted"), [tag("met"), send("hello")])))
        steps.0 added: tag: +met
    """
    if isinstance(old, Scenario) and isinstance(new, Scenario):
        steps, mapping = _steps(tuple(all_steps(old.steps)), tuple(all_steps(new.steps)))
        return Diff((*_fields(old, new, "", without={"steps"}), *steps), FrozenMapping(mapping))
    if isinstance(old, Program) and isinstance(new, Program):
        return Diff(tuple(_programs(old, new)))
    raise DefinitionError(
        f"diff: expected two scenarios or two programs, found {type(old).__name__} and {type(new).__name__}"
    )


def _programs(old: Program, new: Program) -> Iterator[Change]:
    for field in attrs.fields(Program):
        if field.name == "memo":
            continue
        before: object = getattr(old, field.name)
        after: object = getattr(new, field.name)
        if before == after:
            continue
        if isinstance(before, Lifecycle) and isinstance(after, Lifecycle):
            yield from _named(before.stages, after.stages, "lifecycle.stages")
            yield from _fields(before, after, "lifecycle.", without={"stages"})
        elif (was := _all_named(before)) is not None and (now := _all_named(after)) is not None:
            yield from _named(was, now, field.name)
        elif attrs.has(type(before)) and type(before) is type(after):
            yield from _fields(before, after, f"{field.name}.")
        else:
            yield Change(kind=ChangeKind.CHANGED, where=field.name, before=_shown(before), after=_shown(after))


def _all_named(value: object) -> tuple[object, ...] | None:
    """Declarations, if each has a name."""
    some = cast("tuple[object, ...]", value) if isinstance(value, tuple) else None
    return some if some is not None and all(hasattr(one, "name") for one in some) else None


def _named(old: Sequence[object], new: Sequence[object], where: str) -> Iterator[Change]:
    """Declarations with a name, whose order says nothing."""
    before = {str(getattr(one, "name", "")): one for one in old}
    after = {str(getattr(one, "name", "")): one for one in new}
    for name in dict.fromkeys((*before, *after)):
        place = f"{where}.{name}"
        was, now = before.get(name), after.get(name)
        if was is None and now is not None:
            yield Change(kind=ChangeKind.ADDED, where=place, after=_shown(now))
        elif now is None and was is not None:
            yield Change(kind=ChangeKind.REMOVED, where=place, before=_shown(was))
        elif isinstance(was, Scenario) and isinstance(now, Scenario):
            for one in diff(was, now):
                yield attrs.evolve(one, where=f"{place}.{one.where}", to=f"{place}.{one.to}" if one.to else "")
        elif was is not None and now is not None:
            yield from _fields(was, now, f"{place}.")


def _fields(old: object, new: object, prefix: str, without: Iterable[str] = ()) -> Iterator[Change]:
    """What differs between two records of one kind, field by field."""
    for field in attrs.fields(type(old)):  # type: ignore[arg-type]
        if field.name in without or field.name.startswith("_"):
            continue
        before, after = getattr(old, field.name), getattr(new, field.name)
        where = f"{prefix}{field.name}"
        if before == after:
            continue
        if field.name in _UNORDERED:
            yield from _named(_all_named(before) or (), _all_named(after) or (), where)
        else:
            yield Change(kind=ChangeKind.CHANGED, where=where, before=_shown(before), after=_shown(after))


# -- steps --------------------------------------------------------------------------------------------------------

Placed: TypeAlias = tuple[str, Step]


def _steps(old: Sequence[Placed], new: Sequence[Placed]) -> tuple[list[Change], dict[str, str | None]]:
    """What differs between the steps, and where each step of the old ones stands now."""
    pairs = _matched(old, new)
    changes: list[Change] = []
    ordered = {old_index for old_index, _, moved in pairs if not moved}
    partner = {old_index: new_index for old_index, new_index, _ in pairs}
    taken = set(partner.values())
    for index, (address, step) in enumerate(old):
        if index not in partner:
            changes.append(Change(kind=ChangeKind.REMOVED, where=f"steps.{address}", before=_sentences(step)))
            continue
        to, now = new[partner[index]]
        if index not in ordered:
            place = f"steps.{to}"
            changes.append(Change(kind=ChangeKind.MOVED, where=f"steps.{address}", to=place, after=_sentences(now)))
        changes += _own_changes(step, now, f"steps.{address}.")
    changes += [
        Change(kind=ChangeKind.ADDED, where=f"steps.{address}", after=_sentences(step))
        for index, (address, step) in enumerate(new)
        if index not in taken
    ]
    mapping = {address: new[partner[index]][0] if index in partner else None for index, (address, _) in enumerate(old)}
    return changes, mapping


def _matched(old: Sequence[Placed], new: Sequence[Placed]) -> list[tuple[int, int, bool]]:
    """Pairs of an old and a new step that are the same one, and whether it moved past others.

    First those that are equal and in order; between two of these, steps of one kind whose fields changed; and of what
    is left, those that are equal wherever they stand.
    """
    keys = ([_key(step) for _, step in old], [_key(step) for _, step in new])
    pairs: list[tuple[int, int, bool]] = []
    left: tuple[list[int], list[int]] = ([], [])
    for word, i, i_end, j, j_end in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if word == _SAME:
            pairs += [(i + n, j + n, False) for n in range(i_end - i)]
            continue
        left[0].extend(range(i, i_end))
        left[1].extend(range(j, j_end))
    for i in list(left[0]):
        same = [j for j in left[1] if keys[0][i] == keys[1][j]]
        if same:
            pairs.append((i, same[0], True))
            left[0].remove(i)
            left[1].remove(same[0])
    for i in list(left[0]):
        like = [j for j in left[1] if type(old[i][1]) is type(new[j][1]) and _is_between(pairs, i, j)]
        if like:
            pairs.append((i, like[0], False))
            left[1].remove(like[0])
    return pairs


def _is_between(pairs: Iterable[tuple[int, int, bool]], i: int, j: int) -> bool:
    """Whether matching these two crosses no pair that is in order."""
    return all((i < one) == (j < other) for one, other, moved in pairs if not moved)


def _key(step: Step) -> str:
    """What a step is, without the steps inside it."""
    return f"{step.kind}:{canonical(_own(as_json(step)))}"


def _own(data: object) -> object:
    """JSON data without the steps that stand in it."""
    if isinstance(data, dict):
        found = cast("dict[str, object]", data)
        return {name: _own(value) for name, value in found.items() if not _is_steps(value)}
    return [_own(one) for one in cast("list[object]", data)] if isinstance(data, list) else data


def _is_steps(value: object) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(one, dict) and "step" in one for one in cast("list[object]", value))


def _own_changes(old: Step, new: Step, prefix: str) -> Iterator[Change]:
    """What differs between two steps themselves, whatever stands inside them."""
    for field in attrs.fields(type(old)):
        before: object = getattr(old, field.name)
        after: object = getattr(new, field.name)
        if before == after or _only_steps(before) or _only_steps(after):
            continue
        if _are_ways(before) and canonical(_own(as_json(before))) == canonical(_own(as_json(after))):
            continue  # ways with steps inside: these are told by themselves
        where = f"{prefix}{field.name}"
        yield Change(kind=ChangeKind.CHANGED, where=where, before=_shown(before), after=_shown(after))


def _are_ways(value: object) -> bool:
    return isinstance(value, tuple)


def _only_steps(value: object) -> bool:
    some = cast("tuple[object, ...]", value) if isinstance(value, tuple) else ()
    return bool(some) and all(isinstance(one, Step) for one in some)


# -- in words -----------------------------------------------------------------------------------------------------


def _sentences(step: Step) -> Texts:
    return FrozenMapping({lang: step.sentence(lang) for lang in LANGUAGES})


def _shown(value: object) -> Texts:
    """A value in words: predicates and lengths of time as sentences, declarations by their names."""
    return FrozenMapping({lang: _text(value, lang) for lang in LANGUAGES})


def _text(value: object, lang: str) -> str:
    if isinstance(value, Predicate):
        return describe(value, lang)
    if isinstance(value, (timedelta, Civil)):
        return describe_duration(value, lang)
    if value is None or value in ("", ()):
        return "なし" if lang == "ja" else "nothing"
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return ", ".join(_text(one, lang) for one in cast("tuple[object, ...]", value))
    name = getattr(value, "name", None)
    shown = str(name) if isinstance(name, str) else canonical(as_json(value)) if attrs.has(type(value)) else repr(value)
    return shown if len(shown) <= _SHORT else f"{shown[: _SHORT - 1]}…"


__all__ = ["Change", "ChangeKind", "Diff", "diff"]

"""The places of a predicate's JSON where nodes stand, for its JSON Schema. May import the table of nodes and the names.

A place says which nodes and whose fields may stand there: the properties of one fact, the values of one person, what
the account is asked, or anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from nurture.model import SubjectKind
from nurture.predicates.encoding.fields import STANDING
from nurture.predicates.encoding.nodes import FORMS
from nurture.predicates.encoding.shapes import Role
from nurture.predicates.names import Names
from nurture.predicates.people import OfAccount, People
from nurture.predicates.standing import Consented
from nurture.predicates.tree import All, AnyOf, Compare, Everyone, Not, Owner, Predicate

_JOINTS: Final[frozenset[type[Predicate]]] = frozenset({All, AnyOf, Not, Compare})
_ALLOWED: Final[Mapping[Role, frozenset[type[Predicate]]]] = MappingProxyType(
    {
        Role.FACT: _JOINTS | {Everyone},
        Role.VALUES: _JOINTS,
        Role.ACCOUNT: frozenset(form.node for form in FORMS.values()),
        Role.PERSON: frozenset(form.node for form in FORMS.values()) - {OfAccount, People},
    }
)
"""The nodes that may stand in a place where not all may."""


@attrs.frozen
class Scope:
    """A place where nodes stand: which may, what names mean there, and whether what a run began with is known."""

    role: Role
    names: Names | None
    entry: bool = False

    @property
    def key(self) -> str:
        """The name of its definition."""
        base = "predicate" if self.role is Role.SAME else f"of_{self.role.value}"
        if self.role is Role.FACT and self.entry:
            return f"{base}_in_run"
        return f"{base}_of_{self.names.subject}" if self.names is not None and self.role is Role.VALUES else base

    def allows(self, node: type[Predicate]) -> bool:
        """Whether such a node may stand here, for all that is known."""
        if self.role in _ALLOWED and node not in _ALLOWED[self.role]:
            return False
        if self.names is not None and self.names.subject is SubjectKind.ACCOUNT and node is Consented:
            return False  # a person's word
        if self.names is None or node not in (OfAccount, People):
            return True
        return self.names.about(SubjectKind.ACCOUNT if node is OfAccount else SubjectKind.LEAD) is not None

    def inside(self, role: Role) -> Scope:
        """The place inside a node that stands here."""
        if role in (Role.SAME, Role.NODES):
            return self
        if role is Role.FACT:
            return Scope(role, None, self.entry)
        if self.names is None:
            return Scope(role, None)
        about = {Role.ACCOUNT: SubjectKind.ACCOUNT, Role.PERSON: SubjectKind.LEAD}.get(role, self.names.subject)
        return Scope(role, self.names.about(about))

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Whose fields may be compared here."""
        if self.role is Role.FACT:
            return (Owner.PROP,)
        if self.role is Role.VALUES and self.names is not None and self.names.subject is SubjectKind.LEAD:
            return (Owner.LEAD,)  # how long the account's values have held, only the account knows
        if self.names is not None and self.names.subject is SubjectKind.ACCOUNT:
            return (Owner.ACCOUNT, *self.of_run)
        both = (Owner.LEAD, Owner.ACCOUNT)
        if self.names is not None or self.role is Role.VALUES:
            return (*both, *self.of_run)
        return (*both, *self.of_run, Owner.PROP)

    @property
    def others(self) -> tuple[Owner, ...]:
        """With whose fields they may be compared here."""
        if self.names is None:
            return (*self.owners, *self.of_run) if self.role is Role.FACT else self.owners
        return (*STANDING, *self.of_run)

    @property
    def dated(self) -> tuple[Owner, ...]:
        """Whose fields may be asked where they lie in the calendar."""
        return (*STANDING, *self.of_run)

    @property
    def of_run(self) -> tuple[Owner, ...]:
        """The entry, where it is known."""
        return (Owner.ENTRY,) if self.entry else ()

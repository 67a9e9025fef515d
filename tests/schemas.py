"""Whether JSON fits a schema, told quickly: a branch of `oneOf` or `anyOf` is left at its first error.

`jsonschema` collects every error of every branch, also when nobody reads them; with nested branches that is nearly all
of its work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend


def _one_of(validator: Any, branches: Sequence[Any], instance: object, _schema: object) -> Iterator[ValidationError]:
    fitting = [None for one in branches if next(validator.descend(instance, one), None) is None]
    if len(fitting) != 1:
        yield ValidationError(f"it fits {len(fitting)} of the branches")


def _any_of(validator: Any, branches: Sequence[Any], instance: object, _schema: object) -> Iterator[ValidationError]:
    if not any(next(validator.descend(instance, one), None) is None for one in branches):
        yield ValidationError("it fits none of the branches")


QuickValidator = extend(Draft202012Validator, {"oneOf": _one_of, "anyOf": _any_of})
"""Says the same as `Draft202012Validator` about what is valid."""

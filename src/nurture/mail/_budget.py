"""What one mail may cost: steps of loops, characters that filters work on, characters printed. Imports filters only.

A template that goes over ends its one mail. Nothing here reads a clock: costs are counted, so that the same mail ends
at the same place on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from jinja2 import pass_context

from nurture.mail.filters import TemplateRefusedError

if TYPE_CHECKING:
    from jinja2.runtime import Context

MOST_STEPS: Final = 20_000
"""The loops of one mail visit at most so many nodes."""

MOST_WORKED: Final = 4 * 1_048_576
"""Filters and `~` work on at most so many characters of one mail, all together."""

MOST_PRINTED: Final = 4 * 1_048_576
"""All templates of one mail print at most so many characters together."""

BUDGET: Final = " budget"
"""The name of the budget in a context; no template can say it, for it has a space."""

_SHORT: Final = 64  # a text as short as that is paid for by the step that it takes


class Budget:
    """How much the templates of one mail may still do, and how much they may still print."""

    __slots__ = ("left", "room", "work")

    def __init__(self) -> None:
        self.left = MOST_STEPS
        self.work = MOST_WORKED
        self.room = MOST_PRINTED

    def has_room_for(self, size: int) -> bool:
        """Take so many characters out of what may be printed; False when not so many are left."""
        self.room -= size
        return self.room >= 0

    def spend(self, steps: int) -> None:
        """Take steps out of it.

        Raises:
            TemplateRefusedError: Not so many are left.
        """
        self.left -= steps
        if self.left < 0:
            raise TemplateRefusedError("its loops take too many steps")

    def work_on(self, size: int) -> None:
        """Take so many characters out of what filters may work on.

        Raises:
            TemplateRefusedError: Not so many are left.
        """
        self.work -= size
        if self.work < 0:
            raise TemplateRefusedError("its filters work on too much text")


def budget_in(context: Context) -> Budget:
    """The budget of the mail that is being rendered.

    Raises:
        TemplateRefusedError: There is none.
    """
    budget: object = context.resolve_or_missing(BUDGET)
    if not isinstance(budget, Budget):
        raise TemplateRefusedError("it was given no budget")
    return budget


def pay_for(context: Context, *values: object) -> None:
    """Pay for work on these, as far as they are long texts."""
    size = sum(len(value) for value in values if isinstance(value, str) and len(value) > _SHORT)
    if size:
        budget_in(context).work_on(size)


def paid(work: Callable[..., object]) -> Callable[..., object]:
    """The filter, paying for the text that it is given and for the text that it makes."""

    @pass_context
    def paying(context: Context, value: object, *arguments: object, **named: object) -> object:
        if isinstance(value, str) and len(value) > _SHORT:
            pay_for(context, value)
        made = work(value, *arguments, **named)
        if isinstance(made, str) and len(made) > _SHORT:
            pay_for(context, made)
        return made

    return paying

"""Public holidays of a country, by the library `holidays` (extra `holidays`). Imports that library when it is called.

A public holiday is not a closure: companies also close at year end and in Obon, and some work on holidays. So these are
dates to build a `BusinessCalendar` from, together with the company's own. They stand in the program as dates, so
another release of the library changes no decision by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nurture.errors import DefinitionError, UnknownNameError

if TYPE_CHECKING:
    from datetime import date
    from types import ModuleType


def public_holidays(
    country: str, years: Iterable[int], *, subdivision: str | None = None, language: str | None = None
) -> dict[date, str]:
    """The public holidays of some years, substitute days included, each with its name.

    Days that depend on a calculation, such as Japan's equinoxes, are estimates until the state announces them.

    Args:
        country: ISO 3166-1 code of two letters, such as `JP`.
        years: Which years; name all that a program may reach.
        subdivision: A part of the country with holidays of its own, as the library calls it.
        language: Of the names, such as `en_US`; None is the country's own.

    Raises:
        UnknownNameError: The library knows no such country or subdivision.
        DefinitionError: A year lies outside what the library knows, or none is given.
        ImportError: The extra is missing.

    Example:
        >>> from datetime import date
        >>> from nurture.calendar import BusinessCalendar
        >>> closed = {*public_holidays("JP", [2026, 2027]), date(2026, 12, 29), date(2026, 12, 30)}
        >>> BusinessCalendar("office", closed=closed).add_days(date(2026, 9, 18), 1)
        datetime.date(2026, 9, 24)
    """
    library = _library()
    known: dict[str, list[str]] = library.list_supported_countries(include_aliases=False)
    if country not in known:
        raise UnknownNameError("country", country, known)
    if subdivision is not None and subdivision not in known[country]:
        raise UnknownNameError("subdivision", subdivision, known[country])
    wanted = sorted(set(years))
    kind = library.country_holidays(country, subdiv=subdivision).__class__
    first, last = kind.start_year, kind.end_year
    if not wanted or wanted[0] < first or wanted[-1] > last:
        raise DefinitionError(f"years: expected years from {first} to {last}")
    language = language or kind.default_language  # otherwise the machine's language would decide
    found = library.country_holidays(country, subdiv=subdivision, years=wanted, language=language, expand=False)
    return {day: str(name) for day, name in sorted(found.items())}


def _library() -> ModuleType:
    try:
        import holidays
    except ImportError as missing:
        message = 'public_holidays needs the library holidays: pip install "nurture-crm[holidays]"'
        raise ImportError(message, name="holidays") from missing
    return holidays

"""Which days the demo's company works: Japan's public holidays from January to April 2026, and its own year end.

The library knows no holidays by itself; they are data that a host brings. Imports the calendar only.
"""

from __future__ import annotations

from datetime import date

from nurture import BusinessCalendar

PUBLIC_HOLIDAYS = {
    date(2026, 1, 1): "元日",
    date(2026, 1, 12): "成人の日",
    date(2026, 2, 11): "建国記念の日",
    date(2026, 2, 23): "天皇誕生日",
    date(2026, 3, 20): "春分の日",
    date(2026, 4, 29): "昭和の日",
}
"""As the Cabinet Office gazetted them for the months of the demo."""

YEAR_END = tuple(date(2025, 12, day) for day in (29, 30, 31)) + tuple(date(2026, 1, day) for day in (2, 3))
"""The company's own closure; public holidays alone would make 29 and 30 December working days."""

COMPANY_DAYS = BusinessCalendar("mihon-systems", closed=(*PUBLIC_HOLIDAYS, *YEAR_END))
"""Monday to Friday without the days above."""

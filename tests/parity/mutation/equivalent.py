"""Mutants that mean the same as the source: the cases cannot tell them, and nobody could.

Each is known by its module, the change and the line, and says why. One that is no longer there is an error, too. Some
change what is loaded, refused or explained, not what is answered; those say which tests ask that.
"""

# ruff: noqa: E501  # lines of the source, as they stand there

from __future__ import annotations

from collections.abc import Mapping

_LOADED = "what is loaded, not what is answered: tests/unit/calendar and tests/property/test_periods.py ask that"
_REFUSED = "what is refused, and in which words, not what is answered: tests/unit/calendar asks that"
_EXPLAINS = "what `explain` tells, not what is answered: tests/unit/predicates/test_held.py asks that"
_EARLY = "too early is no error of a whole; tests/unit/predicates/test_flip.py asks for the very instant"
_SHORT = "a short cut: the longer way gives the same"
_GUESS = "the guess is probed: a worse one only takes longer"
_CHEAP = "cheap parts are asked first; the answer is the same"
_UNIQUE = "no two facts of a subject share instant and id"
_MATCH: Mapping[str, Mapping[str, str]] = {
    "predicates/comparisons.py": {
        "not dropped: if others or not tests:": "a set that holds nothing is asked in vain",
        "And for Or: if isinstance(low, (int, float)) and isinstance(high, (int, float)):": "both ends are of one type",
        "LtE for Lt: if not (-_LARGEST <= left <= _LARGEST and -_LARGEST <= right <= _LARGEST):": "what is cut to the border stays as it is at the border",
    },
    "predicates/patterns.py": {
        "IsNot for Is: elif (engine := _engine()) is not None:": "a pattern that is not checked when it is said is refused when it is compiled",
        "False for True: options.log_errors = False  # it would write the pattern to the standard error stream": "what the engine writes to the standard error stream",
    },
    "predicates/answering/writer.py": {
        "max for min: return max((_cost(part) for part in node.children()), default=0)": _CHEAP,
        "sides exchanged: return 4 if isinstance(node, Touched) else 3 if isinstance(node, InSegment) else 2 if isinstance(node, Score) else 1": _CHEAP,
    },
    "predicates/answering/loops.py": {
        'ge for gt: op, n = "ge", n + 1': "nobody looks at the operator again",
        'LtE for Lt: if n <= _FEW and skips == ["fact.suspect"]:': _SHORT,
        "'>' for '>=' at 40: with source.block(\"if newest is None or (fact.at, fact.id) > (newest.at, newest.id):\"):": _UNIQUE,
        "'>' for '>=' at 16: with source.block(\"if facts[-1].at > now:\"):": _SHORT,
    },
    "predicates/answering/facts.py": {
        "Or for And: if node.quantifier in SINGLE or node.quantifier in SINCE:": _SHORT,
        "LtE for Lt: if not turns and all(facts[-1].at <= now for facts in selected.lists(sight)):": _SHORT,
        "Lt for LtE: yield opens, closes if turns is None or (closes is not None and closes < turns) else turns, MILLION": "of two instants that are equal it does not matter which",
    },
    "predicates/answering/selection.py": {
        "False for True: def groups(self, sight: Sight, now: datetime, *, oldest: bool = False) -> Iterator[Iterator[Touchpoint]]:": "who only counts does not mind the order",
        "bisect_left for bisect_right: start = bisect_left(facts, low, key=_AT)": "what happened with the first fact does not follow it, and is passed over later",
        "LtE for Lt: if closes is not None and closes <= now:": "what closes now is passed over by whoever takes the spans",
        "Lt for LtE: yield opens, gone if closes is None or (gone is not None and gone < closes) else closes, fact": "of two instants that are equal it does not matter which",
        "False for True: for fact in filter(self._selects, _between(facts, _FIRST, now, oldest=False)):": "the newest is found in any order",
        "Lt for LtE: if key is not None and (key not in found or found[key].sort_key < fact.sort_key):": _UNIQUE,
        "LtE for Lt: end = len(facts) if not facts or facts[-1].at <= high else bisect_right(facts, high, key=_AT)": _SHORT,
        "Lt for LtE: return (first, min(end - TICK, now)) if first < end else (now, _FIRST)": "a period that is empty holds nothing either way",
    },
    "predicates/answering/standing.py": {
        'LtE for Lt: return Leaf(lambda sight, now: sight.subject != "" and low <= lot_of(salt, sight.subject) < high)': "nobody knows an id whose lot is the very border",
        'Lt for LtE: return Leaf(lambda sight, now: sight.subject != "" and low <= lot_of(salt, sight.subject) < high)': "nobody knows an id whose lot is the very border",
        'sides exchanged: topic=node.topic if topic else "",': "either covers the topic that is asked about",
    },
    "predicates/answering/tallies.py": {
        "LtE for Lt: if closes is not None and (closes <= now or closes <= opens):": "what opens and closes at one instant comes and goes",
        "Gt for GtE: events: list[tuple[datetime, int]] = [(at, _LOOK) for at in looks if at > now]": "at the present instant the answer is that of the present",
    },
    "predicates/answering/held.py": {
        "IsNot for Is: if opens is not None and _in_order([fact for fact in changes if fact.at > opens], now):": _SHORT,
        "Gt for GtE: if opens is not None and _in_order([fact for fact in changes if fact.at > opens], now):": _SHORT,
        "not dropped: if not history.is_true(sight):": _EXPLAINS,
        "max for min: return max([*known, *([] if began is None or began > now else [began])], default=None)": _EXPLAINS,
        "sides exchanged: return max([*known, *([] if began is None or began > now else [began])], default=None)": _EXPLAINS,
        "Or for And: return max([*known, *([] if began is None or began > now else [began])], default=None)": _EXPLAINS,
        "Is for IsNot: return max([*known, *([] if began is None or began > now else [began])], default=None)": _EXPLAINS,
        "Gt for GtE: return max([*known, *([] if began is None or began > now else [began])], default=None)": _EXPLAINS,
        "any for all: of_account = any(field.owner is Owner.ACCOUNT for field in fields)": "a condition asks about one owner only",
    },
    "predicates/answering/leaf.py": {
        "GtE for Gt: if length >= timedelta(0):": "nothing added, or nothing taken away",
        "Gt for GtE: coming = sorted({instant for instant in candidates if instant is not None and instant > now})": "at the present instant the answer is that of the present",
    },
    "predicates/lower.py": {
        "entries 1 and 2 exchanged: _LOWER: Mapping[type[Predicate], Callable[[Any, Names], Predicate]] = {": "the two do the same",
    },
    "predicates/flip.py": {
        "max for min: return max(known) if len(known) == len(instants) else None": _EARLY,
        "sides exchanged: rest = type(node)(tuple(still)) if still else None": _EARLY,
        'eq for ne: self._least = n if op in ("ge", "lt") else 1 if (n, op) in ((0, "eq"), (0, "ne")) else n + 1': "1 is also 0 + 1",
        'ne for eq: self._least = n if op in ("ge", "lt") else 1 if (n, op) in ((0, "eq"), (0, "ne")) else n + 1': "1 is also 0 + 1",
        'Or for And: self._falls = op not in ("eq", "ne") or n == 0': _SHORT,
        "Gt for GtE: if any(facts[-1].at > now for facts in lists):": _SHORT,
    },
    "predicates/answering/crossing.py": {
        "entries 0 and 1 exchanged: ANSWERS = {": "`ne` turns when `eq` does",
        "entries 3 and 4 exchanged: ANSWERS = {": "`gt` turns when `le` does",
        "Lt for LtE: found = self._reaches(state, instant, goal, falling=last < place)": "the two are never equal here",
        "Lt for LtE: way = range(place - 1, last - 1, -1) if last < place else range(place + 1, last + 1)": "the two are never equal here",
        "Lt for LtE: if scale.floor is not None and value < scale.floor:": "at the border it is the border",
        "Gt for GtE: return scale.ceiling if scale.ceiling is not None and value > scale.ceiling else value": "at the border it is the border",
        "min for max: guess = min(max(start + self._solved(state, start, edge), start + 1), _END)": _GUESS,
        "max for min: guess = min(max(start + self._solved(state, start, edge), start + 1), _END)": _GUESS,
        "Add for Sub: guess = min(max(start + self._solved(state, start, edge), start + 1), _END)": _GUESS,
        "min for max: inside, outside = guess, min(guess + step, _END)": _GUESS,
        "Add for Sub: inside, outside = guess, min(guess + step, _END)": _GUESS,
        "Sub for Add: left = edge - state.constant": _GUESS,
        "Or for And: if left == 0.0 or not 0.0 < left / fading < 1.0:": _GUESS,
        "Eq for NotEq: if left == 0.0 or not 0.0 < left / fading < 1.0:": _GUESS,
        "not dropped: if left == 0.0 or not 0.0 < left / fading < 1.0:": _GUESS,
        "Lt for LtE: if left == 0.0 or not 0.0 < left / fading < 1.0:": _GUESS,
        "sides exchanged: return int(span) if isfinite(span) else 1": _GUESS,
    },
    "calendar/period_units.py": {
        "In for NotIn: return unit in (PeriodUnit.LAST_BUSINESS_DAYS, PeriodUnit.NEXT_BUSINESS_DAYS)": _REFUSED,
        "Sub for Add: weekdays = 7 - len(calendar.weekend)": _LOADED,
        "NotIn for In: closed = sorted(day.toordinal() for day in calendar.closed if day.weekday() not in calendar.weekend)": _LOADED,
        "True for False: while True:  # more closures make it longer, and a longer one may hold more closures: until that comes to rest": _LOADED,
        "Add for Sub: length = 7 * -(-(n + closures) // weekdays)": _LOADED,
        "max for min: found = max((bisect_left(closed, day + length) - nth for nth, day in enumerate(closed)), default=0)": _LOADED,
        "Sub for Add: found = max((bisect_left(closed, day + length) - nth for nth, day in enumerate(closed)), default=0)": _LOADED,
        "bisect_left for bisect_right: found = max((bisect_left(closed, day + length) - nth for nth, day in enumerate(closed)), default=0)": _LOADED,
        "Add for Sub: found = max((bisect_left(closed, day + length) - nth for nth, day in enumerate(closed)), default=0)": _LOADED,
        "LtE for Lt: if found <= closures:": _LOADED,
    },
    "calendar/periods.py": {
        "Lt for LtE: return (first, end) if first < end else None": "a stretch that is empty holds nothing either way",
        "Lt for LtE: return (opens, closes) if opens < closes else None": "a stretch that is empty holds nothing either way",
        "In for NotIn: if self.unit in (PeriodUnit.DATE, PeriodUnit.LAST_BUSINESS_DAYS):": _LOADED,
        "Is for IsNot: if self.n is None:": _LOADED,
        "Add for Sub: return _SLACK + max(0, 1 - self.offset) * longest(self.unit) * _DAY": _LOADED,
        "max for min: return _SLACK + max(0, 1 - self.offset) * longest(self.unit) * _DAY": _LOADED,
        "Sub for Add: return _SLACK + max(0, 1 - self.offset) * longest(self.unit) * _DAY": _LOADED,
        "sides exchanged: return _SLACK + self.n * _DAY if self.unit is PeriodUnit.LAST_DAYS else _SLACK": _LOADED,
        "Is for IsNot: return _SLACK + self.n * _DAY if self.unit is PeriodUnit.LAST_DAYS else _SLACK": _LOADED,
        "Add for Sub: return _SLACK + self.n * _DAY if self.unit is PeriodUnit.LAST_DAYS else _SLACK": _LOADED,
        "And for Or: if self.n is not None and self.unit is PeriodUnit.LAST_BUSINESS_DAYS:": _LOADED,
        "IsNot for Is: if self.n is not None and self.unit is PeriodUnit.LAST_BUSINESS_DAYS:": _LOADED,
        "Is for IsNot: if self.n is not None and self.unit is PeriodUnit.LAST_BUSINESS_DAYS:": _LOADED,
        "Add for Sub: return _SLACK + longest_search(self.n, calendar) * _DAY": _LOADED,
        'Add for Sub: "offset": _whole(period.offset, f"{-most} to {most}", range(-most, most + 1)),': _REFUSED,
        "sides exchanged: return f\"expected {expected}, found {'nothing' if value is None else type(value).__name__}\"": _REFUSED,
        "Is for IsNot: return f\"expected {expected}, found {'nothing' if value is None else type(value).__name__}\"": _REFUSED,
        "not dropped: if not is_business(period.unit):": _REFUSED,
        'Add for Sub: return _whole(period.n, f"1 to {LIMITS[\'days\']}", range(1, LIMITS["days"] + 1))': _REFUSED,
        'Add for Sub: return _whole(period.n, f"1 to {MAX_BUSINESS_DAYS} business days", range(1, MAX_BUSINESS_DAYS + 1))': _REFUSED,
        "sides exchanged: return f\"expected a date, found {'nothing' if value is None else type(value).__name__}\"": _REFUSED,
        "Is for IsNot: return f\"expected a date, found {'nothing' if value is None else type(value).__name__}\"": _REFUSED,
        'Lt for LtE: return "" if value < date.max else "expected a day before 9999-12-31"': _REFUSED,
    },
}
EQUIVALENT: Mapping[str, Mapping[str, str]] = {
    "match": {f"{path} | {what}": why for path, known in _MATCH.items() for what, why in known.items()},
}
"""By reading: the mutants, and why."""

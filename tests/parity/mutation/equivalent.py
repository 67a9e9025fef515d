"""Mutants that mean the same as the source: the cases cannot tell them, and nobody could.

Each is known by its module, the change and the line, and says why. One that is no longer there is an error, too. Some
change what is loaded, refused or explained, not what is answered; those say which tests ask that.
"""

# ruff: noqa: E501  # lines of the source, as they stand there

from __future__ import annotations

from collections.abc import Mapping

_LOADED = "what is loaded, not what is answered: tests/unit/calendar and tests/property/test_periods.py ask that"
_REFUSED = "what is refused, and in which words, not what is answered: tests/unit/calendar asks that"
_EXPLAINS = "what `explain` tells, not what is answered: tests/unit/predicates/answering/test_held.py asks that"
_EARLY = "too early is no error of a whole; tests/unit/predicates/test_flip.py asks for the very instant"
_SHORT = "a short cut: the longer way gives the same"
_GUESS = "the guess is probed: a worse one only takes longer"
_CHEAP = "cheap parts are asked first; the answer is the same"
_AGAIN = "a day too early is asked again by the leaf; tests/unit/calendar/test_anniversaries.py asks for the very day"
_LAST_YEAR = "only in the year 9999; tests/unit/calendar/test_anniversaries.py asks that"
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
        "Or for And: if began is None or not history.is_true(sight):": "every record of the cases was created some time; tests/unit/predicates/answering/test_held.py asks about one that was not",
        "LtE for Lt: return moments == sorted(moments) and (not moments or moments[-1] <= now)": _SHORT,
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
        "min for max: inside, outside = outside, min(outside + step, _END)": _GUESS,
        "max for min: inside, outside = max(guess - step, start), guess": _GUESS,
        "Sub for Add: inside, outside = max(guess - step, start), guess": _GUESS,
        "And for Or: while inside > start and not before(inside):": _GUESS,
        "Gt for GtE: while inside > start and not before(inside):": _GUESS,
        "max for min: inside, outside = max(inside - step, start), inside": _GUESS,
        "Sub for Add: left = edge - state.constant": _GUESS,
        "Or for And: if left == 0.0 or not 0.0 < left / fading < 1.0:": _GUESS,
        "Eq for NotEq: if left == 0.0 or not 0.0 < left / fading < 1.0:": _GUESS,
        "not dropped: if left == 0.0 or not 0.0 < left / fading < 1.0:": _GUESS,
        "Lt for LtE: if left == 0.0 or not 0.0 < left / fading < 1.0:": _GUESS,
        "sides exchanged: return int(span) if isfinite(span) else 1": _GUESS,
    },
    "calendar/period_units.py": {
        "Lt for LtE: return 0 if n < 0 else LAST_ORDINAL": "nobody counts no business days",
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
    "calendar/anniversaries.py": {
        "GtE for Gt: if before + after >= 365:  # the days around one anniversary touch those around the next, leap year or not": _AGAIN,
        "Add for Sub: if before + after >= 365:  # the days around one anniversary touch those around the next, leap year or not": _AGAIN,
        "Or for And: if opens is None or closes is None or here > closes + after:": _LAST_YEAR,
        "Gt for GtE: if opens is None or closes is None or here > closes + after:": _LAST_YEAR,
        "Add for Sub: if opens is None or closes is None or here > closes + after:": "only in the year 9999, when the last anniversary of all is past",
        "max for min: for year in range(max(today.year - 1, born.year + 1), max(today.year, born.year) + 11):": _AGAIN,
        "Add for Sub: for year in range(max(today.year - 1, born.year + 1), max(today.year, born.year) + 11):": _AGAIN,
        "Gt for GtE: if turn is not None and opens > turn:": _AGAIN,
        "LtE for Lt: return anniversary_in(born, year) if year <= date.max.year else None": _LAST_YEAR,
    },
    "calendar/local_days.py": {
        "LtE for Lt: return first if first <= second else change_between(second, first, zone)": _SHORT,
        "LtE for Lt: while day < date.max and start_of_day(day + _DAY, zone) <= instant:": "at the instant at which a day begins, the clocks show its date",
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
_FORM = (
    "how facts and accounts are looked up, not what is answered: tests/unit/predicates/sql/test_compiling.py asks that"
)
_EITHER = "how facts and accounts are looked up: either way gives the same answer"
_ONE = "that there is one needs no counting: the longer way gives the same"
_WEIGHED = "what is refused as too large, not what is answered: tests/unit/predicates/sql/test_pushdown.py asks that"
_SAID = "what is said of a refusal, not what is answered"
_ENDS = "at either end of the calendar, where no case can be: tests/unit/predicates/sql/test_dates.py asks that"
_TYPED = "what SQLAlchemy takes it for; in SQLite a value is of the type that it is of"
_SQL: Mapping[str, Mapping[str, str]] = {
    "predicates/sql/asking.py": {
        "False for True: filtered: bool = False": _FORM,
        "'not' for '' at 16: return NotCompilableError(\"sql\", node, \"the layout does not say where that lies\")": _SAID,
        "And for Or: cell is None and field.owner is Owner.ACCOUNT for field, cell in here.items()": "an account's values beside a lead's: tests/unit/predicates/sql/test_columns.py asks that",
        "And for Or: return _found(field, account.field(field) if found is None and field.owner is Owner.ACCOUNT else found)": "an account's value beside a lead's is the account's own",
    },
    "predicates/sql/cells.py": {
        "False for True: guarded: bool = False": "what is guarded in vain gives the same",
    },
    "predicates/sql/comparisons.py": {
        'Gt for GtE: return true() if op == "ne" or ((op in ("lt", "le")) is (limit > 0) and op != "eq") else false()': "nothing lies beyond 64 bits and is zero",
        "'and' for 'or' at 73: \"matches\": \"databases have regular expressions of their own, which mean other things and may backtrack\",": _SAID,
        "sides exchanged: value = speech.as_float(reading.value) if reading.kind is FieldType.INTEGER else reading.value": "a database makes a float of a whole number where it meets one",
        "Is for IsNot: value = speech.as_float(reading.value) if reading.kind is FieldType.INTEGER else reading.value": "a database makes a float of a whole number where it meets one",
    },
    "predicates/sql/compiling.py": {
        "max for min: return max((cost(part) for part in node.children()), default=0)": _CHEAP,
        "sides exchanged: return 2 if isinstance(node, (Score, InScenario, TimeInSegment)) else 1": _CHEAP,
        "Or for And: filtered = asking.filtered or (bool(parts) and cost(parts[0]) <= 2 and not isinstance(parts[0], Everyone))": _FORM,
        "LtE for Lt: filtered = asking.filtered or (bool(parts) and cost(parts[0]) <= 2 and not isinstance(parts[0], Everyone))": _EITHER,
        "not dropped: filtered = asking.filtered or (bool(parts) and cost(parts[0]) <= 2 and not isinstance(parts[0], Everyone))": _FORM,
        "entries 0 and 1 exchanged: REFUSED: Mapping[type[Predicate], str] = {": _SAID,
    },
    "predicates/sql/dates.py": {
        "Lt for LtE: return FIRST if instant < FIRST + length else instant - length": "at the border it is the border",
        "Gt for GtE: return LAST if instant > LAST - length else instant + length": "at the border it is the border",
        "GtE for Gt: if low >= high:": "a range that is empty holds nothing either way",
        "max for min: if day is None or day == date.max:": _ENDS,
        "true for false: return true() if end else false()": _ENDS,
        "Sub for Add: year = today.year - years": "the search begins later, and goes back to the same day",
    },
    "predicates/sql/people.py": {
        'Or for And: if asking.form == "join" or (asking.form == "auto" and not asking.filtered):': _EITHER,
        'Eq for NotEq: if asking.form == "join" or (asking.form == "auto" and not asking.filtered):': _EITHER,
        'And for Or: if asking.form == "join" or (asking.form == "auto" and not asking.filtered):': _EITHER,
        'not dropped: if asking.form == "join" or (asking.form == "auto" and not asking.filtered):': _EITHER,
        "True for False: inner = asking.about(leads, filtered=True).lowered(node.where)": _EITHER,
        "Gt for GtE: return exists(found.limit(1).offset(n - 1) if n > 1 else found)": _ONE,
    },
    "predicates/sql/quantifiers.py": {
        'entries 1 and 2 exchanged: of_none = {"eq": node.n == 0, "ne": node.n != 0, "lt": node.n > 0, "le": True, "gt": False, "ge": node.n <= 0}': "a number of values is never below zero",
        "Is for IsNot: if reading.kind is FieldType.INTEGER:": "the limit is the same number, as a whole one and as a float",
    },
    "predicates/sql/standing.py": {
        "GtE for Gt: if scale.floor is not None and scale.floor >= border:": "nobody sets a floor that is the very border between two millionths",
        "Lt for LtE: if scale.ceiling is not None and scale.ceiling < border:": "nobody sets a ceiling that is the very border between two millionths",
    },
    "predicates/sql/sqlite.py": {
        "Lt for LtE: return case((func.abs(value) < real(2.0**53), cast(_floor(value), DOUBLE)), else_=value)": "a whole float is its own floor",
        "Is for IsNot: if kind is FieldType.INTEGER:": _TYPED,
        "sides exchanged: return _typed(found, DOUBLE) if kind is FieldType.NUMBER else found": _TYPED,
        "Is for IsNot: return _typed(found, DOUBLE) if kind is FieldType.NUMBER else found": _TYPED,
        "Lt for LtE: (func.abs(scaled) < real(_MOST * LIMB), _key(*_limbs_of_large(scaled))),": "a float has one key either way",
        'True for False: return value.op("GLOB", is_comparison=True, return_type=Boolean())(text(pattern))': "how it is bracketed; the answer is the same",
        "Gt for GtE: is_large, floor = func.abs(scaled) > real(_MOST), _floor(scaled)": "there either way gives the same two limbs",
    },
    "predicates/sql/touches.py": {
        "not dropped: if period is not None and not is_fixed(period.zone):": _FORM,
        "False for True: return False": _FORM,
        'Eq for NotEq: if self.asking.form == "auto":': _FORM,
        "not dropped: return not (self.asking.filtered and self.asking.facts.indexed)": _FORM,
        "And for Or: return not (self.asking.filtered and self.asking.facts.indexed)": _FORM,
        'Eq for NotEq: return self.asking.form == "join"': _FORM,
        "Gt for GtE: if at_least > 1:": _ONE,
        "not dropped: if not self.joins:": _EITHER,
    },
    "predicates/sql/zones.py": {
        "'or' for 'and' at 15: WEIGHTS: Final = f\"a clause in everybody's own zone counts as {ZONED}; name a zone, or those that occur\"": _SAID,
        "sides exchanged: return None if layout.zones is not None else _weight": _WEIGHED,
        "IsNot for Is: return None if layout.zones is not None else _weight": _WEIGHED,
        "sides exchanged: return 1 if is_fixed(node.zone) else ZONED": _WEIGHED,
        "And for Or: if isinstance(node, (InPeriod, Touched)) and node.period is not None and not is_fixed(node.period.zone):": _WEIGHED,
        "IsNot for Is: if isinstance(node, (InPeriod, Touched)) and node.period is not None and not is_fixed(node.period.zone):": _WEIGHED,
        "not dropped: if isinstance(node, (InPeriod, Touched)) and node.period is not None and not is_fixed(node.period.zone):": _WEIGHED,
        "sides exchanged: return ZONED if node.starts is None else 12 * ZONED": _WEIGHED,
        "Is for IsNot: return ZONED if node.starts is None else 12 * ZONED": _WEIGHED,
        "sides exchanged: for one in sorted(known if asking.layout.zones is None else known.intersection(asking.layout.zones)):": "zones that do not occur only make it longer",
        "Is for IsNot: for one in sorted(known if asking.layout.zones is None else known.intersection(asking.layout.zones)):": "zones that do not occur only make it longer",
        'True for False: return value.op("IN", is_comparison=True)(literal_column(f"({listed})"))': "how it is bracketed; the answer is the same",
    },
    "storage/sql/segments.py": {
        'IsNot for Is: if name == "account" and account is not None:': "the record says the same as the column",
        "False for True: value=fact.c.at, kind=FieldType.INSTANT, speech=speech, nullable=False, form=InstantForm.MICROS": "the instant of a fact is always there, and nobody asks whether",
        "Add for Sub: steps = [present + step * _GRID for step in (0, -1, 1)]": "there is one step either way",
        "Lt for LtE: (func.abs(total) < real(_TINY), real(0.0)),": "nobody's points are the very border",
    },
}
_TEMPLATES = "in which words something is refused, not what is answered"
_ONCE = "nobody is found twice either way"
_KEPT = "a column that nobody asks for is kept besides"
_FRAME: Mapping[str, Mapping[str, str]] = {
    "predicates/frame/cells.py": {
        "Add for Sub: return _EPOCH + number * _MICROSECOND": "instants are read of frames for other ends: tests/unit/frames asks that",
        "Add for Sub: return date.fromordinal(number + _EPOCH_DAY)": "days are read of frames for other ends: tests/unit/predicates/frame asks that",
    },
    "predicates/frame/amounts.py": {
        "floor for ceil: high = (quantized / float(_BASE)).floor()  # a power of two divides floats exactly": "what is left may be below zero: it is carried when it is compared",
    },
    "predicates/frame/compiling.py": {
        "entries 0 and 1 exchanged: DECLINED: Mapping[type[Predicate], str] = {": "in which words something is refused; tests/unit/frames/test_filtering.py asks that",
        "'not' for '' at 58: Held: \"it asks what values were before, which frames of today do not hold; ask the store\",": _TEMPLATES,
    },
    "predicates/frame/facts.py": {
        "Or for And: self._where = f\"touches({node.kind or ''})\"": _TEMPLATES,
        "False for True: def selected(self, *, span: Span, ids: bool = False, ats: bool = False, of: str | None = None) -> Frame:": _KEPT,
    },
    "predicates/frame/standing.py": {
        'LtE for Lt: found = [one for one in keys[KEY].drop_nulls().to_list() if one != "" and low <= lot_of(node.salt, str(one)) < high]': "nobody knows an id whose lot is the very border",
        'Lt for LtE: found = [one for one in keys[KEY].drop_nulls().to_list() if one != "" and low <= lot_of(node.salt, str(one)) < high]': "nobody knows an id whose lot is the very border",
        "True for False: return Members(lots, once=True)": _ONCE,
        "True for False: return Members(refused, once=True)": _ONCE,
        'False for True: return Members(alike(live, refused, lambda left, right: left.join(right, on=KEY, how="anti")), once=False)': _ONCE,
        'False for True: return Members(alike(told, refused, lambda left, right: left.join(right, on=KEY, how="semi")), once=False)': _ONCE,
    },
}
EQUIVALENT: Mapping[str, Mapping[str, str]] = {
    "frame": {f"{path} | {what}": why for path, known in _FRAME.items() for what, why in known.items()},
    "match": {f"{path} | {what}": why for path, known in _MATCH.items() for what, why in known.items()},
    "sql": {f"{path} | {what}": why for path, known in _SQL.items() for what, why in known.items()},
}
"""By reading: the mutants, and why."""

"""Hunts mutants: `python -m tests.parity.mutation <reading> [<module> [<number>…]]`.

Databases are filled first, unless `NURTURE_CASES` names some that are. Frames are those of `NURTURE_FRAMES`. Of the
cases, all are asked, or those of the modules that `NURTURE_ONLY` names, which is quicker.
"""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import import_module

from tests import postgres
from tests.parity.mutation.databases import filled
from tests.parity.mutation.hunting import SOURCE, survivors
from tests.parity.mutation.mutants import mutants_of
from tests.parity.mutation.reaching import reached_by
from tests.parity.mutation.readings import READINGS

_HEAVY = {
    "sql": ("sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite", "psycopg"),
    "frame": ("narwhals", "pandas", "pyarrow"),
}


def main(reading: str, module: str | None = None, *numbers: str) -> None:
    """Report each mutant of a reading, of one of its modules, or some of them."""
    for library in _HEAVY.get(reading, ()):
        import_module(library)  # so that children need not
    known = READINGS[reading]
    with tempfile.TemporaryDirectory() as folder:
        if reading == "sql" and "NURTURE_CASES" not in os.environ:
            urls = [f"sqlite:///{folder}/cases.db", postgres.server().url()]
            os.environ["NURTURE_CASES"] = " ".join(map(filled, urls))
        reached = (lambda _: None) if numbers else reached_by(known)  # not worth the time for a few
        total = left = 0
        for path in known.modules if module is None else (module,):
            mutants = [one for one in mutants_of(SOURCE, path) if not numbers or str(one.number) in numbers]
            total += len(mutants)
            left += len(survivors(mutants, known.ask, reached, lambda line: print(line, flush=True)))
        print(f"{total} mutants, {left} survived")


main(*sys.argv[1:])

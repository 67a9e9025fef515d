"""The demo: a file of leads, a program, and some months of nurturing in a minute or a few.

    python examples/demo/run.py [--leads FILE [--deals FILE]] [--days 90] [--out demo-out] [--seed 7] [--limit N]

Everything is written into one folder: the SQLite file, every mail as a maildir, the summary, the report.
The folder appears whole, or not at all. Of a file in which every row is wrong it holds the reasons alone.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # `python examples/demo/run.py` finds its neighbors

from sqlalchemy import URL, create_engine, event

from examples.demo.behavior import DemoBehavior
from examples.demo.counting import gather
from examples.demo.folder import draft_of, refuse_foreign, where
from examples.demo.own_files import UnusableFileError, own_people
from examples.demo.people import SYSTEM, TOKYO, People, luck_of, sample_people
from examples.demo.program import TASK, build_program
from examples.demo.progress import ProgressBar
from examples.demo.report import write_report
from examples.demo.summary import write_summary
from nurture import Program, SenderIdentity, Simulation, Site, simulate
from nurture.errors import DefinitionError, NurtureError
from nurture.intake import BadRow, write_bad
from nurture.ports import Accepted, Receipt
from nurture.senders import MaildirSender
from nurture.storage import SqlStorage

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection

    from examples.demo.figures import Figures
    from nurture.model import SubjectId

SITE = Site(
    "https://crm.mihon-systems.example",
    secret="the demo signs links that lead nowhere",  # noqa: S106 - the domain is reserved
    identity=SenderIdentity(
        "見本システムズ株式会社",
        "news@mihon-systems.example",
        postal_address="〒100-0000 東京都見本区見本町1-2-3",
        complaint_contact="privacy@mihon-systems.example",
    ),
)


class Tasks:
    """The host's own action: a list of tasks for sales. The key makes asking twice harmless."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[str, str]] = {}

    def __call__(self, key: str, subject: SubjectId, params: Mapping[str, object], /) -> Receipt:
        """Write a task down."""
        self._rows[key] = (subject, f"{params.get('title', '')}: {params.get('reason', '')}")
        return Accepted(key)

    def write(self, path: Path) -> None:
        """The list as a CSV file that a spreadsheet opens."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(("key", "lead", "task"))
        writer.writerows((key, *row) for key, row in self._rows.items())
        path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; the answer is the exit code."""
    options = _options(argv)
    began = time.monotonic()
    out: Path = options.out
    try:
        refuse_foreign(out)
        people, bad_deals = _people(options)
        if people.columns:
            print(f"How the columns were understood:\n\n{people.columns}\n")
        with draft_of(out) as draft:
            figures = play(people, draft, days=options.days, seed=options.seed, bad_deals=bad_deals)
    except (NurtureError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ndemo: stopped; nothing was written", file=sys.stderr)
        return 130
    print(write_summary(figures))
    print(where(out, time.monotonic() - began))
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="90 days of lead nurturing, on invented people or on your own file of leads."
    )
    parser.add_argument(
        "--leads", type=Path, help="your CSV file of leads, plain or gzipped; without it a bundled sample"
    )
    parser.add_argument("--deals", type=Path, help="your CSV file of deals; its id column names leads")
    parser.add_argument(
        "--zone", default=TOKYO, help="zone of dates without an offset in your files (default %(default)s)"
    )
    parser.add_argument("--days", type=_positive, default=90, help="how many virtual days (default %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("demo-out"), help="the folder to write (default %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same run (default %(default)s)")
    parser.add_argument("--limit", type=_positive, help="take about so many of the leads")
    options = parser.parse_args(argv)
    if options.deals and not options.leads:
        parser.error("--deals needs --leads")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("expected a number of at least 1")
    return number


def _people(options: argparse.Namespace) -> tuple[People, tuple[BadRow, ...]]:
    luck = luck_of(options.seed)
    if options.leads is None:
        return sample_people(options.limit, luck), ()
    try:
        return own_people(
            options.leads,
            options.deals,
            zone=options.zone,
            limit=options.limit,
            invent_addresses=os.environ.get("INVENT_ADDRESSES", "") not in ("", "0"),
            luck=luck,
        )
    except UnusableFileError as error:
        if not error.bad:
            raise
        with draft_of(options.out) as draft:
            write_bad(draft / error.reasons, error.bad)
            (draft / "columns.txt").write_text(error.columns + "\n", encoding="utf-8")
        raise DefinitionError(f"{error}\nWhat was wrong, row by row: {options.out / error.reasons}") from error


def play(people: People, folder: Path, *, days: int, seed: int, bad_deals: Sequence[BadRow] = ()) -> Figures:
    """The whole run, into a folder that exists and is empty.

    Args:
        people: Who arrives.
        folder: Where everything is written.
        days: How many virtual days.
        seed: The same seed gives the same figures.
        bad_deals: What was wrong in a file of deals.
    """
    program = build_program(
        attributes=people.attributes, campaigns=people.campaigns, fit=people.fit, zone=people.zone, locale=people.locale
    )
    until = people.ends_at(days)
    tasks = Tasks()
    engine = _engine(folder / "nurture.db")
    try:
        simulation = _simulated(people, program, until, engine, folder, tasks, seed)
        figures = gather(
            simulation.crm,
            program,
            name=people.name,
            seed=seed,
            start=people.start,
            until=until,
            notes=people.notes,
        )
        simulation.crm.close()
    finally:
        engine.dispose()
    tasks.write(folder / "tasks.csv")
    for name, bad in (("rejected.csv", people.bad), ("rejected-deals.csv", bad_deals)):
        if bad:
            write_bad(folder / name, bad)
    if people.columns:
        (folder / "columns.txt").write_text(people.columns + "\n", encoding="utf-8")
    (folder / "summary.txt").write_text(write_summary(figures), encoding="utf-8")
    (folder / "report.html").write_text(write_report(figures), encoding="utf-8")
    return figures


def _simulated(
    people: People, program: Program, until: datetime, engine: Engine, draft: Path, tasks: Tasks, seed: int
) -> Simulation:
    progress = ProgressBar(people.zone)
    behavior = DemoBehavior(people.keenness, SYSTEM, people.campaigns, people.zone, buys=people.buys)
    try:
        return simulate(
            program,
            people.arrivals,
            start=people.start,
            until=until,
            behavior=behavior,
            seed=seed,
            every=timedelta(minutes=30) if until - people.start <= timedelta(days=120) else timedelta(hours=1),
            storage=lambda clock: SqlStorage(engine, clock=clock),
            senders={"email": MaildirSender(draft / "mail", durable=False)},
            site=SITE,
            actions={TASK: tasks},
            owners=people.owners,
            progress=progress,
        )
    finally:
        progress.end()


def _engine(path: Path) -> Engine:
    """A SQLite file that does not wait for the disk.

    `SqlStorage` asks the disk to confirm each commit, as it must when mail really goes out. This file is thrown
    away when anything fails, so there is nothing to protect, and the run is several times as quick.
    """
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)

    def hurry(connection: DBAPIConnection, _record: object, _proxy: object) -> None:
        connection.cursor().execute("PRAGMA synchronous = OFF")

    event.listen(engine, "checkout", hurry)
    return engine


if __name__ == "__main__":
    sys.exit(main())

"""The job tools, and the command that runs one: `python -m bench.peers.queues TOOL prepare|run PLACE JOBS [WAITING]`.

It prints one line of JSON. May import what lies beside it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping

from attrs import evolve

from bench.peers import loops, schedulers
from bench.peers.jobs import JobTool

_POST_OFFICE = JobTool(
    "post_office", "django-post-office", "django-post_office", ("post_office",), 3_000,
    schedulers.prepare_post_office, schedulers.run_post_office, 2,
)  # fmt: skip
# It throws the mail away before putting it together; what nurture hands over, and what a host really sends, is.
_COMPOSING = evolve(
    _POST_OFFICE,
    name="post_office_composing",
    side="django-post-office, mail put together",
    run=schedulers.run_post_office_composing,
    advantage=0,
)
_APSCHEDULER = JobTool(
    "apscheduler", "APScheduler", "APScheduler", ("apscheduler",), 300,
    schedulers.prepare_apscheduler, schedulers.run_apscheduler, 15,
)  # fmt: skip
_HUEY = JobTool("huey", "huey", "huey", ("huey",), 600, schedulers.prepare_huey, schedulers.run_huey, 5)
_PGQUEUER = JobTool(
    "pgqueuer", "pgqueuer", "pgqueuer", ("pgqueuer", "asyncpg"), 1_500,
    loops.prepare_pgqueuer, loops.run_pgqueuer, 3,
)  # fmt: skip
_PROCRASTINATE = JobTool(
    "procrastinate", "procrastinate", "procrastinate", ("procrastinate",), 200,
    loops.prepare_procrastinate, loops.run_procrastinate, 50,
)  # fmt: skip

TOOLS: Mapping[str, tuple[JobTool, ...]] = {
    "sqlite": (_POST_OFFICE, _COMPOSING, _HUEY, _APSCHEDULER),
    "postgresql": (
        evolve(_POST_OFFICE, advantage=0),
        _COMPOSING,
        _PGQUEUER,
        evolve(_APSCHEDULER, jobs=500, advantage=5),
        _PROCRASTINATE,
    ),
}


def main() -> None:
    """Do what the command line says."""
    logging.disable(logging.WARNING)
    match sys.argv[1:]:
        case [name, "prepare", place, jobs, waiting]:
            _tool(name).prepare(place, int(jobs), int(waiting))
            answer: dict[str, float] = {}
        case [name, "run", place, jobs]:
            done, seconds = _tool(name).run(place, int(jobs))
            answer = {"done": done, "seconds": seconds}
        case _:
            sys.exit(__doc__)
    print(json.dumps(answer), flush=True)
    # Some of them leave threads behind that wait for the next job; the answer is out.
    os._exit(0)


def _tool(name: str) -> JobTool:
    return next(tool for tools in TOOLS.values() for tool in tools if tool.name == name)


if __name__ == "__main__":
    main()

"""Row `render`: a body in the words for one person, in the sandbox, against a plain template of Jinja.

Both are compiled once and given the same context; both print the same HTML. Making a template anew for each mail stands
beside them, since that is what one must not do. The processors' seconds are compared: nothing waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from bench import letters
from bench.harness import (
    SUBJECT,
    NotTheSameWorkError,
    Reading,
    Report,
    Scale,
    Side,
    compare,
    race,
    table,
    versions,
)
from nurture.mail import Kind, compile_template, context_of

ROW = "render"
LIMIT = "jinja2, compiled once"
ANEW = "jinja2, from_string each time"
UNIT = "mails/s"
Context = Mapping[str, object]


def reports(scale: Scale, scratch: Path) -> Iterator[Report]:
    """One report."""
    del scratch
    people = [_context(number) for number in range(scale.pick(200, 20_000))]
    settings = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    environment = Environment(autoescape=True, **settings)
    plain = environment.from_string(letters.HTML)
    ours = compile_template(letters.HTML, Kind.HTML)
    if any(ours.render(one) != plain.render(one) for one in people[:200]):
        raise NotTheSameWorkError("the sandbox prints something else than the plain template")
    sides = [
        Side(LIMIT, partial(_run, people, plain.render)),
        Side(SUBJECT, partial(_run, people, ours.render)),
        Side(
            ANEW,
            partial(_run, people[: len(people) // 50], lambda one: environment.from_string(letters.HTML).render(one)),
        ),
    ]
    done = race(sides, scale.pick(3, 15)).by_cpu()
    used = versions("jinja2")
    yield Report(
        title=f"{ROW}: {len(people):,} mails of {len(letters.HTML)} characters of HTML",
        documents=(
            compare(ROW, done, LIMIT, measure="rate", unit=UNIT, used=used, goal=scale.goal(">=", 0.9)),
            compare(ROW, done, ANEW, measure="rate", unit=UNIT, used=used),
        ),
        lines=table(done, sides, LIMIT, UNIT),
    )


def _context(number: int) -> Context:
    return context_of(letters.reader(number), None, letters.params(), unsubscribe_url="https://crm.example.jp/u/t")


def _run(people: Sequence[Context], render: Callable[[Context], str]) -> Callable[[], Reading]:
    def run() -> Reading:
        cpu, start = time.process_time(), time.perf_counter()
        size = 0
        for one in people:
            size += len(render(one))
        assert size > len(people)
        return Reading(len(people), time.perf_counter() - start, time.process_time() - cpu)

    return run

"""The work that all sides do: made-up people, the benchmark's rule, and the mail.

Everything is drawn from seeded generators, so two runs see the same people. Addresses are on a
reserved example domain. May import the standard library, attrs and jinja2 only.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from attrs import frozen
from jinja2 import Environment

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
KINDS = {
    "page.viewed": 0.50,
    "email.opened": 0.20,
    "email.clicked": 0.12,
    "pricing.viewed": 0.08,
    "form.submitted": 0.06,
    "seminar.attended": 0.04,
}
INDUSTRIES = ("saas", "fintech", "retail", "health", "energy", "media", "education", "government")

# The rule: an industry of these, this many people, this score, not unsubscribed, and at least
# this many page views within the window.
TARGET = frozenset({"saas", "fintech", "health"})
EMPLOYEES = 50
SCORE = 30.0
VIEWS = 3
WINDOW = timedelta(days=14)
SINCE = NOW - WINDOW


@frozen
class Company:
    """The part of an account that the rule looks at."""

    industry: str
    employees: int


@frozen
class Fact:
    """One touchpoint."""

    kind: str
    at: datetime


@frozen
class Person:
    """A lead with everything that the rule looks at: what a careful hand would write."""

    id: int
    account: Company
    score: float
    unsubscribed: bool
    touchpoints: tuple[Fact, ...]


@frozen
class Grouped:
    """The same lead with its touchpoints laid out by kind, oldest first."""

    account: Company
    score: float
    unsubscribed: bool
    touches: Mapping[str, Sequence[Fact]]


def grouped(lead: Person) -> Grouped:
    """Lay a lead's touchpoints out by kind."""
    touches: dict[str, list[Fact]] = {}
    for fact in sorted(lead.touchpoints, key=lambda fact: fact.at):
        touches.setdefault(fact.kind, []).append(fact)
    return Grouped(lead.account, lead.score, lead.unsubscribed, touches)


def people(count: int, *, hot: bool, seed: int = 1) -> Iterator[Person]:
    """Leads with 5 to 15 touchpoints over 45 days.

    Args:
        count: How many.
        hot: Every lead passes all other clauses, so that every one reaches the count. Otherwise
            about 3 % match and most are turned away early.
        seed: Where the generator starts.
    """
    dice = random.Random(seed)
    kinds, weights = list(KINDS), list(KINDS.values())
    targets = sorted(TARGET)
    for number in range(count):
        facts = tuple(
            Fact(kind, NOW - timedelta(seconds=int(dice.random() * 45 * 86_400)))
            for kind in dice.choices(kinds, weights, k=dice.randint(5, 15))
        )
        yield Person(
            id=number,
            account=Company(
                industry=dice.choice(targets) if hot else dice.choice(INDUSTRIES),
                employees=dice.randint(50, 5_000) if hot else int(10 ** (0.5 + dice.random() * 3.3)),
            ),
            score=dice.uniform(30, 100) if hot else dice.uniform(0, 100),
            unsubscribed=False if hot else dice.random() < 0.1,
            touchpoints=facts,
        )


# A list stands right in the loop, which is what nurture's templates may say; Jinja makes a constant of it.
_EACH = '{% for title in ["Article <0>", "Article <1>", "Article <2>"] %}'
SUBJECT_SOURCE = "{{ lead.given_name }}, the next step for {{ account.name }}"
TEXT_SOURCE = """Hello {{ lead.given_name }} {{ lead.family_name }},

here is what {{ account.industry }} teams do first:
EACH- {{ title }}: https://www.example.com/a/{{ loop.index }}
{% endfor %}""".replace("EACH", _EACH)
HTML_SOURCE = """<html><body><p>Hello {{ lead.given_name }} {{ lead.family_name }},</p>
{% if account.employees >= 50 %}<p>Your team at {{ account.name }} looks ready: book a call.</p>
{% else %}<p>Here is what {{ account.industry }} teams do first:</p>{% endif %}
<ul>EACH<li><a href="https://www.example.com/a/{{ loop.index }}">{{ title }}</a></li>{% endfor %}</ul>
<p>You get this because you asked for it at {{ account.name }}.</p></body></html>""".replace("EACH", _EACH)


def renderer() -> Callable[[Mapping[str, object], Mapping[str, object]], int]:
    """Render the mail by hand: subject, text and HTML, each compiled once.

    Returns:
        A function of the lead's and the account's values that gives the length of what it
        rendered, so that the work cannot be skipped.
    """
    plain = Environment(autoescape=False)
    subject, text = plain.from_string(SUBJECT_SOURCE), plain.from_string(TEXT_SOURCE)
    html = Environment(autoescape=True).from_string(HTML_SOURCE)

    def render(lead: Mapping[str, object], account: Mapping[str, object]) -> int:
        context = {"lead": lead, "account": account}
        return sum(len(template.render(context)) for template in (subject, text, html))

    return render


def lead_values(number: int) -> dict[str, object]:
    """What is known about the drip's lead of this number; its address is its own."""
    return {
        "email": f"lead{number}@example.com",
        "given_name": "Ada",
        "family_name": f"Lovelace{number}",
        "source": "seminar",
    }


ACCOUNT_VALUES: Mapping[str, object] = {
    "name": "Acme & Co",
    "industry": "saas",
    "employees": 120,
}

"""What one mail may cost is counted, and ends it early."""

from typing import Any

import pytest

from nurture.errors import SendRefusedError
from nurture.mail import filters
from nurture.mail._budget import BUDGET, MOST_STEPS, MOST_WORKED, Budget
from nurture.mail._sandbox import HardenedEnvironment
from nurture.mail.templates import Kind, compile_template

BIG = "山" * 15_000
TAGS: dict[str, Any] = {"lead": {"tags": tuple("x" * 20), "name": "y"}}
LOOP = "{% for a in lead.tags %}{% for b in lead.tags %}{% if WORK == '' %}{% endif %}{% endfor %}{% endfor %}ok"


@pytest.mark.parametrize(
    "work",
    [
        f"(lead.name ~ '{BIG}')|urlencode",
        f"(lead.name ~ '{BIG}')",
        f"(lead.name + '{BIG}')",
        f"'{BIG}'|upper|lower|title|capitalize|trim",
        f"'{BIG}'|e",
        f"lead.tags|join('{BIG[:700]}')",
        f"'{BIG}'|truncate(5)",
    ],
)
def test_work_on_long_text_ends_a_mail_early(work: str) -> None:
    budget = Budget()
    with pytest.raises(SendRefusedError, match="its filters work on too much text"):
        compile_template(LOOP.replace("WORK", work)).render_within({**TAGS, BUDGET: budget}, budget, where="m")
    assert budget.left > 0  # it was not the steps


ITEM = "新しい講座のご案内です。" * 55


@pytest.mark.parametrize("filters", ["trim|truncate(600)|title", "trim", "truncate(300)", "title", "e|trim"])
def test_a_newsletter_of_three_hundred_items_may_use_filters_in_both_its_bodies(filters: str) -> None:
    budget = Budget()
    source = (
        f"{{% for one in params.all %}}<h2>{{{{ one.name|e }}}}</h2><p>{{{{ one.text|{filters} }}}}</p>{{% endfor %}}"
    )
    params = {"all": tuple({"name": f"講座{number}", "text": ITEM} for number in range(300))}
    for _ in ("html", "text"):
        said = compile_template(source, Kind.HTML).render_within({"params": params, BUDGET: budget}, budget, where="m")
        assert said.count("<h2>講座") == 300


def test_work_is_counted_by_what_goes_in_and_what_comes_out() -> None:
    budget = Budget()
    template = compile_template("{{ lead.name|urlencode|length }}{{ lead.name|lower|length }}")
    template.render_within({"lead": {"name": "山" * 100}, BUDGET: budget}, budget, where="m")
    assert budget.work == MOST_WORKED - (100 + 900) - (100 + 100)


def test_short_texts_cost_their_steps_only() -> None:
    budget = Budget()
    compile_template("{% for a in lead.tags %}{{ a|upper ~ a }}{% endfor %}").render_within(
        {**TAGS, BUDGET: budget}, budget, where="m"
    )
    assert budget.work == MOST_WORKED
    assert MOST_STEPS - 400 < budget.left < MOST_STEPS


def test_every_filter_is_there_and_none_works_without_a_budget() -> None:
    environment = HardenedEnvironment(html=False)
    assert filters.FILTERS.keys() <= environment.filters.keys()
    with pytest.raises(filters.TemplateRefusedError, match="no budget"):
        environment.from_string("{{ x|upper }}").render(x=BIG)

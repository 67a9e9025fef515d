"""Double opt-in: the scenario that asks, and what its effect says about what was asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture import Effect, Message, Program, Purpose, days
from nurture.calendar import Civil, civil
from nurture.errors import DefinitionError, InvalidFactError
from nurture.model import EffectId, EffectKind, EnrollmentId, FrozenMapping, SubjectId, Value
from nurture.program import Asked, asked_in, double_opt_in
from nurture.program.double_opt_in import LINK_LIFE
from nurture.steps import send

NOW = datetime(2026, 4, 1, tzinfo=UTC)
_texts = st.text(st.characters(exclude_categories=["C"]), max_size=12)


def an_effect(**params: Value) -> Effect:
    return Effect(
        id=EffectId("eff_1"), subject=SubjectId("lead_1"), enrollment=EnrollmentId("enr_1"), scenario="s", step="0",
        kind=EffectKind.MESSAGE, name="confirm", channel="email", purpose=Purpose.TRANSACTIONAL, planned_at=NOW,
        due_at=NOW, params=FrozenMapping(params),
    )  # fmt: skip


@given(
    st.builds(
        Asked, channel=st.sampled_from(["email", "sms"]), purpose=st.sampled_from(Purpose), topic=_texts,
        entity=_texts, text_version=_texts,
    )
)  # fmt: skip
def test_what_was_asked_comes_back_from_the_effect(asked: Asked) -> None:
    assert asked_in(an_effect(asked=asked.key())) == asked


@pytest.mark.parametrize(
    "value",
    [
        "", "{", "[]", '["email","marketing","","",1]', '["email","selling","","",""]', '["","marketing","","",""]', 7,
        None,
    ],
)  # fmt: skip
def test_anything_else_asks_for_nothing(value: Value) -> None:
    assert asked_in(an_effect(asked=value)) is None
    assert asked_in(an_effect()) is None


def test_where_it_was_asked_makes_no_other_question_but_the_wording_does() -> None:
    asked = Asked(topic="news", source="form")
    assert asked.key() == attrs.evolve(asked, source="fair").key()
    assert asked.key() != attrs.evolve(asked, text_version="2").key()


def test_the_fact_says_what_was_asked_in_plain_properties() -> None:
    said = Asked(topic="news", entity="brand", text_version="2", source="form").properties()
    assert dict(said) == {
        "asked": '["email","marketing","news","brand","2"]', "channel": "email", "purpose": "marketing",
        "topic": "news", "entity": "brand", "text_version": "2", "source": "form",
    }  # fmt: skip


def test_a_question_names_its_channel() -> None:
    with pytest.raises(InvalidFactError, match="channel"):
        Asked(channel="")


def test_the_scenario_stands_in_a_program_and_goes_to_json_and_back() -> None:
    scenario = double_opt_in("confirm", deadline=days(3), then=[send("thanks")], otherwise=[send("confirm")])
    messages = [Message(name, "transactional", "s", text="x") for name in ("confirm", "thanks")]
    program = Program(messages=messages, scenarios=[scenario], zone="Asia/Tokyo")
    assert Program.from_json(program.to_json()) == program
    assert program.warnings == ()


@pytest.mark.parametrize(
    "deadline",
    [
        days(32),
        civil(months=1, days=1),
        civil(business_days=20),
        civil(years=1),
        civil(business_hours=64),
        civil(months=1, day_of_month=31),
        civil(weekday=0, nth=1, at="10:00"),
        civil(days=30, roll="forward"),
    ],
)
def test_nobody_waits_longer_than_a_link_lives(deadline: timedelta | Civil) -> None:
    with pytest.raises(DefinitionError, match=r"double_opt_in\.deadline: at most 31 days"):
        double_opt_in("confirm", deadline=deadline)


@pytest.mark.parametrize(
    "deadline",
    [
        LINK_LIFE,
        civil(months=1),
        civil(business_days=10),
        civil(weekday=0),
        civil(business_hours=60),
        civil(day_of_month=20),
        civil(days=29, roll="back"),
    ],
)
def test_a_deadline_may_be_as_long_as_a_link_lives(deadline: timedelta | Civil) -> None:
    assert double_opt_in("confirm", deadline=deadline).key == "asked"


@pytest.mark.parametrize("field", ["text_version", "source"])
def test_a_question_names_its_wording_and_source_in_short(field: str) -> None:
    with pytest.raises(InvalidFactError, match=f"{field}.*200"):
        Asked(**{field: "x" * 201})  # type: ignore[arg-type]

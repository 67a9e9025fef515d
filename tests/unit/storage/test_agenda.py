"""`storage.agenda`: it answers as a sorted list would, and forgets what was put off."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nurture.storage.agenda import Agenda

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
times = st.integers(0, 9).map(lambda hours: NOON + timedelta(hours=hours))
changes = st.tuples(st.sampled_from("abcdefgh"), st.none() | times)


@given(st.lists(st.one_of(changes, times)), st.integers(0, 9))
def test_it_answers_as_a_sorted_list_would(acts: list[tuple[str, datetime | None] | datetime], limit: int) -> None:
    agenda, model = Agenda(), dict[str, datetime]()
    for act in acts:
        if isinstance(act, datetime):
            expected = sorted((due_at, name) for name, due_at in model.items() if due_at < act)
            assert agenda.before(act, limit) == [name for _, name in expected[:limit]]
            assert agenda.first() == min(model.values(), default=None)
        else:
            name, due_at = act
            agenda.set(name, due_at)
            model.pop(name, None)
            if due_at is not None:
                model[name] = due_at
    assert len(agenda) == len(model)


def test_what_is_put_off_again_and_again_takes_no_room() -> None:
    agenda = Agenda()
    for hours in range(10_000):
        agenda.set("a", NOON + timedelta(hours=hours))
    assert len(agenda._heap) < 100
    assert agenda.first() == NOON + timedelta(hours=9_999)

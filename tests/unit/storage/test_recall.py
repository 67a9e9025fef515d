"""Remembering records by their text: always what the text says, and never more than so many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from nurture.model import Alias, Allowance, SubjectId
from nurture.storage import codec, recall
from nurture.testing.records import SAMPLES


def test_what_is_remembered_is_what_the_text_says() -> None:
    for record in SAMPLES:
        text = recall.encode(record)
        assert text == codec.encode(record)
        assert recall.decode(type(record), text) == codec.decode(type(record), text) == record


def test_what_was_read_once_is_not_read_again() -> None:
    text = codec.encode(Allowance(id="read twice"))
    assert recall.decode(Allowance, text) is recall.decode(Allowance, text)


def test_the_same_text_of_another_kind_is_another_record() -> None:
    text = codec.encode(Alias(id="x", subject=SubjectId("lead_1")))
    assert recall.decode(Alias, text) == Alias(id="x", subject=SubjectId("lead_1"))
    assert recall.decode(Allowance, codec.encode(Allowance(id="x"))) == Allowance(id="x")


def test_no_more_is_kept_than_two_generations() -> None:
    memory = recall._Memory()
    for number in range(10 * recall.GENERATION):
        memory.keep(f"{number}", Allowance(id=f"{number}"))
        assert memory.find(f"{number}") == Allowance(id=f"{number}")
    assert memory.find("0") is None
    assert len(memory._young) + len(memory._old) <= 2 * recall.GENERATION
    assert memory.find(f"{10 * recall.GENERATION - recall.GENERATION}") is not None


def test_threads_find_what_they_ask_for() -> None:
    texts = [codec.encode(Allowance(id=f"thread {number}")) for number in range(3 * recall.GENERATION)]

    def read(start: int) -> bool:
        return all(recall.decode(Allowance, text) == codec.decode(Allowance, text) for text in texts[start::4])

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(read, range(4)))

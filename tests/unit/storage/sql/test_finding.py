"""Finding members in the database: what is asked there, what is left over, and what is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from nurture.model import SubjectId
from nurture.ports import FindingView, Search
from nurture.predicates import Everyone, InBucket, q
from nurture.storage import SqlStorage
from nurture.storage.sql import finding
from nurture.storage.sql.finding import Searches
from nurture.testing.storage_finding import ASKED, NAMES, NOW, ORDERS, fill

LEFT_OVER = {"lots", "lots and more", "held"}
"""What SQL has no words for, or not for all of it."""


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    made = SqlStorage(f"sqlite:///{tmp_path / 'crm.db'}", clock=lambda: NOW)
    fill(made)
    yield made
    made.close()


@pytest.fixture
def searches(storage: SqlStorage) -> Searches:
    return storage._shared.statements.searches


def search(name: str) -> Search:
    return Search(where=ASKED[name], names=NAMES, now=NOW)


@pytest.mark.parametrize("name", ASKED)
def test_only_what_sql_has_no_words_for_is_left_over(searches: Searches, name: str) -> None:
    assert (searches.plan("default", search(name)).rest is not None) == (name in LEFT_OVER)


def test_of_a_conjunction_the_rest_alone_is_left(searches: Searches, storage: SqlStorage) -> None:
    plan = searches.plan("default", search("lots and more"))
    assert plan.rest == InBucket("salt", 0, 70)
    with storage.view() as view:
        asked: FindingView = view
        narrowed = asked.find(search("lots and more"), "", 99)
        assert 0 < len(narrowed.subjects) < 16
        assert asked.tally(search("lots and more")) is None


@pytest.mark.parametrize("order", ORDERS)
def test_orders_that_lie_with_the_subject_are_the_databases(searches: Searches, order: str) -> None:
    made = searches.best("default", search("everybody"), ORDERS[order], None)
    assert (made is None) == (order == "account")
    assert searches.best("default", search("lots"), ORDERS[order], None) is None


def test_a_question_is_compiled_once_and_forgotten_after_many_others(
    searches: Searches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_KEPT", 3)
    first = searches.plan("default", search("a text"))
    assert searches.plan("default", search("a text")) is first
    assert searches.plan("other", search("a text")) is not first
    for name in ("a score", "facts"):
        searches.plan("default", search(name))
        assert searches.plan("default", search("a text")) is first
    for minute in range(3):
        searches.plan("default", Search(where=Everyone(), names=NAMES, now=NOW + timedelta(minutes=minute)))
    assert searches.plan("default", search("a text")) is not first


def test_texts_of_the_asker_are_bound_and_not_written_into_the_statement(storage: SqlStorage) -> None:
    hostile = "x' OR 1=1 --"
    asked = Search(where=(q.lead.name == hostile) | q.in_list(hostile), names=NAMES, now=NOW)
    assert hostile not in storage._shared.statements.searches.plan("default", asked).find.text
    with storage.view() as view:
        assert view.find(asked, "", 9).subjects == ()
        assert view.find(search("everybody"), hostile, 1).subjects == ()
        assert view.find(search("everybody"), SubjectId("lead_1"), 1).subjects == ("lead_2",)

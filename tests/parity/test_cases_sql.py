"""SQL gives the answers that were reasoned by hand: on SQLite and PostgreSQL, in our own tables and in plain ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from nurture.predicates.sql import CAPABILITIES
from nurture.predicates.sql.asking import Form
from nurture.storage.sql import schema
from tests import postgres
from tests.parity.cases import CASES
from tests.parity.cases.batches import batches_of
from tests.parity.cases.in_databases import Asked, plain, stored
from tests.parity.cases.judging import every, wrong

BATCHES = batches_of(CASES)
QUICK = {"sqlite": BATCHES[::2], "postgresql": BATCHES[1::2]}
"""The batches that are asked of our own tables in the quick size: each of them of one database."""
ALSO = 6
"""And of plain tables."""


@pytest.fixture(params=["sqlite", "postgresql"])
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A database of its own; nothing in it is kept."""
    engine = create_engine("sqlite://" if request.param == "sqlite" else postgres.fresh_url())
    with engine.connect() as opened:
        schema.metadata.create_all(opened)
        yield opened
        opened.rollback()
    engine.dispose()


def test_in_our_own_tables(connection: Connection) -> None:
    some = QUICK[connection.dialect.name]
    assert wrong(Asked(connection, stored(connection, CASES)), some, CAPABILITIES) == []


def test_in_plain_tables(connection: Connection) -> None:
    some = every(ALSO, BATCHES)
    assert wrong(Asked(connection, plain(connection, CASES), "join"), some, CAPABILITIES) == []


@pytest.mark.stress
@pytest.mark.parametrize("form", ["probe", "join"])
def test_in_whatever_form(connection: Connection, form: Form) -> None:
    for tables in (stored, plain):
        assert wrong(Asked(connection, tables(connection, CASES), form), BATCHES, CAPABILITIES) == [], tables.__name__

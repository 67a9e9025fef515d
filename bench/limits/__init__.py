"""The hand-written limits: what a careful person would write for one job, without a library."""

from collections.abc import Mapping

from bench.limits.hand_postgres import HandPostgresStore
from bench.limits.hand_sqlite import HandStore
from bench.stores import DripStore

HAND: Mapping[str, DripStore] = {"sqlite": HandStore(), "postgresql": HandPostgresStore()}
HAND_NAME = HandStore.name

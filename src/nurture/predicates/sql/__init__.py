"""The reading of a predicate as SQL, for SQLite and PostgreSQL. May import SQLAlchemy, and below it what match may.

The only room under `nurture.predicates` that knows SQLAlchemy; it is loaded when it is asked for by name, and
needs the extra `sql`. A `Layout` says where the values lie; `compile_sql` gives a condition that means what
`match` means, and is never NULL; `split` tells what of a predicate can be asked this way.
"""

from nurture.predicates.sql.capabilities import CAPABILITIES
from nurture.predicates.sql.cells import Cell, InstantForm, JsonCell, TypedCell
from nurture.predicates.sql.columns import columns_layout, enrollments_in, facts_in, memberships_in
from nurture.predicates.sql.compiling import compile_sql
from nurture.predicates.sql.layout import FactRow, Facts, Layout
from nurture.predicates.sql.pushdown import compiles, split

__all__ = [
    "CAPABILITIES",
    "Cell",
    "FactRow",
    "Facts",
    "InstantForm",
    "JsonCell",
    "Layout",
    "TypedCell",
    "columns_layout",
    "compile_sql",
    "compiles",
    "enrollments_in",
    "facts_in",
    "memberships_in",
    "split",
]

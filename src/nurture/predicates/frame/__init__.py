"""The reading of a predicate over data frames: pandas, Polars, PyArrow, DuckDB, Spark, through Narwhals.

The one room under predicates that knows Narwhals (the extra `frames`); nothing imports it until it is asked for.
`nurture.frames` is what hosts use. Instants are 64-bit epoch microseconds inside, days are counted from 1970.
"""

try:
    import narwhals.stable.v2 as _narwhals
except ModuleNotFoundError as missing:
    raise ImportError('frames need Narwhals: pip install "nurture-crm[frames]"', name="narwhals") from missing

from nurture.predicates.frame.capabilities import CAPABILITIES
from nurture.predicates.frame.compiling import Chosen, compile_frame
from nurture.predicates.frame.tables import Frame, Table, Tables

__all__ = ["CAPABILITIES", "Chosen", "Frame", "Table", "Tables", "compile_frame"]

del _narwhals

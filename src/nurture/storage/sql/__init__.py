"""The store on SQL databases, through SQLAlchemy Core. Needs the extra `sql`.

May import the ports, what lies below them, and SQLAlchemy. What differs between databases is in one
module for each (`sqlite`), behind the protocol in `dialect`.
"""

from nurture.storage.sql.store import SqlStorage

__all__ = ["SqlStorage"]

"""What the fork server does before it forks: everything once, so that no process pays for imports and caches again."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import tests.crash.mail_house  # noqa: F401
from tests.crash.crew import Place

with suppress(ImportError):
    import psycopg  # noqa: F401

with TemporaryDirectory() as _folder:
    _crm = Place(f"sqlite:///{_folder}/crm.db", Path(_folder)).open()
    _crm.record(_crm.capture(email="warm@example.jp").id, "form.submitted")
    _crm.tick()
    _crm.close()

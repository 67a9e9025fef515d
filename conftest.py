"""What the whole suite shares: executed documentation, and the two sizes of property tests.

Python blocks in `README.md` and `docs/`, and examples in the docstrings of `src/nurture`, are tests.
Blocks of one page share their names from top to bottom, as a reader would type them. Every page and every
module runs in a folder of its own, so that an example may write a file.
"""

import os
import tempfile
from contextlib import chdir
from doctest import ELLIPSIS, IGNORE_EXCEPTION_DETAIL

import pytest
from hypothesis import HealthCheck, settings
from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers import markdown, rest
from sybil.sybil import SybilCollection

settings.register_profile("quick", max_examples=100, deadline=None, derandomize=False, print_blob=True)
settings.register_profile(
    "stress",
    parent=settings.get_profile("quick"),
    max_examples=10_000,
    stateful_step_count=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

_ALONE = ("tests/crash/", "tests/faults/", "tests/property/")
_DOCTEST_OPTIONS = ELLIPSIS | IGNORE_EXCEPTION_DETAIL


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Keep what lies in one file on one worker and in order: documents are read so, and set-up is made once.

    Long tests that share none go one by one to whoever is free. Marks of the group `xdist_group` are ignored by the
    versions that we test with (pytest-xdist issue 1386).
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid if nodeid.startswith(_ALONE) else nodeid.partition("::")[0]

    return ByFile(config, log)


class _OwnFolder:
    """Runs the examples of one document in an empty folder that vanishes afterwards."""

    def enter(self, namespace: dict[str, object]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="nurture-docs-")
        self._moved = chdir(self._folder.name)
        self._moved.__enter__()

    def leave(self, namespace: dict[str, object]) -> None:
        namespace.clear()  # closes what an example left open, before its file goes
        self._moved.__exit__(None, None, None)
        self._folder.cleanup()


_folder = _OwnFolder()


def _pages(path: str, pattern: str) -> Sybil:
    return Sybil(
        path=path,
        pattern=pattern,
        parsers=[markdown.PythonCodeBlockParser(doctest_optionflags=_DOCTEST_OPTIONS), markdown.SkipParser()],
        setup=_folder.enter,
        teardown=_folder.leave,
    )


_docstrings = Sybil(
    path="src/nurture",
    pattern="*.py",
    parsers=[rest.DocTestParser(optionflags=_DOCTEST_OPTIONS)],
    document_types={".py": PythonDocStringDocument},
    setup=_folder.enter,
    teardown=_folder.leave,
)
pytest_collect_file = SybilCollection([_pages(".", "README.md"), _pages("docs", "*.md"), _docstrings]).pytest()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the examples of one document on one worker: they build on each other."""
    for item in items:
        if item.path.suffix == ".md" or "src" in item.path.relative_to(item.config.rootpath).parts:
            item.add_marker(pytest.mark.xdist_group(str(item.path)))

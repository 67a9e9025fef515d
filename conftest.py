"""What the whole suite shares: executed documentation, and the two sizes of property tests.

Python blocks in `README.md` and `docs/`, and examples in the docstrings of `src/nurture`, are tests.
Blocks of one page share their names from top to bottom, as a reader would type them. Every page and every
module runs in a folder of its own, so that an example may write a file.
"""

import gc
import os
import tempfile
from collections.abc import Iterator
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
_LONGEST = ("tests/property/test_paths.py", "tests/property/test_ticking.py", "tests/crash/test_pacing.py")
_DOCTEST_OPTIONS = ELLIPSIS | IGNORE_EXCEPTION_DETAIL


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect without looking for garbage: what is collected is kept until the end, and is never looked at again.

    More than a million objects are made here. Looking at them again and again took a quarter of this time, and a part
    of every test. Tests leave little behind that refers to itself, so garbage is looked for less often, too.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)


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

        def mark_test_complete(self, node: object, item_index: int, duration: float = 0) -> None:
            """Forget a file whose tests have all run; else all of them are counted again after each test."""
            super().mark_test_complete(node, item_index, duration)
            work = self.assigned_work[node]
            scope = self._split_scope(self.registered_collections[node][item_index])
            if all(work[scope].values()):
                del work[scope]

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
    """Keep the examples of one document on one worker: they build on each other. What takes longest goes first.

    Else one worker would still be busy with it when the other has nothing left to do.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))
    for item in items:
        if item.path.suffix == ".md" or "src" in item.path.relative_to(item.config.rootpath).parts:
            item.add_marker(pytest.mark.xdist_group(str(item.path)))

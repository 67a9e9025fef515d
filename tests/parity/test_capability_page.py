"""The page that says what each reading can do is the one that the tables give."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def test_the_page_is_up_to_date(checkout: Path) -> None:
    spec = importlib.util.spec_from_file_location("capabilities", checkout / "docs" / "_extensions" / "capabilities.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.PAGE.read_text(encoding="utf-8") == script.page(), "run python docs/_extensions/capabilities.py"

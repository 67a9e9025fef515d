"""Examples in pages and docstrings are executed, and a wrong one fails.

A small checkout of its own gets this repository's `conftest.py` and one page or one module.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = """# A page

```python
from pathlib import Path
Path('note').touch()
n = 2
```

```python
>>> n + n
{}
```
"""
MODULE = '''"""A module."""


def double(n):
    """Twice.

    Example:
        >>> double(2)
        {}
    """
    return 2 * n
'''


def run(folder: Path, file: str, text: str, checkout: Path) -> subprocess.CompletedProcess[str]:
    shutil.copy(checkout / "conftest.py", folder)
    shutil.copy(checkout / "pyproject.toml", folder)
    target = folder / file
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix == ".py":  # a module is imported by its own name, so its folders must be packages
        for folder_inside in target.relative_to(folder / "src").parents[:-1]:
            (folder / "src" / folder_inside / "__init__.py").touch()
    target.write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("file", ["README.md", "docs/index.md", "docs/how-to/a-page.md"])
@pytest.mark.parametrize(("answer", "code"), [("4", 0), ("5", 1)])
def test_a_page(tmp_path: Path, checkout: Path, file: str, answer: str, code: int) -> None:
    result = run(tmp_path, file, PAGE.format(answer), checkout)
    assert result.returncode == code, result.stdout + result.stderr
    assert not (tmp_path / "note").exists()


@pytest.mark.parametrize("file", ["src/nurture/doubling.py", "src/nurture/storage/sql/doubling.py"])
@pytest.mark.parametrize(("answer", "code"), [("4", 0), ("5", 1)])
def test_a_docstring(tmp_path: Path, checkout: Path, file: str, answer: str, code: int) -> None:
    result = run(tmp_path, file, MODULE.format(answer), checkout)
    assert result.returncode == code, result.stdout + result.stderr

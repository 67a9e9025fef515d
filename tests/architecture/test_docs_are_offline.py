"""The built pages fetch nothing from another host, and the picture of the house is plain SVG."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

# Attributes whose target a browser fetches by itself. A plain link is fetched only when it is followed.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "video": "src"}
NOT_FETCHED = {"canonical", "next", "prev", "alternate"}
FOREIGN = re.compile(r"^(?:https?:)?//")
CSS_FETCH = re.compile(r"""(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"')\s]+)""")


class _Fetches(HTMLParser):
    """Collects what a page makes the browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "link" and values.get("rel") in NOT_FETCHED:
            return
        target = values.get(FETCHED.get(tag, "")) or ""
        if FOREIGN.match(target):
            self.found.append(target)


def foreign_fetches(site: Path) -> Iterator[str]:
    for page in site.rglob("*.html"):
        parser = _Fetches()
        parser.feed(page.read_text(encoding="utf-8"))
        yield from (f"{page.relative_to(site)}: {target}" for target in parser.found)
    for sheet in (*site.rglob("*.css"), *site.rglob("*.svg"), *site.rglob("*.html")):
        for target in CSS_FETCH.findall(sheet.read_text(encoding="utf-8")):
            yield f"{sheet.relative_to(site)}: {target}"


@pytest.fixture(scope="module")
def site(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=checkout,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        check=True,
    )
    return folder


def test_pages_fetch_nothing_from_elsewhere(site: Path) -> None:
    assert (site / "explanation" / "architecture" / "index.html").exists()
    assert list(foreign_fetches(site)) == []


def test_no_page_draws_with_mermaid(site: Path) -> None:
    """The theme would load it from another host, and only when a page asks for it."""
    assert [str(page) for page in site.rglob("*.html") if 'class="mermaid"' in page.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("name", "planted"),
    [
        ("a.html", '<script src="https://elsewhere.example/x.js"></script>'),
        ("b.html", '<link rel="stylesheet" href="//elsewhere.example/x.css">'),
        ("c.html", "<style>@import 'https://elsewhere.example/x.css';</style>"),
        ("d.css", "body { background: url(https://elsewhere.example/x.png) }"),
    ],
)
def test_a_planted_fetch_is_found(tmp_path: Path, name: str, planted: str) -> None:
    (tmp_path / name).write_text(planted, encoding="utf-8")
    assert len(list(foreign_fetches(tmp_path))) == 1


def test_the_picture_has_no_script_and_no_font(checkout: Path) -> None:
    picture = checkout / "docs" / "assets" / "architecture.svg"
    tags = {element.tag.partition("}")[2] for element in ElementTree.parse(picture).iter()}
    assert tags <= {"svg", "title", "style", "defs", "marker", "path", "rect", "text"}
    assert "@font-face" not in picture.read_text(encoding="utf-8")


def test_the_picture_shows_every_room(checkout: Path) -> None:
    """A room that opens gets its place in the picture, too."""
    sources = checkout / "src" / "nurture"
    rooms = {path.name for path in sources.iterdir() if (path / "__init__.py").exists()}
    rooms |= {path.stem for path in sources.glob("*.py") if not path.stem.startswith("_")}
    picture = ElementTree.parse(checkout / "docs" / "assets" / "architecture.svg")
    assert rooms <= {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}

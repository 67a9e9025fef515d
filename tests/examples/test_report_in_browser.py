"""A real browser opens the demo's report, without a network, and shows the numbers of the summary."""

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from examples.demo import run
from examples.demo.people import luck_of, sample_people
from examples.demo.words import count, percent

pytestmark = pytest.mark.browser
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Page(HTMLParser):
    """The visible text of a page, and every address that it mentions in an attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self._hidden += tag in ("style", "title")
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]

    def handle_endtag(self, tag):
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data):
        if not self._hidden and data.strip():
            self.text.append(" ".join(data.split()))


@pytest.fixture(scope="module")
def browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on this machine; .ci/run installs it")
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    return found


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    return folder / "report.html", run.play(sample_people(120, luck_of(7)), folder, days=40, seed=7)


@pytest.fixture(scope="module")
def page(browser, figures, tmp_path_factory):
    """The page as the browser has understood it."""
    home = tmp_path_factory.mktemp("browser")
    command = [
        *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        *("--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={home}", "--dump-dom", figures[0].as_uri()),
    ]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    parsed = Page()
    parsed.feed(done.stdout.decode("utf-8"))
    return parsed


def test_the_headline_numbers_are_those_of_the_summary(page, figures):
    summary = (figures[0].parent / "summary.txt").read_text(encoding="utf-8")
    for name in ("sent", "opened", "clicked", "withheld", "unsubscribed"):
        number = re.search(rf"^  {name}\s+([\d,]+)", summary, re.MULTILINE).group(1)
        at = [page.text[index] for index, text in enumerate(page.text[1:]) if name in text.split(",")[0].split()]
        assert number in at, name


def test_every_stage_stands_in_the_funnel_with_its_numbers(page, figures):
    for stage in figures[1].stages:
        at = page.text.index(stage.title)
        assert page.text[at + 1 : at + 3] == [stage.name, count(stage.reached)]
        assert f"{count(stage.now)} there now" in page.text[at + 3 : at + 6]


def test_every_source_stands_with_its_conversion(page, figures):
    assert figures[1].sources
    for source in figures[1].sources:
        at = page.text.index(source.name)
        expected = [*map(count, source.reached), percent(source.customers, source.leads)]
        assert page.text[at + 1 : at + 1 + len(expected)] == expected


def test_every_reason_for_withholding_stands_with_its_number(page, figures):
    assert figures[1].withheld
    for reason, number in figures[1].withheld:
        assert count(number) in page.text[page.text.index(reason) : page.text.index(reason) + 3]


def test_three_people_are_shown_in_their_own_writing(page, figures):
    assert len(figures[1].portraits) == 3
    for person in figures[1].portraits:
        assert person.name in page.text
        assert person.turns
        assert all(turn.why in page.text for turn in person.turns)
    assert any(re.search(r"[\u4e00-\u9fff]", text) for text in page.text)


def test_it_needs_no_script_and_nothing_from_elsewhere(page, figures):
    source = figures[0].read_text(encoding="utf-8")
    assert "script" not in page.tags
    assert page.addresses == ["data:,"]
    assert "url(" not in source
    assert "@import" not in source
    assert "default-src 'none'" in source
    assert "prefers-color-scheme: dark" in source

"""A real browser opens mails without a network: nothing runs, nothing is fetched, nothing hides or sticks out.

The HTML part is read out of the bytes, as a mail program would. A small script of the
test's own, beside the mail, measures what the browser made of it. `NURTURE_SHOTS` names a folder for pictures.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from nurture.ports import Envelope
from tests.mail import strict
from tests.mail.corpus import FAMILIES
from tests.mail.house import Refused, tried
from tests.mail.seminar import english_mail, hostile_mail, japanese_mail
from tests.mail.test_lead_doors import mail_saying

pytestmark = pytest.mark.browser
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = (600, 375)
STEP = int(os.environ.get("NURTURE_BROWSER_STEP", "3"))
"""One payload in so many is shown to the browser; 1 shows all."""
REPORT = re.compile(r'<pre id="report">(.*?)</pre>', re.DOTALL)
PROBE = """
<!doctype html><meta charset="utf-8"><body><pre id="report"></pre><script>
var mails = %s, seen = [], left = mails.length, ran = 0;
addEventListener("message", function () { ran += 1; });
mails.forEach(function (mail, index) {
  var frame = document.createElement("iframe");
  frame.style.width = mail.width + "px"; frame.style.height = "800px"; frame.style.border = "0";
  frame.onload = function () {
    var page = frame.contentDocument, body = page.body;
    seen[index] = {
      text: body.innerText, scroll: page.documentElement.scrollWidth, width: mail.width,
      elements: page.querySelectorAll("script, iframe, object, embed, form, base, meta[http-equiv], link").length,
      handlers: Array.from(page.querySelectorAll("*")).filter(function (one) {
        return Array.from(one.attributes).some(function (given) { return given.name.startsWith("on"); });
      }).length,
      targets: Array.from(page.links).map(function (one) { return one.protocol; }),
      fetched: frame.contentWindow.performance.getEntriesByType("resource").map(function (one) { return one.name; })
    };
    left -= 1;
    if (!left) { setTimeout(function () {
      document.getElementById("report").textContent = JSON.stringify({ seen: seen, ran: ran });
    }, 200); }
  };
  frame.srcdoc = "<script>var pwn = function () { parent.postMessage(1, '*'); };<\\/script>" + mail.html;
  document.body.appendChild(frame);
});
</script>
"""


@pytest.fixture(scope="module")
def browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on this machine; .ci/run installs it")
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    return found


def html_of(envelope: Envelope) -> str:
    mail = strict.read(envelope.data)
    (found,) = [part.text for part in mail.walk() if not part.parts and part.type == "text/html"]
    return found


def run_browser(browser: str, home: Path, *arguments: str) -> bytes:
    command = [
        *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"),
        *("--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=8000", f"--user-data-dir={home}"),
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, timeout=120, check=True).stdout


def looked_at(browser: str, folder: Path, mails: Sequence[tuple[str, int]]) -> Mapping[str, object]:
    """What the browser makes of the mails, each in a frame of a width."""
    given = [{"html": text, "width": width} for text, width in mails]
    page = folder / "probe.html"
    page.write_text(PROBE % json.dumps(given).replace("</", "<\\/").replace("<!--", "<\\u0021--"), encoding="utf-8")
    dom = run_browser(browser, folder / "home", "--dump-dom", page.as_uri()).decode("utf-8")
    found = REPORT.search(dom)
    assert found, "the browser gave no answer"
    assert found[1], "the browser did not come to an end"
    return json.loads(html.unescape(found[1]))


def test_three_mails_are_seen_whole_and_do_nothing(browser: str, tmp_path: Path) -> None:
    mails = {"ja": html_of(japanese_mail()), "en": html_of(english_mail()), "hostile": html_of(hostile_mail())}
    rows = [(text, width) for text in mails.values() for width in WIDTHS]
    report = looked_at(browser, tmp_path, rows)
    assert report["ran"] == 0
    for seen in report["seen"]:
        assert seen["elements"] == 1, "the test's own script, and nothing else"
        assert seen["handlers"] == 0
        assert seen["scroll"] <= seen["width"], "it must be scrolled sideways"
        assert set(seen["targets"]) <= {"https:", "mailto:", "tel:"}
        assert "Hidden before" not in seen["text"]
    japanese, english, hostile = (one["text"] for one in report["seen"][::2])
    for said in (
        "株式会社見本商事 営業部 部長 髙﨑 様",
        "2026年4月24日(金) 15:00",
        "配信停止",
        "見本商事",
        "東京都千代田区",
    ):
        assert said in japanese, said
    for said in ("Dear Dr. Lovelace", "Friday, 24 April 2026 15:00", "Unsubscribe"):
        assert said in english, said
    assert "<script>pwn()</script>" in hostile
    if shots := os.environ.get("NURTURE_SHOTS"):
        take_shots(browser, tmp_path, Path(shots), mails)


def take_shots(browser: str, tmp_path: Path, folder: Path, mails: Mapping[str, str]) -> None:
    """Pictures of the mails, for people to look at."""
    for name, text in mails.items():
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
        for width in WIDTHS:
            size, shot = f"--window-size={width},1000", f"--screenshot={folder / f'{name}-{width}.png'}"
            run_browser(browser, tmp_path / "home", size, shot, (tmp_path / f"{name}.html").as_uri())


def test_no_payload_runs_in_a_real_browser(browser: str, tmp_path: Path) -> None:
    payloads = [one for name in ("markup", "jinja", "smtp", "looks") for one in FAMILIES[name][::STEP]]
    sent = [(one, tried(one, mail_saying, one, "letter")) for one in payloads]
    mails = [(one, html_of(envelope)) for one, envelope in sent if not isinstance(envelope, Refused)]
    assert len(mails) >= 200 / STEP
    harmless = html_of(mail_saying("Taro", "letter"))
    unescaped = "<p>[name[<img src=x onerror=pwn()>]name]</p>"
    report = looked_at(browser, tmp_path, [(text, 600) for text in (unescaped, harmless, *(text for _, text in mails))])
    assert report["ran"] == 1, "the one that must run ran, or another one did"
    _, frame, *all_seen = report["seen"]
    for (payload, _), seen in zip(mails, all_seen, strict=True):
        for count in ("elements", "handlers", "targets"):
            assert seen[count] == frame[count], payload
        assert not [one for one in seen["fetched"] if "evil" in one], payload

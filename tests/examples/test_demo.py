"""The demo runs from end to end, on the sample and on people's own files, and leaves all or nothing."""

import csv
import email
import email.policy
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from examples.demo import run
from examples.demo.messages import MESSAGES
from examples.demo.people import luck_of, sample_people
from examples.demo.program import LIFECYCLE, OWN_ATTRIBUTES, TASK, build_program
from nurture import Program, Purpose
from nurture.mail import Kind, check_template, known_names
from nurture.program import all_steps

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SMALL = ("--limit", "150", "--days", "30")

LEADS = """Lead ID,氏名,Mail,会社名,役職,Lead Source,登録日,Visits,Do Not Email
a1,山田 花子,hanako@one.example,株式会社一,部長,seminar,2026-01-05,12,no
a2,佐藤 健,ken@two.example,株式会社二,課長,,2026-01-06,3,no
a3,鈴木 学,,株式会社三,主任,unknown,2026-01-07,7,yes
a4,高橋 彩,aya@four.example,株式会社四,担当,fair,2026-02-31,1,no
a1,山田 花子,hanako@one.example,株式会社一,部長,seminar,2026-01-09,12,no
a5,伊藤 亮,"ryo@five.example,株式会社五,部長,fair,2026-01-09,5,no
a6,渡辺 愛,ai@six.example,株式会社六,部長,fair,2026-01-10,9,no
"""
DEALS = """Lead ID,won_date,amount
a1,2026-01-20,500000
a2,2026-01-02,90000
zz,2026-01-20,1
"""


def total(summary: str, name: str) -> int:
    """The number that stands behind a name in the summary."""
    return int(re.search(rf"^  {name}\s+([\d,]+)", summary, re.MULTILINE).group(1).replace(",", ""))


def mails(folder: Path) -> list[email.message.EmailMessage]:
    return [
        email.message_from_bytes(one.read_bytes(), policy=email.policy.default) for one in (folder / "new").iterdir()
    ]


@pytest.fixture(scope="module")
def shown(tmp_path_factory, checkout):
    """What `make demo` shows and leaves, on a small scale."""
    out = tmp_path_factory.mktemp("demo") / "out"
    command = [sys.executable, str(checkout / "examples/demo/run.py"), *SMALL, "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=out.parent, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return out, done


@pytest.fixture
def own(tmp_path):
    (tmp_path / "leads.csv").write_text(LEADS, encoding="utf-8")
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    return tmp_path


def told_in(path: Path) -> list[dict[str, str]]:
    """The rows of a file of reasons."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def play(folder: Path, *more: str) -> int:
    return run.main(["--leads", str(folder / "leads.csv"), "--days", "20", "--out", str(folder / "out"), *more])


def test_the_folder_holds_everything_and_nothing_lies_beside_it(shown):
    out, _ = shown
    assert {one.name for one in out.iterdir()} == {"mail", "nurture.db", "report.html", "summary.txt", "tasks.csv"}
    assert [one.name for one in out.parent.iterdir()] == [out.name]


def test_it_shows_the_summary_where_things_are_and_how_far_it_has_come(shown):
    out, done = shown
    assert (out / "summary.txt").read_text(encoding="utf-8") in done.stdout
    assert str(out / "report.html") in done.stdout
    assert "100%  2026-02-04" in done.stderr


def test_the_maildir_holds_what_the_summary_counts(shown):
    out, done = shown
    sent, notices = total(done.stdout, "sent"), total(done.stdout, "to colleagues")
    assert sent > 100
    assert notices > 0
    assert len(mails(out / "mail")) == sent + notices


def test_every_mail_goes_to_one_reserved_address_in_the_language_of_its_reader(shown):
    found = mails(shown[0] / "mail")
    texts = [one.get_body(("plain",)).get_content() for one in found]
    assert {one["To"].addresses[0].domain.rsplit(".", 1)[-1] for one in found} <= {"example", "com", "net", "org"}
    assert all(len(one["To"].addresses) == 1 for one in found)
    assert any(re.search(r"^\S+ .*様\s*$", text, re.MULTILINE) for text in texts)
    assert any(text.startswith("Dear ") for text in texts)


def test_marketing_mail_can_be_unsubscribed_from_with_one_click(shown):
    found = [one for one in mails(shown[0] / "mail") if "cases" in one.get_body(("plain",)).get_content()]
    assert found
    assert all(one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" for one in found)


def test_the_same_seed_gives_the_same_report_in_another_process_and_another_seed_another(shown, tmp_path):
    pages = []
    for seed in (7, 8):
        folder = tmp_path / str(seed)
        folder.mkdir()
        run.play(sample_people(150, luck_of(seed)), folder, days=30, seed=seed)
        pages.append((folder / "report.html").read_bytes())
    assert pages[0] == (shown[0] / "report.html").read_bytes()
    assert pages[1] != pages[0]


def test_a_new_run_replaces_the_old_one_but_never_a_folder_of_somebody_else(own, capsys):
    assert play(own) == 0
    assert play(own) == 0
    (own / "out" / "thesis.txt").write_text("mine")
    assert play(own) == 2
    assert "thesis.txt" in capsys.readouterr().err
    assert (own / "out" / "thesis.txt").read_text() == "mine"
    assert sorted(one.name for one in own.iterdir()) == ["deals.csv", "leads.csv", "out"]


def test_an_error_on_the_way_leaves_nothing(own, monkeypatch, capsys):
    def full(_: object) -> str:
        raise OSError("no space left")

    monkeypatch.setattr(run, "write_report", full)
    assert play(own) == 2
    assert "no space left" in capsys.readouterr().err
    assert sorted(one.name for one in own.iterdir()) == ["deals.csv", "leads.csv"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "a header row"),
        ("Comment,Memo\nhello,there\n", "no column is mapped to one of"),
        ("Lead ID,登録日\n", "no row can be used; leads.csv, 0 rows: 0 taken, 0 refused"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(own, capsys, content, said):
    (own / "leads.csv").write_text(content, encoding="utf-8")
    assert play(own) == 2
    assert said in capsys.readouterr().err
    assert not (own / "out").exists()


def test_of_a_file_in_which_every_row_is_wrong_the_reasons_are_left(own, capsys):
    (own / "leads.csv").write_text("Lead ID,登録日\na1,soon\na2,later\n", encoding="utf-8")
    assert play(own) == 2
    said = capsys.readouterr().err
    assert "no row can be used; leads.csv, 2 rows: 0 taken, 2 refused (bad_date 2)" in said
    assert f"row by row: {own / 'out' / 'rejected.csv'}" in said
    assert [(row["row"], row["problem"]) for row in told_in(own / "out" / "rejected.csv")] == [
        ("2", "bad_date"),
        ("3", "bad_date"),
    ]
    assert {one.name for one in (own / "out").iterdir()} == {"columns.txt", "rejected.csv"}
    (own / "leads.csv").write_text(LEADS, encoding="utf-8")
    assert play(own) == 0  # a folder with reasons alone is ours, too


def test_deals_that_name_nobody_at_all_are_refused_with_reasons(own, capsys):
    (own / "deals.csv").write_text("Lead ID,won_date\nx,2026-01-20\ny,\n", encoding="utf-8")
    assert play(own, "--deals", str(own / "deals.csv")) == 2
    said = capsys.readouterr().err
    assert "no deal names a lead" in said
    assert str(own / "out" / "rejected-deals.csv") in said
    assert [row["row"] for row in told_in(own / "out" / "rejected-deals.csv")] == ["2", "3"]


def test_deals_without_a_column_of_ids_are_refused(own, capsys):
    (own / "deals.csv").write_text("Mail,won_date\nhanako@one.example,2026-01-20\n", encoding="utf-8")
    assert play(own, "--deals", str(own / "deals.csv")) == 2
    assert "no deal names a lead" in capsys.readouterr().err
    assert not (own / "out").exists()


def test_rows_that_repeat_a_lead_are_told(own, capsys):
    more = "a7,山田 花子,HANAKO@one.example,株式会社一,部長,fair,2026-01-12,9,no\n"
    clean = "".join(line for line in LEADS.splitlines(keepends=True) if not line.startswith("a5"))
    (own / "leads.csv").write_text(clean + more, encoding="utf-8")
    assert play(own) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "leads.csv, 7 rows: 5 taken, 2 refused (bad_date 1, repeated_id 1)." in said
    assert "Rows that repeat a lead: 2; 1 by its id (refused, see rejected.csv), 1 by its address or number" in said
    assert said.count("4 leads of ") == 1


@pytest.mark.parametrize(("days", "pattern"), [(20, r"^      01-0"), (400, r"^      2026-01-0")])
def test_a_run_longer_than_a_year_tells_the_year_of_its_dates(own, capsys, days, pattern):
    (own / "leads.csv").write_text("Mail,登録日\nx@one.example,2026-01-05\n", encoding="utf-8")
    assert run.main(["--leads", str(own / "leads.csv"), "--days", str(days), "--out", str(own / "out")]) == 0
    assert re.search(pattern, capsys.readouterr().out, re.MULTILINE)
    times = re.findall(r"<time>([^<]+)</time>", (own / "out" / "report.html").read_text(encoding="utf-8"))
    assert {len(one) for one in times} == {len("01-05 00:00" if days < 365 else "2026-01-05 00:00")}


def test_a_segment_shows_who_ever_was_in_it_beside_who_is(tmp_path):
    figures = run.play(sample_people(40, luck_of(7)), tmp_path, days=80, seed=7)
    counted = {one.name: (one.now, one.ever) for one in figures.segments}
    assert counted["silent"][0] < counted["silent"][1] <= figures.leads
    assert counted["seminar_guests"][0] == counted["seminar_guests"][1] > 0  # nobody leaves it
    summary = (tmp_path / "summary.txt").read_text(encoding="utf-8")
    assert re.search(rf"^  silent .*  {counted['silent'][0]}\s+{counted['silent'][1]}$", summary, re.MULTILINE)


def test_own_files_say_what_was_understood_assumed_and_rejected(own, capsys):
    assert play(own, "--deals", str(own / "deals.csv")) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Visits attributes.visits integer" in said
    assert "7 rows: 4 taken, 3 refused" in said
    assert "on the day they were won: 2, of which before the first contact: 1 " in said
    assert "Deals that name nobody in the file of leads: 1;" in said
    assert "Leads without a word about consent: 3." in said
    assert "Leads that refuse mail in the file ('do not email'): 1;" in said
    bad = {(row["row"], row["problem"]) for row in told_in(own / "out" / "rejected.csv")}
    assert bad == {("5", "bad_date"), ("6", "repeated_id"), ("7", "broken_quote")}
    assert "bad_value" in (own / "out" / "rejected-deals.csv").read_text(encoding="utf-8-sig")


def test_a_file_that_speaks_of_consent_is_believed(own, capsys):
    (own / "leads.csv").write_text("Mail,同意\nx@one.example,はい\ny@one.example,\n", encoding="utf-8")
    assert play(own) == 0
    said = capsys.readouterr().out
    assert "Leads whose consent is empty or no in the file: 1;" in " ".join(said.split())
    assert re.search(r"no_consent\s.*\s[1-9]", said)


def test_a_missing_source_is_not_the_source_unknown(own, capsys):
    assert play(own) == 0
    said = capsys.readouterr().out
    assert re.search(r"^  \(none\)\s+1 ", said, re.MULTILINE)
    assert re.search(r"^  unknown\s+1 ", said, re.MULTILINE)


@pytest.mark.parametrize(("invent", "is_withheld"), [("0", True), ("1", False)])
def test_addresses_are_invented_only_when_asked_for(own, capsys, monkeypatch, invent, is_withheld):
    monkeypatch.setenv("INVENT_ADDRESSES", invent)
    (own / "leads.csv").write_text("Lead ID\nb1\nb2\n", encoding="utf-8")
    assert play(own) == 0
    said = capsys.readouterr().out
    assert ("no_address" in said.split("Withheld, and why")[1].split("Scenarios")[0]) is is_withheld
    assert (total(said, "sent") == 0) is is_withheld
    assert "everybody arrives at the start" in " ".join(said.split())


def test_the_program_is_what_the_demo_promises():
    program = build_program()
    assert Program.from_json(program.to_json()) == program
    assert program.warnings == ()
    assert [len(some) for some in (program.scores, LIFECYCLE.stages, program.segments, program.scenarios)] == [
        2,
        5,
        4,
        3,
    ]
    assert {one.purpose for one in program.messages} == set(Purpose) - {Purpose.PROFILING}
    kinds = {step.kind for one in program.scenarios for _, step in all_steps(one.steps)}
    assert kinds == {
        *(
            "act",
            "branch",
            "change_stage",
            "exit",
            "notify",
            "send",
            "set_attribute",
            "split",
            "tag",
            "wait",
            "wait_for",
        )
    }


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: one.name)
def test_every_template_mentions_only_what_there_is(message):
    names = known_names([one.name for one in OWN_ATTRIBUTES], params={"reason"})
    parts = ((message.subject, Kind.SUBJECT), (message.text, Kind.TEXT), (message.html or "", Kind.HTML))
    assert [problem for source, kind in parts for problem in check_template(source, names, kind=kind)] == []


def test_the_action_is_harmless_twice(tmp_path):
    tasks = run.Tasks()
    for _ in range(2):
        tasks("key", "lead_a", {"title": "call", "reason": "keen"})
    tasks.write(tmp_path / "tasks.csv")
    with (tmp_path / "tasks.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert list(csv.reader(stream)) == [["key", "lead", "task"], ["key", "lead_a", "call: keen"]]
    assert TASK in build_program().actions


REAL = {
    "dates, addresses and deals are all absent": (["x_education/leads.csv.gz"], "everybody arrives at the start"),
    "leads with dates, and their deals": (
        ["olist/marketing_qualified_leads.csv", "olist/closed_deals.csv"],
        "Deals recorded as purchases",
    ),
}


@pytest.mark.parametrize("case", REAL)
@pytest.mark.parametrize("invent", ["", "1"])
def test_real_files_run(tmp_path, capsys, monkeypatch, case, invent):
    files, said = REAL[case]
    paths = [DATA / file for file in files]
    if not all(path.exists() for path in paths):
        pytest.skip(f"{paths[0].name} may not be shipped with the project, and is not beside this checkout")
    monkeypatch.setenv("INVENT_ADDRESSES", invent)
    options = ["--leads", str(paths[0]), *(("--deals", str(paths[1])) if len(paths) > 1 else ())]
    assert run.main([*options, "--limit", "60", "--days", "20", "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert said in " ".join(printed.split())
    assert ("no_address" in printed.split("Withheld, and why")[1].split("Scenarios")[0]) is (not invent)
    assert os.path.getsize(tmp_path / "out" / "report.html") > 10_000

"""Why a subject stands where it stands: what each clause saw, and what single change would turn it over."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from nurture import Explanation, Program, Segment, minutes, q
from nurture.model import SubjectId
from nurture.predicates import What
from tests.stores import T0, House, store_maker

PAID = q.touches("order.paid")
PROGRAM = Program(
    segments=[
        Segment("big spenders", PAID.sum("amount") >= 100),
        Segment("chiefs", (q.lead.title == "CEO") & ~q.lead.tags.contains("vip") & (q.lead.name != q.lead.title)),
        Segment("new", q.lead.created_at.ago() < minutes(30)),
        Segment("all", q.everyone),
        Segment("of the fair", q.account.matches(q.account.employees >= 50)),
    ]
)


def explained(folder: Path) -> tuple[House, SubjectId, Explanation]:
    house = House(PROGRAM, store_maker("memory", folder))
    lead = house.crm.capture(email="secret@example.com", name="<Hana>", title="CTO").id
    house.crm.record(lead, "order.paid", properties={"amount": 30})
    house.tick_at(T0 + minutes(1))
    return house, lead, house.crm.explain(lead)


def test_each_segment_says_what_single_change_would_turn_it(tmp_path: Path) -> None:
    _, _, told = explained(tmp_path)
    changes = {one.name: one.changes for one in told.segments}
    (more,) = changes["big spenders"]
    assert (more.what, more.name) == (What.FACT, "order.paid")
    assert more.sentence == "if one more fact came now: at least 1 order.paid (amount is 70)"
    assert [change.sentence for change in changes["chiefs"]] == ['if title is "CEO"']
    assert changes["all"] == ()
    assert [change.name for change in changes["of the fair"]] == ["the account's employees is at least 50"]


def test_they_are_bounded(tmp_path: Path) -> None:
    wide = q.any_of(*(q.lead[name].is_present() for name in ("name", "email", "phone", "title", "company", "zone")))
    house = House(Program(segments=[Segment("known", wide)]), store_maker("memory", tmp_path))
    lead = house.crm.capture(visitor="v1").id
    (segment,) = house.crm.explain(lead).segments
    assert not segment.clause.answer
    assert len(segment.changes) == 5


def test_the_text_says_what_each_clause_saw_and_what_would_turn_it(tmp_path: Path) -> None:
    _, _, told = explained(tmp_path)
    text = str(told)
    for line in (
        "  not in segment big spenders: the sum of amount over order.paid is at least 100 → no [saw 30]",
        "    would hold if one more fact came now: at least 1 order.paid (amount is 70)",
        '    title is "CEO" → no [saw CTO]',
        '    tags contains "vip" → no [saw nothing]',
        "    name is known and is not title → yes [saw <Hana>, against CTO]",
        "  in segment new since 2026-04-01 00:00: created_at is less than 30 minutes ago → yes [saw 1 minute]",
        "  in segment all since 2026-04-01 00:00: everyone → yes",
    ):
        assert line in text.splitlines()
    assert "    would not hold if not (created_at is less than 30 minutes ago)" in text


def test_the_page_says_so_too_and_what_comes_from_outside_is_escaped(tmp_path: Path) -> None:
    _, _, told = explained(tmp_path)
    page = told._repr_html_()
    assert "<small>saw 30</small>" in page
    assert "<li>if one more fact came now: at least 1 order.paid (amount is 70)</li>" in page
    assert "<small>saw &lt;Hana&gt;, against CTO</small>" in page
    assert "<Hana>" not in page


def test_what_was_seen_stands_in_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        explained(tmp_path)
    assert "Hana" not in caplog.text

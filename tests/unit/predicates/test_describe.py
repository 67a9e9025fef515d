"""Sentences, in both languages."""

from datetime import UTC, datetime, timedelta

import pytest

from nurture.model import Origin
from nurture.predicates import AnyOf, describe, q

views = q.touches("page.viewed")


@pytest.mark.parametrize(
    ("predicate", "english", "japanese"),
    [
        (q.lead.title == "CTO", 'title is "CTO"', "「title」が「CTO」である"),
        (q.account.employees >= 50, "the account's employees is at least 50", "会社の「employees」が50以上である"),
        (q.lead.x.is_in(["a", "b"]), 'x is one of "a", "b"', "「x」が「a」、「b」のいずれかである"),
        (q.lead.x.is_present(), "x is present", "「x」が入力済みである"),
        (views.never(), "no page.viewed", "page.viewedが一度もない"),
        (
            views.within(days=14).count() >= 3,
            "at least 3 page.viewed in the last 14 days",
            "過去14日以内のpage.viewedが3回以上",
        ),
        (
            views.where(q.prop("path") == "/").on("web"),
            'at least 1 page.viewed (path is "/", on web)',
            "page.viewed（「path」が「/」である、経路がweb）が1回以上",
        ),
        (
            q.touches().within(hours=36),
            "at least 1 fact (by the lead) in the last 36 hours",
            "過去36時間以内の行動（発生元がlead）が1回以上",
        ),
        (
            views.by(Origin.HOST).last(q.prop("p") == 1),
            "the newest page.viewed (by the host) has p is 1",
            "最新のpage.viewed（発生元がhost）で「p」が1である",
        ),
        (q.score("warm") >= 40, "the score warm is at least 40", "スコア「warm」が40以上である"),
        (q.stage != "new", "the stage is not new", "ステージが「new」ではない"),
        (q.stage.is_in(["a", "b"]), "the stage is a or b", "ステージが「a」か「b」である"),
        (
            q.time_in_stage > timedelta(days=30),
            "the time in the stage is above 30 days",
            "ステージの滞在期間が30日より大きい",
        ),
        (~q.segment("hot"), "not in the segment hot", "セグメント「hot」に属さない"),
        (q.everyone, "everyone", "全員"),
        (AnyOf(()), "nobody", "該当なし"),
        (
            (q.stage == "a") & (views | q.segment("hot")),
            "the stage is a and (at least 1 page.viewed or in the segment hot)",
            "ステージが「a」である、かつ（page.viewedが1回以上、またはセグメント「hot」に属する）",
        ),
        (
            q.lead.created_at < datetime(2026, 3, 1, 9, tzinfo=UTC),
            "created_at is below 2026-03-01 09:00 UTC",
            "「created_at」が2026-03-01 09:00 UTCより小さい",
        ),
    ],
)
def test_a_predicate_in_words(predicate, english: str, japanese: str) -> None:
    assert describe(predicate) == english
    assert describe(predicate, "ja") == describe(predicate, "ja-JP") == japanese


def test_braces_in_a_name_are_said_as_they_stand() -> None:
    assert describe(q.lead["{value}"] == "{field}") == '{value} is "{field}"'

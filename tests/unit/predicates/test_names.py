"""The check finds every problem at once, and names the near misses."""

from functools import reduce

from nurture.model.decay import Scale
from nurture.predicates import ACCOUNT_FIELDS, LEAD_FIELDS, All, FieldType, Names, check, q

names = Names(
    segments={"hot": q.score("warm") >= 40, "a": q.segment("b"), "b": q.segment("c"), "c": ~q.segment("a")},
    scales={"warm": Scale()},
    stages=("new", "mql"),
    lead_fields={**LEAD_FIELDS, "seats": FieldType.INTEGER, "vip": FieldType.BOOLEAN},
)


def problems(predicate) -> list[str]:
    return check(predicate, names, "segment hot")


def test_a_right_predicate_has_no_problem() -> None:
    good = (
        (q.lead.title.contains("CTO")) & (q.lead.seats >= 2.5) & q.lead.vip.is_true() & q.lead.tags.contains("vip")
        & (q.account.employees.is_in([1, 2])) & (q.stage == "new") & q.segment("hot") & q.lead.seats.is_missing()
        & q.touches("page.viewed").where(q.prop("anything") == 1).last(q.prop("else").is_in(["a", 1]))
    )  # fmt: skip
    assert problems(good) == []


def test_all_problems_come_at_once_with_near_misses() -> None:
    bad = (
        (q.lead.tittle == "x") & (q.account.industri == "x") & (q.score("wram") >= 1) & (q.stage == "mqll")
        & q.segment("hott") & (q.lead.title >= 3) & (q.lead.seats == "many") & (q.prop("path") == "/")
    )  # fmt: skip
    found = problems(bad)
    assert len(found) == 8
    assert all(one.startswith("segment hot: ") for one in found)
    text = "\n".join(found)
    for part in (
        "unknown lead field 'tittle'; did you mean 'title'",
        "unknown account field 'industri'; did you mean 'industry'",
        "unknown score model 'wram'; did you mean 'warm'",
        "unknown stage 'mqll'; did you mean 'mql'",
        "unknown segment 'hott'; did you mean 'hot'",
        "lead.title holds text; >= does not fit, these do: ==, !=",
        "lead.seats holds integer; compared with text it is never true",
        "asked outside q.touches",
    ):
        assert part in text


def test_a_circle_of_segments_is_told_once_with_its_path() -> None:
    (found,) = problems(q.segment("a") & q.segment("a"))
    assert found == "segment hot: segments go in a circle: a → b → c → a"


def test_size_and_depth_are_limited() -> None:
    deep = reduce(lambda inner, _: All((inner,)), range(16), q.everyone)
    assert problems(deep) == ["segment hot: nested 17 deep; at most 16"]
    wide = All(tuple(q.everyone for _ in range(500)))
    assert problems(wide) == ["segment hot: 501 nodes; at most 500"]


def test_the_built_in_fields_have_types() -> None:
    assert LEAD_FIELDS["email"] is FieldType.TEXT
    assert LEAD_FIELDS["tags"] is FieldType.TEXTS
    assert LEAD_FIELDS["created_at"] is FieldType.INSTANT
    assert ACCOUNT_FIELDS["employees"] is FieldType.INTEGER


def test_names_are_equal_by_value_so_that_a_caller_can_cache_by_them() -> None:
    assert Names(stages=("a",)) == Names(stages=("a",))
    assert hash(Names(scales={"m": Scale()})) == hash(Names(scales={"m": Scale()}))

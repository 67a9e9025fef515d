"""Segments put in their place."""

import pytest

from nurture import days
from nurture.errors import DefinitionError, NotCompilableError, UnknownNameError
from nurture.model import SubjectKind
from nurture.predicates import Names, inlined, q
from nurture.predicates.inline import MAX_INLINED, MAX_UNFOLDED, require_unfoldable, unfolded_size

NAMES = Names(segments={"hot": q.touches("page.viewed") & q.segment("warm"), "warm": q.score("s") >= 3})


def test_every_segment_gives_way_to_its_meaning() -> None:
    hot = q.touches("page.viewed") & (q.score("s") >= 3)
    assert inlined(~q.segment("hot") | q.segment("warm"), NAMES) == ~hot | (q.score("s") >= 3)
    assert inlined(q.stage == "new", NAMES) == (q.stage == "new")


def test_an_unknown_segment_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'hot'"):
        inlined(q.segment("hott"), NAMES)


def test_the_account_has_segments_of_its_own() -> None:
    of_accounts = Names(subject=SubjectKind.ACCOUNT, segments={"hot": q.account.employees >= 50}, other=NAMES)
    of_leads = Names(segments=NAMES.segments, other=of_accounts)
    asked = q.account.matches(q.segment("hot") & (q.account.leads.where(q.segment("warm")).count() >= 2))
    people = q.account.leads.where(q.score("s") >= 3).count() >= 2
    assert inlined(asked, of_leads) == q.account.matches((q.account.employees >= 50) & people)
    with pytest.raises(UnknownNameError, match="unknown segment 'hot'; no segment is declared"):
        inlined(q.account.matches(q.segment("hot")), NAMES)


def test_how_long_one_has_been_a_member_is_asked_of_the_membership_that_is_kept() -> None:
    asked = q.time_in_segment("hot") >= days(3)
    assert inlined(asked, NAMES) == asked


def test_segments_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    doubling = {f"s{n + 1}": q.segment(f"s{n}") & ~q.segment(f"s{n}") for n in range(40)}
    names = Names(segments={"s0": q.everyone, **doubling})
    assert inlined(q.segment("s5"), names) == inlined(q.segment("s4") & ~q.segment("s4"), names)
    with pytest.raises(DefinitionError, match=f"more than {MAX_INLINED} nodes"):
        inlined(q.segment("s40"), names)


def test_a_long_chain_of_segments_is_refused() -> None:
    names = Names(segments={"s0": q.everyone, **{f"s{n + 1}": ~q.segment(f"s{n}") for n in range(100)}})
    with pytest.raises(DefinitionError, match="nested more than 64 deep"):
        inlined(q.segment("s100"), names)
    assert inlined(q.segment("s63"), names) == inlined(~q.segment("s62"), names)


def test_the_unfolded_size_counts_each_segment_where_it_is_named() -> None:
    names = Names(segments={"s0": q.stage == "new", "s1": q.segment("s0") & ~q.segment("s0")})
    assert unfolded_size(q.stage == "new", names) == 1
    assert unfolded_size(q.segment("s0"), names) == 2
    assert unfolded_size(q.segment("s1"), names) == 1 + 1 + 2 + 1 + 2


def test_the_unfolded_size_follows_the_account_and_its_people() -> None:
    of_accounts = Names(subject=SubjectKind.ACCOUNT, segments={"big": ~~(q.account.employees >= 50)})
    of_leads = Names(segments={"big": q.score("s") >= 3}, other=of_accounts)
    assert unfolded_size(q.account.matches(q.segment("big")), of_leads) == 1 + 1 + unfolded_size(
        of_accounts.segments["big"], of_accounts
    )
    asked = q.account.matches(q.account.leads.where(q.segment("big")).count() >= 2)
    assert unfolded_size(asked, of_leads) == 1 + 1 + 1 + 1  # the people's segment is that of the leads


def test_circles_and_unknown_segments_are_counted_once() -> None:
    names = Names(segments={"a": q.segment("b"), "b": ~q.segment("a")})
    assert unfolded_size(q.segment("a"), names) == 4
    assert unfolded_size(q.segment("nowhere"), names) == 1


def test_segments_that_multiply_are_counted_without_being_unfolded() -> None:
    doubling = {f"s{n + 1}": q.segment(f"s{n}") & ~q.segment(f"s{n}") for n in range(60)}
    names = Names(segments={"s0": q.everyone, **doubling})
    assert unfolded_size(q.segment("s60"), names) > 2**60
    require_unfoldable("sql", q.segment("s8"), names)
    with pytest.raises(NotCompilableError, match=f"more than {MAX_UNFOLDED} nodes"):
        require_unfoldable("sql", q.segment("s60"), names)


def test_a_chain_of_segments_too_deep_to_follow_is_too_large() -> None:
    names = Names(segments={"s0": q.everyone, **{f"s{n + 1}": q.segment(f"s{n}") for n in range(5_000)}})
    assert unfolded_size(q.segment("s63"), names) == 65
    assert unfolded_size(q.segment("s5000"), names) > MAX_UNFOLDED

"""Segments put in their place."""

import pytest

from nurture import days
from nurture.errors import DefinitionError, UnknownNameError
from nurture.model import SubjectKind
from nurture.predicates import Names, inlined, q
from nurture.predicates.inline import MAX_INLINED

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

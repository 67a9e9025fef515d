"""Segments put in their place."""

import pytest

from nurture.errors import UnknownNameError
from nurture.predicates import Names, inlined, q

NAMES = Names(segments={"hot": q.touches("page.viewed") & q.segment("warm"), "warm": q.score("s") >= 3})


def test_every_segment_gives_way_to_its_meaning() -> None:
    hot = q.touches("page.viewed") & (q.score("s") >= 3)
    assert inlined(~q.segment("hot") | q.segment("warm"), NAMES) == ~hot | (q.score("s") >= 3)
    assert inlined(q.stage == "new", NAMES) == (q.stage == "new")


def test_an_unknown_segment_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'hot'"):
        inlined(q.segment("hott"), NAMES)

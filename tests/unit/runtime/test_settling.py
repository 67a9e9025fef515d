"""The fact that tells what became of an effect: what it says of the other side's receipt, and what it never says."""

import pytest

from nurture.model import EffectState
from nurture.runtime.settling import settled
from tests.unit.decisions.test_gate import NOW, an_effect


@pytest.mark.parametrize(
    ("receipt", "kept"),
    [
        ("0100-ses", "0100-ses"),
        ("2.0.0 <lead1@example.com> x4711 Saved", "2.0.0 x4711 Saved"),
        ("for\u3000花子＠example.com 4711", "for 4711"),
        ("4711\x00\u202e\u2028", "4711"),
        ("x" * 999, "x" * 200),
    ],
)
def test_the_fact_says_under_which_id_the_other_side_has_it(receipt: str, kept: str) -> None:
    ended, fact = settled(an_effect(), EffectState.ACCEPTED, "", NOW, receipt=receipt)
    assert (ended.state, fact.kind, fact.properties["receipt"]) == (EffectState.ACCEPTED, "email.sent", kept)


@pytest.mark.parametrize("receipt", ["", "lead1@example.com", " ", None, 4711])
def test_a_receipt_that_says_nothing_is_left_out(receipt: str) -> None:
    _, fact = settled(an_effect(), EffectState.ACCEPTED, "", NOW, receipt=receipt)
    assert "receipt" not in fact.properties

"""Consent is never invented, a refusal is never lost."""

import pytest

from nurture.intake.consents import read_consent, read_refusal
from nurture.model.consent import Basis


@pytest.mark.parametrize(
    ("cell", "basis"),
    [
        ("consent", Basis.CONSENT),
        ("Yes", Basis.CONSENT),
        ("同意済み", Basis.CONSENT),
        ("Opt-In", Basis.CONSENT),
        ("paper card", Basis.PAPER_CARD),
        ("名刺", Basis.PAPER_CARD),
        ("取引先", Basis.RELATION),
        ("お問い合わせ", Basis.INQUIRY),
        ("Inquiry", Basis.INQUIRY),
        ("published", Basis.PUBLISHED),
        ("legitimate interest", Basis.LEGITIMATE_INTEREST),
    ],
)
def test_a_basis_is_understood(cell, basis):
    assert read_consent(cell) == (basis, False, True)


@pytest.mark.parametrize("cell", ["no", "0", "同意なし", "未同意", "いいえ", "FALSE"])
def test_a_plain_no_gives_nothing_and_refuses_nothing(cell):
    assert read_consent(cell) == (None, False, True)


@pytest.mark.parametrize("cell", ["拒否", "Opt-out", "unsubscribed", "配信停止", "希望しない"])
def test_a_refusal_in_a_consent_column_counts(cell):
    assert read_consent(cell) == (None, True, True)


@pytest.mark.parametrize("cell", ["maybe", "see mail", "2", "同意?"])
def test_an_unclear_word_gives_no_consent(cell):
    assert read_consent(cell) == (None, False, False)


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("Yes", (True, True)),
        ("1", (True, True)),
        ("不可", (True, True)),
        ("NG", (True, True)),
        ("No", (False, True)),
        ("0", (False, True)),
        ("可", (False, True)),
        ("希望する", (False, True)),
        ("×", (True, False)),
        ("ask first", (True, False)),
    ],
)
def test_an_unclear_refusal_counts_as_one(cell, answer):
    assert read_refusal(cell) == answer

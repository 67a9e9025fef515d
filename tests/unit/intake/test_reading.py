"""What counts as missing."""

import pytest

from nurture.intake.reading import Reading, fold


@pytest.mark.parametrize("cell", ["", "  ", "　", "Select", "N/A", "NULL", "nan", "選択してください", "－"])
def test_placeholders_mean_missing(cell):
    assert Reading().is_missing(cell)


@pytest.mark.parametrize("cell", ["unknown", "Unknown", "不明", "0", "None given", "no", "NA"])
def test_an_answer_is_not_missing(cell):
    assert not Reading().is_missing(cell)


def test_placeholders_can_be_chosen():
    reading = Reading(placeholders=frozenset({"", "999"}))
    assert reading.is_missing("999")
    assert not reading.is_missing("Select")


def test_folding_serves_comparison():
    assert fold(" Ｎ／Ａ　") == "n/a"

"""Invariant 4: ids and Message-IDs are pure functions of identity, equal across processes and releases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nurture.mail.site import message_id
from nurture.model.ids import (
    SubjectKind,
    account_id,
    digest,
    effect_key,
    enrollment_id,
    fact_id,
    is_account,
    lead_id,
    subject_kind,
)
from tests.stores import SITE

GOLDEN = Path(__file__).parents[2] / "golden" / "ids.json"
TENANTS = ("default", "東京", "a:b", "1")
STEPS = ("0", "1.then.0", "2.otherwise.10", "0.seen.1.a.0", "12")


def computed() -> list[dict[str, object]]:
    """Two hundred identities and what follows from each."""
    found: list[dict[str, object]] = []
    for number in range(200):
        tenant, step = TENANTS[number % 4], STEPS[number % 5]
        enrollment = enrollment_id(tenant, f"lead_{number}", "welcome", "k" * (number % 3), f"fact_{number}")
        key = effect_key(tenant, enrollment, step, number % 7)
        found.append(
            {
                "identity": [tenant, number, step, number % 7],
                "enrollment": enrollment,
                "effect": key,
                "message_id": message_id(key, SITE),
                "fact": fact_id(tenant, f"lead_{number}", f"page.viewed:{number}"),
                "lead": lead_id(tenant, f"email:a{number}@example.com", "" if number % 2 else "1"),
                "account": account_id(tenant, f"domain:{number}.example"),
            }
        )
    return found


def test_i4_two_hundred_golden_identities_are_what_they_were() -> None:
    assert computed() == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_i4_they_are_equal_in_another_process_with_another_hash_seed(checkout: Path) -> None:
    script = "import json; from tests.unit.model.test_ids import computed; print(json.dumps(computed()))"
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": str(checkout)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True, cwd=checkout
    )
    assert json.loads(done.stdout) == computed()


parts = st.lists(st.text(max_size=6), min_size=1, max_size=4)


@given(parts, parts)
def test_i4_different_parts_never_share_an_id(one: list[str], other: list[str]) -> None:
    assert (digest("fact", *one) == digest("fact", *other)) == (one == other)


@given(parts)
def test_an_id_is_its_prefix_and_26_letters_and_digits(some: list[str]) -> None:
    found = digest("lead", *some)
    assert found.startswith("lead_")
    assert len(found) == 31
    assert found[5:].isalnum()
    assert found == found.lower()


def test_an_id_says_what_its_subject_is() -> None:
    assert subject_kind(account_id("t", "x")) is SubjectKind.ACCOUNT
    assert subject_kind(lead_id("t", "x")) is SubjectKind.LEAD
    assert is_account(account_id("t", "x"))
    assert not is_account(lead_id("t", "acct_"))


def test_what_an_id_names_is_part_of_it() -> None:
    assert len({digest(prefix, "a")[-26:] for prefix in ("lead", "acct", "fact", "enr", "eff")}) == 5

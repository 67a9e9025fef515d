"""Giving the subject an owner: by name, by draw, by a value."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b

import pytest

from nurture import q
from nurture.errors import DefinitionError
from nurture.model import Value
from nurture.steps import Assign, Go, Territory, ValueOrder, assign
from tests.unit.steps.scenes import GivenScene


def to(owner: str) -> Go:
    return Go(orders=(ValueOrder("owner", owner),), saw={"owner": owner})


class Person(GivenScene):
    """Somebody who draws as people do: by a hash of who they are and what is drawn."""

    def share(self, name: str) -> float:
        found = blake2b(f"{self.stop}:{name}".encode(), digest_size=8).digest()
        return int.from_bytes(found, "big") / 2**64


def drawn(step: Assign, person: int) -> str:
    move = step.arrive(Person(stop=str(person)))
    assert isinstance(move, Go)
    return str(move.saw["owner"])


def test_one_person_gets_everybody() -> None:
    assert assign("tanaka").arrive(GivenScene()) == to("tanaka")


def test_an_owner_who_is_there_stays_if_asked() -> None:
    known = GivenScene(values={"owner": "sato"})
    assert assign("tanaka").arrive(known) == to("tanaka")
    assert assign("tanaka", keep=True).arrive(known) == Go(saw={"kept": True})
    assert assign("tanaka", keep=True).arrive(GivenScene()) == to("tanaka")


def test_shares_go_by_weight() -> None:
    step = assign(among={"tanaka": 1, "sato": 3})
    found = Counter(drawn(step, person) for person in range(2_000))
    assert 400 < found["tanaka"] < 600
    assert found["tanaka"] + found["sato"] == 2_000


def test_whoever_joins_takes_only_a_share_of_their_own() -> None:
    before, after = assign(among=["tanaka", "sato"]), assign(among=["kato", "sato", "tanaka"])
    people = range(1_000)
    moved = [person for person in people if drawn(before, person) != drawn(after, person)]
    assert {drawn(after, person) for person in moved} == {"kato"}
    assert 250 < len(moved) < 420


@pytest.mark.parametrize(
    ("value", "owner"),
    [("東京都", "tanaka"), ("大阪府", "sato"), ("沖縄県", "pool"), (None, "pool"), (1, "one"), (True, "pool")],
)
def test_it_goes_by_a_value(value: Value, owner: str) -> None:
    known: dict[str, str] = {"東京都": "tanaka", "大阪府": "sato"}
    step = assign(by=q.lead.prefecture, to={**known, 1: "one"}, otherwise="pool")  # type: ignore[dict-item]
    assert step.arrive(GivenScene(values={"prefecture": value})) == to(owner)


def test_without_anybody_for_the_rest_the_owner_stays() -> None:
    step = assign(by=q.lead.prefecture, to={"東京都": "tanaka"})
    assert step.arrive(GivenScene(values={"prefecture": "沖縄県"})) == Go(saw={"owner": ""})


@pytest.mark.parametrize(
    "wrong",
    [
        assign(),
        assign("tanaka", among=["sato"]),
        assign(""),
        assign("tanaka", otherwise="sato"),
        assign(among={"tanaka": 0}),
        assign(among=["tanaka", "tanaka"]),
        assign(among={"tanaka": float("inf")}),
        assign(by=q.lead.prefecture),
        assign(by=q.prop("prefecture"), to={"a": "b"}),
        Assign(by=q.lead.prefecture.field_, to=(Territory("a", "b"), Territory("a", "c"))),
    ],
)
def test_what_cannot_be_meant_is_a_problem(wrong: Assign) -> None:
    assert len(list(wrong.problems())) == 1


def test_several_owners_are_several() -> None:
    for wrong in ("tanaka", 5, q.lead.owner):
        with pytest.raises(DefinitionError, match=r"assign\.among: expected"):
            assign(among=wrong)  # type: ignore[arg-type]

"""The contact policy as it is declared: laws, sharing and holds, checked with near misses, to JSON and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

from nurture import Attribute, Cap, ContactPolicy, Lead, Message, Program, Scenario, civil, days, q
from nurture.errors import DefinitionError
from nurture.model import Basis, LeadId, Purpose, SubjectId
from nurture.program import (
    CAN_SPAM,
    CASL,
    GDPR,
    JAPAN,
    Ground,
    Hold,
    Jurisdiction,
    Sharing,
    SharingGround,
    Shown,
    Topic,
)
from nurture.program.diff import diff
from nurture.steps import send
from nurture.testing.strategies import policies

LAWS = (JAPAN, GDPR, CAN_SPAM, CASL)
HELLO = Message("hello", "marketing", "Hello", "Hello")
BRAND = Message("brand", "marketing", "Hello", "Hello", entity="brand")
WELCOME = Scenario("welcome", q.touches("form.submitted"), [send("hello")])
NEWS = Topic("news")


def problems(make: Callable[[], object]) -> str:
    with pytest.raises(DefinitionError) as caught:
        make()
    return "\n".join(caught.value.problems)


def of_policy(**given: object) -> str:
    def make() -> Program:
        policy = ContactPolicy(**given)  # type: ignore[arg-type]
        return Program(messages=[HELLO, BRAND], topics=[NEWS], scenarios=[WELCOME], policy=policy)

    return problems(make)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"jurisdiction": "JPP", "jurisdictions": LAWS}, "policy.jurisdiction: unknown jurisdiction 'JPP'; did you"),
        ({"jurisdiction": "JP"}, "policy.jurisdiction: unknown jurisdiction 'JP'; no jurisdiction is declared"),
        ({"jurisdiction_from": "local", "jurisdictions": LAWS}, "did you mean 'locale'"),
        ({"jurisdiction_from": "locale"}, "expected policy.jurisdictions that the attribute can name"),
        ({"jurisdiction_from": "created_at", "jurisdictions": LAWS}, "expected a field that holds text"),
        ({"jurisdictions": [JAPAN, attrs.evolve(JAPAN, name="J")]}, "'jpn' means 2 laws"),
        ({"jurisdictions": [Jurisdiction(name="X")]}, "policy.jurisdictions.X.grounds: expected at least one"),
        ({"jurisdictions": [attrs.evolve(CAN_SPAM, confirmed=True)]}, "policy.jurisdictions.US.confirmed"),
        ({"jurisdictions": [attrs.evolve(JAPAN, grounds=[Ground("consent"), Ground("consent")])]}, "stands 2 times"),
        (
            {"jurisdictions": [attrs.evolve(JAPAN, grounds=[Ground("relation", days(-1))])]},
            "policy.jurisdictions.JP.grounds.relation.lasts: expected between nothing and 100 years",
        ),
        ({"jurisdictions": [attrs.evolve(JAPAN, keeps=days(-1))]}, "policy.jurisdictions.JP.keeps"),
        ({"jurisdictions": [attrs.evolve(JAPAN, name="")]}, "expected a name of 1 to 100 characters"),
        ({"sharing": [Sharing("", "brnad", "joint_use", "x")]}, "unknown entity 'brnad'; did you mean 'brand'"),
        ({"sharing": [Sharing("brand", "brand", "joint_use", "x")]}, "giver and taker are the same entity"),
        ({"sharing": [Sharing("", "brand", "joint_use", " ")]}, "policy.sharing[0].record"),
        ({"sharing": [Sharing("", "brand", "joint_use", "x")] * 2}, "'' → 'brand' stands 2 times"),
        ({"holds": [Hold("not a word", q.everyone)]}, "expected a name that a reason can carry"),
        ({"holds": [Hold("x", q.everyone), Hold("x", q.everyone)]}, "policy.holds: the name 'x' stands 2 times"),
        ({"holds": [Hold("x", q.lead.titel == "x")]}, "policy.holds.x.where"),
        ({"holds": [Hold("x", q.everyone, ["internal"])]}, "policy.holds.x.purposes"),
        ({"holds": [Hold("x", q.everyone, [])]}, "policy.holds.x.purposes"),
        (
            {"holds": [Hold("x", q.everyone, scenarios="welcom")]},
            "policy.holds.x.scenarios: unknown scenario 'welcom'; did you mean 'welcome'?",
        ),
        ({"holds": [Hold("x", q.everyone, topics=["new"])]}, "unknown topic 'new'; did you mean 'news'?"),
        ({"holds": [Hold("x", q.everyone, topics=["news"] * 2)]}, "policy.holds.x.topics: the name 'news' stands 2"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(given: dict[str, object], said: str) -> None:
    assert said in of_policy(**given)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Ground("consnt"),
        lambda: Sharing("", "brand", "joint", "x"),
        lambda: Hold("x", q.everyone, ["marketin"]),
        lambda: Hold("x", True),  # type: ignore[arg-type]
        lambda: Hold("x", q.everyone, scenarios=5),  # type: ignore[arg-type]
        lambda: Hold("x", q.everyone, topics=["news", 5]),  # type: ignore[list-item]
        lambda: Jurisdiction(name="x", shows=["nam"]),
        lambda: ContactPolicy(jurisdictions=["JP"]),  # type: ignore[list-item]
        lambda: ContactPolicy(sharing=[("", "brand")]),  # type: ignore[list-item]
        lambda: ContactPolicy(holds=[q.everyone]),  # type: ignore[list-item]
    ],
)
def test_what_is_of_another_kind_is_refused_at_once(make: Callable[[], object]) -> None:
    assert problems(make)


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ([Topic("news"), Topic("news")], "topics: 'news' for marketing stands 2 times"),
        ([Topic("news", purpose="internal")], "topics.news.purpose"),
        ([Topic("")], "topics: expected a name"),
    ],
)
def test_topics_are_checked(topic: list[Topic], said: str) -> None:
    assert said in problems(lambda: Program(topics=topic))


def test_one_name_may_be_a_topic_of_each_purpose_and_sender() -> None:
    Program(topics=[Topic("news"), Topic("news", purpose="transactional"), Topic("news", entity="brand")])


def test_every_part_goes_to_json_and_back() -> None:
    policy = ContactPolicy(
        caps=Cap(2, days(7)),
        jurisdiction="JP",
        jurisdiction_from="country",
        jurisdictions=[attrs.evolve(JAPAN, grounds=[Ground("consent", civil(years=1)), Ground("relation", days(9))])],
        sharing=[Sharing("", "brand", SharingGround.THIRD_PARTY, "契約 12")],
        holds=[Hold("dispute", q.account.industry == "x", ["marketing", "transactional"])],
    )
    program = Program(messages=[BRAND], attributes=[Attribute("country")], policy=policy)
    again = Program.from_json(program.to_json())
    assert again == program
    assert again.hash == program.hash


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(policies(("", "brand")))
def test_any_policy_goes_to_json_and_back(policy: ContactPolicy) -> None:
    program = Program(messages=[HELLO, BRAND], policy=policy)
    assert Program.from_json(program.to_json()) == program


def test_a_policy_that_says_nothing_of_laws_writes_nothing_of_them() -> None:
    assert "policy" not in Program(messages=[HELLO]).to_json()["program"]  # type: ignore[operator]


def test_the_laws_are_found_by_name_or_country_whatever_the_letter_case() -> None:
    policy = ContactPolicy(jurisdictions=LAWS)
    assert policy.law("jp") is JAPAN
    assert policy.law(" de ") is GDPR
    assert policy.law("日本") is JAPAN
    assert policy.law("") is None
    assert policy.law("GB") is None


def test_the_law_of_a_lead_is_that_of_its_attribute_else_the_policys() -> None:
    lead = Lead(
        id=LeadId(SubjectId("lead_1")), email="a@b.jp", created_at=datetime(2026, 4, 1, tzinfo=UTC), locale="US"
    )
    assert ContactPolicy(jurisdictions=LAWS).law_for(lead) is None
    assert ContactPolicy(jurisdictions=LAWS, jurisdiction="JP").law_for(lead) is JAPAN
    by_locale = ContactPolicy(jurisdictions=LAWS, jurisdiction="JP", jurisdiction_from="locale")
    assert by_locale.law_for(lead) is CAN_SPAM
    assert by_locale.law_for(attrs.evolve(lead, locale="xx")) is JAPAN
    assert by_locale.law_for(None) is JAPAN


def test_japans_law_holds_for_mail_and_sms_and_not_for_line() -> None:
    assert [JAPAN.holds_on(channel) for channel in ("email", "sms", "line", "call")] == [True, True, False, False]
    assert CASL.holds_on("line")


@pytest.mark.parametrize("law", LAWS)
def test_every_law_shows_all_that_the_footer_shows(law: Jurisdiction) -> None:
    assert set(law.shows) == set(Shown)
    assert law.keeps


def test_a_law_can_be_changed_by_the_host() -> None:
    strict = attrs.evolve(JAPAN, grounds=[Ground(Basis.CONSENT, timedelta(days=365))])
    assert strict.ground(Basis.PAPER_CARD) is None
    assert strict.ground(Basis.CONSENT) == Ground(Basis.CONSENT, days(365))


def test_a_hold_that_names_scenarios_and_topics_goes_to_json_and_yaml_and_back() -> None:
    holds = [Hold("talks", q.lead.title == "x", scenarios=["welcome"], topics=["news"]), Hold("all", q.everyone)]
    program = Program(messages=[HELLO], topics=[NEWS], scenarios=[WELCOME], policy=ContactPolicy(holds=holds))
    assert Program.from_json(program.to_json()) == program
    assert Program.from_yaml(json.dumps(program.to_json())) == program
    written = program.to_json()["program"]["policy"]["holds"]  # type: ignore[index]
    assert (written[0]["scenarios"], written[0]["topics"]) == (["welcome"], ["news"])
    assert set(written[1]) == {"name", "where"}


def test_what_changed_in_a_hold_is_told() -> None:
    holds = (Hold("talks", q.everyone), Hold("gone", q.everyone))
    old = Program(topics=[NEWS], policy=ContactPolicy(holds=holds))
    new = attrs.evolve(old, policy=ContactPolicy(holds=[Hold("talks", q.lead.title == "x", topics="news")]))
    assert str(diff(old, new)).splitlines() == [
        'policy.holds.talks.where changed from everyone to title is "x"',
        "policy.holds.talks.topics changed from nothing to 'news'",
        "policy.holds.gone removed: gone",
    ]
    assert not diff(old, attrs.evolve(old, policy=ContactPolicy(holds=holds[::-1])))


def test_a_hold_concerns_marketing_unless_told_otherwise() -> None:
    assert Hold("x", q.everyone).purposes == (Purpose.MARKETING,)


def test_where_several_are_meant_one_by_itself_is_enough() -> None:
    law = Jurisdiction(name="X", countries="JP", channels="email", grounds=Ground("consent"), shows="name")
    assert (law.countries, law.channels, law.grounds, law.shows) == (
        ("JP",), ("email",), (Ground("consent"),), (Shown.NAME,),
    )  # fmt: skip
    hold = Hold("inquiry", q.lead.title == "x", "marketing", scenarios="welcome", topics="news")
    assert (hold.purposes, hold.scenarios, hold.topics) == ((Purpose.MARKETING,), ("welcome",), ("news",))
    shared = Sharing("", "brand", "joint_use", "notice")
    policy = ContactPolicy(jurisdiction="jp", jurisdictions=law, sharing=shared, holds=hold)
    assert (policy.jurisdictions, policy.sharing, policy.holds) == ((law,), (shared,), (hold,))
    assert policy.law("JP") is law

"""What people allow and refuse, through the host's object: senders, topics, everything, double opt-in, profiling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from nurture import (
    Basis,
    Consent,
    ContactPolicy,
    Lead,
    Message,
    Nurture,
    Program,
    Purpose,
    Scenario,
    ScoreModel,
    ScoreRule,
    Segment,
    days,
    hours,
    q,
)
from nurture.errors import DefinitionError, NotFoundError, UnknownNameError
from nurture.mail.links import TEST_LEAD, make_confirm_link, make_unsubscribe_link
from nurture.model import ANY_CHANNEL, ANY_ENTITY, DOUBLE_OPT_IN, Effect, EffectState, Fact, LeadId, Touchpoint
from nurture.ports import Storage
from nurture.program import Sharing, Topic, asked_in, double_opt_in
from nurture.program.double_opt_in import LINK_LIFE
from nurture.runtime.addresses import places_of
from nurture.simulation import NullSender
from nurture.steps import send
from nurture.storage import MemoryStorage
from tests.stores import GROUP_SITE, IDENTITY, SITE, STORES, T0, House, store_maker

SECOND = timedelta(seconds=1)
PROGRAM = Program(
    messages=[
        Message("news", "marketing", "News", "News", topic="news"),
        Message("events", "marketing", "Events", "Events", topic="events"),
        Message("brand", "marketing", "Brand", "Brand", entity="brand"),
        Message("invoice", "transactional", "Invoice", "Invoice"),
        Message("confirm", "transactional", "Please confirm", "{{ confirm_url }}"),
    ],
    topics=[Topic("news"), Topic("events")],
    scores=[ScoreModel("interest", [ScoreRule(q.touches("page.viewed"), 10), ScoreRule(q.lead.title == "x", 20)])],
    segments=[Segment("warm", q.score("interest") >= 20)],
    scenarios=[
        *(
            Scenario(name, q.touches(f"{name}.wanted"), [send(name)], reentry="always")
            for name in ("news", "events", "brand", "invoice")
        ),
        double_opt_in("confirm", deadline=days(2)),
    ],
)


@pytest.fixture(params=STORES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    made = House(PROGRAM, store_maker(request.param, tmp_path), render=False, site=GROUP_SITE)
    yield made
    made.crm.close()


def someone(house: House) -> LeadId:
    lead = house.crm.capture(email="ada@example.com", phone="03-0000-1234", consent=Basis.CONSENT).id
    house.crm.capture(email="ada@example.com", consent=Consent(at=house.storage.now(), entity="brand"))
    return lead


def wanted(house: House, lead: LeadId, *names: str) -> dict[str, str]:
    """What became of these messages, asked for now."""
    for name in names:
        house.crm.record(lead, f"{name}.wanted", origin="host")
        house.tick_at(house.clock.now + SECOND)
    newest: dict[str, str] = {}
    for effect in house.crm.effects(lead):
        newest.setdefault(effect.name, effect.reason or effect.state.value)
    return {name: newest[name] for name in names}


def words(house: House, lead: LeadId) -> list[Touchpoint]:
    kinds = (Fact.CONSENT_GIVEN, Fact.CONSENT_WITHDRAWN, Fact.CONSENT_ASKED)
    return [fact for fact in reversed(house.crm.timeline(lead)) if fact.kind in kinds]


def test_an_unsubscribe_from_one_sender_stops_that_sender_alone(house: House) -> None:
    lead = someone(house)
    house.crm.unsubscribe(lead, entity="brand")
    assert wanted(house, lead, "brand", "news") == {"brand": "unsubscribed", "news": "accepted"}
    assert [(one.entity, one.purpose) for one in house.crm.suppression("ada@example.com")] == [("brand", "marketing")]


def test_an_unsubscribe_from_one_topic_stops_that_topic_alone(house: House) -> None:
    lead = someone(house)
    house.crm.unsubscribe(lead, topic="news")
    assert wanted(house, lead, "news", "events", "brand") == {
        "news": "unsubscribed",
        "events": "accepted",
        "brand": "accepted",
    }
    assert [(one.entity, one.topic) for one in house.crm.suppression("ada@example.com")] == [("", "news")]


def test_a_topic_that_was_refused_outlives_the_lead_and_comes_back_by_name(house: House) -> None:
    house.crm.unsubscribe(someone(house), topic="news")
    erased(house, "ada@example.com")
    lead = someone(house)
    assert wanted(house, lead, "news", "events") == {"news": "unsubscribed", "events": "accepted"}
    house.crm.consent(lead)
    assert wanted(house, lead, "news") == {"news": "unsubscribed"}
    house.crm.consent(lead, topic="news")
    assert wanted(house, lead, "news") == {"news": "accepted"}


def under(house: House, program: Program) -> None:
    """Go on with another program."""
    house.crm = Nurture(program, house.storage, senders={"email": NullSender()}, site=GROUP_SITE, render=False)


def erased(house: House, email: str) -> None:
    """Remove the lead; the address keeps its allowance."""
    lead = house.crm.capture(email=email).id
    with house.storage.begin() as unit:
        unit.erase(lead)
    house.clock.move_to(house.clock.now + SECOND)


@pytest.mark.parametrize(
    ("field", "name", "near"),
    [("entity", "brnd", "brand"), ("topic", "evnts", "events"), ("channel", "emial", "email")],
)
def test_a_name_that_nothing_declares_is_no_word(house: House, field: str, name: str, near: str) -> None:
    lead = someone(house)
    calls: list[Callable[..., object]] = [
        house.crm.consent,
        house.crm.unsubscribe,
        house.crm.ask_consent,
        lambda lead, **said: captured(house, **said),
    ]
    before = house.crm.timeline(lead)
    for call in calls:
        with pytest.raises(UnknownNameError, match=rf"unknown {field} '{name}'.*'{near}'"):
            call(lead, **{field: name})
    assert house.crm.timeline(lead) == before


def captured(house: House, email: str = "ada@example.com", **said: str) -> Lead:
    """Somebody whose refusal came along with a form."""
    word = Consent(at=house.storage.now(), given=False, source="form", **said)  # type: ignore[arg-type]
    return house.crm.capture(email=email, consent=word)


def test_a_name_that_nothing_declares_makes_no_lead(house: House) -> None:
    with pytest.raises(UnknownNameError, match="unknown entity 'brnd'"):
        captured(house, "new@example.com", entity="brnd")
    assert house.crm.capture(email="new@example.com").consents == ()
    assert house.crm.suppression("new@example.com") == ()


def test_only_words_about_profiling_are_about_any_channel(house: House) -> None:
    lead = someone(house)
    with pytest.raises(UnknownNameError, match="unknown channel 'any'"):
        house.crm.unsubscribe(lead, channel=ANY_CHANNEL)
    house.crm.consent(lead, channel=ANY_CHANNEL, purpose="profiling")


def test_the_link_of_an_old_mail_refuses_what_the_program_has_forgotten(house: House) -> None:
    lead = someone(house)
    assert wanted(house, lead, "brand", "events") == {"brand": "accepted", "events": "accepted"}
    kept = [one for one in PROGRAM.messages if one.name not in ("brand", "events")]
    under(house, attrs.evolve(PROGRAM, messages=kept, topics=[Topic("news")], scenarios=[]))
    house.crm.activate()
    house.crm.unsubscribe(lead, topic="events")
    house.crm.unsubscribe(lead, entity="brand")
    assert len(house.crm.suppression("ada@example.com")) == 2


def test_what_the_address_refused_the_giver_is_not_shared(house: House) -> None:
    policy = ContactPolicy(sharing=[Sharing("", "brand", "joint_use", "notice")])
    under(house, attrs.evolve(PROGRAM, policy=policy))
    house.crm.activate()
    lead = house.crm.capture(email="ada@example.com", consent=Basis.CONSENT).id
    assert wanted(house, lead, "brand") == {"brand": "accepted"}
    house.crm.suppress("ada@example.com", purpose="marketing", entity="")
    assert wanted(house, lead, "brand") == {"brand": "no_consent"}
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.consent(lead)
    assert wanted(house, lead, "brand") == {"brand": "accepted"}


def test_a_refusal_that_came_along_outlives_the_lead_and_withholds_what_waits(house: House) -> None:
    lead = someone(house)
    house.crm.record(lead, "news.wanted", origin="host")
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.decide()
    house.crm.capture(email="ada@example.com", consent=Consent(at=house.storage.now(), given=False))
    assert [(one.state, one.reason) for one in house.crm.effects(lead)] == [(EffectState.WITHHELD, "unsubscribed")]
    erased(house, "ada@example.com")
    assert wanted(house, someone(house), "news") == {"news": "unsubscribed"}


def test_a_refusal_of_long_ago_that_came_along_ends_no_newer_agreement(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    house.crm.consent(lead)
    house.crm.capture(email="ada@example.com", consent=Consent(at=T0 - days(9), given=False))
    assert wanted(house, lead, "news") == {"news": "accepted"}


def test_what_came_along_is_never_explicit(house: House) -> None:
    lead = someone(house)
    house.crm.unsubscribe(lead)
    house.clock.move_to(house.clock.now + SECOND)
    came = house.crm.capture(email="ada@example.com", consent=Consent(at=house.storage.now(), explicit=True))
    assert [one.explicit for one in came.consents if one.given] == [False] * 2
    assert wanted(house, lead, "news") == {"news": "unsubscribed"}


def test_only_the_very_same_word_that_came_along_is_one_fact(house: House) -> None:
    bought, form = Consent(at=T0, basis=Basis.RELATION, proof="order-1"), Consent(at=T0, proof="form-1")
    for word in (bought, form, form, attrs.evolve(form, proof="form-2"), bought):
        lead = house.crm.capture(email="ada@example.com", consent=word).id
    assert sorted(one.proof for one in house.crm.consent_proof(lead).words) == ["form-1", "form-2", "order-1"]


def test_a_message_that_the_program_made_another_is_not_sent_as_what_was_decided(house: House) -> None:
    lead = someone(house)
    house.crm.record(lead, "invoice.wanted", origin="host")
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.decide()
    changed = [
        Message("invoice", "marketing", "Buy", "Buy") if one.name == "invoice" else one for one in PROGRAM.messages
    ]
    under(house, attrs.evolve(PROGRAM, messages=changed))
    house.crm.activate()
    house.tick_at(house.clock.now + SECOND)
    house.tick_at(house.clock.now + hours(1))
    (effect,) = house.crm.effects(lead)
    assert (effect.state, effect.reason) == (EffectState.WITHHELD, "message_changed")


def test_out_of_everything_is_towards_every_sender_on_every_channel(house: House) -> None:
    lead = someone(house)
    after = house.crm.unsubscribe(lead, everything=True, source="page")
    assert [(one.entity, one.channel, one.is_total) for one in after.consents if not one.given] == [
        (ANY_ENTITY, ANY_CHANNEL, True)
    ]
    assert [one.entity for one in house.crm.suppression("ADA@example.com")] == [None]
    assert [one.entity for one in house.crm.suppression("03 0000 1234", channel="sms")] == [None]
    outcome = wanted(house, lead, "news", "events", "brand", "invoice")
    assert outcome == dict.fromkeys(["news", "events", "brand"], "unsubscribed") | {"invoice": "accepted"}


LATER = attrs.evolve(
    PROGRAM,
    messages=[
        *PROGRAM.messages,
        Message("fresh", "marketing", "Fresh", "Fresh", topic="fresh"),
        Message("sister", "marketing", "Sister", "Sister", entity="sister"),
        Message("push", "marketing", "Push", "Push", channel="push"),
    ],
    topics=[*PROGRAM.topics, Topic("fresh")],
    scenarios=[
        *PROGRAM.scenarios,
        *(
            Scenario(name, q.touches(f"{name}.wanted"), [send(name)], reentry="always")
            for name in ("fresh", "sister", "push")
        ),
    ],
    policy=ContactPolicy(consent="not_refused"),
)
NEW = ("fresh", "sister", "push")


def under_later(house: House) -> None:
    """Go on with a program that names another topic, sender and channel, and asks nobody first."""
    senders = {"email": NullSender(), "push": NullSender()}
    site = attrs.evolve(GROUP_SITE, identities={"brand": IDENTITY, "sister": IDENTITY})
    house.crm = Nurture(LATER, house.storage, senders=senders, site=site, render=False)
    house.crm.activate()
    house.tick_at(house.clock.now + hours(1))  # the leads are rolled over to it


def test_out_of_everything_is_out_of_what_is_declared_later(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com", external_ids={"push": "device-1"}).id
    house.crm.unsubscribe(lead, everything=True)
    house.clock.move_to(house.clock.now + SECOND)
    under_later(house)
    refused = dict.fromkeys(NEW, "unsubscribed")
    assert wanted(house, lead, *NEW) == refused
    house.crm.update(lead, email="new@example.com")
    assert wanted(house, lead, *NEW) == refused
    house.crm.capture(email="new@example.com", consent=Consent(at=house.storage.now(), entity="sister"))
    assert wanted(house, lead, *NEW) == refused
    house.crm.consent(lead, entity="sister")
    assert wanted(house, lead, *NEW) == {**refused, "sister": "accepted"}
    house.crm.consent(lead, channel="push")
    assert wanted(house, lead, *NEW) == {"fresh": "unsubscribed", "sister": "accepted", "push": "accepted"}


def test_out_of_everything_outlives_the_lead_at_each_of_its_addresses(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com", external_ids={"push": "device-1"}).id
    house.crm.unsubscribe(lead, everything=True)
    erased(house, "ada@example.com")
    under_later(house)
    again = house.crm.capture(email="ada@example.com", external_ids={"push": "device-1"}).id
    assert wanted(house, again, *NEW) == dict.fromkeys(NEW, "unsubscribed")


def test_a_refusal_of_everything_may_come_along(house: House) -> None:
    lead = someone(house)
    house.clock.move_to(house.clock.now + SECOND)
    captured(house, entity=ANY_ENTITY, channel=ANY_CHANNEL)
    assert wanted(house, lead, "news", "brand") == dict.fromkeys(["news", "brand"], "unsubscribed")
    assert [one.entity for one in house.crm.suppression("ada@example.com")] == [None]


def test_whoever_refused_everything_is_found_by_every_question(house: House) -> None:
    lead = someone(house)
    house.crm.unsubscribe(lead, everything=True)
    house.tick_at(house.clock.now + SECOND)
    for asked in (q.consent(), q.consent("fresh"), q.consent(entity="sister"), q.consent(channel="push")):
        assert [one.subject for one in house.crm.members(asked.unsubscribed())] == [lead]
        assert list(house.crm.members(asked.given())) == []


# -- the links of mails -----------------------------------------------------------------------------------------


def link_token(lead: LeadId, *about: str, tenant: str = "default") -> str:
    """The token of the link in a mail about a topic, from a sender, on a channel."""
    link = make_unsubscribe_link(SITE, tenant, lead, f"eff_{'0' * 26}", Purpose.MARKETING, *about)
    return link.rpartition("/")[2]


@pytest.mark.parametrize(
    ("about", "stopped"), [(("", "brand"), "brand"), (("events", ""), "events"), (("gone", "gone", "gone"), "")]
)
def test_the_link_of_a_mail_works_whatever_the_program_and_the_lead_have_forgotten(
    house: House, about: tuple[str, ...], stopped: str
) -> None:
    token = link_token(someone(house), *about)
    erased(house, "ada@example.com")
    lead = someone(house)
    kept = [one for one in PROGRAM.messages if one.name == "news"]
    bare = attrs.evolve(PROGRAM, messages=kept, topics=[Topic("news")], scenarios=[])
    house.crm = Nurture(bare, house.storage, senders={"email": NullSender()}, site=SITE, render=False)
    house.crm.activate()
    for _ in range(2):
        left = house.crm.unsubscribe_by(token)
        assert left is not None
        assert left.id == lead
        word = next(one for one in left.consents if not one.given)
        assert (word.topic, word.entity, word.explicit, word.source) == (*about[:2], True, "one_click")
        house.clock.move_to(house.clock.now + SECOND)
    under(house, PROGRAM)
    house.crm.activate()
    house.tick_at(house.clock.now + hours(1))
    outcome = wanted(house, lead, "news", "events", "brand")
    assert [name for name, became in outcome.items() if became == "unsubscribed"] == ([stopped] if stopped else [])


def test_the_link_of_a_mail_may_mean_everything(house: House) -> None:
    lead = someone(house)
    assert house.crm.unsubscribe_by(link_token(lead, "", "brand"), everything=True, source="page") is not None
    assert wanted(house, lead, "news", "brand") == dict.fromkeys(["news", "brand"], "unsubscribed")
    assert words(house, lead)[-1].properties["source"] == "page"


def test_a_link_that_says_nothing_here_refuses_nothing(house: House) -> None:
    lead = someone(house)
    token = link_token(lead)
    before = house.crm.timeline(lead)
    gone = (link_token(LeadId("lead_gone")), link_token(TEST_LEAD), link_token(lead, tenant="other"))  # type: ignore[arg-type]
    for wrong in ("", "x", token[:-1], token.swapcase(), "x" * 10_000, *gone):
        assert house.crm.unsubscribe_by(wrong) is None
    assert house.crm.timeline(lead) == before


def test_without_a_site_no_link_of_a_mail_can_be_read() -> None:
    with pytest.raises(DefinitionError, match="site"):
        Nurture(Program(), MemoryStorage()).unsubscribe_by("x")


def test_out_of_everything_withholds_what_waits_of_every_sender(house: House) -> None:
    lead = someone(house)
    for name in ("news", "brand"):
        house.crm.record(lead, f"{name}.wanted", origin="host")
    house.clock.move_to(house.clock.now + SECOND)
    while house.crm.decide().subjects:
        pass
    house.crm.unsubscribe(lead, everything=True)
    found = {(effect.name, effect.state, effect.reason) for effect in house.crm.effects(lead)}
    assert found == {(name, EffectState.WITHHELD, "unsubscribed") for name in ("news", "brand")}


def test_an_unsubscribe_withholds_what_waits_of_that_sender_alone(house: House) -> None:
    lead = someone(house)
    for name in ("news", "brand"):
        house.crm.record(lead, f"{name}.wanted", origin="host")
    house.clock.move_to(house.clock.now + SECOND)
    while house.crm.decide().subjects:
        pass
    house.crm.unsubscribe(lead, entity="brand")
    found = {effect.name: effect.state for effect in house.crm.effects(lead)}
    assert found == {"brand": EffectState.WITHHELD, "news": EffectState.PLANNED}


def test_after_everything_was_refused_one_sender_may_be_allowed_again(house: House) -> None:
    lead = someone(house)
    house.crm.unsubscribe(lead, everything=True)
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.consent(lead, entity="brand")
    assert wanted(house, lead, "brand", "news") == {"brand": "accepted", "news": "unsubscribed"}


def test_a_capture_never_subscribes_again_towards_any_sender(house: House) -> None:
    lead = someone(house)
    house.crm.unsubscribe(lead, entity="brand")
    house.clock.move_to(house.clock.now + SECOND)
    form = Consent(at=house.storage.now(), entity="brand", source="form")
    house.crm.capture(email="ada@example.com", consent=form)
    assert wanted(house, lead, "brand") == {"brand": "unsubscribed"}


def test_a_consent_fact_holds_all_that_was_said(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    house.crm.consent(
        lead, entity="brand", topic="news", basis="paper_card", source="fair", text_version="3", jurisdiction="JP",
        proof="scan-7", expires_at=T0 + days(90),
    )  # fmt: skip
    assert dict(words(house, lead)[0].properties) == {
        "channel": "email", "purpose": "marketing", "topic": "news", "basis": "paper_card", "source": "fair",
        "text_version": "3", "explicit": True, "entity": "brand", "jurisdiction": "JP", "proof": "scan-7",
        "expires_at": T0 + days(90),
    }  # fmt: skip


def test_words_to_two_senders_that_came_along_at_one_instant_are_two_facts(house: House) -> None:
    for entity in ("", "brand"):
        lead = house.crm.capture(email="ada@example.com", consent=Consent(at=T0, entity=entity))
    assert {fact.properties.get("entity", "") for fact in words(house, lead.id)} == {"", "brand"}


def test_a_refusal_that_came_along_stops_what_a_racing_claim_would_send(house: House) -> None:
    lead = someone(house)
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.capture(email="ada@example.com", consent=Consent(at=house.storage.now(), given=False))
    assert [one.reason for one in house.crm.suppression("ada@example.com")] == ["unsubscribed"]
    assert wanted(house, lead, "news") == {"news": "unsubscribed"}


REFUSALS: Mapping[str, Callable[[Nurture, LeadId], object]] = {
    "sender": lambda crm, lead: crm.unsubscribe(lead, entity="brand"),
    "everything": lambda crm, lead: crm.unsubscribe(lead, everything=True),
    "captured": lambda crm, lead: crm.capture(
        email="ada@example.com", consent=Consent(at=crm.storage.now(), entity="brand", given=False)
    ),
    "suppressed": lambda crm, lead: crm.suppress("ada@example.com", entity="brand", reason="unsubscribed"),
}


@pytest.mark.parametrize("word", REFUSALS)
def test_a_refusal_towards_a_sender_that_commits_while_a_claim_is_made_stops_that_mail(house: House, word: str) -> None:
    lead = someone(house)
    house.crm.record(lead, "brand.wanted", origin="host")
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.decide()
    house.clock.move_to(house.clock.now + SECOND)
    before_next_unit(house.storage, lambda: REFUSALS[word](house.crm, lead))
    assert house.crm.deliver().accepted == 0
    house.tick_at(house.clock.now + days(1))
    assert [(one.state, one.reason) for one in house.crm.effects(lead)] == [(EffectState.WITHHELD, "unsubscribed")]


def before_next_unit(storage: Storage, what: Callable[[], object]) -> None:
    """Do something between the loading of what comes next and its writing."""
    begin = storage.begin

    def once() -> object:
        del storage.begin  # type: ignore[attr-defined]
        what()
        return begin()

    storage.begin = once  # type: ignore[method-assign, assignment]


# -- double opt-in ----------------------------------------------------------------------------------------------


def asked(house: House, lead: LeadId, **about: str) -> Effect:
    """Ask for consent, and let the question go out."""
    house.crm.ask_consent(lead, **about)  # type: ignore[arg-type]
    house.tick_at(house.clock.now + SECOND)
    house.tick_at(house.clock.now + SECOND)
    return next(one for one in house.crm.effects(lead) if one.name == "confirm")


def token_of(house: House, effect: Effect) -> str:
    about = asked_in(effect)
    assert about is not None
    lead = house.crm.lead(LeadId(effect.subject))
    link = make_confirm_link(
        SITE, house.storage.tenant, effect.subject, effect.id, asked_at=effect.planned_at, channel=about.channel,
        purpose=about.purpose, topic=about.topic, entity=about.entity, text_version=about.text_version,
        places=places_of(house.storage.tenant, lead, (effect.channel, about.channel)),
    )  # fmt: skip
    return link.rpartition("/")[2]


def test_asking_is_no_consent_and_the_click_is_one_with_its_proof(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    effect = asked(house, lead, topic="news", text_version="2", source="form")
    assert house.crm.lead(lead).consents == ()
    confirmed = house.crm.confirm(token_of(house, effect))
    assert confirmed is not None
    word = confirmed.consents[0]
    assert (word.topic, word.text_version, word.source, word.proof) == ("news", "2", DOUBLE_OPT_IN, effect.id)
    assert (word.explicit, word.is_confirmed) == (True, True)
    assert wanted(house, lead, "news", "events") == {"news": "accepted", "events": "no_consent"}
    standing = house.crm.standing(lead)
    assert standing is not None
    assert [one.reason for one in standing.enrollments if one.scenario == DOUBLE_OPT_IN] == ["confirmed"]


def test_a_link_that_was_used_does_nothing_even_after_an_unsubscribe(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    token = token_of(house, asked(house, lead))
    house.crm.confirm(token)
    house.clock.move_to(house.clock.now + SECOND)
    refused = house.crm.unsubscribe(lead)
    house.clock.move_to(house.clock.now + SECOND)
    facts = house.crm.timeline(lead)
    assert house.crm.confirm(token) == refused
    assert house.crm.timeline(lead) == facts
    assert wanted(house, lead, "news") == {"news": "unsubscribed"}


def test_a_confirmation_lifts_an_earlier_unsubscribe_as_the_person_says_so(house: House) -> None:
    lead = someone(house)
    house.crm.unsubscribe(lead)
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.confirm(token_of(house, asked(house, lead)))
    assert wanted(house, lead, "news") == {"news": "accepted"}


def test_asking_twice_sends_one_question_while_the_answer_is_awaited(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    asked(house, lead)
    asked(house, lead, source="another form")
    assert sum(one.name == "confirm" for one in house.crm.effects(lead)) == 1
    asked(house, lead, topic="news")
    assert sum(one.name == "confirm" for one in house.crm.effects(lead)) == 2
    house.tick_at(house.clock.now + days(3))
    asked(house, lead)
    assert sum(one.name == "confirm" for one in house.crm.effects(lead)) == 3


def test_a_click_answers_only_the_question_that_was_asked_by_its_mail(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    first = asked(house, lead, topic="news")
    asked(house, lead, topic="events")
    house.crm.confirm(token_of(house, first))
    house.tick_at(house.clock.now + SECOND)
    standing = house.crm.standing(lead)
    assert standing is not None
    runs = {one.run_key: one.is_active for one in standing.enrollments if one.scenario == DOUBLE_OPT_IN}
    assert sorted(runs.values()) == [False, True]


def test_nobody_answers_and_the_run_ends_without_consent(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    asked(house, lead)
    house.tick_at(house.clock.now + days(3))
    standing = house.crm.standing(lead)
    assert standing is not None
    assert [one.reason for one in standing.enrollments] == ["unanswered"]
    assert house.crm.lead(lead).consents == ()


def test_a_token_that_says_nothing_here_confirms_nothing(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    effect = asked(house, lead)
    token = token_of(house, effect)
    for wrong in ("", "x", token[:-1], token.swapcase(), "x" * 10_000):
        assert house.crm.confirm(wrong) is None
    gone = make_confirm_link(SITE, house.storage.tenant, "lead_gone", effect.id, asked_at=effect.planned_at)
    test = make_confirm_link(SITE, house.storage.tenant, TEST_LEAD, effect.id, asked_at=effect.planned_at)
    foreign = make_confirm_link(SITE, "another", lead, effect.id, asked_at=effect.planned_at)
    assert [house.crm.confirm(link.rpartition("/")[2]) for link in (gone, test, foreign)] == [None] * 3
    house.clock.move_to(effect.planned_at + LINK_LIFE)
    assert house.crm.confirm(token) is None
    assert house.crm.lead(lead).consents == ()


def test_a_link_lives_as_long_as_the_longest_deadline(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    effect = asked(house, lead)
    house.clock.move_to(effect.planned_at + LINK_LIFE - SECOND)
    assert house.crm.confirm(token_of(house, effect)) is not None


def test_a_link_says_nothing_once_its_lead_was_erased(house: House) -> None:
    token = token_of(house, asked(house, house.crm.capture(email="ada@example.com").id))
    house.crm.confirm(token)
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.unsubscribe(house.crm.capture(email="ada@example.com").id)
    erased(house, "ada@example.com")
    again = house.crm.capture(email="ada@example.com", consent=Basis.CONSENT).id
    assert house.crm.confirm(token) is None
    assert wanted(house, again, "news") == {"news": "unsubscribed"}


def test_a_link_lifts_no_refusal_that_is_newer_than_its_question(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    tokens = [token_of(house, asked(house, lead, text_version=version)) for version in ("1", "2")]
    house.crm.confirm(tokens[0])
    house.clock.move_to(house.clock.now + SECOND)
    refused = house.crm.unsubscribe(lead)
    house.clock.move_to(house.clock.now + SECOND)
    assert house.crm.confirm(tokens[1]) is None
    assert house.crm.lead(lead) == refused


def test_a_link_lifts_no_suppression_that_is_newer_than_its_question(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    token = token_of(house, asked(house, lead))
    house.crm.suppress("ada@example.com", purpose="marketing")
    assert house.crm.confirm(token) is None
    assert house.crm.lead(lead).consents == ()


def test_a_link_counts_only_for_the_address_at_which_it_was_asked(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    token = token_of(house, asked(house, lead))
    house.crm.update(lead, phone="03-0000-1234", title="部長")
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.update(lead, email="eve@example.com")
    assert house.crm.confirm(token) is None
    newer = token_of(house, asked(house, lead, text_version="2"))
    house.clock.move_to(house.clock.now + SECOND)
    house.crm.update(lead, title="課長")
    assert house.crm.confirm(newer) is not None


def test_a_link_must_ask_just_what_its_mail_asked(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    effect = asked(house, lead, topic="news")
    wide = make_confirm_link(SITE, house.storage.tenant, lead, effect.id, asked_at=effect.planned_at)
    assert house.crm.confirm(wide.rpartition("/")[2]) is None


def test_without_a_site_no_link_can_be_read() -> None:
    with pytest.raises(DefinitionError, match="site"):
        Nurture(Program(), MemoryStorage()).confirm("x")


# -- profiling --------------------------------------------------------------------------------------------------


def interest(house: House, lead: LeadId) -> tuple[float, ...] | None:
    standing = house.crm.standing(lead)
    state = None if standing is None else standing.scores.get("interest")
    return None if state is None else state.partials


def view_pages(house: House, lead: LeadId, count: int) -> None:
    for _ in range(count):
        house.crm.record(lead, "page.viewed")
    house.tick_at(house.clock.now + SECOND)


def test_who_objects_to_profiling_is_scored_no_more_until_it_is_allowed(house: House) -> None:
    lead = someone(house)
    view_pages(house, lead, 3)
    assert interest(house, lead) == (30.0,)
    word = house.crm.object_to_profiling(lead, source="page").consents[-1]
    assert (word.purpose, word.channel, word.given) == (Purpose.PROFILING, ANY_CHANNEL, False)
    view_pages(house, lead, 1)
    assert interest(house, lead) is None
    assert list(house.crm.members(q.score("interest") >= 1)) == []
    assert "not scored" in str(house.crm.explain(lead))
    house.crm.allow_profiling(lead)
    house.clock.move_to(house.clock.now + SECOND)
    view_pages(house, lead, 2)
    assert interest(house, lead) == (20.0,)


def test_an_objection_stops_no_messages(house: House) -> None:
    lead = someone(house)
    house.crm.object_to_profiling(lead)
    assert wanted(house, lead, "news") == {"news": "accepted"}
    assert house.crm.suppression("ada@example.com") == ()


def test_as_known_then_the_objection_holds_from_when_it_was_heard(house: House) -> None:
    lead = someone(house)
    view_pages(house, lead, 3)
    house.crm.update(lead, title="x")
    before = house.clock.now
    house.clock.move_to(before + hours(1))
    house.crm.object_to_profiling(lead)
    house.tick_at(before + hours(2))
    warm = q.score("interest") >= 20
    assert [one.subject for one in house.crm.members(warm, at=before)] == [lead]
    assert list(house.crm.members(warm, at=before + hours(2))) == []


# -- who there is not -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda crm, lead: crm.ask_consent(lead),
        lambda crm, lead: crm.object_to_profiling(lead),
        lambda crm, lead: crm.allow_profiling(lead),
        lambda crm, lead: crm.unsubscribe(lead, everything=True),
        lambda crm, lead: crm.consent_proof(lead),
    ],
)
def test_a_lead_that_does_not_exist_is_said_so(call: object) -> None:
    crm = Nurture(PROGRAM, MemoryStorage())
    with pytest.raises(NotFoundError):
        call(crm, LeadId("lead_gone"))  # type: ignore[operator, arg-type]


def test_what_is_shared_lets_another_company_write(house: House) -> None:
    shared = ContactPolicy(sharing=[Sharing("", "brand", "joint_use", "notice 1")])
    lead = house.crm.capture(email="ada@example.com", consent=Basis.CONSENT).id
    assert wanted(house, lead, "brand") == {"brand": "no_consent"}
    house.crm.activate(Program(**{**_parts(PROGRAM), "policy": shared}))  # type: ignore[arg-type]
    assert wanted(house, lead, "brand") == {"brand": "accepted"}


def _parts(program: Program) -> dict[str, object]:
    names = ("messages", "topics", "scores", "segments", "scenarios")
    return {name: getattr(program, name) for name in names}


def test_the_record_of_a_lead_is_a_lead(house: House) -> None:
    lead = house.crm.capture(email="ada@example.com").id
    assert isinstance(house.crm.ask_consent(lead), Lead)

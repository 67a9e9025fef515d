"""The links of real mails: they confirm what was asked, where it was asked, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from nurture import Message, Program, hours
from nurture.model import LeadId
from nurture.ports import Deferred, Envelope
from nurture.program import double_opt_in
from nurture.testing import FakeSender
from tests.stores import STORES, House, store_maker

SECOND = timedelta(seconds=1)
PROGRAM = Program(
    messages=[Message("confirm", "transactional", "Please confirm", "{{ confirm_url }}")],
    scenarios=[double_opt_in("confirm")],
)


class Post(House):
    """A runtime whose mails are really written."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.sender = FakeSender()
        super().__init__(PROGRAM, store_maker(kind, folder), senders={"email": self.sender})

    def asked(self, lead: LeadId, **about: str) -> None:
        """Ask, and let the question go out if it will."""
        self.crm.ask_consent(lead, **about)  # type: ignore[arg-type]
        self.tick_at(self.clock.now + SECOND)
        self.clock.move_to(self.clock.now + SECOND)

    def clicked(self, envelope: Envelope | None = None) -> Sequence[str]:
        """The channels that a click on the link of a mail confirms; the newest mail's, if none is named."""
        text = (envelope or self.sender.attempts[-1]).text
        lead = self.crm.confirm(text.strip().rpartition("/")[2])
        return [] if lead is None else [one.channel for one in lead.consents if one.is_confirmed]


@pytest.fixture(params=STORES)
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    made = Post(request.param, tmp_path)
    yield made
    made.crm.close()


def test_a_typo_that_is_mended_before_the_mail_goes_leaves_the_link_good(post: Post) -> None:
    lead = post.crm.capture(email="typo@example.com").id
    post.crm.ask_consent(lead)
    post.clock.move_to(post.clock.now + SECOND)
    post.crm.update(lead, email="ada@example.com")
    post.tick_at(post.clock.now + SECOND)
    assert post.sender.attempts[-1].recipient == "ada@example.com"
    assert post.clicked() == ["email"]


def test_a_typo_that_is_mended_between_two_tries_leaves_the_last_link_good_alone(post: Post) -> None:
    lead = post.crm.capture(email="typo@example.com").id
    post.sender.then(Deferred("busy"))
    post.asked(lead)
    post.crm.update(lead, email="ada@example.com")
    post.tick_at(post.clock.now + hours(6))
    first, last = post.sender.attempts
    assert (first.recipient, last.recipient) == ("typo@example.com", "ada@example.com")
    assert post.clicked(first) == []
    assert post.clicked(last) == ["email"]


@pytest.mark.parametrize("again", ["ADA@Example.com", "ａｄａ@example.com", "ada@example.com"])
def test_an_address_that_is_written_in_another_way_is_the_same(post: Post, again: str) -> None:
    lead = post.crm.capture(email="ada@example.com").id
    post.asked(lead)
    post.crm.update(lead, email="eve@example.com")
    assert post.clicked() == []
    post.crm.update(lead, email=again)
    assert post.clicked() == ["email"]


def test_an_address_that_was_cleared_and_set_to_another_confirms_nothing(post: Post) -> None:
    lead = post.crm.capture(email="ada@example.com", phone="03-0000-1234").id
    post.asked(lead)
    post.crm.update(lead, email=None)
    assert post.clicked() == []
    post.crm.capture(phone="03-0000-1234", email="eve@example.com")
    assert post.clicked() == []


def test_a_number_that_was_added_after_the_question_is_not_confirmed(post: Post) -> None:
    lead = post.crm.capture(email="ada@example.com").id
    post.asked(lead, channel="sms")
    post.crm.capture(email="ada@example.com", phone="+81 90 0000 1234")
    assert post.clicked() == []


def test_a_number_that_was_changed_after_the_question_is_not_confirmed(post: Post) -> None:
    lead = post.crm.capture(email="ada@example.com", phone="+81 90 0000 1234").id
    post.asked(lead, channel="sms")
    post.crm.update(lead, phone="+81 90 0000 9999")
    assert post.clicked() == []
    post.crm.update(lead, phone="+81-90-0000-1234")
    assert post.clicked() == ["sms"]


def test_what_has_nothing_to_do_with_the_question_may_change(post: Post) -> None:
    lead = post.crm.capture(email="ada@example.com").id
    post.asked(lead)
    post.crm.update(lead, phone="03-0000-1234", line="U1", title="部長")
    assert post.clicked() == ["email"]

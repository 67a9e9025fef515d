"""Mails of all sorts, drawn from a seed and nothing else: what a program says, to whom, who sends, what goes along.

The same seed gives the same mail in every process. Data is often hostile, and often Japanese.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import Random

import attrs

from nurture import Attribute, Message, Program, SenderIdentity, Site, q
from nurture.errors import InvalidFactError
from nurture.mail import Tracking
from nurture.mail.files import Attachment
from nurture.mail.owner import Owner
from nurture.model import Account, AccountId, Lead, Purpose, SubjectId
from nurture.ports import Envelope
from nurture.program import Block, Campaign, Choice, Layout, Translation
from tests.mail.corpus import FAMILIES
from tests.mail.house import AT, MailHouse, a_lead

PLAIN = (
    *(
        "Taro",
        "山田",
        "太郎",
        "髙﨑",
        "𠮷野家",
        "株式会社見本",
        "O'Neill",
        "Müller & Söhne",
        "営業部",
        "部長",
        "Dr. No",
    ),
    *("キヤノン", 'Ltd. "A", B', "100%", "a@b", "=1+1", "  spaced  out ", "と" * 80, "long words " * 12, "x" * 120),
)
HOSTILE = tuple(one for name in ("headers", "people", "looks", "markup", "jinja", "smtp") for one in FAMILIES[name])
SUBJECTS = (
    "Hello",
    "春のご案内",
    "{{ lead.name or 'you' }}",
    "{{ lead|honorific('letter') }}",
    "Dear {{ lead.company or 'friends' }}, " + "a long line of words " * 5,
    "ご案内 " + "とても長い件名" * 12,
    "=?utf-8?q?looks_encoded?=",
    "  blanks around  ",
)
TEXTS = (
    "Hello {{ lead.name or 'you' }},\n\n{{ lead.note or '' }}\n",
    "{{ lead|honorific('letter') }}\n\n{{ lead.created_at|date('full') }}\n{{ params.word or '' }}\n.\n..\nFrom here\n",
    "https://shop.example.jp/x?a=1&b=2#top と " + "https://shop.example.jp/" + "y" * 200 + "\n",
    "trailing blanks   \n\ttabs\t\n" + "a" * 300 + "\n" + "あ" * 300,
    "{{ blocks.offer }}\n{{ sender.name }}\n{{ unsubscribe_url or '' }}",
    "no end of line",
    None,
)
HTMLS = (
    "<p>Hello {{ lead.name or 'you' }}</p><p title=\"{{ lead.note or '' }}\">{{ lead.note or '' }}</p>",
    "<html><head><title>{{ sender.name }}</title></head><body><h1>{{ lead|honorific }}</h1>"
    "<!-- {{ sender.postal_address }} --></body></html>",
    '<a href="https://shop.example.jp/x?a=1&amp;b=2">shop</a>'
    ' <a href="https://other.example/">other</a>{{ blocks.offer }}',
    "<ul>{% for tag in lead.tags %}<li>{{ tag }}</li>{% endfor %}</ul>"
    '<img src="https://shop.example.jp/a.png" alt="見本">',
    '<div style="display:none">{{ sender.name }} {{ sender.complaint_contact }}'
    ' {{ unsubscribe_url or "" }}</div><p>Hi</p>',
    '<p title="{{ sender.name }} {{ sender.postal_address }}">x</p><a href="{{ unsubscribe_url or "#" }}"></a>',
    "<!-- <a href=\"{{ unsubscribe_url or '#' }}\">out</a> -->" + "<p>" + "長い段落。" * 150 + "</p>",
    None,
)
LAYOUTS = (
    ("{{ content }}", ""),
    (
        "<html><head><title>{{ sender.name }}</title><style>p { color: #333 }</style></head><body>"
        "<table><tr><td>{{ content }}</td></tr></table><p>{{ sender.name }}</p></body></html>",
        "{{ content }}\n-- \n{{ sender.name }}\n{{ sender.postal_address }}\n",
    ),
    (
        "<body><p hidden>{{ preheader }}</p>{{ content }}"
        '<a href="{{ unsubscribe_url or "#" }}">{{ sender.name }}</a></body>',
        "",
    ),
    ("<div>{{ content }}</div>{{ blocks.offer }}", "{{ content }}"),
)
PREHEADERS = (
    *("", "Before all", "見本商事より春のご案内", "{{ sender.name }} {{ lead.name or '' }}"),
    "{{ sender.postal_address }}",
)
IDENTITIES = (
    SenderIdentity(
        "見本商事", "news@example.jp",
        postal_address="東京都千代田区見本町1-1-1", complaint_contact="03-0000-0000",
    ),
    SenderIdentity(
        'Example, Inc. "News" <& friends>', "news@example.com", reply_to="reply@example.com",
        postal_address="1 Main St & Side St <Floor 2>", complaint_contact="https://example.com/contact?a=1&b=2",
    ),
    SenderIdentity(
        "とても長い送信者の名前" * 6, "info@例え.jp", postal_address="〒100-0001 見本町", complaint_contact="見本窓口",
    ),
    SenderIdentity(
        "An identity with a very long name in plain letters " * 3 + "end", "a@example.jp",
        postal_address="P.O. Box 1", complaint_contact="call us",
    ),
)  # fmt: skip
ADDRESSES = (
    *("taro@example.jp", "da..me.@docomo.ne.jp", "info@例え.jp", "太郎@example.jp", "a" * 64 + "@" + "b" * 60 + ".jp"),
    *("taro+tag@example.com", "o'neill@example.com"),
)
FILES = (
    Attachment("flyer.pdf", bytes(range(256)) * 4, "application/pdf"),
    Attachment("講座のご案内（最終版）" + "長い" * 30 + ".pdf", b"", "application/pdf"),
    Attachment("a b.csv", "氏名,金額\r\n山田,1\r\n".encode("cp932"), "text/csv; charset=cp932"),
)


MAILS = 3
"""So many people get the message of a world."""
TEXT_FIELDS = ("name", "family_name", "company", "department", "title")


@attrs.frozen
class Recipient:
    """To whom a mail goes.

    Attributes:
        lead: The person.
        account: Its company, if it is known.
        fields: What else the effect says.
    """

    lead: Lead
    account: Account | None
    fields: Mapping[str, object]


@attrs.frozen
class World:
    """Some mails, before they are composed.

    Attributes:
        house: The host.
        message: What is said.
        recipients: To whom.
    """

    house: MailHouse
    message: Message
    recipients: tuple[Recipient, ...]

    @property
    def identity(self) -> SenderIdentity:
        """Who sends."""
        found = self.house.site.identity_of(self.message.entity)
        assert found is not None
        return found

    def mail(self, number: int) -> Envelope:
        """The mail to one of the recipients, or an error that says why there is none."""
        to = self.recipients[number]
        return self.house.mail(to.lead, self.message, number=number, account=to.account, **to.fields)


def world(seed: int) -> World:
    """The mails that a seed determines."""
    return _world(Random(seed))


def _world(dice: Random) -> World:
    def words() -> str:
        return dice.choice(HOSTILE) if dice.random() < 0.3 else dice.choice(PLAIN)

    purpose = dice.choice([Purpose.MARKETING, Purpose.MARKETING, Purpose.TRANSACTIONAL, Purpose.INTERNAL])
    message = _message(dice, purpose)
    layouts = [Layout("frame", *dice.choice(LAYOUTS), inline_css=dice.random() < 0.1)]
    program = Program(
        locale=dice.choice(["ja", "en"]),
        attributes=[Attribute("note")],
        campaigns=[
            Campaign(
                name="fair", title=_kept(words), place=_kept(words), starts_at=AT, ends_at=AT + timedelta(hours=2)
            ),
        ],
        layouts=layouts,
        blocks=[
            Block(
                "offer",
                "<p>{{ lead.title or '' }}</p>",
                dice.choice([None, "{{ lead.title or '' }}"]),
                choices=[Choice("gold", q.lead.note == "gold", "<b>{{ sender.name }} {{ lead.name or '' }}</b>")],
            )
        ],
        messages=[message],
    )
    first, second = dice.sample(IDENTITIES, 2)
    site = Site(
        "https://crm.example.jp/nurture",
        secret=b"only-for-tests-0" * 2,
        identity=first,
        identities={"brand": second},
        verified=[first.domain, second.domain],
        return_path=dice.choice([None, "bounces@mail.example.jp"]),
        tracking={purpose: Tracking(clicks=dice.random() < 0.3, opens=dice.random() < 0.3)},
        own_hosts=["shop.example.jp"],
    )
    address = dice.choice(["hanako@example.jp", "hanako@elsewhere.example"])
    owner = Owner(dice.choice(PLAIN), address, signature=_kept(words))
    house = MailHouse(program, site=site, owners={"o": owner}, attachments={one.name: one for one in FILES})
    return World(house, message, tuple(_recipient(dice, words) for _ in range(MAILS)))


def _recipient(dice: Random, words: Callable[[], str]) -> Recipient:
    while True:
        try:
            lead = a_lead(
                {} if dice.random() < 0.2 else {"note": words()},
                email=dice.choice(ADDRESSES),
                owner=dice.choice([None, "o"]),
                locale=dice.choice([None, "ja", "en", "en-GB", "fr"]),
                zone=dice.choice([None, "Asia/Tokyo", "America/New_York"]),
                tags=[words() for _ in range(dice.randint(0, 3))],
                **{name: words() for name in TEXT_FIELDS if dice.random() < 0.7},
            )
            is_told = dice.random() < 0.3
            account = Account(id=AccountId(SubjectId("acc_1")), created_at=AT, name=words()) if is_told else None
        except InvalidFactError:
            continue  # what no store holds is refused when it is captured
        choices = dice.choice([{}, {"offer": "gold"}, {"offer": "unknown"}])
        return Recipient(lead, account, {"params": {"word": _kept(words)}, "choices": choices})


def _kept(words: Callable[[], str]) -> str:
    """Words that a host could put into its program: control signs and surrogates are refused there."""
    while True:
        said = words()
        if said.isprintable() and said.strip():
            return said


def _message(dice: Random, purpose: Purpose) -> Message:
    text, html = dice.choice(TEXTS), dice.choice(HTMLS)
    if text is None and html is None:
        text = "Hello"
    translations = [Translation("en", "In English", "Dear {{ lead|honorific }}\n")] if dice.random() < 0.3 else []
    return Message(
        "letter",
        purpose,
        dice.choice(SUBJECTS),
        text,
        html,
        preheader=dice.choice(PREHEADERS),
        layout=dice.choice([None, "frame"]),
        translations=translations,
        entity=dice.choice(["", "brand"]),
        from_owner=dice.random() < 0.3,
        attachments=[one.name for one in FILES if dice.random() < 0.15],
        invitation=dice.choice([None, None, None, "fair"]),
        utm=dice.choice([{}, {"campaign": "spring", "source": "mail 春"}]),
        topic=dice.choice(["", "news"]),
    )

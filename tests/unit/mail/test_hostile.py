"""A corpus of hostile input, put into every place that takes data: all of it stays text, or is refused.

Whatever comes out is read by the standard library: the same headers as of a harmless mail, one recipient,
no template executed, no markup of the attacker, bounded size.
"""

import email
import email.policy
from collections.abc import Iterator
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from itertools import product

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.errors import InvalidFactError, SendRefusedError
from nurture.mail import SenderIdentity, Site, context_of, make_unsubscribe_link, message_id, render
from nurture.mail.compose import compose
from nurture.model import Lead, LeadId, Purpose, SubjectId
from nurture.ports import Envelope

BREAKS = (
    *("\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"),
    *("%0a", "%0D%0A", "\\n", "&#10;", "&#x0a;", "=0A", "=?utf-8?q?=0A?=", "=?utf-8?q?=0D=0A?=", "=?utf-8?b?DQo=?="),
    *(
        "=?iso-8859-1?q?=85?=",
        "=?utf-8?q?=E2=80=A8?=",
        "=?utf-7?q?+AAo-?=",
        "=?utf-16?b?CgAAAA==?=",
        "嘊嘍",
        "\ufeff\n",
    ),
)
INJECTED = (
    *("Bcc: evil@example.org", "To: evil@example.org", "Subject: forged", "List-Unsubscribe: <https://evil.example>"),
    *("Content-Type: text/html", "X: y", " folded", "\tfolded", ".", "--=_boundary", "RCPT TO:<evil@example.org>"),
    *("MIME-Version: 1.0\r\n\r\n<b>body</b>", "=?utf-8?q?Bcc?=: evil@example.org"),
)
ADDRESSES = (
    *("taro@example.jp, evil@example.org", "taro@example.jp;evil@example.org", "taro@example.jp evil@example.org"),
    *("taro@example.jp,", ",taro@example.jp", "<taro@example.jp>, evil@example.org", "a@b@c", '"a@b.c, d"@e.f'),
    *(
        "Group: taro@example.jp, evil@example.org;",
        "taro@example.jp\x00evil@example.org",
        "taro@example.jp (evil@example.org)",
    ),
    *(
        "taro@example.jp> <evil@example.org",
        "taro@example.jp\\nevil",
        "@evil.example.org:taro@example.jp",
        "taro%evil.example@example.jp",
    ),
    *(
        "tаro@example.jp",
        "taro@еxample.jp",
        "taro@example.jp\u202eevil",
        "taro＠example.jp",
        "taro@example。jp",
        "ta\u200bro@example.jp",
    ),
    *(
        "=?utf-8?q?evil@example.org=2C?= taro@example.jp",
        "taro@xn--.jp",
        "taro@" + "a." * 300 + "jp",
        "x" * 60_000 + "@example.jp",
    ),
)
TEMPLATES = (
    *(
        "{{ 7 * 7 }}",
        "{% for x in range(9) %}x{% endfor %}",
        "{{ lead.__class__ }}",
        "{{ config }}",
        "{# gone #}",
        "{{ unsubscribe_url }}",
    ),
    *(
        "{{ ''.__class__.__mro__ }}",
        "${7*7}",
        "#{7*7}",
        "<%= 7*7 %>",
        "{{{{ 7*7 }}}}",
        "{%raw%}",
        "{% endif %}",
        "{{ 'a'*99999999 }}",
    ),
)
MARKUP = (
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '"><svg onload=alert(1)>',
        "</p></body>",
        "<!--",
        "&lt;b&gt;",
    ),
    *(
        "<a href='https://evil.example'>x</a>",
        "javascript:alert(1)",
        "<style>*{display:none}</style>",
        "<base href=//evil.example>",
    ),
)
BOMBS = (
    "x" * 60_000,
    "あ" * 60_000,
    "&" * 60_000,
    "=?" * 30_000,
    "=?utf-8?q?" + "=41" * 9_000 + "?=",
    "\u0301" * 60_000,
    "<" * 65_000,
)


def payloads() -> Iterator[str]:
    for lineend, injected in product(BREAKS, INJECTED):
        yield f"Taro{lineend}{injected}"
    for lineend in BREAKS:
        yield lineend
        yield f"{lineend}Taro"
        yield f"Taro{lineend}"
        yield f"taro{lineend}@example.jp"
        yield f"taro@example.jp{lineend}evil@example.org"
    for hostile in (*TEMPLATES, *MARKUP):
        yield hostile
        yield f"=?utf-8?q?{hostile.replace(' ', '_')}?="
    yield from ADDRESSES
    yield from BOMBS


PAYLOADS = tuple(dict.fromkeys(payloads()))
AT = datetime(2026, 4, 1, tzinfo=UTC)
SITE = Site(
    "https://crm.example.jp",
    secret=b"s" * 32,
    identity=SenderIdentity("見本", "info@example.jp", postal_address="東京都", complaint_contact="03-0000-0000"),
)
REFUSALS = {
    "invalid",
    "bad_address",
    "several_recipients",
    "needs_smtputf8",
    "unsafe_header",
    "too_big",
    "template_error",
    "empty_subject",
}


@attrs.frozen
class Letter:
    subject: str = "{{ lead.company or '' }}{{ lead.name or 'x' }}"
    text: str = "{{ lead.name }}, {{ lead.company }}; {{ lead.note }} {{ params.word }} [mark]\n"
    html: str = '<p title="{{ lead.note }}">{{ lead.name }}</p><i>{{ lead.company }}</i>{{ params.word }}<b>mark</b>'


def mail_to(
    email_address: str = "taro@example.jp", name: str = "Taro", company: str = "A", note: str = "n", word: str = "w"
) -> Envelope:
    lead = Lead(
        id=LeadId(SubjectId("lead_a")),
        created_at=AT,
        email=email_address,
        name=name,
        company=company,
        attributes={"note": note},
    )
    url = make_unsubscribe_link(SITE, "t", lead.id, "eff_a", Purpose.MARKETING, "")
    context = context_of(lead, None, {"word": word}, unsubscribe_url=url, identity=SITE.identity)
    return compose(
        render(Letter(), context),
        key="eff_a",
        message_id=message_id("eff_a", SITE),
        recipient=lead.email or "",
        purpose=Purpose.MARKETING,
        identity=SITE.identity,
        now=AT,
        unsubscribe_url=url,
    )


HARMLESS = email.message_from_bytes(mail_to().data, policy=email.policy.SMTP)


def assert_inert(envelope: Envelope, *, address: str = "taro@example.jp") -> None:
    old_reader = BytesHeaderParser(policy=email.policy.compat32).parsebytes(envelope.data)
    assert old_reader.keys() == HARMLESS.keys()
    message = email.message_from_bytes(envelope.data, policy=email.policy.SMTP)
    assert message.keys() == HARMLESS.keys()
    for name in set(HARMLESS.keys()) - {"To", "Subject"}:
        assert str(message[name]) == str(HARMLESS[name])
    assert [box.addr_spec for box in message["To"].addresses] == [address]
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    text, html = (part.get_content() for part in message.iter_parts())
    assert "49" not in text
    assert "[mark]" in text
    assert html.count("<") - html.count("<br>") == EXPECTED_TAGS
    assert len(envelope.data) < 3_000_000
    assert max(map(len, envelope.data.split(b"\r\n"))) <= 998


EXPECTED_TAGS = 6 + 5  # the letter's own tags, and the footer's: hr, p, a, /a, /p


def test_the_corpus_is_large_and_the_harmless_mail_passes() -> None:
    assert len(PAYLOADS) >= 500
    assert_inert(mail_to())


def outcome(**data: str) -> tuple[str, Envelope | None]:
    """The reason for refusing it and no mail, or no reason and the mail."""
    try:
        return "", mail_to(**data)
    except SendRefusedError as refused:
        told, reason = str(refused), refused.reason
    except InvalidFactError as refused:
        told, reason = str(refused), "invalid"
    assert all(len(value) < 3 or value not in told for value in data.values()), "an error tells a value"
    return reason, None


@pytest.mark.parametrize("field", ["name", "company", "note", "word"])
def test_hostile_data_stays_text(field: str) -> None:
    passed = 0
    for payload in PAYLOADS:
        reason, envelope = outcome(**{field: payload})
        if envelope is None:
            assert reason in REFUSALS, payload
        else:
            passed += 1
            assert_inert(envelope)
    assert passed >= 100  # data in bodies is no reason to refuse


def test_hostile_addresses_reach_nobody_else() -> None:
    reasons: set[str] = set()
    for payload in PAYLOADS:
        reason, envelope = outcome(email_address=payload)
        reasons.add(reason)
        if envelope is not None:
            assert_inert(envelope, address=envelope.recipient)
            assert envelope.recipient.count("@") == 1
            assert not envelope.recipient.endswith("@example.org")
    assert reasons <= REFUSALS | {""}
    assert {"bad_address", "several_recipients", "needs_smtputf8"} <= reasons


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_inert(name: str, company: str, address: str) -> None:
    try:
        envelope = mail_to(name=name, company=company, email_address=f"taro{address}")
    except (SendRefusedError, InvalidFactError):
        return
    assert_inert(envelope, address=envelope.recipient)

"""Files that go along: what they may be called, how they are written, and who refuses."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.errors import DefinitionError, SendRefusedError
from nurture.mail.files import LARGEST_TOTAL, LONGEST_NAME, Attachment, attached, check_size, part_of
from nurture.model import Effect, EffectId, EffectKind, EnrollmentId, SubjectId

EFFECT = Effect(
    id=EffectId("eff_a"),
    subject=SubjectId("lead_a"),
    enrollment=EnrollmentId("enr_a"),
    scenario="s",
    step="0",
    kind=EffectKind.MESSAGE,
    name="hello",
    planned_at=datetime(2026, 4, 1, tzinfo=UTC),
    due_at=None,
)
NAMES = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters='/\\:*?"<>|'), min_size=1, max_size=LONGEST_NAME
)


def read(file: Attachment) -> EmailMessage:
    part = email.message_from_bytes(part_of(file), policy=email.policy.SMTP)
    assert isinstance(part, EmailMessage)
    assert not part.defects
    return part


@given(NAMES.filter(lambda name: name.strip(" .") != "" and name.isprintable()), st.binary(max_size=500))
def test_name_type_and_bytes_come_back(name: str, data: bytes) -> None:
    part = read(Attachment(name, data, "application/pdf"))
    assert part.get_filename() == name
    assert part.get_content() == data
    assert part.get_content_type() == "application/pdf"
    assert part.get_content_disposition() == "attachment"
    assert max(map(len, part_of(Attachment(name, data)).split(b"\r\n"))) <= 150


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("flyer.pdf", "flyer.pdf"),
        ("講座のご案内.pdf", "______.pdf"),
        ("資料", "__"),
        ("a.資料", "a.__"),
        ("é x.pdf", "_ x.pdf"),
    ],
)
def test_readers_that_know_ascii_only_get_a_name_too(name: str, plain: str) -> None:
    assert read(Attachment(name, b"x")).get_param("name") == plain


@pytest.mark.parametrize("name", ["講座\u3000ご案内.pdf", "家族👨\u200d👩\u200d👧.png", "か\u3099.pdf", "a\xa0b.txt"])
def test_wide_blanks_and_signs_without_width_come_back(name: str) -> None:
    assert read(Attachment(name, b"x")).get_filename() == name


def test_lines_of_bytes_are_at_most_76_signs() -> None:
    body = part_of(Attachment("a.bin", bytes(range(256)) * 40)).partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) == 76


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "..",
        "a/b",
        "a\\b",
        "a\r\nBcc: x",
        "a\u2028b",
        "a\u202egpj.exe",
        "\u2066a",
        "\u3000",
        "\u200d",
        "a\ud800",
        'a"b',
        "a\x00",
        "x" * (LONGEST_NAME + 1),
    ],
)
def test_names_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(DefinitionError, match=r"attachment\.name"):
        Attachment(name, b"x")


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "pdf",
        "a/b\r\nBcc: x",
        "multipart/mixed",
        "message/rfc822",
        "Text/Plain",
        "a/b; c",
        "a/b;c=d",
        "a/" + "b" * 200,
    ],
)
def test_types_that_are_none_are_refused(kind: str) -> None:
    with pytest.raises(DefinitionError, match=r"attachment\.content_type"):
        Attachment("a", b"x", kind)


def test_data_is_bytes_and_is_not_shown() -> None:
    with pytest.raises(DefinitionError, match=r"attachment\.data"):
        Attachment("a", "text")  # type: ignore[arg-type]
    assert "secret" not in repr(Attachment("a", b"secret"))


def test_files_are_given_or_made_for_each_mail() -> None:
    fixed = Attachment("a.txt", b"a", "text/plain")
    files = attached(["a", "b"], {"a": fixed, "b": lambda effect: Attachment(f"{effect.id}.txt", b"b")}, EFFECT)
    assert [one.name for one in files] == ["a.txt", "eff_a.txt"]


def _fails(effect: Effect) -> Attachment:
    raise KeyError("taro@example.jp")


@pytest.mark.parametrize("source", [None, _fails, lambda effect: "no file"])
def test_what_cannot_be_made_refuses_this_one_mail_and_tells_no_value(source: object) -> None:
    sources = {} if source is None else {"a": source}
    with pytest.raises(SendRefusedError) as caught:
        attached(["a"], sources, EFFECT)  # type: ignore[arg-type]
    assert caught.value.reason == "no_attachment"
    assert "taro" not in str(caught.value)


def test_all_files_together_have_a_limit() -> None:
    half = Attachment("a", b"x" * (LARGEST_TOTAL // 2))
    check_size([half, half])
    with pytest.raises(SendRefusedError) as caught:
        check_size([half, half, Attachment("b", b"x")])
    assert caught.value.reason == "attachment_too_large"

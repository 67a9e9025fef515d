"""The maildir: whole or not at all, once for each key, also after a mail program has read it."""

import mailbox
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from nurture.ports import Accepted, Deferred, Rejected, Unknown
from nurture.senders import MaildirSender
from nurture.senders.maildir import _publish, file_name
from nurture.testing.sender_contract import an_envelope


def test_the_standard_library_reads_what_is_written(tmp_path: Path) -> None:
    envelope = an_envelope()
    assert MaildirSender(tmp_path / "mail").send([envelope]) == (Accepted(envelope.key),)
    (message,) = mailbox.Maildir(tmp_path / "mail", create=False)
    assert message["Message-ID"] == envelope.message_id
    assert message.get_payload() == "Text 1\n.\nend\n"
    assert list((tmp_path / "mail" / "tmp").iterdir()) == []


@pytest.mark.parametrize("flags", ["", ":2,", ":2,RS"])
def test_a_mail_that_was_read_is_known_again(tmp_path: Path, flags: str) -> None:
    sender = MaildirSender(tmp_path)
    sender.send([an_envelope()])
    name = file_name(an_envelope().key)
    (tmp_path / "new" / name).rename(tmp_path / "cur" / f"{name}{flags}")
    assert sender.send([an_envelope()]) == MaildirSender(tmp_path).send([an_envelope()]) == (Accepted(name),)
    assert list((tmp_path / "new").iterdir()) == []


def test_a_mail_that_moves_while_the_sender_is_at_work_is_known_again(tmp_path: Path) -> None:
    sender = MaildirSender(tmp_path)
    for number in range(5):
        sender.send([an_envelope(number)])
        name = file_name(an_envelope(number).key)
        (tmp_path / "new" / name).rename(tmp_path / "cur" / f"{name}:2,S")
        sender.send([an_envelope(earlier) for earlier in range(number + 1)])
    assert list((tmp_path / "new").iterdir()) == []
    assert len(list((tmp_path / "cur").iterdir())) == 5


def test_a_folder_whose_clock_is_coarse_hides_no_mail(tmp_path: Path) -> None:
    sender, cur = MaildirSender(tmp_path), tmp_path / "cur"
    sender.send([an_envelope(1), an_envelope(2)])
    (tmp_path / "new" / an_envelope(1).key).rename(cur / an_envelope(1).key)
    sender.send([an_envelope(1)])
    changed_at = cur.stat().st_mtime_ns
    (tmp_path / "new" / an_envelope(2).key).rename(cur / an_envelope(2).key)
    os.utime(cur, ns=(changed_at, changed_at))
    sender.send([an_envelope(2)])
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize(
    "key", ["../../escape", "/etc/passwd", "", "a" * 5000, "名前", "eff_" + "A" * 26, "x\x00y", "\ud800"]
)
def test_no_key_leaves_the_folder(tmp_path: Path, key: str) -> None:
    envelope = attrs.evolve(an_envelope(), key=key)
    sender = MaildirSender(tmp_path / "mail")
    assert sender.send([envelope, envelope]) == (Accepted(file_name(key)),) * 2
    assert [file.name for file in (tmp_path / "mail" / "new").iterdir()] == [file_name(key)]
    assert [path.name for path in tmp_path.iterdir()] == ["mail"]


def test_writers_of_one_key_leave_one_mail(tmp_path: Path) -> None:
    senders = [MaildirSender(tmp_path, durable=False) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        batches = list(threads.map(lambda sender: sender.send([an_envelope(n) for n in range(20)]), senders))
    assert all(isinstance(receipt, Accepted) for batch in batches for receipt in batch)
    assert len(list((tmp_path / "new").iterdir())) == 20
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_draft_of_a_killed_process_is_no_mail(tmp_path: Path) -> None:
    sender = MaildirSender(tmp_path)
    (tmp_path / "tmp" / f"{an_envelope().key}.1.1.0").write_bytes(b"Subject: hal")
    assert sender.send([an_envelope()]) == (Accepted(an_envelope().key),)
    assert b"Text 1" in (tmp_path / "new" / an_envelope().key).read_bytes()


def test_a_disk_that_refuses_defers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = MaildirSender(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert sender.send([an_envelope()]) == (Deferred("disk_OSError", "28"),)
    assert [list((tmp_path / folder).iterdir()) for folder in ("tmp", "new", "cur")] == [[], [], []]
    monkeypatch.undo()
    assert sender.send([an_envelope()]) == (Accepted(an_envelope().key),)


def test_a_folder_that_may_not_be_on_the_disk_is_in_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = MaildirSender(tmp_path)
    really = os.fsync
    calls: list[int] = []

    def second_fails(number: int) -> None:
        calls.append(number)
        if len(calls) == 2:
            raise OSError(5, "I/O error")
        really(number)

    monkeypatch.setattr(os, "fsync", second_fails)
    assert sender.send([an_envelope()]) == (Unknown("disk_OSError"),)
    assert sender.send([an_envelope()]) == (Accepted(an_envelope().key),)
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_a_file_system_without_links_gets_the_mail_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", no_links)
    assert MaildirSender(tmp_path).send([an_envelope()]) == (Accepted(an_envelope().key),)
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_the_first_writer_of_a_key_wins(tmp_path: Path) -> None:
    draft, final = tmp_path / "draft", tmp_path / "final"
    draft.write_bytes(b"second")
    final.write_bytes(b"first")
    _publish(draft, final)
    assert final.read_bytes() == b"first"


def test_an_envelope_without_a_mail_is_rejected(tmp_path: Path) -> None:
    assert MaildirSender(tmp_path).send([attrs.evolve(an_envelope(), data=b"")]) == (Rejected("no_mail"),)

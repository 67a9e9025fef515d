"""A sender is one file plus the class that holds it to the contract, and it is loaded only when it is asked for.

What a new one needs: its file in `nurture/senders`, its line in that room's list, and its class in
`tests/contract/test_sender_<file>.py`.
"""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import nurture.senders
from nurture.ports import AsyncSender, Sender
from nurture.testing import AsyncSenderContract, SenderContract

ROOM = Path(inspect.getfile(nurture.senders)).parent
TESTS = Path(__file__).parent.parent / "contract"
BESIDES = {"DkimSigner": "dkim", "WebhookAction": "webhook_action"}
"""What the room gives that is no sender, and the file it is in."""


def files(room: Path) -> set[str]:
    return {path.stem for path in room.glob("*.py") if not path.stem.startswith("_")}


def siblings_of(source: str, others: set[str]) -> set[str]:
    """The other senders' files that a module imports when it is loaded or used, but not those for types alone."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom | ast.Import)]
    names = {one.name for node in found for one in node.names}
    names |= {f"{node.module}.{one.name}" for node in found if isinstance(node, ast.ImportFrom) for one in node.names}
    names |= {node.module or "" for node in found if isinstance(node, ast.ImportFrom)}
    return {other for other in others if f"nurture.senders.{other}" in names}


def senders() -> dict[str, type]:
    return {name: getattr(nurture.senders, name) for name in nurture.senders.__all__ if name not in BESIDES}


def test_every_file_of_the_room_gives_one_sender() -> None:
    homes = [one.__module__.rpartition(".")[2] for one in senders().values()]
    assert sorted(homes) == sorted(files(ROOM) - set(BESIDES.values()))
    assert len(set(homes)) == len(homes)


@pytest.mark.parametrize("name", sorted(senders()))
def test_a_sender_imports_no_other(name: str) -> None:
    home = Path(inspect.getfile(senders()[name]))
    others = files(ROOM) - {home.stem, *BESIDES.values()}
    assert siblings_of(home.read_text(encoding="utf-8"), others) == set()


@pytest.mark.parametrize("name", sorted(senders()))
def test_a_sender_is_held_to_the_contract(name: str) -> None:
    one = senders()[name]
    module = importlib.import_module(f"tests.contract.test_sender_{one.__module__.rpartition('.')[2]}")
    kind = AsyncSenderContract if inspect.iscoroutinefunction(one.send) else SenderContract  # type: ignore[attr-defined]
    held = [two for two in vars(module).values() if inspect.isclass(two) and issubclass(two, kind) and two is not kind]
    assert f"Test{name}" in [two.__name__ for two in held]


@pytest.mark.parametrize("name", sorted(senders()))
def test_a_sender_declares_its_window(name: str) -> None:
    one = senders()[name]
    assert isinstance(inspect.getattr_static(one, "dedup_window"), property)
    port = AsyncSender if inspect.iscoroutinefunction(one.send) else Sender  # type: ignore[attr-defined]
    assert all(hasattr(one, member) for member in ("send", "close", "dedup_window") if hasattr(port, member))


def test_the_room_itself_loads_no_library() -> None:
    probe = (
        "import sys, nurture.senders, nurture.senders.smtp, nurture.senders.webhook\n"
        "print(*{'aiosmtplib', 'boto3', 'botocore', 'django', 'dkim', 'nacl'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-I", "-c", probe], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == ""


def test_one_that_leans_on_another_would_be_seen() -> None:
    planted = "from nurture.senders.smtp import SmtpSender\n"
    assert siblings_of(planted, {"smtp", "ses"}) == {"smtp"}
    assert siblings_of("from nurture.senders import smtp\n", {"smtp"}) == {"smtp"}
    assert siblings_of("if TYPE_CHECKING:\n    from nurture.senders.smtp import X\n", {"smtp"}) == set()

"""Senders: what hands messages to the world. Imports ports and what lies below them; each is loaded when asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.senders.console import ConsoleSender
    from nurture.senders.maildir import MaildirSender
    from nurture.senders.smtp import SmtpSender

__all__ = ["ConsoleSender", "MaildirSender", "SmtpSender"]

_HOMES = {"ConsoleSender": "console", "MaildirSender": "maildir", "SmtpSender": "smtp"}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"nurture.senders.{home}"), name)

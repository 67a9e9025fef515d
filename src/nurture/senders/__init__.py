"""Senders: what hands messages to the world. Imports ports and what lies below them; each is loaded when asked for.

A sender is one file, and one class that holds it to the contract. What several share is in files with an underscore.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.senders.async_smtp import AsyncSmtpSender
    from nurture.senders.console import ConsoleSender
    from nurture.senders.django import DjangoSender
    from nurture.senders.dkim import DkimSigner
    from nurture.senders.maildir import MaildirSender
    from nurture.senders.ses import SesSender
    from nurture.senders.smtp import SmtpSender
    from nurture.senders.webhook import WebhookSender
    from nurture.senders.webhook_action import WebhookAction

__all__ = [
    "AsyncSmtpSender",
    "ConsoleSender",
    "DjangoSender",
    "DkimSigner",
    "MaildirSender",
    "SesSender",
    "SmtpSender",
    "WebhookAction",
    "WebhookSender",
]

_HOMES = {
    "AsyncSmtpSender": "async_smtp",
    "ConsoleSender": "console",
    "DjangoSender": "django",
    "DkimSigner": "dkim",
    "MaildirSender": "maildir",
    "SesSender": "ses",
    "SmtpSender": "smtp",
    "WebhookAction": "webhook_action",
    "WebhookSender": "webhook",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"nurture.senders.{home}"), name)

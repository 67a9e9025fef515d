"""Mail: templates, links, and the bytes of one message. Imports ports and what lies below them.

Each name is loaded when it is asked for: `Site` costs nothing of Jinja. Only `compose` is imported from its
own file, whose name it has.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.mail.address import wire_address, wire_domain
    from nurture.mail.context import context_of, known_names
    from nurture.mail.honorifics import honorific
    from nurture.mail.links import Unsubscribe, make_unsubscribe_link, read_unsubscribe_token
    from nurture.mail.site import SenderIdentity, Site, message_id
    from nurture.mail.templates import Body, CompiledTemplate, Kind, Rendered, check_template, compile_template, render

__all__ = [
    "Body",
    "CompiledTemplate",
    "Kind",
    "Rendered",
    "SenderIdentity",
    "Site",
    "Unsubscribe",
    "check_template",
    "compile_template",
    "context_of",
    "honorific",
    "known_names",
    "make_unsubscribe_link",
    "message_id",
    "read_unsubscribe_token",
    "render",
    "wire_address",
    "wire_domain",
]

_HOMES = {
    "address": ("wire_address", "wire_domain"),
    "honorifics": ("honorific",),
    "context": ("context_of", "known_names"),
    "links": ("Unsubscribe", "make_unsubscribe_link", "read_unsubscribe_token"),
    "site": ("SenderIdentity", "Site", "message_id"),
    "templates": ("Body", "CompiledTemplate", "Kind", "Rendered", "check_template", "compile_template", "render"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"nurture.mail.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Mail: templates, links, and the bytes of one message. Imports ports and what lies below them.

Each name is loaded when it is asked for: `Site` costs nothing of Jinja. Only `compose` and `lint` are imported from
their own files, whose names they have.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.mail.address import wire_address, wire_domain
    from nurture.mail.bodies import bodies_for
    from nurture.mail.check import check_messages, content_problems
    from nurture.mail.context import context_of, known_names
    from nurture.mail.files import Attachment, AttachmentSource
    from nurture.mail.honorifics import honorific
    from nurture.mail.invitation import invitation_for
    from nurture.mail.links import (
        TEST_LEAD,
        Click,
        Confirm,
        Open,
        Preferences,
        Unsubscribe,
        make_click_link,
        make_confirm_link,
        make_open_link,
        make_preferences_link,
        make_unsubscribe_link,
        read_click_token,
        read_confirm_token,
        read_open_token,
        read_preferences_token,
        read_unsubscribe_token,
    )
    from nurture.mail.lint import Finding
    from nurture.mail.mjml import html_from_mjml
    from nurture.mail.owner import Owner
    from nurture.mail.plaintext import text_from_html
    from nurture.mail.return_path import make_return_path, read_return_path
    from nurture.mail.site import SenderIdentity, Site, Tracking, message_id
    from nurture.mail.targets import clean_target
    from nurture.mail.templates import Body, CompiledTemplate, Kind, Rendered, check_template, compile_template, render
    from nurture.mail.tracking import (
        own_links,
        rewritten,
        tracked_html,
        tracked_text,
        with_open_pixel,
        with_tracked_links,
    )
    from nurture.mail.utm import with_text_utm, with_utm

__all__ = [
    "TEST_LEAD",
    "Attachment",
    "AttachmentSource",
    "Body",
    "Click",
    "CompiledTemplate",
    "Confirm",
    "Finding",
    "Kind",
    "Open",
    "Owner",
    "Preferences",
    "Rendered",
    "SenderIdentity",
    "Site",
    "Tracking",
    "Unsubscribe",
    "bodies_for",
    "check_messages",
    "check_template",
    "clean_target",
    "compile_template",
    "content_problems",
    "context_of",
    "honorific",
    "html_from_mjml",
    "invitation_for",
    "known_names",
    "make_click_link",
    "make_confirm_link",
    "make_open_link",
    "make_preferences_link",
    "make_return_path",
    "make_unsubscribe_link",
    "message_id",
    "own_links",
    "read_click_token",
    "read_confirm_token",
    "read_open_token",
    "read_preferences_token",
    "read_return_path",
    "read_unsubscribe_token",
    "render",
    "rewritten",
    "text_from_html",
    "tracked_html",
    "tracked_text",
    "wire_address",
    "wire_domain",
    "with_open_pixel",
    "with_text_utm",
    "with_tracked_links",
    "with_utm",
]

_HOMES = {
    "bodies": ("bodies_for",),
    "check": ("check_messages", "content_problems"),
    "files": ("Attachment", "AttachmentSource"),
    "invitation": ("invitation_for",),
    "lint": ("Finding",),
    "mjml": ("html_from_mjml",),
    "owner": ("Owner",),
    "plaintext": ("text_from_html",),
    "address": ("wire_address", "wire_domain"),
    "honorifics": ("honorific",),
    "context": ("context_of", "known_names"),
    "links": (
        "TEST_LEAD",
        "Click",
        "Confirm",
        "Open",
        "Preferences",
        "Unsubscribe",
        "make_click_link",
        "make_confirm_link",
        "make_open_link",
        "make_preferences_link",
        "make_unsubscribe_link",
        "read_click_token",
        "read_confirm_token",
        "read_open_token",
        "read_preferences_token",
        "read_unsubscribe_token",
    ),
    "return_path": ("make_return_path", "read_return_path"),
    "site": ("SenderIdentity", "Site", "Tracking", "message_id"),
    "targets": ("clean_target",),
    "tracking": ("own_links", "rewritten", "tracked_html", "tracked_text", "with_open_pixel", "with_tracked_links"),
    "utm": ("with_text_utm", "with_utm"),
    "templates": ("Body", "CompiledTemplate", "Kind", "Rendered", "check_template", "compile_template", "render"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"nurture.mail.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

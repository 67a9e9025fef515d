"""A colleague in whose name mail goes out, and who answers. Imports errors, addresses and headers."""

from __future__ import annotations

import attrs

from nurture.errors import DefinitionError, SendRefusedError
from nurture.mail.address import wire_address
from nurture.mail.headers import check_value
from nurture.steps.declaration import fit


@attrs.frozen(slots=True)
class Owner:
    """Who of us looks after a lead, as its mail shows them.

    Attributes:
        name: As it stands in `From`; `""` shows the address alone.
        address: Mail to the lead comes from it where the site may send from its domain, and answers go to it.
        signature: Stands below the text of mail that comes from the owner.
        signature_html: The same for HTML; `""` makes it from `signature`. It is the host's own HTML, and not escaped.
        phone: For templates.

    Raises:
        DefinitionError: Name or address cannot stand in a header.

    Example:
        >>> Owner("見本 花子", "hanako@example.jp", signature="営業部 見本 花子").address
        'hanako@example.jp'
    """

    name: str
    address: str
    signature: str = ""
    signature_html: str = ""
    phone: str = ""

    def __attrs_post_init__(self) -> None:
        fit(self, "owner")
        problems: list[str] = []
        for field, check in (("name", check_value), ("address", _checked)):
            try:
                check(getattr(self, field), f"owner.{field}")
            except SendRefusedError as error:
                problems.append(f"owner.{field}: {error}")
        if problems:
            raise DefinitionError(problems)


def _checked(address: str, _: str) -> str:
    return wire_address(address)

"""One envelope after the other, until it is hopeless to go on. Imports the ports."""

from __future__ import annotations

from collections.abc import Callable, Collection

from nurture.ports import Deferred, Envelope, Receipt

NOT_TRIED = Deferred("not_tried")
"""For the rest of a call in which nobody answers: nothing was sent, and each try would cost a timeout."""


def in_turn(envelopes: Collection[Envelope], settle: Callable[[Envelope], tuple[Receipt, bool]]) -> tuple[Receipt, ...]:
    """A receipt for each envelope, in order.

    Args:
        envelopes: What is to be sent.
        settle: Sends one; its receipt, and whether trying further ones in this call is without hope.
    """
    receipts: list[Receipt] = []
    for envelope in envelopes:
        receipt, is_hopeless = settle(envelope)
        receipts.append(receipt)
        if is_hopeless:
            break
    return (*receipts, *[NOT_TRIED] * (len(envelopes) - len(receipts)))

"""The world that messages go to: it keeps what it took, across all crashes, and knows keys again if it deduplicates."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta


class OtherSide:
    """What was carried out.

    Args:
        deduplicates: Whether a key that was taken once is recognised for ever.
    """

    def __init__(self, *, deduplicates: bool) -> None:
        self.window = timedelta.max if deduplicates else timedelta(0)
        self.taken: Counter[tuple[str, str]] = Counter()

    def take(self, tenant: str, key: str, *, is_message: bool) -> None:
        """Something is carried out; actions are never recognised, since nothing says that they are."""
        if not (is_message and self.window and self.taken[tenant, key]):
            self.taken[tenant, key] += 1

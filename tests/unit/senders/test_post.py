"""`Retry-After`, as far as it can be read."""

from datetime import UTC, datetime, timedelta

import pytest

from nurture.senders._post import Target, waiting

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        (None, None),
        ("", None),
        ("-5", None),
        ("1e3", None),
        ("0", timedelta(0)),
        (" 90 ", timedelta(seconds=90)),
        ("99999999999999999999", None),
        ("Wed, 01 Apr 2026 13:00:00 GMT", timedelta(hours=1)),
        ("Wed, 01 Apr 2026 21:00:00 +0900", timedelta(0)),
        ("Wed, 01 Apr 2026 13:00:00 -0000", timedelta(hours=1)),
        ("Wed, 01 Apr 9999 13:00:00 GMT", timedelta(days=1)),
        ("Wed, 99 Apr 2026 13:00:00 GMT", None),
    ],
)
def test_how_long_to_wait(said: str | None, wait: timedelta | None) -> None:
    assert waiting(said, NOON) == wait


def test_a_target_has_the_ports_that_are_meant() -> None:
    assert (Target.of("http://localhost").port, Target.of("http://localhost").path) == (80, "/")
    secret = Target.of("https://example.jp/a/b?c=d")
    assert (secret.host, secret.port, secret.path) == ("example.jp", 443, "/a/b?c=d")
    assert secret.context is not None
    assert Target.of("http://[::1]:8080/x").host == "::1"

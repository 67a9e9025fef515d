"""Django's settings for tests, which a process can have only once."""

import django
from django.conf import settings


def configure() -> None:
    """The same settings as the tests of joined transactions make, whoever comes first."""
    if not settings.configured:
        settings.configure(DATABASES={}, USE_TZ=True)
        django.setup()

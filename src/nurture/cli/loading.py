"""Finding an object of the host's by `module:name`. May import the errors."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from nurture.cli.answer import UsageError
from nurture.errors import NurtureError, unknown_name
from nurture.runtime.host import where

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def loaded(text: str, wanted: type[T]) -> T:
    """The object that `module:name` names, or what it gives when it is called. The folder at hand is searched, too.

    Raises:
        UsageError: There is no such thing, or it is something else.
        NurtureError: The host's code raised one of ours.
    """
    module, _, path = text.partition(":")
    if not module or not path:
        raise UsageError(f"expected module:name, such as crm:crm, found {text!r}")
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    found: object = _run(lambda: import_module(module), f"importing {module}", module)
    for name in path.split("."):
        missing = object()
        inner: object = getattr(found, name, missing)
        if inner is missing:
            known = [one for one in dir(found) if not one.startswith("_")]
            raise UsageError(unknown_name("name", name, known, where=text))
        found = inner
    if not isinstance(found, wanted) and callable(found):
        make: Callable[[], object] = found
        found = _run(make, f"calling {text}", module)
    if isinstance(found, wanted):
        return found
    raise UsageError(f"{text}: expected a {wanted.__name__}, or what makes one, found {type(found).__name__}")


def _run(work: Callable[[], object], what: str, module: str) -> object:
    try:
        with redirect_stdout(sys.stderr):  # a greeting of the host's is no answer of ours
            return work()
    except NurtureError:
        raise
    except SystemExit as error:
        raise UsageError(f"{what} ended the process, at {where(error)}; it must only wire things up") from error
    except ModuleNotFoundError as error:
        raise UsageError(f"{what}: there is no module {error.name!r} here") from error
    except Exception as error:
        message = f"{what} failed: {type(error).__name__} at {where(error)}; `python -c 'import {module}'` shows more"
        raise UsageError(message) from error

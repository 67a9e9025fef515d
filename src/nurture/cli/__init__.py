"""The operators' commands: `nurture`, or `python -m nurture`. May import every room; nothing imports it.

What is printed carries ids, names of the program and instants, never anything about a person.
"""

from nurture.cli.main import main

__all__ = ["main"]

"""Benchmarks: `nurture` beside hand-written limits and the tools one would use instead.

Run `python -m bench.run` from the repository's root. Nothing here ships in the wheel,
and nothing in `src` or `tests` imports it.
"""

"""What a misspelt name may have been meant to be."""

from __future__ import annotations

from collections.abc import Iterable

_CUTOFF = 0.6
"""The least likeness, as of ``difflib``: 1 is equal."""


def nearest(name: str, known: Iterable[str], cutoff: float = _CUTOFF) -> str:
    """Return the name among *known* that is most like *name*; an empty string if none is like it."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, list(known), n=1, cutoff=cutoff)), "")

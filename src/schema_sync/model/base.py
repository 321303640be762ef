"""The base of every value: frozen, keyword-only, comparable, and decodable from JSON without copying code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

import msgspec

Key = TypeVar("Key")
Item = TypeVar("Item")


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An immutable value; its collections are tuples, its defaults are left out of its JSON."""


def grouped(pairs: Iterable[tuple[Key, Item]]) -> dict[Key, list[Item]]:
    """Return the items of *pairs* by their keys, both in their order; a key that is looked up in vain has none."""
    found: dict[Key, list[Item]] = defaultdict(list)
    for key, item in pairs:
        found[key].append(item)
    return found

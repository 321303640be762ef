"""The base of every value: frozen, keyword-only, comparable, and decodable from JSON without copying code."""

from __future__ import annotations

import msgspec


class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An immutable value; its collections are tuples, its defaults are left out of its JSON."""

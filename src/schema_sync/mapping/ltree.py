"""The extension ltree: labels of a tree, and patterns of them."""

from __future__ import annotations

from schema_sync.mapping.base import TypeMap, text

_TEXT = text("it has no cast to json: labels with dots between them, or a pattern")

TYPES = TypeMap(
    extension="ltree",
    types={"ltree": _TEXT, "lquery": _TEXT, "ltxtquery": _TEXT, "ltree_gist": text("an index's own")},
)

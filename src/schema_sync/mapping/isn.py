"""The extension isn: numbers of products, with hyphens."""

from __future__ import annotations

from schema_sync.mapping.base import TypeMap, text

_TEXT = text("stored as a number, sent as text with its hyphens")

TYPES = TypeMap(
    extension="isn",
    types=dict.fromkeys(("ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc"), _TEXT),
)

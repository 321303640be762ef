"""The page: a template, the style sheets, the scripts and the data, put into one file.

The policy in the page (Content Security Policy Level 3) permits these scripts and styles by their hashes and
forbids all else: no script in a name, no request, no form, no frame.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from schema_sync.explorer.contents import Contents
from schema_sync.reports.escaping import json_text

BEGIN = "<!DOCTYPE html>\n<!-- Written by schema-sync explore. -->\n"
"""The first lines of the page: what begins otherwise is not ours."""
STYLES = ("page.css", "pane.css", "map.css", "history.css")
SCRIPTS = (
    "elements.js",
    "schema.js",
    "search.js",
    "pane.js",
    "sections.js",
    "history.js",
    "overview.js",
    "camera.js",
    "drawing.js",
    "map.js",
    "legend.js",
    "main.js",
)
_IN_SCRIPT = str.maketrans(
    {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"}
)


def render(contents: Contents) -> str:
    """Return the page."""
    script, style = _joined(SCRIPTS), _joined(STYLES)
    template = _text("page.html")
    parts = {
        "POLICY": f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        "STYLE": style,
        "DATA": json_text(contents).translate(_IN_SCRIPT),
        "SCRIPT": script,
    }
    pieces = template.split("@@")  # every second piece is a word: what is put in is not searched again
    return BEGIN + "".join(parts[piece] if number % 2 else piece for number, piece in enumerate(pieces))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _joined(names: tuple[str, ...]) -> str:
    text = "\n".join(map(_text, names))
    return f'\n(() => {{\n"use strict";\n{text}}})();\n' if names == SCRIPTS else f"\n{text}"


@cache
def _text(name: str) -> str:
    return (files("schema_sync.explorer") / "page" / name).read_text("utf-8")

"""Values → JSON that any reader takes and no terminal obeys: valid Unicode, with all that is invisible escaped.

Authority: RFC 8259, sections 7 and 8; Unicode Technical Report 36 on what misleads a reader.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import cast

import msgspec

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's general categories of what does not show: controls, formats, surrogates, unassigned, separators."""


def encode(value: object, encoder: msgspec.json.Encoder | None = None) -> bytes:
    r"""Return *value* as JSON in UTF-8, as msgspec writes it.

    Half of a surrogate pair is not a character, so UTF-8 cannot hold it; names of files and arguments can
    that are not UTF-8, and from literals of Python. It is written as an escape within the text: ``\udce9``.
    """
    encode_ = msgspec.json.encode if encoder is None else encoder.encode
    try:
        return encode_(value)
    except UnicodeEncodeError:
        return encode_(_valid(msgspec.to_builtins(value, builtin_types=(Decimal,))))  # the encoder writes those


def _valid(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_valid(k): _valid(v) for k, v in cast("dict[object, object]", value).items()}
        case list() | tuple():
            return [_valid(each) for each in cast("list[object]", value)]
        case _:
            return value


def visible(document: str) -> str:
    """Return a JSON *document* with all that is invisible in its strings as JSON escapes: the same values.

    JSON admits controls such as U+009B and the line separators U+0085, U+2028 and U+2029 as they are.
    """
    return "\n".join(  # a line feed stands between values only
        line
        if line.isprintable()
        else "".join(_escaped(c) if unicodedata.category(c) in INVISIBLE else c for c in line)
        for line in document.split("\n")
    )


def _escaped(char: str) -> str:
    """Return *char* as JSON writes it in ASCII (RFC 8259, section 7): one or two UTF-16 units."""
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))

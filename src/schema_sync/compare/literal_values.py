"""Whether a literal of the code can be a value of a column.

Authority: PostgreSQL manual, chapter "Data Types" (what their input functions take). PostgREST sends each value of
a filter as text, and those of a payload as JSON.
"""

from __future__ import annotations

import re

from schema_sync.model.catalog import TypeRef
from schema_sync.model.queries import Scalar

_INTEGER = r"\s*[+-]?\d+\s*"
_NUMBER = r"(?i)\s*[+-]?(\d+(_\d+)*\.?\d*|\.\d+)([eE][+-]?\d+)?\s*|\s*(nan|[+-]?inf(inity)?)\s*"
_BOOLEAN = r"(?i)\s*(t(rue|ru|r)?|f(alse|als|al|a)?|y(es|e)?|no?|on|off?|1|0)\s*"
_UUID = r"(?i)\{?([0-9a-f]{4}-?){7}[0-9a-f]{4}\}?"
_TAKEN = {
    **dict.fromkeys(("int2", "int4", "int8"), _INTEGER),
    **dict.fromkeys(("float4", "float8", "numeric"), _NUMBER),
    "bool": _BOOLEAN,
    "uuid": _UUID,
}


def is_value_of(ref: TypeRef, value: Scalar) -> bool:
    """Return whether a column of type *ref* can hold *value*; True where that is not known. None is not judged."""
    taken = _TAKEN.get(ref.name.name) if ref.name.schema == "pg_catalog" and not ref.dims else None
    if taken is None or value is None:
        return True
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return re.fullmatch(taken, text) is not None

"""Markers: what a class's own docstring and comments say of the database object it maps to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from schema_sync.model.base import Value
from schema_sync.model.catalog import ObjectKind, QName
from schema_sync.model.declarations import BoundShape, Declaration, RowDeclaration, Unread

_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_QUALIFIED = rf"(?:(?P<schema>{_NAME})\.)?(?P<name>{_NAME})"
_MARKER = re.compile(
    rf"^[ \t]*(?P<word>Table|View|Enum|Type|Database)[ \t]*:[ \t]*{_QUALIFIED}[ \t]*\.?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_TYPE_LIST = r'(?:"(?:[^"]|"")*"|\([^()"\n]*\)|[^()"\n])*'
_OF_FUNCTION = (
    rf"(?im)^[ \t]*(?P<word>Function|Result)[ \t]*:[ \t]*{_QUALIFIED}[ \t]*"
    rf"(?:\((?P<types>{_TYPE_LIST})\))?[ \t]*\.?[ \t]*$"
)
_BEFORE_TABLE = rf"(?i){_QUALIFIED}\s+table\b"
_TYPE_IGNORE = r"type:\s*ignore\b"
MARKERS: dict[ObjectKind, str] = {
    "table": "Table",
    "view": "View",
    "enum": "Enum",
    "composite": "Type",
    "function": "Function",
}
_SHAPES: tuple[BoundShape, ...] = ("row", "insert", "update", "partial")
_KINDS: dict[str, ObjectKind | None] = {
    "table": "table",
    "view": "view",
    "enum": "enum",
    "type": "composite",
    "database": None,
}


class Marker(Value, frozen=True, kw_only=True):
    """A name as a marker gives it; ``schema`` is None where it is not said, ``kind`` where any will do.

    ``shape`` is what the configuration says that a class is.
    """

    name: str
    schema: str | None = None
    kind: ObjectKind | None = None
    shape: BoundShape | None = None


def markers(declared: Declaration | Unread) -> Iterator[Marker]:
    """Yield what the lines of a class's docstring, and then its comments, say if they are markers.

    ``# type: ignore`` is none (PEP 484).
    """
    yield from (_marker(match, _KINDS[match["word"].lower()]) for match in _matches(declared))


def _matches(declared: Declaration | Unread) -> Iterator[re.Match[str]]:
    for text in (declared.doc or "", *(c for c in declared.comments if not re.match(_TYPE_IGNORE, c))):
        yield from _MARKER.finditer(text)


def renamed_markers(declared: Declaration, former: QName, now: QName) -> Iterator[tuple[str, str]]:
    """Yield the marker lines of a class that give the name *former*, and what they are with *now*."""
    for match in _matches(declared):
        said = _marker(match, None)
        if said.name == former.name and said.schema in {None, former.schema}:
            is_bare = said.schema is None and now.schema == former.schema
            line, name = match[0].strip(), quoted(now.name) if is_bare else spelled(now)
            start = match.start("name" if said.schema is None else "schema") - match.start()
            indent = len(match[0]) - len(match[0].lstrip())
            new = line[: start - indent] + name + match[0][match.end("name") - match.start() :].rstrip()
            yield line, f"{new}." if new.endswith('"') else new


def _marker(match: re.Match[str], kind: ObjectKind | None) -> Marker:
    """Return what matches ``_QUALIFIED``."""
    return Marker(
        name=unquoted(match["name"]), schema=unquoted(match["schema"]) if match["schema"] else None, kind=kind
    )


def written_markers(kinds: Mapping[QName, ObjectKind]) -> dict[str | None, QName]:
    """Return the objects by the markers that an update writes for them, where their names need no quotes."""
    return {
        f"{MARKERS[kind]}: {name.schema}.{name.name}": name
        for name, kind in kinds.items()
        if _is_bare(name.name) and _is_bare(name.schema)
    }


class FunctionMarker(Marker, frozen=True, kw_only=True):
    """A function as a marker gives it.

    ``types`` (of the input arguments, as text) is None where they are not said; ``of_result`` tells a class or
    alias for what the function returns from one for its arguments.
    """

    types: str | None = None
    of_result: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether it is a name alone, as prose may be: it counts only if there is a function of that name."""
        return self.schema is None and self.types is None


def type_list(text: str) -> str:
    """Return a list of types, separated by commas, with one blank behind each."""
    return ", ".join(part.strip() for part in text.split(",") if part.strip())


def function_marker(doc: str | None, comments: tuple[str, ...] = ()) -> FunctionMarker | None:
    """Return the first marker line for a function in the docstring, else in the comments; also if it is bare."""
    for text in (doc or "", *comments):
        lowered = text.lower()
        match = re.search(_OF_FUNCTION, text) if "function" in lowered or "result" in lowered else None
        if match is not None and _MARKER.search(text, 0, match.start()) is None:  # behind that all is text
            named, types = _marker(match, "function"), match["types"]
            return FunctionMarker(
                name=named.name,
                schema=named.schema,
                types=None if types is None else type_list(types),
                of_result=match["word"].lower() == "result",
            )
    return None


def marker_end(doc: str) -> int:
    """Return where the first marker line of a docstring ends, 0 if it has none."""
    match = _MARKER.search(doc)
    return match.end() if match else 0


def mentioned_tables(declaration: RowDeclaration) -> Iterator[Marker]:
    """Yield the names that stand right before the word "table" in the docstring."""
    for match in re.finditer(_BEFORE_TABLE, declaration.doc or ""):
        yield _marker(match, "table")


def parse_object(text: str) -> Marker | None:
    """Return the object that the configuration or a lock names as ``name`` or ``schema.name``."""
    match = re.fullmatch(_QUALIFIED, text)
    return _marker(match, None) if match else None


def parse_binding(text: str) -> Marker | None:
    """Return the object that the configuration binds a class to as ``schema.name`` or ``shape:schema.name``."""
    shape = next((each for each in _SHAPES if text.startswith(f"{each}:")), None)
    found = parse_object(text.removeprefix(f"{shape}:"))
    return replace(found, shape=shape) if found else None


def parse_column(text: str) -> tuple[QName, str] | None:
    """Return the relation and the column that a lock names as ``schema.name.column``."""
    match = re.fullmatch(rf"{_QUALIFIED}\.(?P<column>{_NAME})", text)
    if match is None or match["schema"] is None:
        return None
    return QName(schema=unquoted(match["schema"]), name=unquoted(match["name"])), unquoted(match["column"])


def spelled(name: QName) -> str:
    """Return a qualified name as SQL needs it; ``parse_object`` reads it back."""
    return f"{quoted(name.schema)}.{quoted(name.name)}"


def quoted(name: str) -> str:
    """Return an identifier as SQL needs it: bare where that folds to itself, else in double quotes."""
    return name if _is_bare(name) else '"' + name.replace('"', '""') + '"'


def _is_bare(name: str) -> bool:
    """Whether an identifier folds to itself."""
    return name.isascii() and name.isidentifier() and name == name.lower()


def unquoted(name: str) -> str:
    """Return an SQL identifier as the catalog spells it: quotes undone, or folded to lower case."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()

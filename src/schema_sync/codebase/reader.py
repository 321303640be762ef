"""Python files → Codebase, by their syntax trees alone: no user code is imported or run.

Authority: the Python language reference.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from schema_sync.codebase.program import Program, import_graph
from schema_sync.codebase.read.annotations import OPAQUE, Annotations
from schema_sync.codebase.read.class_kinds import Kinds
from schema_sync.codebase.read.construction import Constructions
from schema_sync.codebase.read.enums import Enums
from schema_sync.codebase.read.models import Models
from schema_sync.codebase.read.references import uses
from schema_sync.codebase.read.sqlalchemy_classes import Tables
from schema_sync.codebase.read.typeddicts import Rows
from schema_sync.codebase.scope import Module, module_of
from schema_sync.codebase.source_file import NotPythonError, SourceFile
from schema_sync.garbage import uncollected
from schema_sync.model.declarations import (
    TYPEDDICTS,
    Codebase,
    Declaration,
    EnumDeclaration,
    Location,
    PyType,
    ResultDeclaration,
    RowDeclaration,
    Unread,
    Unreadable,
)

_CLASS = re.compile(
    r"^(?P<indent>[ \t]*)class[ \t]+(?P<name>\w+)|^(?P<made>\w+)[ \t]*=[ \t]*(?:\w+\.)*TypedDict\("
)
_MARKS = re.compile(r"^[ \t]*(?:[rRuU]?(?:\"\"\"|'''|\"|')|#+)?[ \t]*|[ \t]*(?:\"\"\"|'''|\"|')[ \t]*$")


def read_sources(
    sources: Mapping[str, bytes | str], unreadable: Sequence[Unreadable] = (), *, with_uses: bool = True
) -> Codebase:
    """Return what *sources*, file contents by path relative to the project, declare.

    *unreadable* is handed on. Looking for uses takes as long as all else: without *with_uses* there are none.
    """
    with uncollected():
        return _codebase(sources, unreadable, with_uses=with_uses)


def _codebase(sources: Mapping[str, bytes | str], unopened: Sequence[Unreadable], *, with_uses: bool) -> Codebase:
    modules: list[Module] = []
    unreadable, unread = list(unopened), list[Unread]()
    for path in sorted(sources):
        try:
            file = SourceFile.decode(path, sources[path])
        except NotPythonError as error:
            unreadable.append(error.unreadable)
            continue
        try:
            modules.append(module_of(file))
        except NotPythonError as error:
            unreadable.append(error.unreadable)
            unread += _unparsed(file, f"its file could not be parsed: {error.unreadable.why}")
    program = Program(modules)
    kinds = Kinds(program)
    annotations = Annotations(kinds)
    tables = Tables(kinds, annotations)
    found, results = _declarations(program, kinds, annotations, tables)
    unread += _unread(program, kinds, found)
    rows = [declaration for declaration in found.values() if isinstance(declaration, RowDeclaration)]
    enums = tables.with_enums([each for each in found.values() if isinstance(each, EnumDeclaration)])
    used = uses(program, {**found, **results}) if with_uses else ()
    return Codebase(
        rows=tuple(sorted(rows, key=lambda row: row.at)),
        enums=tuple(sorted(enums, key=lambda enum: enum.at)),
        results=tuple(sorted(results.values(), key=lambda result: result.at)),
        unread=tuple(sorted(unread, key=lambda each: each.at)),
        unreadable=tuple(sorted(unreadable, key=lambda file: file.at)),
        uses=tuple(sorted(used, key=lambda use: (use.at, use.declaration, use.member or ""))),
        files=tuple(sorted(sources)),
        names={module.file.path: tuple(sorted({*module.bindings, *module.bound})) for module in modules},
        opaque=_count_opaque(rows),
        imports=import_graph(program),
        aliases=_aliases(program, kinds, annotations),
    )


def _unread(program: Program, kinds: Kinds, found: Mapping[str, Declaration]) -> Iterator[Unread]:
    for definition in program.definitions:
        if definition.id not in found and not (definition.parent and kinds.kind(definition.parent)):
            yield from kinds.unread(definition)


def _unparsed(file: SourceFile, why: str) -> Iterator[Unread]:
    """Yield the classes of a file that has no syntax tree, by their lines alone.

    What stands between a class and the next line that is indented no deeper, quotes and number signs off, may hold
    its marker.
    """
    for number, line in enumerate(file.lines, start=1):
        match = _CLASS.match(line)
        if match is None:
            continue
        column = len(match["indent"] or "")
        block: list[str] = []
        for each in file.lines[number:]:
            if each.strip() and len(each) - len(each.lstrip()) <= column:
                break
            block.append(_MARKS.sub("", each))
        at = Location(path=file.path, line=number, column=column + 1)
        yield Unread(name=match["name"] or match["made"], why=why, named=True, doc="\n".join(block), at=at)


def _declarations(
    program: Program, kinds: Kinds, annotations: Annotations, tables: Tables
) -> tuple[dict[str, Declaration], dict[str, ResultDeclaration]]:
    """Return declarations by id, aliases for results apart; where branches define one twice, the first counts."""
    rows = Rows(kinds, annotations)
    models = Models(kinds, Annotations(kinds, pydantic=True))
    enums = Enums(kinds)
    readers: dict[str, Rows | Models | Tables | Enums] = {"typeddict": rows, "functional": rows, "table": tables}
    readers |= {"model": models, "dataclass": models}
    found: dict[str, Declaration] = {}
    results: dict[str, ResultDeclaration] = {}
    for definition in program.definitions:
        kind = kinds.kind(definition)
        id_ = definition.id
        if kind and id_ not in found:
            found[id_] = readers.get(kind, enums).declaration(definition)
        elif not kind and id_ not in results and (result := annotations.result(definition)):
            results[id_] = result
    return {**found, **Constructions(kinds, found).stated()}, results


def _aliases(program: Program, kinds: Kinds, annotations: Annotations) -> dict[str, PyType]:
    """Return what the type aliases of all top levels map to, by id."""
    found: dict[str, PyType] = {}
    for definition in program.definitions:
        if definition.value is not None and not definition.parent and not kinds.kind(definition):
            stands_for = annotations.alias(definition)
            if stands_for != OPAQUE:
                found.setdefault(definition.id, stands_for)
    return found


def _count_opaque(rows: Sequence[RowDeclaration]) -> int:
    items = (item for row in rows if row.form in TYPEDDICTS for item in row.items)
    types = Counter(item.type for item in items if not item.inherited)
    return sum(count for type_, count in types.items() if type_.is_opaque)

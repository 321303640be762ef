"""Python files → Codebase, by their syntax trees alone: no user code is imported or run.

Authority: the Python language reference; for globs, ``glob`` of the Python library reference (``**`` stands
for any number of folders).
"""

from __future__ import annotations

import errno
import fnmatch
import gc
import os
import re
import stat
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise, takewhile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

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
from schema_sync.repository_files import CODE_BYTES, read_bytes

_SUFFIXES = (".py", ".pyi")
_Glob = list[re.Pattern[str] | None]
_CLASS = re.compile(
    r"^(?P<indent>[ \t]*)class[ \t]+(?P<name>\w+)|^(?P<made>\w+)[ \t]*=[ \t]*(?:\w+\.)*TypedDict\("
)
_MARKS = re.compile(r"^[ \t]*(?:[rRuU]?(?:\"\"\"|'''|\"|')|#+)?[ \t]*|[ \t]*(?:\"\"\"|'''|\"|')[ \t]*$")
_MISNAMED = "the file's name is not UTF-8: rename it, or leave it out (exclude)"


class Collected(NamedTuple):
    """The files that globs choose: contents by path relative to the project, and what could not be opened."""

    sources: dict[str, bytes]
    unreadable: tuple[Unreadable, ...]


def collect(root: Path, include: Sequence[str], exclude: Sequence[str] = ()) -> Collected:
    """Return the Python files below *root* that the globs choose.

    *include* and *exclude* are globs relative to *root* such as ``schemas/**/*.py``; one that names a folder
    matches all within it. Hidden folders, ``__pycache__``, ``node_modules`` and virtual environments are
    searched only if a pattern starts with them, linked folders not at all below a pattern's fixed part.
    What does not exist is not an error; what cannot be opened is in ``unreadable`` alone.
    """
    sources: dict[str, bytes] = {}
    unreadable: list[Unreadable] = []
    for path in sorted(_files(root, include, exclude, unreadable)):
        try:
            path.encode()
            sources[path] = read_bytes(root / path, CODE_BYTES)
        except UnicodeEncodeError:  # no report, lock or program could name it
            unreadable.append(_unreadable(path, _MISNAMED))
        except OSError as error:
            unreadable.append(_unreadable(path, error.strerror or str(error)))
    return Collected(sources, tuple(unreadable))


def read_sources(
    sources: Mapping[str, bytes | str], unreadable: Sequence[Unreadable] = (), *, with_uses: bool = True
) -> Codebase:
    """Return what *sources*, file contents by path relative to the project, declare.

    *unreadable* is handed on. Looking for uses takes as long as all else: without *with_uses* there are none.
    """
    with uncollected():
        return _codebase(sources, unreadable, with_uses=with_uses)


@contextmanager
def uncollected() -> Generator[None]:
    """Keep the garbage collector from walking growing structures again and again: half of the time to parse."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


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


def _unreadable(path: str, why: str) -> Unreadable:
    return Unreadable(at=Location(path=path.encode("utf-8", "backslashreplace").decode(), line=1), why=why)


def _files(root: Path, include: Sequence[str], exclude: Sequence[str], unreadable: list[Unreadable]) -> set[str]:
    """Return the paths relative to *root* of the Python files that the globs choose."""
    by_start: dict[str, list[str]] = {}
    for pattern in dict.fromkeys(include):
        by_start.setdefault(_fixed_part(pattern), []).append(pattern)
    excluded = [_glob(pattern) for pattern in exclude]
    found: set[str] = set()
    for start, patterns in by_start.items():
        wanted = [_glob(pattern) for pattern in patterns]
        for path in walk(root, start, unreadable):
            parts = path.split("/")
            chosen = path.endswith(_SUFFIXES) and any(_chooses(glob, parts) for glob in wanted)
            if chosen and not any(_chooses(glob, parts) for glob in excluded):
                found.add(path)
    return found


def _normal(pattern: str) -> list[str]:
    return list(PurePosixPath(os.path.normpath(pattern)).parts)


def _fixed_part(pattern: str) -> str:
    """Return the leading folders of *pattern* that hold no wildcard."""
    return "/".join(takewhile(set("*?[").isdisjoint, _normal(pattern)))


def _glob(pattern: str) -> _Glob:
    """Return what the parts of a path have to match; None, for ``**``, is any number of folders."""
    pairs = pairwise(["", *_normal(pattern)])
    parts = [part for before, part in pairs if (before, part) != ("**", "**")]  # a run of them is one
    if parts[-1:] == ["**"]:
        parts[-1] = "*"  # whatever is in it is chosen too
    return [None if part == "**" else re.compile(fnmatch.translate(part)) for part in parts]


def _chooses(glob: _Glob, path: Sequence[str]) -> bool:
    """Whether *glob* chooses the path of these parts, or a folder on the way to it.

    All ways to match are followed at once: it takes as long as the pattern and the path have parts, however many
    ``**`` there are.
    """
    if not glob:
        return True  # the project itself
    places = {0}
    for part in path:
        places |= {place + 1 for place in places if glob[place] is None}  # which may be no folder
        matching = {place + 1 for place in places if (wanted := glob[place]) and wanted.match(part)}
        if len(glob) in matching:
            return True
        places = matching.union(place for place in places if glob[place] is None)
    return False


def walk(root: Path, start: str, unreadable: list[Unreadable]) -> Iterator[str]:
    """Yield the files at or below *start*, relative to *root*, with slashes."""
    if _may_be_file(root / start, named=True):
        yield start
        return

    def note(error: OSError) -> None:
        path = os.path.relpath(str(error.filename), root).replace(os.sep, "/")
        fault = _unreadable(path, error.strerror or str(error))
        if not isinstance(error, FileNotFoundError) and fault not in unreadable:  # globs may lead to it twice
            unreadable.append(fault)

    for folder, inner, files in os.walk(root / start, onerror=note):
        inner[:] = [name for name in inner if _is_searched(Path(folder, name))]
        for name in files:
            path = Path(folder, name)
            if _may_be_file(path):
                yield os.path.relpath(path, root).replace(os.sep, "/")


def _may_be_file(path: Path, *, named: bool = False) -> bool:
    """Return whether *path* leads to a file, or to what only the attempt to read it can tell.

    Of what a glob finds, broken links, pipes and devices are none; one that is *named* is to be reported.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
    return stat.S_ISREG(mode) or (named and not stat.S_ISDIR(mode))


def _is_searched(folder: Path) -> bool:
    name = folder.name
    if name.startswith(".") or name in {"__pycache__", "node_modules"}:
        return False
    return not os.access(folder / "pyvenv.cfg", os.F_OK)  # a folder without permission is searched, and reported

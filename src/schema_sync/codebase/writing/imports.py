"""Writing imports: into a statement that is there, in its own layout, or as a new one in its place.

The order is isort's (as ``ruff check --select I`` has it): standard library, third party, first party, relative.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterable
from itertools import groupby

from schema_sync.codebase.source_file import NEWLINE, SourceFile, Splice
from schema_sync.codebase.writing.layout import Extent, read_brackets
from schema_sync.codebase.writing.names import Import, header_of, written_module
from schema_sync.codebase.writing.rendering import WIDTH
from schema_sync.codebase.writing.sequences import Entry, Sequence, split_above

_UNIT = "    "


def add_imports(source: SourceFile, needed: Iterable[Import], first_party: Collection[str]) -> SourceFile:
    """Return *source* with *needed* imported; *first_party* are the project's own top-level packages."""
    for module, group in groupby(
        sorted(needed, key=lambda each: (each.module, each.text)), key=lambda each: each.module
    ):
        names = list(group)
        statement = _statement_for(source, module)
        if statement:
            source = source.replaced([_extend(source, statement, names)])
        else:
            source = source.replaced([_new_statement(source, module, names, first_party)])
    return source


def import_line(module: str, names: Iterable[Import], newline: str = "\n") -> str:
    """Return an import statement without a final newline, over lines where it is too long for one."""
    texts = [item.text for item in sorted(names, key=lambda item: _name_key(item.name))]
    line = f"from {module} import {', '.join(texts)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import ({newline}" + "".join(f"{_UNIT}{t},{newline}" for t in texts) + ")"


def _statement_for(source: SourceFile, module: str) -> ast.ImportFrom | None:
    for statement in header_of(source.tree.body):
        if (
            isinstance(statement, ast.ImportFrom)
            and written_module(statement) == module
            and statement.names[0].name != "*"
        ):
            return statement
    return None


# ---- extending a statement


def read_names(source: SourceFile, statement: ast.ImportFrom | ast.Import) -> Sequence:
    """Return the names that an import statement lists; their keys are what they bind."""
    extents = [Extent(*source.span(alias), alias.asname or alias.name, alias.name) for alias in statement.names]
    start, end = extents[0].start, extents[-1].end
    before, _ = source.span(statement)
    opened = next((p for p in source.trivia(_keyword_end(source, before, start), start) if p.text == "("), None)
    if opened:
        start, end = opened.end, source.span(statement)[1] - 1
    return read_brackets(source, start, end, extents, _UNIT)


def _keyword_end(source: SourceFile, start: int, first: int) -> int:
    return source.text.rindex("import", start, first) + len("import")


def _extend(source: SourceFile, statement: ast.ImportFrom, names: list[Import]) -> Splice:
    sequence = read_names(source, statement)
    for item in names:
        entry = Entry(text=item.text, key=item.alias or item.name, name=item.name)
        sequence.insert(_sorted_place(sequence, item.name), entry)
    splice = sequence.splice()
    start, end = source.span(statement)
    longest = max(len(line) for line in NEWLINE.split(source.text))
    bare = splice.end == end and "\\" not in source.text[start:end]
    first = start - source.line_start(start)
    if bare and first + len(source.text[start : splice.start] + splice.text) > max(WIDTH, min(longest, 120)):
        indent = source.indentation(start)
        lines = "".join(f"{indent}{_UNIT}{entry.text},{sequence.newline}" for entry in sequence.entries)
        return Splice(splice.start, splice.end, f"({sequence.newline}{lines}{indent})")
    return splice


def _sorted_place(sequence: Sequence, name: str) -> int:
    """Return where *name* goes: in order if the others are, else at the end."""
    keys = [_name_key(entry.name or "") for entry in sequence.entries]
    if keys != sorted(keys):
        return len(keys)
    return sum(key <= _name_key(name) for key in keys)


def _name_key(name: str) -> tuple[int, str, str]:
    """Return isort's order of names: constants, classes, the rest; case set aside."""
    bare = name.lstrip("_")
    kind = 0 if name.isupper() and len(name) > 1 else 1 if bare[:1].isupper() else 2
    return kind, name.lower(), name


# ---- a new statement


def _section(module: str, first_party: Collection[str]) -> int:
    top = module.partition(".")[0]
    if not top:
        return 4
    if top == "__future__":
        return 0
    return 1 if top in sys.stdlib_module_names else 3 if top in first_party else 2


def _statement_key(
    statement: ast.Import | ast.ImportFrom, first_party: Collection[str]
) -> tuple[int, int, int, str]:
    if isinstance(statement, ast.Import):
        name = statement.names[0].name
        return _section(name, first_party), 0, 0, name.lower()
    return _module_key(written_module(statement), first_party)


def _module_key(module: str, first_party: Collection[str]) -> tuple[int, int, int, str]:
    dots = len(module) - len(module.lstrip("."))
    return _section(module, first_party), 1, -dots, module.lower()


def _new_statement(source: SourceFile, module: str, names: list[Import], first_party: Collection[str]) -> Splice:
    newline = source.newline
    line = import_line(module, names, newline) + newline
    key = _module_key(module, first_party)
    header = header_of(source.tree.body)
    earlier = [s for s in header if _statement_key(s, first_party) <= key]
    if earlier:
        place = earlier[-1]
        gap = newline if _statement_key(place, first_party)[0] != key[0] else ""
        at = _logical_end(source, place)
        before = gap if source.text[at - 1] in "\r\n" else newline + gap
        later = header[header.index(place) + 1 :]
        if gap and later and _statement_key(later[0], first_party)[0] == key[0]:
            at = _above(source, source.span(later[0])[0])
            return Splice(at, at, line)
        touching = later and source.span(later[0])[0] == at
        behind = newline if touching and _statement_key(later[0], first_party)[0] != key[0] else ""
        return Splice(at, at, before + line + behind)
    if header:
        at = _above(source, source.span(header[0])[0])
        gap = newline if _statement_key(header[0], first_party)[0] != key[0] else ""
        return Splice(at, at, line + gap)
    return _first_statement(source, line)


def _logical_end(source: SourceFile, statement: ast.stmt) -> int:
    """Return where the line ends on which *statement* ends, other statements on it included."""
    body = source.tree.body
    end = source.span(statement)[1]
    for other in body[body.index(statement) + 1 :]:
        start, last = source.span(other)
        if any(piece.kind == "newline" for piece in source.trivia(end, start)):
            break
        end = last
    return source.line_end(end - 1)


def _above(source: SourceFile, offset: int) -> int:
    """Return where the comments start that belong to the statement at *offset*."""
    start = source.comment_block(offset)
    detached, _ = split_above(source.text[start : source.line_start(offset)])
    return start + len(detached)


def _first_statement(source: SourceFile, line: str) -> Splice:
    """Place *line* into a module that imports nothing: behind its docstring, in front of all else."""
    newline = source.newline
    body = source.tree.body
    documented = ast.get_docstring(source.tree, clean=False) is not None
    following = body[1:] if documented else body
    gap = newline * (
        2 if following and re.match(r"class\b|def\b|async\b|@", _text_of(source, following[0])) else 1
    )
    if documented:
        at = _logical_end(source, body[0])
        before = newline if source.text[at - 1] in "\r\n" else newline * 2
        rest = source.text[at:]
        behind = "" if not rest.strip() or NEWLINE.match(rest.lstrip(" \t\f")) else gap
        return Splice(at, at, before + line + behind)
    at = _above(source, source.span(body[0])[0])
    return Splice(at, at, line + gap)


def _text_of(source: SourceFile, statement: ast.stmt) -> str:
    start, _ = source.span(statement)
    return source.text[start:]

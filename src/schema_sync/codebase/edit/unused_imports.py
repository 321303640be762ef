"""Imported names that an edit left without a use: they go with it, as far as nothing else may need them.

In doubt a name stays: it was not used before, is listed or exported, is bound twice, is in a string or a type
comment, has a comment of its own, or other code may take it from here. Only imports at the top level of a module
and under ``if TYPE_CHECKING`` are looked at. Authority: PEP 484 (re-exports, type comments) and the Python
language reference, "The import statement".
"""

from __future__ import annotations

import ast
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from io import StringIO
from pathlib import PurePosixPath
from typing import NamedTuple

from schema_sync.codebase.edit.body_layout import Extent, read_body
from schema_sync.codebase.edit.imports import read_names
from schema_sync.codebase.source_file import NotPythonError, SourceFile
from schema_sync.codebase.syntax import dotted, parse, text_of

_ANY_NAME = frozenset({"globals", "locals", "vars", "eval", "exec", "modules"})  # through these
_PRAGMA = re.compile(r"#.*?(?:\bnoqa\b|\btype:|\bpyright:|\bpylint:|\bmypy:|\bisort:|\bexport)", re.IGNORECASE)
_TYPE_COMMENT = re.compile(r"#\s*type:")

Contents = Mapping[str, bytes]


class _Place(NamedTuple):
    block: list[ast.stmt]
    statement: ast.Import | ast.ImportFrom
    alias: ast.alias


def without_unused(
    contents: Contents, *, before: Mapping[str, bytes | None], elsewhere: Callable[[], Iterable[Contents] | None]
) -> dict[str, bytes]:
    """Return the new *contents* of files less the imported names that were used *before* and no longer are.

    *elsewhere* gives the files that may import from these, by path, or None if some of them could not be read:
    then every name stays. It is asked only if there is a name that could go.

    Raises:
        WriteError: if a file is no Python, or cannot be written as it was encoded.
    """
    cleared = dict(contents)
    for path, content in contents.items():
        old = before.get(path)
        if old is None or PurePosixPath(path).stem == "__init__":
            continue
        source = SourceFile.decode(path, content)
        names = _left_unused(SourceFile.decode(path, old), source)
        importers = elsewhere() if names else ()
        if importers is None:
            return cleared
        for files in importers:
            names -= _handed_on(path, names, files)
        if names:
            cleared[path] = _removed(source, names).encode()
    return cleared


def _left_unused(before: SourceFile, after: SourceFile) -> set[str]:
    """Return the names that imports of *after* bind and that only *before* uses."""
    used = _named(after.tree)
    if not used.isdisjoint(_ANY_NAME):
        return set()
    bound = Counter(
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(after.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )
    free = {name for name in _places(after) if name not in used and bound[name] == 1}
    if not free:
        return free
    free -= _spelled(after, free)
    return free & (_named(before.tree) | _spelled(before, free))


def _named(tree: ast.Module) -> set[str]:
    """Return what a file names, imports aside."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
        elif isinstance(node, ast.Attribute) and node.attr in _ANY_NAME:
            found.add(node.attr)
    return found


def _spelled(source: SourceFile, names: Collection[str]) -> set[str]:
    """Return those of *names* that strings which are Python, doctests or type comments mention."""
    texts = (text for node in ast.walk(source.tree) if (text := text_of(node)))
    mentioned = {text: found for text in texts if (found := {name for name in names if name in text})}
    spelled = {name for text, found in mentioned.items() for name in found if _may_use(text, name)}
    if "type:" in source.text:
        tokens = tokenize.generate_tokens(StringIO(source.text).readline)
        comments = [t.string for t in tokens if t.type == tokenize.COMMENT and _TYPE_COMMENT.match(t.string)]
        spelled |= {name for name in names if any(_has_word(comment, name) for comment in comments)}
    return spelled


def _may_use(text: str, name: str) -> bool:
    """Return whether a string is Python that mentions *name*, or holds some, and is not mere prose."""
    if ">>>" in text and _has_word(text, name):
        return True
    try:
        parse(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return _has_word(text, name)


def _has_word(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _handed_on(path: str, names: Collection[str], files: Contents) -> set[str]:
    """Return those of *names* that one of *files* may take from the module at *path*."""
    stem, found = PurePosixPath(path).stem, set[str]()
    for other, content in files.items():
        if other == path or stem.encode() not in content:
            continue
        try:
            source = SourceFile.decode(other, content)
            tree = source.tree
        except NotPythonError:
            return set(names)
        found |= {name for name in names if any(name in taken for taken in _taken(tree, stem, source.text, names))}
    return found


def _taken(tree: ast.Module, stem: str, text: str, names: Collection[str]) -> Iterator[Collection[str]]:
    """Yield what a file takes of *names* from modules called *stem*."""
    modules = {stem}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").rpartition(".")[2] == stem:
            taken = {alias.name for alias in node.names}
            yield names if "*" in taken else taken
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules |= {a.asname for a in node.names if a.asname and a.name.rpartition(".")[2] == stem}
    attributes = {name: [f"{module}.{name}" for module in modules] for name in names}
    yield {name for name, spelled in attributes.items() if any(_has_word(text, each) for each in spelled)}
    yield {name for name in names if f'"{name}"' in text or f"'{name}'" in text}  # for getattr


def _places(source: SourceFile) -> dict[str, _Place]:
    """Return the imports of single names that may go, by what they bind."""
    body = source.tree.body
    checked = [s.body for s in body if isinstance(s, ast.If) and not s.orelse and _is_type_checking(s.test)]
    return {
        alias.asname or alias.name: _Place(block, statement, alias)
        for block in (body, *checked)
        for statement in block
        if isinstance(statement, ast.Import | ast.ImportFrom) and not _has_pragma(source, statement)
        for alias in statement.names
        if _may_go(statement, alias)
    }


def _is_type_checking(test: ast.expr) -> bool:
    return (dotted(test) or [""])[-1] == "TYPE_CHECKING"


def _may_go(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> bool:
    """Return whether an import is no re-export, and of a module on its own one of the standard library."""
    if alias.name in {alias.asname, "*"}:
        return False
    if isinstance(statement, ast.Import):
        return alias.name in sys.stdlib_module_names
    return statement.module != "__future__"


def _has_pragma(source: SourceFile, statement: ast.stmt) -> bool:
    """Return whether a comment on the lines of *statement* is for a tool."""
    start, end = source.span(statement)
    return _PRAGMA.search(source.text[start : source.line_end(end - 1)].replace("\n", " ")) is not None


def _removed(source: SourceFile, names: Collection[str]) -> SourceFile:
    """Return *source* without the imports that bind *names*; comments stay, and so does the last of a block."""
    for name in sorted(names):
        place = _places(source).get(name)
        if place is None:
            continue
        block, statement, alias = place
        if len(statement.names) > 1:
            entries = read_names(source, statement)
            index = statement.names.index(alias)
            entry = entries.entries[index]
            if not (entry.attached or entry.comment.strip() or entry.below):
                entries.remove(index)
                source = source.replaced([entries.splice()])
        elif len(block) > 1:
            extents = [Extent(*source.span(each)) for each in block]
            body = read_body(source, block, extents, "    ", markers=False)
            index = block.index(statement)
            entry = body.entries[index]
            if not entry.comment.strip():
                body.drop(index)
                if not (index or entry.detached or entry.attached):
                    body.entries[0].detached = body.entries[0].detached.lstrip("\r\n")
                source = source.replaced([body.splice()])
    return source

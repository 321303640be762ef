"""What lists a file's names: ``__all__`` and imports. Entries come and go in the style of the others."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator

from schema_sync.codebase.scope import module_of
from schema_sync.codebase.source_file import SourceFile, Splice
from schema_sync.codebase.syntax import exported_by, placed, text_of
from schema_sync.codebase.writing import sequences
from schema_sync.codebase.writing.imports import read_names
from schema_sync.codebase.writing.layout import Extent, inside, is_bracketed, read_body, read_brackets
from schema_sync.codebase.writing.rendering import quoted
from schema_sync.codebase.writing.sequences import Entry
from schema_sync.codebase.writing.styles import quote_of

_LISTS = (ast.List, ast.Tuple, ast.Set)


def list_names(source: SourceFile, names: Iterable[str]) -> SourceFile:
    """Return *source* with *names* in its ``__all__``, if it has one: in order if the others are, else last."""
    lists = list(_exports(source))
    if not lists:
        return source
    sequence = _read(source, lists[0])
    quote = quote_of(source, lists[0]) or quote_of(source, source.tree) or '"'
    listed = {key for other in lists for key in _keys(other)}
    keys = [entry.key or "" for entry in sequence.entries]
    ordered = keys == sorted(keys)
    for name in names:
        if name in listed:
            continue
        index = bisect_right(keys, name) if ordered and len(keys) > 1 else len(keys)
        if len(keys) == 1:
            ordered = keys[0] <= name  # one name has no order yet: the second goes behind it
        keys.insert(index, name)
        sequence.insert(index, Entry(text=quoted(name, quote, source.encoding), key=name))
    return source.replaced([sequence.splice()])


def unlist_names(source: SourceFile, names: Iterable[str]) -> SourceFile:
    """Return *source* without *names* in its ``__all__``."""
    unwanted = set(names)
    splices: list[Splice] = []
    for node in _exports(source):
        if unwanted.isdisjoint(_keys(node)):
            continue
        sequence = _read(source, node)
        _remove_all(sequence, [i for i, entry in enumerate(sequence.entries) if entry.key in unwanted])
        splices.append(sequence.splice())
    return source.replaced(splices)


def _exports(source: SourceFile) -> Iterator[ast.List | ast.Tuple | ast.Set]:
    """Yield the lists of names that make up ``__all__``."""
    values = (value for statement in source.tree.body if (value := exported_by(statement)) is not None)
    yield from (node for value in values for node in ast.walk(value) if isinstance(node, _LISTS))


def _keys(node: ast.List | ast.Tuple | ast.Set) -> list[str]:
    return [text for each in node.elts if (text := text_of(each)) is not None]


def _read(source: SourceFile, node: ast.List | ast.Tuple | ast.Set) -> sequences.Sequence:
    extents = [Extent(*source.span(each), text_of(each)) for each in node.elts]
    single = isinstance(node, ast.Tuple)
    bracketed = not isinstance(node, ast.Tuple) or is_bracketed(source, node)
    start, end = inside(source, node) if bracketed else source.span(node)
    return read_brackets(source, start, end, extents, "    ", singleton=single)


# ---- removing what is listed


def remove_imports(source: SourceFile, names: Collection[str]) -> SourceFile:
    """Return *source* without the imports of *names*, and without what these bind in ``__all__``."""
    bound = [alias.asname or alias.name for _, _, aliases in _imports_of(source, names) for alias in aliases]
    while found := list(_imports_of(source, names)):
        whole = [(block, statement) for block, statement, aliases in found if len(aliases) == len(statement.names)]
        if whole:
            block = whole[0][0]
            source = _without(source, block, [statement for around, statement in whole if around is block])
            continue
        splices: list[Splice] = []
        for _, statement, aliases in found:
            sequence = read_names(source, statement)
            _remove_all(sequence, [i for i, alias in enumerate(statement.names) if alias in aliases])
            splices.append(sequence.splice())
        source = source.replaced(splices)
    return unlist_names(source, [*bound, *names])


def _imports_of(
    source: SourceFile, names: Collection[str]
) -> Iterator[tuple[list[ast.stmt], ast.ImportFrom, list[ast.alias]]]:
    for statement, block in placed(source.tree.body):
        if isinstance(statement, ast.ImportFrom):
            aliases = [alias for alias in statement.names if alias.name in names]
            if aliases:
                yield block, statement, aliases


def _remove_all(sequence: sequences.Sequence, indexes: Iterable[int]) -> None:
    for removed, index in enumerate(indexes):
        sequence.remove(index - removed)


def remove_declarations(source: SourceFile, names: Collection[str]) -> SourceFile:
    """Return *source* without the declarations of *names*, the comments right above them and their listing."""
    while found := [each for each in module_of(source).definitions if each.name in names]:
        outermost = min((each.block for each in found), key=lambda block: block is not source.tree.body)
        source = _without(source, outermost, [each.node for each in found if each.block is outermost])
    return unlist_names(source, names)


def _without(source: SourceFile, block: list[ast.stmt], unwanted: Collection[ast.stmt]) -> SourceFile:
    """Return *source* without statements of *block*, and what belongs to them."""
    extents = [Extent(*source.span(statement), str(id(statement))) for statement in block]
    sequence = read_body(source, block, extents, "    ", markers=False)
    keys = {str(id(statement)) for statement in unwanted}
    _remove_all(sequence, [i for i, entry in enumerate(sequence.entries) if entry.key in keys])
    if block is source.tree.body and [entry.key for entry in sequence.entries] == [None]:
        sequence.entries[0].text = sequence.entries[0].newline = ""
    return source.replaced([sequence.splice()])

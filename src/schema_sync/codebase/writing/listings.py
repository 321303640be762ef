"""What lists a file's names: ``__all__`` and imports. Entries come and go in the style of the others."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence

from schema_sync.codebase.writing import sequences
from schema_sync.codebase.writing.imports import read_names
from schema_sync.codebase.writing.layout import Extent, inside, is_bracketed, read_body, read_brackets
from schema_sync.codebase.writing.names import blocks
from schema_sync.codebase.writing.places import Place, Places
from schema_sync.codebase.writing.rendering import quoted
from schema_sync.codebase.writing.sequences import Entry
from schema_sync.codebase.writing.styles import quote_of
from schema_sync.codebase.writing.verbatim import Splice, Verbatim

_LISTS = (ast.List, ast.Tuple, ast.Set)


def list_names(source: Verbatim, names: Iterable[str]) -> Verbatim:
    """Return *source* with *names* in its ``__all__``, if it has one: in order if the others are, else last."""
    lists = list(_exports(source))
    if not lists:
        return source
    sequence = _read(source, lists[0])
    quote = quote_of(source, lists[0]) or quote_of(source, source.tree) or '"'
    listed = {key for other in lists for key in _keys(other)}
    for name in names:
        if name in listed:
            continue
        keys = [entry.key or "" for entry in sequence.entries]
        ordered = len(keys) > 1 and keys == sorted(keys)
        index = sum(key <= name for key in keys) if ordered else len(keys)
        sequence.insert(index, Entry(text=quoted(name, quote, source.encoding), key=name))
    return source.replaced([sequence.splice()])


def unlist_names(source: Verbatim, names: Iterable[str]) -> Verbatim:
    """Return *source* without *names* in its ``__all__``."""
    unwanted = set(names)
    splices: list[Splice] = []
    for node in _exports(source):
        if unwanted.isdisjoint(_keys(node)):
            continue
        sequence = _read(source, node)
        for name in unwanted:
            while (index := sequence.index(name)) is not None:
                sequence.remove(index)
        splices.append(sequence.splice())
    return source.replaced(splices)


def _exports(source: Verbatim) -> Iterator[ast.List | ast.Tuple | ast.Set]:
    """Yield the lists of names that make up ``__all__``."""
    for statement in source.tree.body:
        value: ast.expr | None = None
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
                value = statement.value
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            call = statement.value
            extends = isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)
            if extends and call.func.value.id == "__all__" and call.args:  # type: ignore[attr-defined]
                value = call.args[0]
        if value is not None:
            yield from (node for node in ast.walk(value) if isinstance(node, _LISTS))


def _keys(node: ast.List | ast.Tuple | ast.Set) -> list[str]:
    return [e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]


def _read(source: Verbatim, node: ast.List | ast.Tuple | ast.Set) -> sequences.Sequence:
    extents = [
        Extent(*source.span(e), e.value if isinstance(e, ast.Constant) and isinstance(e.value, str) else None)
        for e in node.elts
    ]
    single = isinstance(node, ast.Tuple)
    bracketed = not isinstance(node, ast.Tuple) or is_bracketed(source, node)
    start, end = inside(source, node) if bracketed else source.span(node)
    return read_brackets(source, start, end, extents, "    ", singleton=single)


# ---- removing what is listed


def remove_import(source: Verbatim, name: str) -> Verbatim:
    """Return *source* without the import of *name*, and without what the import binds in ``__all__``."""
    bound: list[str] = []
    while found := _import_of(source, source.tree.body, name):
        statement, body, alias = found
        bound.append(alias.asname or alias.name)
        if len(statement.names) == 1:
            source = _remove_statements(source, [Place(statement, body)])
            continue
        sequence = read_names(source, statement)
        sequence.remove(statement.names.index(alias))
        source = source.replaced([sequence.splice()])
    return unlist_names(source, [*bound, name])


def _import_of(
    source: Verbatim, body: list[ast.stmt], name: str
) -> tuple[ast.ImportFrom, list[ast.stmt], ast.alias] | None:
    for statement in body:
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                if alias.name == name:
                    return statement, body, alias
        for inner in blocks(statement):
            if found := _import_of(source, inner, name):
                return found
    return None


def remove_declarations(source: Verbatim, names: Collection[str]) -> Verbatim:
    """Return *source* without the declarations of *names*, the comments right above them and their listing."""
    while True:
        places = Places(source)
        found = [place for name in names if (place := places.find(name))]
        if not found:
            return unlist_names(source, names)
        at_top = [place for place in found if place.body is source.tree.body]
        chosen = at_top or [place for place in found if place.body is found[0].body]
        source = _remove_statements(source, chosen)


def _remove_statements(source: Verbatim, places: Sequence[Place]) -> Verbatim:
    """Return *source* without the statements in *places*, which are of one block, and what belongs to them."""
    body = places[0].body
    extents = [Extent(*source.span(statement), str(id(statement))) for statement in body]
    entries = read_body(source, body, extents, "    ", markers=False)
    for key in {str(id(place.statement)) for place in places}:
        entries.remove(entries.index(key) or 0)
    if body is source.tree.body and [entry.key for entry in entries.entries] == [None]:
        entries.entries[0].text = entries.entries[0].newline = ""
    return source.replaced([entries.splice()])

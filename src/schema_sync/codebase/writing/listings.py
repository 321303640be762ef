"""What lists a file's names: ``__all__`` and imports. Entries come and go in the style of the others."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence

from schema_sync.codebase.writing import sequences
from schema_sync.codebase.writing.imports import read_names
from schema_sync.codebase.writing.layout import Extent, inside, is_bracketed, read_body, read_brackets
from schema_sync.codebase.writing.names import placed
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


def unlist_names(source: Verbatim, names: Iterable[str]) -> Verbatim:
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


def remove_imports(source: Verbatim, names: Collection[str]) -> Verbatim:
    """Return *source* without the imports of *names*, and without what these bind in ``__all__``."""
    wanted = set(names)
    bound = [alias.asname or alias.name for _, aliases in _imports_of(source, wanted) for alias in aliases]
    while found := list(_imports_of(source, wanted)):
        whole = [place for place, aliases in found if len(aliases) == len(_names(place))]
        if whole:
            source = _remove_statements(source, [place for place in whole if place.body is whole[0].body])
            continue
        splices: list[Splice] = []
        for place, aliases in found:
            sequence = read_names(source, place.statement)  # type: ignore[arg-type]
            _remove_all(sequence, [i for i, alias in enumerate(_names(place)) if alias in aliases])
            splices.append(sequence.splice())
        source = source.replaced(splices)
    return unlist_names(source, [*bound, *names])


def _imports_of(source: Verbatim, names: Collection[str]) -> Iterator[tuple[Place, list[ast.alias]]]:
    for place in (Place(*each) for each in placed(source.tree.body)):
        aliases = [alias for alias in _names(place) if alias.name in names]
        if aliases:
            yield place, aliases


def _names(place: Place) -> list[ast.alias]:
    return place.statement.names if isinstance(place.statement, ast.ImportFrom) else []


def _remove_all(sequence: sequences.Sequence, indexes: Iterable[int]) -> None:
    for removed, index in enumerate(indexes):
        sequence.remove(index - removed)


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
    unwanted = {str(id(place.statement)) for place in places}
    _remove_all(entries, [i for i, entry in enumerate(entries.entries) if entry.key in unwanted])
    if body is source.tree.body and [entry.key for entry in entries.entries] == [None]:
        entries.entries[0].text = entries.entries[0].newline = ""
    return source.replaced([entries.splice()])

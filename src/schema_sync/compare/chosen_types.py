"""Types that people chose by hand, in the configuration or in a column's comment, and what becomes of them.

A comment may hold ``@type(module.Name)``. It is hostile input: only dotted names, brackets, ``|`` and None are
respected, and only names that can be imported.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache

from schema_sync.mapping.expressions import stated_type
from schema_sync.mapping.overrides import Overrides, column_key
from schema_sync.model.catalog import Catalog, Column, QName, TypeRef
from schema_sync.model.declarations import Codebase, PyType
from schema_sync.model.findings import Note

_MARK = r"@type\(([^()]*)\)"
_EXPRESSION = r"[A-Za-z0-9_.\[\], |]{1,200}"


def in_comment(comment: str | None) -> PyType | None:
    """Return the type that a column's comment chooses, None if it does not or says no type."""
    if comment is None or "@type(" not in comment:
        return None
    match = re.search(_MARK, comment)
    return _parsed(match[1]) if match else None


@lru_cache(maxsize=1024)
def _parsed(text: str) -> PyType | None:
    try:
        return stated_type(text) if re.fullmatch(_EXPRESSION, text) else None
    except ValueError:
        return None


def notes(catalog: Catalog, overrides: Overrides) -> Iterator[Note]:
    """Yield what was chosen in vain: keys that match nothing, and comments that say no type."""
    matched: set[str] = set()
    for name, column in _columns(catalog, every=bool(overrides)):
        key = column_key(name, column.name)
        marked = "@type(" in (column.comment or "") and in_comment(column.comment) is None
        if marked and overrides.of_column(name, column.name) is None:
            why = "it is ignored: only dotted names, [], | and None make a type there"
            yield Note(what=f"comment on {key}: @type", why=why)
        if overrides:
            matched |= {key, *_keys(catalog, overrides, column.type, name.schema)}
    for key in overrides.unused(matched):
        yield Note(what=f"types.{key}", why="no column and no type in use has this name; remove the line")


def _columns(catalog: Catalog, *, every: bool) -> Iterator[tuple[QName, Column]]:
    """Yield the columns and attributes, *every* one or those whose comment may choose a type."""
    owners = [(each.name, each.columns) for each in catalog.relations]
    owners += [(each.name, each.attributes) for each in catalog.composites]
    for name, columns in owners:
        chosen = columns if every else [c for c in columns if c.comment and "@type(" in c.comment]
        yield from ((name, column) for column in chosen)


def _keys(catalog: Catalog, overrides: Overrides, ref: TypeRef, schema: str) -> Iterator[str]:
    """Yield the keys that match a type, or one that it is a domain over."""
    seen: set[TypeRef] = set()
    while ref not in seen:
        seen.add(ref)
        key = overrides.key_of(ref, schema)
        if key is not None:
            yield key
        domain = catalog.domains_by_name.get(ref.name)
        ref = domain.base if domain is not None else ref


def in_code(type_: PyType, codebase: Codebase) -> PyType:
    """Return a chosen type as the reader sees it where its names are those of scanned files.

    A class becomes the id of its declaration, an alias what it maps to. Other names stay.
    """
    args = tuple(in_code(arg, codebase) for arg in type_.args)
    module, dot, name = type_.name.rpartition(".")
    if dot and ":" not in type_.name:
        for path in _files(module, codebase):
            found = f"{path}:{name}"
            if found in codebase.by_id:
                return PyType(name=found)
            if found in codebase.aliases:
                return codebase.aliases[found]
            if name in codebase.names.get(path, ()):
                return PyType(name="?")  # a class of no concern here: the reader does not know it either
    return PyType(name=type_.name, args=args, literals=type_.literals)


def file_of(name: str, codebase: Codebase) -> str:
    """Return the scanned file of a dotted name's module; empty where that is not scanned."""
    module = name.rpartition(".")[0]
    return next(iter(_files(module, codebase)), "") if module else ""


def _files(module: str, codebase: Codebase) -> list[str]:
    """Return the scanned files that may be *module*, the one nearest to the project's root first."""
    if module.partition(".")[0] in sys.stdlib_module_names:
        return []
    ends = [module.replace(".", "/") + end for end in (".py", "/__init__.py", ".pyi")]
    found = [path for path in codebase.files if any(f"/{path}".endswith(f"/{end}") for end in ends)]
    return sorted(found, key=lambda path: (path.count("/"), path))


def classes_in(type_: PyType) -> frozenset[str]:
    """Return the ids of the classes that *type_* names."""
    own = {type_.name} if ":" in type_.name else set[str]()
    return frozenset(own.union(*map(classes_in, type_.args)))

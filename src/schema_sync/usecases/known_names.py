"""Names of the database's objects as the project itself has them: what can be offered to somebody who types."""

from __future__ import annotations

from collections.abc import Iterator

from schema_sync.codebase import records
from schema_sync.compare.markers import Marker, markers, parse_binding
from schema_sync.model.catalog import Catalog, QName
from schema_sync.usecases.check import read_code
from schema_sync.usecases.project import Project


def known_names(project: Project) -> dict[str, tuple[str, ...]]:
    """Return tables, views and enums with their columns, as the last sync or else the classes have them.

    An object of the first schema goes by its bare name, others by schema.name. Columns are known of the last sync.

    Raises:
        SchemaSyncError: if the lock or the code cannot be read.
    """
    paths, first = project.config.paths, project.config.schemas[0]
    stamp = records.read(project.root, paths.lock)
    lock, _ = records.lock_of(stamp, version=paths.version, lock=paths.lock)
    if lock is not None:
        return {_shown(name, first): columns for name, columns in _of_catalog(lock.catalog)}
    return {_shown(QName(schema=each.schema or first, name=each.name), first): () for each in _declared(project)}


def _of_catalog(catalog: Catalog) -> Iterator[tuple[QName, tuple[str, ...]]]:
    yield from ((each.name, tuple(column.name for column in each.columns)) for each in catalog.relations)
    yield from ((each.name, ()) for each in catalog.enums if not each.external)


def _declared(project: Project) -> Iterator[Marker]:
    """Yield what the configuration binds classes to, and what their markers name."""
    bound = map(parse_binding, filter(None, project.config.bindings.values()))
    yield from (each for each in bound if each is not None)
    code = read_code(project)
    yield from (marker for row in code.rows for marker in markers(row))
    yield from (marker for enum in code.enums for marker in markers(enum))


def _shown(name: QName, first_schema: str) -> str:
    return name.name if name.schema == first_schema else str(name)

"""What relations and columns take: the shapes of classes that write, and which of their keys are needed.

Authority: PostgreSQL manual, "CREATE TABLE" (identity and generated columns), "CREATE DOMAIN" (defaults) and
"CREATE VIEW" (updatable views). Views and foreign tables are as the server says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from schema_sync.model.catalog import Catalog, Column, Facet, QName
from schema_sync.model.declarations import Shape
from schema_sync.model.findings import Note
from schema_sync.model.options import Options
from schema_sync.model.pairs import ColumnWrites

_AS_SERVER_SAYS = frozenset({"view", "foreign"})
_NEEDED = frozenset({Facet.NULLABILITY, Facet.DEFAULTS, Facet.IDENTITY, Facet.GENERATED})


class Writes:
    """What the relations of a catalog take, as far as its source could see."""

    def __init__(self, catalog: Catalog, options: Options) -> None:
        self._catalog = catalog
        self._options = options
        self.sees_columns = _NEEDED.issubset(catalog.covers)
        self.sees_views = Facet.WRITABILITY in catalog.covers

    def taken(self, name: QName) -> tuple[Shape, ...]:
        """Return the shapes that the relation or composite *name* takes; what nobody could see is taken."""
        relation = self._catalog.relations_by_name.get(name)
        if relation is None:
            return ("row",)
        unseen = relation.kind in _AS_SERVER_SAYS and not self.sees_views
        takes: dict[Shape, bool] = {
            "row": True,
            "insert": relation.insertable or unseen,
            "update": relation.updatable or unseen,
        }
        return tuple(shape for shape, taken in takes.items() if taken)

    def asked(self, name: QName) -> tuple[Shape, ...]:
        """Return the shapes that the code has to declare: a row's always, others if the configuration asks.

        An update of no column is none.
        """
        relation = self._catalog.relations_by_name.get(name)
        if relation is None or not self.sees_columns or (relation.kind in _AS_SERVER_SAYS and not self.sees_views):
            return ("row",)
        wanted = {"row", *self._options.shapes}
        if not any(c.updatable and not _is_computed(c) for c in relation.columns):
            wanted.discard("update")
        return tuple(shape for shape in self.taken(name) if shape in wanted)

    def of(self, relation: QName, column: Column) -> ColumnWrites:
        """Return what INSERT and UPDATE do with a column of *relation*."""
        found = self._catalog.relations_by_name.get(relation)
        name = f"{relation}.{column.name}"
        filled = any(fnmatchcase(name, pattern) for pattern in self._options.trigger_filled)
        supplied = filled or (found is not None and found.is_view)
        may_be_null = column.nullable and not column.new_not_null
        computed = _is_computed(column)
        has_default = self._has_default(column)
        return ColumnWrites(
            required=self.sees_columns and not (may_be_null or has_default or supplied),
            filled=has_default and column.generated is None and not column.null_default,
            insertable=column.insertable and not computed,
            updatable=column.updatable and not computed,
            supplied=supplied,
        )

    def _has_default(self, column: Column) -> bool:
        if column.has_default or column.identity is not None or column.generated is not None:
            return True
        domain = None if column.type.dims else self._catalog.domains_by_name.get(column.type.name)
        return domain is not None and domain.has_default

    def unseen(self, written: Sequence[QName]) -> Iterator[Note]:
        """Yield what could not be checked of classes that write; *written* are their relations."""
        wanted = set(self._options.shapes) - {"row"}
        if not self.sees_columns and (written or wanted):
            why = "the source does not tell all of nullability, defaults, identity and generated columns"
            yield Note(what="which keys an insert needs", why=why)
        kinds = self._catalog.relations_by_name
        views = [name for name in written if name in kinds and kinds[name].kind in _AS_SERVER_SAYS]
        if not self.sees_views and (views or (wanted and any(r.kind in _AS_SERVER_SAYS for r in kinds.values()))):
            yield Note(what="which views and foreign tables take writes", why="the source does not tell")


def _is_computed(column: Column) -> bool:
    """Whether the server refuses any value but its own."""
    return column.generated is not None or column.identity == "always"

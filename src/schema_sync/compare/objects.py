"""What the database holds that classes can map to: the first stage of a comparison."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property

from schema_sync.compare.markers import MARKERS, spelled
from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog, Facet, ObjectKind, QName, Relation
from schema_sync.model.options import Options
from schema_sync.model.pairs import Target

_DECIDES_WRITES = frozenset({Facet.NULLABILITY, Facet.DEFAULTS, Facet.IDENTITY, Facet.GENERATED})
_WILD = frozenset("*?[")


class DatabaseObjects(Value, frozen=True, kw_only=True, dict=True):
    """The relations, enum types and composite types that classes can map to.

    Attributes:
        catalog: the whole catalog; some of its types belong to other schemas.
        options: the configuration, which excludes objects and states where new classes go.
    """

    catalog: Catalog
    options: Options

    @cached_property
    def row_kinds(self) -> dict[QName, ObjectKind]:
        """The kind of target of each relation and stand-alone composite type of the chosen schemas."""
        found: dict[QName, ObjectKind] = {r.name: "view" if r.is_view else "table" for r in self.catalog.relations}
        found.update({c.name: "composite" for c in self.catalog.composites if not c.external})
        return found

    @cached_property
    def enum_names(self) -> tuple[QName, ...]:
        """The enum types of the chosen schemas."""
        return tuple(e.name for e in self.catalog.enums if not e.external)

    @cached_property
    def enums(self) -> dict[QName, ObjectKind]:
        """All enum types that the catalog knows, with the kind that they are of."""
        return dict.fromkeys(self.catalog.enums_by_name, "enum")

    @cached_property
    def shows_writes(self) -> bool:
        """Whether the source shows all that decides what an INSERT has to give."""
        return _DECIDES_WRITES.issubset(self.catalog.covers)

    def is_excluded(self, name: QName, *, enum: bool = False) -> bool:
        """Whether the configuration leaves the object out; patterns match its name or schema.name."""
        exact, globs = self._excluding[enum]
        if not (exact or globs):
            return False
        if name.name in exact or str(name) in exact:
            return True
        return any(fnmatchcase(name.name, p) or fnmatchcase(str(name), p) for p in globs)

    @cached_property
    def _excluding(self) -> tuple[tuple[frozenset[str], tuple[str, ...]], ...]:
        """The names, and the patterns of names, that are left out: of tables, and of enum types."""
        chosen = self.options.exclude_tables, self.options.exclude_enums
        globs = [tuple(p for p in patterns if not _WILD.isdisjoint(p)) for patterns in chosen]
        return tuple((frozenset(p) - frozenset(g), g) for p, g in zip(chosen, globs, strict=True))

    def row_target(self, name: QName) -> Target:
        """Return the relation or composite *name* as findings name it."""
        if name not in self._row_targets:
            relation, paths = self.catalog.relations_by_name.get(name), self.options.paths
            path = paths.relationships if relation and is_junction(relation) else paths.entities
            self._row_targets[name] = make_target(self.row_kinds[name], name, path)
        return self._row_targets[name]

    @cached_property
    def _row_targets(self) -> dict[QName, Target]:
        """The targets that were asked for."""
        return {}

    def enum_target(self, name: QName) -> Target:
        """Return the enum type *name* as findings name it."""
        return make_target("enum", name, self.options.paths.enums)


def make_target(kind: ObjectKind, name: QName, path: str, class_name: str = "") -> Target:
    """Return the target for a database object; *kind* is a key of the marker's word.

    A marker that would end in a quote gets a full stop: docstrings end in quotes too.
    """
    full = spelled(name)
    end = "." if full.endswith('"') else ""
    return Target(
        kind=kind,
        schema=name.schema,
        name=name.name,
        marker=f"{MARKERS[kind]}: {full}{end}",
        class_name=class_name,
        path=path,
    )


def is_junction(relation: Relation) -> bool:
    """Return whether a table only ties others together.

    Its primary key spans the columns of two or more foreign keys, or two or more foreign keys that refuse
    null are together unique.
    """
    required = {c.name for c in relation.columns if not c.nullable}
    foreign = {c.columns for c in relation.constraints if c.kind == "foreign" and required.issuperset(c.columns)}
    for key in relation.constraints:
        inside = [columns for columns in foreign if set(key.columns).issuperset(columns)]
        exactly = {column for columns in inside for column in columns} == set(key.columns)
        if len(inside) > 1 and (key.kind == "primary" or (key.kind == "unique" and exactly)):
            return True
    return False

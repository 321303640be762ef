"""PostgREST's description of a schema (Swagger 2.0) as a partial Catalog.

Authority: PostgREST 12 to 16, src/PostgREST/Response/OpenAPI.hs and SchemaCache.hs. docs/decisions/postgrest.md
shows what the description leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from schema_sync.errors import SourceError
from schema_sync.mapping.expressions import is_null
from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog, Column, Constraint, EnumType, Facet, QName, Relation, TypeRef
from schema_sync.postgres.type_names import parse_type_name

SHOWN = (Facet.COMMENTS, Facet.NULLABILITY, Facet.RELATIONS)
"""What a description shows in full. Of enum types, defaults and keys it shows some."""

_NOTE = re.compile(
    r"(?:(?P<comment>.+)\n\n)?Note:"
    r"(?P<primary>\nThis is a Primary Key\.<pk/>)?"
    r"(?:\nThis is a Foreign Key to `(?P<table>.{1,63})\.(?P<column>.{1,63})`\."
    r"<fk table='(?P=table)' column='(?P=column)'/>)?",
    re.DOTALL,
)
_WRITES = frozenset({"post", "patch", "delete"})
_SIZED = frozenset({"varchar", "bpchar", "bit", "varbit"})

Json = dict[str, Any]
Kind = TypeVar("Kind")


def build_catalog(documents: Mapping[str, Json]) -> Catalog:
    """Return the catalog that *documents*, descriptions by schema, show.

    Raises:
        SourceError: if one is not what PostgREST writes.
    """
    parts = [_Description(schema, document) for schema, document in documents.items()]
    shown = [enum for part in parts for enum in part.enums(set(documents))]
    enums = {enum.name: enum for enum in reversed(shown)}  # of several the first counts
    return Catalog(
        schemas=tuple(sorted(documents)),
        covers=SHOWN,
        relations=tuple(sorted((r for part in parts for r in part.relations()), key=lambda r: r.name)),
        enums=tuple(enums[name] for name in sorted(enums)),
    )


def undecided(catalog: Catalog) -> tuple[QName, ...]:
    """Name the relations of such a catalog that may be views: they can be written, and no column refuses null."""
    return tuple(r.name for r in catalog.relations if r.kind == "table" and all(c.nullable for c in r.columns))


class _Shown(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What is shown of a column; PostgREST shows defaults as JSON, or as SQL's text."""

    format: str = ""
    description: str | None = None
    enum: tuple[str, ...] | None = None
    max_length: int | None = msgspec.field(name="maxLength", default=None)
    default: Any = msgspec.UNSET

    @property
    def note(self) -> re.Match[str] | None:
        """What PostgREST adds to the comment about keys; None where it adds nothing."""
        note = _NOTE.fullmatch(self.description or "")
        return note if note and (note["primary"] or note["table"]) else None

    @property
    def is_array(self) -> bool:
        default = self.default
        return isinstance(default, list) or (isinstance(default, str) and default.lstrip("' ").startswith("["))

    @property
    def is_null(self) -> bool:
        return self.default is None or (isinstance(self.default, str) and is_null(self.default))


class _Definition(Value, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What is shown of a relation."""

    description: str | None = None
    required: tuple[str, ...] = ()
    properties: dict[str, Json] = msgspec.field(default_factory=dict[str, Json])


class _Description:
    """One schema's description."""

    def __init__(self, schema: str, document: Json) -> None:
        self._schema = schema
        self._paths = self._read(document.get("paths", {}), dict[str, Json], "paths")
        self._definitions: dict[str, _Definition] = {}
        self._columns: dict[str, dict[str, _Shown]] = {}
        for name, each in self._read(document.get("definitions", {}), Json, "definitions").items():
            place = f"definitions.{name}"
            definition = self._definitions[name] = self._read(each, _Definition, place)
            self._columns[name] = {
                key: self._read(shown, _Shown, f"{place}.properties.{key}")
                for key, shown in definition.properties.items()
            }

    def _read(self, value: object, kind: type[Kind], place: str) -> Kind:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            raise self._unlike(place, str(error)) from error

    def _unlike(self, place: str, why: str) -> SourceError:
        return SourceError(
            f"the description of schema {self._schema} is not as PostgREST writes it: {place}: {why}",
            hint="Read the schema through another source, such as --source postgresql://…",
        )

    def relations(self) -> Iterator[Relation]:
        for name, definition in self._definitions.items():
            columns = tuple(self._columns_of(name, definition))
            keys = self._keys(name)
            view = self._is_view(name, columns, keys)
            yield Relation(
                name=QName(schema=self._schema, name=name),
                kind="view" if view else "table",
                columns=columns,
                constraints=() if view else tuple(sorted(keys, key=lambda c: (c.kind, c.columns))),
                comment=definition.description,
            )

    def enums(self, schemas: set[str]) -> Iterator[EnumType]:
        for name, columns in self._columns.items():
            for key, shown in columns.items():
                ref = self._type(name, key, shown)
                if shown.enum and not ref.dims and ref.name.schema != "pg_catalog":
                    external = ref.name.schema not in schemas
                    yield EnumType(name=ref.name, labels=shown.enum, external=external)

    def _columns_of(self, name: str, definition: _Definition) -> Iterator[Column]:
        for rank, (key, shown) in enumerate(self._columns[name].items(), start=1):
            yield Column(
                name=key,
                rank=rank,
                type=self._type(name, key, shown),
                nullable=key not in definition.required,
                has_default=shown.default is not msgspec.UNSET,
                null_default=shown.is_null,
                json_array=shown.is_array,
                comment=shown.note["comment"] if shown.note else shown.description,
            )

    def _type(self, name: str, key: str, shown: _Shown) -> TypeRef:
        ref = parse_type_name(shown.format)
        if ref is None:
            raise self._unlike(f"definitions.{name}.properties.{key}.format", f"not a type: {shown.format!r}")
        is_sized = ref.modifier is None and ref.name.schema == "pg_catalog" and ref.name.name in _SIZED
        return replace(ref, modifier=str(shown.max_length)) if is_sized and shown.max_length else ref

    def _keys(self, name: str) -> list[Constraint]:
        """Return the primary key, its columns in the relation's order, and foreign keys of one column."""
        notes = {key: note for key, shown in self._columns[name].items() if (note := shown.note)}
        found = [
            Constraint(
                kind="foreign",
                name="",
                columns=(key,),
                references=QName(schema=self._schema, name=note["table"]),
                referenced_columns=(note["column"],),
            )
            for key, note in notes.items()
            if note["table"] and note["column"] in self._columns.get(note["table"], {})
        ]
        primary = tuple(key for key, note in notes.items() if note["primary"])
        return [*found, Constraint(kind="primary", name="", columns=primary)] if primary else found

    def _is_view(self, name: str, columns: tuple[Column, ...], keys: list[Constraint]) -> bool:
        """Tell a view: it cannot be written, or shows a key that does not refuse null, as a table's does."""
        written = _WRITES & self._paths.get(f"/{name}", {}).keys()
        nullable = {column.name for column in columns if column.nullable}
        primary = {column for key in keys if key.kind == "primary" for column in key.columns}
        return not written or bool(primary & nullable)

"""PostgREST's description of a schema (Swagger 2.0) as a partial Catalog.

Authority: PostgREST 12 to 16, src/PostgREST/Response/OpenAPI.hs and SchemaCache.hs. docs/decisions/postgrest.md
tells what the description leaves out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from schema_sync.errors import SourceError
from schema_sync.mapping.expressions import is_null
from schema_sync.model.catalog import Catalog, Column, Constraint, EnumType, Facet, QName, Relation, RelationKind
from schema_sync.postgres.type_names import parse_type_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from schema_sync.model.catalog import TypeRef

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


def build_catalog(documents: Mapping[str, Json]) -> Catalog:
    """Return the catalog that *documents*, descriptions by schema, show.

    Raises:
        SourceError: if one is not what PostgREST writes.
    """
    parts = [_Description(schema, document) for schema, document in documents.items()]
    enums: dict[QName, EnumType] = {}
    for part in parts:
        for enum in part.enums(set(documents)):
            enums.setdefault(enum.name, enum)
    return Catalog(
        schemas=tuple(sorted(documents)),
        covers=SHOWN,
        relations=tuple(sorted((r for part in parts for r in part.relations()), key=lambda r: r.name)),
        enums=tuple(enums[name] for name in sorted(enums)),
    )


def undecided(catalog: Catalog) -> tuple[QName, ...]:
    """Name the relations of such a catalog that may be views: they can be written, and no column refuses null."""
    return tuple(r.name for r in catalog.relations if r.kind == "table" and all(c.nullable for c in r.columns))


class _Description:
    """One schema's description."""

    def __init__(self, schema: str, document: Json) -> None:
        self._schema = schema
        self._definitions = self._part(document, "definitions")
        self._paths = self._part(document, "paths")
        for name, definition in self._definitions.items():
            self._definition(name, definition)

    def _part(self, document: Json, key: str) -> dict[str, Json]:
        part = document.get(key, {})
        if not _is_table(part):
            raise self._unlike(key, "is not an object of objects")
        return cast("dict[str, Json]", part)

    def _definition(self, name: str, definition: Json) -> None:
        """Refuse a definition of another shape: then no key below has to be looked at again."""
        place = f"definitions.{name}"
        properties = definition.get("properties", {})
        if not _is_table(properties):
            raise self._unlike(f"{place}.properties", "is not an object of objects")
        if not _is_list_of_texts(definition.get("required", [])):
            raise self._unlike(f"{place}.required", "is not a list of names")
        for key, shown in (("", definition), *cast("dict[str, Json]", properties).items()):
            at = f"{place}.properties.{key}" if key else place
            if not isinstance(shown.get("description"), str | None):
                raise self._unlike(f"{at}.description", "is not text")
            if shown.get("enum") is not None and not _is_list_of_texts(shown["enum"]):
                raise self._unlike(f"{at}.enum", "is not a list of texts")
            if not isinstance(shown.get("maxLength"), int | None) or isinstance(shown.get("maxLength"), bool):
                raise self._unlike(f"{at}.maxLength", "is not a whole number")

    def _unlike(self, place: str, why: str) -> SourceError:
        return SourceError(
            f"the description of schema {self._schema} is not as PostgREST writes it: {place} {why}",
            hint="Read the schema through another source, such as --source postgresql://…",
        )

    def relations(self) -> Iterator[Relation]:
        for name, definition in self._definitions.items():
            columns = tuple(self._columns(name, definition))
            keys = self._keys(definition)
            kind = self._kind(name, columns, keys)
            yield Relation(
                name=QName(schema=self._schema, name=name),
                kind=kind,
                columns=columns,
                constraints=() if kind == "view" else tuple(sorted(keys, key=lambda c: (c.kind, c.columns))),
                comment=definition.get("description"),
            )

    def enums(self, schemas: set[str]) -> Iterator[EnumType]:
        for name, definition in self._definitions.items():
            for key, shown in _properties(definition):
                labels = shown.get("enum")
                ref = self._type(name, key, shown)
                if labels and not ref.dims and ref.name.schema != "pg_catalog":
                    external = ref.name.schema not in schemas
                    yield EnumType(name=ref.name, labels=tuple(labels), external=external)

    def _columns(self, name: str, definition: Json) -> Iterator[Column]:
        required = frozenset(definition.get("required", ()))
        for rank, (key, shown) in enumerate(_properties(definition), start=1):
            note = _note(shown)
            yield Column(
                name=key,
                rank=rank,
                type=self._type(name, key, shown),
                nullable=key not in required,
                has_default="default" in shown,
                null_default=_is_null(shown),
                json_array=_is_array(shown),
                comment=note["comment"] if note else shown.get("description"),
            )

    def _type(self, name: str, key: str, shown: Json) -> TypeRef:
        written = shown.get("format")
        ref = parse_type_name(written) if isinstance(written, str) else None
        if ref is None:
            raise self._unlike(f"definitions.{name}.properties.{key}.format", f"is not a type: {written!r}")
        size = shown.get("maxLength")
        if ref.modifier is None and ref.name.schema == "pg_catalog" and ref.name.name in _SIZED and size:
            return type(ref)(name=ref.name, dims=ref.dims, modifier=str(size))
        return ref

    def _keys(self, definition: Json) -> list[Constraint]:
        """Return the primary key, its columns in the relation's order, and foreign keys of one column."""
        primary: list[str] = []
        found: list[Constraint] = []
        for key, shown in _properties(definition):
            note = _note(shown)
            if note is None:
                continue
            if note["primary"]:
                primary.append(key)
            target, column = note["table"], note["column"]
            if target and column in self._definitions.get(target, {}).get("properties", {}):
                references = QName(schema=self._schema, name=target)
                found.append(
                    Constraint(
                        kind="foreign",
                        name="",
                        columns=(key,),
                        references=references,
                        referenced_columns=(column,),
                    )
                )
        if primary:
            found.append(Constraint(kind="primary", name="", columns=tuple(primary)))
        return found

    def _kind(self, name: str, columns: tuple[Column, ...], keys: list[Constraint]) -> RelationKind:
        """Tell a view: it cannot be written, or shows a key that does not refuse null, as a table's does."""
        written = _WRITES & self._paths.get(f"/{name}", {}).keys()
        nullable = {column.name for column in columns if column.nullable}
        primary = {column for key in keys if key.kind == "primary" for column in key.columns}
        return "table" if written and not primary & nullable else "view"


def _properties(definition: Json) -> Iterable[tuple[str, Json]]:
    return cast("dict[str, Json]", definition.get("properties", {})).items()


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, dict) for each in cast("Json", value).values())


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in cast("list[object]", value))


def _is_array(shown: Json) -> bool:
    """Return whether the default that PostgREST shows of a column, as JSON or as SQL's text, is an array."""
    default = shown.get("default")
    return isinstance(default, list) or (isinstance(default, str) and default.lstrip("' ").startswith("["))


def _is_null(shown: Json) -> bool:
    """Return whether the default that PostgREST shows of a column, as JSON or as SQL's text, is null."""
    default = shown.get("default", "")
    return default is None or (isinstance(default, str) and is_null(default))


def _note(shown: Json) -> re.Match[str] | None:
    """Return what PostgREST adds to a column's comment about keys; None where it adds nothing."""
    note = _NOTE.fullmatch(shown.get("description") or "")
    return note if note and (note["primary"] or note["table"]) else None

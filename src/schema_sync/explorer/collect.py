"""What a check found, put together as the page's contents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, TypedDict

from msgspec.structs import replace

from schema_sync.explorer.contents import (
    Box,
    Contents,
    Fault,
    Place,
    PythonClass,
    Remark,
    Security,
    ShownColumn,
    ShownConstraint,
    ShownEnum,
    ShownFunction,
    ShownHistory,
    ShownIndex,
    ShownPolicy,
    ShownTable,
    ShownTrigger,
    Signature,
    UsePlace,
    address,
)
from schema_sync.explorer.layout import arrange
from schema_sync.exports import mermaid
from schema_sync.exports.markdown import LONGEST_TEXT, without_secrets
from schema_sync.exports.pages import KINDS, Documented, actions
from schema_sync.mapping.types import sql_name
from schema_sync.model.base import Value, grouped
from schema_sync.model.catalog import Column, Constraint, EnumType, ObjectKind, QName, Relation
from schema_sync.model.declarations import EnumDeclaration, Location
from schema_sync.model.details import Routine
from schema_sync.model.findings import Binding, Finding, Note, Report

_Words = Literal["primary key", "unique", "foreign key", "check"]
_CONSTRAINTS: dict[str, _Words] = {
    "primary": "primary key",
    "unique": "unique",
    "foreign": "foreign key",
    "check": "check",
}


Key = tuple[bool, str, str]
"""Whether an object is a function, its schema and its name: a function may be called as a table is."""


def key_of(kind: str, schema: str, name: str) -> Key:
    """Return the key of an object; of a function it lacks the types of the arguments that *name* may have."""
    is_function = kind == "function"
    return (is_function, schema, name.rpartition("(")[0] if is_function and name.endswith(")") else name)


class _Common(TypedDict):
    """The fields of ``Shown`` that are found alike for all objects."""

    schema: str
    name: str
    classes: tuple[PythonClass, ...]
    findings: tuple[Fault, ...]
    uses: tuple[UsePlace, ...]


class Material(Value, frozen=True, kw_only=True, dict=True):
    """What the page is made of.

    Attributes:
        documented: what other documents are made of, too.
        report: the findings.
        uses: where queries use an object or its column, by its key and the column (empty for the object).
        class_uses: where code refers to a class, by its id.
        member_uses: where code refers to a member of an Enum, by the Enum's id and the member's name.
        history: the commits of the lock.
        queries: whether the code's queries were read.
        unread: files in which uses were not looked for.
    """

    documented: Documented
    report: Report
    uses: Mapping[tuple[Key, str], Sequence[UsePlace]]
    class_uses: Mapping[str, Sequence[UsePlace]]
    member_uses: Mapping[tuple[str, str], Sequence[UsePlace]]
    history: ShownHistory
    queries: bool = True
    unread: tuple[Note, ...] = ()

    @cached_property
    def findings(self) -> dict[Key, list[Finding]]:
        """The findings by their object."""
        return grouped((key_of(f.subject.kind, f.subject.schema, f.subject.name), f) for f in self.report.findings)

    @cached_property
    def bindings(self) -> dict[Key, list[Binding]]:
        """The classes that map to objects, by the object."""
        return grouped((key_of(b.kind, b.object.schema, b.object.name), b) for b in self.documented.bindings)

    def of(self, name: QName, kind: ObjectKind = "table") -> _Common:
        """Return what all objects have."""
        key = key_of(kind, name.schema, name.name)
        return {
            "schema": name.schema,
            "name": name.name,
            "classes": tuple(self._classes(key)),
            "findings": tuple(_fault(f) for f in self.findings.get(key, ())),
            "uses": tuple(self.uses.get((key, ""), ())),
        }

    def _classes(self, key: Key) -> Iterator[PythonClass]:
        for bound in self.bindings.get(key, ()):
            declared = bound.declaration
            uses = tuple(self.class_uses.get(declared.id, ()))
            yield PythonClass(name=declared.name, role=bound.role, at=_place(declared.at), uses=uses)


def collect(material: Material) -> Contents:
    """Return the page's contents."""
    documented = material.documented
    catalog = documented.catalog
    keys = [(r.source.name, r.target) for r in mermaid.references(catalog)]
    views = [r.name for r in catalog.relations if r.is_view]
    drawn = arrange({r.name: len(r.columns) for r in catalog.relations}, keys, views)
    relations = [_table(material, relation, drawn.boxes[relation.name]) for relation in catalog.relations]
    enums = [enum for enum in catalog.enums if not enum.external]
    routines = grouped((each.name, each) for each in (documented.details.routines if documented.details else ()))
    functions = [_function(material, name, overloads) for name, overloads in routines.items()]
    shown_enums = [_enum(material, enum) for enum in enums]
    known = {key_of("table", each.schema, each.name) for each in (*relations, *shown_enums)}
    known |= {key_of("function", each.schema, each.name) for each in functions}
    gone = [
        (str(f.subject), _fault(f)) for key, found in material.findings.items() if key not in known for f in found
    ]
    notes = dict.fromkeys((*documented.not_shown, *material.report.unchecked, *material.unread))
    return Contents(
        title=documented.title,
        source=material.report.source_kind,
        schemas=catalog.schemas,
        way=documented.code,
        details=documented.details is not None,
        queries=material.queries,
        unmatched=tuple((name, _place(at)) for name, at in material.report.unmatched),
        tables=tuple(relations),
        enums=tuple(shown_enums),
        functions=tuple(functions),
        frames=tuple(drawn.frames),
        gone=tuple(gone),
        not_shown=tuple(Remark(what=note.what, why=note.why) for note in notes),
        history=material.history,
    )


# ---- objects


def _table(material: Material, relation: Relation, box: Box) -> ShownTable:
    details, name = material.documented.details, relation.name
    shown = ShownTable(
        **material.of(name),
        comment=_cut(relation.comment or ""),
        kind=KINDS[relation.kind].lower(),
        box=box,
        columns=tuple(_column(material, relation, column) for column in relation.columns),
        constraints=tuple(_constraint(material, each) for each in relation.constraints),
    )
    if details is None:
        return shown
    query = details.view_queries.get(name)
    return replace(
        shown,
        reads=tuple(address(each.schema, each.name) for each in query.reads) if query else (),
        definition=_sql(material, query.definition.strip()) if query else "",
        indexes=tuple(
            ShownIndex(
                name=i.name,
                method=i.method,
                columns=tuple(_sql(material, column) for column in i.columns),
                unique=i.unique,
                invalid=not i.valid,
                where=_sql(material, i.predicate),
            )
            for i in details.indexes_of.get(name, ())
        ),
        policies=tuple(
            ShownPolicy(
                name=p.name,
                command=p.command,
                roles=p.roles,
                restrictive=not p.permissive,
                using=_sql(material, p.using),
                check=_sql(material, p.check),
            )
            for p in details.policies_of.get(name, ())
        ),
        triggers=tuple(
            ShownTrigger(
                name=t.name,
                when=f"{t.timing} {' or '.join(t.events)}, for each {t.level}",
                function=t.function,
                disabled=not t.enabled,
            )
            for t in details.triggers_of.get(name, ())
        ),
        security=_security(material, relation),
    )


def _security(material: Material, relation: Relation) -> Security | Literal[""]:
    storage = material.documented.details.storage.get(relation.name) if material.documented.details else None
    if storage is None or relation.kind not in {"table", "partitioned"}:
        return ""
    return ("forced" if storage.forced else "on") if storage.row_security else "off"


def _column(material: Material, relation: Relation, column: Column) -> ShownColumn:
    catalog = material.documented.catalog
    enum = catalog.enums_by_name.get(catalog.below(column.type.name))
    return ShownColumn(
        name=column.name,
        type=sql_name(column.type),
        null=column.nullable,
        default=_default(material, column),
        comment=_cut(column.comment or ""),
        enum=address(enum.name.schema, enum.name.name) if enum is not None and not enum.external else "",
        uses=tuple(
            material.uses.get((key_of("table", relation.name.schema, relation.name.name), column.name), ())
        ),
    )


def _default(material: Material, column: Column) -> str:
    if column.identity is not None:
        return f"identity, {column.identity.replace('_', ' ')}"
    text = _sql(material, column.default)
    if column.generated is not None:
        return f"generated, {column.generated} {text}".rstrip()
    return text or ("yes" if column.has_default else "")


def _constraint(material: Material, each: Constraint) -> ShownConstraint:
    return ShownConstraint(
        kind=_CONSTRAINTS[each.kind],
        name=each.name,
        columns=each.columns,
        target=address(each.references.schema, each.references.name) if each.references else "",
        target_columns=each.referenced_columns,
        actions=actions(each).removeprefix(", "),
        expression=_sql(material, each.expression),
    )


def _enum(material: Material, enum: EnumType) -> ShownEnum:
    catalog = material.documented.catalog
    members: list[tuple[str, UsePlace]] = []
    for bound in material.bindings.get(key_of("enum", enum.name.schema, enum.name.name), ()):
        declared = bound.declaration
        for member in declared.members if isinstance(declared, EnumDeclaration) else ():
            if member.value is not None:
                uses = material.member_uses.get((declared.id, member.name), ())
                members += [(member.value, use) for use in uses]
    return ShownEnum(
        **material.of(enum.name),
        comment=_cut(enum.comment or ""),
        labels=enum.labels,
        columns=tuple(
            address(relation.name.schema, relation.name.name, column.name)
            for name in material.documented.users.get(enum.name, ())
            for relation in (catalog.relations_by_name[name],)
            for column in relation.columns
            if catalog.below(column.type.name) == enum.name
        ),
        members=tuple(members),
    )


def _function(material: Material, name: QName, overloads: Sequence[Routine]) -> ShownFunction:
    return ShownFunction(
        **material.of(name, "function"),
        signatures=tuple(
            Signature(
                arguments=each.arguments,
                returns=each.returns or "",
                kind=f"{each.kind}, {each.language}, {each.volatility}"
                + (", security definer" if each.security_definer else ""),
                comment=_cut(each.comment or ""),
            )
            for each in overloads
        ),
    )


# ---- parts of them


def _fault(finding: Finding) -> Fault:
    return Fault(
        rule=finding.rule,
        severity=finding.severity.word,
        moved=finding.moved,
        message=finding.message,
        part=finding.subject.part[1] if finding.subject.part else "",
        at=_place(finding.at),
    )


def _place(at: Location) -> Place:
    return Place(path=at.path, line=at.line, column=at.column)


def _sql(material: Material, text: str | None) -> str:
    """Return an SQL expression; what looks like a secret in it is masked."""
    return _cut(without_secrets(text, material.documented.labels)) if text else ""


def _cut(text: str) -> str:
    """Return the beginning of a long text, and how much more there is."""
    rest = len(text) - LONGEST_TEXT
    return f"{text[:LONGEST_TEXT]} … ({rest:,} more characters)" if rest > 0 else text

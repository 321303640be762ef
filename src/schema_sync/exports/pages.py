"""The page of one relation, in GitHub Flavored Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from schema_sync.exports import mermaid
from schema_sync.exports.markdown import anchor, code, condition, page, prose, short, sql_block, table
from schema_sync.mapping.types import sql_name
from schema_sync.model.base import Value, grouped
from schema_sync.model.catalog import Catalog, Column, Constraint, QName, Relation, TypeRef
from schema_sync.model.details import Details
from schema_sync.model.findings import Binding, Note
from schema_sync.reports.escaping import markdown

KINDS = {
    "table": "Table",
    "partitioned": "Partitioned table",
    "view": "View",
    "materialized_view": "Materialized view",
    "foreign": "Foreign table",
}
_CONSTRAINTS = {"primary": "primary key", "unique": "unique", "foreign": "foreign key", "check": "check"}


class Documented(Value, frozen=True, kw_only=True, dict=True):
    """What documents are made of.

    Attributes:
        title: the project's name.
        details: what else is told of it, None where the source tells nothing else.
        bindings: which class maps to what.
        code: where the project's folder is as seen from the documents' (``..``), None where no link leads there.
        not_shown: what the source cannot show.
        sizes: whether the overview tells rows and bytes.
    """

    title: str
    catalog: Catalog
    details: Details | None
    bindings: tuple[Binding, ...] = ()
    code: str | None = None
    not_shown: tuple[Note, ...] = ()
    sizes: bool = False

    @cached_property
    def labels(self) -> frozenset[str]:
        """The labels of all enums: no secrets."""
        return frozenset(label for enum in self.catalog.enums for label in enum.labels)

    @cached_property
    def references(self) -> dict[QName, list[mermaid.Reference]]:
        """The foreign keys that leave or reach a relation, by its name, in the catalog's order."""
        found = mermaid.references(self.catalog)
        return grouped((name, each) for each in found for name in dict.fromkeys((each.source.name, each.target)))

    @cached_property
    def users(self) -> dict[QName, list[QName]]:
        """The relations with a column of a type, by the type's name, in the catalog's order."""
        relations = self.catalog.relations
        return grouped((name, r.name) for r in relations for name in dict.fromkeys(c.type.name for c in r.columns))

    @cached_property
    def _bound(self) -> dict[str, list[Binding]]:
        return grouped((str(bound.object), bound) for bound in self.bindings)

    def classes(self, name: QName, up: str = "") -> list[str]:
        """Return the classes that map to an object, each with a link to its file."""
        return [self._place(b, up) for b in self._bound.get(str(name), ())]

    def _place(self, bound: Binding, up: str) -> str:
        shape = "" if bound.role in {"row", "enum"} else f" ({bound.role})"
        path = bound.declaration.at.path
        link = None if self.code is None else f"{up}{self.code}/{path}"
        linked = link is not None and all(c.isalnum() or c in "/._-" for c in link)
        file = f"[{code(path)}]({link})" if linked else code(path)
        return f"{code(bound.declaration.name)}{shape} in {file}"

    def type(self, type_: TypeRef, up: str = "") -> str:
        """Return a type, an enum's with a link to where its labels are."""
        enum = self.catalog.enums_by_name.get(type_.name)
        shown = code(sql_name(type_))
        return shown if enum is None or enum.external else f"[{shown}]({up}enums.md#{anchor(type_.name)})"

    def link(self, name: QName, up: str = "") -> str:
        """Return a relation's name, with a link where it has a page."""
        shown = code(short(name, self.catalog.schemas))
        return f"[{shown}]({up}{page(name)})" if name in self.catalog.relations_by_name else shown


def relation_page(documented: Documented, relation: Relation) -> list[str]:
    """Return the lines of a relation's page, less the mark that it is ours and the notes."""
    up, kind = "../", KINDS[relation.kind]
    classes = documented.classes(relation.name, up)
    parts = [
        [f"# {markdown(short(relation.name, documented.catalog.schemas))}"],
        [f"{kind} {code(str(relation.name))} · [overview](../README.md)"],
        [prose(relation.comment)] if relation.comment else [],
        [f"Python: {', '.join(classes)}"] if classes else [],
        ["## Columns", "", *_columns(documented, relation, up)],
        _section("Constraints", _constraints(documented, relation, up)),
        *_query(documented, relation, up),
        _section("Referenced by", _referenced(documented, relation, up)),
        _section("Read by", _read_by(documented, relation, up)),
        _section("Neighbours", _neighbours(documented, relation)),
        *_details(documented, relation),
        not_shown(documented),
    ]
    return joined(parts)


def joined(parts: list[list[str]]) -> list[str]:
    """Return the lines of *parts*, a blank line between two of them."""
    lines: list[str] = []
    for part in filter(None, parts):
        lines += ["", *part] if lines else part
    return lines


def not_shown(documented: Documented) -> list[str]:
    """Return what the source could not show, as a section."""
    lines = [f"- {markdown(note.what)}: {markdown(note.why)}" for note in documented.not_shown]
    return _section("Not shown", lines)


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"## {title}", "", *lines] if lines else []


def _columns(documented: Documented, relation: Relation, up: str) -> list[str]:
    rows = [
        (
            code(c.name),
            documented.type(c.type, up),
            "null" if c.nullable else "not null",
            _default(documented, c),
            _keys(documented, relation, c, up),
            prose(c.comment or ""),
        )
        for c in relation.columns
    ]
    return table(("column", "type", "null", "default", "key", "comment"), rows) or ["None."]


def _default(documented: Documented, column: Column) -> str:
    if column.identity is not None:
        return f"identity, {column.identity.replace('_', ' ')}"
    text = condition(column.default, documented.labels) if column.default else ""
    if column.generated is not None:
        return f"generated, {column.generated} {text}".rstrip()
    return text or ("yes" if column.has_default else "")


def _keys(documented: Documented, relation: Relation, column: Column, up: str) -> str:
    found: dict[str, None] = {}
    for each in relation.constraints:
        if column.name in each.columns and each.kind != "check":
            to = f" → {documented.link(each.references, up)}" if each.references is not None else ""
            found[f"{_CONSTRAINTS[each.kind]}{to}"] = None
    return ", ".join(found)


def _constraints(documented: Documented, relation: Relation, up: str) -> list[str]:
    rows = [
        (code(c.name) if c.name else "", _CONSTRAINTS[c.kind], _rule(documented, c, up))
        for c in relation.constraints
    ]
    return table(("constraint", "kind", ""), rows)


def _rule(documented: Documented, constraint: Constraint, up: str) -> str:
    if constraint.kind == "check":
        return condition(constraint.expression or "", documented.labels)
    columns = _listed(constraint.columns)
    if constraint.references is None:
        return columns
    there = f" ({_listed(constraint.referenced_columns)})" if constraint.referenced_columns else ""
    return f"{columns} → {documented.link(constraint.references, up)}{there}{actions(constraint)}"


def actions(key: Constraint) -> str:
    """Return what a foreign key does on delete and on update, in words; nothing for no action."""
    told = {"delete": key.on_delete, "update": key.on_update}
    return "".join(f", on {event} {action}" for event, action in told.items() if action not in {None, "no action"})


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(code, names))


def _referenced(documented: Documented, relation: Relation, up: str) -> list[str]:
    found = [r for r in documented.references.get(relation.name, ()) if r.target == relation.name]
    return [
        f"- {documented.link(r.source.name, up)} ({_listed(r.key.columns)})"
        + (f" → {_listed(r.key.referenced_columns)}" if r.key.referenced_columns else "")
        for r in found
    ]


def _query(documented: Documented, relation: Relation, up: str) -> Iterator[list[str]]:
    query = documented.details.view_queries.get(relation.name) if documented.details is not None else None
    if query is None or documented.details is None:
        return
    base = documented.details.base_tables(relation.name)
    lines = [f"- {documented.link(name, up)}" for name in query.reads]
    if lines and base != query.reads:
        lines += ["", f"Base tables: {', '.join(documented.link(name, up) for name in base) or 'none'}."]
    yield _section("Reads", lines)
    yield _section("Definition", sql_block(query.definition.strip(), documented.labels))


def _read_by(documented: Documented, relation: Relation, up: str) -> list[str]:
    readers = documented.details.readers.get(relation.name, []) if documented.details is not None else []
    return [f"- {documented.link(name, up)}" for name in readers]


def _neighbours(documented: Documented, relation: Relation) -> list[str]:
    found = documented.references.get(relation.name, [])
    drawn = mermaid.neighbourhood(documented.catalog, relation, found)
    if drawn is None and found:
        return ["Too many for a diagram: they are listed above."]
    return drawn or []


# ---- what is known beyond the catalog


def _details(documented: Documented, relation: Relation) -> Iterator[list[str]]:
    details, name = documented.details, relation.name
    if details is None:
        return
    indexes = [
        (
            code(i.name),
            i.method,
            ", ".join(condition(c, documented.labels) for c in i.columns),
            ", ".join(word for word, holds in (("unique", i.unique), ("invalid", not i.valid)) if holds),
            condition(i.predicate, documented.labels) if i.predicate else "",
        )
        for i in details.indexes_of.get(name, ())
    ]
    yield _section("Indexes", table(("index", "method", "on", "", "where"), indexes))
    if relation.kind in {"table", "partitioned"}:
        yield _section("Row level security", _security(documented, details, name))
    triggers = [
        (
            code(t.name),
            f"{t.timing} {' or '.join(t.events)}, each {t.level}",
            code(t.function),
            "" if t.enabled else "disabled",
        )
        for t in details.triggers_of.get(name, ())
    ]
    yield _section("Triggers", table(("trigger", "when", "calls", ""), triggers))


def _security(documented: Documented, details: Details, name: QName) -> list[str]:
    storage, policies = details.storage.get(name), details.policies_of.get(name, [])
    on = storage is not None and storage.row_security
    state = "Enabled" if on else "Disabled: no policy applies"
    forced = ", and forced on the owner" if on and storage is not None and storage.forced else ""
    denied = "" if policies or not on else " No policy lets anybody else in."
    rows = [
        (
            code(p.name),
            p.command if p.permissive else f"{p.command}, restrictive",
            _listed(p.roles),
            condition(p.using, documented.labels) if p.using else "",
            condition(p.check, documented.labels) if p.check else "",
        )
        for p in policies
    ]
    return joined([[f"{state}{forced}.{denied}"], table(("policy", "for", "roles", "using", "with check"), rows)])

"""A schema as Markdown files: an overview, a page for each relation, one for enums and one for functions."""

from __future__ import annotations

from collections.abc import Iterator

from schema_sync.exports import mermaid
from schema_sync.exports.markdown import anchor, code, page, prose, short, table
from schema_sync.exports.pages import KINDS, Documented, joined, not_shown, relation_page
from schema_sync.exports.render_analysis import amount, bytes_text
from schema_sync.exports.table_groups import MOST_GROUPED, hubs, table_groups
from schema_sync.model.catalog import VIEW_KINDS, EnumType, Facet, Relation
from schema_sync.model.details import Routine
from schema_sync.reports.escaping import markdown
from schema_sync.rules.findings import label_text

OVERVIEW, ENUMS, FUNCTIONS = "README.md", "enums.md", "functions.md"


def documents(documented: Documented) -> dict[str, list[str]]:
    """Return the lines of all pages, by path relative to the documents' folder."""
    enums = [enum for enum in documented.catalog.enums if not enum.external]
    routines = documented.details.routines if documented.details is not None else ()
    pages = {OVERVIEW: _overview(documented, len(enums), len(routines))}
    if enums:
        pages[ENUMS] = _enums_page(documented, enums)
    if routines:
        pages[FUNCTIONS] = _functions_page(documented, routines)
    return pages | {page(r.name): relation_page(documented, r) for r in documented.catalog.relations}


def _overview(documented: Documented, enums: int, routines: int) -> list[str]:
    catalog = documented.catalog
    tables = [r for r in catalog.relations if r.kind not in VIEW_KINDS]
    views = [r for r in catalog.relations if r.kind in VIEW_KINDS]
    more = [f"[{enums} enums]({ENUMS})"] if enums else []
    more += [f"[{routines} functions]({FUNCTIONS})"] if routines else []
    schemas = ", ".join(map(code, catalog.schemas))
    parts = [
        [f"# {markdown(documented.title)}: database schema" if documented.title else "# Database schema"],
        [f"Schema{'s' if len(catalog.schemas) > 1 else ''} {schemas}, written by `schema-sync docs`."],
        _diagrams(documented, tables),
        ["## Figures", "", *table(("figure", "count"), _figures(documented, enums))],
        ["## Tables", "", *_relations(documented, tables)] if tables else [],
        ["## Views", "", *_relations(documented, views)] if views else [],
        ["## Enums and functions", "", ", ".join(more)] if more else [],
        not_shown(documented),
    ]
    return joined(parts)


def _diagrams(documented: Documented, tables: list[Relation]) -> list[str]:
    """Return the diagrams of all tables that foreign keys connect, and what is not in them."""
    catalog = documented.catalog
    found = tuple(mermaid.references(catalog))
    connected = {name for each in found for name in (each.source.name, each.target)}
    names = [r.name for r in tables if r.name in connected]
    alone = [r.name for r in tables if r.name not in connected]
    if not found:
        why = "no table has a foreign key" if Facet.CONSTRAINTS in catalog.covers else "the source shows no keys"
        return [f"No diagram: {why}."] if tables else []
    if len(names) > MOST_GROUPED:
        many = f"{len(names):,} tables have foreign keys, more than the {MOST_GROUPED} that diagrams show here"
        return [f"No diagram: {many}. The page of each table has one of its neighbours."]
    groups = table_groups(names, found)
    parts: list[list[str]] = []
    for group in groups:
        if len(groups) > 1:
            named = hubs(group, found, 2)
            more = [f"{len(group) - len(named)} more"] if len(group) > len(named) else []
            parts.append([f"### {', '.join([*map(documented.link, named), *more])}"])
        parts.append(mermaid.of_tables(catalog, group, found))
        parts.append([f"In it: {', '.join(map(documented.link, group))}."])
    if len(groups) > 1:
        split = (
            f"{len(names)} tables have foreign keys: more than one diagram can show. Each key is in the diagram"
        )
        parts.insert(0, [f"{split} of the table that holds it; a box without columns is in another one."])
    if alone:
        parts.append([f"Without foreign keys, so not drawn: {', '.join(map(documented.link, alone))}."])
    return ["## Diagram" if len(groups) == 1 else "## Diagrams", "", *joined(parts)]


def _figures(documented: Documented, enums: int) -> Iterator[tuple[str, str]]:
    catalog, details = documented.catalog, documented.details
    for kind, name in KINDS.items():
        count = sum(r.kind == kind for r in catalog.relations)
        if count or kind == "table":
            yield f"{name.lower()}s", str(count)
    yield "columns", str(sum(len(r.columns) for r in catalog.relations))
    keys = sum(1 for _ in mermaid.references(catalog))
    yield "enums", f"{enums}{'' if Facet.ENUMS in catalog.covers else ' at least'}"
    yield "foreign keys", f"{keys}{'' if Facet.CONSTRAINTS in catalog.covers else ' at least'}"
    if details is None:
        return
    yield "functions", str(len(details.routines))
    for name in ("indexes", "policies", "triggers"):
        yield name, str(sum(each.table in catalog.relations_by_name for each in getattr(details, name)))
    if documented.sizes:
        yield "size", bytes_text(sum(s.size or 0 for s in details.storages))


def _relations(documented: Documented, relations: list[Relation]) -> list[str]:
    storage = documented.details.storage if documented.sizes and documented.details is not None else None

    def row(relation: Relation) -> tuple[str, ...]:
        classes = "<br>".join(documented.classes(relation.name))
        comment = prose(relation.comment or "")
        cells = (documented.link(relation.name), str(len(relation.columns)), comment, classes)
        if storage is None:
            return cells
        kept = storage.get(relation.name)
        return (*cells, amount(kept.rows), bytes_text(kept.size)) if kept else (*cells, "", "")

    heading = ("name", "columns", "comment", "Python") + (("rows, about", "size") if storage is not None else ())
    return table(heading, map(row, relations))


def _enums_page(documented: Documented, enums: list[EnumType]) -> list[str]:
    parts = [["# Enums"], [f"[Overview]({OVERVIEW})"]]
    for enum in enums:
        used = documented.users.get(enum.name, ())
        classes = documented.classes(enum.name)
        parts += [
            [f'<a id="{anchor(enum.name)}"></a>'],
            [f"## {markdown(short(enum.name, documented.catalog.schemas))}"],
            [prose(enum.comment)] if enum.comment else [],
            [f"Python: {', '.join(classes)}"] if classes else [],
            [f"{i}. {code(label_text(label))}" for i, label in enumerate(enum.labels, 1)] or ["No labels."],
            [f"Used by {', '.join(documented.link(name) for name in used)}."] if used else [],
        ]
    return joined([*parts, not_shown(documented)])


def _functions_page(documented: Documented, routines: tuple[Routine, ...]) -> list[str]:
    rows = [
        (
            f"{code(short(r.name, documented.catalog.schemas))}({code(r.arguments) if r.arguments else ''})",
            code(r.returns) if r.returns else "",
            f"{r.kind}, {markdown(r.language)}, {r.volatility}"
            + (", security definer" if r.security_definer else ""),
            prose(r.comment or ""),
        )
        for r in routines
    ]
    lines = table(("function", "returns", "kind", "comment"), rows)
    return joined([["# Functions"], [f"[Overview]({OVERVIEW})"], lines, not_shown(documented)])

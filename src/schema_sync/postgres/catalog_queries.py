"""The catalog queries: a few lean SELECTs that any transport can carry.

They take no parameters; schema names stand in them as quoted literals. Nothing is computed or sorted per
row on the server: oids, type modifiers and flags come raw and are joined by ``catalog_rows``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

QUERIES = (
    *("database", "namespaces", "relations", "columns", "types", "enums", "constraints", "foreign_columns"),
    *("comments", "members", "writability", "views", "base_columns"),
)
DETAILS_QUERY = "details"
FINGERPRINT_QUERY = "fingerprint"
MIGRATIONS_TABLE, MIGRATION_VERSIONS = "migrations_table", "migration_versions"
SCHEMAS_QUERY = "select nspname from pg_catalog.pg_namespace"
LISTINGS = ("indexes", "policies", "triggers", "functions", "extensions")
DETAILS = ("indexes", "policies", "triggers", "routines", "storages", "views")


def catalog_queries(
    schemas: Sequence[str],
    *,
    expressions: bool = True,
    functions: bool = False,
    names: bool = False,
    details: bool = False,
) -> dict[str, str]:
    """Return the SELECTs for *schemas* by name.

    Without *expressions* there is none that deparses on the server, without *functions* none of functions. With
    *names* there is what names in queries need, with *details* ``DETAILS_QUERY``.
    """
    wanted = {"expressions": expressions, "functions": functions or names, "names": names}
    asked = (*QUERIES, *(name for name, is_wanted in wanted.items() if is_wanted))
    found = {name: _for_schemas(sql_text(name), schemas) for name in asked}
    return found | {DETAILS_QUERY: details_query(schemas)} if details else found


def listing_query(what: str, schemas: Sequence[str]) -> str:
    """Return the SELECT that lists objects of the kind *what* (one of ``LISTINGS``) in *schemas*, sorted.

    ``kinds`` lists what a list of tables by Supabase's MCP server lacks.
    """
    part = "routines" if what == "functions" else what
    details = f"(\n{sql_text(f'details/{part}')})" if part in DETAILS else ""
    return _for_schemas(sql_text(f"listings/{what}").replace("__DETAILS__", details), schemas)


def details_query(schemas: Sequence[str]) -> str:
    """Return the one SELECT for what documents tell beyond the catalog: a row of JSON for each of ``DETAILS``.

    The settings come first, so that text is deparsed alike by every source, as in expressions.sql.
    """
    parts = [
        f"select '{name}' as part, (select coalesce(pg_catalog.json_agg(pg_catalog.to_json(d)), '[]') from (\n"  # noqa: S608  # meant to be SQL
        f"{sql_text(f'details/{name}')}) d) as found\n"
        "from (select pg_catalog.set_config('search_path', '', true),"
        " pg_catalog.set_config('standard_conforming_strings', 'on', true) offset 0) settings\n"
        for name in DETAILS
    ]
    return _for_schemas("union all\n".join(parts), schemas)


def sql_text(name: str) -> str:
    """Return the text of a file of SQL."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def _for_schemas(text: str, schemas: Sequence[str]) -> str:
    return text.replace("__SCHEMAS__", ", ".join(map(quote_literal, schemas)))


def quote_literal(text: str) -> str:
    """Return *text* as an SQL string literal that means the same whatever standard_conforming_strings is.

    PostgreSQL manual, "String Constants with C-Style Escapes".
    """
    quoted = "'" + text.replace("'", "''") + "'"
    return " E" + quoted.replace("\\", "\\\\") if "\\" in quoted else quoted

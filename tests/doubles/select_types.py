"""The real types of postgrest-js, which say whether a select list fits a schema; from tests/node/select."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from doubles.supabase_mcp import NODE, installed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schema_sync.model.catalog import Catalog, Relation

_ERROR = re.compile(r"SelectQueryError|error: true|GenericStringError|ParserError")


def judged(asked: Sequence[tuple[Catalog, Sequence[tuple[str, str]]]]) -> list[list[str]]:
    """Return for each catalog and each (table, select list) the type of the result; empty where it is an error.

    The test is skipped where Node.js is missing.
    """
    folder = installed(NODE / "select", "postgrest-js cannot judge select lists")
    program = folder / "judge.cjs"
    shutil.copy(NODE / "select/judge.cjs", program)
    given = [
        {"database": _typescript(catalog), "queries": [{"table": t, "select": s} for t, s in queries]}
        for catalog, queries in asked
    ]
    done = subprocess.run(
        ["node", str(program)], input=json.dumps(given), capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: list[list[str]] = json.loads(done.stdout)
    return [["" if _ERROR.search(type_) else type_ for type_ in types] for types in answers]


def _typescript(catalog: Catalog) -> str:
    """Return the type that Supabase's CLI generates for *catalog*, as far as select lists need it."""
    tables = "\n".join(_table(relation) for relation in catalog.relations)
    rest = "Views: {}; Functions: {}; Enums: {}; CompositeTypes: {}"
    return f"export type Database = {{ public: {{ Tables: {{\n{tables}\n}}; {rest} }} }};"


def _table(relation: Relation) -> str:
    columns = "; ".join(
        f"{column.name}: {'Record<string, any>' if column.type.name.name == 'jsonb' else 'string'}"
        for column in relation.columns
    )
    unique = [set(each.columns) for each in relation.constraints if each.kind in {"primary", "unique"}]
    keys = ", ".join(
        json.dumps(
            {
                "foreignKeyName": key.name,
                "columns": key.columns,
                "isOneToOne": set(key.columns) in unique,
                "referencedRelation": key.references.name if key.references else "",
                "referencedColumns": key.referenced_columns,
            }
        )
        for key in relation.constraints
        if key.kind == "foreign"
    )
    row = f"{{ {columns} }}"
    return f"{relation.name.name}: {{ Row: {row}; Insert: {row}; Update: {row}; Relationships: [{keys}] }};"

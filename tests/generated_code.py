"""Catalogs, the code that an update writes for them from nothing, and the ways to write it."""

from __future__ import annotations

from typing import Any

import msgspec

from comparing import OPTIONS, catalog, enum, pg, q, table
from schema_sync.codebase.reader import read_sources
from schema_sync.codebase.writer import apply
from schema_sync.compare.compare import compare
from schema_sync.model.catalog import Catalog, Column, Constraint
from schema_sync.model.findings import Report
from schema_sync.model.options import Reading

WRITTEN = {
    "s/enums.py": '''"""Database enums."""

from enum import Enum


class OrganizationType(str, Enum):
    """Enum: public.organization_type"""

    PERSONAL = "personal"
    IN_REVIEW = "in review"
    EMPTY = ""
    A_B = 'a"b'
''',
    "s/entities.py": '''"""Database rows."""

from typing import Any, Optional, TypedDict


class OrganizationRow(TypedDict):
    """Table: public.organizations"""

    id: str
    name: str
    plan: Optional[str]
    seats: int
    score: float
    active: bool
    born: Optional[str]
    tags: list[str]
    settings: Optional[dict[str, Any]]


class PropertyRow(TypedDict):
    """Table: public.properties"""

    id: int
''',
    "s/relationships.py": '''"""Database rows."""

from typing import TypedDict


class MemberRow(TypedDict):
    """Table: public.members"""

    organization: str
    property: int
''',
}
TAGS = Column(name="tags", rank=8, type=pg("text", dims=1))
SETTINGS = Column(name="settings", rank=9, type=pg("jsonb"), nullable=True)


def foreign(column: str, target: str) -> Constraint:
    return Constraint(
        kind="foreign", name=column, columns=(column,), references=q(target), referenced_columns=("id",)
    )


GENERATED = catalog(
    table(
        "members",
        "organization uuid",
        "property int4",
        constraints=[
            Constraint(kind="primary", name="p", columns=("organization", "property")),
            foreign("organization", "organizations"),
            foreign("property", "properties"),
        ],
    ),
    table(
        *(
            "organizations",
            "id uuid",
            "name varchar",
            "plan public.organization_type?",
            "seats int8",
            "score numeric",
        ),
        *("active bool", "born timestamptz?", TAGS, SETTINGS),
    ),
    table("properties", "id int4"),
    enums=[enum("organization_type", "personal", "in review", "", 'a"b')],
)
HOSTILE = catalog(
    table('x"""\nimport os  # ', "class int4", 'a"b text', "\\n json?", "tab\tname text", "\u202eid uuid"),
    table("Ünïcode", "größe numeric", "_private text", "__dunder text"),
    enums=[
        enum(
            'e"""',
            "\n",
            '"""',
            "\\",
            "{x}",
            "%s",
            "None",
            "class",
            "ß",
            "'; import os; '",
            "\u2028",
            "mro",
            "a",
            "A",
        ),
        enum("empty"),
    ],
)
LAYOUTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "exact": {"precision": "exact"},
    "enums": {"enum_columns": "enum"},
    "literals": {"enum_columns": "literal"},
    "native": {"wire": "native"},
    "pydantic": {"target": "pydantic"},
    "writes": {"shapes": ("row", "insert", "update")},
}


def generated(schema: Catalog, before: dict[str, bytes], **options: Any) -> tuple[Report, dict[str, bytes]]:
    """Compare *schema* with the files *before*; return that, and the files after an update of all that was found."""
    chosen = msgspec.structs.replace(OPTIONS, **options)
    reading = Reading(kind="dsn", describe="x")
    found = compare(schema, read_sources(before), options=chosen, lock=None, reading=reading)
    edits = [edit for finding in found.findings for edit in finding.edits]
    return found, before | apply({edit.path: before.get(edit.path) for edit in edits}, edits)

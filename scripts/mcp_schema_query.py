#!/usr/bin/env python3
"""Lists tables, enums or constraints, runs a read-only query, documents the schema, or shows it in figures."""

import sys

try:
    from schema_sync.entry import mcp_schema_query
except ModuleNotFoundError as error:
    if error.name != "schema_sync":
        raise
    print("schema-sync is not installed: pip install supabase-schema-sync", file=sys.stderr)
    sys.exit(2)

mcp_schema_query()

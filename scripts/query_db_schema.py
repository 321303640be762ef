#!/usr/bin/env python3
"""Prints the database's schema as JSON, or writes it with --output FILE."""

import sys

try:
    from schema_sync.entry import query_db_schema
except ModuleNotFoundError as error:
    if error.name != "schema_sync":
        raise
    print("schema-sync is not installed: pip install supabase-schema-sync", file=sys.stderr)
    sys.exit(2)

query_db_schema()

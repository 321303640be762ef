#!/usr/bin/env python3
"""Checks, shows, mends or reports schema drift in the project whose scripts/ folder it stands in."""

import sys

try:
    from schema_sync.entry import sync_schema
except ModuleNotFoundError as error:
    if error.name != "schema_sync":
        raise
    print("schema-sync is not installed: pip install supabase-schema-sync", file=sys.stderr)
    sys.exit(2)

sync_schema()

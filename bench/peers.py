"""What a check is measured beside: a bare script that reads the same facts, and Supabase's own CLI.

Run as a program, with a connection string, this is the bare script: the three queries that come to mind first.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg

CLI = "supabase@3.1.0"
COLUMNS = """
select n.nspname, c.relname, c.relkind, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.attidentity, a.attgenerated, col_description(c.oid, a.attnum), pg_get_expr(d.adbin, d.adrelid)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by 1, 2, a.attnum
"""
ENUMS = """
select n.nspname, t.typname, e.enumlabel
from pg_enum e
join pg_type t on t.oid = e.enumtypid
join pg_namespace n on n.oid = t.typnamespace
where n.nspname = 'public'
order by 1, 2, e.enumsortorder
"""
CONSTRAINTS = """
select n.nspname, r.relname, c.conname, c.contype, pg_get_constraintdef(c.oid)
from pg_constraint c
join pg_class r on r.oid = c.conrelid
join pg_namespace n on n.oid = r.relnamespace
where n.nspname = 'public'
"""


def script(dsn: str) -> list[str]:
    """Return the command that runs the bare script."""
    return [sys.executable, __file__, dsn]


def cli(dsn: str) -> list[str] | None:
    """Return the command that has Supabase's CLI generate Python types; None where npm is missing.

    The CLI is installed once, in the user's cache.
    """
    if shutil.which("npm") is None:
        return None
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "schema-sync-bench" / CLI
    program = folder / "node_modules/.bin/supabase"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", CLI]
        subprocess.run(command, check=True, capture_output=True)
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    place = f"{parts['user']}@localhost:{parts['port']}/{parts['dbname']}?host={quote(str(parts['host']))}"
    return [str(program), "gen", "types", "--lang=python", f"--remote=postgresql://{place}"]


def main() -> None:
    with psycopg.connect(sys.argv[1]) as session:
        rows = [session.execute(query).fetchall() for query in (COLUMNS, ENUMS, CONSTRAINTS)]
    print(*map(len, rows))


if __name__ == "__main__":
    main()

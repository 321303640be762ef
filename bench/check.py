"""How long a whole `schema-sync check` takes, beside a bare psycopg script that runs the same SQL.

    python bench/check.py [--tables 50 1000 10000] [--sql FILE…] [--runs 7]

Each schema is made on the embedded PostgreSQL, the code is written by an update, and then whole processes are
timed in turn, so that a busy machine slows all alike. Prints medians in seconds. A generated table has 12 columns,
a foreign key and an enum column; FILE is the SQL of a schema that you have.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import psycopg
from databases import OPEN_LOGIN_RULES, create_database, drop_database

from schema_sync.postgres import connection
from schema_sync.postgres.catalog_queries import catalog_queries
from schema_sync.replay import embedded_server

NOT_FOR_HERE = re.compile(r"(?m)^\\.*$|^(?:create|drop)[ \t]+database\b[^;\n]*;", re.IGNORECASE)
BARE = """
import psycopg
with psycopg.connect({dsn!r}, autocommit=True, prepare_threshold=None) as session:
    with session.pipeline():
        for text in {begin!r}:
            session.execute(text)
        cursors = [session.execute(text) for text in {queries!r}]
        session.execute("commit")
    rows = [cursor.fetchall() for cursor in cursors]
"""
ENUMS = 100
BATCH = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, nargs="*", default=[50, 1000])
    parser.add_argument("--sql", type=Path, nargs="*", default=[])
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    schemas = [(path.stem, [NOT_FOR_HERE.sub("", path.read_text("utf-8-sig"))]) for path in arguments.sql]
    schemas += [(f"{count} tables", generated(count)) for count in arguments.tables]
    print(f"{'seconds':16}{'bare script':>12}{'check':>12}{'ratio':>8}{'from lock':>12}")
    with embedded_server.server(OPEN_LOGIN_RULES) as server:
        for number, (name, statements) in enumerate(schemas):
            dsn = create_database(server, f"bench_{number}")
            with psycopg.connect(dsn, autocommit=True) as session:
                for statement in statements:
                    session.execute(statement.encode())
            with tempfile.TemporaryDirectory() as folder:
                bare, check, lock = measure(dsn, Path(folder), arguments.runs)
            print(f"{name[:15]:16}{bare:12.3f}{check:12.3f}{check / bare:8.2f}{lock:12.3f}", flush=True)
            drop_database(server, f"bench_{number}")


def generated(count: int) -> list[str]:
    """Return the SQL of *count* tables, in batches that fit the server's table of locks."""
    statements = [
        f"create type kind_{e:03} as enum ({', '.join(repr(f'label_{i}') for i in range(3 + e % 8))})"
        for e in range(ENUMS)
    ]
    statements += [table(number) for number in range(count)]
    return [";\n".join(statements[i : i + BATCH]) for i in range(0, len(statements), BATCH)]


def table(number: int) -> str:
    parent = f"bigint references entity_{number * 7919 % number:05}" if number else "bigint"
    return f"""create table entity_{number:05} (
        id bigint generated always as identity primary key, ref uuid not null default gen_random_uuid(),
        title text not null, slug varchar(80), qty integer not null default 0, price numeric(12, 2),
        active boolean not null default true, created_at timestamptz not null default now(), payload jsonb,
        kind kind_{number % ENUMS:03} not null, tags text[], parent_id {parent})"""


def measure(dsn: str, root: Path, runs: int) -> tuple[float, float, float]:
    """Return the medians of the bare script, of a check by DSN and of a check from the lock."""
    sync = [sys.executable, "-m", "schema_sync"]
    subprocess.run([*sync, "update", "-q", "--source", dsn], cwd=root, check=True, capture_output=True)
    script = root / "bare.py"
    with connection.own_session(dsn) as session:
        begin = session.opening(60)
    queries = list(catalog_queries(("public",), expressions=False).values())
    script.write_text(BARE.format(dsn=dsn, begin=begin, queries=queries), "utf-8")
    commands = (
        [sys.executable, str(script)],
        [*sync, "check", "-q", "--source", dsn],
        [*sync, "check", "-q", "--source", "lock"],
    )
    for command in commands:
        seconds(command, root)  # the first run compiles modules and warms the server
    timed = [[seconds(command, root) for command in commands] for _ in range(runs)]
    bare, check, lock = (median(column) for column in zip(*timed, strict=True))
    return bare, check, lock


def seconds(command: list[str], root: Path) -> float:
    compiled = {"PYTHONPYCACHEPREFIX": str(root / "compiled")}  # as an installed package is
    compiled |= {"SCHEMA_SYNC_NO_CACHE": "1"}  # each run reads the code
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, cwd=root, env=environment | compiled, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()

"""How the time of the commands grows: with tables, and with files of one class each.

    python bench/growth.py [--tables 100 1000 10000] [--files 10 100 1000]

Tables are made on the embedded PostgreSQL (as in check.py), files are written for the first tables of a snapshot.
Whole processes are timed. Prints seconds and, for each command, the exponent of n that fits the last two sizes: 1
is linear, 2 quadratic.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from check import generated
from databases import OPEN_LOGIN_RULES, create_database, drop_database

from schema_sync.replay import embedded_server

if TYPE_CHECKING:
    from collections.abc import Iterator

SYNC = [sys.executable, "-m", "schema_sync"]
COMMANDS = (
    ("update", ["update"]),
    ("check", ["check"]),
    ("docs", ["docs", "documents"]),
    ("list", ["list", "constraints"]),
    ("analyze", ["analyze"]),
    ("diff", ["diff"]),
    ("report", ["report"]),
    ("explore", ["explore", "--output", "schema.html"]),
)
CODE = '''from typing import TypedDict


class Entity{0}Row(TypedDict):
    """Table: entity_{0:05}"""

    id: int
'''


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, nargs="*", default=[100, 1000, 10_000])
    parser.add_argument("--files", type=int, nargs="*", default=[10, 100, 1000])
    arguments = parser.parse_args()
    with embedded_server.server(OPEN_LOGIN_RULES) as server:
        for what, sizes in (("tables", arguments.tables), ("files", arguments.files)):
            print(f"{what:10}" + "".join(f"{name:>10}" for name, _ in COMMANDS))
            rows = [measured(server, what, size) for size in sizes]
            if len(rows) > 1:
                step = math.log(sizes[-1] / sizes[-2])
                exponents = [math.log(b / a) / step for a, b in zip(rows[-2], rows[-1], strict=True)]
                print(f"{'exponent':10}" + "".join(f"{each:10.2f}" for each in exponents), flush=True)


def measured(server: embedded_server.Server, what: str, size: int) -> list[float]:
    name = f"growth_{what}_{size}"
    dsn = create_database(server, name)
    with psycopg.connect(dsn, autocommit=True) as session:
        for statement in generated(size):
            session.execute(statement.encode())
        session.execute("analyze")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        if what == "files":
            (root / "schemas").mkdir()
            for number in range(size):
                (root / f"schemas/entity_{number}.py").write_text(CODE.format(number), "utf-8")
        row = list(seconds(root, dsn))
    drop_database(server, name)
    print(f"{size:<10}" + "".join(f"{each:10.2f}" for each in row), flush=True)
    return row


def seconds(root: Path, dsn: str) -> Iterator[float]:
    """Yield how long each command takes; diff and those behind it find a new column in every hundredth table."""
    for name, words in COMMANDS:
        if name == "diff":
            with psycopg.connect(dsn, autocommit=True) as session:
                tables = session.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
                for (table,) in tables[::100]:
                    session.execute(f"alter table {table} add extra text")
        start = time.perf_counter()
        done = subprocess.run([*SYNC, *words, "-q", "--source", dsn], cwd=root, capture_output=True, check=False)
        if done.returncode not in {0, 1}:
            raise SystemExit(done.stderr.decode())
        yield time.perf_counter() - start


if __name__ == "__main__":
    main()

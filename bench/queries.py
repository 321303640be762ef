"""How long names in queries take: whole processes of `check --source lock`, by number of files.

    python bench/queries.py [--files 125 250 500]

Each file has four queries in functions; nothing is wrong. Prints seconds: the first run of a project, and the
median of five more.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from schema_sync.model.catalog import ALL_FACETS, Catalog, Column, QName, Relation, TypeRef
from schema_sync.model.snapshot import encode_snapshot

SYNC = [sys.executable, "-m", "schema_sync", "-q"]
COLUMNS = ("id", "title", "body", "status", "owner", "size", "kind", "note")
TABLES = 40
RUNS = 5
CODE = '''"""Rows of {table}."""

from supabase import Client


class Store:
    def __init__(self, client: Client) -> None:
        self.client = client

    def one(self, key):
        rows = self.client.table("{table}").select("id, title, body, status").eq("id", key).execute().data
        return rows[0]["title"] if rows else None

    def many(self, status, owner=None):
        query = self.client.table("{table}").select("id, owner, size, kind").eq("status", status)
        if owner:
            query = query.eq("owner", owner)
        return [row["size"] for row in query.order("size", desc=True).limit(10).execute().data]

    def add(self, title, body):
        row = {{"title": title, "body": body, "status": "new"}}
        row["kind"] = "plain"
        return self.client.table("{table}").insert(row).execute()

    def close(self, key):
        done = {{"status": "done", "note": None}}
        self.client.table("{table}").update(done).eq("id", key).neq("kind", "x").execute()
'''


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, nargs="*", default=[125, 250, 500])
    print(f"{'files':>6}{'queries':>9}{'first':>9}{'median':>9}")
    for files in parser.parse_args().files:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            made(root, files)
            times = [timed(root) for _ in range(RUNS + 1)]
        print(f"{files:>6}{files * 4:>9}{times[0]:>9.2f}{statistics.median(times[1:]):>9.2f}")


def made(root: Path, files: int) -> None:
    """Make a project with *files* files of queries, and the lock of a sync."""
    text = TypeRef(name=QName(schema="pg_catalog", name="text"))
    columns = tuple(Column(name=name, rank=n, type=text, nullable=True) for n, name in enumerate(COLUMNS, start=1))
    relations = tuple(
        Relation(name=QName(schema="public", name=f"table_{number:02}"), kind="table", columns=columns)
        for number in range(TABLES)
    )
    catalog = Catalog(schemas=("public",), covers=ALL_FACETS, relations=relations)
    (root / "db.json").write_bytes(encode_snapshot(catalog))
    (root / "schema-sync.toml").write_text('[severity]\ntable-undeclared = "off"\n')
    (root / "app").mkdir()
    for number in range(files):
        (root / f"app/store_{number}.py").write_text(CODE.format(table=f"table_{number % TABLES:02}"))
    subprocess.run([*SYNC, "update", "--source", "snapshot:db.json"], cwd=root, check=True, capture_output=True)


def timed(root: Path) -> float:
    """Return the seconds that a check takes."""
    start = time.perf_counter()
    subprocess.run([*SYNC, "check", "--source", "lock"], cwd=root, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()

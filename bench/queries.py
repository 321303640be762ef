"""How long names in queries take: whole processes of `check --source lock`, by number of files.

    python bench/queries.py [--files 125 250 500]

Each file has four queries in functions; nothing is wrong. Prints medians of five runs each, in turn: with an empty
cache (cold), with what the run before kept (warm), and with `--no-cache`; and the megabytes of the cache. Seconds
are those of a processor, so that other work on the machine counts little.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from schema_sync.model.catalog import ALL_FACETS, Catalog, Column, QName, Relation, TypeRef
from schema_sync.model.snapshot import encode_snapshot

SYNC = [sys.executable, "-m", "schema_sync", "-q"]
COLUMNS = ("id", "title", "body", "status", "owner", "size", "kind", "note")
TABLES = 40
RUNS = 5
UNWANTED = {"PYTHONDONTWRITEBYTECODE", "SCHEMA_SYNC_NO_CACHE"}
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
    print(f"{'files':>6}{'queries':>9}{'cold':>9}{'warm':>9}{'no cache':>10}{'MB':>7}")
    for files in parser.parse_args().files:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
            root, cache = Path(folder), Path(home) / "schema-sync"
            environment = {name: value for name, value in os.environ.items() if name not in UNWANTED}
            environment |= {"XDG_CACHE_HOME": home, "PYTHONPYCACHEPREFIX": f"{home}/compiled"}
            made(root, files, environment)
            times: list[tuple[float, ...]] = []
            for _ in range(RUNS):
                shutil.rmtree(cache)
                times.append(tuple(timed(root, environment, *each) for each in ((), (), ("--no-cache",))))
            size = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file()) / 1e6
        cold, warm, without = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{files:>6}{files * 4:>9}{cold:>9.2f}{warm:>9.2f}{without:>10.2f}{size:>7.1f}", flush=True)


def made(root: Path, files: int, environment: dict[str, str]) -> None:
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
    update = [*SYNC, "update", "--source", "snapshot:db.json"]
    subprocess.run(update, cwd=root, env=environment, check=True, capture_output=True)


def timed(root: Path, environment: dict[str, str], *options: str) -> float:
    """Return the seconds of a processor that a check takes."""
    check = [*SYNC, "check", "--source", "lock", *options]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(check, cwd=root, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()

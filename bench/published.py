"""What an update writes for a published schema: does it compile, import and type-check, and is it then in sync?

    python bench/published.py SQL [SQL…] [--schema NAME…]

Each SQL is a file that makes a schema, or a folder of migrations. It is run on the embedded PostgreSQL; lines for
psql alone and statements that make or drop databases are left out. mypy and basedpyright must be installed beside
this Python. Prints one line for each and exits with the number of those that fail.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from databases import OPEN_LOGIN_RULES, create_database

from schema_sync.replay import embedded_server

NOT_FOR_HERE = re.compile(r"(?m)^\\.*$|^(?:create|drop)[ \t]+database\b[^;\n]*;", re.IGNORECASE)
COLUMNS = (
    "tables",
    "enums",
    "lines",
    "update",
    "import",
    "mypy",
    "basedpyright",
    "in sync",
    "unchanged",
    "seconds",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sql", nargs="+", type=Path)
    parser.add_argument("--schema", action="append", default=[])
    arguments = parser.parse_args()
    print(f"{'schema':32}", *(f"{name:>12}" for name in COLUMNS))
    failed = 0
    with embedded_server.server(OPEN_LOGIN_RULES) as server:
        for number, path in enumerate(arguments.sql):
            dsn = create_database(server, f"published_{number}")
            with tempfile.TemporaryDirectory() as folder:
                row = examine(path, Path(folder), dsn, arguments.schema)
            print(f"{path.name[:32]:32}", *(f"{row[name]:>12}" for name in COLUMNS), flush=True)
            failed += "FAILS" in row.values()
    return failed


def examine(path: Path, root: Path, dsn: str, schemas: list[str]) -> dict[str, str]:
    """Return the cells of the row for the schema in *path*, working in the empty folder *root*."""
    make_schema(path, dsn)
    options = ["--source", dsn, *(word for schema in schemas for word in ("--schema", schema))]
    start = time.perf_counter()
    row = {"update": verdict(root, "-m", "schema_sync", "update", *options)}
    row["seconds"] = f"{time.perf_counter() - start:.2f}"
    written = {file: file.read_bytes() for file in sorted(root.joinpath("schemas").rglob("*")) if file.is_file()}
    code = [file for file in written if file.suffix == ".py"]
    row["lines"] = str(sum(written[file].count(b"\n") for file in code))
    modules = [".".join(file.relative_to(root).with_suffix("").parts) for file in code]
    row["import"] = verdict(root, "-W", "error", "-c", "".join(f"import {module}\n" for module in modules))
    row["mypy"] = verdict(root, "-m", "mypy", "--strict", "--no-incremental", "schemas")
    row["basedpyright"] = verdict(root, "-m", "basedpyright", "--level", "error", "schemas")
    row["in sync"] = verdict(root, "-m", "schema_sync", "check", *options)
    again = verdict(root, "-m", "schema_sync", "update", *options)
    same = all(file.read_bytes() == content for file, content in written.items())
    row["unchanged"] = again if same else "FAILS"
    version = root.joinpath("schemas", "schema_version.py")
    text = version.read_text("utf-8") if version.exists() else ""
    for name in ("tables", "enums"):
        found = re.search(rf"{name.upper()}_COUNT\D*= (\d+)", text)
        row[name] = found[1] if found else "?"
    return row


def make_schema(path: Path, dsn: str) -> None:
    for file in sorted(path.glob("*.sql")) if path.is_dir() else [path]:
        with psycopg.connect(dsn, autocommit=True) as session:
            session.execute(NOT_FOR_HERE.sub("", file.read_text("utf-8-sig")).encode())


def verdict(root: Path, *arguments: str) -> str:
    """Run Python with *arguments* in *root* and say whether it succeeds; show what it says if it does not."""
    command = [sys.executable, *arguments]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if result.returncode:
        print(f"$ {' '.join(arguments)[:200]}\n{result.stdout}{result.stderr}", file=sys.stderr)
    return "FAILS" if result.returncode else "ok"


if __name__ == "__main__":
    sys.exit(main())

"""Do the classes that an update writes fit what the database gives and takes? Measured on torture.sql.

    python bench/fidelity.py [--part types names] [--precision plain exact] [--json] [-v]

Each part is made on the embedded PostgreSQL, the code is written into an empty folder with classes for inserts and
updates, compiled, imported with warnings as errors, and checked by mypy --strict and basedpyright for Python 3.11
and 3.14. measuring.py then holds it against the rows. Peers' figures stand beside: they were recorded on
2026-11-22 (PostgreSQL 15, Python 3.11, Node 20), not run again. Needs pydantic, mypy and basedpyright beside this
Python; -v also prints each failure.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torture
from databases import OPEN_LOGIN_RULES, create_database, drop_database

from schema_sync.replay import embedded_server
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects
from schema_sync.usecases import update as updates

HERE = Path(__file__).parent
TARGETS = ("3.11", "3.14")
CONFIGURATION = 'shapes = ["row", "insert", "update"]\nprecision = "{precision}"\n'
PEERS = """\
recorded 2026-11-22              supabase-pydantic 0.26.29  postgres-meta 0.99.0, supabase CLI 3.1.0
types: compiles, imports         yes, no                    yes, yes
types: errors of mypy, pyright   64, 2                      81, 81
types: rows accepted             38 of 50                   37 of 50
types: columns typed, accepted   127 of 187 (68 %)          149 of 187 (80 %)
types: INSERTs required, all     22, 22 of 23               23, 21 of 23
names: compiles                  no                         no
names: Insert keys that are wrong, salvaged  3 of 69        28 of 122"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", nargs="*", choices=torture.PARTS, default=torture.PARTS)
    parser.add_argument("--precision", nargs="*", choices=("plain", "exact"), default=("plain", "exact"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    arguments = parser.parse_args()
    results: dict[str, dict[str, Any]] = {}
    with embedded_server.server(OPEN_LOGIN_RULES) as server:
        for part in arguments.part:
            dsn = create_database(server, part)
            torture.make(dsn, part)
            for precision in arguments.precision:
                with tempfile.TemporaryDirectory() as folder:
                    results[f"{part}, {precision}"] = measure(dsn, Path(folder), precision)
            drop_database(server, part)
    if arguments.json:
        print(json.dumps(results, ensure_ascii=False))
    else:
        show(results, verbose=arguments.verbose)
    return 0


def measure(dsn: str, root: Path, precision: str) -> dict[str, Any]:
    """Write the code for the database *dsn* into *root* and return all figures."""
    (root / "schema-sync.toml").write_text(CONFIGURATION.format(precision=precision))
    project = projects.open_project(root, source=dsn)
    updates.write(project, updates.plan(project, checks.check(project)))
    report = checks.check(project).report
    classes: dict[str, dict[str, list[str]]] = {}
    for bound in report.bindings:
        if bound.role in {"row", "insert", "update"}:
            declared = bound.declaration
            classes.setdefault(str(bound.object), {})[bound.role] = [declared.at.path, declared.name]
    paths = sorted(str(path.relative_to(root)) for path in (root / "schemas").rglob("*.py"))
    command = [sys.executable, str(HERE / "measuring.py"), str(root), dsn, json.dumps(classes)]
    measured = subprocess.run(command, capture_output=True, text=True, check=False)
    if measured.returncode:
        raise SystemExit(measured.stderr)
    return {
        "in_sync": not report.findings,
        "compiles": all(compiles(root / path) for path in paths),
        "imports": imports(root, paths),
        "mypy": {target: mypy(root, target) for target in TARGETS},
        "basedpyright": {target: basedpyright(root, target) for target in TARGETS},
        **json.loads(measured.stdout),
    }


def compiles(path: Path) -> bool:
    try:
        compile(path.read_bytes(), str(path), "exec")
    except SyntaxError:
        return False
    return True


def imports(root: Path, paths: list[str]) -> bool:
    modules = [path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in paths]
    command = [sys.executable, "-W", "error", "-c", "".join(f"import {module}\n" for module in modules)]
    return subprocess.run(command, cwd=root, check=False).returncode == 0


def mypy(root: Path, target: str) -> int:
    """Return the number of errors."""
    options = ["--strict", "--no-incremental", "--no-error-summary", "--python-version", target]
    command = [sys.executable, "-m", "mypy", *options, "schemas"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return sum(": error:" in line for line in result.stdout.splitlines()) or result.returncode


def basedpyright(root: Path, target: str) -> int:
    """Return the number of errors."""
    (root / "pyrightconfig.json").write_text(json.dumps({"include": ["schemas"], "pythonVersion": target}))
    command = [sys.executable, "-m", "basedpyright", "--level", "error", "--outputjson"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return int(json.loads(result.stdout)["summary"]["errorCount"])


def show(results: dict[str, dict[str, Any]], *, verbose: bool) -> None:
    for name, result in results.items():
        f = result["figures"]
        share = 100 * f["columns_typed"] / f["columns"]
        print(f"{name}: {'in sync' if result['in_sync'] else 'NOT in sync'}")
        print(f"  compiles {result['compiles']}, imports {result['imports']}")
        for checker in ("mypy", "basedpyright"):
            print(f"  errors of {checker}: {', '.join(f'{n} ({t})' for t, n in result[checker].items())}")
        print(f"  rows accepted: {f['rows_accepted']} of {f['rows']}")
        print(f"  columns typed, accepted: {f['columns_typed']} of {f['columns']} ({share:.0f} %)", end="")
        print(f", Any {f['columns_any']}")
        print(f"  refuses a null: {f['nulls_refused']} of {f['nulls_tried']} NOT NULL columns", end="")
        print(f"; an unknown label: {f.get('labels_refused', 0)} of {f.get('labels_tried', 0)}")
        print(f"  Insert keys that are wrong: {f.get('keys_wrong', 0)} of {f['keys']}")
        print(f"  INSERTs required, all: {f['inserts_required']}, {f['inserts_all']} of {f['inserts']}", end="")
        print(f" ({f['insert_tables']} tables)\n")
        if verbose:
            print("".join(f"    {line}\n" for line in result["failures"]))
    print(PEERS)


if __name__ == "__main__":
    sys.exit(main())

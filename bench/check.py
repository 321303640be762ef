"""How long a check takes as a whole process, and how much memory, beside Supabase's CLI and a bare script.

    python bench/check.py [--tables 50 1000 10000] [--runs 7] [--sql FILE…] [--chart FILE.svg]

Each schema is made on the embedded PostgreSQL and the code is written by an update. The commands of a row then run
in turn, so that a busy machine slows all alike; each ratio is the median of the turns' ratios, with the least and
the greatest. The peers are those of peers.py; the CLI generates types, the least that one can do instead of a
check. Checks keep what they read from the code, as they do for a user. They know nothing of the last result, but
in the row "unchanged". A generated table has 12 columns, a foreign key and an enum column; FILE is SQL of yours.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import peers
import psycopg
from databases import OPEN_LOGIN_RULES, create_database, drop_database

from schema_sync.replay import embedded_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SYNC = [sys.executable, "-m", "schema_sync"]
PEERS = ("CLI", "script", "imports")  # imports: those of click and msgspec alone
IMPORTS = [sys.executable, "-c", "import click, msgspec"]
NOT_FOR_HERE = re.compile(r"(?m)^\\.*$|^(?:create|drop)[ \t]+database\b[^;\n]*;", re.IGNORECASE)
ENUMS = 100
BATCH = 200
SMALL, MIDDLE = 50, 1000
MEGABYTE = 1024  # in the units of ru_maxrss, on Linux


class Row(NamedTuple):
    """What is measured: our command, run after *before*, and the commands of peers by name."""

    label: str
    command: list[str]
    peers: dict[str, list[str]]
    root: Path
    before: Callable[[], None]


class Run(NamedTuple):
    """What a process took: seconds, and its peak memory in megabytes."""

    seconds: float
    megabytes: float


class Measured(NamedTuple):
    """The runs of a row: ours, and those of each peer, turn by turn."""

    label: str
    ours: list[Run]
    peers: dict[str, list[Run]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, nargs="*", default=[SMALL, MIDDLE, 10_000])
    parser.add_argument("--sql", type=Path, nargs="*", default=[])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--chart", type=Path)
    arguments = parser.parse_args()
    schemas = [(path.stem, [NOT_FOR_HERE.sub("", path.read_text("utf-8-sig"))]) for path in arguments.sql]
    schemas += [(f"{count:,} tables", generated(count)) for count in arguments.tables]
    print(f"| | seconds | MB |{''.join(f' time ÷ {name} |' for name in PEERS)} memory ÷ CLI |\n{'|---' * 7}|")
    every: list[Measured] = []
    with embedded_server.server(OPEN_LOGIN_RULES) as server, tempfile.TemporaryDirectory() as home:
        os.environ |= {"XDG_CACHE_HOME": home, "PYTHONPYCACHEPREFIX": f"{home}/compiled"}
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled once, as an installed package is
        for number, (name, statements) in enumerate(schemas):
            dsn = create_database(server, f"bench_{number}")
            with psycopg.connect(dsn, autocommit=True) as session:
                for statement in (*statements, "analyze"):
                    session.execute(statement.encode())
            with tempfile.TemporaryDirectory() as folder:
                for row in rows(name, dsn, Path(folder), Path(home)):
                    every.append(measure(row, arguments.runs))
                    print(line(every[-1]), flush=True)
            drop_database(server, f"bench_{number}")
    if arguments.chart:
        import chart

        chart.draw(every, arguments.chart)


def rows(name: str, dsn: str, root: Path, home: Path) -> Iterator[Row]:
    """Yield what is measured of the schema *name*, in *root*, with the user's cache in *home*."""
    update, check = ([*SYNC, word, "-q", "--source", dsn] for word in ("update", "check"))
    cli, script = peers.cli(dsn), peers.script(dsn)
    beside = {"script": script} | ({"CLI": cli} if cli else {})

    def forget() -> None:
        for path in (home / "schema-sync").rglob("results-*"):
            path.unlink()

    def remove_code() -> None:
        shutil.rmtree(root / "schemas", ignore_errors=True)

    yield Row(f"update from nothing, {name}", update, {"CLI": cli} if cli else {}, root, remove_code)
    yield Row(f"check, {name}", check, beside, root, forget)
    yield Row(f"unchanged, {name}", check, beside, root, lambda: None)
    yield Row(f"from the lock, {name}", [*check[:-1], "lock"], {"imports": IMPORTS}, root, lambda: None)


def measure(row: Row, runs: int) -> Measured:
    """Run the commands of *row* in turn; the first turn compiles modules and warms the server."""
    measured = Measured(row.label, [], {name: [] for name in row.peers})
    for turn in range(runs + 1):
        row.before()
        ours, others = run(row.command, row.root), {name: run(each, row.root) for name, each in row.peers.items()}
        if turn:
            measured.ours.append(ours)
            for name, each in others.items():
                measured.peers[name].append(each)
    return measured


def run(command: list[str], root: Path) -> Run:
    start = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=root, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            raise SystemExit(f"{' '.join(command)}: {output.read().decode(errors='replace')}")
    return Run(seconds, usage.ru_maxrss / MEGABYTE)


def line(measured: Measured) -> str:
    ours = measured.ours
    cells = [measured.label, f"{median(r.seconds for r in ours):.2f}", f"{median(r.megabytes for r in ours):.0f}"]
    cells += [spread(ours, measured.peers.get(name), "seconds") for name in PEERS]
    cells.append(spread(ours, measured.peers.get("CLI"), "megabytes"))
    return f"| {' | '.join(cells)} |"


def spread(ours: list[Run], theirs: list[Run] | None, what: str) -> str:
    """Return the median of the turns' ratios, with the least and the greatest; nothing without a peer."""
    if theirs is None:
        return ""
    ratios = sorted(getattr(a, what) / getattr(b, what) for a, b in zip(ours, theirs, strict=True))
    return f"{median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})"


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


if __name__ == "__main__":
    main()

"""How long the page of explore takes: to be written, and until it can be used in Chromium without a window.

    python bench/explore.py [--tables 1000 10000] [--turns 5]

The tables are those of check.py, on the embedded PostgreSQL, described by classes but for a column in every tenth.
"explore" is the seconds of the whole process, "MB" the size of the page. In a window of 1440 by 900 pixels,
medians of seconds: "ready" from navigation to the end of the page's script, "drawn" until the map is on the
screen, "search" for the results of "entity_0077".
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from check import generated
from databases import OPEN_LOGIN_RULES, create_database, drop_database

from schema_sync.replay import embedded_server

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from doubles import chromium

SYNC = [sys.executable, "-m", "schema_sync"]
DRAWN = """
const [done] = arguments;
requestAnimationFrame(() => setTimeout(() => done(performance.now())));
"""
SEARCH = """
const [done] = arguments;
const field = document.getElementById("search");
const start = performance.now();
field.value = "entity_0077";
field.dispatchEvent(new Event("input"));
const look = () => (document.getElementById("found").textContent.includes(" result")
  ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)))
  : setTimeout(look));
look();
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, nargs="*", default=[1000, 10000])
    parser.add_argument("--turns", type=int, default=5)
    arguments = parser.parse_args()
    print(f"{'tables':>8}" + "".join(f"{name:>10}" for name in ("explore", "MB", "ready", "drawn", "search")))
    with embedded_server.server(OPEN_LOGIN_RULES) as server, chromium.tab() as tab:
        tab.size(1440, 900)
        for count in arguments.tables:
            with tempfile.TemporaryDirectory() as folder:
                seconds = written(server, Path(folder), count)
                page = Path(folder) / "schema.html"
                turns = [turn(tab, page) for _ in range(arguments.turns)]
                shown = [statistics.median(each) / 1000 for each in zip(*turns, strict=True)]
                row = [seconds, page.stat().st_size / 1e6, *shown]
                print(f"{count:8,}" + "".join(f"{each:10.2f}" for each in row), flush=True)


def written(server: embedded_server.Server, root: Path, count: int) -> float:
    """Write the page of *count* tables into *root* and return the seconds that explore took."""
    name = f"explored_{count}"
    dsn = create_database(server, name)
    with psycopg.connect(dsn, autocommit=True) as session:
        for statement in generated(count):
            session.execute(statement.encode())
        run(root, "update", dsn)
        tables = session.execute(
            "select tablename from pg_tables where schemaname = 'public' order by 1"
        ).fetchall()
        for (table,) in tables[::10]:
            session.execute(f"alter table {table} add extra text")
    start = time.perf_counter()
    run(root, "explore", dsn)
    seconds = time.perf_counter() - start
    drop_database(server, name)
    return seconds


def run(root: Path, command: str, dsn: str) -> None:
    words = [*SYNC, command, "-q", "--source", dsn]
    done = subprocess.run(words, cwd=root, capture_output=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stderr.decode())


def turn(tab: chromium.Tab, page: Path) -> tuple[float, float, float]:
    """Return the milliseconds until the page is ready and drawn, and those of a search."""
    tab.show(page)
    drawn = float(tab.driver.execute_async_script(DRAWN))
    ready = float(tab.run("return document.documentElement.dataset.ready"))
    return ready, drawn, float(tab.driver.execute_async_script(SEARCH))


if __name__ == "__main__":
    main()

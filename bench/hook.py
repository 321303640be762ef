"""What the git hook adds to a commit: nothing of a schema staged, Python staged, drift staged, SQL staged.

    python bench/hook.py [--runs 11]

In a repository with a copy of the example. Prints the median in seconds of running the hook alone, with the
command on PATH. The first line is what every other commit of a project waits for; the rest is Python's
start and a check.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

REPOSITORY = Path(__file__).parents[1]
HOOK = REPOSITORY / "scripts/pre-commit-schema-check.sh"
ENTITIES = "schemas/database/entities.py"
ENVIRONMENT = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def run(folder: Path, *command: str) -> int:
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, check=False).returncode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=11)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        shutil.copytree(REPOSITORY / "examples", project, ignore=shutil.ignore_patterns("__pycache__", "app"))
        assert run(project, "schema-sync", "update", "--source", "migrations") == 0
        for command in ("init -q", "add -A", "-c user.email=a@example.org -c user.name=A commit -qm x"):
            assert run(project, "git", *command.split()) == 0
        text = (project / ENTITIES).read_text()
        changes = {
            "nothing of a schema": ("README.md", "text\n", 0),
            "Python in sync": (ENTITIES, f"# ours\n{text}", 0),
            "Python with drift": (ENTITIES, text.replace("Optional[int]", "Optional[str]"), 1),
            "SQL": ("supabase/migrations/20261120000000_x.sql", "select 1;\n", 0),
        }
        for label, (path, content, code) in changes.items():
            (project / path).write_text(content)
            assert run(project, "git", "add", "-A") == 0
            taken: list[float] = []
            for _ in range(runs):
                started = time.perf_counter()
                assert run(project, "bash", str(HOOK)) == code
                taken.append(time.perf_counter() - started)
            print(f"{label:22}{median(taken):8.3f}", flush=True)
            assert run(project, "git", "reset", "-q", "--hard") == 0


if __name__ == "__main__":
    main()

"""The real Mermaid, which says what is wrong with a diagram; installed once from tests/node/mermaid."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

from doubles.supabase_mcp import NODE, installed

if TYPE_CHECKING:
    from collections.abc import Sequence


def faults(diagrams: Sequence[str]) -> list[dict[str, str]]:
    """Return the diagrams that Mermaid does not take, each with its message; skip where Node.js is missing."""
    folder = installed(NODE / "mermaid", "Mermaid cannot parse the diagrams")
    program = folder / "parse.mjs"
    if not program.exists():
        shutil.copy(NODE / "mermaid/parse.mjs", program)
    done = subprocess.run(
        ["node", str(program)],
        input=json.dumps(diagrams),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found

"""The report of a check that could not be made: what it said, and what the job has to be given."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from schema_sync.errors import UsageError, mask
from schema_sync.reports.escaping import code

_COLOURS = r"\x1b\[[0-9;]*m"  # of FORCE_COLOR
LINES, CHARACTERS = 40, 4_000  # of the log's end; each character may become seven
_HEAD = """\
# Schema check failed

**Nothing was compared, so it is not known whether there is drift.**
"""
_WITHOUT_LOG = "\nThe job's log says why.\n"
_ADVICE = """
If no schema could be read, give the job one of these:

- **Migrations**: commit `supabase/migrations` or `supabase/schemas`. They are replayed, and need no secret.
- **The lock**: run `schema-sync update` where the database can be reached, and commit `schemas/schema_lock.json`.
  Pull requests get no secrets: without migrations they are compared with the lock.
- **Secrets**, for scheduled runs and those by hand: in the repository's settings, under *Secrets and variables*,
  *Actions*. Set `SUPABASE_DB_URL`, or `SUPABASE_ACCESS_TOKEN` and `SUPABASE_PROJECT_ID`, or `SUPABASE_URL` and
  `SUPABASE_SERVICE_KEY`. The step that checks needs them in its `env`.
"""


def report(log: Path | None, secrets: Iterable[str] = ()) -> str:
    """Return the report as Markdown: the end of *log*, escaped and masked, and what to do.

    Args:
        log: what ``check`` wrote to stderr; None where it was not kept.
        secrets: texts that must not show.

    Raises:
        UsageError: if *log* cannot be read.
    """
    said = _said(log, secrets) if log is not None else ()
    shown = "<br>\n".join(code(line) for line in said)
    return "".join([_HEAD, f"\n{shown}\n" if shown else _WITHOUT_LOG, _ADVICE])


def _said(log: Path, secrets: Iterable[str]) -> list[str]:
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{log}: {error.strerror}", hint="Write it with: check … 2> FILE") from error
    lines = [line for line in mask(re.sub(_COLOURS, "", text), secrets).splitlines() if line.strip()]
    kept: list[str] = []
    room = CHARACTERS
    for line in reversed(lines[-LINES:]):
        kept.append(line[:room])
        room -= len(kept[-1])
        if room <= 0:
            break
    return kept[::-1]

"""Where the user's cache is. Authority: the XDG Base Directory Specification."""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path | None:
    """Return the folder for what can be made again, which may not exist; None for a user without a home."""
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        base = named if named.is_absolute() else Path("~/.cache").expanduser()
    except RuntimeError:
        return None
    return base / "schema-sync"

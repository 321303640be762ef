"""What commands that report share: the threshold of a failure, and where the result goes."""

from __future__ import annotations

from pathlib import Path

import click

from schema_sync.errors import WriteError
from schema_sync.model.findings import Severity

FAIL_ON = [*(severity.name.lower() for severity in Severity), "never"]


def threshold(word: str) -> Severity | None:
    """Return the severity that ``--fail-on`` names, None for ``never``."""
    return None if word == "never" else Severity[word.upper()]


def deliver(text: str, output: str | None) -> None:
    """Print *text*, or write it to the file *output*.

    Raises:
        WriteError: if the file cannot be written.
    """
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise WriteError(f"{output}: {error.strerror}", hint="Pass a path that can be written.") from error

"""The commands for a first hour: ``init`` and ``doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

COMMANDS: tuple[click.Command, ...] = ()

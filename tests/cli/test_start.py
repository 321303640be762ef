"""What a command imports before it does its work."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from schema_sync import cli


def test_each_command_is_in_the_module_that_the_table_names() -> None:
    modules = {path.stem for path in Path(cli.__file__).parent.glob("*.py")} - {"__init__"}
    assert {
        name.removesuffix("_command"): module
        for module in modules
        for name, value in vars(import_module(f"schema_sync.cli.{module}")).items()
        if isinstance(value, click.Command) and name.endswith("_command")
    } == cli.MODULES
    for name in cli.MODULES:
        command = cli.cli.get_command(click.Context(cli.cli), name)
        assert command is not None
        assert command.name == name

"""The command that serves agents: ``mcp``."""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
from pathlib import Path

import click

from schema_sync.cli.session import Session, shared
from schema_sync.errors import UsageError

_HOST, _PORT = "127.0.0.1", 8765


@click.command("mcp")
@click.option("--http", is_flag=True, help="Serve streamable HTTP at /mcp instead of stdio.")
@click.option("--host", help=f"With --http: the address to serve on (default: {_HOST}).")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"With --http (default: {_PORT}); 0 takes a free one.",
)
@click.option(
    "--directory",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The project's folder, where the agent starts elsewhere.",
)
@shared
def mcp_command(
    session: Session, *, http: bool, host: str | None, port: int | None, directory: Path | None
) -> None:
    """Serve agents over the Model Context Protocol. They check, describe, update and more."""
    if not http and (host, port) != (None, None):
        raise click.UsageError("--host and --port go with --http")
    if importlib.util.find_spec("mcp") is None:
        raise UsageError(
            "the MCP server needs the package mcp, which is not installed",
            hint="pip install 'supabase-schema-sync[mcp]'",
        )
    from schema_sync.mcp_server import server, serving
    from schema_sync.remote import credentials

    if directory is not None:
        session.enter(directory)
    gc.enable()  # for as long as it serves
    serving.log_to_stderr(session.secrets, verbose=session.verbose)
    built = server.build(session.open)
    if http:
        token = os.environ.get(credentials.MCP_TOKEN, "")
        serving.serve_http(built, host or _HOST, _PORT if port is None else port, token, session.say)
    else:
        if sys.stdin.isatty():
            session.say("serving MCP on stdin and stdout: an agent starts this command; Ctrl-C ends it")
        serving.serve_stdio(built)

"""Databases of an embedded server, for tests and measurements, which run SQL of their own as superuser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from schema_sync.replay.embedded_server import OWNER

if TYPE_CHECKING:
    from schema_sync.replay.embedded_server import Server

OPEN_LOGIN_RULES = "local all all trust\n"


def create_database(server: Server, name: str) -> str:
    """Create database *name* with the Supabase bootstrap and return its connection string."""
    text = "create database {} template template1 strategy file_copy owner {}"
    _execute(server, sql.SQL(text).format(sql.Identifier(name), sql.Identifier(OWNER)))
    return server.database(name)


def drop_database(server: Server, name: str) -> None:
    """Drop database *name* with the sessions in it, if it exists."""
    _execute(server, sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _execute(server: Server, statement: sql.Composed) -> None:
    with psycopg.connect(server.database("postgres"), autocommit=True) as session:
        session.execute(statement)

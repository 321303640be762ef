"""The schemas of torture.sql, made on the embedded PostgreSQL without psql."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from schema_sync.postgres.catalog_queries import quote_literal

PARTS = ("types", "names")
_SQL = Path(__file__).with_name("torture.sql")


def make(dsn: str, part: str) -> None:
    """Make *part* of torture.sql, ``types`` or ``names``, in the database *dsn*."""
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as session:
        session.execute(script(dsn, part).encode())


def script(dsn: str, part: str) -> str:
    """Return the SQL that makes *part* in the database *dsn*.

    Two things differ from what psql would do: the embedded server is built without libxml, so an xml column
    holds a null; and it listens on no address, so the foreign table is reached through its socket.
    """
    text = _SQL.read_text("utf-8")
    section = re.search(rf"^\\if :is_{part}\n(.*?)^\\endif$", text, re.MULTILINE | re.DOTALL)
    if section is None:
        raise ValueError(f"torture.sql has no part {part}")
    server = conninfo_to_dict(dsn)
    lines = (line for line in section[1].splitlines(keepends=True) if not re.search(r"^\\|\\gset$", line))
    sql = "".join(lines).replace("'<a><b/></a>'", "null")
    sql = sql.replace("'127.0.0.1'", quote_literal(str(server["host"])))
    for name, value in {"prt": server["port"], "dbn": server["dbname"]}.items():
        sql = sql.replace(f":'{name}'", quote_literal(str(value)))
    return "set client_min_messages = warning;\n" + sql

"""SQL that calls hand to PostgreSQL, by psycopg, asyncpg and SQLAlchemy's ``text``.

Authority: the manuals of psycopg ("Passing parameters to SQL queries"), asyncpg ("API Reference") and SQLAlchemy
("Textual SQL").
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schema_sync.codebase.queries.libraries import DRIVERS, ENGINES, LIBRARIES, METHODS, PSYCOPG, SQLALCHEMY
from schema_sync.codebase.queries.values import Chain, Imported, Literal, Opening, Scope, Value
from schema_sync.model.queries import Dynamic, Placeholders, Span, Sql, Text
from schema_sync.postgres.sql_literals import is_sql

_OF_OTHER_DATABASES = frozenset({
    *("sqlite3", "aiosqlite", "libsql", "duckdb", "MySQLdb", "mysql", "pymysql", "aiomysql", "asyncmy", "pyodbc"),
    *("clickhouse_connect", "clickhouse_driver", "chdb", "oracledb", "cx_Oracle", "pymssql", "snowflake", "trino"),
})  # fmt: skip
_STATEMENT = frozenset({"query", "text", "sql"})
_PARAMETERS = frozenset({"params", "params_seq", "vars", "vars_list", "**"})


class SqlCall(NamedTuple):
    """A call that may hand SQL to PostgreSQL.

    Attributes:
        node: the call.
        function: the qualified name of the function around it.
        called: the method, or the function of SQLAlchemy's.
        argument: the SQL, as far as it is known.
        origin: what is called comes from; None where nothing is known of it.
        has_parameters: whether values are given too.
    """

    node: ast.Call
    function: str
    called: str
    argument: Value
    origin: Imported | None
    has_parameters: bool

    @property
    def library(self) -> str:
        """The library that is known to take it; empty where none is."""
        top = _package(self.origin)
        return top if top in LIBRARIES else ""

    @property
    def engine(self) -> str:
        """The database that an engine of SQLAlchemy is made for; empty where it makes none, or it is not known."""
        url = self.argument.value if isinstance(self.argument, Text | Opening) else ""
        return url.partition(":")[0].partition("+")[0] if self.called in ENGINES else ""


def call_of(
    node: ast.Call, scope: Scope, function: Value, positional: Sequence[Value], named: Mapping[str, Value]
) -> SqlCall | None:
    """Return the call *node* of *function*, in *scope*, if it may be one that takes SQL."""
    origin = function if isinstance(function, Imported) else None
    called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if origin is not None and _package(origin) in SQLALCHEMY:
        called = origin.name.rpartition(".")[2]
        is_meant = called == "text" or called in ENGINES
    else:
        is_meant = called in METHODS and (function is None or origin is not None)
    given = [*positional[:1], *(named[name] for name in named if name in _STATEMENT)]
    if not is_meant or not given:
        return None
    values = [*positional[1:2], *(named[name] for name in named if name in _PARAMETERS)]
    has_parameters = any(value != Literal(value=None) for value in values)
    argument = given[0]
    if node.args and isinstance(node.args[0], ast.Name):
        argument = scope.value(node.args[0].id)  # with the place of the literal
    return SqlCall(node, scope.name, called, argument, origin, has_parameters)


def chain_of(call: SqlCall, span: Span, packages: frozenset[str], *, sets_path: bool) -> Chain | None:
    """Return the query that *call* is; None where its SQL is not for PostgreSQL.

    There is no evidence where only the origin of its receiver may show that it is one.

    Args:
        call: the call.
        span: its place.
        packages: those that the file imports.
        sets_path: whether the file mentions ``search_path``.
    """
    is_text = call.library in SQLALCHEMY
    argument = call.argument
    beginning = argument.value if isinstance(argument, Text | Opening) else _beginning(call.node)
    drivers = {call.library} if call.library else DRIVERS & packages
    if not drivers and call.origin is None:
        return None
    if (is_text or not call.library) and not is_sql(beginning):
        return None
    part: Sql | Dynamic
    if not call.library and not _OF_OTHER_DATABASES.isdisjoint(packages):
        part = Dynamic(call=call.called, span=span, why="the file uses another database too")
    elif not isinstance(argument, Text):
        part = Dynamic(call=call.called, span=span, why="put together when the code runs")
    else:
        may_be_psycopg = not PSYCOPG.isdisjoint(drivers) if drivers else "$1" not in argument.value
        by_percent = call.has_parameters and may_be_psycopg
        placeholders: Placeholders = "colon" if is_text else "percent" if by_percent else "dollar"
        part = Sql(
            call=call.called, span=argument.span, text=argument, placeholders=placeholders, sets_path=sets_path
        )
    return Chain(
        span=span,
        function=call.function,
        name=None,
        verb="sql",
        certain=bool(call.library),
        origin=None if call.library else call.origin,
        evidence=bool(drivers),
        parts=[part],
    )


def is_connection(value: Value) -> bool:
    """Return whether *value* comes from a driver of PostgreSQL's: a connection, a pool, or what makes one."""
    return isinstance(value, Imported) and _package(value) in DRIVERS


def _package(origin: Imported | None) -> str:
    return origin.module.partition(".")[0] if origin is not None else ""


def _beginning(call: ast.Call) -> str:
    """Return the first literal of the first argument; an empty string if it does not begin with one."""
    node: ast.AST | None = call.args[0] if call.args else None
    while node is not None:
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.BinOp(left=first) | ast.JoinedStr(values=[first, *_]):
                node = first
            case ast.Call(func=ast.Attribute(value=first)):
                node = first
            case _:
                node = None
    return ""

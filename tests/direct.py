"""A test's database, read and asked without a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.postgres import connection
from schema_sync.postgres.catalog_queries import DETAILS_QUERY, catalog_queries, details_query
from schema_sync.postgres.catalog_reading import read_rows
from schema_sync.postgres.catalog_rows import build_catalog
from schema_sync.postgres.details import build_details
from schema_sync.postgres.read_only_query import Limits, Rows, select
from schema_sync.postgres.schema_changes import read_again

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schema_sync.model.catalog import Catalog
    from schema_sync.model.details import Details
    from schema_sync.postgres.connection import Address


def read_catalog(
    dsn: str | Address,
    schemas: Sequence[str],
    *,
    expressions: bool = True,
    functions: bool = False,
    seconds: float = 60,
) -> Catalog:
    queries = catalog_queries(schemas, expressions=expressions, functions=functions)
    with connection.connect(_address(dsn), seconds) as session:
        return read_again(lambda: build_catalog(read_rows(session, queries), schemas))


def read_details(dsn: str | Address, schemas: Sequence[str]) -> Details:
    queries = {DETAILS_QUERY: details_query(schemas)}
    with connection.connect(_address(dsn), 60) as session:
        return read_again(lambda: build_details(read_rows(session, queries)[DETAILS_QUERY]))


def query(dsn: str | Address, text: str, limits: Limits) -> Rows:
    with connection.connect(_address(dsn), limits.seconds + 2) as session:
        return select(session, text, limits)


def _address(dsn: str | Address) -> Address:
    return connection.own_address(dsn) if isinstance(dsn, str) else dsn

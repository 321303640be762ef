"""The catalog of a test's database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comparing import q
from direct import read_catalog
from schema_sync.model.catalog import Catalog, Column, Relation

if TYPE_CHECKING:
    from conftest import Database


def read(database: Database, sql: str, *schemas: str) -> Catalog:
    database.run(sql)
    return read_catalog(database.dsn, schemas or ("public",))


def relation(catalog: Catalog, name: str, schema: str = "public") -> Relation:
    return catalog.relations_by_name[q(name, schema)]


def columns(catalog: Catalog, name: str) -> dict[str, Column]:
    return {column.name: column for column in relation(catalog, name).columns}

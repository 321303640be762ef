"""Every PostgreSQL from 15 on gives the same catalog, the same hash and the same code.

The embedded one is compared with each server that is installed here: on PATH, below /usr/lib/postgresql, and in
the folders that SCHEMA_SYNC_POSTGRES names (separated as in PATH), each with its postgres and initdb.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from databases import create_database

import laws
from conftest import Database
from direct import read_catalog
from older_servers import OLDEST, VARIABLE, installed, older_server
from postgres.test_functions import SCHEMA as FUNCTIONS
from postgres.test_views import SCHEMA as VIEWS
from schema_sync.model.snapshot import fingerprint, portable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.catalog import Catalog

pytestmark = pytest.mark.thorough

CASES = Path(__file__).parent / "cases"
SCHEMAS = ("public", "billing", "Odd Schema")
SCHEMA = (CASES / "everything.sql").read_text()
ATOMS = (CASES / "atoms" / "schema.sql").read_text()


SERVERS = installed()
WHY = f"no other PostgreSQL from {OLDEST} on is installed; {VARIABLE} can name its bin folder"


@pytest.fixture(params=sorted(SERVERS) or [pytest.param(None, marks=pytest.mark.skip(reason=WHY))])
def other(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database on another server."""
    with older_server(SERVERS[request.param]) as running:
        made = Database("compared", create_database(running, "compared"), "")
        ((version,),) = made.run("show server_version")
        assert version.split()[0] == request.param
        yield made


def catalog(database: Database, *schemas: str) -> Catalog:
    return portable(read_catalog(database.dsn, schemas, expressions=False))


def written(root: Path, database: Database) -> dict[str, bytes]:
    root.mkdir()
    (root / "schema-sync.toml").write_text('schemas = ["public", "billing", "Odd Schema"]\n')
    laws.update(root, database.dsn)
    assert not laws.check(root, database.dsn).report.findings
    laws.assert_stable(root, database.dsn)
    return laws.python_files(root)


def test_the_same_catalog_hash_and_code(other: Database, database: Database, tmp_path: Path) -> None:
    for each in (other, database):
        each.run(SCHEMA)
    theirs, ours = catalog(other, *SCHEMAS), catalog(database, *SCHEMAS)
    assert theirs == ours
    assert fingerprint(theirs) == fingerprint(ours)
    assert written(tmp_path / "theirs", other) == written(tmp_path / "ours", database)


def test_the_same_origins_of_views(other: Database, database: Database) -> None:
    for each in (other, database):
        each.run(VIEWS)
    theirs, ours = catalog(other, "public"), catalog(database, "public")
    assert theirs == ours
    assert fingerprint(theirs) == fingerprint(ours)


def test_the_same_functions(other: Database, database: Database) -> None:
    found = []
    for each in (other, database):
        each.run(FUNCTIONS)
        found.append(portable(read_catalog(each.dsn, ("public",), functions=True)))
    assert found[0] == found[1]


def test_the_same_large_schema(other: Database, database: Database) -> None:
    for each in (other, database):
        each.run(ATOMS)
    theirs, ours = catalog(other, "public"), catalog(database, "public")
    assert theirs == ours
    assert fingerprint(theirs) == fingerprint(ours)

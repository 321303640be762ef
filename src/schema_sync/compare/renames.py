"""Renamed columns: told by oid and attnum, which the lock remembers per database."""

from __future__ import annotations

from schema_sync.model.catalog import Catalog, QName
from schema_sync.model.snapshot import Lock


def renamed_columns(catalog: Catalog, lock: Lock | None) -> dict[QName, dict[str, str]]:
    """Return, by relation, new column name → the name that the same column had at the last sync.

    Empty where the lock does not know this database. PostgreSQL never reuses an attnum, so a column with
    the number of a former one is that column.
    """
    known = lock.identity.get(catalog.database, {}) if lock and catalog.database else {}
    found: dict[QName, dict[str, str]] = {}
    for relation in catalog.relations:
        before, now = known.get(str(relation.name)), catalog.identity.get(str(relation.name))
        if before is None or now is None or before.oid != now.oid:
            continue
        former = {attnum: name for name, attnum in before.attnums.items()}
        renamed = {
            name: former[attnum] for name, attnum in now.attnums.items() if former.get(attnum, name) != name
        }
        if renamed:
            found[relation.name] = renamed
    return found

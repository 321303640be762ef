"""Catalog ⇄ canonical JSON, and the fingerprint of a schema.

Canonical means: one spelling for one catalog. Keys stand in a fixed order, defaults are left out, objects
are sorted by code point, and each column and label has a line of its own, so that a diff stays small.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TypeVar, cast

import msgspec

from schema_sync.errors import SourceError
from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog, Facet, ObjectIdentity, Relation

FORMAT_VERSION = 1
_LINE = 160
HASHED_CONSTRAINTS = frozenset({"primary", "unique", "foreign"})
UNHASHED_FACETS = frozenset({Facet.CHECKS, Facet.FUNCTIONS, Facet.WRITABILITY})


_RESTORE = "Restore the file from version control, or write it anew from a live source."


class Snapshot(Value, frozen=True, kw_only=True):
    """A saved catalog."""

    format_version: int
    db_hash: str
    catalog: Catalog


class Lock(Value, frozen=True, kw_only=True):
    """The catalog at the last sync, and what the code was bound to then.

    ``bindings`` holds declaration id → object (schema.name). ``removed`` holds, in the same form, the
    classes that still stand for an object which is gone from the database. ``identity`` holds oids and
    attnums by database key and object, so that a rename is told from a drop and an add.
    """

    format_version: int
    db_hash: str
    catalog: Catalog
    bindings: dict[str, str] = msgspec.field(default_factory=dict)
    removed: dict[str, str] = msgspec.field(default_factory=dict)
    identity: dict[str, dict[str, ObjectIdentity]] = msgspec.field(default_factory=dict)


Saved = TypeVar("Saved", Snapshot, Lock)


def fingerprint(catalog: Catalog) -> str:
    """Return the SHA-256 (64 hex digits) of what Python code can depend on in *catalog*.

    Left out: text that a server deparses (defaults, checks), names of constraints, what views take, and the
    identity of the database. A partial catalog's digest also covers the list of what it could not see, so that it
    never equals a full one's.
    """
    document = {
        "schemas": sorted(catalog.schemas),
        "unseen": sorted(set(Facet) - UNHASHED_FACETS - set(catalog.covers)),
        "relations": [_hashed_relation(r) for r in catalog.relations],
        "enums": msgspec.to_builtins(catalog.enums),
        "domains": msgspec.to_builtins(catalog.domains),
        "composites": msgspec.to_builtins(catalog.composites),
    }
    return hashlib.sha256(msgspec.json.encode(document, order="deterministic")).hexdigest()


def _hashed_relation(relation: Relation) -> object:
    keys = sorted(
        (
            (c.kind, c.columns, str(c.references or ""), c.referenced_columns)
            for c in relation.constraints
            if c.kind in HASHED_CONSTRAINTS
        ),
    )
    columns = [
        msgspec.structs.replace(column, default=None, insertable=True, updatable=True)
        for column in relation.columns
    ]
    return {
        "name": msgspec.to_builtins(relation.name),
        "kind": relation.kind,
        "columns": msgspec.to_builtins(columns),
        "keys": keys,
        "comment": relation.comment,
    }


def without_expressions(catalog: Catalog) -> Catalog:
    """Return *catalog* less the text of defaults and checks, which may carry keys and is no part of the hash."""
    relations = tuple(
        msgspec.structs.replace(
            relation,
            columns=tuple(msgspec.structs.replace(c, default=None) for c in relation.columns),
            constraints=tuple(c for c in relation.constraints if c.kind != "check"),
        )
        for relation in catalog.relations
    )
    covers = tuple(facet for facet in catalog.covers if facet is not Facet.CHECKS)
    return msgspec.structs.replace(catalog, relations=relations, covers=covers)


def portable(catalog: Catalog) -> Catalog:
    """Return *catalog* without what belongs to one database only: its oids and attnums."""
    return msgspec.structs.replace(catalog, database=None, identity={})


def encode(value: Value) -> bytes:
    """Return *value* as canonical JSON, UTF-8, with a final newline; what fits a line stays on one."""
    document = msgspec.to_builtins(value, order="deterministic")
    return (_layout(document, "\n") + "\n").encode()


def _layout(value: object, newline: str) -> str:
    flat = msgspec.json.encode(value).decode()
    if len(flat) <= _LINE or not isinstance(value, dict | list | tuple):
        return flat
    inner = newline + " "
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        parts = [f"{msgspec.json.encode(k).decode()}: {_layout(v, inner)}" for k, v in pairs]
        return "{" + inner + ("," + inner).join(parts) + newline + "}"
    return (
        "["
        + inner
        + ("," + inner).join(_layout(v, inner) for v in cast("tuple[object, ...]", value))
        + newline
        + "]"
    )


def encode_snapshot(catalog: Catalog) -> bytes:
    """Return the content of a snapshot file for *catalog*."""
    return encode(Snapshot(format_version=FORMAT_VERSION, db_hash=fingerprint(catalog), catalog=portable(catalog)))


def decode_snapshot(content: bytes, *, path: str) -> Catalog:
    """Return the catalog in a snapshot file; *path* only names it in errors.

    Raises:
        SourceError: if *content* is no snapshot of this format, or its hash does not fit its catalog.
    """
    snapshot = _decode(content, Snapshot, path=path)
    return snapshot.catalog


def encode_lock(lock: Lock) -> bytes:
    """Return the content of a lock file for *lock*."""
    return encode(lock)


@lru_cache(maxsize=1)
def decode_lock(content: bytes, *, path: str) -> Lock:
    """Return the lock in a lock file; *path* only names it in errors.

    The last one is remembered: where the lock is the source too, it is read twice.

    Raises:
        SourceError: if *content* is no lock of this format, or its hash does not fit its catalog.
    """
    return _decode(content, Lock, path=path)


def _decode(content: bytes, kind: type[Saved], *, path: str) -> Saved:
    """Decode *content* as *kind* and verify its version and hash.

    Raises:
        SourceError: as the callers document.
    """
    try:
        saved = msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise SourceError(f"{path}: not a readable snapshot: {error}", hint=_RESTORE) from error
    if saved.format_version != FORMAT_VERSION:
        raise SourceError(
            f"{path}: written in format {saved.format_version}; this version reads format {FORMAT_VERSION}",
            hint="Run schema-sync update with this version, or install the version that wrote it.",
        )
    if saved.db_hash != fingerprint(saved.catalog):
        raise SourceError(f"{path}: its hash does not fit its content (edited or merged?)", hint=_RESTORE)
    return saved

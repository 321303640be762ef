"""Catalog ⇄ canonical JSON, and the fingerprint of a schema.

Canonical means: one spelling for one catalog. Keys stand in a fixed order, defaults are left out, objects
are sorted by code point, and each column and label has a line of its own, so that a diff stays small. A lock is
written more densely than a snapshot (``lock_text.py``), and its catalog is read only where it is needed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar, cast

import msgspec
from msgspec.structs import replace

from schema_sync.errors import SourceError
from schema_sync.model import json_text
from schema_sync.model.base import Value
from schema_sync.model.catalog import Catalog, Column, Facet, ObjectIdentity, QName, Relation
from schema_sync.model.lock_text import catalog_text, read_catalog
from schema_sync.model.name_facts import NameFacts
from schema_sync.repository_files import text_of

FORMAT_VERSION, LOCK_FORMAT = 1, 3
_INNER = "\n "
_LINE = 160
HASHED_CONSTRAINTS = frozenset({"primary", "unique", "foreign"})
UNHASHED_FACETS = frozenset({Facet.CHECKS, Facet.FUNCTIONS, Facet.WRITABILITY})
_UNHASHED_DEFAULTS = (None, True, True, False, False)
HashedKey = tuple[str, tuple[str, ...], str, tuple[str, ...]]


_RESTORE = "Restore the file from version control, or write it anew from a live source: schema-sync {}."
_LOCK_COMMAND = "update --source auto"
_CONFLICT = rb"(?m)^(?:<{7} |={7}$|>{7} )"


class Snapshot(Value, frozen=True, kw_only=True):
    """A saved catalog."""

    format_version: int
    db_hash: str
    catalog: Catalog


class CatalogText(Value, frozen=True, kw_only=True):
    """A lock's catalog as the file at *path* has it; its digest shows that nobody has changed it since."""

    text: msgspec.Raw
    path: str


class _Remembered(Value, frozen=True, kw_only=True):
    """What a lock holds beside the catalog, whose hash is ``db_hash``.

    ``bindings`` holds declaration id → object (schema.name). ``removed`` holds, in the same form, the
    classes that still map to an object which is gone from the database, and the fields of partial classes
    whose column is (``path:Class.field`` → schema.table.column). ``identity`` holds oids and
    attnums by database key and object, so that a rename is told from a drop and an add. ``facts`` are what the
    names in queries need; None in a project without queries, and in locks of format 1.
    ``declared_only`` states that not every table needed a class. ``renamed`` holds the former names of objects,
    with those now, that the configuration or a class had at the last sync (docs/decisions/lock-format.md).
    """

    db_hash: str
    bindings: dict[str, str] = msgspec.field(default_factory=dict)
    removed: dict[str, str] = msgspec.field(default_factory=dict)
    identity: dict[str, dict[str, ObjectIdentity]] = msgspec.field(default_factory=dict)
    facts: NameFacts | None = None
    declared_only: bool = False
    renamed: dict[str, str] = msgspec.field(default_factory=dict)


class Lock(_Remembered, frozen=True, kw_only=True, dict=True):
    """The catalog at the last sync, and what the code was bound to then."""

    saved: Catalog | CatalogText

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog, read from its text where nobody needed it before.

        Raises:
            SourceError: if the text holds none, which its digest should have shown.
        """
        if isinstance(self.saved, Catalog):
            return self.saved
        path, hint = self.saved.path, _RESTORE.format(_LOCK_COMMAND)
        try:
            found = read_catalog(self.saved.text)
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{path}: not a readable lock: {error}", hint=hint) from error
        _require_finite(found, path, hint)
        return found

    def is_of(self, catalog: Catalog) -> bool:
        """Return whether *catalog* is this lock's own."""
        return catalog is self.saved or catalog is self.__dict__.get("catalog")

    def as_hashed(self, catalog: Catalog, db_hash: str) -> Lock:
        """Return a lock that is true in all that is hashed: with *catalog*, if *db_hash* is the hash of both."""
        return replace(self, saved=catalog) if db_hash == self.db_hash else self


class _LockFile(_Remembered, frozen=True, kw_only=True):
    """A lock as its file has it; all but the catalog stands as in ``Lock``."""

    format_version: int
    digest: str
    catalog: msgspec.Raw


class _OldLockFile(_Remembered, frozen=True, kw_only=True):
    """A lock of format 1, or of format 2, which may have facts."""

    format_version: int
    catalog: Catalog


Saved = TypeVar("Saved")


def fingerprint(catalog: Catalog) -> str:
    """Return the SHA-256 (64 hex digits) of what Python code can depend on in *catalog*.

    Left out: text that a server deparses (defaults, checks), names of constraints, what views take, and the
    identity of the database. A partial catalog's digest also covers the list of what it could not see, so that it
    never equals a full one's.
    """
    digest = hashlib.sha256()
    for part in _hashed(catalog):
        digest.update(part)
    return digest.hexdigest()


class _HashedRelation(msgspec.Struct):
    columns: msgspec.Raw
    comment: str | None
    keys: list[HashedKey]
    kind: str
    name: QName


def _hashed(catalog: Catalog) -> Iterator[bytes]:
    """Yield the document that is hashed, relation by relation: JSON with sorted keys, without blanks."""
    encode_ = msgspec.json.Encoder(order="sorted").encode
    yield b'{"composites":%b,"domains":%b,' % (encode_(catalog.composites), encode_(catalog.domains))
    yield b'"enums":%b,"relations":[' % encode_(catalog.enums)
    columns: dict[int, bytes] = {}  # by identity: relations share what is alike, and comparing takes longer
    for index, relation in enumerate(catalog.relations):
        new = {id(column): column for column in relation.columns if id(column) not in columns}
        columns |= {key: encode_(hashed_column(column)) for key, column in new.items()}
        parts = b",".join([columns[id(column)] for column in relation.columns])
        found = _HashedRelation(
            msgspec.Raw(b"[%b]" % parts), relation.comment, hashed_keys(relation), relation.kind, relation.name
        )
        yield b"," + encode_(found) if index else encode_(found)
    unseen = sorted(set(Facet) - UNHASHED_FACETS - set(catalog.covers))
    yield b'],"schemas":%b,"unseen":%b}' % (encode_(sorted(catalog.schemas)), encode_(unseen))


def hashed_column(column: Column) -> Column:
    """Return *column* without what the hash leaves out."""
    unhashed = (column.default, column.insertable, column.updatable, column.json_array, column.null_default)
    if unhashed == _UNHASHED_DEFAULTS:
        return column
    return replace(column, default=None, insertable=True, updatable=True, json_array=False, null_default=False)


def hashed_keys(relation: Relation) -> list[HashedKey]:
    """Return the keys of *relation* as the hash has them, sorted: kind, columns, target or empty, its columns."""
    return sorted(
        (c.kind, c.columns, str(c.references or ""), c.referenced_columns)
        for c in relation.constraints
        if c.kind in HASHED_CONSTRAINTS
    )


def without_expressions(catalog: Catalog) -> Catalog:
    """Return *catalog* as a lock holds it: less what neither the hash nor a comparison with it uses.

    That is the text of defaults and checks, which may carry keys, and the actions of foreign keys.
    """
    relations = tuple(
        replace(
            relation,
            columns=tuple([c if c.default is None else replace(c, default=None) for c in relation.columns]),
            constraints=tuple(
                replace(c, on_delete=None, on_update=None) for c in relation.constraints if c.kind != "check"
            ),
        )
        for relation in catalog.relations
    )
    covers = tuple(facet for facet in catalog.covers if facet is not Facet.CHECKS)
    return replace(catalog, relations=relations, covers=covers)


def portable(catalog: Catalog) -> Catalog:
    """Return *catalog* without what belongs to one database only: its oids and attnums."""
    return replace(catalog, database=None, identity={})


def encode(value: Value) -> bytes:
    """Return *value* as canonical JSON, UTF-8, with a final newline; what fits a line stays on one.

    Invisible characters are escaped: the file is read in reviews and in terminals.
    """
    text = _lock_text(value) if isinstance(value, Lock) else _layout(_document(value), "\n")
    return (json_text.visible(text) + "\n").encode()


def _document(value: object) -> object:
    return msgspec.to_builtins(value, order="deterministic")


def _lock_text(lock: Lock) -> str:
    catalog = catalog_text(lock.catalog, _layout, "\n ")
    digest = _digest(json_text.visible(catalog).encode(), lock.db_hash)
    more = cast("dict[str, object]", _document(replace(lock, saved=Catalog(schemas=(), covers=()))))
    fields = {"format_version": LOCK_FORMAT, "db_hash": lock.db_hash, "digest": digest, "catalog": None, **more}
    parts = [
        f'"{key}": {catalog if key == "catalog" else _layout(value, _INNER)}'
        for key, value in fields.items()
        if key != "saved"
    ]
    return "{" + _INNER + ("," + _INNER).join(parts) + "\n}"


def _digest(catalog: bytes, db_hash: str) -> str:
    """Return the digest of a lock's catalog and its hash, as they stand in the file."""
    return hashlib.sha256(db_hash.encode() + catalog).hexdigest()


def _layout(value: object, newline: str) -> str:
    flat = json_text.encode(value).decode()
    if len(flat) <= _LINE or not isinstance(value, dict | list | tuple):
        return flat
    inner = newline + " "
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        parts = [f"{json_text.encode(k).decode()}: {_layout(v, inner)}" for k, v in pairs]
        return "{" + inner + ("," + inner).join(parts) + newline + "}"
    parts = [_layout(each, inner) for each in cast("tuple[object, ...]", value)]
    return "[" + inner + ("," + inner).join(parts) + newline + "]"


def encode_snapshot(catalog: Catalog) -> bytes:
    """Return the content of a snapshot file for *catalog*."""
    return encode(Snapshot(format_version=FORMAT_VERSION, db_hash=fingerprint(catalog), catalog=portable(catalog)))


def decode_snapshot(content: bytes, *, path: str) -> Catalog:
    """Return the catalog in a snapshot file; *path* only names it in errors.

    Raises:
        SourceError: if *content* is not a snapshot of this format, or its hash does not fit its catalog.
    """
    hint = _RESTORE.format(f"snapshot --output {path}")

    def read(text: str) -> Catalog:
        _require_format(msgspec.json.decode(text, type=_Head).format_version, FORMAT_VERSION, path, hint)
        saved = msgspec.json.decode(text, type=Snapshot)
        return _verified(saved.catalog, saved.db_hash, path, hint)

    return _read(content, read, f"{path}: not a readable snapshot", hint)


@lru_cache(maxsize=1)
def decode_lock(content: bytes, *, path: str) -> Lock:
    """Return the lock in a lock file; *path* only names it in errors.

    The last one is remembered: where the lock is the source too, it is read twice.

    Raises:
        SourceError: if *content* is not a lock of this format, or its hash does not fit its catalog.
    """
    hint = _RESTORE.format(_LOCK_COMMAND)

    def read(text: str) -> Lock:
        try:
            file = msgspec.json.decode(text, type=_LockFile)
        except msgspec.ValidationError:
            version = msgspec.json.decode(text, type=_Head).format_version
            _require_format(version, LOCK_FORMAT, path, hint)
            if version == LOCK_FORMAT:
                raise
            return _lock_of_old(msgspec.json.decode(text, type=_OldLockFile), path, hint)
        _require_format(file.format_version, LOCK_FORMAT, path, hint)
        saved: Catalog | CatalogText = CatalogText(text=file.catalog, path=path)
        if file.digest != _digest(file.catalog, file.db_hash):  # changed by hand, or by a tool in its blanks only
            saved = _verified(read_catalog(file.catalog), file.db_hash, path, hint)
        return _lock(file, saved)

    lock = _read(content, read, f"{path}: not a readable lock", hint)
    if lock.facts and lock.facts.named:
        _require_finite(lock.facts.named.catalog, path, hint)
    return lock


def _lock(file: _LockFile | _OldLockFile, saved: Catalog | CatalogText) -> Lock:
    fields = {field: getattr(file, field) for field in Lock.__struct_fields__ if field != "saved"}
    return Lock(saved=saved, **fields)


def _lock_of_old(file: _OldLockFile, path: str, hint: str) -> Lock:
    return _lock(file, _verified(file.catalog, file.db_hash, path, hint))


class _Head(msgspec.Struct):
    """The one key that every format has; a newer one may have keys that this version does not know."""

    format_version: int


def _read(content: bytes, read: Callable[[str], Saved], failed: str, hint: str) -> Saved:
    """Return what *read* makes of the text in *content*; *failed* says that it cannot be read.

    Raises:
        SourceError: if it cannot be read.
    """
    try:
        return read(text_of(content))
    except (ValueError, RecursionError) as error:  # msgspec.MsgspecError and TextError are ValueErrors
        raise SourceError(f"{failed}: {_reason(content, error)}", hint=hint) from error


def _verified(catalog: Catalog, db_hash: str, path: str, hint: str) -> Catalog:
    """Return *catalog* if *db_hash* is its hash, and no type contains itself.

    Raises:
        SourceError: if not.
    """
    if db_hash != fingerprint(catalog):
        raise SourceError(f"{path}: its hash does not fit its content (edited or merged?)", hint=hint)
    _require_finite(catalog, path, hint)
    return catalog


def _require_finite(catalog: Catalog, path: str, hint: str) -> None:
    if (name := _contains_itself(catalog)) is not None:
        raise SourceError(f"{path}: type {name} contains itself, which no type of a database does", hint=hint)


def _reason(content: bytes, error: Exception) -> str:
    if not content.strip():
        return "it is empty"
    if (conflict := re.search(_CONFLICT, content)) is not None:
        line = content.count(b"\n", 0, conflict.start()) + 1
        return f"line {line}: a conflict of version control is not resolved"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _require_format(version: int, newest: int, path: str, hint: str) -> None:
    if version > newest:
        raise SourceError(
            f"{path}: written in format {version} by a newer version; this one reads format {newest}",
            hint=f"Upgrade: pip install --upgrade supabase-schema-sync. {hint}",
        )
    if version < FORMAT_VERSION:
        raise SourceError(
            f"{path}: written in format {version}; this version reads format {FORMAT_VERSION}", hint=hint
        )


def _contains_itself(catalog: Catalog) -> QName | None:
    """Return a domain or composite type that is made of itself; such a chain would have no end."""
    parts = {domain.name: {domain.base.name} for domain in catalog.domains}
    parts |= {each.name: {a.type.name for a in each.attributes} for each in catalog.composites}
    try:
        TopologicalSorter(parts).prepare()
    except CycleError as error:
        return cast("QName", error.args[1][0])
    return None

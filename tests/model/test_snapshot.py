"""The lock and the snapshot as files."""

from __future__ import annotations

import msgspec
import pytest

from comparing import catalog, made_lock, table
from schema_sync.errors import SourceError
from schema_sync.model.snapshot import decode_lock, encode, encode_snapshot


class TestLock:
    def test_round_trip_and_refusals(self) -> None:
        lock = made_lock(catalog(table("users", "id int4")), {"a": "b"})
        content = encode(lock)
        found = decode_lock(content, path="l")
        assert (found.catalog, found.bindings) == (lock.catalog, lock.bindings)
        with pytest.raises(SourceError, match="hash does not fit"):
            decode_lock(content.replace(b"int4", b"int8"), path="l")
        with pytest.raises(SourceError, match="written in format 9"):
            decode_lock(content.replace(b'"format_version": 3', b'"format_version": 9'), path="l")
        with pytest.raises(SourceError, match="not a readable lock"):
            decode_lock(b"<<<<<<< HEAD", path="l")


class TestHash:
    def test_a_column_is_a_line(self) -> None:
        wide = catalog(*(table(f"t{n}", *(f"c{m} int4" for m in range(9))) for n in range(3)))
        before = encode_snapshot(wide).decode().splitlines()
        relations = list(wide.relations)
        relations[1] = table("t1", *(f"c{m} int4" for m in range(8)), "c8 text")
        after = encode_snapshot(msgspec.structs.replace(wide, relations=tuple(relations))).decode().splitlines()
        assert sum(a != b for a, b in zip(before, after, strict=True)) == 2, "the hash and the column"

"""The lock's file: what it looks like, and that its catalog is read only where it is needed."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from comparing import catalog, made_lock, pg, q, table
from schema_sync.errors import SourceError
from schema_sync.model.catalog import Catalog, Column, Relation, TypeRef
from schema_sync.model.snapshot import CatalogText, decode_lock, encode, fingerprint

USERS = catalog(table("users", "id int4", "mail text"), table("bare"))


def _with_type(ref: TypeRef) -> Catalog:
    columns = (
        Column(name="a", rank=1, type=ref),
        Column(name="b", rank=2, type=ref, comment='"x"\n', nullable=True),
    )
    return replace(USERS, relations=(Relation(name=q("t"), kind="table", columns=columns),))


class TestText:
    def test_a_column_is_a_line_that_holds_what_is_not_usual(self) -> None:
        text = encode(made_lock(_with_type(pg("varchar", 0, "80")))).decode()
        assert (
            '     ["a","varchar(80)"],\n     ["b","varchar(80)",{"nullable":true,"comment":"\\"x\\"\\n"}]\n'
            in text
        )

    @pytest.mark.parametrize(
        "ref",
        [
            pg("int4"),
            pg("text", 1),
            pg("numeric", 1, "12,2"),
            pg("odd", 0, ""),
            pg("odd", 0, "a)b"),
            TypeRef(name=q("mood")),
            TypeRef(name=q("mood", "other"), dims=1),
            TypeRef(name=q("int4", "")),
            TypeRef(name=q("a.b", "c.d"), dims=1),
            TypeRef(name=q("a.b", "pg_catalog")),
            TypeRef(name=q("x[]", "pg_catalog")),
            TypeRef(name=q("x(1)")),
            TypeRef(name=q("o'r\"d\\e\nr\x9b")),
            TypeRef(name=q("größe", "日本")),
        ],
        ids=str,
    )
    def test_every_type_comes_back(self, ref: TypeRef) -> None:
        lock = made_lock(_with_type(ref))
        content = encode(lock)
        found = decode_lock(content, path="l")
        assert found.catalog == lock.catalog
        assert encode(found) == content

    def test_a_type_that_is_none(self) -> None:
        content = encode(made_lock(USERS)).replace(b'"int4"', b'"int4)("')
        with pytest.raises(SourceError, match="names no type"):
            decode_lock(content, path="l")


class TestReading:
    def test_what_nobody_changed_is_not_read_before_it_is_needed(self) -> None:
        found = decode_lock(encode(made_lock(USERS, {"a": "b"})), path="l")
        assert isinstance(found.saved, CatalogText)
        assert found.bindings == {"a": "b"}
        assert found.catalog == USERS

    def test_other_line_ends_and_blanks_are_no_change(self) -> None:
        content = encode(made_lock(USERS))
        for other in (content.replace(b"\n", b"\r\n"), msgspec.json.format(content)):
            assert decode_lock(other, path="l").catalog == USERS

    @pytest.mark.parametrize("old", [b'"mail"', b'"text"', b'"public"', b'"table"'])
    def test_a_changed_catalog_is_found(self, old: bytes) -> None:
        content = encode(made_lock(USERS))
        assert content.count(old)
        with pytest.raises(SourceError, match=r"hash does not fit|not a readable lock"):
            decode_lock(content.replace(old, old[:-1] + b'x"', 1), path="l")

    def test_a_changed_hash_is_found(self) -> None:
        lock = made_lock(USERS)
        with pytest.raises(SourceError, match="hash does not fit"):
            decode_lock(encode(lock).replace(lock.db_hash.encode(), b"0" * 64), path="l")

    @pytest.mark.parametrize("version", [1, 2])
    def test_the_first_formats(self, version: int) -> None:
        known = {"public.users": {"oid": 7, "attnums": {"id": 1, "mail": 3}}, "public.bare": {"oid": 8}}
        document = {
            "format_version": version,
            "db_hash": fingerprint(USERS),
            "catalog": msgspec.to_builtins(USERS),
            "bindings": {"a": "b"},
            "identity": {"db": known},
        }
        if version > 1:
            document["facts"] = {"functions": []}
        found = decode_lock(msgspec.json.encode(document), path="l")
        assert (found.catalog, found.bindings) == (USERS, {"a": "b"})
        assert (found.facts is None) == (version == 1)
        assert found.identity["db"]["public.users"].attnums == {"id": 1, "mail": 3}
        assert found.identity["db"]["public.bare"].attnums == {}
        again = decode_lock(encode(found), path="l")
        assert (again.catalog, again.identity) == (found.catalog, found.identity)

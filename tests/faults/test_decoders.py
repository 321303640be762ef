"""What servers answer in other shapes than they should: a Catalog, or an error of the source with exit code 3."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from fuzz_targets import TARGETS
from hypothesis import given
from hypothesis import strategies as st

from doubles import postgrest as double_of
from doubles.postgrest import Double, serving
from schema_sync import cli
from schema_sync.errors import SourceError
from schema_sync.model.snapshot import decode_snapshot, encode_snapshot
from schema_sync.remote import mcp_client
from schema_sync.remote.http import Answer
from schema_sync.remote.openapi import build_catalog
from schema_sync.setup.doctor import VARIABLES
from schema_sync.sources import management

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

GOOD: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"version": "12.0", "title": "standard public schema"},
    "parameters": {},
    "paths": {"/users": {"get": {}, "post": {}}},
    "definitions": {
        "users": {
            "required": ["id"],
            "properties": {
                "id": {
                    "format": "integer",
                    "type": "integer",
                    "description": "Note:\nThis is a Primary Key.<pk/>",
                },
                "mood": {"format": "public.mood", "type": "string", "enum": ["sad"], "maxLength": 3},
            },
            "type": "object",
        }
    },
}
OTHERS: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    [],
    {},
    [1],
    [None],
    ["x", 1],
    {"a": 1},
    {"": None},
    [[]],
    "\0",
)
PLACES: tuple[tuple[str, ...], ...] = (
    ("definitions",),
    ("definitions", "users"),
    ("definitions", "users", "properties"),
    ("definitions", "users", "required"),
    ("definitions", "users", "description"),
    ("definitions", "users", "properties", "id"),
    ("definitions", "users", "properties", "id", "format"),
    ("definitions", "users", "properties", "id", "description"),
    ("definitions", "users", "properties", "mood", "enum"),
    ("definitions", "users", "properties", "mood", "maxLength"),
    ("definitions", "users", "properties", "mood", "default"),
    ("definitions", "users", "properties", "mood", "type"),
    ("paths",),
    ("paths", "/users"),
    ("paths", "/users", "post"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["properties", "enum", "format"]), inner)
    ),
    max_leaves=10,
)


def changed(tree: Any, place: tuple[str, ...], value: Any) -> Any:
    if not place:
        return value
    return {**tree, place[0]: changed(tree.get(place[0], {}), place[1:], value)}


def catalog_or_error(document: Any) -> None:
    """Build a catalog that is one throughout: what it holds is of the types that it says."""
    try:
        found = build_catalog({"public": document})
    except SourceError:
        return
    assert decode_snapshot(encode_snapshot(found), path="s") == found


class TestDescription:
    @pytest.mark.parametrize("value", OTHERS, ids=repr)
    @pytest.mark.parametrize("place", PLACES, ids=".".join)
    def test_another_value_at_each_place(self, place: tuple[str, ...], value: Any) -> None:
        catalog_or_error(changed(GOOD, place, value))

    @given(st.sampled_from(PLACES), JSON)
    def test_any_value_at_each_place(self, place: tuple[str, ...], value: Any) -> None:
        catalog_or_error(changed(GOOD, place, value))

    @given(st.dictionaries(st.sampled_from(["definitions", "paths"]), JSON))
    def test_any_document(self, document: dict[str, Any]) -> None:
        catalog_or_error(document)

    @given(
        st.dictionaries(
            st.text(), st.fixed_dictionaries({"format": st.text() | st.sampled_from(["a.b", '"a"."b"'])})
        )
    )
    def test_any_type_of_any_column(self, columns: dict[str, Any]) -> None:
        catalog_or_error({"definitions": {"t": {"properties": columns}}})

    @pytest.mark.parametrize("value", ["x", 3, [], {"a": 1}], ids=repr)
    def test_the_place_is_named(self, value: Any) -> None:
        document = changed(GOOD, ("definitions", "users", "properties"), value)
        if value == []:
            value = None
        with pytest.raises(SourceError, match=r"definitions\.users: Expected `object`.* at `\$\.properties"):
            build_catalog({"public": document})


BODIES: dict[str, bytes] = {
    "brackets": b"[" * 100_000,
    "braces": b'{"a":' * 100_000,
    "nested within": json.dumps(GOOD).encode().replace(b"{}", b"[" * 100_000, 1),
    "half a surrogate pair": json.dumps(changed(GOOD, ("definitions", "users", "description"), "\ud800")).encode(),
    "half a pair as a name": json.dumps(GOOD).replace('"users"', '"\\udc00"').encode(),
    "half a pair in bytes": json.dumps(GOOD).encode().replace(b'"users"', b'"\xed\xa0\x80"'),
    "not UTF-8": json.dumps(GOOD).encode().replace(b'"users"', b'"us\xffers"'),
    "UTF-16": json.dumps(GOOD).encode("utf-16"),
    "truncated": json.dumps(GOOD).encode()[:-20],
    "empty": b"",
    "a number": b"1" * 10_000,
    "a list": b"[]",
    "null": b"null",
    "definitions are a list": json.dumps(changed(GOOD, ("definitions",), ["x"])).encode(),
    "required is null": json.dumps(changed(GOOD, ("definitions", "users", "required"), None)).encode(),
    "a type is a number": json.dumps(
        changed(GOOD, ("definitions", "users", "properties", "id", "format"), 3)
    ).encode(),
    "a version is a list": json.dumps(changed(GOOD, ("info", "version"), [])).encode(),
}


def _send(handler: BaseHTTPRequestHandler, content: bytes) -> bool:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/openapi+json")
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)
    return True


@pytest.mark.parametrize("command", ["check", "snapshot", "doctor"])
@pytest.mark.parametrize("body", BODIES)
def test_postgrest_answers_otherwise(
    body: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    with serving(Double(dsn="", answer=lambda _, handler: _send(handler, BODIES[body]))) as double:
        monkeypatch.setenv("SUPABASE_URL", double.url)
        monkeypatch.setenv("SUPABASE_SERVICE_KEY", double_of.SERVICE_KEY)
        code = cli.run([command])
    out, err = capsys.readouterr()
    assert "defect" not in err
    assert code == (2 if command == "doctor" else 3), err
    assert "✗ postgrest" in out if command == "doctor" else err.startswith("Error: ")


SERVER = """
import sys
from mcp.server.mcpserver import MCPServer
server = MCPServer("double")
@server.tool()
def execute_sql(query: str) -> str:
    return open(sys.argv[1]).read()
server.run()
"""
TAG = "untrusted-data-11111111-2222-3333-4444-555555555555"


def _wrapped(rows: str) -> str:
    return json.dumps({"result": f"Below is <{TAG}>:\n<{TAG}>\n{rows}\n</{TAG}>\n"})


ANSWERS = {
    "brackets": "[" * 100_000,
    "braces": '{"a":' * 100_000,
    "brackets among the tags": _wrapped("[" * 100_000),
    "half a surrogate pair": _wrapped('[{"a": "\\ud800"}]'),
    "half a pair outside": '{"result": "\\ud800"}',
    "no rows": _wrapped("[]"),
    "rows of other columns": _wrapped("[{}]"),
    "a row of other types": _wrapped('[{"size": [], "digest": {}, "page": 3}]'),
    "a page that is too short": _wrapped('[{"size": 9, "digest": "x", "page": ""}]'),
    "rows are an object": _wrapped("{}"),
    "the result is a list": '{"result": []}',
    "a number": "1" * 10_000,
    "nothing": "",
    "null": "null",
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.thorough
def test_an_mcp_server_answers_otherwise(
    answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    server = tmp_path / "server.py"
    server.write_text(SERVER)
    (tmp_path / "answer").write_text(ANSWERS[answer])
    monkeypatch.setenv("SUPABASE_ACCESS_TOKEN", "sbp_c4n4ry0123456789")
    monkeypatch.setenv("SUPABASE_PROJECT_ID", "prj")
    program = tmp_path / "run.sh"
    program.write_text(f'exec "{sys.executable}" "{server}" {tmp_path}/answer\n')
    monkeypatch.setenv("SCHEMA_SYNC_MCP_COMMAND", f"bash {program}")
    code = cli.run(["check", "--source", "mcp"])
    _, err = capsys.readouterr()
    assert "defect" not in err
    assert (code, err[:7]) == (3, "Error: "), err


TEXTS = (
    "[" * 100_000,
    '{"a":' * 100_000,
    '"\\ud800"',
    "",
    "null",
    "1",
    '{"error": ' + "[" * 100_000,
    "\ud800",
    "9" * 5000,
)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:12]))
def test_answers_of_the_platform_that_are_no_json(text: str) -> None:
    with pytest.raises(SourceError):
        mcp_client._rows(text)
    assert isinstance(mcp_client._error_message(text), str)
    content = text.encode("utf-8", "surrogatepass")
    assert Answer(status=200, headers={}, content=content).fields == {}
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        with pytest.raises(SourceError):
            management._decoded(content)


def test_the_good_description_is_one() -> None:
    found = build_catalog({"public": GOOD})
    assert [str(r.name) for r in found.relations] == ["public.users"]
    assert [e.labels for e in found.enums] == [("sad",)]
    assert all(msgspec.json.decode(seed) for seed in TARGETS["postgrest"].seeds())

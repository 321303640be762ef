"""What ``fuzz.py`` throws broken input at: good inputs of each target, and what takes them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from schema_sync import config
from schema_sync.codebase import records
from schema_sync.codebase.reader import read_sources
from schema_sync.errors import SchemaSyncError
from schema_sync.model import snapshot as saved
from schema_sync.model.catalog import (
    ALL_FACETS,
    Catalog,
    Column,
    CompositeType,
    Constraint,
    DomainType,
    EnumType,
    QName,
    Relation,
    TypeRef,
)
from schema_sync.model.lock_text import read_catalog
from schema_sync.model.request import Request
from schema_sync.remote import credentials, mcp_client
from schema_sync.remote.http import Answer
from schema_sync.remote.openapi import build_catalog
from schema_sync.replay.migration_files import find
from schema_sync.reports.formats import FORMATS, diff
from schema_sync.sources import management
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects
from schema_sync.usecases import update as updates

if TYPE_CHECKING:
    from collections.abc import Callable

REPOSITORY = Path(__file__).parents[1]


class Target(NamedTuple):
    """What is fuzzed: good inputs, and what takes an input and an empty folder for its files.

    ``as_tree``: the inputs are JSON, and changed as such.
    """

    seeds: Callable[[], list[bytes]]
    run: Callable[[bytes, Path], None]
    as_tree: bool = True


def _name(name: str) -> QName:
    return QName(schema="public", name=name)


def _catalog() -> Catalog:
    text, mood = TypeRef(name=QName(schema="pg_catalog", name="text")), TypeRef(name=_name("mood"))
    columns = (
        Column(name="id", rank=1, type=text, nullable=False, comment="key\u202e"),
        Column(name="mood", rank=2, type=mood, nullable=True, has_default=True),
        Column(name="moods", rank=3, type=TypeRef(name=_name("mood"), dims=1), nullable=True),
        Column(name="mail", rank=4, type=TypeRef(name=_name("email")), nullable=True, identity="always"),
        Column(name="home", rank=5, type=TypeRef(name=_name("address")), nullable=True, generated="stored"),
    )
    key = Constraint(kind="primary", name="users_pkey", columns=("id",))
    other = Constraint(
        kind="foreign", name="fk", columns=("mood",), references=_name("users"), referenced_columns=("id",)
    )
    return Catalog(
        schemas=("public",),
        covers=ALL_FACETS,
        relations=(
            Relation(name=_name("active"), kind="view", columns=columns[:1]),
            Relation(name=_name("users"), kind="table", columns=columns, constraints=(other, key), comment="all"),
        ),
        enums=(EnumType(name=_name("mood"), labels=("sad", "ok", "ö")),),
        domains=(DomainType(name=_name("email"), base=text, not_null=True),),
        composites=(CompositeType(name=_name("address"), attributes=(Column(name="street", rank=1, type=text),)),),
    )


def _rehashed(content: bytes) -> bytes:
    """Return *content* with the hash of what it holds, so that a change gets past the first barrier."""
    try:
        value = msgspec.json.decode(content, type=saved.Snapshot)
    except (ValueError, RecursionError):
        return content
    return saved.encode(msgspec.structs.replace(value, db_hash=saved.fingerprint(value.catalog)))


def _relocked(content: bytes) -> bytes:
    """Return the lock in *content* with the hash of what it holds."""
    try:
        parts = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        found = saved.fingerprint(read_catalog(parts["catalog"]))
        return msgspec.json.encode(parts | {"db_hash": msgspec.Raw(msgspec.json.encode(found))})
    except (ValueError, KeyError, RecursionError):
        return content


def _snapshot(content: bytes, _: Path) -> None:
    catalog = saved.decode_snapshot(_rehashed(content), path="s.json")
    again = saved.encode_snapshot(catalog)
    assert saved.encode_snapshot(saved.decode_snapshot(again, path="s.json")) == again


def _lock(content: bytes, _: Path) -> None:
    lock = saved.decode_lock(_relocked(content), path="l.json")
    again = saved.decode_lock(saved.encode(lock), path="l.json")
    assert msgspec.structs.replace(again, saved=again.catalog) == msgspec.structs.replace(lock, saved=lock.catalog)
    records.version_value(content, "DB_HASH")


def _locks() -> list[bytes]:
    catalog = _catalog()
    lock = saved.Lock(
        db_hash=saved.fingerprint(catalog),
        saved=catalog,
        bindings={"schemas/a.py:UserRow": "public.users"},
        removed={"schemas/a.py:GoneRow": "public.gone"},
    )
    return [saved.encode(lock)]


# From Python 3.13 on, a docstring with half a surrogate pair is not compiled.
_ODD = r"go\udc80ne" if sys.version_info < (3, 13) else "gone"
_CODE = f"""
from enum import Enum
from typing import Optional, TypedDict
class Mood(Enum):
    SAD = "sad"
    ODD = "\\ud800"
class UserRow(TypedDict):
    id: int
    mood: Optional[str]
class GoneRow(TypedDict):
    '''Table: public."{_ODD}"'''
    id: int
"""


def _project(content: bytes, folder: Path) -> None:
    """Take *content* as the snapshot that a project is compared with, updated from, and reported on."""
    (folder / "schemas").mkdir()
    (folder / "schemas/code.py").write_text(_CODE, "utf-8")
    (folder / "s.json").write_bytes(_rehashed(content))
    project = projects.open_project(folder, source="snapshot:s.json")
    outcome = checks.check(project)
    view = checks.view(project, outcome)
    for each in FORMATS.values():
        each.render(view).encode("utf-8", "backslashreplace")
    planned = updates.plan(project, outcome)
    diff.details(view, diff.unified(planned.before, planned.contents), planned.kept)
    updates.write(project, planned)


def _descriptions() -> list[bytes]:
    golden = json.loads((REPOSITORY / "tests/doubles/postgrest_golden.json").read_text("utf-8"))
    written: dict[str, Any] = {"get": {}, "post": {}, "patch": {}, "delete": {}}
    return [
        json.dumps({"definitions": golden[key], "paths": {f"/{name}": written for name in golden[key]}}).encode()
        for key in ("definitions", "definitions_16")
    ]


def _postgrest(content: bytes, _: Path) -> None:
    try:
        document = msgspec.json.decode(content)
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict):
        saved.encode_snapshot(build_catalog({"public": document}))


_SETTINGS: dict[str, Any] = {
    "title": "Atoms",
    "source": "postgresql://localhost/x",
    "schemas": ["public", "auth"],
    "wire": "json",
    "include": ["schemas/**/*.py"],
    "enum-columns": "enum",
    "require-manual-review": ["table-removed"],
    "paths": {"enums": "schemas/enums.py", "lock": "schemas/lock.json"},
    "notify": {"min-severity": "high", "state": ".schema-sync/x.json"},
    "bindings": {"TestRow": "public.test_req"},
    "types": {"numeric": "decimal.Decimal", "public.a.b": "dict[str, list[int]]"},
    "severity": {"column-undeclared": "low"},
    "plurals": {"ox": "oxen"},
}
_TOML = """
[tool.schema-sync]
title = "Atoms"
schemas = ["public"]
[tool.schema-sync.paths]
enums = 'schemas/enums.py'
[tool.schema-sync.types]
"public.a.b" = "dict[str, int]"
[tool.other]
a.b.c = [1, 2.5, 1979-05-27, {x = "\\u00e9"}]
"""


def _configuration(content: bytes, folder: Path) -> None:
    name = "pyproject.toml" if b"[tool" in content else "scripts/schema_sync_config.json"
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    loaded = config.load(folder)
    for pattern in loaded.config.include:
        assert "\0" not in pattern


_SECTIONS = {".env": credentials.DOTENV, "toml": credentials.CONFIG_FILE, "pooler": credentials.POOLER_FILE}


def _surroundings(content: bytes, folder: Path) -> None:
    """Take *content* as the files that say where a project is: the same bytes as each of them."""
    for name in (*_SECTIONS.values(), credentials.REF_FILE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        for other in (*_SECTIONS.values(), credentials.REF_FILE):
            (folder / other).unlink(missing_ok=True)
        (folder / name).write_bytes(content)
        request = Request(schemas=("public",), root=folder, environment={"HOME": str(folder)}, lock="l.json")
        for ask in (credentials.connection_string, credentials.project, credentials.token, _ports, _history):
            try:
                ask(request)
            except SchemaSyncError:
                continue


def _ports(request: Request) -> None:
    credentials.local_port(request, "db")
    list(credentials.files(request))
    credentials.secrets(request.environment, request.root)


def _history(request: Request) -> None:
    find(request.root, "")


_FILES = [
    b"SUPABASE_PROJECT_ID=abc\nexport DATABASE_URL='postgresql://a:b@localhost/x'\n# c\nA=\"x\\n\"\nB=${A}\n",
    b'project_id = "abcdefghijklmnopqrst"\n[api]\nport = 1\n[db]\nport = 54322\n[db.migrations]\nenabled = true\n'
    b'schema_paths = ["./schemas/*.sql"]\n',
    b"postgresql://postgres.abcdefghijklmnopqrst:[YOUR-PASSWORD]@aws-0-eu.pooler.supabase.com:6543/postgres\n",
]


def _answer(content: bytes, _: Path) -> None:
    """Take *content* as what an MCP server, and the Management API, answer."""
    for decode in (
        lambda: mcp_client._rows(content.decode("utf-8", "replace")),  # noqa: SLF001
        lambda: mcp_client._error_message(content.decode("utf-8", "replace")),  # noqa: SLF001
        lambda: management._decoded(content),  # noqa: SLF001
        lambda: Answer(status=200, headers={}, content=content).fields,
    ):
        try:
            decode()
        except SchemaSyncError:
            continue


_ID = "untrusted-data-11111111-2222-3333-4444-555555555555"
_ANSWERS = [
    json.dumps({"result": f"Below is <{_ID}>:\n<{_ID}>\n{json.dumps([{'a': 1, 'b': 'x'}])}\n</{_ID}>\n"}).encode(),
    b'[{"size": 3, "digest": "x", "page": "e30="}]',
    b'{"error": {"message": "Failed to run sql query"}}',
]


def _modules() -> list[bytes]:
    from_cases = [
        section.partition("\n")[2].encode()
        for case in sorted((REPOSITORY / "tests/cases").glob("*/*.case"))[::7]
        for section in case.read_text("utf-8").split("\n=== ")
        if section.startswith("before ")
    ]
    return [*(file.read_bytes() for file in sorted((REPOSITORY / "examples").rglob("*.py"))), *from_cases]


def _python(content: bytes, _: Path) -> None:
    read_sources({"schemas/a.py": content, "schemas/b.py": b"from .a import *\nclass R(UserRow): pass\n"})
    records.version_value(content, "DB_HASH")


TARGETS = {
    "snapshot": Target(lambda: [saved.encode_snapshot(_catalog())], _snapshot),
    "lock": Target(_locks, _lock),
    "project": Target(lambda: [saved.encode_snapshot(_catalog())], _project),
    "postgrest": Target(_descriptions, _postgrest),
    "configuration": Target(lambda: [json.dumps(_SETTINGS).encode(), _TOML.encode()], _configuration),
    "environment": Target(lambda: _FILES, _surroundings, as_tree=False),
    "answer": Target(lambda: _ANSWERS, _answer),
    "python": Target(_modules, _python, as_tree=False),
}

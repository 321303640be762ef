"""A database with a little of all that the exports show, the command, and what it writes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from schema_sync import cli

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Database

    Run = Callable[..., tuple[int, str, str]]

TESTS = Path(__file__).parents[1]
SCHEMAS = {"pagila": TESTS / "data/pagila/schema.sql", "atoms": TESTS / "cases/atoms/schema.sql"}
CONTRACT = json.loads((TESTS.parent / "docs/schemas/analysis.schema.json").read_text())
SMALL = """
create type mood as enum ('sad', 'phase2ready');
create type idle as enum ('x');
create type asked as enum ('x');
create domain amount as numeric(20, 2);
create type price as (cents int8, currency text);
create table people (
  id bigint generated always as identity primary key, name text not null default 'nobody',
  mood mood default 'phase2ready', boss bigint references people on delete set null, worth amount, paid price, small numeric(9, 2),
  token text default 'sk_live_51Habc', check (name <> 'hunter22x')
);
comment on table people is E'- those who\\n# work';
create table pets (a int, b int, owner bigint unique references people, primary key (a, b));
create table toys (id int primary key, b int, a int, foreign key (a, b) references pets, giver bigint references people);
create index on toys (b, a);
create index partial on toys (giver) where giver is not null;
create table left_side (id int primary key, r int);
create table right_side (id int primary key, l int references left_side);
alter table left_side add foreign key (r) references right_side;
create table loose (n int);
create view names as select name from people;
create function ask(x asked) returns int language sql as $$ select length('s3cret-body') $$;
create function noted() returns trigger language plpgsql as $$ begin perform 's3cret-body'; return new; end $$;
create trigger note before insert or update on people for each row execute function noted('s3cret-argument');
alter table people enable row level security;
create policy own on people for select to authenticated using (name = 'boss' and token <> 'sk_live_51Habc');
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)

    def runner(*arguments: str) -> tuple[int, str, str]:
        code = cli.run([*arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err, err
        return code, out, err

    return runner


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def diagrams(folder: Path) -> list[str]:
    texts = [content.decode() for content in files(folder).values()]
    return [
        found
        for text in texts
        for found in re.findall(r"^```mermaid\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
    ]


def analysis(run: Run, database: Database) -> dict[str, Any]:
    code, out, err = run("analyze", "--source", database.dsn, "--format", "json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(out)
    jsonschema.validate(found, CONTRACT)
    return found

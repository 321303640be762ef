"""docs and analyze: each figure against SQL, bytes that stay, hostile names that stay text, diagrams that parse."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import psycopg
import pytest
from psycopg import sql

from conftest import script_in
from doubles.mermaid import faults
from schema_sync import app, cli, documentation
from schema_sync.exports import foreign_keys, kept_notes, markdown, mermaid
from schema_sync.exports import render_analysis as rendering
from test_hostile import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Database

    Run = Callable[..., tuple[int, str, str]]

HERE = Path(__file__).parent
SCHEMAS = {"pagila": HERE / "data/pagila/schema.sql", "atoms": HERE / "cases/atoms/schema.sql"}
CONTRACT = json.loads((Path(rendering.__file__).parent / "analysis.schema.json").read_text())
SMALL = """
create type mood as enum ('sad', 'phase2ready');
create type idle as enum ('x');
create type asked as enum ('x');
create domain amount as numeric(20, 2);
create type price as (cents int8, currency text);
create table people (
  id bigint generated always as identity primary key, name text not null default 'nobody',
  mood mood default 'phase2ready', boss bigint references people, worth amount, paid price, small numeric(9, 2),
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


def names(found: list[dict[str, str]]) -> list[str]:
    return [each["name"] for each in found]


FIGURES = {
    "tables": "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
    " and not relispartition",
    "views": "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')",
    "enums": "select count(*) from pg_type where typnamespace = 'public'::regnamespace and typtype = 'e'",
    "columns": "select count(*) from pg_attribute a join pg_class c on c.oid = attrelid where attnum > 0"
    " and not attisdropped and relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')"
    " and not relispartition",
    "foreign_keys": "select count(*) from pg_constraint k join pg_class c on c.oid = conrelid where contype = 'f'"
    " and connamespace = 'public'::regnamespace and not relispartition",
    "indexes": "select count(*) from pg_indexes i join pg_class c on c.relname = tablename and"
    " c.relnamespace = 'public'::regnamespace where schemaname = 'public' and not relispartition",
    "triggers": "select count(*) from pg_trigger join pg_class c on c.oid = tgrelid where not tgisinternal"
    " and relnamespace = 'public'::regnamespace and not relispartition",
    "policies": "select count(*) from pg_policies where schemaname = 'public'",
    "functions": "select count(*) from pg_proc where pronamespace = 'public'::regnamespace and oid not in"
    " (select objid from pg_depend where deptype = 'e')",
    "size": "select sum(pg_total_relation_size(oid)) from pg_class where relnamespace = 'public'::regnamespace"
    " and relkind in ('r', 'm')",
}
WITHOUT_KEY = """
select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
and not relispartition and oid not in (select conrelid from pg_constraint where contype = 'p') order by relname collate "C"
"""
WITHOUT_INDEX = """
select conname from pg_constraint k join pg_class c on c.oid = conrelid
where contype = 'f' and relnamespace = 'public'::regnamespace and not relispartition and not exists (
  select from pg_index x where indrelid = conrelid and indpred is null and indisvalid
  and (indkey::int2[])[0:cardinality(conkey) - 1] @> conkey)
"""


class TestFigures:
    @pytest.mark.parametrize("name", SCHEMAS)
    def test_are_those_that_sql_counts(self, run: Run, database: Database, name: str) -> None:
        database.run(SCHEMAS[name].read_text())
        found = analysis(run, database)
        assert {key: found["totals"][key] for key in FIGURES} == {
            key: int(database.run(query)[0][0]) for key, query in FIGURES.items()
        }
        assert names(found["without_primary_key"]) == [row[0] for row in database.run(WITHOUT_KEY)]
        without = [row[0] for row in database.run(WITHOUT_INDEX)]
        assert sorted(key["name"] for key in found["foreign_keys_without_index"]) == sorted(without)
        assert without

    def test_tell_what_is_worth_a_look(self, run: Run, database: Database) -> None:
        database.run(SMALL)
        found = analysis(run, database)
        assert names(found["without_primary_key"]) == ["loose"]
        assert names(found["without_row_security"]) == ["left_side", "loose", "pets", "right_side", "toys"]
        assert [key["columns"] for key in found["foreign_keys_without_index"]] == [
            ["r"],
            ["boss"],
            ["l"],
            ["giver"],
        ]
        assert names(found["unused_enums"]) == ["idle"]
        assert [(c["column"], c["type"]) for c in found["inexact_columns"]] == [
            ("id", "bigint"),
            ("boss", "bigint"),
            ("worth", "public.amount"),
            ("paid", "public.price"),
            ("owner", "bigint"),
            ("giver", "bigint"),
        ]
        assert [names(chain) for chain in found["longest_chains"]] == [["toys", "pets", "people"]]
        assert [names(group) for group in found["cycles"]] == [["left_side", "right_side"]]
        assert names(found["self_references"]) == ["people"]
        assert found["not_shown"] == []

    def test_follow_the_rows(self, run: Run, database: Database) -> None:
        database.run(
            "create table t (id int primary key) partition by range (id);"
            "create table t1 partition of t for values from (0) to (500);"
            "create table t2 partition of t for values from (500) to (1000);"
            "insert into t select generate_series(0, 999); analyze t"
        )
        (told,) = analysis(run, database)["relations"]
        size = database.run("select pg_total_relation_size('t1') + pg_total_relation_size('t2')")[0][0]
        assert (told["rows"], told["size"]) == (1000, size)

    def test_for_people_have_bars_and_the_hints(self, run: Run, database: Database) -> None:
        database.run(SMALL)
        code, out, _ = run("analyze", "--source", database.dsn)
        assert code == 0
        assert "\n6 tables, 1 view, 3 enums, " in out
        assert re.search(r"^people +█{16} +8 ", out, re.MULTILINE)
        assert "\nTables without a primary key (1)\n  loose\n" in out
        assert "\n  toys → pets → people\n" in out

    def test_say_what_a_snapshot_does_not_show(self, run: Run, database: Database) -> None:
        database.run(SMALL)
        run("snapshot", "--source", database.dsn, "--output", "saved.json")
        code, out, _ = run("analyze", "--source", "snapshot:saved.json", "--format", "json")
        found = json.loads(out)
        jsonschema.validate(found, CONTRACT)
        assert code == 0
        assert (
            found["without_row_security"] is found["foreign_keys_without_index"] is found["unused_enums"] is None
        )
        assert found["totals"]["size"] is None
        assert any("policies" in note["what"] for note in found["not_shown"])


class TestGraph:
    def test_goes_through_a_cycle_by_real_edges(self) -> None:
        edges = {"a": ["b"], "b": ["c"], "c": ["b", "d"], "d": [], "x": ["d"]}
        assert foreign_keys.longest_chains(edges, 3) == [("a", "b", "c", "d")]
        assert [set(group) for group in foreign_keys.components(edges) if len(group) > 1] == [{"b", "c"}]

    def test_does_not_recurse(self) -> None:
        long = {i: [i + 1] for i in range(5000)} | {5000: []}
        assert foreign_keys.longest_chains(long, 1) == [tuple(range(5001))]

    def test_of_nothing_has_no_chains(self) -> None:
        assert foreign_keys.longest_chains({"a": [], "b": ["b"]}, 3) == []


class TestDocuments:
    @pytest.mark.parametrize("name", SCHEMAS)
    def test_are_the_same_bytes_again_and_from_an_equal_database(
        self, run: Run, database: Database, tmp_path: Path, name: str
    ) -> None:
        database.run(SCHEMAS[name].read_text())
        shutil.copytree(HERE / "cases/atoms/schemas", tmp_path / "schemas")
        assert run("docs", "a", "--source", database.dsn)[0] == 0
        first = files(tmp_path / "a")
        code, out, _ = run("docs", "a", "--source", database.dsn)
        assert (code, out) == (0, f"✓ {len(first)} pages are up to date\n")
        run("docs", "b", "--source", database.dsn.replace("options=''", "options='-c search_path=pg_catalog'"))
        assert first == files(tmp_path / "a") == files(tmp_path / "b")
        for page, content in first.items():
            for link in re.findall(r"\]\(([^)#]+)", content.decode()):
                assert (tmp_path / "a" / page).parent.joinpath(link).exists(), (page, link)
        assert faults(diagrams(tmp_path / "a")) == []

    def test_hold_all_of_a_relation_and_no_secrets(self, run: Run, database: Database, tmp_path: Path) -> None:
        database.run(SMALL)
        (tmp_path / "schemas/database").mkdir(parents=True)
        (tmp_path / "schemas/database/entities.py").write_text(
            "from typing import TypedDict\n\n\nclass PersonRow(TypedDict):\n    id: int\n"
        )
        assert run("docs", "docs/db", "--source", database.dsn)[0] == 0
        page = (tmp_path / "docs/db/public/people.md").read_text()
        for part in (
            "`PersonRow` in [`schemas/database/entities.py`](../../../schemas/database/entities.py)",
            "&#45; those who<br>&#35; work",
            "| `id` | `bigint` | not null | identity, always | primary key |\n",
            "| `mood` | [`public.mood`](../enums.md#public.mood) | null | `'phase2ready'::public.mood` |",
            "`boss` → [`people`](../public/people.md) (`id`)",
            "- [`toys`](../public/toys.md) (`giver`)",
            "| `people_pkey` | btree | `id` | unique |\n",
            "Enabled.\n",
            "| `own` | select | `authenticated` | `((name = 'boss'::text) AND (token <> '…'::text))` |\n",
            "| `note` | before insert or update, each row | `public.noted` |\n",
        ):
            assert part in page, part
        everything = b"".join(files(tmp_path / "docs/db").values()).decode()
        for secret in ("sk_live", "hunter22x", "s3cret"):
            assert secret not in everything
        assert "rows, about" not in everything
        run("docs", "docs/db", "--sizes", "--source", database.dsn)
        assert "| size |\n" in (tmp_path / "docs/db/README.md").read_text()

    def test_keep_notes_and_remove_pages_of_what_is_gone(
        self, run: Run, database: Database, tmp_path: Path
    ) -> None:
        database.run(SMALL)
        run("docs", "db", "--source", database.dsn)
        page, note = tmp_path / "db/public/people.md", b"Ask Ann.\r\n\n| odd\n"
        page.write_bytes(page.read_bytes().replace(b"notes:begin -->\n", b"notes:begin -->\n" + note))
        kept, other = tmp_path / "db/public/pets.md", tmp_path / "db/public/own.md"
        kept.write_bytes(kept.read_bytes().replace(b"notes:begin -->\n", b"notes:begin -->\nwhy\n"))
        other.write_text("a person's\n")
        database.run("drop table loose; drop table pets cascade; alter table people add more int")
        code, out, err = run("docs", "db", "--source", database.dsn)
        assert code == 0
        assert "✓ Removed db/public/loose.md\n" in out
        assert "kept public/pets.md: what it is about is gone, but it has notes" in err
        assert kept_notes.notes(page.read_bytes()) == note
        assert b"`more`" in page.read_bytes()
        assert kept.exists()
        assert other.read_text() == "a person's\n"
        assert not (tmp_path / "db/public/loose.md").exists()

    @pytest.mark.parametrize("content", ["# by hand\n", f"{kept_notes.MARK}\n{kept_notes.BEGIN}\nbroken\n"])
    def test_write_nothing_where_a_page_is_not_ours_or_its_notes_cannot_be_told(
        self, run: Run, database: Database, tmp_path: Path, content: str
    ) -> None:
        database.run(SMALL)
        (tmp_path / "db/public").mkdir(parents=True)
        (tmp_path / "db/public/people.md").write_text(content)
        code, _, err = run("docs", "db", "--source", database.dsn)
        assert code == 2
        assert "public/people.md" in err
        assert files(tmp_path / "db") == {"public/people.md": content.encode()}

    def test_say_what_the_lock_does_not_show(self, run: Run, database: Database, tmp_path: Path) -> None:
        database.run(SMALL)
        run("update", "--source", database.dsn)
        assert run("docs", "db", "--source", "lock")[0] == 0
        page = (tmp_path / "db/public/people.md").read_text()
        assert "## Not shown" in page
        assert "## Indexes" not in page
        assert "## Row level security" not in page

    def test_of_an_empty_schema_are_an_overview(self, run: Run, database: Database, tmp_path: Path) -> None:
        assert run("docs", "db", "--source", database.dsn)[0] == 0
        assert list(files(tmp_path / "db")) == ["README.md"]


NAMES = [t for t in TEXTS if t and "\0" not in t and len(t.encode()) < 60]
HOSTILE = [
    *NAMES,
    *(
        "direction TB",
        "a~b~c",
        "%%{init: {}}%%",
        "PK",
        "pk é",
        "end",
        "}",
        "#35;",
        "```",
        "`x`",
        "a|b",
        "<img src=x>",
    ),
    *(
        "<!-- notes:end -->",
        "- x",
        "1. x",
        "# x",
        "---",
        "    code",
        "con",
        "AUX",
        "Users",
        "users",
        "www.a.example",
    ),
]


def hostile(database: Database) -> None:
    """Every text as a table, a column, an enum label, comments, a policy and a constraint, all referring to one."""
    with psycopg.connect(database.dsn, autocommit=True) as session:
        session.execute("create table hub (id int primary key)")
        for text in dict.fromkeys(HOSTILE):
            name, literal = sql.Identifier(text), sql.Literal(text)
            own = sql.SQL("") if text == "id" else sql.SQL("{} int references hub,").format(name)
            session.execute(sql.SQL("create table {} ({} id int primary key references hub)").format(name, own))
            session.execute(sql.SQL("comment on table {} is {}").format(name, literal))
            session.execute(sql.SQL("comment on column {}.id is {}").format(name, literal))
            session.execute(sql.SQL("create policy {} on {} using ({} <> 'x')").format(name, name, literal))


class TestHostileNames:
    def test_stay_text_in_every_file(self, run: Run, database: Database, tmp_path: Path) -> None:
        hostile(database)
        assert run("docs", "db", "--source", database.dsn)[0] == 0
        found = files(tmp_path / "db")
        folded = [path.lower() for path in found]
        assert len(folded) == len(set(folded)) == len(set(HOSTILE)) + 2
        for path, content in found.items():
            assert re.fullmatch(r"README\.md|public/[a-z0-9_-]+\.md", path)
            text = content.decode()
            assert text.count("```") in {0, 2}, path
            assert text.count("<!--") == 3, path
            assert "<img" not in re.sub(r"`[^`\n]*`", "", text)
            assert all(c == "\n" or c.isprintable() for c in text), path
            for line in text.splitlines():
                assert not line.startswith("| ") or line.endswith(" |")
        drawn = diagrams(tmp_path / "db")
        assert len(drawn) > len(set(HOSTILE)) - 2
        assert faults(drawn) == []

    def test_do_not_steer_the_terminal(self, run: Run, database: Database) -> None:
        hostile(database)
        _, out, _ = run("analyze", "--source", database.dsn)
        assert all(c == "\n" or c.isprintable() or c in "\u200d\ufe0f" for c in out)
        jsonschema.validate(analysis(run, database), CONTRACT)

    def test_have_file_names_that_never_collide(self) -> None:
        slugs = {markdown.slug(text).lower() for text in HOSTILE}
        assert len(slugs) == len(set(HOSTILE))

    @pytest.mark.parametrize(
        ("literal", "secret"),
        [
            ("admin", False), ("request.jwt.claims", False), ("2024-01-01", False), ("^[a-z0-9]{3,}$", False),
            ("v1", False), ("a sentence of 20 words", False), ("s3cret", True), ("sk_live_51Habc", True),
            ("abcdefghijklmnopqrstuvwx", True),
        ],
    )  # fmt: skip
    def test_what_looks_like_a_secret(self, literal: str, secret: bool) -> None:
        assert markdown.looks_secret(literal) is secret
        assert ("…" in markdown.condition(f"(x = '{literal}'::text)", frozenset())) is secret
        assert "…" not in markdown.condition(f"(x = '{literal}'::text)", frozenset({literal}))


def test_the_parser_of_diagrams_finds_faults() -> None:
    assert len(faults(["erDiagram\n  a[", 'erDiagram\n  a["x"]'])) == 1


def test_a_schema_too_large_has_no_whole_diagram(database: Database, tmp_path: Path) -> None:
    count = mermaid.MOST_ENTITIES
    database.run("create table t0 (id int primary key);")
    database.run("".join(f"create table t{i} (id int primary key references t0);" for i in range(1, count)))
    project = app.open_project(tmp_path, source=database.dsn)
    documentation.export(project, tmp_path / "db")
    assert "```mermaid" in (tmp_path / "db/README.md").read_text()
    assert "Too many for a diagram" in (tmp_path / "db/public/t0.md").read_text()
    database.run("create table one_more (id int)")
    documentation.export(project, tmp_path / "db")
    assert "```mermaid" not in (tmp_path / "db/README.md").read_text()


@pytest.mark.parametrize("flag", [("--analyze",), ("--export-docs", "db"), ("--export-docs=db",)])
def test_the_script_is_a_door_to_both(database: Database, tmp_path: Path, flag: tuple[str, ...]) -> None:
    database.run(SMALL)
    command = [sys.executable, str(script_in(tmp_path, "mcp_schema_query.py")), *flag, "--source", database.dsn]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent / "src")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ("6 tables" in done.stdout) if flag == ("--analyze",) else (tmp_path / "db/README.md").exists()

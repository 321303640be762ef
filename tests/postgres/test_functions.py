"""Functions as the catalog of a real PostgreSQL has them, and what becomes of them on the way to the code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema

import laws
from direct import read_catalog
from schema_sync.compare.function_binding import signature
from schema_sync.model.catalog import Argument, Facet, Function, QName, TypeRef
from schema_sync.model.snapshot import decode_snapshot, encode_snapshot, fingerprint, portable
from schema_sync.reports.formats import json as json_report
from schema_sync.reports.formats import markdown, text
from schema_sync.reports.formats.diff import review_line
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from conftest import Database
    from schema_sync.model.catalog import Catalog

SCHEMA = """
    create schema far;
    create type mood as enum ('sad', 'ok');
    create type far.colour as enum ('red');
    create domain far.number as integer;
    create domain positive as integer check (value > 0);
    create type far.pair as (a integer, b text);
    create table items (id integer primary key);
    create function plain(a integer, b varchar(20), c text default 'x', d boolean default null)
      returns numeric language sql immutable strict as $$ select 1.0 $$;
    comment on function plain is 'adds up';
    create function plain(a "char", b char(3), c integer[][]) returns void language sql stable as $$ select $$;
    create function outs(in a integer, out b text, inout c mood default 'ok', out d integer)
      language sql as $$ select 'b', c, 1 $$;
    create function tabled(a integer) returns table (id integer, "Odd name" text[])
      language sql as $$ select 1, array['a'] $$;
    create function many(variadic a integer[]) returns setof items language sql as $$ select * from items $$;
    create function outside(a far.number, b far.colour, c far.pair, d positive) returns far.number
      language sql as $$ select 1 $$;
    create function anything(a anyelement, b anyarray) returns anyelement language sql as $$ select a $$;
    create function loose() returns setof record language sql as $$ select 1, 2 $$;
    create function unnamed(integer, b text) returns integer language sql as $$ select 1 $$;
    create function "it's; drop" ("a b" integer) returns integer language sql as $$ select 1 $$;
    create procedure proc(a integer) language sql as $$ select $$;
    create aggregate total(integer) (sfunc = int4pl, stype = integer);
    create function fired() returns trigger language plpgsql as $$ begin return new; end $$;
    create function fired_too() returns event_trigger language plpgsql as $$ begin end $$;
    create extension citext schema public;
"""


def pg(name: str, dims: int = 0) -> TypeRef:
    return TypeRef(name=QName(schema="pg_catalog", name=name), dims=dims)


def own(name: str, schema: str = "public") -> TypeRef:
    return TypeRef(name=QName(schema=schema, name=name))


def read(database: Database) -> Catalog:
    database.run(SCHEMA)
    return read_catalog(database.dsn, ("public",), functions=True)


def project(root: Path, source: str, configuration: str = 'functions = ["*"]') -> projects.Project:
    (root / "schema-sync.toml").write_text(configuration)
    return projects.open_project(root, source=source)


def test_what_a_function_takes_and_gives(database: Database) -> None:
    catalog = read(database)
    found = {f"{f.name.name}({signature(f)})": f for f in catalog.functions}
    assert list(found) == [
        "anything(anyelement, anyarray)",
        "it's; drop(integer)",
        "loose()",
        "many(integer[])",
        "outs(integer, public.mood)",
        "outside(integer, far.colour, record, public.positive)",
        'plain("char", char, integer[])',
        "plain(integer, varchar, text, boolean)",
        "tabled(integer)",
        "unnamed(integer, text)",
    ]
    assert found["plain(integer, varchar, text, boolean)"] == Function(
        name=QName(schema="public", name="plain"),
        arguments=(
            Argument(name="a", type=pg("int4")),
            Argument(name="b", type=pg("varchar")),
            Argument(name="c", type=pg("text"), has_default=True),
            Argument(name="d", type=pg("bool"), has_default=True),
        ),
        result=pg("numeric"),
        volatility="immutable",
        strict=True,
        comment="adds up",
    )
    assert found["outs(integer, public.mood)"].arguments == (
        Argument(name="a", type=pg("int4")),
        Argument(name="b", type=pg("text"), mode="out"),
        Argument(name="c", type=own("mood"), mode="inout", has_default=True),
        Argument(name="d", type=pg("int4"), mode="out"),
    )
    tabled = found["tabled(integer)"]
    assert [(a.name, a.type, a.mode) for a in tabled.outputs] == [
        ("id", pg("int4"), "table"),
        ("Odd name", pg("text", 1), "table"),
    ]
    many = found["many(integer[])"]
    assert (many.arguments[0].mode, many.result, many.returns_set) == ("variadic", own("items"), True)
    assert found['plain("char", char, integer[])'].result is None
    assert found["loose()"].result == pg("record")


def test_functions_are_no_part_of_the_hash_and_bring_no_types(database: Database) -> None:
    catalog = read(database)
    without = read_catalog(database.dsn, ("public",))
    assert Facet.FUNCTIONS in catalog.covers
    assert Facet.FUNCTIONS not in without.covers
    assert (without.functions, without.enums) == ((), catalog.enums)
    assert fingerprint(catalog) == fingerprint(without)
    again = decode_snapshot(encode_snapshot(catalog), path="x")
    assert again == portable(catalog)


def test_the_lock_holds_what_is_configured_and_can_be_checked_by_itself(
    tmp_path: Path, database: Database
) -> None:
    database.run(SCHEMA)
    project(tmp_path, database.dsn, 'functions = ["tab*", "public.plain"]')
    laws.update(tmp_path, database.dsn)
    lock = (tmp_path / "schemas/schema_lock.json").read_text()
    assert '"tabled"' in lock
    assert '"outs"' not in lock
    assert "select 1.0" not in lock
    (tmp_path / "schemas/database/functions.py").unlink()
    findings = laws.check(tmp_path, "lock").report.findings
    assert {(f.rule, f.subject.name, f.moved) for f in findings} == {
        ("function-undeclared", "tabled", "code"),
        ("function-undeclared", "plain", "code"),
    }


def test_a_source_that_shows_no_functions_says_so(tmp_path: Path, database: Database) -> None:
    database.run(SCHEMA)
    (tmp_path / "saved.json").write_bytes(encode_snapshot(read_catalog(database.dsn, ("public",))))
    outcome = checks.check(project(tmp_path, "snapshot:saved.json"))
    notes = [(n.what, n.why) for n in outcome.report.not_checked]
    assert ("functions", "the source does not show them") in notes
    assert not [f for f in outcome.report.findings if f.subject.kind == "function"]


def test_what_cannot_be_checked_is_said(tmp_path: Path, database: Database) -> None:
    database.run("create function unnamed(integer) returns integer language sql as $$ select 1 $$")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/calls.py").write_text(
        'from typing import TypedDict\n\n\nclass Far(TypedDict):\n    """Function: far.away()"""\n'
    )
    opened = project(tmp_path, database.dsn)
    notes = [(n.what, n.why) for n in checks.check(opened).report.not_checked]
    assert notes == [
        ("schemas/calls.py:4: Far", "far.away is not among the functions that are looked at"),
        ("function public.unnamed(integer)", "it has an argument without a name, and calls go by names"),
    ]
    opened = project(tmp_path, database.dsn, "")
    notes = [(n.what, n.why) for n in checks.check(opened).report.not_checked]
    assert notes == [("schemas/calls.py:4: Far", "functions are not configured to be looked at")]


def test_reports_show_functions(tmp_path: Path, database: Database) -> None:
    database.run("create function score(word text, top integer) returns integer language sql as $$ select 1 $$")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/calls.py").write_text(
        "from typing import TypeAlias, TypedDict\n\n\nclass Score(TypedDict):\n"
        '    """Function: score"""\n\n    word: int\n    gone: str\n\n\nScored: TypeAlias = str\n"""Result: score"""\n'
    )
    opened = project(tmp_path, database.dsn)
    outcome = checks.check(opened)
    view = checks.view(opened, outcome)
    assert (
        "[CRITICAL] FUNCTION: score\n"
        "  Change: modified\n"
        "  Added arguments: top\n"
        "  Removed arguments: gone\n"
        "  Changed arguments: word (int → str)\n"
        "  Result: str → int\n"
    ) in text.render(view)
    assert "| high | function <code>public.score.word</code> |" in markdown.render(view)
    document = json.loads(json_report.render(view))
    schema = Path(__file__).parents[2] / "docs/schemas/report.schema.json"
    jsonschema.validate(document, json.loads(schema.read_text()))
    assert {(b["declaration"], b["object"], b["shape"]) for b in document["bindings"]} == {
        ("Score", "public.score(text, integer)", "arguments"),
        ("Scored", "public.score(text, integer)", "result"),
    }
    (kept,) = (f for f in outcome.report.findings if f.rule == "argument-removed")
    assert review_line(kept).text == (
        "⚠️  Manual review: removed argument score.gone still declared at schemas/calls.py:8 (--prune removes it)"
    )

"""analyze: each figure against SQL, and the graph of foreign keys."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import jsonschema
import pytest
from exported import CONTRACT, SCHEMAS, SMALL, analysis, run

from schema_sync.exports import analysis as figures

if TYPE_CHECKING:
    from exported import Run

    from conftest import Database

__all__ = ["run"]  # fixture


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
        assert names(found["without_policy"]) == []
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
        assert [note["why"] for note in found["not_shown"]] == ["no query of Supabase is in the code"]

    def test_tell_which_tables_nobody_can_read(self, run: Run, database: Database) -> None:
        database.run("""
            create table off (id int primary key); create policy unused on off using (true);
            create table closed (id int primary key); create table restricted (id int primary key);
            create table open (id int primary key); create view closed_too as select id from closed;
            alter table closed enable row level security; alter table restricted enable row level security;
            alter table open enable row level security; create policy p on open for insert with check (true);
            create policy p on restricted as restrictive using (true);
        """)
        found = analysis(run, database)
        assert names(found["without_policy"]) == ["closed", "restricted"]
        assert names(found["without_row_security"]) == ["off"]
        _, out, _ = run("analyze", "--source", database.dsn)
        heading = "RLS on, no policy: nobody sees a row without the service key (2)"
        assert f"\n{heading}\n  closed\n  restricted\n" in out
        assert "\nRLS off: who may use the table sees all rows (1)\n  off\n" in out

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
        assert found["without_policy"] is found["totals"]["size"] is None
        assert any("policies" in note["what"] for note in found["not_shown"])


class TestGraph:
    def test_goes_through_a_cycle_by_real_edges(self) -> None:
        edges = {"a": ["b"], "b": ["c"], "c": ["b", "d"], "d": [], "x": ["d"]}
        assert figures.longest_chains(edges, 3) == [("a", "b", "c", "d")]
        assert [set(group) for group in figures.components(edges) if len(group) > 1] == [{"b", "c"}]

    def test_does_not_recurse(self) -> None:
        long = {i: [i + 1] for i in range(5000)} | {5000: []}
        assert figures.longest_chains(long, 1) == [tuple(range(5001))]

    def test_of_nothing_has_no_chains(self) -> None:
        assert figures.longest_chains({"a": [], "b": ["b"]}, 3) == []

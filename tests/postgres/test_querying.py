"""A query of the user's: it changes nothing, whatever it says, and comes back as the server's JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

import direct
from schema_sync.errors import SchemaSyncError, SourceError, UsageError
from schema_sync.postgres.read_only_query import Limits, Rows, _value

if TYPE_CHECKING:
    from conftest import Database

FEW = Limits(rows=1000, seconds=20)


def ask(database: Database, text: str, limits: Limits = FEW) -> Rows:
    return direct.query(database.dsn, text, limits)


class TestValues:
    def test_all_kinds_come_as_to_json_gives_them(self, database: Database) -> None:
        rows = ask(
            database,
            "select 1::int8 << 62 as big, 1.10::numeric as n, 'NaN'::float8 as nan, null as nothing, true as yes,"
            " array[[1,2],[3,4]] as arr, '{\"a\": [1.5]}'::jsonb as j, row(1, 'x') as r, date '2026-01-02' as d,"
            " '\\x00ff'::bytea as b, interval '1 day' as i, 'it''s' as s",
        )
        assert rows.columns == ("big", "n", "nan", "nothing", "yes", "arr", "j", "r", "d", "b", "i", "s")
        assert rows.rows == (
            (1 << 62, Decimal("1.10"), "NaN", None, True, [[1, 2], [3, 4]], {"a": [1.5]}, {"f1": 1, "f2": "x"},
             "2026-01-02", "\\x00ff", "1 day", "it's"),
        )  # fmt: skip

    def test_columns_of_one_name_no_columns_and_many(self, database: Database) -> None:
        assert ask(database, "select 1 as a, 2 as a, 3").columns == ("a", "a", "?column?")
        assert ask(database, "select 1 as a, 2 as a, 3").rows == ((1, 2, 3),)
        assert ask(database, "select from generate_series(1, 3)") == Rows(columns=(), rows=((), (), ()))
        many = ask(database, f"select {', '.join(map(str, range(1600)))}")
        assert many.rows == (tuple(range(1600)),)

    def test_a_wide_value_and_a_void_one(self, database: Database) -> None:
        assert ask(database, "select repeat('ö', 5000000)").rows[0][0] == "ö" * 5_000_000
        assert ask(database, "select pg_sleep(0)").rows == ((None,),)

    def test_a_value_that_is_nested_without_end(self) -> None:
        with pytest.raises(SourceError, match="nested too deeply"):
            _value("[" * 200_000 + "]" * 200_000)

    def test_names_of_columns_are_data(self, database: Database) -> None:
        assert ask(database, 'select 1 as "a""; drop table x; --", 2 as "日本"').columns == (
            'a"; drop table x; --',
            "日本",
        )


class TestForms:
    @pytest.mark.parametrize(
        "text",
        [
            "select 1;",
            "select 1 ; -- done",
            " /* a /* nested */ comment; */ select 1 -- and; so on",
            "(select 1) union (select 1)",
            "((select 1))",
            "VALUES (1)",
            "with a as (select 1) select * from a",
            "table one",
            "select 1 from (select null as \"c;\") q"
            " where ';' = ';' and $$;$$ = $a$;$a$ and e'\\';' = ''';' and \"c;\" is null;",
            "select 1 /* ; */ ;;",
        ],
    )  # fmt: skip
    def test_a_query(self, database: Database, text: str) -> None:
        database.run("create table one as select 1 as a")
        assert ask(database, text).rows == ((1,),)

    @pytest.mark.parametrize("text", ["", " ", "-- nothing", ";", "/* open", "explain select 1", "show all", "commit",
                                      "insert into one values (2)", "copy one to program 'true'", "do $$ begin end $$",
                                      "set transaction read write", "call p()", "\0select 1"])  # fmt: skip
    def test_what_is_no_query(self, database: Database, text: str) -> None:
        with pytest.raises(UsageError, match="not a query") as raised:
            ask(database, text)
        assert raised.value.hint == "A query starts with SELECT, VALUES, TABLE or WITH."

    def test_order_stays_and_rows_are_bounded(self, database: Database) -> None:
        rows = ask(database, "select i from generate_series(1, 10) i order by i desc", Limits(rows=3, seconds=20))
        assert (rows.rows, rows.truncated) == (((10,), (9,), (8,)), True)
        assert not ask(database, "select 1", Limits(rows=1, seconds=20)).truncated
        assert ask(database, "select 1", Limits(rows=0, seconds=20)) == Rows(
            columns=("?column?",), rows=(), truncated=True
        )

    def test_the_bound_is_the_server_s(self, database: Database) -> None:
        endless = "with recursive n as (select 1 as i union all select i + 1 from n) select i from n"
        assert len(ask(database, endless, Limits(rows=5, seconds=20)).rows) == 5


ATTACKS = [
    "commit; drop table kept",
    "select 1; drop table kept",
    "select 1; commit; drop table kept",
    "select 1) as q(c0); drop table kept; select (1",
    "select 1) as q(c0) limit 2; drop table kept --",
    "with gone as (delete from kept returning *) select * from gone",
    "select setval('counter', 99)",
    "select nextval('counter')",
    "select 1 into copied",
    "select * from kept for update",
    "select set_config('transaction_read_only', 'off', true), change()",
    "select set_config('default_transaction_read_only', 'off', false), change()",
    "select change()",
    "select lo_create(4711)",
    "with a as (select set_config('transaction_read_only', 'off', false)) select change() from a",
    "select query_to_xml('drop table kept', true, true, '')",
    "select query_to_xml('set transaction read write', true, true, '')",
    "values (change())",
    "table kept; drop table kept",
    "select E'\\'; drop table kept; --'; drop table kept; --'",
    "select $a$ $b$ $a$; drop table kept; -- $b$",
]


class TestItChangesNothing:
    @pytest.mark.parametrize("text", ATTACKS)
    def test_it_is_refused_and_all_is_as_before(self, database: Database, text: str) -> None:
        database.run(
            "create table kept (a int); insert into kept values (1); create sequence counter;"
            "create function change() returns int language plpgsql security definer as"
            " $$ begin insert into kept values (2); return 1; end $$"
        )
        before = database.run(
            "select (select count(*) from pg_class), (select count(*) from kept), last_value from counter"
        )
        with pytest.raises(UsageError) as raised:
            ask(database, text)
        assert raised.value.exit_code == 2
        assert "count(*)" not in raised.value.message
        after = database.run(
            "select (select count(*) from pg_class), (select count(*) from kept), last_value from counter"
        )
        assert after == before

    def test_the_server_itself_says_so(self, database: Database) -> None:
        database.run("create sequence counter")
        with pytest.raises(UsageError, match="cannot execute nextval\\(\\) in a read-only transaction"):
            ask(database, "select nextval('counter')")
        with pytest.raises(UsageError, match="cannot insert multiple commands into a prepared statement"):
            ask(database, "select 1; select 2")
        settings = (
            "select current_setting('transaction_read_only'), current_setting('default_transaction_read_only')"
        )
        assert ask(database, settings).rows == (("on", "off"),)  # the session is a pooler's: it stays as it is


class TestErrors:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("select nam from t", '1:8: column "nam" does not exist\n  select nam from t\n         ^'),
            ("select 1\nfrom\tnowhere;", '2:6: relation "nowhere" does not exist\n  from nowhere;\n       ^'),
            ("select 'ö' + ", "1:14: syntax error at end of input\n  select 'ö' + \n               ^"),
            ("select $1::int", "the query has parameters ($1 …)"),
            ("select 1 / 0", "division by zero"),
            (
                "select 'x'::int",
                "1:8: invalid input syntax for type integer: \"x\"\n  select 'x'::int\n         ^",
            ),
        ],
    )
    def test_a_wrong_query_is_told_its_place(self, database: Database, text: str, message: str) -> None:
        database.run("create table t (name text)")
        with pytest.raises(UsageError) as raised:
            ask(database, text)
        assert raised.value.message == message

    def test_the_server_s_hint_is_passed_on(self, database: Database) -> None:
        database.run("create table t (name text)")
        with pytest.raises(UsageError) as raised:
            ask(database, "select nam from t")
        assert "t.name" in raised.value.hint

    def test_what_is_the_server_s_fault_is_no_usage(self, database: Database) -> None:
        with pytest.raises(SourceError, match="statement timeout") as raised:
            ask(
                database,
                "select pg_sleep(10), set_config('statement_timeout', '0', true)",
                Limits(rows=1, seconds=0.2),
            )
        assert raised.value.hint == "The limit is 0.2 seconds (--timeout)."
        with pytest.raises(SourceError) as raised:
            ask(database, "select pg_sleep(10)", Limits(rows=1, seconds=1))
        assert raised.value.hint == "The limit is 1 second (--timeout)."
        with pytest.raises(SourceError, match="terminating connection"):
            ask(database, "select pg_terminate_backend(pg_backend_pid())")

    def test_a_place_in_a_long_line(self, database: Database) -> None:
        with pytest.raises(SchemaSyncError) as raised:
            ask(database, f"select {'1 + ' * 1000} nowhere")
        lines = raised.value.message.split("\n")
        assert max(map(len, lines)) < 220
        assert lines[1][lines[2].index("^") :].startswith("nowhere")

"""SQL of the code before a server: names are looked up, nothing is run, and nothing hangs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from schema_sync.model.queries import Span, Sql, Text
from schema_sync.postgres import sql_judgement
from schema_sync.postgres.connection import own_session
from schema_sync.postgres.sql_judgement import judged
from schema_sync.postgres.sql_literals import LONGEST, changed_names, is_sql, statement_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from conftest import Database
    from schema_sync.postgres.session import Session

SCHEMA = """
create table t (id int primary key, note text);
insert into t values (1, 'a');
create sequence calls;
create function wipe() returns int volatile language plpgsql as
$$ begin delete from t; perform nextval('calls'); return 1; end $$;
create function wipe_once(int) returns int immutable language plpgsql as
$$ begin perform nextval('calls'); return $1; end $$;
create procedure wiping() language plpgsql as $$ begin delete from t; perform nextval('calls'); end $$;
create domain wiped as int check (wipe_once(value) > 0);
create view wiping_view as select wipe() from t;
"""
LATE = "the server was lost, or needed more than 20 seconds for all SQL"
HOSTILE = [
    "select 1; drop table t",
    "select id from t; delete from t; commit",
    "commit; drop table t",
    "select wipe()",
    "select 1 where wipe() = 1",
    "select wipe_once(1)",
    "select id from t where id = wipe_once(1) or wipe_once(2) > 3 limit wipe_once(4)",
    "select 1::wiped, '2'::wiped",
    "select * from wiping_view",
    "values (wipe())",
    "with gone as (delete from t returning wipe()) select * from gone",
    "insert into t values (wipe(), 'b') on conflict do nothing",
    "update t set id = wipe()",
    "delete from t",
    "select nextval('calls')",
    "select pg_sleep(10)",
    "select set_config('role', 'anon', false)",
    "select pg_terminate_backend(pg_backend_pid())",
    "select lo_import('/etc/passwd')",
    "copy (select 1) to program 'touch /tmp/touched'",
    "copy t from program 'id'",
    "call wiping()",
    "do $$ begin perform wipe(); end $$",
    "explain analyze select wipe()",
    "create table made as select wipe()",
    "drop table t",
    "truncate t",
    "alter table t drop column note",
    "set role anon",
    "reset all",
    "set session authorization anon",
    "begin",
    "commit",
    "prepare q as select 1; drop table t",
    "execute q",
    "declare c cursor for select wipe()",
    "listen wipe",
    "discard all",
    "deallocate all",
    "lock table t",
    "vacuum t",
    "select 'a\\'; drop table t; --'",
    "select $$; drop table t; $$ || $1",
    "select 1 \\; drop table t",
]


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    database.run(SCHEMA)
    with own_session(database.dsn) as session:
        yield session


def state(database: Database) -> list[tuple[object, ...]]:
    return database.run(
        "select (select array_agg(t::text) from t), (select is_called from calls), to_regclass('made'),"
        " (select count(*) from pg_attribute where attrelid = 't'::regclass and attnum > 0)"
    )


class TestNothingIsRun:
    @pytest.mark.parametrize("sql", HOSTILE)
    def test_a_hostile_statement_does_nothing(self, session: Session, database: Database, sql: str) -> None:
        before = state(database)
        assert judged(session, [sql]).keys() == {sql}
        assert state(database) == before
        assert session.execute("select current_user, session_user").fetchall() == [("schema_sync", "schema_sync")]
        assert session.info.transaction_status == psycopg.pq.TransactionStatus.IDLE

    def test_all_of_them_one_after_the_other(self, session: Session, database: Database) -> None:
        before = state(database)
        verdicts = judged(session, HOSTILE)
        assert verdicts.keys() == set(HOSTILE)
        assert state(database) == before

    @pytest.mark.parametrize("sql", ["select wipe()", "select * from wiping_view", "select wipe_once(1)"])
    def test_run_it_would_do_something(self, session: Session, database: Database, sql: str) -> None:
        before = state(database)
        session.execute(sql.encode())
        assert state(database) != before

    def test_planning_calls_an_immutable_function_that_parsing_does_not(
        self, session: Session, database: Database
    ) -> None:
        sql = "select wipe_once(1)"
        judged(session, [sql])
        assert database.run("select is_called from calls") == [(False,)]
        session.execute(f"explain {sql}".encode())
        assert database.run("select is_called from calls") == [(True,)]

    def test_settings_and_locks_end_with_it(self, session: Session, database: Database) -> None:
        judged(session, ["select * from t for update", "set statement_timeout = 1", "update t set id = 2"])
        locks = session.execute("select count(*) from pg_locks where relation = 't'::regclass").fetchall()
        assert locks == [(0,)]
        shown = session.execute("select current_setting('statement_timeout'), current_setting('lock_timeout')")
        assert shown.fetchall() == [("0", "0")]


class TestNothingHangs:
    def test_a_locked_table_is_not_waited_for(self, session: Session, database: Database) -> None:
        with psycopg.connect(database.dsn) as other:
            other.execute("lock table t in access exclusive mode")
            found = judged(session, ["select id from t", "select nope from calls", "select id from u"])
        assert [each.why for each in found.values()] == ["another session locks a table in it", "", ""]
        assert [each.missing for each in found.values()] == [None, "column", "table"]

    def test_a_thousand(self, session: Session) -> None:
        statements = [f"select c{number} from t" for number in range(1000)]
        found = judged(session, statements)
        assert [each.names for each in found.values()] == [(f"c{number}",) for number in range(1000)]

    def test_one_that_takes_long_to_parse_is_stopped(
        self, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slow = "select 1 from t " + " ".join(f"natural join t b{number}" for number in range(900))
        assert judged(session, [slow])[slow].why == ""
        opening = (*sql_judgement.OPENING[:-1], b"set local statement_timeout = '1ms'")
        monkeypatch.setattr(sql_judgement, "OPENING", opening)
        found = judged(session, [slow, "select nope from t"])
        assert found[slow].why == "PostgreSQL needs more than a second to parse it"
        assert found["select nope from t"].missing == "column"

    def test_all_together_have_a_limit(self, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sql_judgement, "SECONDS", -1)
        found = judged(session, ["select nope from t", "select 1"])
        assert {each.why for each in found.values()} == {LATE}

    def test_a_lost_connection(self, session: Session, database: Database) -> None:
        database.run(f"select pg_terminate_backend({session.info.backend_pid})")
        (verdict,) = judged(session, ["select nope from t"]).values()
        assert (verdict.missing, verdict.why) == (None, LATE)

    @pytest.mark.parametrize(
        "deep",
        ["select " + "(" * 9000 + "1" + ")" * 9000, "select " + "- " * 9000 + "1", "select 1" + "+1" * 9000],
    )
    def test_deep_nesting(self, session: Session, deep: str) -> None:
        found = judged(session, [deep, "select nope from t"])
        assert found[deep].missing is None
        assert found["select nope from t"].missing == "column"


SPAN = Span(line=1, column=1, end_line=1, end_column=2)


def part(text: str, placeholders: Literal["percent", "colon", "dollar"] = "dollar") -> Sql:
    return Sql(call="execute", span=SPAN, text=Text(value=text, span=SPAN), placeholders=placeholders)


class TestStatements:
    @pytest.mark.parametrize(
        ("style", "text", "sql"),
        [
            ("percent", "select %s, '100%%', %(a)s + %(a)s, %b", "select $1, '100%', $2 + $2, $3"),
            ("percent", "select 5 % 2", "select 5 % 2"),
            ("colon", "select :a, x::int, ':b', t[1:2], :c::text -- :d\n, :a", "select $1, x::int, ':b', t[1:2], $2::text -- :d\n, $1"),
            ("colon", r"select a\:\:int", "select a::int"),
            ("colon", "select $$ :a $$, e':a\\':a', \":a\", /* :a */ :a", "select $$ :a $$, e':a\\':a', \":a\", /* :a */ $1"),
            ("dollar", "select $1, '%s', :a", "select $1, '%s', :a"),
        ],
    )  # fmt: skip
    def test_placeholders(self, style: Literal["percent", "colon", "dollar"], text: str, sql: str) -> None:
        statement = statement_of(part(text, style))
        assert statement.sql == sql
        for mark in ("$1", "$2"):
            if style != "dollar" and mark in sql and sql.count(mark) == 1:
                after = sql.index(mark) + 2
                assert text[statement.offset(after) :][:1] == sql[after : after + 1]

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("select 1;", ""),
            ("-- a\n (( select 1))", ""),
            ("WITH a AS (SELECT 1) SELECT 1", ""),
            ("select 1; drop table t", "several statements"),
            ("select 1; ; select 2", "several statements"),
            ("copy t to program 'x'", "PostgreSQL looks up names only in queries and changes of rows"),
            ("", "PostgreSQL looks up names only in queries and changes of rows"),
            ("select '\0'", "a NUL character, or half of a character"),
            ("select '\udc80'", "a NUL character, or half of a character"),
            ("select '" + "x" * LONGEST + "'", "longer than 20,000 characters"),
            ("select '" + "x" * 1_000_000 + "'", "longer than 20,000 characters"),
        ],
    )
    def test_what_is_sent(self, text: str, why: str) -> None:
        assert statement_of(part(text)).why == why

    @pytest.mark.parametrize(
        ("text", "created", "altered"),
        [
            ("create temp table if not exists foo (id int)", {"foo"}, set()),
            (
                'create or replace view v as select 1; create unlogged table "Foo Bar" (a int)',
                {"v", "Foo Bar"},
                set(),
            ),
            ("alter table o add column if not exists c int; select d from t", set(), {"o", "c"}),
            ("insert into t select 1; drop table x", set(), set()),
            ("select 'create table x'; create", set(), set()),
        ],
    )
    def test_what_is_changed(self, text: str, created: set[str], altered: set[str]) -> None:
        found = set(changed_names(text))
        for word, names in (("create", created), ("alter", altered)):
            assert {(word, name) for name in names} <= found
            assert names or word not in {each for each, name in found if name != word}

    def test_what_looks_like_sql(self) -> None:
        assert is_sql("/* a */ (Select 1)")
        assert not is_sql("load the orders")
        assert not is_sql("'select'")

"""Scripts as psql reads them: what PostgreSQL would not understand is blanked out, and nothing else."""

from __future__ import annotations

import pytest

from schema_sync.errors import MigrationError
from schema_sync.replay.psql_script import plain_sql

UNTOUCHED = [
    r"select 'a\b', e'it\'s \\', E'\\', 'c:\';",
    "comment on table t is 'copy t from stdin;';",
    'create table "a\\b" ("\\i" int);',
    "create function f() returns text language sql as $$ select '\\set' \\ $$;",
    "create function f() returns text language sql as $é1$ $$ \\i x $$ $é1$;",
    "-- \\i x\n/* \\i x /* \\i y */ \\if */ select 1;",
    "copy t to stdout; -- and stdin",
    "select \"from stdin\", 'it''s \\' from a$b$c;",
    "select 'open \\i x",
    "/* open \\i x",
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_is_quoted_stays(text: str) -> None:
    assert plain_sql(text, "m.sql") == (text, ())


def test_commands_are_blanked_out_and_said() -> None:
    text = "\\restrict aB1\n\\set ON_ERROR_STOP on\nselect 1; \\echo 'done'\n\\connect other\n\\!ls\n\\unrestrict aB1\n"
    plain, notes = plain_sql(text, "m.sql")
    assert plain.split() == ["select", "1;"]
    assert [len(line) for line in plain.split("\n")] == [len(line) for line in text.split("\n")]
    assert notes == (
        "m.sql: commands of psql are skipped: \\restrict (line 1), \\set (line 2), \\echo (line 3), \\connect (line 4),"
        " \\! (line 5), \\unrestrict (line 6)",
    )


def test_commands_that_send_end_a_statement() -> None:
    plain, notes = plain_sql("create table a () \\g\ncreate table b () \\gset x_\nselect 1 \\; select 2;", "m.sql")
    assert [" ".join(one.split()) for one in plain.split(";")] == [
        "create table a ()",
        "create table b ()",
        "select 1",
        "select 2",
        "",
    ]
    assert notes == ("m.sql: commands of psql are skipped: \\g (line 1), \\gset (line 2)",)


@pytest.mark.parametrize("command", ["\\i tables.sql", "\\ir ../x.sql", "\\if :production", "\\gexec"])
def test_what_decides_is_refused(command: str) -> None:
    with pytest.raises(MigrationError) as caught:
        plain_sql(f"select 1\n{command}\n", "m.sql")
    name = command.split(maxsplit=1)[0]
    assert caught.value.message == (
        f"m.sql:2: the command {name} of psql decides what is run, and is not followed\n  {command}"
    )
    assert caught.value.hint == "Write into the migration what it stands for."


def test_rows_are_blanked_out_with_their_copy() -> None:
    text = (
        'create table t (a text);\nCOPY public.t (a, "from") FROM stdin;\n1\tit\'s $$ /* \\N\n\\\\.\n\\.\n\n'
        'copy t from stdin with (format csv);\r\n"x\r\n\\.\r\nselect 1;'
    )
    plain, notes = plain_sql(text, "m.sql")
    assert plain.split() == ["create", "table", "t", "(a", "text);", "select", "1;"]
    assert plain.count("\n") == text.count("\n")
    assert plain.index("select") == text.index("select")
    assert notes == ("m.sql: the rows of COPY … FROM stdin are skipped (line 2, 7)",)


def test_rows_that_do_not_end() -> None:
    with pytest.raises(MigrationError) as caught:
        plain_sql("select 1;\n\ncopy t\nfrom stdin;\n1\n\\.x\n", "m.sql")
    assert caught.value.message == "m.sql:3: the rows of COPY … FROM stdin do not end\n  copy t from stdin;"
    assert caught.value.hint == r"End them with a line that holds \. and nothing else."

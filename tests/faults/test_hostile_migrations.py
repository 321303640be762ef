"""No path from a migration to the superuser, to programs, files or the network."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import socket
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from databases import OPEN_LOGIN_RULES

from conftest import Database
from faults.attacks import ATTACKS, HARMLESS
from schema_sync.replay import confinement, embedded_server

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.thorough

DRIVER = Path(__file__).with_name("replaying.py")
REVIEWED = Path(__file__).with_name("reachable_functions.txt")
OFFERED = confinement.confinement_offered()
needs_landlock = pytest.mark.skipif(not OFFERED.startswith("confined"), reason=OFFERED)
EXTENSIONS = "select name from pg_available_extensions where name <> 'plpgsql' order by 1"


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder where every user may write, and a file in it that every user may read."""
    with tempfile.TemporaryDirectory(prefix="attacked-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "secret").write_text("secret word\n")
        yield folder


@pytest.mark.parametrize(("user", "confined"), [("-", "confined"), ("nobody", "free")])
def test_every_attack_is_refused_or_does_nothing(shared: Path, user: str, confined: str) -> None:
    """As the user of the tests, who may be root, and as an ordinary user without the kernel's help."""
    if user != "-":
        if os.geteuid() != 0:
            pytest.skip("only root can become another user; the first run was one of an ordinary user")
        user = str(pwd.getpwnam(user).pw_uid)
    done = subprocess.run(
        [sys.executable, DRIVER, user, confined, shared], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.keys() == ATTACKS.keys() | HARMLESS.keys()
    assert {name for name in ATTACKS if not found[name]["error"]} == set()
    got = {"mark": False, "connected": False, "superusers": [embedded_server.SUPERUSER]}
    assert {name: each for name, each in found.items() if each | got != each} == {}
    assert "secret word" not in done.stdout


def test_only_the_role_of_migrations_can_log_in() -> None:
    with embedded_server.server() as running:
        with psycopg.connect(running.database(user="postgres"), autocommit=True) as session:
            session.execute("create role evil login password 'x'")
            names = [row[0] for row in session.execute("select rolname from pg_roles").fetchall()]
        for name in {*names, "absent"} - {embedded_server.OWNER}:
            with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
                psycopg.connect(running.database("postgres", name), password="x")
        with pytest.raises(psycopg.OperationalError, match=r"max_wal_senders"):
            psycopg.connect(running.database(user="postgres"), replication="database")


@pytest.fixture
def fresh() -> Iterator[Database]:
    """The database of a server as migrations find it, and its superuser besides."""
    with embedded_server.server(OPEN_LOGIN_RULES) as running:
        yield Database("postgres", running.database(), running.database(user="postgres"))


def reachable(database: Database) -> set[tuple[str, str]]:
    """Return the functions in C, and those that an extension took from the server, which migrations may call."""
    return set(
        database.run("""
        select distinct case lanname when 'c' then regexp_replace(probin, '.*/', '') else 'server' end, prosrc
        from pg_proc join pg_language on pg_language.oid = prolang
        where (lanname = 'c' or lanname = 'internal' and pg_proc.oid >= 16384)
          and has_function_privilege('postgres', pg_proc.oid, 'execute')""")
    )


def as_owner(database: Database, statement: str) -> None:
    with psycopg.connect(database.owner_dsn, autocommit=True) as session:
        session.execute(statement.encode())


def test_functions_in_c_that_migrations_may_call_are_reviewed(
    fresh: Database, request: pytest.FixtureRequest
) -> None:
    found = reachable(fresh)
    for (name,) in fresh.run(EXTENSIONS):
        for schema in ("public", "extensions"):
            for statement in (
                f'drop extension if exists "{name}"',
                f'create extension "{name}" schema {schema} cascade',
            ):
                with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
                    as_owner(fresh, statement)
            found |= reachable(fresh)
            as_owner(fresh, f'drop extension if exists "{name}" cascade')
    symbols = {library: " ".join(sorted(name for each, name in found if each == library)) for library, _ in found}
    lines = [
        textwrap.fill(f"{library}: {symbols[library]}", 118, subsequent_indent="  ") for library in sorted(symbols)
    ]
    text = "\n".join([*lines, ""])
    head, _, reviewed = REVIEWED.read_text().partition("\n\n")
    if request.config.getoption("--update-cases"):
        REVIEWED.write_text(f"{head}\n\n{text}")
        return
    assert text == reviewed


SHADOWED = """
do $$
declare
  each record;
begin
  create schema evil;
  for each in select distinct proname, arguments
    from pg_proc, unnest(array['text', 'text, text', 'text, text, text', 'varchar, varchar', 'name, name',
      'text[], text', 'text, name']) as arguments
    where pronamespace = 'pg_catalog'::regnamespace and prokind = 'f' and pronargs < 4 and proname ~ '^[a-z]'
      and (provariadic <> 0 or 'text'::regtype = any(proargtypes) or 'anyelement'::regtype = any(proargtypes)
        or 'anyarray'::regtype = any(proargtypes)) loop
    execute format('create function evil.%I(%s) returns text language plpgsql as $f$ begin if'
      ' (select rolsuper from pg_roles where rolname = current_user) then raise exception ''called by the superuser'';'
      ' end if; return null; end $f$', each.proname, each.arguments);
  end loop;
end $$;
"""


def test_no_script_that_the_superuser_runs_calls_a_function_of_its_schema(fresh: Database) -> None:
    as_owner(fresh, SHADOWED)
    errors: dict[str, str] = {}
    for (name,) in fresh.run(EXTENSIONS):
        as_owner(fresh, f'drop extension if exists "{name}" cascade')
        try:
            as_owner(fresh, f'create extension "{name}" schema evil cascade')
        except psycopg.Error as error:
            errors[name] = str(error)
        as_owner(fresh, f'drop extension if exists "{name}" cascade')
    assert "is null" in errors["pg_hashids"]  # what migrations' own role runs may call them, and does
    assert {name for name, error in errors.items() if "called by the superuser" in error} == set()


@contextlib.contextmanager
def superuser() -> Iterator[psycopg.Connection]:
    """Be what no migration becomes, to see that the confinement holds without the database's own limits."""
    with (
        embedded_server.server(OPEN_LOGIN_RULES) as running,
        psycopg.connect(running.database(), autocommit=True) as session,
    ):
        yield session


@needs_landlock
class TestConfinement:
    @pytest.mark.parametrize(
        "statement",
        [
            "copy (select 1) to program 'echo x >{folder}/mark'",
            "copy (select 1) to '{folder}/mark'",
            "select lo_export(lo_from_bytea(0, 'x'), '{folder}/mark')",
            "copy (select 1) to program 'cat {folder}/secret'",
            "select pg_read_file('{folder}/secret')",
            "select pg_ls_dir('{folder}')",
            "select lo_import('{folder}/secret')",
            "copy (select 1) to program 'ln {folder}/secret \"$PWD\"/x'",
            "copy (select 1) to program 'rm {folder}/secret'",
            "copy (select 1) to program 'mv {folder}/secret {folder}/mark'",
            "copy (select 1) to program 'mkdir {folder}/mark'",
            "copy (select 1) to program 'chmod 600 {folder} && : >{folder}/mark'",
            "copy (select 1) to program 'cp /bin/sh {folder}/mark'",
            "copy (select 1) to program 'kill -s 0 {pid}'",
            "create table t (a text); copy t from '/etc/hosts'",
        ],
    )
    def test_what_gets_to_the_superuser_gets_no_further(self, shared: Path, statement: str) -> None:
        with superuser() as session, pytest.raises(psycopg.Error):
            session.execute(statement.format(folder=shared, pid=os.getpid()).encode())
        assert sorted(path.name for path in shared.iterdir()) == ["secret"]

    def test_no_network(self, shared: Path) -> None:
        if "no network" not in OFFERED:
            pytest.skip(OFFERED)
        with socket.create_server(("127.0.0.1", 0)) as listening, superuser() as session:
            port = listening.getsockname()[1]
            session.execute("create extension dblink")
            with pytest.raises(psycopg.Error, match="Permission denied"):
                session.execute(f"select dblink_connect('host=127.0.0.1 port={port} user=x password=x')".encode())
            listening.setblocking(False)
            with pytest.raises(BlockingIOError):
                listening.accept()

    def test_it_works_within_its_folder(self) -> None:
        with superuser() as session:
            session.execute("copy (select 1) to program 'cat >/dev/null; echo x >mark'")
            assert session.execute("select pg_read_file('mark')").fetchall() == [("x\n",)]


def test_without_landlock_the_server_runs_and_doctor_says_so(
    monkeypatch: pytest.MonkeyPatch, shared: Path
) -> None:
    monkeypatch.setitem(sys.modules, "landlockpy", None)
    monkeypatch.setattr(confinement.importlib.util, "find_spec", lambda _: None)
    assert confinement.confinement_offered().startswith("not confined: the package landlockpy is not installed")


@needs_landlock
def test_a_kernel_that_refuses_leaves_the_server_free(monkeypatch: pytest.MonkeyPatch, shared: Path) -> None:
    import landlockpy

    def refused(_: object) -> None:
        raise landlockpy.LandlockError(1, "Operation not permitted")

    monkeypatch.setattr(landlockpy.Ruleset, "restrict", refused)
    assert confinement.confinement_offered() == "not confined: this system does not offer Landlock"
    with superuser() as session:
        session.execute(f"copy (select 1) to '{shared}/mark'".encode())
    assert (shared / "mark").read_text() == "1\n"

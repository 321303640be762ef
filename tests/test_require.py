"""``require``: whether every table and enum needs a class, and ``update --add`` where they do not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from schema_sync import cli

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database

TABLES = """
create type mood as enum ('sad', 'ok');
create table aaa (id int primary key);
create table orders (id int primary key, mood mood not null);
create table users (id int primary key);
create view totals as select count(*) as n from orders;
"""
QUERY = """from supabase import create_client

create_client("url", "key").table("orders").select("id").execute()
"""
MODEL = """from pydantic import BaseModel


class Settings(BaseModel):
    debug: bool
"""
ROW = '''from typing import TypedDict


class UserRow(TypedDict):
    """Table: public.users"""

    id: int
'''
OTHER_ROWS = """

class AaaRow(TypedDict):
    id: int


class OrderRow(TypedDict):
    id: int
    mood: str
"""
ROWS = {"table-undeclared aaa", "table-undeclared orders", "table-undeclared users"}
MAPPED = """from sqlalchemy import Integer
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Aaa(Base):
    __tablename__ = "aaa"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    mood: Mapped[str]


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
"""
LINE = "4 tables and 1 enum have no class, and need none: `schema-sync update --add public.{}` writes one"


@pytest.fixture
def project(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    database.run(TABLES)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schema-sync.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUPABASE_DB_URL", database.dsn)
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str]) -> tuple[set[str], str]:
    capsys.readouterr()
    cli.run(["check", "--format", "json", "-q", "--source", "dsn"])
    shown = capsys.readouterr()
    found: list[dict[str, Any]] = json.loads(shown.out)["findings"]
    return {f"{f['rule']} {f['object']['name']}" for f in found}, shown.err


UNDECLARED = {
    "table-undeclared aaa",
    "table-undeclared orders",
    "table-undeclared users",
    "view-undeclared totals",
    "enum-undeclared mood",
}


class TestWhatFits:
    """Where the configuration leaves it open."""

    def test_an_empty_project_needs_all(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        found, err = checked(capsys)
        assert found == UNDECLARED
        assert "have no class" not in err

    def test_a_project_with_queries_needs_none(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "main.py").write_text(QUERY)
        assert checked(capsys) == (set(), LINE.format("orders") + "\n")
        assert cli.run(["check"]) == 0

    def test_so_does_one_with_models(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "schemas/models.py").write_text(MODEL)
        assert checked(capsys) == (set(), LINE.format("mood") + "\n")

    def test_row_classes_for_most_tables_mean_all(
        self, project: Path, database: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (project / "main.py").write_text(QUERY)
        (project / "schemas/rows.py").write_text(ROW + OTHER_ROWS)
        database.run("create table extra (id int primary key)")
        assert checked(capsys)[0] == UNDECLARED - ROWS | {"table-undeclared extra"}
        database.run("create table more (id int primary key)")
        assert checked(capsys)[0] == set()

    def test_those_of_sqlalchemy_do_not(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "main.py").write_text(QUERY)
        (project / "schemas/tables.py").write_text(MAPPED)
        assert checked(capsys) == (set(), LINE.format("mood").replace("4 tables", "1 table") + "\n")

    def test_a_file_of_ours_means_all(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "main.py").write_text(QUERY)
        (project / "schemas/enums.py").write_text("")
        assert checked(capsys)[0] == UNDECLARED


class TestDeclared:
    @pytest.fixture(autouse=True)
    def _queries(self, project: Path) -> None:
        (project / "main.py").write_text(QUERY)

    def test_an_update_writes_no_class(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.run(["update"]) == 0
        assert sorted(path.name for path in (project / "schemas").iterdir()) == [
            "__init__.py",
            "schema_lock.json",
            "schema_version.py",
        ]
        assert checked(capsys) == (set(), LINE.format("orders") + "\n")  # the lock does not change it

    def test_one_is_written_when_asked_for(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.run(["update", "--add", "public.orders"]) == 0
        assert "class OrderRow(TypedDict):" in (project / "schemas/database/entities.py").read_text()
        assert not (project / "schemas/enums.py").exists()
        found, err = checked(capsys)
        assert found == set()
        assert err.startswith("3 tables and 1 enum have no class")
        assert cli.run(["update", "--add", "mood", "--add", "aaa"]) == 0
        assert "class Mood(" in (project / "schemas/enums.py").read_text()
        assert checked(capsys)[1].startswith("2 tables have no class")
        before = {path: path.read_bytes() for path in (project / "schemas").rglob("*.*")}
        assert cli.run(["update", "--add", "mood"]) == 0
        assert {path: path.read_bytes() for path in (project / "schemas").rglob("*.*")} == before

    def test_all_are_written_when_asked_for(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.run(["update", "--add", "*"]) == 0
        assert checked(capsys) == (set(), "")

    def test_a_class_that_is_there_is_compared(
        self, project: Path, database: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        cli.run(["update", "--add", "users"])
        database.run("alter table users add name text; alter table orders add name text; drop table aaa")
        assert checked(capsys)[0] == {"column-undeclared users"}
        assert cli.run(["update"]) == 0
        assert "name: Optional[str]" in (project / "schemas/database/entities.py").read_text()
        database.run("drop table users")
        assert checked(capsys)[0] == {"table-removed users"}

    def test_an_enum_that_a_new_column_names_is_written_with_it(self, project: Path) -> None:
        (project / "schema-sync.toml").write_text('enum-columns = "enum"\n')
        assert cli.run(["update", "--add", "orders"]) == 0
        assert "mood: Mood" in (project / "schemas/database/entities.py").read_text()
        assert "class Mood(" in (project / "schemas/enums.py").read_text()

    def test_a_name_that_is_not_there(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.run(["update", "--add", "ordres"]) == 2
        err = capsys.readouterr().err
        assert "no table, view or enum is called ordres" in err
        assert "Did you mean public.orders?" in err
        assert not (project / "schemas/schema_lock.json").exists()

    def test_the_configuration_wins(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        cli.run(["update"])
        (project / "schema-sync.toml").write_text('require = "all"\n')
        assert checked(capsys)[0] == UNDECLARED
        (project / "main.py").unlink()
        (project / "schema-sync.toml").write_text('require = "declared"\n')
        assert checked(capsys) == (set(), LINE.format("mood") + "\n")
        (project / "schema-sync.toml").write_text('require = "some"\n')
        assert cli.run(["check"]) == 2

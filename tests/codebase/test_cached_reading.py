"""Whatever is kept from the last run, a check shows the same bytes as without it, and an update edits what is there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

import casefile
from codebase.queries import test_query_corpus as corpus
from comparing import catalog, table
from schema_sync import cli
from schema_sync.codebase import reader
from schema_sync.codebase.queries import reader as query_reader
from schema_sync.model.snapshot import encode_snapshot
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Database

CASES = Path(__file__).parents[1] / "cases"
CLASSES = sorted(path for path in CASES.rglob("*.case") if path.parent.name != "queries")
HEAD = "from supabase import create_client\n\ndb = create_client('u', 'k')\n"


def thrice(result: Callable[[bool], bytes]) -> bytes:
    """The one result without a cache, with an empty one, and with a full one."""
    found = [result(False), result(True), result(True)]
    assert found[0] == found[1] == found[2]
    return found[0]


def nothing_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object, **_more: object) -> object:
        raise AssertionError("a file was parsed")

    monkeypatch.setattr(query_reader, "file_queries", fail)
    monkeypatch.setattr(reader, "read_sources", fail)


def test_every_program_with_queries(
    database: Database,
    cache: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database.run((corpus.FOLDER / "schema.sql").read_text())
    (tmp_path / "clients.py").write_text(corpus.CLIENTS)
    for number, program in enumerate(corpus.PROGRAMS.values()):
        (tmp_path / f"app_{number}.py").write_text(program.text)
    monkeypatch.chdir(tmp_path)

    def shown(cached: bool) -> bytes:
        cli.run(["check", "--format", "json", "--source", database.dsn, *([] if cached else ["--no-cache"])])
        captured = capsys.readouterr()
        return (captured.out + captured.err).encode()

    assert thrice(shown).count(b'"rule"') > 100
    nothing_is_parsed(monkeypatch)
    shown(True)


@pytest.mark.parametrize("path", CLASSES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_classes_of_every_case(
    path: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in casefile.load(path).before.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())

    def read(cached: bool) -> bytes:
        found = checks.read_code(projects.open_project(tmp_path, cached=cached))
        return msgspec.msgpack.encode(found, order="deterministic")

    thrice(read)
    if not checks.read_code(projects.open_project(tmp_path)).unreadable:
        nothing_is_parsed(monkeypatch)
        read(True)


class TestQueries:
    @pytest.fixture
    def project(self, cache: Path, tmp_path: Path) -> Path:
        """A project with one query, which has been read."""
        (tmp_path / "app.py").write_text(HEAD + 'db.table("orders").select("id").execute()\n')
        assert names(tmp_path) == ["orders"]
        return tmp_path

    def test_the_content_counts_not_its_time(self, project: Path) -> None:
        file = project / "app.py"
        before = file.stat()
        file.write_text(file.read_text().replace("orders", "orderz"))
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert file.stat().st_size == before.st_size
        assert names(project) == ["orderz"]

    def test_the_path_counts(self, project: Path) -> None:
        (project / "app.py").rename(project / "other.py")
        (query,) = checks.read_project_queries(projects.open_project(project)).queries
        assert query.path == "other.py"

    def test_wrappers_count(self, project: Path) -> None:
        with (project / "app.py").open("a") as file:
            file.write('db.fetch("notes")\n')
        assert names(project) == ["orders"]
        (project / "schema-sync.toml").write_text('[[query-wrappers]]\ncall = "db.fetch"\n')
        assert sorted(names(project)) == ["notes", "orders"]

    def test_a_file_that_cannot_be_parsed_is_reported_each_time(self, project: Path) -> None:
        (project / "old.py").write_text(HEAD + 'print "x"\ndb.table("notes")\n')
        for _ in range(3):
            (found,) = checks.read_project_queries(projects.open_project(project)).unreadable
            assert (found.at.path, found.at.line) == ("old.py", 4)

    @pytest.mark.parametrize("how", ["option", "option before", "variable"])
    def test_nothing_is_kept_where_it_is_not_wanted(
        self, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        (tmp_path / "app.py").write_text(HEAD + 'db.table("orders").select("id").execute()\n')
        (tmp_path / "db.json").write_bytes(encode_snapshot(catalog(table("orders", "id int8"))))
        monkeypatch.chdir(tmp_path)
        command = ["uses", "orders", "--source", "snapshot:db.json"]
        if how == "variable":
            monkeypatch.setenv(projects.NO_CACHE, "1")
        asked = {"option": [*command, "--no-cache"], "option before": ["--no-cache", *command]}
        assert cli.run(asked.get(how, command)) == 0
        assert not cache.exists()
        monkeypatch.delenv(projects.NO_CACHE, raising=False)
        assert cli.run(command) == 0
        assert cache.exists()


class TestClasses:
    @pytest.fixture
    def project(self, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A project whose classes have been written and read."""
        (tmp_path / "db.json").write_bytes(encode_snapshot(catalog(table("orders", "id int8", "total text"))))
        monkeypatch.chdir(tmp_path)
        for command in ("update", "check"):
            assert cli.run([command, "--source", "snapshot:db.json"]) == 0
        return tmp_path

    def test_an_update_edits_what_is_there(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = project / "schemas/database/entities.py"
        written = file.read_text()
        with monkeypatch.context() as warm:
            nothing_is_parsed(warm)
            assert cli.run(["check", "--source", "snapshot:db.json"]) == 0
        file.write_text("# A comment.\n" + written.replace("    total: str\n", ""))
        assert cli.run(["update", "--source", "snapshot:db.json"]) == 0
        assert file.read_text() == "# A comment.\n" + written

    def test_a_file_that_can_no_longer_be_opened_is_reported(self, project: Path) -> None:
        (project / "schemas/more.py").symlink_to("/dev/full")
        (project / "schema-sync.toml").write_text('include = ["schemas/**/*.py", "schemas/more.py"]\n')
        (found,) = checks.read_code(projects.open_project(project)).unreadable
        assert found.at.path == "schemas/more.py"

    def test_a_file_that_cannot_be_parsed_is_reported_each_time(self, project: Path) -> None:
        (project / "schemas/more.py").write_text("class\n")
        for _ in range(3):
            (found,) = checks.read_code(projects.open_project(project)).unreadable
            assert found.at.path == "schemas/more.py"


def names(root: Path) -> list[str | None]:
    queries = checks.read_project_queries(projects.open_project(root)).queries
    return [query.name and query.name.value for query in queries]

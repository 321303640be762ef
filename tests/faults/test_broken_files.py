"""Files that a repository brings, broken in every way: each ends in a message that names it, and its exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from broken_project import IRREGULAR, LIVE, LOCK, Project, made, tree

from schema_sync.errors import ConfigError, SourceError, UsageError
from schema_sync.model.request import Request
from schema_sync.remote import credentials
from schema_sync.replay.migration_files import find
from schema_sync.repository_files import IrregularFileError, TextError, read_bytes, read_text, text_of
from schema_sync.usecases import project as projects

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    return made(tmp_path, monkeypatch, capsys)


class TestConfiguration:
    """Whatever is wrong in it, the message names the file; exit code 2."""

    @pytest.mark.parametrize(
        ("name", "content", "says"),
        [
            ("pyproject.toml", "tool = 3", "tool is not a table"),
            ("pyproject.toml", "tool = [1]", "tool is not a table"),
            ("pyproject.toml", "[tool]\nschema-sync = 3", "tool.schema-sync is not a table"),
            ("pyproject.toml", "[tool]\nschema-sync = 'x'", "tool.schema-sync is not a table"),
            ("pyproject.toml", "[tool]\nschema-sync = []", "tool.schema-sync is not a table"),
            ("pyproject.toml", "[[tool.schema-sync]]\ntitle = 'x'", "tool.schema-sync is not a table"),
            ("schema-sync.toml", "a = " + "[" * 5000, "nested too deeply"),
            ("schema-sync.toml", "a = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
            ("schema-sync.toml", "a = " + "{a=" * 5000, "nested too deeply"),
            ("schema-sync.toml", "types" + ".a" * 5000 + " = 1", "Expected `str`"),
            ("schema-sync.toml", "types.x = '" + "a." * 50_000 + "a'", "nested too deeply"),
            ("schema-sync.toml", "types.x = '" + "-" * 50_000 + "a'", "nested too deeply"),
            ("schema-sync.toml", 'title = "a\\u0000"', "holds a NUL character"),
            ("schema-sync.toml", "title = 'a\0'", "a NUL character in line 1"),
            ("schema-sync.toml", b"a = 1\ntitle = '\xff'", "not UTF-8: byte 0xff in line 2"),
            ("schema-sync.toml", b"\xff\xfea\0", "not UTF-8 but UTF-16"),
            ("schema-sync.toml", b"#" * 1024 * 1025, "it is larger than 1 MB"),
            ("scripts/schema_sync_config.json", '{"a":' * 50_000, "nested too deeply"),
            ("scripts/schema_sync_config.json", '{"a":' * 50_000 + "1" + "}" * 50_000, "nested too deeply"),
            ("scripts/schema_sync_config.json", "[" * 50_000, "nested too deeply"),
            ("scripts/schema_sync_config.json", "[]", "expected an object"),
            ("scripts/schema_sync_config.json", "", "Expecting value"),
            ("scripts/schema_sync_config.json", '{"title": "\\ud800"}', "half of a surrogate pair"),
            ("scripts/schema_sync_config.json", '{"\\udfff": "x"}', "half of a surrogate pair"),
            ("scripts/schema_sync_config.json", '{"bindings": {"A": "\\udc80.b"}}', "half of a surrogate pair"),
            ("scripts/schema_sync_config.json", '{"paths": {"enums": "a\\u0000.py"}}', "holds a NUL character"),
            ("scripts/schema_sync_config.json", '{"include": ["a\\u0000/**"]}', "holds a NUL character"),
            ("scripts/schema_sync_config.json", '{"exclude": ["\\u0000"]}', "holds a NUL character"),
            ("scripts/schema_sync_config.json", '{"notify": {"state": "x\\u0000"}}', "holds a NUL character"),
            ("scripts/schema_sync_config.json", '{"schemas": ["pub\\u0000lic"]}', "holds a NUL character"),
            ("scripts/schema_sync_config.json", '{"title": ' + "9" * 5000 + "}", "Exceeds the limit"),
        ],
    )
    def test_broken(self, project: Project, name: str, content: str | bytes, says: str) -> None:
        project.write(name, content)
        code, out, err = project.run("check")
        assert (code, out) == (2, "")
        assert err.startswith(f"Error: {name}: ")
        assert says in err

    @pytest.mark.parametrize("how", ["pipe", "endless device", "null device", "socket", "circle of links"])
    @pytest.mark.parametrize("name", ["schema-sync.toml", "pyproject.toml", "scripts/schema_sync_config.json"])
    def test_irregular(self, project: Project, name: str, how: str) -> None:
        (project.root / name).parent.mkdir(exist_ok=True)
        IRREGULAR[how][0](project.root / name)
        code, _, err = project.run("check")
        assert code == 2
        assert f"{name}: {IRREGULAR[how][1]}" in err
        code, _, err = project.run("check", "--config", name)
        assert code == 2
        assert f"{name}: {IRREGULAR[how][1]}" in err

    def test_a_name_that_no_file_can_have(self, project: Project) -> None:
        with pytest.raises(ConfigError, match="no file can have this name"):
            projects.open_project(project.root, config="a\0b.toml")


class TestSurroundings:
    """``.env``, and the files of Supabase's CLI: one reader."""

    def request(self, root: Path) -> Request:
        return Request(schemas=("public",), root=root, environment={"HOME": str(root)}, lock=LOCK)

    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    def test_a_byte_order_mark_makes_no_difference(self, tmp_path: Path, mark: bytes) -> None:
        (tmp_path / "supabase/.temp").mkdir(parents=True)
        text = b'project_id = "abcdefghijklmnopqrst"\n[db]\nport = 4321\n[db.migrations]\nschema_paths = ["./x.sql"]\n'
        (tmp_path / credentials.CONFIG_FILE).write_bytes(mark + text)
        (tmp_path / "supabase/x.sql").write_text("select 1;")
        assert credentials.local_port(self.request(tmp_path), "db") == 4321
        assert [file.name for file in find(tmp_path, "").files] == ["x.sql"]
        (tmp_path / credentials.REF_FILE).write_bytes(mark + b"of-the-file\n")
        found = credentials.project(self.request(tmp_path))
        assert found is not None
        assert found.value == "of-the-file"
        (tmp_path / ".env").write_bytes(mark + b"SUPABASE_PROJECT_ID=of-dotenv\n")
        found = credentials.project(self.request(tmp_path))
        assert found is not None
        assert found.value == "of-dotenv"

    @pytest.mark.parametrize("name", [credentials.CONFIG_FILE, credentials.REF_FILE, credentials.DOTENV])
    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"A=1\n\xff", "not UTF-8: byte 0xff in line 2"),
            (b"A=\0", "a NUL character in line 1"),
            (b"#" * 1024 * 1025, "it is larger than 1 MB"),
        ],
    )
    def test_broken(self, tmp_path: Path, name: str, content: bytes, says: str) -> None:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UsageError, match=f"{name} cannot be read: {says}"):
            credentials.project(self.request(tmp_path))

    @pytest.mark.parametrize("how", IRREGULAR)
    @pytest.mark.parametrize("name", [credentials.CONFIG_FILE, credentials.REF_FILE, credentials.POOLER_FILE])
    def test_irregular(self, tmp_path: Path, name: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        IRREGULAR[how][0](tmp_path / name)
        with pytest.raises(UsageError, match=f"{name} cannot be read: "):
            list(credentials.files(self.request(tmp_path)))

    @pytest.mark.parametrize("how", ["pipe", "endless device", "null device", "socket"])
    def test_a_dotenv_that_is_no_file_is_none(self, tmp_path: Path, how: str) -> None:
        IRREGULAR[how][0](tmp_path / ".env")
        assert credentials.dotenv(tmp_path) == {}

    def test_a_folder_of_that_name_is_none(self, tmp_path: Path) -> None:
        (tmp_path / ".env").mkdir()
        assert credentials.dotenv(tmp_path) == {}

    @pytest.mark.parametrize(
        "text",
        [
            "a = " + "[" * 5000,
            "a = " + "{a=" * 5000,
            "[db.migrations]\nschema_paths = " + "[" * 5000,
            "= 1",
            'a="\\ud800"',
        ],
    )
    def test_one_that_no_reader_takes(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "supabase/schemas").mkdir(parents=True)
        (tmp_path / credentials.CONFIG_FILE).write_text(text)
        with pytest.raises(UsageError, match=r"config\.toml cannot be read"):
            credentials.local_port(self.request(tmp_path), "db")
        with pytest.raises(SourceError, match=r"config\.toml"):
            find(tmp_path, "")

    def test_a_variable_that_is_no_text(self, tmp_path: Path) -> None:
        request = Request(
            schemas=("public",), root=tmp_path, environment={"DATABASE_URL": "postgresql://\udcff"}, lock=LOCK
        )
        with pytest.raises(UsageError, match="DATABASE_URL in the environment is not UTF-8"):
            credentials.connection_string(request)


class TestPython:
    """Code in files that cannot be read: it is reported, exit code 2, and never taken for absent."""

    FORMATS = ("text", "json", "jsonl", "sarif", "gitlab", "github", "junit", "html", "markdown")
    NAMES = (b"n\xe9.py", b"\xff\xfe.py", b"a\x80/b.py", b"\xed\xa0\x80.py")

    @pytest.mark.parametrize("content", [b"class A:\n    pass\n", b"def (", b"\xff", b"x = " + b"(" * 5000])
    @pytest.mark.parametrize("name", NAMES)
    def test_its_name_is_not_utf8(self, project: Project, name: bytes, content: bytes) -> None:
        project.write(f"schemas/{os.fsdecode(name)}", content)
        for format_name in self.FORMATS:
            code, out, err = project.run("check", "--format", format_name)
            assert code == 2, format_name
            assert "the file's name is not UTF-8" in err
            out.encode()
        before = tree(project.root / "schemas")
        for command in ("diff", "update", "update --dry-run", "report --output r.sarif"):
            assert project.run(*command.split())[0] == 2, command
        assert tree(project.root / "schemas") == before
        project.write("schema-sync.toml", 'exclude = ["schemas/[!a-z_]*", "schemas/n*", "schemas/a[!a-z_]*"]')
        assert project.run("check")[0] == 0

    @pytest.mark.parametrize(
        "code",
        [
            'class Mood(Enum):\n    A = "\\ud800"\n',
            'class Mood(str, Enum):\n    SAD = "sad"\n    B = "\\udc80x"\n',
            'Mood = Literal["sad", "\\ud800"]\n',
            'UserRow = TypedDict("UserRow", {"\\ud800": int})\n',
            'class GoneRow(TypedDict):\n    """Table: public."a\\ud800" """\n',
            'class GoneRow(TypedDict):\n    """Table: "\\udfff"."a" """\n',
            'class UserRow(TypedDict):\n    id: Literal["\\ud800"]\n',
            'class UserRow(TypedDict):\n    id: "\\ud800"\n',
        ],
    )
    def test_its_literals_are_no_unicode(self, project: Project, code: str) -> None:
        for name in ("schemas/enums.py", "schemas/database/entities.py"):
            project.write(name, "")
        project.write("schemas/a.py", f"from enum import Enum\nfrom typing import Literal, TypedDict\n\n\n{code}")
        for format_name in self.FORMATS:
            assert project.run("check", "--format", format_name)[0] in {0, 1, 2}, format_name
        for command in ("diff", "update --dry-run", "report --output r.json", "update"):
            assert project.run(*command.split())[0] in {0, 1, 2}, command
        assert project.run("check", source="lock")[0] in {0, 1, 2}

    @pytest.mark.parametrize("how", ["pipe", "endless device", "socket"])
    def test_one_that_is_named_and_irregular(self, project: Project, how: str) -> None:
        (project.root / "schemas/enums.py").unlink()
        IRREGULAR[how][0](project.root / "schemas/enums.py")
        code, _, err = project.run("check")
        assert code == 2
        assert f"could not read schemas/enums.py:1:1: {IRREGULAR[how][1]}" in err

    def test_folders_and_files_without_permission(self, project: Project) -> None:
        """Root sees all, so its right to is dropped."""
        project.write("schemas/locked/a.py", "")
        project.write("schemas/half/b.py", "")
        closed = [project.root / name for name in ("schemas/locked", "schemas/half", "schemas/enums.py")]
        modes = (0o000, 0o444, 0o000)
        drop = "setpriv --bounding-set=-dac_override,-dac_read_search" if os.geteuid() == 0 else ""
        try:
            for path, mode in zip(closed, modes, strict=True):
                path.chmod(mode)
            for command, code in (("check", 2), ("diff", 2), ("update", 2), ("doctor", 2), ("init --dry-run", 0)):
                source = "" if command in {"doctor", "init --dry-run"} else f"--source {LIVE}"
                done = project.shell(f'{drop} "$PYTHON" -m schema_sync {command} {source}', PYTHON=sys.executable)
                assert done.returncode == code, (command, done.stderr)
                if code == 2 and command != "doctor":
                    for path in ("schemas/locked", "schemas/half/b.py", "schemas/enums.py"):
                        assert f"could not read {path}:1:1: Permission denied".encode() in done.stderr
        finally:
            for path in closed:
                path.chmod(0o755)

    def test_a_file_larger_than_code_is(self, project: Project) -> None:
        file = project.write("schemas/large.py", "")
        os.truncate(file, 65 * 1024 * 1024)
        code, _, err = project.run("check")
        assert code == 2
        assert "schemas/large.py:1:1: it is larger than 64 MB" in err


class TestReader:
    def test_a_file_that_is_exchanged_once_it_is_looked_at(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        good, opened = tmp_path / "good", os.open
        good.write_text("x")
        os.mkfifo(tmp_path / "pipe")
        monkeypatch.setattr(os, "open", lambda _, flags: opened(tmp_path / "pipe", flags))
        with pytest.raises(IrregularFileError, match="named pipe"):
            read_bytes(good, 10)

    @pytest.mark.parametrize("size", [0, 1, 9, 10])
    def test_up_to_the_bound(self, tmp_path: Path, size: int) -> None:
        (tmp_path / "a").write_bytes(b"x" * size)
        assert read_bytes(tmp_path / "a", 10) == b"x" * size

    @pytest.mark.parametrize("size", [11, 100])
    def test_above_the_bound(self, tmp_path: Path, size: int) -> None:
        (tmp_path / "a").write_bytes(b"x" * size)
        with pytest.raises(OSError, match="larger than"):
            read_bytes(tmp_path / "a", 10)

    def test_a_file_that_grows_while_it_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a").write_bytes(b"x")
        monkeypatch.setattr(os, "read", lambda _, count: b"x" * count)
        with pytest.raises(OSError, match="larger than 1 MB"):
            read_text(tmp_path / "a")

    @pytest.mark.parametrize("name", ["a\0b", "\ud800", "a" * 5000, "a/b", "missing"])
    def test_names_of_no_file(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "a").write_text("")
        with pytest.raises(OSError, match=r"."):
            read_bytes(tmp_path / name, 10)

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"\xff", "byte 0xff in line 1"),
            (b"\xef\xbb\xbfa\n\n\xc3(", "byte 0xc3 in line 3"),
            (b"a\r\n\xe9", "byte 0xe9 in line 2"),
            (b"\xed\xa0\x80", "byte 0xed in line 1"),
            (b"\xc0\x80", "byte 0xc0 in line 1"),
            (b"a\n\0", "NUL character in line 2"),
        ],
    )
    def test_the_place_of_what_is_no_text(self, content: bytes, says: str) -> None:
        with pytest.raises(TextError, match=says):
            text_of(content)

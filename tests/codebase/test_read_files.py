"""Which files are read, and which cannot be."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest
from readings import ENUMS, IMPORTS, enums, labels

from schema_sync.codebase.chosen_files import collect
from schema_sync.codebase.reader import read_sources
from schema_sync.model.declarations import Codebase, Location


class TestUnreadable:
    @pytest.mark.parametrize(
        ("content", "line", "column", "why"),
        [
            (b"x = 1\nclass A(:\n", 2, 9, "invalid syntax"),
            ("ä = (", 1, 5, "'(' was never closed"),
            (b"x = 1\ny = '\0'\n", 2, 6, "null bytes"),
            (b"x = 1\ny = '\xff'\n", 2, 6, "can't decode byte"),
            (b"x = 1\n\ny = '\xff'\n", 3, 6, "can't decode byte"),
            (b"# coding: nonsense\n", 1, 1, "nonsense"),
            (b"# coding: hex\n", 1, 1, "hex"),
            (b"\xef\xbb\xbf# coding: latin-1\n", 1, 1, "utf-8"),
            ("x = '\ud800'", 1, 1, "surrogates"),
            ("x = " + "-" * 100_000 + "1", 1, 1, "nested too deeply"),
            ("x = a" + ".b" * 100_000, 1, 1, "nested too deeply"),
        ],
    )
    def test_is_reported_and_the_rest_counts(self, content: bytes | str, line: int, column: int, why: str) -> None:
        good = f"{IMPORTS}class A(TypedDict):\n x: int\n"
        codebase = read_sources({"a.py": good, "b.py": content, "c.py": good})
        assert [row.id for row in codebase.rows] == ["a.py:A", "c.py:A"]
        (unreadable,) = codebase.unreadable
        assert unreadable.at == Location(path="b.py", line=line, column=column)
        assert why in unreadable.why
        assert codebase.files == ("a.py", "b.py", "c.py")

    @pytest.mark.parametrize(
        "content",
        [
            "from enum import *\nclass E(Enum):\n A = 'é'\n".encode("utf-8-sig"),
            "# -*- coding: latin-1 -*-\nfrom enum import *\nclass E(Enum):\n A = 'é'\n".encode("latin-1"),
            "\ufefffrom enum import *\nclass E(Enum):\n A = 'é'\n",
            "# coding: latin-1\nfrom enum import *\nclass E(Enum):\n A = 'é'\n",
        ],
    )
    def test_encodings(self, content: bytes | str) -> None:
        codebase = read_sources({"a.py": content})
        assert [labels(enum) for enum in codebase.enums] == [["A=é"]]

    def test_warnings_of_the_parser_are_not_ours(self) -> None:
        assert list(enums(f"{IMPORTS}class E(Enum):\n A = '\\d'\n")) == ["E"]

    def test_long_chains_of_statements_and_operators(self) -> None:
        source = f"{IMPORTS}class E(Enum):\n A = 'a'\nx = {'+'.join(['E.A'] * 900)}\n"
        assert len(read_sources({"a.py": source}).uses) == 900

    def test_a_long_chain_of_branches(self) -> None:
        branches = "".join(f"elif x == {n}:\n y = E.A\n" for n in range(300))
        assert len(read_sources({"a.py": f"{IMPORTS}class E(Enum):\n A = 'a'\nif x: ...\n{branches}"}).uses) == 300

    def test_the_collector_is_as_it_was(self) -> None:
        read_sources({})
        assert gc.isenabled()
        gc.disable()
        try:
            read_sources({})
            assert not gc.isenabled()
        finally:
            gc.enable()


class TestFiles:
    def write(self, root: Path, *paths: str) -> None:
        for path in paths:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(ENUMS)

    @pytest.mark.parametrize(
        ("include", "exclude", "expected"),
        [
            (["schemas/**/*.py"], [], "schemas/a.py schemas/d/b.py schemas/d/e/c.py"),
            (["schemas/*.py"], [], "schemas/a.py"),
            (["schemas/*/*.py"], [], "schemas/d/b.py"),
            (["schemas/**/e/*.py"], [], "schemas/d/e/c.py"),
            (["schemas/**"], [], "schemas/a.py schemas/d/b.py schemas/d/e/c.py"),
            (["schemas"], [], "schemas/a.py schemas/d/b.py schemas/d/e/c.py"),
            (["./schemas/a.py"], [], "schemas/a.py"),
            (["schemas/d/[bx].py", "schemas/d/[!b].py"], [], "schemas/d/b.py"),
            (["schemas/d/[z-a].py", "schemas/d/[b"], [], ""),
            (["schemas/?.py"], [], "schemas/a.py"),
            (["**/*.pyi"], [], "stubs/s.pyi"),
            (["**/a*"], [], "schemas/a.py"),
            (["*"], ["schemas", "stubs/*"], "other.py"),
            (["."], ["schemas/d/**", "o*"], "schemas/a.py stubs/s.pyi"),
            (["schemas/**/*.py"], ["**/e/*.py", "schemas/a.py"], "schemas/d/b.py"),
            ([".hidden/*.py"], [], ".hidden/h.py"),
            (["missing/**/*.py", "missing.py", "schemas/a.py/*.py"], [], ""),
            ([], [], ""),
        ],
    )
    def test_globs(self, tmp_path: Path, include: list[str], exclude: list[str], expected: str) -> None:
        self.write(tmp_path, "other.py", "schemas/a.py", "schemas/a.txt", "schemas/d/b.py", "schemas/d/e/c.py")
        self.write(
            tmp_path, ".hidden/h.py", ".venv/lib/x.py", "node_modules/n.py", "stubs/s.pyi", "env/pyvenv.cfg"
        )
        self.write(tmp_path, "env/lib/y.py", "schemas/.git/z.py", "schemas/__pycache__/q.py")
        codebase = read_sources(*collect(tmp_path, include, exclude))
        assert " ".join(codebase.files) == expected
        assert codebase.unreadable == ()
        assert len(codebase.enums) == len(codebase.files)

    def test_a_missing_root_is_empty(self, tmp_path: Path) -> None:
        assert read_sources(*collect(tmp_path / "missing", ["**/*.py"])) == Codebase()

    def test_files_beside_the_root(self, tmp_path: Path) -> None:
        self.write(tmp_path, "shared/a.py")
        (tmp_path / "project").mkdir()
        assert read_sources(*collect(tmp_path / "project", ["../shared/*.py"])).files == ("../shared/a.py",)

    def test_links_and_pipes(self, tmp_path: Path) -> None:
        self.write(tmp_path, "schemas/a.py", "elsewhere/b.py")
        (tmp_path / "schemas/loop").symlink_to(tmp_path / "schemas")
        (tmp_path / "schemas/self.py").symlink_to("self.py")
        (tmp_path / "schemas/gone.py").symlink_to("missing.py")
        (tmp_path / "schemas/b.py").symlink_to(tmp_path / "elsewhere/b.py")
        (tmp_path / "schemas/folder.py").mkdir()
        (tmp_path / "linked").symlink_to(tmp_path / "elsewhere")
        os.mkfifo(tmp_path / "schemas/pipe.py")
        codebase = read_sources(*collect(tmp_path, ["schemas/**/*.py", "linked/*.py"]))
        assert codebase.files == ("linked/b.py", "schemas/a.py", "schemas/b.py")
        assert codebase.unreadable == ()

    def test_what_cannot_be_opened_is_reported(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.write(tmp_path, "schemas/a.py", "schemas/b.py", "schemas/d/c.py")
        opened, scandir = os.open, os.scandir

        def refuse_file(path: Path, flags: int) -> int:
            if path.name == "a.py":
                raise PermissionError(13, "Permission denied")
            return opened(path, flags)

        def refuse_folder(path: str) -> object:
            if str(path).endswith("d"):
                raise PermissionError(13, "Permission denied", str(path))
            return scandir(path)

        monkeypatch.setattr(os, "open", refuse_file)
        monkeypatch.setattr(os, "scandir", refuse_folder)
        codebase = read_sources(*collect(tmp_path, ["schemas/**/*.py"]))
        assert [f"{u.at} {u.why}" for u in codebase.unreadable] == [
            "schemas/a.py:1 Permission denied",
            "schemas/d:1 Permission denied",
        ]
        assert codebase.files == ("schemas/b.py",)
        assert [enum.id for enum in codebase.enums] == ["schemas/b.py:Mood"]

    def test_nothing_is_imported_or_run(self, tmp_path: Path) -> None:
        marker = tmp_path / "ran"
        (tmp_path / "effect.py").write_text(
            f"{ENUMS}import pathlib\npathlib.Path({str(marker)!r}).touch()\n1 / 0\n"
        )
        before = set(sys.modules)
        assert len(read_sources(*collect(tmp_path, ["*.py"])).enums) == 1
        assert not marker.exists()
        assert "effect" not in set(sys.modules) - before

    def test_the_order_of_files_does_not_show(self) -> None:
        sources = {f"{name}.py": f"from a import Mood\n{ENUMS}Mood.SAD\n" for name in "cab"}
        assert read_sources(sources) == read_sources(dict(sorted(sources.items())))
        assert [enum.at.path for enum in read_sources(sources).enums] == ["a.py", "b.py", "c.py"]

"""Credentials stay where they belong: malformed addresses are not shown, installed packages run nothing."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from schema_sync import cli
from schema_sync.model.request import Request
from schema_sync.sources import mcp
from schema_sync.sources.auto import shown

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "c4n4ry"
MALFORMED = [
    f"postgresql://u:{CANARY}@h:port/d",
    f"postgresql://u:pa ss{CANARY}@h/d",
    f"postgresql://u:{CANARY}/x@h/d",
    f"postgresql://u:@{CANARY}@h/d",
    f"postgresql://u:{CANARY}%@h/d",
    f"postgresql://u:{CANARY}@[h/d",
    f"postgresql://u:x y@{CANARY} @h/d",
    f"postgresql://h/d?%70assword={CANARY}",
    f"postgresql://h/d?pass word={CANARY}",
    f"postgres://u:{CANARY}@@@h",
    f"host=h password='{CANARY}",
    f"host=h password = {CANARY} x",
    f"host=h passwort={CANARY}",
    f"password=\\'{CANARY}",
    f"= {CANARY}",
    f"postgresql://u:pa ss{CANARY}\0@h/d",
    f"host=h password={CANARY} \0",
    f"postgres ql://u:{CANARY}@h",
]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATABASE_URL", "SUPABASE_DB_URL", "SUPABASE_ACCESS_TOKEN", "SUPABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestMalformedAddresses:
    @pytest.mark.parametrize("text", MALFORMED)
    @pytest.mark.parametrize("place", ["--source", "configuration", "DATABASE_URL", ".env", "pooler-url"])
    @pytest.mark.parametrize("form", ["text", "json"])
    def test_doctor(
        self,
        root: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        text: str,
        place: str,
        form: str,
    ) -> None:
        arguments = ["doctor", "--format", form]
        if place == "--source":
            arguments += ["--source", text]
        elif place == "configuration":
            (root / "schema-sync.toml").write_text(f"source = {json.dumps(text)}\n")
        elif place == "DATABASE_URL":
            text = text.replace("\0", "%00")  # no variable holds a NUL
            monkeypatch.setenv("DATABASE_URL", text)
        elif place == ".env":
            (root / ".env").write_text(f"DATABASE_URL={json.dumps(text)}\n")
        else:
            monkeypatch.setenv("SUPABASE_DB_PASSWORD", f"{CANARY}-db")
            (root / "supabase/.temp").mkdir(parents=True)
            (root / "supabase/.temp/pooler-url").write_text(text)
        code = cli.run(arguments)
        out, err = capsys.readouterr()
        assert CANARY not in out + err
        assert code == 2

    def test_what_is_harmless_is_shown(self) -> None:
        for word in (
            "auto",
            "migrations:supabase/migrations",
            "mcp:https://mcp.supabase.com/mcp?project_ref=x",
            "snapshot:a/b.json",
            "migrations:my app/db/migrations",
            "migrations:my app/base.sql,my app/sql",
            "snapshot:my app/b.json",
        ):
            assert shown(word) == word
        assert shown("postgresql://u:x@h:1/d?sslmode=require") == "postgresql://u@h:1/d"


@pytest.mark.parametrize("source", ["management", "postgrest"])
def test_without_httpx(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "httpx", None)
    find = __import__("importlib").util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "httpx" else find(name))
    monkeypatch.setenv("SUPABASE_URL", "https://abcdefghijklmnopqrst.supabase.co")
    monkeypatch.setenv("SUPABASE_SERVICE_KEY", "x")
    monkeypatch.setenv("SUPABASE_ACCESS_TOKEN", "x")
    assert cli.run(["check", "--source", source]) == 2
    err = capsys.readouterr().err
    assert f"Error: the source {source} needs the package httpx, which is not installed" in err
    assert "Hint: pip install 'supabase-schema-sync[http]'" in err


class TestInstallScripts:
    def asked(self, root: Path, **variables: str) -> dict[str, str]:
        request = Request(
            schemas=("public",),
            root=root,
            lock="x",
            environment={"SUPABASE_ACCESS_TOKEN": "t", "SUPABASE_PROJECT_ID": "p", **variables},
        )
        return dict(mcp.place(request).variables)

    def test_are_off(self, root: Path) -> None:
        assert self.asked(root)["npm_config_ignore_scripts"] == "true"
        (root / ".npmrc").write_text("ignore-scripts=false\n")  # npx starts elsewhere, and variables win
        (root / ".env").write_text("npm_config_ignore_scripts=false\n")
        assert self.asked(root)["npm_config_ignore_scripts"] == "true"

    def test_unless_the_user_wants_them(self, root: Path) -> None:
        assert self.asked(root, npm_config_ignore_scripts="false")["npm_config_ignore_scripts"] == "false"

    def test_the_program_gets_it(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        program = root / "npx"
        program.write_text(f'#!/bin/sh\necho "$npm_config_ignore_scripts" > {root}/seen\nexit 1\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{root}:/usr/bin:/bin")
        monkeypatch.setenv("SUPABASE_ACCESS_TOKEN", "t")
        monkeypatch.setenv("SUPABASE_PROJECT_ID", "p")
        monkeypatch.delenv("SCHEMA_SYNC_MCP_COMMAND", raising=False)
        assert cli.run(["check", "--source", "mcp"]) == 3, capsys.readouterr().err
        assert (root / "seen").read_text() == "true\n"

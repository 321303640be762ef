"""No secret leaves: canaries in every place that holds one, and a look at all that was said and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schema_sync import cli
from schema_sync.errors import mask
from schema_sync.remote import credentials, mcp_client
from sources.doors import DOORS, TOKEN, doors

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Database
    from sources.doors import Doors

pytestmark = pytest.mark.thorough

__all__ = ["doors"]
CANARY = "c4n4ry"
SCHEMA = f"""
create table users (id uuid primary key, name text);
create function stamp() returns trigger language plpgsql as $$ begin
  perform 'Bearer {CANARY}'; return new; end $$;
create trigger hook after insert on users for each row
  execute function stamp('https://example.com', '{{"Authorization": "Bearer {CANARY}"}}');
create policy mine on users using (name = '{CANARY}');
create table other (id int check (id::text <> '{CANARY}'), key text default '{CANARY}');
"""
COMMANDS = (
    ("-v", "check"),
    ("check", "--format", "json"),
    ("check", "--format", "markdown"),
    ("diff",),
    ("report",),
    ("update",),
    ("-v", "doctor"),
    ("doctor", "--format", "json"),
)
FAULTS = ("none", "401", "403", "404", "429 in an hour", "500", "502", "no JSON", "cut", "hang")


@pytest.fixture
def planted(doors: Doors, database: Database) -> Doors:
    database.run(SCHEMA)
    for name in credentials.SECRETS:
        if name not in {*credentials.DSN, credentials.TOKEN}:
            doors.set(**{name: f"{CANARY}-{name}"})
    lines = [f"{name}={CANARY}-in-dotenv" for name in (*credentials.SECRETS, "OTHER")]
    (doors.root / ".env").write_text("\n".join(lines))
    (doors.root / "home/.supabase").mkdir(parents=True)
    (doors.root / "home/.supabase/access-token").write_text(f"{CANARY}-of-login")
    (doors.root / "supabase/.temp").mkdir(parents=True)
    (doors.root / "supabase/.temp/pooler-url").write_text(f"postgresql://postgres.x:{CANARY}@127.0.0.1:1/postgres")
    return doors


def written(root: Path) -> str:
    """All that the commands wrote."""
    hidden = {root / ".env", root / "supabase/.temp/pooler-url", root / "home/.supabase/access-token"}
    return "\n".join(p.read_text(errors="replace") for p in root.rglob("*") if p.is_file() and p not in hidden)


@pytest.mark.parametrize(
    ("door", "fault"),
    [
        *(("management", fault) for fault in FAULTS),
        *(("stdio", fault) for fault in ("none", "403", "hang")),
        *(("HTTP", fault) for fault in ("none", "401", "502")),
    ],
)
def test_none_is_said_or_written(
    planted: Doors,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    door: str,
    fault: str,
) -> None:
    caplog.set_level("DEBUG")
    if fault == "hang":  # only who never answers is given little time: others may be slow
        monkeypatch.setattr("schema_sync.sources.management.CALL_SECONDS", 1.0)
        monkeypatch.setattr(mcp_client, "CALL_SECONDS", 1.0)
    commands = COMMANDS if fault == "none" else COMMANDS[:1]
    with planted.source(door) as word:
        for command in commands:
            if fault != "none":
                planted.api.fail(fault)
            code = cli.run([*command, "--source", word])
            said = capfd.readouterr()
            assert code in ({0, 1} if fault == "none" else {3}), said.err
            assert CANARY not in said.out + said.err
            assert said.out + said.err
    assert CANARY not in written(planted.root)
    logged = [record.getMessage() for record in caplog.records]
    assert CANARY not in "\n".join(logged)


@pytest.mark.parametrize("door", DOORS[:2])
def test_nor_in_a_traceback(
    planted: Doors, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"{TOKEN} {CANARY}-in-dotenv {CANARY}-of-login {CANARY}-SUPABASE_DB_PASSWORD")

    monkeypatch.setattr("schema_sync.sources.management.read_catalog", broken)
    monkeypatch.setattr("schema_sync.sources.mcp.read_catalog", broken)
    with planted.source(door) as word:
        assert cli.run(["check", "--source", word]) == 2
    err = capfd.readouterr().err
    assert "RuntimeError: *** *** *** ***" in err
    assert CANARY not in err


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer c4n4ry",
        "sbp_c4n4ry0123456789abcdef",
        "sb_secret_c4n4ry-x_y",
        "eyJhbGciOi.eyJyb2xlIjoi.c4n4ry",
        "postgresql://u:c4n4ry@h/d",
    ],
)
def test_what_is_masked_wherever_it_stands(text: str) -> None:
    assert CANARY not in mask(f"x {text} y")
    assert mask(f"x {text} y").startswith("x ")


def test_a_repository_gets_no_token(planted: Doors, capsys: pytest.CaptureFixture[str]) -> None:
    """Configuration and .env are a repository's; the token is the user's."""
    (planted.root / "schema-sync.toml").write_text("source = 'mcp:https://evil.example/mcp'\n")
    assert cli.run(["check"]) == 2
    assert "would go to evil.example, which is not Supabase's" in capsys.readouterr().err
    (planted.root / "schema-sync.toml").write_text("source = 'management'\n")
    planted.unset("SUPABASE_API_URL")
    (planted.root / ".env").write_text("SUPABASE_API_URL=https://evil.example\n")
    assert cli.run(["check"]) == 2
    assert "would go to evil.example, which is not Supabase's" in capsys.readouterr().err

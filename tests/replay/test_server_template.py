"""The template that embedded servers start from."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import psycopg
import pytest
from databases import OPEN_LOGIN_RULES
from servers import processes, query, script, wait_until

from schema_sync.errors import SourceError
from schema_sync.replay import embedded_server, supervisor


@pytest.mark.thorough
class TestTemplate:
    def test_the_second_start_builds_nothing(self, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        identity = "select system_identifier from pg_control_system()"
        with embedded_server.server(OPEN_LOGIN_RULES) as first:
            made = query(first.database(), identity)
        monkeypatch.setattr(embedded_server, "_build", lambda *_: pytest.fail("initdb is run again"))
        with embedded_server.server(OPEN_LOGIN_RULES) as second:
            assert query(second.database(), identity) == made
        templates = [path.name for path in cache.iterdir() if path.name != "lock"]
        assert len(templates) == 1
        assert templates[0].startswith("template-")
        assert (cache / templates[0]).stat().st_mode & 0o077 == 0
        assert cache.stat().st_mode & 0o022 == 0

    def test_another_bootstrap_is_another_template(
        self, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        changed = tmp_path / "bootstrap.sql"
        changed.write_text(embedded_server._BOOTSTRAP.read_text() + "create table public.mark ();")
        with embedded_server.server(OPEN_LOGIN_RULES):
            pass
        monkeypatch.setattr(embedded_server, "_BOOTSTRAP", changed)
        with embedded_server.server(OPEN_LOGIN_RULES) as other:
            assert query(other.database(), "select count(*) from mark") == [(0,)]
        assert len(list(cache.glob("template-*"))) == 2

    def test_first_starts_at_once_share_one(self, cache: Path) -> None:
        failures: list[Exception] = []

        def start() -> None:
            try:
                with embedded_server.server(OPEN_LOGIN_RULES) as running:
                    assert query(running.database(), "select 1") == [(1,)]
            except (SourceError, psycopg.Error) as error:
                failures.append(error)

        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(list(cache.iterdir())) == 2  # the lock and the template

    def test_a_kill_while_it_is_built_is_made_good(self, cache: Path) -> None:
        with script('print("ready", flush=True)\nwith server(): pass') as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert wait_until(lambda: bool(processes("initdb")))
            process.kill()
        assert not list(cache.glob("template-*"))
        with embedded_server.server(OPEN_LOGIN_RULES):
            pass
        assert [path.name.split("-")[0] for path in sorted(cache.iterdir())] == ["lock", "template"]

    def test_a_bootstrap_that_fails_leaves_nothing(
        self, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        changed = tmp_path / "bootstrap.sql"
        changed.write_text("create table t (a nosuch);")
        monkeypatch.setattr(embedded_server, "_BOOTSTRAP", changed)
        with (
            pytest.raises(SourceError, match=r'^the embedded PostgreSQL refused: type "nosuch" does not exist'),
            embedded_server.server(OPEN_LOGIN_RULES),
        ):
            pytest.fail("it started")
        assert [path.name for path in cache.iterdir()] == ["lock"]

    def test_what_nobody_used_lately_goes(self, cache: Path) -> None:
        for name, age in {"template-old": 20, "binaries-old": 20, "template-new": 10}.items():
            (cache / name).mkdir(parents=True)
            when = time.time() - age * 24 * 3600
            os.utime(cache / name, (when, when))
        with embedded_server.server(OPEN_LOGIN_RULES):
            pass
        left = sorted(path.name for path in cache.iterdir() if path.name.endswith(("-old", "-new")))
        assert left == ["template-new"]

    def test_a_broken_one_is_told_with_the_servers_words(self, cache: Path) -> None:
        with embedded_server.server(OPEN_LOGIN_RULES):
            pass
        (template,) = cache.glob("template-*")
        (template / "data" / "PG_VERSION").unlink()
        with pytest.raises(SourceError) as caught, embedded_server.server(OPEN_LOGIN_RULES):
            pytest.fail("it started")
        assert caught.value.message.startswith("PostgreSQL did not start:\n  ")
        assert "is not a valid data directory" in caught.value.message
        assert caught.value.hint.startswith("If it stays so, delete the folder schema-sync in ~/.cache")
        assert caught.value.exit_code == 3
        shutil.rmtree(template)
        with pytest.raises(SourceError, match=r"(?s)^PostgreSQL did not start:\n.*No such file"):
            _start_from(template)


def _start_from(template: Path) -> None:
    account = supervisor.server_account()
    binaries = embedded_server._binaries(account, template.parent)
    run = supervisor.run_folder(account)
    prepare = f"cp -R {template}/. {run}"
    with supervisor.running(binaries, account, run, options=supervisor.settings(run), prepare=prepare):
        pytest.fail("it started")

"""Notifications: real listeners on the loopback, real messages, nothing that a hostile name could do with them."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from doubles.quiet import QuietServer
from schema_sync import cli, config
from schema_sync.errors import ConfigError
from schema_sync.notify import channels
from schema_sync.notify.message import Message, plain, run_address

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise imports it

Check = Callable[..., tuple[int, str, str]]
VARIABLE = channels.VARIABLE
SQL = "create type mood as enum ('happy'); create table users (id int primary key, m mood);"
HOSTILE = "<!channel> *x* <b>y</b> [a](http://evil.example/) @everyone `z`\x1b[31m"


class Webhook:
    """A server that keeps what is posted to it, and answers as it is told."""

    def __init__(self) -> None:
        self.received: list[Any] = []
        self.status = 200
        owner = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                owner.received.append(json.loads(self.rfile.read(length)))
                self.send_response(owner.status)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = QuietServer(("127.0.0.1", 0), Answering)
        self.url = f"json://127.0.0.1:{self.server.server_port}/secret-path"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    made = Webhook()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


class Mailbox:
    def __init__(self) -> None:
        self.received: list[bytes] = []

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, server: object, session: object, envelope: Any
    ) -> str:
        self.received.append(envelope.content)
        return "250 OK"


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """Runs ``check --notify`` in a project whose migrations are *sql*, told to *urls*."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "supabase/migrations").mkdir(parents=True)
    monkeypatch.delenv("GITHUB_RUN_ID", raising=False)

    def runner(sql: str, urls: str | None, *arguments: str) -> tuple[int, str, str]:
        (tmp_path / "supabase/migrations/1_all.sql").write_text(sql)
        if urls is None:
            monkeypatch.delenv(VARIABLE, raising=False)
        else:
            monkeypatch.setenv(VARIABLE, urls)
        code = cli.run(["-q", "--source", "migrations", "check", "--notify", *arguments])
        return (code, *capsys.readouterr())

    return runner


def update() -> None:
    cli.run(["-q", "--source", "migrations", "update"])


@pytest.mark.thorough
class TestWhenToTell:
    def test_new_drift_once_more_drift_again_and_its_end(self, check: Check, webhook: Webhook) -> None:
        assert check(SQL, webhook.url)[0] == 1
        (first,) = webhook.received
        assert first["title"] == "Schema Synchronization: schema drift (2 high)"
        assert (
            "[HIGH] new: No class declares enum public.mood. (schemas/enums.py:1, enum-undeclared)"
            in first["message"]
        )
        assert "Compared with: migrations, supabase/migrations" in first["message"]
        assert "To mend it: schema-sync update" in first["message"]

        assert check(SQL, webhook.url)[0] == 1
        assert len(webhook.received) == 1, "the same drift is not told twice"

        more = f"{SQL} create table posts (id int);"
        assert check(more, webhook.url)[0] == 1
        assert len(webhook.received) == 2
        lines = webhook.received[1]["message"].splitlines()
        assert lines[0].startswith("[HIGH] new: No class declares table public.posts")
        assert lines[1].startswith("[HIGH] No class declares enum public.mood")

        update()
        assert check(more, webhook.url)[0] == 0
        assert webhook.received[2]["title"] == "Schema Synchronization: schemas are in sync again"
        assert check(more, webhook.url)[0] == 0
        assert len(webhook.received) == 3

    def test_in_sync_from_the_start_tells_nothing(self, check: Check, webhook: Webhook, tmp_path: Path) -> None:
        assert check("select 1;", webhook.url)[0] == 0
        assert webhook.received == []
        assert not (tmp_path / ".schema-sync").exists()

    def test_less_than_the_least_severity_is_not_told(
        self, check: Check, webhook: Webhook, tmp_path: Path
    ) -> None:
        (tmp_path / "schema-sync.toml").write_text('[notify]\nmin-severity = "critical"\n')
        assert check(SQL, webhook.url)[0] == 1
        assert webhook.received == []

    def test_without_recovery_its_end_is_forgotten_in_silence(
        self, check: Check, webhook: Webhook, tmp_path: Path
    ) -> None:
        (tmp_path / "schema-sync.toml").write_text("[notify]\nrecovery = false\n")
        check(SQL, webhook.url)
        update()
        assert check(SQL, webhook.url)[0] == 0
        assert len(webhook.received) == 1
        assert json.loads((tmp_path / ".schema-sync/notified.json").read_text())["told"] == []

    def test_a_file_that_cannot_be_read_is_no_recovery(
        self, check: Check, webhook: Webhook, tmp_path: Path
    ) -> None:
        check(SQL, webhook.url)
        update()
        (tmp_path / "schemas/broken.py").write_text("class (:\n")
        assert check(SQL, webhook.url)[0] == 2
        (tmp_path / "schemas/broken.py").unlink()
        assert len(webhook.received) == 1
        check(SQL, webhook.url)
        assert "in sync again" in webhook.received[1]["title"]

    def test_the_state_may_lie_elsewhere(self, check: Check, webhook: Webhook, tmp_path: Path) -> None:
        check(SQL, webhook.url, "--state", "cache/here.json")
        assert len(json.loads((tmp_path / "cache/here.json").read_text())["told"]) == 2
        assert not (tmp_path / ".schema-sync").exists()
        assert not (tmp_path / "cache/.gitignore").exists()

    def test_git_does_not_see_the_state(self, check: Check, webhook: Webhook, tmp_path: Path) -> None:
        check(SQL, webhook.url)
        assert (tmp_path / ".schema-sync/.gitignore").read_text() == "*\n"

    def test_a_broken_state_is_said_and_begun_anew(self, check: Check, webhook: Webhook, tmp_path: Path) -> None:
        (tmp_path / ".schema-sync").mkdir()
        (tmp_path / ".schema-sync/notified.json").write_text("{")
        _, _, err = check(SQL, webhook.url)
        assert "cannot be understood" in err
        assert len(webhook.received) == 1
        assert "cannot be understood" not in check(SQL, webhook.url)[2]

    def test_a_state_that_cannot_be_written_is_said(self, check: Check, webhook: Webhook, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        code, _, err = check(SQL, webhook.url, "--state", "file/x.json")
        assert code == 1
        assert "file/x.json: Not a directory; Pass a file" in err

    def test_the_run_in_ci_is_named(self, check: Check, webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
        monkeypatch.setenv("GITHUB_REPOSITORY", "someone/project")
        monkeypatch.setenv("GITHUB_RUN_ID", "12")
        check(SQL, webhook.url)
        assert "Run: https://github.com/someone/project/actions/runs/12\n" in webhook.received[0]["message"]
        assert (
            run_address({"GITHUB_SERVER_URL": "x <b>", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "1"}) is None
        )

    def test_many_findings_are_cut(self, check: Check, webhook: Webhook) -> None:
        check(";".join(f"create table t{n} (id int)" for n in range(15)), webhook.url)
        assert webhook.received[0]["title"].endswith("(15 high)")
        assert "\nand 5 more\n" in webhook.received[0]["message"]


class TestChannelsThatFail:
    def test_a_dead_one_changes_no_exit_code_and_is_tried_again(self, check: Check, webhook: Webhook) -> None:
        with socket.socket() as reserved:  # bound, but nobody listens
            reserved.bind(("127.0.0.1", 0))
            dead = f"json://user:hunter2@127.0.0.1:{reserved.getsockname()[1]}/token123456"
            code, out, err = check(SQL, dead)
        assert code == 1
        assert "Schema drift detected" in out
        assert f"not notified: channel 1 of {VARIABLE} (JSON): it was not reached, or refused the message" in err
        assert "hunter2" not in out + err
        assert "token123456" not in out + err
        assert check(SQL, webhook.url)[0] == 1
        assert len(webhook.received) == 1, "what nobody was told is told now"

    def test_one_that_refuses(self, check: Check, webhook: Webhook) -> None:
        webhook.status = 403
        code, _, err = check(SQL, webhook.url)
        assert code == 1
        assert "refused the message" in err
        assert "secret-path" not in err

    def test_one_of_two(self, check: Check, webhook: Webhook) -> None:
        _, _, err = check(SQL, f"json://127.0.0.1:1/x\n {webhook.url}")
        assert f"not notified: channel 1 of {VARIABLE} (JSON)" in err
        check(SQL, f"json://127.0.0.1:1/x {webhook.url}")
        assert len(webhook.received) == 1, "who was told is not told again"

    def test_an_address_that_is_none_is_not_shown(self, check: Check) -> None:
        code, _, err = check(SQL, "nosuch://hunter2")
        assert code == 1
        assert f"channel 1 of {VARIABLE} is not an address that apprise knows" in err
        assert "hunter2" not in err

    def test_nobody_to_tell(self, check: Check) -> None:
        code, _, err = check(SQL, None)
        assert (code, err.splitlines()[-1]) == (1, f"notifications skipped: {VARIABLE} is not set")

    def test_without_the_package(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "apprise", None)
        code, _, err = check(SQL, "json://127.0.0.1:1/x")
        assert code == 1
        assert "pip install 'supabase-schema-sync[notify]'" in err

    def test_one_that_trickles_is_not_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each byte comes within the socket's timeout, the answer never."""
        monkeypatch.setattr(channels, "SECONDS", 1)
        ended = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(60)

            def trickle() -> None:
                connection, _ = server.accept()
                with connection:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                    while not ended.wait(0.2):
                        connection.sendall(b"x")

            thread = threading.Thread(target=trickle)
            thread.start()
            message = Message(title="t", body="b", kind="info")
            taken, failures = channels.send(f"json://127.0.0.1:{server.getsockname()[1]}", message, print)
            ended.set()
            thread.join()
        assert taken == 0
        assert failures == [f"channel 1 of {VARIABLE} (JSON): no answer within 1 seconds"]


class TestHostileNames:
    def test_nothing_is_left_that_a_channel_acts_upon(self) -> None:
        shown = plain(HOSTILE)
        assert not set("<>&@*`#~\\\x1b") & set(shown.replace("\\x", "").replace("\\u", ""))
        assert "](" not in shown
        assert "://" not in shown
        assert plain("a\nb\u202ec") == r"a\x0ab\u202ec"
        assert plain("list[str] | None (a, b) str → int; it's") == "list[str] | None (a, b) str → int; it's"
        assert len(plain("x" * 10_000)) < 400

    def test_in_a_webhook(self, check: Check, webhook: Webhook) -> None:
        check(f'create table "{HOSTILE[:50]}" (id int);', webhook.url)
        (received,) = webhook.received
        assert r"public.\x3c!channel" in received["message"].replace(r"\x21", "!")
        assert "<" not in received["message"]
        assert "*" not in received["message"]

    @pytest.mark.parametrize("format_name", ["html", "text", "markdown"])
    def test_in_a_mail(self, check: Check, format_name: str) -> None:
        mailbox = Mailbox()
        controller = Controller(mailbox, hostname="127.0.0.1", port=0)
        with socket.create_server(("127.0.0.1", 0)) as free:
            controller.port = free.getsockname()[1]
        controller.start()
        try:
            address = (
                f"mailto://localhost:{controller.port}?from=a@example.org&to=b@example.org&format={format_name}"
            )
            check(f'create table "<b>x</b><img src=x>" (id int); {SQL}', address)
        finally:
            controller.stop()
        (content,) = mailbox.received
        mail = message_from_bytes(content, policy=policy.default)
        assert mail["Subject"] == "Schema Synchronization: schema drift (3 high)"
        texts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        assert texts
        for text in texts:
            assert "No class declares enum public.mood" in text.replace("&nbsp;", " ")
            assert "<b>" not in text
            assert "<img" not in text


class TestCommand:
    def test_a_trial(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], webhook: Webhook
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv(VARIABLE, f"print:// {webhook.url}")
        assert cli.run(["notify", "--test"]) == 0
        out, err = capsys.readouterr()
        assert out == "✓ Notified: 2 of 2\n"
        assert "notifications work" in err
        assert "notifications work" in webhook.received[0]["title"]

        monkeypatch.setenv(VARIABLE, "print:// json://127.0.0.1:1/x")
        assert cli.run(["notify", "--test"]) == 1
        assert capsys.readouterr().out == "⚠️  Notified: 1 of 2\n"

        monkeypatch.delenv(VARIABLE)
        assert cli.run(["notify", "--test"]) == 2
        assert cli.run(["notify"]) == 2

    def test_state_needs_notify(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert cli.run(["check", "--state", "x.json"]) == 2

    @pytest.mark.parametrize(
        "text",
        ['[notify]\nurls = "slack://x"\n', '[notify]\nmin-severity = "some"\n', '[notify]\nstate = "/etc/x"\n'],
    )
    def test_wrong_settings(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "schema-sync.toml").write_text(text)
        with pytest.raises(ConfigError):
            config.load(tmp_path)

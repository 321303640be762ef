"""The action and the workflows: their own shell steps, run against GitHub's API on this machine."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from github_jobs import ACTION, MARKER, Job, act, api, job, mend, step

from doubles import github as double
from schema_sync import cli, github
from schema_sync.errors import UsageError

if TYPE_CHECKING:
    from doubles.github import Double

__all__ = ["api", "job"]  # fixtures

NOWHERE = "postgresql://someone@127.0.0.1:1/x"


class TestAction:
    def test_a_comment_is_created_once_updated_in_place_and_cleared(self, job: Job, api: Double) -> None:
        api.add("First!", {"login": "someone", "type": "User"})
        done = act(job)
        assert (done["verdict"], done["drift"]) == (1, "true")
        assert [done[name] for name in github.SEVERITIES] == ["0", "6", "2", "1"]
        assert done["reports"] == ["report.html", "report.json", "report.md", "report.sarif"]
        assert "::warning file=schemas/database/entities.py,line=6" in done["said"]
        assert "**9 differences: 6 high, 2 medium, 1 low.**" in job.summary
        assert len(api.comments) == 2
        body = api.comments[1]["body"]
        assert body.startswith(f"{MARKER}# Example Schema Synchronization\n")
        assert "https://github.com/someone/something/actions/runs/42" in body

        (job.folder / "supabase/migrations/20261119080000_more.sql").write_text(
            "alter table projects add column due date;\n"
        )
        assert act(job)["medium"] == "3"
        assert len(api.comments) == 2
        assert "10 differences" in api.comments[1]["body"]

        mend(job)
        done = act(job)
        assert (done["verdict"], done["drift"], done["low"]) == (0, "false", "0")
        assert len(api.comments) == 2
        assert "**✓ Schemas are in sync." in api.comments[1]["body"]
        assert "differences" not in api.comments[1]["body"]
        assert api.comments[0]["body"] == "First!"

    @pytest.mark.thorough
    def test_where_there_never_was_drift_there_is_no_comment(self, job: Job, api: Double) -> None:
        mend(job)
        assert act(job)["verdict"] == 0
        assert api.comments == []
        assert "✓ Schemas are in sync" in job.summary

    def test_a_fork_may_not_comment_and_the_summary_says_so(self, job: Job, api: Double) -> None:
        api.may_write = False
        done = act(job)
        assert (done["verdict"], done["drift"]) == (1, "true")
        assert "::notice title=schema-sync::No comment was written: this token may not." in done["said"]
        summary = job.summary
        assert "9 differences" in summary
        assert "*No comment was written: this token may not. So it is for pull requests from forks" in summary

    @pytest.mark.parametrize(
        ("failures", "told", "asked"),
        [
            ([(302, {})], "GitHub answered 302 to GET", 1),
            ([(500, {"Retry-After": "0"})] * 4, "GitHub failed (500); tried 4 times", 4),
            ([(403, {"Retry-After": "3600"})], "GitHub's rate limit is reached (403); it asks to wait 36", 1),
        ],
    )
    @pytest.mark.thorough
    def test_a_broken_api_changes_no_verdict(
        self, job: Job, api: Double, failures: list[Any], told: str, asked: int
    ) -> None:
        api.failures = failures.copy()
        done = act(job)
        assert done["verdict"] == 1
        assert f"::warning title=schema-sync::The comment could not be written: {told}" in done["said"]
        assert len(api.asked) == asked, "no redirection is followed, and nothing tried for ever"
        assert double.TOKEN not in done["said"] + job.summary

    @pytest.mark.thorough
    def test_an_api_that_is_not_there(self, job: Job) -> None:
        job.environment["GITHUB_API_URL"] = "http://127.0.0.1:1"
        said = act(job)["said"]
        assert "::warning title=schema-sync::The comment could not be written: GitHub cannot be reached" in said

    @pytest.mark.parametrize("token", ["ghs\nX", "ghs_\u00e9", "ghs_x: y"])
    @pytest.mark.thorough
    def test_a_token_is_never_told(self, job: Job, token: str) -> None:
        said = act(job, token=token)["said"]
        assert "::No comment was written" in said or "::The comment could not be written" in said
        assert token not in said + job.summary
        assert token.splitlines()[0] not in said + job.summary

    @pytest.mark.thorough
    def test_without_a_token_or_a_comment(self, job: Job, api: Double) -> None:
        assert "there is no GITHUB_TOKEN" in act(job, token="")["said"]
        act(job, comment="false")
        Path(job.environment["GITHUB_EVENT_PATH"]).write_text('{"schedule": "0 9 * * *"}')
        act(job)
        assert api.asked == []

    def test_a_pull_request_is_compared_with_its_migrations_else_with_the_lock(
        self, job: Job, api: Double
    ) -> None:
        api.may_write = False
        job.environment["SUPABASE_DB_URL"] = NOWHERE
        mend(job)
        done = act(job, SOURCE="")
        assert (done["verdict"], done["drift"]) == (0, "false")
        assert "source: migrations" in done["said"]
        shutil.rmtree(job.folder / "supabase")
        (job.folder / "schema-sync.toml").write_text('title = "Example"\n')
        classes = job.folder / "schemas/enums.py"
        classes.write_text(classes.read_text().replace('    DRAFT = "draft"\n', ""))
        done = act(job, SOURCE="")
        assert (done["verdict"], done["drift"], done["high"]) == (1, "true", "1")
        assert "source: lock" in done["said"]
        assert "::notice title=schema-sync::No comment was written" in done["said"]

    @pytest.mark.parametrize("event", ["schedule", "workflow_dispatch"])
    @pytest.mark.thorough
    def test_other_runs_are_compared_with_the_database_where_one_is_known(self, job: Job, event: str) -> None:
        job.environment["GITHUB_EVENT_NAME"] = event
        assert "source: migrations" in act(job, SOURCE="")["said"], "as the configuration says"
        job.environment["SUPABASE_DB_URL"] = NOWHERE
        done = act(job, SOURCE="")
        assert done["verdict"] == 3
        assert "127.0.0.1" in done["said"]
        job.environment["GITHUB_EVENT_NAME"] = "push"
        assert "source: migrations" in act(job, SOURCE="")["said"]

    def test_fail_on_changes_the_verdict_and_not_what_is_told(self, job: Job) -> None:
        done = act(job, FAIL_ON="never")
        assert (done["verdict"], done["drift"], done["high"]) == (0, "true", "6")

    def test_text_of_others_is_never_run(self, job: Job) -> None:
        name = '$(touch owned)`touch owned`"; touch owned; "'
        act(job, SOURCE=f"snapshot:{name}", CONFIG=name, GITHUB_HEAD_REF=name)
        assert not (job.folder / "owned").exists()

    @pytest.mark.parametrize(
        ("version", "extras", "wanted"),
        [
            ("", "embedded", "{action}[http,embedded]"),
            ("", "", "{action}[http]"),
            ("0.1.0", "all", "supabase-schema-sync[http,all]==0.1.0"),
        ],
    )
    def test_what_is_installed(self, job: Job, tmp_path: Path, version: str, extras: str, wanted: str) -> None:
        pip = tmp_path / "pip"
        pip.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/arguments\n')
        pip.chmod(0o755)
        python = tmp_path / "python"  # makes the environment, with a pip that only tells what it is asked
        python.write_text(f'#!/bin/sh\n{sys.executable} "$@" --without-pip && cp {pip} "$4/bin/pip"\n')
        python.chmod(0o755)
        (job.folder / "venv.py").write_text("raise SystemExit('taken from the repository')\n")
        given = {"PYTHON": str(python), "ACTION": "/the action", "VERSION": version, "EXTRAS": extras}
        code, said, told = job.run(step(ACTION, "install"), **given)
        assert code == 0, said
        assert Path(told["home"], "report").is_dir()
        assert (tmp_path / "arguments").read_text().splitlines()[-1] == wanted.format(action="/the action")


class TestWhoseComment:
    def tell(
        self, job: Job, tmp_path: Path, *, in_sync: bool = False, text: str = "# new\n"
    ) -> tuple[github.Remark, ...]:
        summary = {"critical": 0, "high": int(not in_sync), "medium": 0, "low": 0, "tables": 1, "enums": 0}
        (tmp_path / "report.json").write_text(json.dumps({"in_sync": in_sync, "summary": summary, "more": []}))
        (tmp_path / "report.md").write_text(text)
        environment = {**job.environment, "GITHUB_TOKEN": double.TOKEN}
        return github.tell(tmp_path, environment, project="", comments=True)

    @pytest.mark.parametrize("owner", [double.BOT, None])
    def test_a_comment_that_others_have_marked_is_left_alone(
        self, job: Job, api: Double, tmp_path: Path, owner: dict[str, str] | None
    ) -> None:
        api.owner = owner
        api.add(f"{MARKER}mine", {"login": "mallory", "type": "User"})
        api.add(f"{MARKER}of nobody", None)
        api.add(None, double.BOT)
        api.add(f"quoted: {MARKER}", double.BOT)
        before = [each["body"] for each in api.comments]
        api.add(f"{MARKER}old", double.BOT)
        assert self.tell(job, tmp_path) == ()
        assert [each["body"] for each in api.comments[:-1]] == before
        assert api.comments[4]["body"].startswith(f"{MARKER}# new\n")
        assert len(api.comments) == 5

    def test_a_person_s_token_finds_their_own(self, job: Job, api: Double, tmp_path: Path) -> None:
        api.owner = {"login": "someone", "type": "User"}
        api.add(f"{MARKER}a bot's", double.BOT)
        self.tell(job, tmp_path)
        self.tell(job, tmp_path)
        assert api.comments[0]["body"] == f"{MARKER}a bot's"
        assert len(api.comments) == 2

    def test_another_app_s_comment_is_not_ours(self, job: Job, api: Double, tmp_path: Path) -> None:
        api.add(f"{MARKER}echo", {"login": "echo[bot]", "type": "Bot"})
        self.tell(job, tmp_path)
        assert [each["body"].splitlines()[1] for each in api.comments] == ["echo", "# new"]

    def test_of_two_runs_at_once_one_comment_stays(self, job: Job, api: Double, tmp_path: Path) -> None:
        api.meanwhile = f"{MARKER}of the other run"
        self.tell(job, tmp_path)
        assert [each["body"] for each in api.comments] == [api.meanwhile]
        self.tell(job, tmp_path)
        assert [each["body"].splitlines()[1] for each in api.comments] == ["# new"]

    def test_a_comment_whose_answer_is_lost_is_not_written_twice(
        self, job: Job, api: Double, tmp_path: Path
    ) -> None:
        api.loses_the_answer = True
        assert self.tell(job, tmp_path) == ()
        assert len(api.comments) == 1
        assert sum(each.startswith("POST /repos") for each in api.asked) == 1

    @pytest.mark.thorough
    def test_what_passes_is_tried_again(self, job: Job, api: Double, tmp_path: Path) -> None:
        soon = str(int(time.time()))
        api.failures = [
            (502, {"Retry-After": "0"}),
            (429, {"Retry-After": "0"}),
            (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": soon}),
        ]
        assert self.tell(job, tmp_path) == ()
        assert len(api.comments) == 1

    @pytest.mark.parametrize("headers", [{}, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999999"}])
    def test_a_limit_without_a_near_end_is_not_waited_for(
        self, job: Job, api: Double, tmp_path: Path, headers: dict[str, str]
    ) -> None:
        api.failures = [(429, headers)]
        (remark,) = self.tell(job, tmp_path)
        assert "GitHub's rate limit is reached (429); it asks to wait" in remark.text
        assert len(api.asked) == 1

    def test_what_is_no_answer_of_github(self, job: Job, api: Double, tmp_path: Path) -> None:
        api.failures = [(200, {})]
        (remark,) = self.tell(job, tmp_path)
        assert remark.level == "warning"
        assert remark.text.endswith("GitHub answered with something else than it documents")

    def test_what_is_too_long_for_a_comment(self, job: Job, api: Double, tmp_path: Path) -> None:
        text = "# new\n\n**2000 differences**\n\n| a |\n"
        assert self.tell(job, tmp_path, text=text + "\U0001f600" * 65_000) == ()
        assert len(api.comments[0]["body"]) > 65_000
        assert self.tell(job, tmp_path, text=text + "\U0001f600" * 65_536) == ()
        assert api.comments[0]["body"] == (
            f"{MARKER}# new\n\n**2000 differences**\n\n*The report is too long for a comment.*\n"
            "\n[The run and its files](https://github.com/someone/something/actions/runs/42)\n"
        )

    def test_on_the_second_page(self, job: Job, api: Double, tmp_path: Path) -> None:
        for _ in range(100):
            api.add("talk", {"login": "someone", "type": "User"})
        api.add(f"{MARKER}old", double.BOT)
        self.tell(job, tmp_path, in_sync=True)
        assert len(api.comments) == 101
        assert "# new" in api.comments[100]["body"]

    def test_each_project_of_a_repository_has_its_own(self, job: Job, api: Double, tmp_path: Path) -> None:
        self.tell(job, tmp_path)
        environment = {**job.environment, "GITHUB_TOKEN": double.TOKEN}
        github.tell(tmp_path, environment, project="a/b --> c", comments=True)
        assert [each["body"].splitlines()[0] for each in api.comments] == [
            MARKER.strip(),
            "<!-- schema-sync: a/b%20--%3E%20c -->",
        ]
        github.tell(tmp_path, environment, project="é" * 1000, comments=True)
        assert re.fullmatch("<!-- schema-sync: [0-9a-f]{64} -->", api.comments[2]["body"].splitlines()[0])

    def test_what_is_no_report(self, job: Job, tmp_path: Path) -> None:
        (tmp_path / "report.json").write_text("[]")
        with pytest.raises(UsageError, match="holds no report"):
            github.tell(tmp_path, job.environment, project="", comments=True)
        with pytest.raises(UsageError, match="GITHUB_OUTPUT is not set"):
            github.tell(tmp_path / "none", {}, project="", comments=True)
        with pytest.raises(UsageError, match="Is a directory"):
            github.tell(tmp_path / "none", {"GITHUB_OUTPUT": str(tmp_path)}, project="", comments=True)

    def test_what_is_no_event(self, job: Job, tmp_path: Path) -> None:
        Path(job.environment["GITHUB_EVENT_PATH"]).write_text("{")
        with pytest.raises(UsageError, match="GITHUB_EVENT_PATH"):
            self.tell(job, tmp_path)
        del job.environment["GITHUB_EVENT_PATH"]
        assert self.tell(job, tmp_path) == ()

    def test_outside_of_a_job(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
        assert cli.run(["github", str(tmp_path)]) == 2
        assert "This command is for jobs of GitHub Actions." in capsys.readouterr().err

"""A check that cannot be made: summary, comment and artifact say what is missing; the job is not green."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from github_jobs import ACTION, BY_HAND, MARKER, TEMPLATE, Job, act, api, job, mend, step

from doubles import github as double
from schema_sync import github
from schema_sync.errors import UsageError
from schema_sync.github import failure

if TYPE_CHECKING:
    from doubles.github import Double

__all__ = ["api", "job"]  # fixtures

HEADING = "# Schema check failed\n"
ADVICE = ("`SUPABASE_DB_URL`", "commit `supabase/migrations`", "commit `schemas/schema_lock.json`")


def bare(job: Job) -> None:
    """Take away all that a check could read: migrations and lock."""
    shutil.rmtree(job.folder / "supabase")
    (job.folder / "schemas/schema_lock.json").unlink()
    (job.folder / "schema-sync.toml").write_text('title = "Example"\n')


@pytest.mark.thorough
class TestAction:
    def test_without_secrets_and_migrations(self, job: Job, api: Double) -> None:
        bare(job)
        job.environment.update(BY_HAND)
        done = act(job, SOURCE="")
        assert done["verdict"] == 2
        assert (done["drift"], done["high"], done["reports"]) == ("", "", ["report.md"])
        assert "Error: no source is configured" in done["said"], "the log has it as well"
        assert "::error title=schema-sync::The check could not be made: the job's summary says why" in done["said"]
        (comment,) = api.comments
        assert comment["body"].startswith(f"{MARKER}{HEADING}")
        assert "actions/runs/42" in comment["body"]
        kept = (Path(job.environment["RUNNER_TEMP"]) / "tool/report/report.md").read_text()
        for text in (job.summary, comment["body"], kept):
            assert HEADING in text
            assert "Nothing was compared" in text
            assert "<code>Error: no source is configured</code>" in text
            assert "SUPABASE_DB_URL or DATABASE_URL" in text, "what check said is shown as it is"
            for part in ADVICE:
                assert part in text

    def test_a_fork_without_a_lock(self, job: Job, api: Double) -> None:
        bare(job)
        api.may_write = False
        done = act(job, SOURCE="")
        assert done["verdict"] == 3
        summary = job.summary
        assert "<code>Error: schemas/schema_lock.json: No such file or directory</code>" in summary
        assert "*No comment was written: this token may not. So it is for pull requests from forks" in summary
        assert "::notice title=schema-sync::No comment was written" in done["said"]
        assert api.comments == []

    def test_the_comment_changes_in_place_when_the_check_can_be_made(self, job: Job, api: Double) -> None:
        act(job, SOURCE="snapshot:none.json")
        act(job)
        assert [each["body"].splitlines()[1] for each in api.comments] == ["# Example Schema Synchronization"]
        mend(job)
        act(job)
        act(job, SOURCE="snapshot:none.json")
        (comment,) = api.comments
        assert comment["body"].splitlines()[1] == HEADING.strip()
        assert "none.json" in comment["body"]

    def test_a_wrong_configuration_and_option(self, job: Job, api: Double) -> None:
        done = act(job, CONFIG="nowhere.toml")
        assert done["verdict"] == 2
        assert "nowhere.toml" in job.summary
        done = act(job, FAIL_ON="sometimes")
        assert done["verdict"] == 2
        assert "'sometimes' is not one of" in job.summary

    def test_no_comment_where_none_is_wanted(self, job: Job, api: Double) -> None:
        assert act(job, SOURCE="snapshot:none.json", comment="false")["verdict"] == 3
        assert HEADING in job.summary
        assert api.asked == []

    def test_hostile_text_of_a_migration(self, job: Job, api: Double) -> None:
        (job.folder / "supabase/migrations/20261119080000_more.sql").write_text(
            "do $$ begin raise exception E'</code><img src=x> @all [a](http://evil.example) `x`\\n# big\\n::error::x';"
            " end $$;\n"
        )
        done = act(job)
        assert done["verdict"] == 3
        stopped = re.search(r"^::stop-commands::(\w{32})\n(.*?)^::\1::\n", done["said"], re.MULTILINE | re.DOTALL)
        assert stopped
        assert "\n::error::x" in stopped[2], "the runner is to take none of it for a command"
        assert "\n::error::x" not in done["said"].replace(stopped[0], "")
        (comment,) = api.comments
        for text in (job.summary, comment["body"]):
            said = text.partition(HEADING)[2].partition("If no schema could be read")[0]
            assert "img" in said
            assert not any(mark in said for mark in ("<img", "@all", "](", "://", "\n#", "`"))

    def test_a_password_is_not_told(self, job: Job, api: Double) -> None:
        job.environment["SUPABASE_DB_URL"] = "postgresql://someone:hunter2@127.0.0.1:1/x"
        done = act(job, SOURCE="auto")
        assert done["verdict"] == 3
        assert "127.0.0.1" in api.comments[0]["body"]
        assert "hunter2" not in done["said"] + job.summary + api.comments[0]["body"]


@pytest.mark.thorough
class TestTemplate:
    def test_the_steps_that_init_writes(self, job: Job, api: Double) -> None:
        bare(job)
        code, said, told = job.run(step(TEMPLATE, "Check", "drift"), SOURCE="", MEMORY="")
        assert code == 2
        assert "Error: no source is configured" in said
        tell = step(TEMPLATE, "Tell what was found", "drift")
        assert job.run(tell, REPORT=told["report"], GITHUB_TOKEN=double.TOKEN)[0] == 0
        assert "<code>Error: no source is configured</code>" in job.summary
        assert [path.name for path in Path(told["report"]).iterdir()] == ["report.md"], "the artifact"
        assert HEADING in api.comments[0]["body"]

    def test_the_log_of_a_check_that_was_made_is_no_part_of_the_artifact(self, job: Job) -> None:
        for path in (ACTION, TEMPLATE):
            assert ".log" in path.read_text()
        code, _, told = job.run(step(TEMPLATE, "Check", "drift"), SOURCE="", MEMORY="")
        assert code == 1
        names = {path.name for path in Path(told["report"]).iterdir()}
        assert names == {f"report.{ending}" for ending in ("md", "json", "html", "sarif")}


class TestReport:
    def test_the_end_of_a_long_log_fits_into_a_comment(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        log.write_text("".join(f"line {number} {'`' * 300}\n\n" for number in range(1000)))
        text = failure.report(log)
        assert "line 999" in text
        assert "line 900" not in text
        assert len(text) < github.LARGEST_COMMENT // 2 + 1000
        log.write_text("x" * 100_000 + "\nError: it ends so\n")
        assert "<code>Error: it ends so</code>" in failure.report(log)
        log.write_bytes(b"Error: \xff\n")
        assert "<code>Error: " in failure.report(log)

    def test_colours_of_the_log_are_left_out(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        log.write_text("\x1b[1;31mError:\x1b[0m no \x1b[2mdatabase\x1b[0m \x1b[2J\n")
        assert "Error: no database &#92;x1b&#91;2J</code>" in failure.report(log)

    def test_secrets_are_masked(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        log.write_text("Error: at opensesame and postgresql://a:b@c/d\n")
        text = failure.report(log, ("opensesame",))
        assert "opensesame" not in text
        assert "a:b" not in text
        assert "a&#58;&#42;&#42;&#42;" in text

    def test_without_a_log(self, tmp_path: Path) -> None:
        assert "The job's log says why." in failure.report(None)
        (tmp_path / "log").write_text("\n")
        assert "The job's log says why." in failure.report(tmp_path / "log")
        with pytest.raises(UsageError, match="No such file"):
            failure.report(tmp_path / "none")

    def test_half_a_report_is_not_a_failed_check(self, job: Job, tmp_path: Path) -> None:
        (tmp_path / "report.json").write_text(
            '{"in_sync": true, "summary": {"critical": 0, "high": 0, "medium": 0, "low": 0}}'
        )
        with pytest.raises(UsageError, match=r"report\.md"):
            github.tell(tmp_path, job.environment, project="", comments=False)

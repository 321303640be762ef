"""The rules' pages: committed as generated, shown as text, and true: each example is played on a database."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from schema_sync import cli
from schema_sync.rules import manual
from schema_sync.rules.migrations import MIGRATION_RULES, squawk_rules
from schema_sync.rules.registry import DRIFT_RULES, QUERY_IDS
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects
from schema_sync.usecases import update as updates

if TYPE_CHECKING:
    from conftest import Database

REPOSITORY = Path(__file__).parents[1]
HEADER = "from enum import Enum\nfrom typing import NotRequired, Optional, TypeAlias, TypedDict\n\n\n"
CLIENT = 'supabase = create_client("http://localhost", "key")\n'
# The database before the example's own SQL, and whether the update prunes.
SCORE = "create function score({}) returns {} language sql as $$ select null::{} $$"
PLAYED = {
    "argument-mismatch": (SCORE.format("word text", "integer", "integer"), False),
    "argument-removed": (SCORE.format("word text, lang text", "integer", "integer"), True),
    "argument-undeclared": (SCORE.format("word text", "integer", "integer"), False),
    "column-not-required": ("create table users (id uuid primary key, nickname text)", False),
    "column-not-writable": ("create table notes (id int not null, body text not null)", True),
    "column-nullability-mismatch": ("create table people (born date not null)", False),
    "column-removed": ("create table organizations (id uuid primary key, legacy_code text not null)", True),
    "column-renamed": ("create table users (mail text not null)", False),
    "column-type-mismatch": ("create table projects (score text)", False),
    "column-undeclared": ("create table users (id uuid primary key)", False),
    "composite-undeclared": ("", False),
    "comment-mismatch": ("create table users (id int not null, mail text not null)", False),
    "enum-label-removed": ("", True),
    "enum-label-renamed": ("create type status as enum ('draft', 'active')", False),
    "enum-label-undeclared": ("create type status as enum ('active', 'archived')", False),
    "enum-order-mismatch": ("", False),
    "enum-removed": ("create type mood as enum ('sad', 'happy')", True),
    "enum-renamed": ("create type mood as enum ('sad', 'happy')", False),
    "enum-undeclared": ("", False),
    "required-column-optional": ("create table users (mail text not null default '')", False),
    "required-column-undeclared": ("create table users (id uuid primary key)", False),
    "shape-undeclared": ("", False),
    "function-removed": (SCORE.format("word text", "integer", "integer"), True),
    "function-result-mismatch": (SCORE.format("", "text", "text"), False),
    "function-undeclared": ("", False),
    "table-removed": ("create table legacy (id uuid primary key)", True),
    "table-renamed": ("create table people (mail text not null)", False),
    "table-undeclared": ("", False),
    "view-undeclared": ("create table users (id uuid primary key, name text, active bool)", False),
}


def blocks(rule: str) -> dict[str, list[str]]:
    """The code of a rule's page, by language, in order; that of the configuration left out."""
    text = manual.find(rule).text
    found: dict[str, list[str]] = {"sql": [], "python": [], "toml": [], "text": []}
    for language, code in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        found[language].append(code)
    return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schema-sync.toml").write_text(
        "comments = true\njudge-sql = true\nfunctions = ['*']\n[paths]\nenums = 'schemas/all.py'\nentities = 'schemas/all.py'\nfunctions = 'schemas/all.py'\n",
        encoding="utf-8",
    )
    return tmp_path


def test_every_rule_with_an_example_of_python_is_played() -> None:
    assert set(PLAYED) == {rule for rule in DRIFT_RULES if blocks(rule)["python"]}


@pytest.mark.parametrize("rule", PLAYED)
def test_an_example_is_true(project: Path, database: Database, rule: str) -> None:
    setup, prune = PLAYED[rule]
    sql, python = blocks(rule)["sql"], blocks(rule)["python"]
    gone = "the class is gone" in manual.find(rule).text
    before = python[0] if gone or len(python) > 1 else ""
    code = project / "schemas" / "all.py"
    code.write_text(HEADER + before)
    database.run(setup or "select 1")
    if rule == "shape-undeclared":
        configuration = project / "schema-sync.toml"
        configuration.write_text(blocks(rule)["toml"][0] + configuration.read_text())

    if rule.endswith("-renamed"):
        updates.write(
            opened := projects.open_project(project, source=database.dsn),
            updates.plan(opened, checks.check(opened)),
        )
    for statement in sql:
        database.run(statement)
    opened = projects.open_project(project, source=database.dsn)
    found = {finding.rule for finding in checks.check(opened).report.findings}
    assert rule in found

    updates.write(opened, updates.plan(opened, checks.check(opened), prune=prune))
    mended = code.read_text()
    assert mended != HEADER + before
    if gone:
        assert "class " not in mended
    else:
        assert python[-1] in mended + "\n"
    assert rule not in {finding.rule for finding in checks.check(opened).report.findings}


@pytest.mark.parametrize("rule", QUERY_IDS)
def test_an_example_of_queries_is_true(project: Path, database: Database, rule: str) -> None:
    (sql,), (wrong, right, ignored) = blocks(rule)["sql"], blocks(rule)["python"]
    database.run(sql)
    opened = projects.open_project(project, source=database.dsn)
    found = []
    for text in (wrong, right, ignored):
        (project / "app.py").write_text(f"from supabase import create_client\n\n{CLIENT}{text}")
        report = checks.check(opened).report
        found.append([each for each in report.findings if each.use is not None])
        assert [note for note in report.not_checked if "queries" in note.what or "SQL" in note.what] == []
    (finding,) = found[0]
    assert (finding.rule, [finding.message]) == (rule, [text.rstrip("\n") for text in blocks(rule)["text"]])
    assert found[1:] == [[], []]


@pytest.mark.parametrize("rule", QUERY_IDS)
def test_an_ignored_example_would_be_found(project: Path, database: Database, rule: str) -> None:
    (sql,), (*_, ignored) = blocks(rule)["sql"], blocks(rule)["python"]
    database.run(sql)
    heeded = re.sub(r"# schema-sync: ignore\[.*\]", "#", ignored)
    (project / "app.py").write_text(f"from supabase import create_client\n\n{CLIENT}{heeded}")
    opened = projects.open_project(project, source=database.dsn)
    report = checks.check(opened).report
    assert [each.rule for each in report.findings if each.use is not None] == [rule]


@pytest.mark.parametrize("rule", [rule for rule in (*DRIFT_RULES, *QUERY_IDS) if blocks(rule)["toml"]])
def test_what_silences_a_rule_is_a_configuration(project: Path, rule: str) -> None:
    for text in blocks(rule)["toml"]:
        (project / "schema-sync.toml").write_text(text)
        projects.open_project(project)


def test_the_committed_pages_are_the_generated_ones() -> None:
    generate = runpy.run_path(str(REPOSITORY / "docs" / "generate.py"))
    for folder, generated in (("rules", generate["pages"]()), ("schemas", generate["schemas"]())):
        committed = {path.name: path.read_text() for path in (REPOSITORY / "docs" / folder).iterdir()}
        assert committed == generated, "run make docs"
    for name, text in generate["reference"]().items():
        assert (REPOSITORY / "docs/reference" / name).read_text() == text, "run make docs"


def test_generating_writes_and_clears(tmp_path: Path) -> None:
    script = tmp_path / "generate.py"
    script.write_text((REPOSITORY / "docs" / "generate.py").read_text())
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "renamed-since.md").write_text("old")
    runpy.run_path(str(script), run_name="__main__")
    assert {path.name for path in (tmp_path / "reference").iterdir()} == {"cli.md", "configuration.md"}
    names = {path.name for path in (tmp_path / "rules").iterdir()}
    assert names == {"README.md", *(f"{rule}.md" for rule in (*DRIFT_RULES, *QUERY_IDS, *MIGRATION_RULES))}


class TestPages:
    @pytest.mark.parametrize("rule", [*DRIFT_RULES, *QUERY_IDS, *MIGRATION_RULES])
    def test_one_has_the_headings_in_their_order(self, rule: str) -> None:
        page = manual.find(rule)
        outside = re.sub(r"^```.*?^```$", "", page.text, flags=re.MULTILINE | re.DOTALL)
        assert re.findall(r"^#+ (.*)$", outside, re.MULTILINE) == [rule, *manual.HEADINGS]
        assert page.text.startswith(f"# {rule}\n\n")
        assert page.summary.endswith(".")
        assert len(page.summary) <= 130
        for part in ("Default severity: ", *([] if rule in MIGRATION_RULES else ["Facts: "])):
            assert f"\n\n{part}" in page.text
        assert f'[severity]\n{rule} = "off"\n' in page.text

    def test_there_is_none_beside(self) -> None:
        folder = REPOSITORY / "src/schema_sync/rules/pages"
        assert {path.stem for path in folder.iterdir()} == {*DRIFT_RULES, *QUERY_IDS, *MIGRATION_RULES}


class TestCommands:
    def test_rules_names_all_with_the_configured_severity(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (project / "schema-sync.toml").write_text(
            "[severity]\ncolumn-undeclared = 'low'\nview-undeclared = 'off'\ntable-removed = 'critical'\n"
        )
        assert cli.run(["rules"]) == 0
        rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
        assert list(rows) == ["rule", *DRIFT_RULES, *QUERY_IDS, *MIGRATION_RULES, *squawk_rules()]
        assert re.search(
            r" low \(default medium\)  +A column of the database has no item", rows["column-undeclared"]
        )
        assert " off (default low) " in rows["view-undeclared"]
        assert "default" not in rows["table-removed"]

    def test_rules_that_are_off_say_why(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        rule = "squawk-prefer-robust-stmts"
        (project / "schema-sync.toml").write_text(f'[severity]\n{rule} = "low"\n')
        assert cli.run(["rules"]) == 0
        rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
        assert " low (default off) " in rows[rule]
        assert rows["squawk-require-statement-timeout"].split()[1] == "off"
        assert cli.run(["explain", rule]) == 0
        page = capsys.readouterr().out
        assert "Off by default: Supabase applies a file as one transaction" in page
        assert f'[severity]\n{rule} = "medium"\n' in page

    def test_rules_as_json(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "schema-sync.toml").write_text("[severity]\ncolumn-undeclared = 'low'\n")
        assert cli.run(["rules", "--format", "json"]) == 0
        document = {each["id"]: each for each in json.loads(capsys.readouterr().out)}
        assert list(document) == [*DRIFT_RULES, *QUERY_IDS, *MIGRATION_RULES, *squawk_rules()]
        assert document["column-undeclared"] == {
            "id": "column-undeclared",
            "severity": "low",
            "default_severity": "medium",
            "summary": "A column of the database has no item in the row class.",
            "replaces": [],
            "command": "check",
        }
        assert (
            document["migration-gap"]["command"]
            == document["squawk-ban-drop-table"]["command"]
            == "migrations check"
        )

    def test_rules_refuses_a_wrong_configuration(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "schema-sync.toml").write_text("titel = 'x'\n")
        assert cli.run(["rules"]) == 2
        assert "Did you mean title?" in capsys.readouterr().err

    @pytest.mark.parametrize("rule", [*DRIFT_RULES, *QUERY_IDS, *MIGRATION_RULES])
    def test_explain_shows_the_page(self, rule: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.run(["explain", rule]) == 0
        assert capsys.readouterr().out == (REPOSITORY / f"src/schema_sync/rules/pages/{rule}.md").read_text()

    def test_explain_a_rule_of_squawk(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.run(["explain", "squawk-prefer-timestamp-tz"]) == 0
        out = capsys.readouterr().out
        assert out.startswith("# squawk-prefer-timestamp-tz\n\n## What it finds\n\nA column is timestamp without")
        assert "documented at https://squawkhq.com/docs/prefer-timestamptz.\n" in out

    @pytest.mark.parametrize(
        ("word", "hint"),
        [
            ("migration-emtpy", "Did you mean migration-empty?"),
            ("squawk-ban-drop-tabel", "Did you mean squawk-ban-drop-table?"),
            ("column-removd", "Did you mean column-removed?"),
            ("COLUMN_REMOVED", "Did you mean column-removed?"),
            ("zzz", "schema-sync rules lists them."),
        ],
    )
    def test_an_unknown_rule(self, word: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.run(["explain", word]) == 2
        out, err = capsys.readouterr()
        assert (out, err) == ("", f"Error: no rule '{word}'\nHint: {hint}\n")

    def test_a_former_id_is_understood(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        renamed = replace(DRIFT_RULES["column-removed"], replaces=("old-fault",))
        monkeypatch.setitem(DRIFT_RULES, renamed.id, renamed)
        assert cli.run(["explain", "old-fault"]) == 0
        assert capsys.readouterr().out.endswith("\nFormerly: old-fault.\n")
        assert cli.run(["explain", "old-falt"]) == 2
        assert "Did you mean old-fault?" in capsys.readouterr().err

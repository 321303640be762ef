"""What a repository's host and other programs read: forms, owners, updates, hooks."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from schema_sync.setup.init_files import WORKFLOW

REPOSITORY = Path(__file__).parents[2]
GITHUB = REPOSITORY / ".github"
PROGRAMS = Path(sys.executable).parent
SCHEMAS = {
    "dependabot.yml": "vendor.dependabot",
    "ISSUE_TEMPLATE/bug.yml": "vendor.github-issue-forms",
    "ISSUE_TEMPLATE/idea.yml": "vendor.github-issue-forms",
    "ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    "workflows/ci.yml": "vendor.github-workflows",
    "workflows/release.yml": "vendor.github-workflows",
}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.thorough
def test_it_is_what_the_host_reads(name: str) -> None:
    command = [PROGRAMS / "check-jsonschema", "--builtin-schema", SCHEMAS[name], GITHUB / name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_forms_are_looked_at() -> None:
    assert {f"ISSUE_TEMPLATE/{path.name}" for path in (GITHUB / "ISSUE_TEMPLATE").iterdir()} <= SCHEMAS.keys()


def test_a_report_has_what_doctor_prints() -> None:
    body = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE/bug.yml").read_text())["body"]
    (asked,) = (each for each in body if each.get("id") == "doctor")
    assert asked["attributes"]["label"] == "Output of schema-sync doctor --format json"
    assert asked["validations"]["required"]  # that it shows no secret: tests/test_secrets.py


def test_all_packages_of_npm_are_updated() -> None:
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text())["updates"]
    by_kind = {each["package-ecosystem"]: each for each in updates}
    folders = {f"/{path.parent.relative_to(REPOSITORY)}" for path in (REPOSITORY / "tests").rglob("package.json")}
    assert {*by_kind["npm"]["directories"]} == folders
    assert by_kind.keys() == {"npm", "pip", "github-actions"}


def test_each_action_has_one_pin() -> None:
    templates = REPOSITORY / "src/schema_sync/setup/templates"
    files = [*(GITHUB / "workflows").iterdir(), REPOSITORY / "action.yml", templates / f"{WORKFLOW}.template"]
    found: dict[str, set[str]] = {}
    for path in files:
        for used in re.findall(r"uses: (.*)", path.read_text()):
            if not used.startswith("./"):
                name, pin = re.fullmatch(r"([\w./-]+)@([0-9a-f]{40} # v[\d.]+)", used).groups()  # type: ignore[union-attr]
                found.setdefault(name, set()).add(pin)
    assert {"actions/checkout", "actions/attest", "pypa/gh-action-pypi-publish"} <= found.keys()
    assert {name: pins for name, pins in found.items() if len(pins) > 1} == {}


def test_rights_are_given_to_jobs_alone() -> None:
    wanted = {
        "ci.yml": {},
        "release.yml": {
            "attest": {"id-token", "attestations"},
            "publish": {"id-token"},
            "announce": {"contents"},
        },
    }
    for name, rights in wanted.items():
        document = yaml.safe_load((GITHUB / "workflows" / name).read_text())
        assert document["permissions"] == {}
        granted = {
            job: {right for right, level in steps["permissions"].items() if level == "write"}
            for job, steps in document["jobs"].items()
        }
        assert {job: found for job, found in granted.items() if found} == rights


def test_the_hooks_run_what_the_development_environment_has() -> None:
    document = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text())
    hooks = [hook for repository in document["repos"] for hook in repository["hooks"]]
    assert len(hooks) > 3
    for hook in hooks:
        program = Path(hook["entry"].split()[0])
        assert program.parent == Path(".venv/bin")
        assert (PROGRAMS / program.name).exists()
    done = subprocess.run(
        [PROGRAMS / "pre-commit", "validate-config", REPOSITORY / ".pre-commit-config.yaml"], check=False
    )
    assert done.returncode == 0

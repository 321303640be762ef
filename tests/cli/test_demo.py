"""The demo, as the README shows it."""

from __future__ import annotations

import pytest
from command_project import REPOSITORY, VARIABLES

from schema_sync import cli


def test_the_demo_ends_in_sync(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert cli.run(["demo"]) == 0
    out = capsys.readouterr().out
    commands = ("check", "diff", "update", "check")
    assert [line for line in out.splitlines() if line.startswith("$ ")] == [f"$ schema-sync {c}" for c in commands]
    assert out.rstrip().endswith("✓ Schemas are in sync\n(exit code 0)")
    readme = (REPOSITORY / "README.md").read_text()
    shown = readme[readme.index("Example Schema Synchronization") : readme.index("(exit code 1)")]
    assert shown in out
    mended = [line for line in readme.splitlines() if "create_at" in line or "created_at" in line][-2:]
    assert "\n".join(mended) in out
    assert mended[0].removeprefix("-") in (REPOSITORY / "examples/app/projects.py").read_text()

"""Each format as it is, byte by byte, for one project that shows all that a report can say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from drifted import drifted

from schema_sync.model.findings import Severity
from schema_sync.reports.formats import FORMATS

if TYPE_CHECKING:
    from conftest import Database

PAGE = re.compile(r'(<pre id="rule-[a-z-]+">)# .*?</pre>', re.DOTALL)
GOLDEN = Path(__file__).parents[1] / "golden"


def without_pages(text: str) -> str:
    """A SARIF log less the rules' pages, which tests/test_manual.py holds, as ``PAGE`` finds them in HTML."""
    log = json.loads(text)
    for rule in log["runs"][0]["tool"]["driver"]["rules"]:
        assert rule.pop("help")["markdown"].startswith(f"# {rule['id']}\n")
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", FORMATS)
def test_golden(name: str, tmp_path: Path, database: Database, pytestconfig: pytest.Config) -> None:
    view = drifted(tmp_path, database)
    assert {f.severity for f in view.report.findings} == set(Severity)
    assert view.report.unreadable
    assert view.report.not_checked
    assert view.report.suppressed

    rendered = FORMATS[name].render(view)
    assert rendered == FORMATS[name].render(view)
    assert rendered.endswith("\n")
    assert str(tmp_path) not in rendered
    shown = without_pages(rendered) if name == "sarif" else PAGE.sub(r"\1…</pre>", rendered)
    path = GOLDEN / f"report{FORMATS[name].endings[0]}"
    if pytestconfig.getoption("--update-cases"):
        path.write_bytes(shown.encode())
    assert shown == path.read_bytes().decode()


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.glob("report.*")} == {f"report{f.endings[0]}" for f in FORMATS.values()}

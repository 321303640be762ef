"""What init writes installs the package that wrote it, wherever that came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml
from initializing import WORKFLOW, Run, run

from schema_sync import __version__
from schema_sync.setup import installed
from schema_sync.setup.doctor import VARIABLES

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["run"]  # fixture

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FROM_GIT = {
    "url": "https://example.org/a/b",
    "vcs_info": {"vcs": "git", "commit_id": COMMIT, "requested_revision": "v1"},
}
FOLDER = {"url": "file:///home/me/schema-sync", "dir_info": {"editable": True}}


@pytest.fixture
def records(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installed distribution, found before the one that is really installed."""
    site = tmp_path_factory.mktemp("site")
    folder = site / f"supabase_schema_sync-{__version__}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {installed.NAME}\nVersion: {__version__}\n")
    monkeypatch.syspath_prepend(site)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.mark.parametrize(
    ("origin", "pin"),
    [
        (None, f"=={__version__}"),
        (FOLDER, f"=={__version__}"),
        ({"url": "file:///home/me/schema-sync", "vcs_info": FROM_GIT["vcs_info"]}, f"=={__version__}"),
        (FROM_GIT, f"@ git+https://example.org/a/b@{COMMIT}"),
        ({"url": "https://example.org/a.whl", "archive_info": {}}, "@ https://example.org/a.whl"),
    ],
    ids=["index", "folder", "repository of this machine", "repository", "archive"],
)
def test_the_pin(records: Path, origin: dict[str, object] | None, pin: str) -> None:
    if origin is not None:
        (records / "direct_url.json").write_text(json.dumps(origin))
    assert installed.pin() == pin


def test_a_repository_goes_into_all_that_init_writes(records: Path, tmp_path: Path, run: Run) -> None:
    (records / "direct_url.json").write_text(json.dumps(FROM_GIT))
    (tmp_path / ".pre-commit-config.yaml").write_text("repos: []\n")
    _, _, said = run("init")
    address = f"@ git+https://example.org/a/b@{COMMIT}"
    assert yaml.safe_load((tmp_path / WORKFLOW).read_text())["env"] == {"SCHEMA_SYNC_VERSION": address}
    assert f'additional_dependencies: ["supabase-schema-sync[embedded,http,mcp]{address}"]' in said
    assert "from a folder" not in said


def test_of_a_folder_it_says_what_is_installed(records: Path, run: Run) -> None:
    (records / "direct_url.json").write_text(json.dumps(FOLDER))
    expected = f"installs the release {__version__}, as this copy was installed from a folder or a file: see SCHEMA_SYNC_VERSION"
    assert f"{WORKFLOW} {expected}" in run("init")[2]
    assert expected not in run("init")[2], "nothing was written"

"""A small project in sync with a saved schema, whose files tests break; and the command run in it."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from schema_sync import cli
from schema_sync.model.catalog import ALL_FACETS, Catalog, Column, EnumType, QName, Relation, TypeRef
from schema_sync.model.snapshot import encode_snapshot
from schema_sync.setup.doctor import VARIABLES
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects
from schema_sync.usecases import update as updates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOCK, VERSION, LIVE = "schemas/schema_lock.json", "schemas/schema_version.py", "snapshot:live.json"
TEXT = TypeRef(name=QName(schema="pg_catalog", name="text"))


def catalog(*tables: str, comment: str | None = None, label: str = "sad") -> Catalog:
    """Return a catalog with one enum type and *tables* of one column each."""
    column = Column(name="id", rank=1, type=TEXT)
    return Catalog(
        schemas=("public",),
        covers=ALL_FACETS,
        relations=tuple(
            Relation(name=QName(schema="public", name=t), kind="table", columns=(column,), comment=comment)
            for t in sorted(tables)
        ),
        enums=(EnumType(name=QName(schema="public", name="mood"), labels=(label, "ok")),),
    )


class Project:
    """A folder, and the command in it; ``live.json`` is the saved schema in place of a live source."""

    def __init__(self, root: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.lock, self.version = root / LOCK, root / VERSION
        self._capture = capture

    def live(self, value: Catalog) -> None:
        (self.root / "live.json").write_bytes(encode_snapshot(value))

    def write(self, path: str, content: str | bytes) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    def run(self, *arguments: str, source: str | None = LIVE) -> tuple[int, str, str]:
        """Run the command in this process; return its exit code, stdout and stderr."""
        code = cli.run([*arguments, *(("--source", source) if source else ())])
        out, err = self._capture.readouterr()
        assert "defect of schema-sync" not in err, err
        return code, out, err

    def shell(self, script: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        """Run a line of bash in which ``schema-sync`` is this command, in a process of its own."""
        command = f'schema-sync() {{ "{sys.executable}" -m schema_sync "$@"; }}; {script}'
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.root,
            env={**os.environ, **environment},
            capture_output=True,
            check=False,
        )
        assert b"defect of schema-sync" not in done.stderr, done.stderr.decode("utf-8", "replace")
        assert b"Traceback" not in done.stderr, done.stderr.decode("utf-8", "replace")
        return done


def made(root: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> Project:
    """Return a project in *root*, the current folder from now on, that an update has brought in sync."""
    for name in (*VARIABLES, "SCHEMA_SYNC_NOTIFY_URLS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(root)
    project = Project(root, capture)
    project.live(catalog("orders", "users"))
    opened = projects.open_project(root, source=LIVE)
    updates.write(opened, updates.plan(opened, checks.check(opened)))
    return project


def tree(root: Path) -> Mapping[str, bytes]:
    """Return the regular files below *root*."""
    return {
        str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file() and not p.is_symlink()
    }


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _circle(path: Path) -> None:
    path.symlink_to(path.name)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made_, pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)  # a socket's path is at most 107 bytes long
        made_.bind(path.name)


def _large(path: Path) -> None:
    path.touch()
    os.truncate(path, 257 * 1024 * 1024)


IRREGULAR: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (_pipe, "it is a named pipe, not a regular file"),
    "endless device": (_endless, "it is a device, not a regular file"),
    "null device": (lambda path: path.symlink_to("/dev/null"), "it is a device, not a regular file"),
    "socket": (_socket, "it is a socket, not a regular file"),
    "circle of links": (_circle, os.strerror(errno.ELOOP)),
    "larger than memory may be": (_large, "it is larger than 256 MB"),
}

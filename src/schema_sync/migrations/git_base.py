"""Which migrations are new: what git knows of a folder at the commit that the work started from."""

from __future__ import annotations

import subprocess
from pathlib import Path

from schema_sync.errors import UsageError
from schema_sync.model.base import Value
from schema_sync.repository_files import GIT

_DEFAULTS = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
_SECONDS = 30


class Base(Value, frozen=True, kw_only=True):
    """The files of a folder at a commit (its name for messages), and those of them that have changed since."""

    commit: str | None = None
    names: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()


def find_base(folder: Path, since: str | None) -> Base:
    """Return what was in *folder* at the commit that HEAD and *since* share; nothing where git does not know one.

    Without *since* it is the commit shared with the default branch: ``origin/HEAD``, else ``main`` or ``master``.

    Raises:
        UsageError: if there is no commit *since*.
    """
    names = (since,) if since is not None else _DEFAULTS
    for name in names:
        commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if commit is not None:
            shared = _git(folder, "merge-base", "HEAD", commit.strip()) or commit
            return _at(folder, shared.strip(), name)
    if since is not None:
        raise UsageError(
            f"git knows no commit {since!r} here", hint="Fetch it first, or pass --all to look at every migration."
        )
    return Base()


def _at(folder: Path, commit: str, name: str) -> Base:
    listed = _git(folder, "ls-tree", "-z", "--name-only", commit, "./")
    differing = _git(
        folder, "diff", "-z", "--name-only", "--no-renames", "--no-ext-diff", "--relative", commit, "."
    )
    if listed is None or differing is None:
        return Base()
    names = frozenset(filter(None, listed.split("\0")))
    return Base(commit=name, names=names, changed=names & frozenset(differing.split("\0")))


def _git(folder: Path, *arguments: str) -> str | None:
    """Return what git prints, None if it is not installed, or refuses."""
    try:
        done = subprocess.run(  # noqa: S603 - a list of words that goes through no shell
            [*GIT, "-C", str(folder), *arguments],
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None

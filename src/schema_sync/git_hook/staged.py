"""What git has staged: which paths, and copies of them.

Authority: git's manual, "git-diff", "git-checkout-index", "gitglossary" (pathspec), "githooks".
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from schema_sync import project_folder
from schema_sync.errors import UsageError
from schema_sync.model.base import Value
from schema_sync.repository_files import GIT

FOLDER = "schema-sync.folder"
_UNSET = 1  # git config --get: the key has no value
_DIFFERENT = 1  # git diff --quiet


class Repository(Value, frozen=True, kw_only=True):
    """A git repository, and the project in it.

    Attributes:
        top: the folder of the working tree. git runs there: in a hook its index has a path relative to it.
        folder: the project's folder, relative to ``top`` and with a slash at its end; empty for ``top`` itself.
    """

    top: Path
    folder: str

    @property
    def project(self) -> Path:
        """The project's folder in the working tree."""
        return self.top / self.folder

    def from_top(self, path: str) -> str:
        """Return *path*, which is relative to the project, relative to ``top``."""
        return self.folder + path

    def file(self, path: str) -> str:
        """Return git's pattern for one file or folder of the project."""
        return f":(top,literal){self.folder}{path.rstrip('/')}"

    def files(self, pattern: str) -> str:
        """Return git's pattern for a glob of the project such as ``schemas/**/*.py``."""
        folder = re.sub(r"[\\*?\[]", r"\\\g<0>", self.folder)
        return f":(top,glob){folder}{pattern}"

    def has_staged(self, patterns: Iterable[str] = ()) -> bool:
        """Return whether any file that *patterns* choose is staged; by default any file at all."""
        arguments = ("diff", "--cached", "--quiet", "--no-ext-diff", "--", *patterns)
        return _git(self.top, *arguments, expected=(0, _DIFFERENT)).returncode == _DIFFERENT

    def copy(self, patterns: Sequence[str], destination: Path) -> None:
        """Write the files that *patterns* choose, as they are in the index, below *destination*."""
        listed = _git(self.top, "ls-files", "-z", "--", *patterns).stdout
        _git(self.top, "checkout-index", "-z", "-f", "--stdin", f"--prefix={destination}/", given=listed)


def find(folder: Path) -> Repository:
    """Return the repository around *folder*; its project is that of ``schema-sync.folder``, else of *folder*.

    Raises:
        ConfigError: if a file that may be the configuration cannot be read.
        UsageError: if git is not installed, or there is no repository.
    """
    top = Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel").stdout.removesuffix(b"\n")))
    named = os.fsdecode(_git(folder, "config", "--get", FOLDER, expected=(0, _UNSET)).stdout.removesuffix(b"\n"))
    here = os.fsdecode(_git(folder, "rev-parse", "--show-prefix").stdout.removesuffix(b"\n"))
    chosen = named.strip("/") or os.path.relpath(Path(here, os.path.relpath(project_folder.find(folder), folder)))
    chosen = "" if chosen == os.curdir else chosen
    if not (top / chosen).is_dir():
        raise UsageError(f"{FOLDER} in git's configuration names no folder: {named!r}")
    return Repository(top=top, folder=f"{chosen}/" if chosen else "")


def _git(
    folder: Path, *arguments: str, expected: tuple[int, ...] = (0,), given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run git in *folder*.

    Raises:
        UsageError: if it is not installed, or ends with another code than *expected*.
    """
    try:
        done = subprocess.run(  # noqa: S603  # a list of words that goes through no shell
            [*GIT, *arguments],
            cwd=folder,
            input=given,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise UsageError("git is not installed", hint="The command hook asks git what is staged.") from error
    if done.returncode not in expected:
        said = done.stderr.decode("utf-8", "backslashreplace").strip()
        raise UsageError(f"git {arguments[0]} failed: {said}")
    return done

"""The commits that changed a file, and what it held then, as git has them.

A repository may configure programs for git to start: to watch files, check signatures, fetch what is missing. None
is started, and nothing is fetched. Authors, subjects and paths are hostile text.

Authority: git's manual, "git-log", "git-cat-file", "git-config", "git" (environment variables).
"""

from __future__ import annotations

import os
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Annotated, cast

from msgspec import Meta

from schema_sync.errors import SourceError, UsageError
from schema_sync.model.base import Value
from schema_sync.repository_files import GIT, RECORD_BYTES

# Configured, the last three would change what is printed.
_SETTINGS = ("log.diffMerges=separate", "log.showRoot=true", "diff.relative=false")
_GIT = (*GIT, "--no-pager", "--literal-pathspecs", *(word for each in _SETTINGS for word in ("-c", each)))
_OFFLINE = {"LC_ALL": "C", "GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1"}
_LOG = ("log", "--no-show-signature", "--no-ext-diff", "--no-textconv", "--no-color", "--encoding=UTF-8")
_STEPS = ("--first-parent", "-m", "--follow", "--raw", "--no-abbrev", "-z", "--format=%H%x00%cI%x00%an%x00%s")


class Change(Value, frozen=True, kw_only=True):
    """A commit that changed a file, and the file behind it."""

    commit: str
    date: Annotated[str, Meta(description="When it was committed, in ISO 8601.")]
    author: str
    subject: str
    path: Annotated[str, Meta(description="The file, from the top of the repository.")]
    renamed_from: Annotated[str | None, Meta(description="Its path before; null where it is the same.")]
    content: Annotated[str | None, Meta(description="Git's id of the content; null where the commit removed it.")]


def changes(root: Path, path: str, most: int) -> list[Change]:
    """Return the newest *most* commits that changed the file *path* of the folder *root*, the newest first.

    They are those that HEAD reaches by first parents: what a merge brought is the change of the merge. Behind a
    rename the file's former path is followed; what it was copied from is another file.

    Raises:
        SourceError: if git cannot read the commits.
        UsageError: if git is not installed.
    """
    done = _run(root, *_LOG, *_STEPS, f"--max-count={most}", "HEAD", "--", path)
    if done.returncode != 0:
        if _is_unborn(root):
            return []
        raise SourceError(f"git cannot read the commits: {_complaint(done)}")
    return list(_parsed(iter(done.stdout.decode("utf-8", "surrogateescape").split("\0"))))


def _is_unborn(root: Path) -> bool:
    """Return whether the branch has no commit yet, as in a new repository; a reference that is broken has one."""
    branch = _run(root, "symbolic-ref", "--quiet", "HEAD").stdout.decode("utf-8", "surrogateescape").strip()
    listed = _run(root, "for-each-ref", branch)
    return bool(branch) and not (listed.stdout or listed.stderr)


def is_shallow(root: Path) -> bool:
    """Return whether the repository around *root* was cloned without its older commits.

    Raises:
        UsageError: if there is no repository, or git is not installed.
    """
    done = _run(root, "rev-parse", "--is-shallow-repository")
    if done.returncode != 0:
        raise UsageError(f"git finds no repository: {_complaint(done)}")
    return done.stdout.strip() == b"true"


def sizes(root: Path, ids: Iterable[str]) -> dict[str, int]:
    """Return how many bytes each of *ids* has; those that this clone lacks are left out."""
    done = _run(root, "cat-file", "--batch-check=%(objectname) %(objectsize)", given="\n".join(ids))
    pairs = (line.split() for line in done.stdout.decode("ascii", "replace").splitlines())
    return {name: int(size) for name, size in pairs if size != "missing"}


def contents(root: Path, ids: Iterable[str]) -> Iterator[bytes | str]:
    """Yield what each of *ids* holds, one after the other, or, as a text, why it cannot be read."""
    from tempfile import TemporaryFile

    waiting = deque(ids)
    while waiting:
        with TemporaryFile() as asked:
            asked.write("\n".join(waiting).encode())
            asked.seek(0)
            command, environment = [*_GIT, "cat-file", "--batch"], os.environ | _OFFLINE
            with subprocess.Popen(  # noqa: S603 - a list of words that goes through no shell
                command, cwd=root, env=environment, stdin=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            ) as git:
                while waiting and (found := _content(cast("IO[bytes]", git.stdout))) is not None:
                    waiting.popleft()
                    yield found
        if waiting:  # git ended at this one
            waiting.popleft()
            yield "git cannot read its content"


def _content(answer: IO[bytes]) -> bytes | str | None:
    """Return the content in an *answer* of ``cat-file``, or why there is none; None if git ended."""
    match answer.readline().split():
        case [_, b"missing"]:
            return "its content is not in this clone"
        case [_, kind, size]:
            left, part = int(size) + 1, b""  # a line feed is behind it
            while left > 0:
                part = answer.read(min(left, RECORD_BYTES + 1))
                if not part:
                    return None
                left -= len(part)
            if kind != b"blob":
                return "it is not a file"
            return part[:-1] if int(size) <= RECORD_BYTES else f"it is larger than {RECORD_BYTES // 1024**2} MB"
        case _:
            return None


def _parsed(words: Iterator[str]) -> Iterator[Change]:
    """Yield the commits in what ``git log`` printed, up to one that copied the file."""
    while commit := next(words, ""):
        date, author, subject, raw, before = (next(words) for _ in range(5))
        *_, content, status = raw.split()
        is_renamed = status.startswith("R")
        yield Change(
            commit=commit,
            date=date,
            author=author,
            subject=subject,
            path=next(words) if status[0] in "RC" else before,
            renamed_from=before if is_renamed else None,
            content=None if status == "D" else content,
        )
        if status.startswith("C"):
            return


def _run(root: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[bytes]:
    """Run git in *root*, with *given* as its input.

    Raises:
        UsageError: if it is not installed.
    """
    try:
        return subprocess.run(  # noqa: S603 - a list of words that goes through no shell
            [*_GIT, *arguments],
            input=given.encode(),
            cwd=root,
            env=os.environ | _OFFLINE,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise UsageError("git is not installed", hint="The history is read from git's commits.") from error


def _complaint(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode("utf-8", "backslashreplace").strip().removeprefix("fatal: ")

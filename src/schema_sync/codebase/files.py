"""Writing several files so that either all of them are replaced or none.

Each content is first written and synced to a temporary file beside its target; then all are renamed into
place (POSIX ``rename`` is atomic). Until the last one is in place, a hard link (or copy) keeps what each
target was. A kill between two renames is the one thing not covered here: the list of replacements is
complete, and everything on disk, before the first of them.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from schema_sync.errors import WriteError

_UNCHANGED = "Nothing was changed. Check the folder's permissions and free space, then run the command again."


@dataclass(frozen=True)
class Replacement:
    """A file to be put in place: ``temporary`` holds its new content, ``backup`` will hold the old one."""

    path: str
    target: Path
    temporary: Path
    backup: Path
    content: bytes


def commit(root: Path, contents: Mapping[str, bytes]) -> None:
    """Write *contents*, bytes by path relative to *root* (with ``/``): all files or none.

    Missing folders are made, permission bits are kept, a symbolic link stays one: what it points at is
    written. If anything fails, or the user interrupts, all is as it was before.

    Raises:
        WriteError: if a path leaves *root* or a file cannot be written; it names the file and the reason.
    """
    replacements = _planned(root, contents)
    current = ""
    try:
        with ExitStack() as undo:
            for replacement in replacements:
                current = replacement.path
                _stage(replacement, undo)
            for replacement in replacements:
                current = replacement.path
                _swap(replacement, undo)
            undo.pop_all()
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteError(f"{current}: cannot be written: {reason}", hint=_UNCHANGED) from error
    try:
        for replacement in replacements:
            replacement.backup.unlink(missing_ok=True)
        _sync_folders({replacement.target.parent for replacement in replacements})
    except OSError as error:
        raise WriteError(f"after all files were written: {error}", hint="Remove what was left by hand.") from error


def _planned(root: Path, contents: Mapping[str, bytes]) -> list[Replacement]:
    """Return what is to be done, after all checks that need no writing."""
    base = root.resolve()
    planned: dict[Path, Replacement] = {}
    for path, content in contents.items():
        target = _target(base, path)
        if target in planned and planned[target].content != content:
            raise WriteError(
                f"{path}: it is the same file as {planned[target].path}, with another content",
                hint="Configure one of the two paths only.",
            )
        mark = f".{target.name[:100]}.{secrets.token_hex(8)}"
        planned[target] = Replacement(
            path, target, target.with_name(f"{mark}.new"), target.with_name(f"{mark}.old"), content
        )
    return list(planned.values())


def _target(base: Path, path: str) -> Path:
    """Return the file that *path* means, links followed."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise WriteError(f"{path!r}: not a path within the project", hint="Use a path relative to its root.")
    try:
        target = base.joinpath(*parts).resolve()
    except (OSError, RuntimeError) as error:  # links in a circle
        raise WriteError(f"{path}: cannot be resolved: {error}", hint=_UNCHANGED) from error
    if not target.is_relative_to(base):
        raise WriteError(f"{path}: it leads outside the project, to {target}", hint="Replace the link by a file.")
    if target.exists() and not target.is_file():
        raise WriteError(f"{path}: it is no regular file", hint="Remove it, or configure another path.")
    if target.exists() and not os.access(target, os.W_OK):
        raise WriteError(f"{path}: it is read-only", hint="Make it writable, then run the command again.")
    return target


def _stage(replacement: Replacement, undo: ExitStack) -> None:
    """Write the new content beside its target; *undo* takes that back."""
    _make_folders(replacement.target.parent, undo)
    undo.callback(replacement.temporary.unlink, missing_ok=True)
    descriptor = os.open(replacement.temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        if replacement.target.exists():
            known = replacement.target.stat()
            if os.geteuid() == 0:
                os.chown(descriptor, known.st_uid, known.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(known.st_mode))
        file.write(replacement.content)
        file.flush()
        os.fsync(descriptor)


def _make_folders(folder: Path, undo: ExitStack) -> None:
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    for new in reversed(missing):
        undo.callback(_remove_folder, new)
        new.mkdir()


def _remove_folder(folder: Path) -> None:
    if folder.is_dir():
        folder.rmdir()


def _swap(replacement: Replacement, undo: ExitStack) -> None:
    """Rename the new content into place; *undo* puts the old one back."""
    target, backup = replacement.target, replacement.backup
    if target.exists():
        _keep(target, backup)
        undo.callback(_restore, target, backup)
    else:
        undo.callback(target.unlink, missing_ok=True)
    replacement.temporary.replace(target)


def _keep(target: Path, backup: Path) -> None:
    """Keep what *target* is as *backup*, in full or not at all."""
    try:
        backup.hardlink_to(target)
    except OSError:  # a file system without hard links
        with ExitStack() as undo:
            undo.callback(backup.unlink, missing_ok=True)
            shutil.copy2(target, backup)
            undo.pop_all()


def _restore(target: Path, backup: Path) -> None:
    try:
        backup.replace(target)
        backup.unlink(missing_ok=True)  # two links of one file are left alone by a rename
    except OSError as error:
        raise WriteError(
            f"{target}: cannot be restored: {error}", hint=f"Its old content is in {backup}: move it back by hand."
        ) from error


def _sync_folders(folders: set[Path]) -> None:
    for folder in sorted(folders):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

"""Writing several files: an error or a signal puts all of them back, a kill leaves each wholly old or wholly new.

Each new content is first written and synced to a temporary file beside its target. Then all are renamed, in the
order that the caller gives: renames are atomic one by one (POSIX ``rename``), not together. The old files are kept
as hard links (or copies) until the last rename. What a killed process leaves of these, the next one removes.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from schema_sync.codebase import folder_lock
from schema_sync.codebase.interruptions import held_back, raise_if_waiting
from schema_sync.errors import WriteError

_UNCHANGED = "Nothing was changed. Check the folder's permissions and free space, then run the command again."
_HALF = "Check permissions and free space, then run the command again: it writes the rest."
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_TEMPORARY = re.compile(r"\.schema-sync-[0-9a-f]{16}-[0-9]+\.(new|old)")
_Planned = tuple[Path, tuple[str, bytes]]
"""A file to be put in place, links followed; its path as it was asked for, and its new content."""


@dataclass(frozen=True)
class _Staged:
    """A replacement that is ready: ``temporary`` holds the new content, ``backup`` keeps the old one once renamed.

    ``old`` is None where there is no file.
    """

    path: str
    target: Path
    temporary: Path
    backup: Path
    old: bytes | str | None
    new: bytes


def commit(
    root: Path,
    contents: Mapping[str, bytes],
    before: Mapping[str, bytes | None] | None = None,
    *,
    between: Mapping[str, bytes] | None = None,
    folders: Iterable[str] = (),
) -> None:
    """Write *contents*, bytes by path relative to *root* (with ``/``), in their order; *between* before them.

    Missing folders are made, permission bits are kept, the owner and group where the system lets us. A symbolic
    link stays one: what it points at is written. Of a file with several hard links the one name is replaced,
    the others keep the old content. *before* holds what the caller took for the old content (None: no file); a
    file that is another by now is not written over. If anything fails, or the user interrupts, all is as it was
    before. If the process is killed, each file is wholly old or wholly new, and those renamed come first in the
    order. *between* holds contents for a state in between, of paths that *contents* has too.

    What a killed process left beside files is removed from the folders that are written to, and from *folders*.

    Raises:
        WriteError: if a path leaves *root*, a file cannot be written or was changed by someone else, or another
            update is running; it names the file and the reason.
    """
    base, between = root.resolve(), between or {}
    last = {path: content for path, content in contents.items() if between.get(path) != content}
    replacements = [*_planned(base, between), *_planned(base, last)]
    beside = {target.parent for target, _ in replacements} | {
        (base / folder).resolve() for folder in folders if (base / folder).is_dir()
    }
    if not beside:
        return
    try:
        with held_back(), folder_lock.held(base) as is_locked:
            if is_locked:  # else they may be those of an update that is running
                _remove_temporary_files(folder for folder in beside if folder.is_relative_to(base))
            _replace_all(base, replacements, before or {})
    except OSError as error:
        raise WriteError(
            f"{error.filename or base}: cannot be written: {error.strerror}", hint=_UNCHANGED
        ) from error


def _replace_all(base: Path, replacements: list[_Planned], before: Mapping[str, bytes | None]) -> None:
    """Stage all, rename all; what is then left beside the files is removed."""
    tidy, renamed = ExitStack(), list[_Staged]()
    with ExitStack() as undo:
        undo.push(tidy)
        undo.callback(_put_back, renamed)
        made = _make_folders(base, replacements, tidy)
        staged = _stage_all(replacements, before, tidy)
        for each in staged:
            raise_if_waiting()
            with _explained(each.path, each.target):
                _rename(each)
            renamed.append(each)
        for folder in sorted({*(each.target.parent for each in staged), *made, *(new.parent for new in made)}):
            _sync_folder(folder)
        undo.pop_all()
    try:
        tidy.close()
    except OSError as error:
        raise WriteError(f"after all files were written: {error}", hint=_HALF) from error


def _rename(file: _Staged) -> None:
    """Keep the old file, and put the new one in its place.

    Raises:
        OSError: if that fails.
        WriteError: if someone has changed the file.
    """
    if file.old is not None:
        with contextlib.suppress(FileNotFoundError):  # the comparison tells
            try:
                file.backup.hardlink_to(file.target)
            except OSError:  # a file system without hard links, or one that forbids them
                shutil.copy2(file.target, file.backup)
    if _content_of(file.target) != file.old:
        raise _changed(file.path)
    file.temporary.replace(file.target)


def _put_back(renamed: list[_Staged]) -> None:
    """Put the old files back, the last one first; one that was changed since it was renamed stays.

    Raises:
        WriteError: if one or more cannot be put back; it names them.
    """
    failures: list[str] = []
    for file in reversed(renamed):
        try:
            if _content_of(file.target) != file.new:
                continue
            if file.old is None:
                file.target.unlink()
            else:
                file.backup.replace(file.target)
        except OSError as error:
            failures.append(f"{file.path}: the new content cannot be taken back: {error.strerror}")
    if failures:
        raise WriteError("\n".join(failures), hint=_HALF)


def _changed(path: str) -> WriteError:
    return WriteError(
        f"{path}: it was changed by someone else while the update was prepared",
        hint="Nothing was changed. Run the command again.",
    )


def put(path: Path, content: bytes) -> None:
    """Write one file that is not code, such as a report: beside its place, then renamed over it.

    A symbolic link stays one, permission bits are kept. A pipe or a device is written to as it is.

    Raises:
        OSError: if it cannot be written; then a file has its old content.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    target = path.resolve()
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    temporary = target.with_name(f".schema-sync-{secrets.token_hex(8)}")
    with held_back(), ExitStack() as undo:
        undo.callback(temporary.unlink, missing_ok=True)
        _stage(target, temporary, content)
        temporary.replace(target)


# ---- planning: all that can be known without writing


def _planned(base: Path, contents: Mapping[str, bytes]) -> list[_Planned]:
    planned: dict[Path, tuple[str, bytes]] = {}
    for path, content in contents.items():
        target = _target(base, path)
        other, known = planned.get(target, (path, content))
        if known != content:
            raise WriteError(
                f"{path}: it is the same file as {other}, with another content",
                hint="Configure one of the two paths only.",
            )
        planned[target] = path, content
    return list(planned.items())


def _target(base: Path, path: str) -> Path:
    """Return the file that *path* means, links followed."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise WriteError(f"{path!r}: not a path within the project", hint="Use a path relative to its root.")
    try:
        target = base.joinpath(*parts).resolve()
    except (OSError, RuntimeError) as error:  # links in a circle, before Python 3.13
        raise WriteError(f"{path}: cannot be resolved: {error}", hint=_UNCHANGED) from error
    if not target.is_relative_to(base):
        raise WriteError(f"{path}: it leads outside the project, to {target}", hint="Replace the link by a file.")
    if target.is_symlink():
        raise WriteError(f"{path}: cannot be resolved: links in a circle", hint=_UNCHANGED)
    if target.exists() and not target.is_file():
        raise WriteError(f"{path}: it is not a regular file", hint="Remove it, or configure another path.")
    if target.exists() and not os.access(target, os.W_OK):
        raise WriteError(f"{path}: it is read-only", hint="Make it writable, then run the command again.")
    return target


# ---- staging: all that is written before the first rename


def _make_folders(base: Path, replacements: list[_Planned], undo: ExitStack) -> list[Path]:
    """Make the folders that are missing and return them; *undo* removes those that are empty then."""
    made: list[Path] = []
    for target, (path, _) in replacements:
        parents = [folder for folder in target.parents if folder.is_relative_to(base)]
        for folder in [folder for folder in reversed(parents) if not folder.exists()]:
            with _explained(path, folder):
                folder.mkdir(exist_ok=True)
            made.append(folder)
            undo.callback(_remove_if_empty, folder)
    return made


def _remove_if_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()


def _stage_all(replacements: list[_Planned], before: Mapping[str, bytes | None], undo: ExitStack) -> list[_Staged]:
    """Write each new content beside its target; *undo* removes the temporary files."""
    token = secrets.token_hex(8)
    staged: list[_Staged] = []
    known: dict[Path, bytes] = {}
    for number, (target, (path, content)) in enumerate(replacements):
        raise_if_waiting()
        with _explained(path, target):
            old = known[target] if target in known else _content_of(target)
            if target not in known and old != before.get(path, old):
                raise _changed(path)
            known[target] = content
            temporary = target.with_name(f".schema-sync-{token}-{number}.new")
            backup = temporary.with_suffix(".old")
            for each in (temporary, backup):
                undo.callback(each.unlink, missing_ok=True)
            _stage(target, temporary, content)
        staged.append(_Staged(path, target, temporary, backup, old, content))
    return staged


def _stage(target: Path, temporary: Path, content: bytes) -> None:
    """Write and sync *content* to the new file *temporary*, with owner and mode of *target*."""
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        if target.exists():
            _take_over(descriptor, target.stat())
        left = memoryview(content)
        while left:  # the system may take less at a time
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _explained(path: str, target: Path) -> Generator[None]:
    """Turn an OSError of this block into a WriteError that names the file *path*."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _FORBIDDEN:
            reason = f"{reason} (folder {target.parent})"
        raise WriteError(f"{path}: cannot be written: {reason}", hint=_UNCHANGED) from error


def _take_over(descriptor: int, known: os.stat_result) -> None:
    """Give the new file the owner and mode of the old one; the group at least where only root may do more."""
    made = os.fstat(descriptor)
    if (made.st_uid, made.st_gid) != (known.st_uid, known.st_gid):
        try:
            os.chown(descriptor, known.st_uid, known.st_gid)
        except PermissionError:
            with contextlib.suppress(PermissionError):  # not of that group: the file becomes the user's own
                os.chown(descriptor, -1, known.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(known.st_mode))


def _remove_temporary_files(folders: Iterable[Path]) -> None:
    """Remove from *folders* what a killed update left: regular files with our names, nothing else."""
    for folder in folders:
        if folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            for path in folder.iterdir():
                if _TEMPORARY.fullmatch(path.name) and stat.S_ISREG(path.lstat().st_mode):
                    path.unlink()


def _content_of(path: Path) -> bytes | str | None:
    """Return the content of a regular file; None if there is nothing, a text for anything else."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    return path.read_bytes() if stat.S_ISREG(mode) else "not a file"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def missing_packages(root: Path, contents: Iterable[str]) -> list[str]:
    """Name the ``__init__.py`` of each folder on the way to a file that has no module in or below it yet.

    A folder ``src`` is not a package: what is in it is imported by its own name. Outer folders come first: if a
    killed process has made those, the next one still finds the inner ones missing.
    """
    folders = {f for path in contents if path.endswith(".py") for f in PurePosixPath(path).parents}
    missing = [f for f in folders if f.name not in {"", "src"} and not any((root / f).rglob("*.py"))]
    outermost_first = sorted(missing, key=lambda folder: (len(folder.parts), folder))
    return [path for f in outermost_first if (path := str(f / "__init__.py")) not in contents]

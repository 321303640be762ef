"""Where a report goes: stdout, and files in the formats that their names tell."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from schema_sync.cli.streams import current_folder
from schema_sync.errors import UsageError, WriteError
from schema_sync.model.findings import Severity
from schema_sync.nearest import nearest
from schema_sync.reports.base import View
from schema_sync.reports.formats import FORMATS, Format

FAIL_ON = [*(severity.word for severity in Severity), "never"]
_HINT = "Pass a path that can be written."


class Destination(NamedTuple):
    """A file, and the format that it gets."""

    format: Format
    path: str


def destinations(given: Sequence[str], chosen: str | None, default: str) -> tuple[Destination, ...]:
    """Return where *given*, ``FILE`` or ``FORMAT:FILE`` each, lead to; nothing is written.

    *chosen* is what ``--format`` says, if it was given: it takes the files whose ending does not tell, and, of
    those formats that share an ending (``.json``), its own. *default* takes what has no ending at all.

    Raises:
        UsageError: if a format cannot be told, or a file is named twice.
        WriteError: if a file cannot be written; it names all that cannot.
    """
    found = tuple(_destination(each, chosen, default) for each in given)
    if found:
        current_folder()
    if len({os.path.realpath(each.path) for each in found}) < len(found):
        raise UsageError("--output names a file twice", hint="Each file holds one report.")
    _complain([_obstacle(each.path) for each in found])
    return found


def _destination(given: str, chosen: str | None, default: str) -> Destination:
    name, colon, path = given.partition(":")
    if colon and name in FORMATS:
        if not path:
            raise UsageError(f"--output {given}: no file is named", hint=f"Write {name}:FILE.")
        return Destination(FORMATS[name], path)
    if colon and (close := nearest(name, FORMATS)):
        raise UsageError(f"--output {given}: no format {name!r}", hint=f"Did you mean {close}?")
    best = _best(given.lower(), chosen)
    if best is None and (chosen or not Path(given).suffix):
        best = FORMATS[chosen or default]
    if best is None:
        endings = ", ".join(ending for f in FORMATS.values() for ending in f.endings[:1])
        hint = f"Known are {endings}; or write FORMAT:FILE."
        raise UsageError(f"--output {given}: cannot infer the format from its ending", hint=hint)
    return Destination(best, given)


def _best(name: str, chosen: str | None) -> Format | None:
    """Return the format with the longest ending that *name* has; of several the *chosen*, else its namesake."""
    fits = [
        (len(ending), each.name == chosen, ending == f".{each.name}", each)
        for each in FORMATS.values()
        for ending in each.endings
        if name.endswith(ending)
    ]
    return max(fits, key=lambda fit: fit[:3])[3] if fits else None


def _obstacle(name: str) -> str | None:
    """Return why *name* cannot be written, as far as can be told before; None if nothing speaks against it."""
    path = Path(name)
    if name == "-":
        return "-: stdout is not a file; leave --output out, or write /dev/stdout"
    try:
        if path.is_dir():
            return f"{name}: it is a folder"
        if path.exists() and not os.access(path, os.W_OK):
            return f"{name}: it is read-only"
        if path.exists() and not path.is_file():
            return None  # a pipe or a device
        folder = path.resolve().parent
        if not folder.is_dir():
            return f"{name}: there is no folder {folder}"
        return None if os.access(folder, os.W_OK) else f"{name}: the folder {folder} cannot be written to"
    except OSError as error:
        return f"{name}: {error.strerror}"


def write(view: View, wanted: Iterable[Destination]) -> None:
    """Write the report to each destination; one that fails does not keep the others back.

    Raises:
        WriteError: if one or more could not be written; it names them.
    """
    _complain([_failure(path, each.render(view)) for each, path in wanted])


def threshold(word: str) -> Severity | None:
    """Return the severity that ``--fail-on`` names, None for ``never``."""
    return None if word == "never" else Severity[word.upper()]


def writable(output: str | None) -> None:
    """Look, before there is any work, whether a file can be written.

    Raises:
        WriteError: if it cannot.
    """
    if output is not None:
        current_folder()
        _complain([_obstacle(output)])


def deliver(text: str, output: str) -> None:
    """Write *text* to the file *output*.

    Raises:
        WriteError: if it cannot be written.
    """
    _complain([_failure(output, text)])


def _failure(path: str, text: str) -> str | None:
    from schema_sync.codebase.atomic_write import put

    try:
        put(Path(path), text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    return None


def _complain(failures: Iterable[str | None]) -> None:
    said = list(filter(None, failures))
    if said:
        raise WriteError("\n".join(said), hint=_HINT)


def folder_in_repository(root: Path) -> str:
    """Return the project's folder relative to the Git repository it lies in, with ``/``; empty for its root.

    Services show a place by its path in the repository.
    """
    for folder in (root, *root.parents):
        if os.access(folder / ".git", os.F_OK):
            return "" if folder == root else root.relative_to(folder).as_posix()
    return ""

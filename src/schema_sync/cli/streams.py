"""stdout and stderr as they may be: terminals or not, closed, full, or read by nobody any more.

Here alone is decided whether there are colours and links, and how wide a text is; ``terminal.py`` draws.

Authority: POSIX, "write" and "Utility Conventions"; a shell's code for a program that a closed pipe ended is 141.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from schema_sync.errors import UsageError, WriteError

if TYPE_CHECKING:
    from schema_sync.reports.base import Styled
    from schema_sync.reports.tables import Table

_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.EAGAIN})


class Look(NamedTuple):
    """How a stream is written to.

    Attributes:
        colour: whether what is shown has colours.
        width: how many columns it is fitted to; None for a stream that is no terminal.
        links: whether places are links to their files.
    """

    colour: bool = False
    width: int | None = None
    links: bool = False


PLAIN = Look()
DEFAULT_COLUMNS, LEAST_COLUMNS = 80, 20


def look(*, err: bool = False) -> Look:
    """Return how stdout is written to, or stderr.

    stderr is plain where stdout is no terminal: a command in a pipe imports nothing for looks. CI is no terminal
    either, also where it has one. Authority: no-color.org, force-color.org; POSIX, "Environment Variables".
    """
    streams = (sys.stdout, sys.stderr) if err else (sys.stdout,)
    on_terminal = not _in_ci() and all(stream.isatty() for stream in streams)
    is_capable = on_terminal and not _is_dumb()
    colour = not os.environ.get("NO_COLOR") and (is_capable or bool(os.environ.get("FORCE_COLOR")))
    width = columns(streams[-1].fileno()) if on_terminal else None
    return Look(colour=colour, width=width, links=is_capable)


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def _is_dumb() -> bool:
    return os.environ.get("TERM") == "dumb"


def shows_progress() -> bool:
    """Return whether stderr can show how far long work is."""
    return not _in_ci() and sys.stderr.isatty() and not _is_dumb()


def columns(terminal: int) -> int:
    """Return how wide *terminal* is, a file descriptor; COLUMNS wins where it is a number."""
    wished = os.environ.get("COLUMNS", "")
    width = int(wished) if wished.isdecimal() else 0
    return max(width or os.get_terminal_size(terminal).columns or DEFAULT_COLUMNS, LEAST_COLUMNS)


def formatted(document: Iterable[Styled | Table], here: Path, *, err: bool = False) -> str:
    """Return *document* as it is printed; the paths in it are relative to the folder *here*."""
    found = look(err=err)
    if found == PLAIN:
        return "".join(part.plain() for part in document)
    from schema_sync.cli import terminal

    return terminal.render(document, here, colour=found.colour, width=found.width, links=found.links)


class ReaderGoneError(Exception):
    """Whoever read the output has ended, as ``head`` does: there is nobody left to tell anything."""


def open_streams() -> None:
    """Make the standard streams fit to be used: any text can be written, and none of them is missing.

    A stream that the caller closed is replaced by the null device, so that no other file takes its number.

    Raises:
        UsageError: if stdout is closed, where the result should go.
    """
    closed = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name) is None]
    for name in closed:
        null = Path(os.devnull).open("r" if name == "stdin" else "w", encoding="utf-8")  # noqa: SIM115 - it stays
        setattr(sys, name, null)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if "stdout" in closed:
        raise UsageError("stdout is closed", hint="To drop the result, redirect it: >/dev/null")


@contextmanager
def printing() -> Generator[None]:
    """Tell a stream that cannot be written from other failures.

    Raises:
        ReaderGoneError: if the reader of a pipe has ended.
        WriteError: if the output cannot be written, such as on a full disk.
    """
    try:
        yield
    except BrokenPipeError as error:
        _give_up()
        raise ReaderGoneError from error
    except OSError as error:
        if error.filename is not None or error.errno not in _UNWRITABLE:
            raise
        _give_up()
        raise WriteError(
            f"the output cannot be written: {error.strerror}", hint="Redirect it to a place that can be written."
        ) from error


@contextmanager
def complaining() -> Generator[None]:
    """Print errors on stderr; where that is impossible, the exit code alone has to tell."""
    try:
        yield
    except OSError:
        _give_up()


def _give_up() -> None:
    """Let what is left in a broken stream's buffer go nowhere, else the interpreter fails on it at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def current_folder() -> Path:
    """Return the current folder.

    Raises:
        UsageError: if it was removed, or cannot be seen.
    """
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise UsageError(
            "the current folder does not exist any more", hint="Change to the project's folder: cd FOLDER"
        ) from error
    except OSError as error:
        raise UsageError(f"the current folder cannot be read: {error.strerror}") from error

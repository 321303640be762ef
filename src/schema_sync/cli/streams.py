"""stdout and stderr as they may be: closed, full, or read by nobody any more.

Authority: POSIX, "write" and "Utility Conventions"; a shell's code for a program that a closed pipe ended is 141.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from schema_sync.errors import UsageError, WriteError

_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.EAGAIN})


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

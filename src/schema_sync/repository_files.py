"""Reads files that a repository brings: regular files only, of bounded size, as UTF-8, as JSON or TOML.

A pull request can bring a link to a device that never ends, or a file of any size and nesting. Nothing here waits
for a pipe, takes more memory than the bound, or lets a decoder end in anything but ``OSError`` and ``ValueError``.

Authority: POSIX ``open`` and ``fstat``; RFC 3629 (UTF-8); RFC 8259 (JSON); TOML 1.0.
"""

from __future__ import annotations

import codecs
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

SETTINGS_BYTES = 1024 * 1024
CODE_BYTES = 64 * 1024 * 1024
RECORD_BYTES = 256 * 1024 * 1024
GIT = ("git", "-c", "core.fsmonitor=false")
"""How git is started: a repository may configure a program that watches its files, which is not run."""
_CHUNK = 1024 * 1024
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_KINDS = {
    stat.S_IFIFO: "it is a named pipe, not a regular file",
    stat.S_IFSOCK: "it is a socket, not a regular file",
    stat.S_IFCHR: "it is a device, not a regular file",
    stat.S_IFBLK: "it is a device, not a regular file",
}


class IrregularFileError(OSError):
    """A path leads to a pipe, a socket or a device; ``strerror`` states which."""


class TextError(ValueError):
    """A file's content is not the text it should be; the message states where and why."""


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the content of the regular file that *path* leads to (links are followed), at most *limit* bytes.

    The file is opened without waiting and looked at once it is open, so that nobody can exchange it in between.

    Raises:
        OSError: if it cannot be read, is irregular (``IrregularFileError``), a folder, or larger; ``strerror``
            states which.
    """
    try:
        _require_regular(path.stat().st_mode, path)  # opening a device can already do something
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except ValueError as error:  # a NUL character, or a lone surrogate
        raise OSError(errno.EINVAL, "no file can have this name", str(path)) from error
    try:
        _require_regular(os.fstat(descriptor).st_mode, path)
        return _read(descriptor, limit, path)
    finally:
        os.close(descriptor)


def _require_regular(mode: int, path: Path) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise IrregularFileError(errno.EINVAL, _KINDS.get(stat.S_IFMT(mode), "it is not a regular file"), str(path))


def _read(descriptor: int, limit: int, path: Path) -> bytes:
    chunks: list[bytes] = []
    left = limit + 1
    while left and (chunk := os.read(descriptor, min(_CHUNK, left))):
        chunks.append(chunk)
        left -= len(chunk)
    if not left:
        raise OSError(errno.EFBIG, f"it is larger than {limit // 1024 // 1024} MB", str(path))
    return b"".join(chunks)


def read_text(path: Path, limit: int = SETTINGS_BYTES) -> str:
    """Return the text of a regular file of at most *limit* bytes.

    Raises:
        OSError: as ``read_bytes``.
        TextError: as ``text_of``.
    """
    return text_of(read_bytes(path, limit))


def text_of(content: bytes) -> str:
    """Return *content*, UTF-8 with or without a byte order mark, as text.

    Raises:
        TextError: if it is not UTF-8, or holds a NUL character; with the place.
    """
    if content.startswith(_UTF16):
        raise TextError("not UTF-8 but UTF-16")
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TextError(f"not UTF-8: byte 0x{content[error.start]:02x} in line {line}") from error
    if "\0" in text:
        raise TextError(f"a NUL character in line {text.count(chr(10), 0, text.index(chr(0))) + 1}")
    return text


def toml_document(text: str) -> dict[str, Any]:
    """Return the TOML document *text*.

    Raises:
        ValueError: if it is none, or nested too deeply.
    """
    import tomllib

    return cast("dict[str, Any]", _decoded(tomllib.loads, text))


def json_document(text: str) -> object:
    """Return the JSON document *text*.

    Raises:
        ValueError: if it is none, or nested too deeply.
    """
    import json

    return _decoded(json.loads, text)


def _decoded(decode: Callable[[str], object], text: str) -> object:
    """Run *decode*; its strings are then text that any encoder takes.

    Raises:
        ValueError: as *decode*; a TextError if it is nested too deeply, or has half of a surrogate pair.
    """
    try:
        document = decode(text)
    except RecursionError as error:
        raise TextError("it is nested too deeply") from error
    pending: list[object] = [document]
    while pending:  # not recursive: TOML's dotted keys nest without nesting the decoder
        value = pending.pop()
        if isinstance(value, dict):
            table = cast("dict[object, object]", value)
            pending += (*table.keys(), *table.values())
        elif isinstance(value, list):
            pending += cast("list[object]", value)
        elif isinstance(value, str):
            _require_text(value)
    return document


def _require_text(string: str) -> None:
    # What may be a connection string is not repeated: broken as it is, no mask finds the password in it.
    shown = "a connection string" if set(string) & {"@", "="} or "://" in string else ascii(string)
    if "\0" in string:
        raise TextError(f"{shown} holds a NUL character")
    try:
        string.encode()
    except UnicodeEncodeError as error:
        raise TextError(f"{shown} holds half of a surrogate pair, which is not a character") from error

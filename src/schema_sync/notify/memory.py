"""What people were told last, in a file: nobody hears of the same drift twice."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec

from schema_sync.errors import WriteError
from schema_sync.model.base import Value
from schema_sync.repository_files import RECORD_BYTES, read_bytes, text_of

FORMAT_VERSION = 1
_OWN_FOLDER = ".schema-sync"


class Memory(Value, frozen=True, kw_only=True):
    """The fingerprints of the findings that were told and still stand."""

    format_version: int = FORMAT_VERSION
    told: tuple[str, ...] = ()


def recall(path: Path) -> Memory | None:
    """Return what *path* holds, nothing told where there is no such file, None where it is not one of ours."""
    try:
        memory = msgspec.json.decode(text_of(read_bytes(path, RECORD_BYTES)), type=Memory)
    except FileNotFoundError:
        return Memory()
    except OSError as error:
        raise WriteError(f"{path}: {error.strerror}", hint="Pass a file that can be read and written.") from error
    except (ValueError, RecursionError):  # msgspec.DecodeError and TextError are ValueErrors
        return None
    return memory if memory.format_version == FORMAT_VERSION else None


def remember(path: Path, told: frozenset[str]) -> None:
    """Write *told* to *path*, all or nothing; its folder is made, and kept out of git if it is our own.

    Raises:
        WriteError: if it cannot be written.
    """
    content = msgspec.json.format(msgspec.json.encode({"format_version": FORMAT_VERSION, "told": sorted(told)}))
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
            if path.parent.name == _OWN_FOLDER:
                (path.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".notified-")
        with os.fdopen(handle, "wb") as file:
            file.write(content + b"\n")
        os.replace(temporary, path)  # noqa: PTH105 - both are named by strings here
    except OSError as error:
        raise WriteError(f"{path}: {error.strerror}", hint="Pass a file that can be written: --state.") from error

"""Decides whether there is something to tell, and remembers what was told: nobody hears of a drift twice."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from schema_sync.errors import WriteError
from schema_sync.model.base import Value
from schema_sync.model.findings import Report, Severity
from schema_sync.notify import channels, message
from schema_sync.notify.channels import VARIABLE
from schema_sync.repository_files import RECORD_BYTES, read_bytes, text_of

FORMAT_VERSION = 1
_OWN_FOLDER = ".schema-sync"


class Memory(Value, frozen=True, kw_only=True):
    """The fingerprints of the findings that were told and still stand."""

    format_version: int = FORMAT_VERSION
    told: tuple[str, ...] = ()


def announce(
    report: Report,
    path: Path,
    environment: Mapping[str, str],
    say: Callable[[str], None],
    *,
    least: Severity,
    recovery: bool,
    title: str,
) -> None:
    """Tell of findings that were not told before, or that all are gone.

    What is told is kept in *path* once a channel took it; where none did, the next run tries again. The addresses
    are in *environment*. *say* takes lines for a person, among them what ``print://`` prints. What is less
    than *least* is not told, nor the end of drift without *recovery*.

    Raises:
        WriteError: if *path* cannot be read or written.
    """
    urls = environment.get(VARIABLE, "")
    if not urls.strip():
        say(f"notifications skipped: {VARIABLE} is not set")
        return
    recalled = _recall(path)
    if recalled is None:
        say(f"{path} cannot be understood: what was told before is not known")
    before = frozenset(recalled.told) if recalled else frozenset[str]()
    findings = [finding for finding in report.findings if finding.severity >= least]
    now = frozenset(finding.fingerprint for finding in findings)
    if report.unreadable or report.forgotten or report.incomplete:
        now |= before  # what these leave open is not known to be mended
    where = message.run_address(environment)
    if now - before:
        text = message.drift(report, findings, now - before, title, where)
    elif before and not now and recovery:
        text = message.recovery(report, title, where)
    else:
        if now != before or recalled is None:
            _remember(path, now)
        return
    taken, failures = channels.send(urls, text, say)
    for failure in failures:
        say(f"not notified: {failure}")
    if taken:
        _remember(path, now)


def _recall(path: Path) -> Memory | None:
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


def _remember(path: Path, told: frozenset[str]) -> None:
    """Write *told* to *path*, all or nothing; its folder is made, and kept out of git if it is our own."""
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

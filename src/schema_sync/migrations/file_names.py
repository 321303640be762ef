r"""The names and the order of the files in a migrations folder, as Supabase's CLI takes them.

Authority: the CLI's ``pkg/migration`` (``^([0-9]+)_(.*)\.sql$``, files in the order of their names, a version is
a primary key) and its ``db push``, which refuses versions below the last one applied.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from schema_sync.migrations.problems import problem
from schema_sync.model.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from schema_sync.migrations.problems import Problem

_NAME = re.compile(r"([0-9]+)_.*\.sql", re.DOTALL)
_TIMESTAMP_DIGITS = 14
_AHEAD = timedelta(days=1)  # a local clock may be ahead of UTC


def version(name: str) -> str | None:
    """Return the version in a file's name, None where Supabase's CLI passes the file over."""
    matched = _NAME.fullmatch(name)
    return matched[1] if matched else None


def check_names(
    names: Sequence[str], folder: str, *, new: Collection[str], before: Collection[str], now: datetime
) -> Iterator[Problem]:
    """Yield what is wrong with the names of the files in one folder.

    Args:
        names: all files whose name ends in ``.sql``, however spelt.
        folder: the folder, relative to the project.
        new: those that are new or edited.
        before: those that were there before; empty where that is unknown.
        now: the time that timestamps are compared with.
    """
    ordered = sorted(name for name in names if version(name) is not None)
    yield from _ignored([name for name in sorted(names) if name not in ordered], folder)
    yield from _duplicates(ordered, folder)
    yield from _order(ordered, folder)
    yield from _below([name for name in ordered if name in new and name not in before], before, folder)
    yield from _times([name for name in ordered if name in new], folder, now)
    yield from _gaps(ordered, folder, new)


def _ignored(names: Sequence[str], folder: str) -> Iterator[Problem]:
    for name in names:
        if name == "seed.sql":
            message, severity = "seed.sql is data, which is not applied from here", Severity.LOW
        else:
            message, severity = f"{name} is passed over: its name is not VERSION_NAME.sql", None
        yield problem("migration-ignored", f"{folder}/{name}", message, severity=severity)


def _duplicates(ordered: Sequence[str], folder: str) -> Iterator[Problem]:
    by_version: dict[str, list[str]] = defaultdict(list)
    for name in ordered:
        by_version[str(version(name))].append(name)
    for number, (first, *others) in by_version.items():
        for name in others:
            yield problem("migration-duplicate", f"{folder}/{name}", f"version {number} is that of {first} too")


def _order(ordered: Sequence[str], folder: str) -> Iterator[Problem]:
    for one, other in pairwise(ordered):
        if int(str(version(one))) > int(str(version(other))):
            yield problem("migration-order", f"{folder}/{other}", f"{one} is applied before {other}")


def _below(added: Sequence[str], before: Collection[str], folder: str) -> Iterator[Problem]:
    last = max((name for name in before if version(name) is not None), default=None)
    for name in added:
        if last is not None and name < last and version(name) != version(last):
            yield problem("migration-out-of-order", f"{folder}/{name}", f"{name} is new, but comes before {last}")


def _times(names: Sequence[str], folder: str, now: datetime) -> Iterator[Problem]:
    for name in names:
        number = str(version(name))
        if len(number) != _TIMESTAMP_DIGITS:
            continue
        try:
            written = datetime.strptime(number, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            yield problem("migration-timestamp", f"{folder}/{name}", f"{number} is not a time (YYYYMMDDHHMMSS)")
            continue
        if written > now + _AHEAD:
            yield problem(
                "migration-future", f"{folder}/{name}", f"{written:%Y-%m-%d %H:%M:%S} UTC is yet to come"
            )


def _gaps(ordered: Sequence[str], folder: str, new: Collection[str]) -> Iterator[Problem]:
    """Yield the missing numbers, where the folder counts its files instead of dating them."""
    numbers = [(int(str(version(name))), name) for name in ordered if len(str(version(name))) < _TIMESTAMP_DIGITS]
    if len(numbers) != len(ordered) or any(number > 10 * len(ordered) for number, _ in numbers):
        return
    for (one, _), (other, name) in pairwise(sorted(numbers)):
        if other > one + 1 and name in new:
            missing = f"{one + 1}" if other == one + 2 else f"{one + 1} to {other - 1}"
            yield problem("migration-gap", f"{folder}/{name}", f"there is no {missing} before {other}")

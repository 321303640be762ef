r"""The names and the order of the files in a migrations folder, as Supabase's CLI takes them.

Authority: the CLI's ``pkg/migration`` (``^([0-9]+)_(.*)\.sql$``, files in the order of their names, a version is
a primary key) and its ``db push``, which refuses versions below the last one applied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from schema_sync.migrations.problems import Problem, problem
from schema_sync.model.findings import Severity
from schema_sync.replay.migration_files import version

_Fault = tuple[str, str, str]  # rule, file, message

_TIMESTAMP_DIGITS = 14
_AHEAD = timedelta(days=1)  # a local clock may be ahead of UTC


def check_names(
    names: AbstractSet[str], folder: str, *, new: Collection[str], before: Collection[str], now: datetime
) -> Iterator[Problem]:
    """Yield what is wrong with the names of the files in one folder.

    Args:
        names: all files whose name ends in ``.sql``, however spelt.
        folder: the folder, relative to the project.
        new: those that are new or edited.
        before: those that were there before; empty where that is unknown.
        now: the time that timestamps are compared with.
    """
    versions = {name: number for name in sorted(names) if (number := version(name)) is not None}
    found = [
        *_ignored(sorted(names - versions.keys())),
        *_duplicates(versions),
        *_order(versions),
        *_below([name for name in versions if name in new and name not in before], before),
        *_times({name: number for name, number in versions.items() if name in new}, now),
        *_gaps(versions, new),
    ]
    for rule, name, message in found:
        severity = Severity.LOW if name == "seed.sql" else None
        yield problem(rule, f"{folder}/{name}", message, severity=severity)


def _ignored(names: Iterable[str]) -> Iterator[_Fault]:
    for name in names:
        message = f"{name} is passed over: its name is not VERSION_NAME.sql"
        if name == "seed.sql":
            message = "seed.sql is data, which is not applied from here"
        yield "migration-ignored", name, message


def _duplicates(versions: Mapping[str, str]) -> Iterator[_Fault]:
    first: dict[str, str] = {}
    for name, number in versions.items():
        if first.setdefault(number, name) != name:
            yield "migration-duplicate", name, f"version {number} is that of {first[number]} too"


def _order(versions: Mapping[str, str]) -> Iterator[_Fault]:
    for one, other in pairwise(versions):
        if int(versions[one]) > int(versions[other]):
            yield "migration-order", other, f"{one} is applied before {other}"


def _below(added: Iterable[str], before: Collection[str]) -> Iterator[_Fault]:
    last = max((name for name in before if version(name) is not None), default=None)
    for name in added:
        if last is not None and name < last and version(name) != version(last):
            yield "migration-out-of-order", name, f"{name} is new, but comes before {last}"


def _times(versions: Mapping[str, str], now: datetime) -> Iterator[_Fault]:
    for name, number in versions.items():
        if len(number) != _TIMESTAMP_DIGITS:
            continue
        try:
            written = datetime.strptime(number, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            yield "migration-timestamp", name, f"{number} is not a time (YYYYMMDDHHMMSS)"
            continue
        if written > now + _AHEAD:
            yield "migration-future", name, f"{written:%Y-%m-%d %H:%M:%S} UTC is yet to come"


def _gaps(versions: Mapping[str, str], new: Collection[str]) -> Iterator[_Fault]:
    """Yield the missing numbers, where the folder counts its files instead of dating them."""
    if any(len(each) >= _TIMESTAMP_DIGITS or int(each) > 10 * len(versions) for each in versions.values()):
        return
    for (one, _), (other, name) in pairwise(sorted((int(number), name) for name, number in versions.items())):
        if other > one + 1 and name in new:
            missing = f"{one + 1}" if other == one + 2 else f"{one + 1} to {other - 1}"
            yield "migration-gap", name, f"there is no {missing} before {other}"

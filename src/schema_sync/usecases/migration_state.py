"""Which migrations of the repository the database has, and which finding waits for one that it has not.

Authority: Supabase's CLI, which records the version of each migration that it applies, the digits before the first
``_`` of the file's name, in ``supabase_migrations.schema_migrations``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from schema_sync.errors import SourceError
from schema_sync.model.base import Value
from schema_sync.model.findings import Finding, Report
from schema_sync.model.migration_state import MigrationState, Recorded
from schema_sync.replay import migration_files
from schema_sync.replay.migration_files import DEFAULT_FOLDER
from schema_sync.repository_files import SETTINGS_BYTES, read_bytes
from schema_sync.usecases.project import Project

_WORD = re.compile(r"\w+")


class Files(Value, frozen=True, kw_only=True):
    """The migrations of the repository by version, in order; ``folder`` is relative to the project."""

    folder: str
    by_version: dict[str, Path]


def files(project: Project) -> Files | None:
    """Return the migrations that Supabase's CLI would apply; None where there are none.

    The folder is that of the configuration if it is one of the CLI's (``backend/supabase/migrations``): what it
    records says nothing of the files of other tools.
    """
    folder = project.migrations or DEFAULT_FOLDER
    if not f"/{folder}".endswith(f"/{DEFAULT_FOLDER}") or not (project.root / folder).is_dir():
        return None
    try:
        history = migration_files.find(project.root, folder)
    except SourceError:  # nothing in it, or the CLI's own configuration is wrong: not what was asked
        return None
    by_version = {number: path for path in history.files if (number := migration_files.version(path.name))}
    return Files(folder=folder, by_version=by_version) if by_version else None


def state(found: Files, recorded: Recorded) -> MigrationState:
    """Return which of the files *found* the database records."""
    by_version = found.by_version
    if recorded.why:
        return MigrationState(folder=found.folder, files=len(by_version), why=recorded.why)
    known = {*recorded.versions}
    pending = {number: path.name for number, path in by_version.items() if number not in known}
    return MigrationState(
        folder=found.folder,
        files=len(by_version),
        pending=tuple(pending.values()),
        unknown=tuple(sorted(known - by_version.keys())),
        late=bool(pending and known) and min(pending) < max(known),
    )


def with_state(report: Report, found: Files | None, recorded: Recorded | None) -> Report:
    """Return *report* with the state of the migrations; findings name the pending ones that they may wait for.

    It is as it was where there are no migrations, or no database was asked.
    """
    if found is None or recorded is None:
        return report
    seen = state(found, recorded)
    waiting = [path for path in found.by_version.values() if path.name in {*seen.pending}]
    named = {path.name: names for path in waiting if (names := _names(path))}
    if not named:
        return replace(report, migrations=seen)
    findings = tuple(_waiting(finding, named, seen.push) for finding in report.findings)
    return replace(report, findings=findings, migrations=seen)


def _waiting(finding: Finding, named: Mapping[str, list[frozenset[str]]], push: str) -> Finding:
    """Return *finding* with the last of the files in *named* of which one statement names its object.

    *push* is what applies them. Only for what the code has and the database has not, or a part of an object that
    differs: any migration may name a whole table.
    """
    subject = finding.subject
    if not (finding.change == "removed" or (finding.change == "modified" and subject.part)):
        return finding
    wanted = {subject.name.lower(), *([subject.part[1].lower()] if subject.part else [])}
    naming = [name for name, all_names in named.items() if any(wanted <= names for names in all_names)]
    if not naming:
        return finding
    said = f"{finding.message} {naming[-1]} names it, and is not applied yet: {push}."
    return replace(finding, migration=naming[-1], message=said)


def _names(path: Path) -> list[frozenset[str]]:
    """Return what each statement of a file names, in lower case; nothing where the file cannot be read."""
    from schema_sync.postgres.sql_lexer import statements

    try:
        text = read_bytes(path, SETTINGS_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError):  # then nothing is said of it
        return []
    return [frozenset(_names_in(text[start:end])) for start, end in statements(text)]


def _names_in(statement: str) -> set[str]:
    """Return the identifiers, the strings and the words in strings, such as the body of a DO block."""
    from schema_sync.postgres.sql_lexer import tokens

    found: set[str] = set()
    for token in tokens(statement):
        text = statement[token.start : token.end].lower()
        if token.kind == "word":
            found.add(text)
        elif token.kind in ("name", "string"):
            mark = text[-1]
            found |= {text[1:-1].replace(mark * 2, mark), *_WORD.findall(text)}
    return found

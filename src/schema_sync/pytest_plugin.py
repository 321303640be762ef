"""pytest --schema-sync: a test for each object of the database that classes map to.

A test file with the line ``SCHEMA_SYNC_TESTS = True``, such as ``init`` writes, holds the same tests without the
option.

pytest loads this module at each start, wherever the package is installed: so it imports what it needs once it is
asked.

Authority: pytest's "Writing plugins" and "Working with non-python tests".
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from schema_sync.model.findings import Finding
    from schema_sync.reports.base import View

NAME = "schema-sync"
MARK = "SCHEMA_SYNC_TESTS"

_Node = TypeVar("_Node", bound=pytest.Item | pytest.Collector)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup(NAME, "schema-sync: Python classes against the database's schema")
    group.addoption(
        "--schema-sync",
        action="store_true",
        help="Add a test for each table, view and enum that classes map to.",
    )
    group.addoption(
        "--schema-sync-source", metavar="SOURCE", help="Where the schema is read, as schema-sync --source."
    )
    group.addoption(
        "--schema-sync-fail-on",
        metavar="SEVERITY",
        default="low",
        help="Least severity that fails: low (default), medium, high, critical or never.",
    )


@pytest.hookimpl(tryfirst=True)  # before -k and -m choose
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Append the tests, if they are asked for and no file holds them.

    Raises:
        pytest.UsageError: if the severity is none.
    """
    if session.config.getoption("--schema-sync") and not any(isinstance(item, _Item) for item in items):
        items.extend(_made(_Schema, session, name=NAME, nodeid=NAME).collect())


def pytest_pycollect_makeitem(collector: pytest.Module | pytest.Class, name: str, obj: object) -> _Schema | None:
    """Put the tests into a file that has the line ``SCHEMA_SYNC_TESTS = True``."""
    if name != MARK or obj is not True or not isinstance(collector, pytest.Module):
        return None
    return _made(_Schema, collector, name=NAME)


class _DriftError(Exception):
    """What fails a test: lines for people."""


class _Schema(pytest.Collector):
    """Stands above the tests, so that they are named ``schema-sync::relation public.users``.

    The project is searched upwards from the file that holds them; without a file it is pytest's root.
    """

    def collect(self) -> Iterator[pytest.Item]:
        if sys.platform == "win32":
            from schema_sync.errors import NOT_ON_WINDOWS

            raise pytest.UsageError(NOT_ON_WINDOWS)
        from schema_sync import project_folder
        from schema_sync.cli.outputs import FAIL_ON, threshold
        from schema_sync.errors import SchemaSyncError
        from schema_sync.usecases import check
        from schema_sync.usecases import project as projects

        fail_on = self.config.getoption("--schema-sync-fail-on")
        if fail_on not in FAIL_ON:
            raise pytest.UsageError(
                f"--schema-sync-fail-on: no severity {fail_on!r}; known are {', '.join(FAIL_ON)}"
            )
        root = self.config.rootpath
        try:
            root = project_folder.find(self.path.parent) if isinstance(self.parent, pytest.Module) else root
            project = projects.open_project(root, source=self.config.getoption("--schema-sync-source"))
            view = check.view(project, check.check(project), threshold(fail_on))
        except SchemaSyncError as error:
            lines = [error.message, *([f"Hint: {error.hint}"] if error.hint else [])]
            yield _made(_Item, self, name="check", failing=[part for line in lines for part in line.split("\n")])
            return
        yield from self._items(view, root)

    def _items(self, view: View, root: Path) -> Iterator[pytest.Item]:
        from schema_sync.reports.base import line, objects
        from schema_sync.reports.escaping import printable

        report = view.report
        for unread in report.unreadable:
            why = f"{unread.at.exact}: {unread.why}"
            yield _made(_Item, self, name=printable(f"file {unread.at.path}"), failing=[why])
        for (kind, name), findings in sorted(objects(report).items()):
            yield _made(
                _Item,
                self,
                name=printable(f"{kind} {name}"),
                place=_place(findings, root),
                failing=[line(f) for f in findings if view.fails(f)],
                passing=[line(f) for f in findings if not view.fails(f)],
                advice="schema-sync diff shows more, schema-sync update mends.",
            )
        for note in report.not_checked:
            yield _made(_Item, self, name=printable(f"not checked: {note.what}"), skipped=note.why)


class _Item(pytest.Item):
    """One object: fails with what is found at or above the threshold, shows the rest as output."""

    def __init__(
        self,
        *,
        failing: Iterable[str] = (),
        passing: Iterable[str] = (),
        skipped: str = "",
        advice: str = "",
        place: tuple[Path, int] | None = None,
        **node: object,
    ) -> None:
        from schema_sync.reports.escaping import printable

        super().__init__(**node)  # type: ignore[arg-type]
        self._failing = "\n".join(map(printable, failing))
        self._passing = "\n".join(map(printable, passing))
        self._skipped = printable(skipped)
        self._advice = advice
        self._place = place

    def runtest(self) -> None:
        if self._passing:
            self.add_report_section("call", NAME, self._passing)
        if self._skipped:
            pytest.skip(self._skipped)
        if self._failing:
            raise _DriftError(self._failing)

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: object = None,  # noqa: ARG002  # as pytest declares it
    ) -> str:
        if not isinstance(excinfo.value, _DriftError):
            return str(super().repr_failure(excinfo))
        return f"{excinfo.value}\n\n{self._advice}".rstrip()

    def reportinfo(self) -> tuple[Path | str, int | None, str]:
        path, number = self._place or (NAME, None)
        return path, number, f"{NAME}: {self.name}"  # pytest would write :: for the dots of a bare name


def _made(kind: type[_Node], parent: pytest.Collector, **given: object) -> _Node:
    """Return a node of pytest's tree, made as pytest wants it; its own signature leaves the arguments open."""
    return kind.from_parent(parent, **given)  # type: ignore[return-value]  # pyright: ignore[reportUnknownMemberType]


def _place(findings: list[Finding], root: Path) -> tuple[Path, int] | None:
    """Return the file and the line, from 0, of the first finding."""
    at = min((finding.at for finding in findings), default=None)
    return None if at is None else (root / at.path, at.line - 1)

"""What a report format is: one constant per module, found by a scan of this folder."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache

from schema_sync.model.base import Value
from schema_sync.model.findings import Report, Severity


class View(Value, frozen=True, kw_only=True):
    """A report and what its rendering depends on.

    Attributes:
        title: the configuration's title, may be empty.
        first_schema: the schema whose objects go by their bare names.
        fail_on: the severity from which findings fail a check, None for never.
    """

    report: Report
    title: str = ""
    first_schema: str = "public"
    fail_on: Severity | None = Severity.LOW

    @property
    def heading(self) -> str:
        """The first line of a report."""
        return f"{self.title} Schema Synchronization".strip()

    @property
    def drifted(self) -> bool:
        """Whether a finding is at or above the threshold."""
        return self.fail_on is not None and any(f.severity >= self.fail_on for f in self.report.findings)


class Format(Value, frozen=True, kw_only=True):
    """A format of ``check``: its name, and the function that renders it with a final newline."""

    name: str
    render: Callable[[View], str]


@cache
def formats() -> dict[str, Format]:
    """Return all formats by name: each module of this folder that has a ``FORMAT``."""
    package = importlib.import_module("schema_sync.reports")
    found: dict[str, Format] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
        value = getattr(importlib.import_module(f"schema_sync.reports.{info.name}"), "FORMAT", None)
        if isinstance(value, Format):
            found[value.name] = value
    return found

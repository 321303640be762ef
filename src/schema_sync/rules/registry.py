"""Finds the rules: every module of a rule folder has one constant ``RULE``."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from schema_sync.model.findings import CommentRule, EnumRule, FunctionRule, RowRule, Rule, WholeRule


@cache
def drift_rules() -> dict[str, Rule]:
    """Return the rules that compare a catalog with code, by id, sorted."""
    package = importlib.import_module("schema_sync.rules.drift")
    found: dict[str, Rule] = {}
    for info in pkgutil.iter_modules(package.__path__):
        rule = getattr(importlib.import_module(f"schema_sync.rules.drift.{info.name}"), "RULE", None)
        if isinstance(rule, RowRule | EnumRule | FunctionRule | CommentRule | WholeRule):
            found[rule.id] = rule
    return dict(sorted(found.items()))

"""All rules that compare a catalog with code: a row is a rule. The page of each is in ``pages``."""

from __future__ import annotations

from schema_sync.model.findings import Rule, Severity
from schema_sync.model.pairs import ArgumentsPair, CommentPair, EnumPair, FunctionPair, RowPair, RowPairs
from schema_sync.rules import column_types, columns, comments, enums, functions, tables

LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL

_ALL = (
    Rule("argument-mismatch", HIGH, ArgumentsPair, functions.argument_mismatch),
    Rule("argument-removed", CRITICAL, ArgumentsPair, functions.argument_removed, removal=True),
    Rule("argument-undeclared", HIGH, ArgumentsPair, functions.argument_undeclared),
    Rule("column-not-required", LOW, RowPair, columns.not_required),
    Rule("column-not-writable", HIGH, RowPair, columns.not_writable, removal=True),
    Rule("column-nullability-mismatch", HIGH, RowPair, columns.nullability_mismatch),
    Rule("column-removed", CRITICAL, RowPair, columns.removed, removal=True),
    Rule("column-renamed", CRITICAL, RowPair, columns.renamed),
    Rule("column-type-mismatch", HIGH, RowPair, column_types.mismatch),
    Rule("column-undeclared", MEDIUM, RowPair, columns.undeclared),
    Rule("comment-mismatch", LOW, CommentPair, comments.mismatch),
    Rule("composite-undeclared", LOW, RowPair, tables.composite_undeclared),
    Rule("enum-label-removed", HIGH, EnumPair, enums.label_removed, removal=True),
    Rule("enum-label-undeclared", HIGH, EnumPair, enums.label_undeclared),
    Rule("enum-order-mismatch", LOW, EnumPair, enums.order_mismatch),
    Rule("enum-removed", CRITICAL, EnumPair, tables.removed, removal=True),
    Rule("enum-undeclared", HIGH, EnumPair, enums.undeclared),
    Rule("function-removed", CRITICAL, FunctionPair, tables.removed, removal=True),
    Rule("function-result-mismatch", HIGH, FunctionPair, functions.result_mismatch),
    Rule("function-undeclared", LOW, FunctionPair, functions.undeclared),
    Rule(
        "initial-migration-missing",
        CRITICAL,
        RowPairs,
        tables.initial_migration_missing,
        source="migrations",
        supersedes=("table-removed",),
    ),
    Rule("relation-not-writable", HIGH, RowPair, tables.relation_not_writable),
    Rule("required-column-optional", MEDIUM, RowPair, columns.required_optional),
    Rule("required-column-undeclared", HIGH, RowPair, columns.required_undeclared),
    Rule("shape-undeclared", LOW, RowPair, tables.shape_undeclared),
    Rule("table-removed", CRITICAL, RowPair, tables.removed, removal=True),
    Rule("table-undeclared", HIGH, RowPair, tables.table_undeclared),
    Rule("view-undeclared", LOW, RowPair, tables.view_undeclared),
)
DRIFT_RULES = {rule.id: rule for rule in _ALL}
REMOVALS = tuple(rule.id for rule in _ALL if rule.removal)
MEMBER_REMOVED, COLUMN_TYPE = "enum-label-removed", "column-type-mismatch"
COMPOSITE_UNDECLARED = DRIFT_RULES["composite-undeclared"]

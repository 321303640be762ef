"""All rules that compare a catalog with code: a row is a rule. The page of each is in ``pages``."""

from __future__ import annotations

from schema_sync.model.faults import QueryFault
from schema_sync.model.findings import Rule, Severity
from schema_sync.model.pairs import ArgumentsPair, CommentPair, EnumPair, FunctionPair, RowPair, RowPairs
from schema_sync.rules import columns, comments, enums, functions, queries, tables
from schema_sync.rules.findings import check

LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL

_ALL = (
    Rule("argument-mismatch", HIGH, "modified", "writes", ArgumentsPair, check(functions.argument_mismatch)),
    Rule(
        "argument-removed",
        CRITICAL,
        "removed",
        "writes",
        ArgumentsPair,
        check(functions.argument_removed),
        removal=True,
    ),
    Rule("argument-undeclared", HIGH, "added", "writes", ArgumentsPair, check(functions.argument_undeclared)),
    Rule("column-not-required", LOW, "modified", "none", RowPair, check(columns.not_required)),
    Rule("column-not-writable", HIGH, "modified", "writes", RowPair, check(columns.not_writable), removal=True),
    Rule("column-nullability-mismatch", HIGH, "modified", "writes", RowPair, check(columns.nullability_mismatch)),
    Rule("column-removed", CRITICAL, "removed", "both", RowPair, check(columns.removed), removal=True),
    Rule("column-renamed", CRITICAL, "modified", "both", RowPair, check(columns.renamed)),
    Rule("column-type-mismatch", HIGH, "modified", "both", RowPair, check(columns.type_mismatch)),
    Rule("column-undeclared", MEDIUM, "added", "none", RowPair, check(columns.undeclared)),
    Rule("comment-mismatch", LOW, "modified", "none", CommentPair, check(comments.mismatch)),
    Rule("composite-undeclared", LOW, "added", "none", RowPair, check(tables.undeclared("composite"))),
    Rule("enum-label-removed", HIGH, "removed", "writes", EnumPair, check(enums.label_removed), removal=True),
    Rule("enum-label-renamed", HIGH, "modified", "both", EnumPair, check(enums.label_renamed)),
    Rule("enum-label-undeclared", HIGH, "added", "reads", EnumPair, check(enums.label_undeclared)),
    Rule("enum-order-mismatch", LOW, "modified", "none", EnumPair, check(enums.order_mismatch)),
    Rule("enum-removed", CRITICAL, "removed", "both", EnumPair, check(tables.removed), removal=True),
    Rule("enum-renamed", CRITICAL, "modified", "both", EnumPair, check(tables.renamed)),
    Rule("enum-undeclared", HIGH, "added", "none", EnumPair, check(enums.undeclared)),
    Rule("function-removed", CRITICAL, "removed", "both", FunctionPair, check(tables.removed), removal=True),
    Rule("function-result-mismatch", HIGH, "modified", "reads", FunctionPair, check(functions.result_mismatch)),
    Rule("function-undeclared", LOW, "added", "none", FunctionPair, check(functions.undeclared)),
    Rule(
        "initial-migration-missing",
        CRITICAL,
        "removed",
        "both",
        RowPairs,
        tables.initial_migration_missing,
        source="migrations",
        supersedes=("table-removed",),
    ),
    Rule("relation-not-writable", HIGH, "modified", "writes", RowPair, check(tables.relation_not_writable)),
    Rule("required-column-optional", MEDIUM, "modified", "writes", RowPair, check(columns.required_optional)),
    Rule("required-column-undeclared", HIGH, "added", "writes", RowPair, check(columns.required_undeclared)),
    Rule("shape-undeclared", LOW, "modified", "none", RowPair, check(tables.shape_undeclared)),
    Rule("table-removed", CRITICAL, "removed", "both", RowPair, check(tables.removed), removal=True),
    Rule("table-renamed", CRITICAL, "modified", "both", RowPair, check(tables.renamed)),
    Rule("table-undeclared", HIGH, "added", "none", RowPair, check(tables.undeclared("table"))),
    Rule("view-undeclared", LOW, "added", "none", RowPair, check(tables.undeclared("view"))),
)
QUERY_RULES = (
    Rule("ambiguous-relationship", CRITICAL, "modified", "both", QueryFault, queries.of("several_relationships")),
    Rule("invalid-query", CRITICAL, "modified", "both", QueryFault, queries.of("not_parsed")),
    Rule("invalid-sql", CRITICAL, "removed", "both", QueryFault, queries.of("unknown_to_server")),
    Rule("key-not-selected", HIGH, "modified", "reads", QueryFault, queries.of("key_not_selected")),
    Rule("missing-argument", CRITICAL, "modified", "writes", QueryFault, queries.of("argument_missing")),
    Rule("missing-required-key", CRITICAL, "modified", "writes", QueryFault, queries.of("key_missing")),
    Rule("no-unique-constraint", CRITICAL, "modified", "writes", QueryFault, queries.of("no_unique_constraint")),
    Rule("not-writable", CRITICAL, "modified", "writes", QueryFault, queries.of("not_writable")),
    Rule("unknown-argument", CRITICAL, "removed", "writes", QueryFault, queries.of("no_argument")),
    Rule("unknown-column", CRITICAL, "removed", "both", QueryFault, queries.of("no_column")),
    Rule("unknown-function", CRITICAL, "removed", "both", QueryFault, queries.of("no_function")),
    Rule("unknown-label", HIGH, "removed", "both", QueryFault, queries.of("no_label")),
    Rule("unknown-relationship", CRITICAL, "removed", "both", QueryFault, queries.of("no_relationship")),
    Rule("unknown-table", CRITICAL, "removed", "both", QueryFault, queries.of("no_table")),
    Rule("wrong-literal-type", MEDIUM, "modified", "both", QueryFault, queries.of("wrong_literal")),
)
QUERY_IDS = tuple(rule.id for rule in QUERY_RULES)
DRIFT_RULES = {rule.id: rule for rule in _ALL}
ROW_RULES = tuple(rule for rule in _ALL if rule.pairs is RowPair)
REMOVALS = tuple(rule.id for rule in _ALL if rule.removal)
MEMBER_REMOVED, COLUMN_TYPE = "enum-label-removed", "column-type-mismatch"
COMPOSITE_UNDECLARED = DRIFT_RULES["composite-undeclared"]
INITIAL_MISSING = DRIFT_RULES["initial-migration-missing"]

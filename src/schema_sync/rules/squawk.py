"""Squawk's rules, as it reports them (2.63 to 2.70): a name, and the fault in one sentence.

Squawk has no command that lists them, and its documentation has a page for each. A name that it accepts in
``.squawk.toml`` but never reports is not here: a severity for it would have no effect.
Authority: https://squawkhq.com/docs/rules.
"""

from __future__ import annotations

from schema_sync.model.findings import Severity

SQUAWK = "squawk-"  # before the name of one of Squawk's rules
_DOCUMENTATION = "https://squawkhq.com/docs/"
_PAGES = {"prefer-timestamp-tz": "prefer-timestamptz", "unused-ignore": "rules"}  # not named like the rule
_FAULTS = {
    "adding-field-with-default": "A column is added with a default that rewrites the table: all else waits.",
    "adding-foreign-key-constraint": "A foreign key is added without NOT VALID: writes to both tables wait.",
    "adding-not-nullable-field": "SET NOT NULL blocks reads while the table is scanned.",
    "adding-required-field": "A column is added that is NOT NULL without a default: old inserts fail.",
    "adding-serial-primary-key-field": "A primary key is added: all else waits while its index is built.",
    "ban-add-column": "A new column changes the rows that programs receive, and breaks positional inserts.",
    "ban-add-composite-attribute": "A new attribute changes the values of the type that programs receive.",
    "ban-add-enum-value": "A new label changes the set of values that programs can receive.",
    "ban-alter-database-options": "Options of the database change, and with them what running programs meet.",
    "ban-alter-domain-with-add-constraint": "A domain gets a constraint: all columns of its type are scanned.",
    "ban-alter-extension": "An extension is altered: objects that programs use may change or go.",
    "ban-alter-function-options": "Options of a function change, and with them how it behaves for its callers.",
    "ban-alter-generated-expression": "The expression of a generated column changes, and so do the values read.",
    "ban-alter-identity": "The identity of a column changes: inserts may fail.",
    "ban-alter-policy-condition": "The condition of a policy changes who may see or write which rows.",
    "ban-alter-policy-roles": "The roles of a policy change, and with them access.",
    "ban-alter-role-options": "Options of a role change, and with them access or behaviour.",
    "ban-alter-row-level-security": "Row level security is switched: rows appear, or access is refused.",
    "ban-alter-sequence-values": "A sequence is altered: the values that it gives change.",
    "ban-alter-system-options": "The configuration of the server changes.",
    "ban-alter-view-options": "Options of a view change, and with them how it behaves for its readers.",
    "ban-char-field": "A column is of the type character, which pads with blanks; text or varchar is meant.",
    "ban-concurrent-index-creation-in-transaction": "CREATE INDEX CONCURRENTLY stands in a transaction and fails.",
    "ban-create-domain-with-constraint": "A domain with a constraint is hard to change later without long locks.",
    "ban-create-policy": "A new policy changes who may see or write which rows.",
    "ban-detach-inheritance": "A table leaves its parent: the parent shows its rows no more.",
    "ban-disable-trigger": "The firing of a trigger or rule changes, and with it what a write does besides.",
    "ban-drop-column": "A column is dropped that running programs may use.",
    "ban-drop-constraint": "A constraint is dropped whose guarantee programs may rely on.",
    "ban-drop-database": "A database is dropped.",
    "ban-drop-default": "A default is dropped: inserts that leave the column out may fail.",
    "ban-drop-domain": "A domain is dropped that running programs may use.",
    "ban-drop-extension": "An extension is dropped, and its functions and types with it.",
    "ban-drop-function": "A function is dropped that running programs may call.",
    "ban-drop-generated-expression": "A column is generated no more: inserts that leave it out give null.",
    "ban-drop-index": "An index is dropped: queries may become slow, and a unique one guards no more.",
    "ban-drop-not-null": "NOT NULL is dropped: programs that read the column may not expect null.",
    "ban-drop-policy": "A policy is dropped, and access changes.",
    "ban-drop-schema": "A schema is dropped that running programs may use.",
    "ban-drop-sequence": "A sequence is dropped that running programs may use.",
    "ban-drop-table": "A table is dropped that running programs may use.",
    "ban-drop-trigger": "A trigger is dropped, and with it what a write did besides.",
    "ban-drop-type": "A type is dropped that running programs may use.",
    "ban-drop-view": "A view is dropped that running programs may use.",
    "ban-duplicate-column-assignments": "A statement names a column twice and fails.",
    "ban-new-write-restriction": "A new constraint or unique index refuses writes that were accepted before.",
    "ban-replace-view-function": "A view, function or procedure is replaced and may behave otherwise.",
    "ban-replica-identity": "The replica identity changes, and with it what subscribers receive.",
    "ban-revoke": "Privileges are revoked that running programs may need.",
    "ban-set-default": "A default is set: inserts that leave the column out write another value.",
    "ban-set-schema": "An object moves to another schema, where programs may not find it.",
    "ban-truncate-cascade": "TRUNCATE … CASCADE also empties the tables whose foreign keys lead there.",
    "ban-uncommitted-transaction": "A transaction is begun and never committed.",
    "changing-column-type": "The type of a column changes: the table is rewritten, and all else waits.",
    "constraint-missing-not-valid": "A constraint is added without NOT VALID: writes wait for a scan.",
    "disallowed-unique-constraint": "A UNIQUE constraint is added: all else waits while its index is built.",
    "identifier-too-long": "A name is longer than 63 bytes, and PostgreSQL cuts it off.",
    "prefer-bigint-over-int": "A column of 32 bits can run out of numbers.",
    "prefer-bigint-over-smallint": "A column of 16 bits can run out of numbers.",
    "prefer-identity": "A column is serial, which is harder to manage than an identity.",
    "prefer-repack": "VACUUM FULL or CLUSTER blocks reads and writes while it rewrites the table.",
    "prefer-robust-stmts": "A statement cannot be repeated where the migration failed half way.",
    "prefer-text-field": "A varchar has a length whose change locks the table; text with a CHECK does not.",
    "prefer-timestamp-tz": "A column is timestamp without time zone: the offset of a time is dropped.",
    "renaming-column": "A column is renamed that running programs may use.",
    "renaming-object": "An object is renamed that running programs may use.",
    "renaming-table": "A table is renamed that running programs may use.",
    "require-concurrent-index-creation": "An index is built without CONCURRENTLY: writes to the table wait.",
    "require-concurrent-index-deletion": "An index is dropped without CONCURRENTLY: reads and writes wait.",
    "require-concurrent-partition-detach": "A partition is detached without CONCURRENTLY: reads and writes wait.",
    "require-concurrent-reindex": "REINDEX without CONCURRENTLY: reads and writes wait.",
    "require-enum-value-ordering": "A label is added without BEFORE or AFTER, and stands last.",
    "require-lock-timeout": "A statement that may wait for a lock has no lock_timeout before it.",
    "require-statement-timeout": "A statement that may take long has no statement_timeout before it.",
    "require-table-schema": "A table is named without its schema, and so depends on the search_path.",
    "transaction-nesting": "BEGIN stands within a transaction, or COMMIT outside of one.",
    "unused-ignore": "A comment `squawk-ignore` names no rule of Squawk's.",
}


def address(name: str) -> str:
    """Return where Squawk documents its rule *name* (without ``squawk-``), which may be newer than this list."""
    return f"{_DOCUMENTATION}{_PAGES.get(name, name)}"


SQUAWK_RULES = {f"{SQUAWK}{name}": fault for name, fault in _FAULTS.items()}
SQUAWK_SEVERITY = Severity.MEDIUM

"""What statements of migrations do to the names of relations, types, and their columns and labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from schema_sync.model.options import NameChange
from schema_sync.replay.statements import Statement

_RELATIONS = frozenset({"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE"})
_PARTS = frozenset({"OBJECT_COLUMN", "OBJECT_ATTRIBUTE"})
_TYPE, _SCHEMA = "OBJECT_TYPE", "OBJECT_SCHEMA"

Name = tuple[str, ...]


def name_changes(statements: Iterable[Statement]) -> Iterator[NameChange]:
    """Yield what *statements* rename, move to another schema or drop, in their order.

    A name without a schema is taken for one of ``public``. What a DO block or a function does is not seen.
    """
    for each in statements:
        tree = each.tree
        if each.kind == "RenameStmt":
            yield from _renamed(tree)
        elif each.kind == "AlterObjectSchemaStmt" and tree["objectType"] in {*_RELATIONS, _TYPE}:
            old = _object(tree)
            yield NameChange(old=old, new=(tree["newschema"], *old[1:]))
        elif each.kind == "AlterEnumStmt" and "oldVal" in tree:
            old = _named(tree["typeName"])
            yield NameChange(old=(*old, tree["oldVal"]), new=(*old, tree["newVal"]))
        elif each.kind == "DropStmt" and tree["removeType"] in {*_RELATIONS, _TYPE, _SCHEMA}:
            yield from (NameChange(old=_dropped(node), new=None) for node in tree["objects"])
        elif each.kind == "AlterTableStmt":
            commands = (command["AlterTableCmd"] for command in tree["cmds"])
            dropped = (command["name"] for command in commands if command["subtype"] == "AT_DropColumn")
            yield from (NameChange(old=(*_object(tree), name), new=None) for name in dropped)


def _renamed(tree: dict[str, Any]) -> Iterator[NameChange]:
    kind, new = tree["renameType"], tree["newname"]
    if kind in _PARTS:
        old = _object(tree)
        yield NameChange(old=(*old, tree["subname"]), new=(*old, new))
    elif kind in {*_RELATIONS, _TYPE}:
        old = _object(tree)
        yield NameChange(old=old, new=(old[0], new))
    elif kind == _SCHEMA:
        yield NameChange(old=(tree["subname"],), new=(new,))


def _object(tree: dict[str, Any]) -> Name:
    """Return the name of the relation or type that a statement is about."""
    if "relation" in tree:
        relation = tree["relation"]
        return relation.get("schemaname", "public"), relation["relname"]
    return _named(tree["object"]["List"]["items"])


def _dropped(node: dict[str, Any]) -> Name:
    if "String" in node:
        return (node["String"]["sval"],)
    return _named(node["TypeName"]["names"] if "TypeName" in node else node["List"]["items"])


def _named(parts: list[dict[str, Any]]) -> Name:
    """Return the schema and the name that *parts* spell; a database in front of them is left out."""
    names = [part["String"]["sval"] for part in parts]
    return ("public", names[0]) if len(names) == 1 else (names[-2], names[-1])

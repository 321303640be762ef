"""What a history asks for that a new Supabase database has already, or that the embedded one has otherwise.

Histories meet more than Supabase's local stack: self-hosted servers, dumps of a server, a plain PostgreSQL with an
``auth`` of its own. What such a statement wants is there, or is made room for; each case gives a note.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

    from schema_sync.postgres.session import Session
    from schema_sync.replay.statements import Statement

_REPLACEABLE = {"auth", "storage", "realtime"}  # of the platform's schemas those that projects bring themselves
_THERE = """
select 'role', rolname::text from pg_catalog.pg_roles
union all select 'schema', nspname::text from pg_catalog.pg_namespace
union all select 'extension', extname::text from pg_catalog.pg_extension
union all select 'table', n.nspname || '.' || c.relname from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v')
"""
_STAND_INS = """
select from pg_catalog.pg_available_extensions where installed_version is not null and comment like 'stand-in:%'
"""
_AVAILABLE = "select name::text from pg_catalog.pg_available_extensions"
_ICU_NAME = re.compile(r'"[a-z]{2,3}(?:-[A-Za-z0-9]+)*-x-icu"')
_ICU_NOTE = 'a collation of ICU stands for "C" here: the embedded PostgreSQL is built without ICU'
_SIMPLE_LOCALES = {"c", "posix"}
_NO_EVENT_TRIGGER = "an event trigger is passed over: it would run as superuser"
_ROUTINES = {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"}


@dataclass(frozen=True, slots=True)
class Adapted:
    """A statement as it is to be run: the SQL in order, and why it differs from what is written."""

    sql: tuple[str, ...]
    note: str = ""


class Platform:
    """What the database of a session is before the first migration, and what became of it.

    Attributes:
        names: the names that it held, by kind; what a project replaces goes.
        available: the extensions that can be created.
        skipped: the extensions that migrations created though the server lacks them.
    """

    def __init__(self, session: Session) -> None:
        self.names = _names(session)
        self.available = {row[0] for row in session.execute(_AVAILABLE.encode()).fetchall()}
        self.skipped: set[str] = set()

    def adapt(self, session: Session, statement: Statement) -> Adapted:
        """Return what to run for *statement* in *session*, which is looked into for what is still there."""
        rule = _RULES.get(statement.kind)
        adapted = rule(self, session, statement.text, statement.tree) if rule else None
        return adapted or Adapted((statement.text,), _ICU_NOTE if _ICU_NAME.search(statement.text) else "")

    def holds(self, session: Session, kind: str, name: str) -> bool:
        """Return whether the platform's object is still there."""
        return (kind, name) in self.names and (kind, name) in _names(session)


def _names(session: Session) -> set[tuple[str, str]]:
    return {(kind, name) for kind, name in session.execute(_THERE.encode()).fetchall()}


def _extension(platform: Platform, session: Session, _: str, tree: dict[str, Any]) -> Adapted | None:
    """The version is the server's own; what every project has is there already."""
    name = tree["extname"]
    if name not in platform.available:
        platform.skipped.add(name)
        note = (
            "the embedded PostgreSQL does not have it: it is skipped, and what needs its types or functions fails"
        )
        return Adapted((), f"extension {name}: {note}")
    options = {one["DefElem"]["defname"]: one["DefElem"].get("arg") for one in tree.get("options", ())}
    there = platform.holds(session, "extension", name) and not tree.get("if_not_exists")
    if "new_version" not in options and not there:
        return None
    words = ["create extension if not exists" if there or tree.get("if_not_exists") else "create extension"]
    words.append(_quoted(name))
    if "schema" in options:
        words.append(f"schema {_quoted(options['schema']['String']['sval'])}")
    words += ["cascade"] if "cascade" in options else []
    note = "every Supabase project has it" if there else "its version is not asked for; the server has its own"
    return Adapted((" ".join(words),), f"extension {name}: {note}")


def _extension_update(platform: Platform, __: Session, ___: str, tree: dict[str, Any]) -> Adapted | None:
    if tree["extname"] in platform.skipped:
        return Adapted(())
    if not tree.get("options"):
        return None
    note = f"extension {tree['extname']}: no version is updated to; the server has its own"
    return Adapted((f"alter extension {_quoted(tree['extname'])} update",), note)


def _role(platform: Platform, session: Session, _: str, tree: dict[str, Any]) -> Adapted | None:
    name = tree["role"]
    note = f"role {name} is there in every Supabase project: its creation is passed over"
    return Adapted((), note) if platform.holds(session, "role", name) else None


def _schema(platform: Platform, session: Session, sql: str, tree: dict[str, Any]) -> Adapted | None:
    name = tree.get("schemaname")
    if name is None or tree.get("if_not_exists") or not platform.holds(session, "schema", name):
        return None
    if name in _REPLACEABLE:
        platform.names -= {("schema", name), *(one for one in platform.names if one[1].startswith(f"{name}."))}
        note = f"the project creates the schema {name} itself: Supabase's own was removed before"
        return Adapted((f"drop schema {_quoted(name)} cascade", sql), note)
    if tree.get("schemaElts"):
        return None
    return Adapted((), f"schema {name} is there in every Supabase project: its creation is passed over")


def _table(platform: Platform, session: Session, sql: str, tree: dict[str, Any]) -> Adapted | None:
    relation = tree["relation"]
    schema, name = relation.get("schemaname"), relation["relname"]
    replaced = schema in _REPLACEABLE and not tree.get("if_not_exists")
    if not replaced or not platform.holds(session, "table", f"{schema}.{name}"):
        return None
    platform.names.discard(("table", f"{schema}.{name}"))
    note = f"the project creates the table {schema}.{name} itself: Supabase's own was removed before"
    return Adapted((f"drop table {_quoted(schema)}.{_quoted(name)} cascade", sql), note)


def _label(_: Platform, __: Session, ___: str, tree: dict[str, Any]) -> Adapted:
    provider = tree.get("provider", "a module")
    return Adapted((), f"a security label is passed over: {provider} is not loaded, and no column depends on it")


def _grant(_: Platform, session: Session, sql: str, tree: dict[str, Any]) -> Adapted | None:
    """Dumps grant privileges on every function of an extension; a stand-in has only the common ones."""
    from psycopg.errors import UndefinedFunction, UndefinedObject

    if tree.get("objtype") not in _ROUTINES or not session.execute(_STAND_INS.encode()).fetchall():
        return None
    note = "privileges on a function that a stand-in of an extension lacks are passed over"
    return _tried(session, sql, (UndefinedFunction, UndefinedObject), note)


def _setting(_: Platform, session: Session, sql: str, __: dict[str, Any]) -> Adapted:
    """Some settings are a superuser's: one names libraries to load."""
    from psycopg.errors import InsufficientPrivilege

    note = "a setting that only a superuser may make is passed over: no column depends on it"
    return _tried(session, sql, (InsufficientPrivilege,), note)


def _tried(session: Session, sql: str, refusals: tuple[type[psycopg.Error], ...], note: str) -> Adapted:
    """Run *sql*; nothing is left to be run, whether the server did it, or refused it for one of the reasons."""
    try:
        with session.transaction():
            session.execute(sql.encode())
    except refusals:
        return Adapted((), note)
    return Adapted(())


def _collation(_: Platform, __: Session, ___: str, tree: dict[str, Any]) -> Adapted | None:
    """Make a collation of ICU, or of a locale that this machine may lack, the same as "C"."""
    if tree["kind"] != "OBJECT_COLLATION":
        return None
    options = {each["DefElem"]["defname"]: str(each["DefElem"].get("arg")).lower() for each in tree["definition"]}
    plain = any(f"'sval': '{name}'" in text for text in options.values() for name in _SIMPLE_LOCALES)
    if "from" in options or (plain and "icu" not in options.get("provider", "")):
        return None
    exists = "if not exists " if tree.get("if_not_exists") else ""
    name = ".".join(_quoted(each["String"]["sval"]) for each in tree["defnames"])
    return Adapted((f'create collation {exists}{name} from "C"',), _ICU_NOTE)


def _event_trigger(_: Platform, session: Session, __: str, ___: dict[str, Any]) -> Adapted | None:
    return None if _is_superuser(session) else Adapted((), _NO_EVENT_TRIGGER)


def _of_what_was_passed_over(
    platform: Platform, session: Session, sql: str, tree: dict[str, Any]
) -> Adapted | None:
    """Pass over what is said of an event trigger, or of an extension that was skipped."""
    kinds = {tree.get(key) for key in ("objtype", "removeType", "objectType", "renameType")}
    if "OBJECT_EVENT_TRIGGER" in kinds:
        return _event_trigger(platform, session, sql, tree)
    named = [tree["object"]] if "object" in tree else tree.get("objects", [])
    skipped = named and all(each.get("String", {}).get("sval") in platform.skipped for each in named)
    return Adapted(()) if "OBJECT_EXTENSION" in kinds and skipped else None


def _publication(_: Platform, session: Session, __: str, tree: dict[str, Any]) -> Adapted | None:
    """Only a superuser may publish all tables, also those to come."""
    parts = [each["PublicationObjSpec"]["pubobjtype"] for each in tree.get("pubobjects", ())]
    if not (tree.get("for_all_tables") or any("SCHEMA" in part for part in parts)) or _is_superuser(session):
        return None
    create = (f"create publication {_quoted(tree['pubname'])}",) if "action" not in tree else ()
    return Adapted(create, "a publication of all tables is left empty: no column depends on it")


def _is_superuser(session: Session) -> bool:
    return session.info.parameter_status("is_superuser") == "on"


_RULES: dict[str, Callable[[Platform, Session, str, dict[str, Any]], Adapted | None]] = {
    "CreateExtensionStmt": _extension,
    "CreatePublicationStmt": _publication,
    "AlterDatabaseSetStmt": _setting,
    "AlterEventTrigStmt": _event_trigger,
    "AlterExtensionStmt": _extension_update,
    "AlterPublicationStmt": _publication,
    "AlterRoleSetStmt": _setting,
    "CreateEventTrigStmt": _event_trigger,
    "CreateRoleStmt": _role,
    "CreateSchemaStmt": _schema,
    "CreateStmt": _table,
    "DefineStmt": _collation,
    "GrantStmt": _grant,
    "SecLabelStmt": _label,
    **dict.fromkeys(
        ("AlterObjectSchemaStmt", "AlterOwnerStmt", "CommentStmt", "DropStmt", "RenameStmt"),
        _of_what_was_passed_over,
    ),
}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

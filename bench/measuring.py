"""Row and Insert fidelity of written classes against a live database; run by fidelity.py in a process of its own.

    python bench/measuring.py ROOT DSN CLASSES

CLASSES is JSON: object (schema.name) → shape → [path, class]. Prints the figures as JSON: each row as ``to_json``
gives it (what PostgREST returns) into its Row class, the same by column, and real INSERTs through
``json_populate_record`` (as PostgREST makes them) of the keys that the Insert class requires and of all its keys.
"""

from __future__ import annotations

import importlib
import json
import sys
import types
import typing
from collections import Counter
from typing import Any

import psycopg
import typing_extensions
from psycopg import sql
from pydantic import PydanticUserError, TypeAdapter, ValidationError

LIMIT = 500
FACTS = ("not_null", "type_kind", "generated", "identity", "type")
CATALOG = """
select n.nspname, c.relname, c.relkind::text, a.attname, a.attnotnull or (t.typtype = 'd' and t.typnotnull),
       t.typtype::text, a.attgenerated::text, a.attidentity::text, pg_catalog.format_type(a.atttypid, a.atttypmod)
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_catalog.pg_type t on t.oid = a.atttypid
where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and n.nspname = any (%s)
order by 1, 2, a.attnum
"""
Column = dict[str, Any]


class Measuring:
    """The figures of one database and the classes for it."""

    def __init__(self, session: psycopg.Connection, classes: dict[str, dict[str, list[str]]]) -> None:
        self.session = session
        self.classes = classes
        self.figures: Counter[str] = Counter()
        self.failures: list[str] = []
        schemas = sorted({name.partition(".")[0] for name in classes})
        self.relations: dict[tuple[str, str], tuple[str, dict[str, Column]]] = {}
        for schema, name, kind, column, *rest in session.execute(CATALOG, (schemas,)):
            columns = self.relations.setdefault((schema, name), (kind, {}))[1]
            if column is not None:
                columns[column] = dict(zip(FACTS, rest, strict=True))

    def run(self) -> None:
        for (schema, name), (kind, columns) in self.relations.items():
            found = self.classes.get(f"{schema}.{name}", {})
            self.figures["tables"] += 1
            self.rows(sql.Identifier(schema, name), f"{schema}.{name}", columns, found.get("row"))
            if kind in "rp" and columns:
                self.figures["insert_tables"] += 1
                self.inserts(sql.Identifier(schema, name), f"{schema}.{name}", columns, found.get("insert"))

    def fail(self, what: str, why: object) -> None:
        self.failures.append(f"{what}: {' '.join(str(why).split())[:160]}")

    def rows(self, table: sql.Identifier, full: str, columns: dict[str, Column], place: list[str] | None) -> None:
        select = sql.SQL("select to_json(t)::text from (select * from {} limit {}) t")
        query = select.format(table, sql.Literal(LIMIT))
        found = [row[0] for row in self.session.execute(query)] if columns else ["{}"]
        self.figures["rows"] += len(found)
        self.figures["columns"] += len(columns)
        if place is None:
            return self.fail(full, "no Row class")
        declared = load(*place)
        hints = typing.get_type_hints(declared, include_extras=True)
        keys_right = set(hints) == set(columns)
        if not keys_right:
            self.fail(full, f"keys differ: {sorted(set(hints) ^ set(columns))}")
        judge = adapter(declared)
        for text in found:
            accepted = keys_right and not isinstance(judge, str) and self.accepted(judge, text, full)
            self.figures["rows_accepted"] += accepted
        for column, facts in columns.items():
            if column in hints:
                self.column(table, full, column, facts, hints[column])
        return None

    def column(self, table: sql.Identifier, of: str, name: str, facts: Column, hint: Any) -> None:
        full = f"{of}.{name}"
        judge = adapter(bare(hint))
        if isinstance(judge, str):
            return self.fail(full, judge)
        query = sql.SQL("select coalesce(to_json({})::text, 'null') from {} limit {}").format(
            sql.Identifier(name), table, sql.Literal(LIMIT)
        )
        fine = [self.accepted(judge, text, f"{full} [{facts['type']}]") for (text,) in self.session.execute(query)]
        anything = is_any(bare(hint))
        self.figures["columns_any"] += anything
        self.figures["columns_typed"] += all(fine) and not anything
        if facts["not_null"] and facts["type"] not in {"json", "jsonb"}:
            self.figures["nulls_tried"] += 1
            self.figures["nulls_refused"] += not self.accepted(judge, "null")
        if facts["type_kind"] == "e":
            self.figures["labels_tried"] += 1
            self.figures["labels_refused"] += not self.accepted(judge, '"zz_no_such_label"')
        return None

    def accepted(self, judge: TypeAdapter[Any], text: str, full: str | None = None) -> bool:
        try:
            judge.validate_json(text)
        except ValidationError as error:
            if full is not None:
                self.fail(full, f"{text[:60]}: {error}")
            return False
        return True

    def inserts(
        self, table: sql.Identifier, full: str, columns: dict[str, Column], place: list[str] | None
    ) -> None:
        if place is None:
            return self.fail(full, "no Insert class")
        declared = load(*place)
        hints = typing.get_type_hints(declared, include_extras=True)
        required = [key for key, hint in hints.items() if is_required(declared, hint)]
        writable = {k for k, c in columns.items() if not c["generated"] and c["identity"] != "a"}
        self.figures["keys"] += len(hints)
        for key in set(hints) - writable:
            self.figures["keys_wrong"] += 1
            self.fail(f"{full}.{key}", "an Insert key that is not a column that takes a value")
        for key in writable - set(hints):
            self.fail(f"{full}.{key}", "a column that takes a value, and no Insert key")
        row = self.sample(table, writable)
        if row is None:
            return self.fail(full, "no row that can be inserted again")
        self.figures["inserts"] += 1
        for which, keys in (("required", required), ("all", list(hints))):
            try:
                self.insert(table, {key: row.get(key, "x") for key in keys})
                self.figures[f"inserts_{which}"] += 1
            except psycopg.Error as error:
                self.fail(f"{full}: INSERT of its {which} keys", error)
        return None

    def sample(self, table: sql.Identifier, writable: set[str]) -> dict[str, Any] | None:
        """Return a row of *table* whose writable columns PostgREST's own statement can put back."""
        query = sql.SQL("select to_json(t)::text from {} t limit 20").format(table)
        for (text,) in self.session.execute(query).fetchall():
            row: dict[str, Any] = json.loads(text)
            try:
                self.insert(table, {key: value for key, value in row.items() if key in writable})
            except psycopg.Error:
                continue
            return row
        return None

    def insert(self, table: sql.Identifier, values: dict[str, Any]) -> None:
        with self.session.transaction(force_rollback=True):
            self.session.execute(sql.SQL("delete from {}").format(table))
            if not values:
                self.session.execute(sql.SQL("insert into {} default values").format(table))
                return
            names = sql.SQL(", ").join(map(sql.Identifier, values))
            query = sql.SQL("insert into {} ({}) select {} from json_populate_record(null::{}, %s::json)")
            self.session.execute(query.format(table, names, names, table), (json.dumps(values),))


def load(path: str, name: str) -> Any:
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    return getattr(module, name)


def adapter(kind: Any) -> TypeAdapter[Any] | str:
    try:
        return TypeAdapter(kind)
    except PydanticUserError as error:
        return str(error)


def is_required(declared: Any, hint: Any) -> bool:
    origin = typing_extensions.get_origin(hint)
    return origin is typing.Required or (declared.__total__ and origin is not typing.NotRequired)


def bare(hint: Any) -> Any:
    while typing.get_origin(hint) in {typing.Required, typing.NotRequired}:
        hint = typing.get_args(hint)[0]
    return hint


def is_any(hint: Any) -> bool:
    """Whether nothing is checked: Any or object, one of them or None, a list of them."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in (typing.Any, object):
        return True
    if origin is typing.Annotated:
        return is_any(arguments[0])
    if origin in {typing.Union, types.UnionType}:
        rest = [each for each in arguments if each is not type(None)]
        return any(is_any(each) for each in rest)
    return origin is list and is_any(arguments[0])


def main() -> None:
    root, dsn, classes = sys.argv[1:]
    # Below Python 3.12 pydantic takes only the backport's TypedDict; type checkers see no difference.
    typing.TypedDict = typing_extensions.TypedDict
    sys.path.insert(0, root)
    with psycopg.connect(dsn, autocommit=True) as session:
        session.execute("set session_replication_role = replica")  # foreign keys are not what is measured
        measuring = Measuring(session, json.loads(classes))
        measuring.run()
    print(json.dumps({"figures": measuring.figures, "failures": measuring.failures}))


if __name__ == "__main__":
    main()

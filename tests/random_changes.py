"""Random changes of a database, with what they must cause.

As in random_schema.py: what a change breaks and which names it touches is said here again, in few words, so that it
can disagree with the package.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from random_schema import (
    ENUMS,
    HOSTILE,
    KEYS,
    LABELS,
    PLAIN,
    TABLES,
    Column,
    Drawer,
    Found,
    Model,
    Relation,
    column_sql,
    create_sql,
    draw_columns,
    draw_type,
    draw_view,
    enum_sql,
    fresh_name,
    ident,
    keyable,
    text,
    type_sql,
)


@dataclass
class Change:
    """A change, what must be found, and by object (None: a new one) the names it may touch in the class."""

    sql: str
    found: set[Found]
    touched: dict[str, set[str] | None]
    pruned: dict[str, set[str] | None] = field(default_factory=dict)
    renamed: tuple[str, str, str] | None = None  # relation, former and new name of a column
    moved: tuple[str, str] | None = None  # former and new name of an object


class Changer:
    """Draws changes of a model that do not get into each other's way."""

    def __init__(
        self, draw: Drawer, model: Model, functional: set[str], marked: frozenset[str] = frozenset()
    ) -> None:
        self.draw, self.model = draw, model
        self._functional = functional  # relations whose class has the functional form
        self._marked = marked  # objects whose class gives the name in quotes: for a person to change
        self._busy: set[object] = set()
        self._kinds: list[Callable[[], Change | None]] = [
            *(self.add_column, self.drop_column, self.rename_column, self.retype, self.set_nullable),
            *(self.create_table, self.drop_table, self.rename_table, self.create_view, self.replace_view),
            *(self.create_enum, self.drop_enum, self.rename_enum, self.add_label, self.rename_label),
            *(self.remake_enum, self.alter_domain, self.unseen),
        ]

    def change(self) -> Change | None:
        return self.draw.one(*self._kinds)()

    # ---- what can be chosen

    def _relation(self, *, whole: bool, view: bool = False) -> Relation | None:
        found = [
            r for r in self.model.relations.values() if r not in self._busy and (r.source is not None) == view
        ]
        if whole:
            half = {relation for relation, _ in self._gone()}
            found = [
                r for r in found if r not in half and not self._busy & set(r.columns) and not self.model.viewed(r)
            ]
        return self.draw.one(*found) if found else None

    def _column(self, *, free: bool) -> tuple[Relation, Column] | None:
        """A column of a table; *free*: of one that no view reads."""
        relation = self._relation(whole=False)
        if relation is None or (free and self.model.viewed(relation)):
            return None
        found = [c for c in relation.columns if c not in self._busy]
        return (relation, self.draw.one(*found)) if found else None

    def _enum(self, *, unused: bool = False, annotated: bool = True) -> str | None:
        found = [name for name in self.model.enums if name not in self._busy]
        if unused:
            found = [name for name in found if not self.model.columns_of(name) and not self._annotates(name)]
        if not annotated:
            found = [name for name in found if not self._annotates(name)]
        return self.draw.one(*found) if found else None

    def _annotates(self, enum: str) -> bool:
        columns = [c for r in self.model.relations.values() for c in r.columns]
        return any(c.declared == f"enum:{enum}" for c in columns) or f"enum:{enum}" in self._busy

    def _key(self, relation: Relation) -> str | None:
        pool = [*KEYS, *HOSTILE] if relation.name in self._functional else KEYS
        taken = {c.name for c in relation.columns} | {n for r, n in self._gone() if r is relation}
        free = [name for name in pool if name not in taken]
        return self.draw.one(*free) if free else None

    def _gone(self) -> list[tuple[Relation, str]]:
        return [each for each in self._busy if isinstance(each, tuple)]

    # ---- columns

    def add_column(self) -> Change | None:
        relation = self._relation(whole=False)
        name = self._key(relation) if relation else None
        if relation is None or name is None:
            return None
        column = Column(name, draw_type(self.draw, self.model), self.draw.maybe())
        relation.columns.append(column)
        self._busy |= {column}
        if column.type in self.model.enums:
            self._busy.add(column.type)
        sql = f"alter table {ident(relation.name)} add column {column_sql(column)}"
        return Change(sql, {("column-undeclared", relation.name, name)}, {relation.name: {name}})

    def drop_column(self) -> Change | None:
        chosen = self._column(free=True)
        if chosen is None:
            return None
        relation, column = chosen
        relation.columns.remove(column)
        self._busy |= {(relation, column.name), column.declared}
        sql = f"alter table {ident(relation.name)} drop column {ident(column.name)}"
        keys: dict[str, set[str] | None] = {relation.name: {column.name}}
        return Change(sql, {("column-removed", relation.name, column.name)}, keys, keys)

    def rename_column(self) -> Change | None:
        chosen = self._column(free=True)
        name = self._key(chosen[0]) if chosen else None
        hides = name in {"str", "list", "Optional"}  # it stays where it is, in front of what may use the type
        if chosen is None or name is None or (hides and chosen[0].name not in self._functional):
            return None
        relation, column = chosen
        old, column.name = column.name, name
        self._busy |= {column, (relation, old)}
        sql = f"alter table {ident(relation.name)} rename column {ident(old)} to {ident(name)}"
        found: set[Found] = {("column-renamed", relation.name, name)}
        return Change(sql, found, {relation.name: {old, name}}, renamed=(relation.name, old, name))

    def retype(self) -> Change | None:
        chosen = self._column(free=True)
        if chosen is None:
            return None
        relation, column = chosen
        plain = column.declared.startswith("enum:")
        column.type = self.draw.one(*PLAIN) if plain else draw_type(self.draw, self.model)
        self._busy |= {column, column.type}
        name, type_ = ident(column.name), type_sql(column.type)
        alter = f"alter table {ident(relation.name)} alter column {name}"
        sql = f"{alter} type {type_} using null::text::{type_}"
        return self._item_change(sql, [(relation, column)])

    def set_nullable(self) -> Change | None:
        chosen = self._column(free=False)
        if chosen is None:
            return None
        relation, column = chosen
        seen = [(v, c) for v in self.model.relations.values() if v.source is relation for c in v.columns]
        seen = [(view, shown) for view, shown in seen if shown.name == column.name]
        if any(view in self._busy or shown in self._busy for view, shown in seen):
            return None
        column.nullable = not column.nullable
        self._busy |= {column, column.type, *(shown for _, shown in seen)}
        verb = "drop" if column.nullable else "set"
        sql = f"alter table {ident(relation.name)} alter column {ident(column.name)} {verb} not null"
        return self._item_change(sql, [(relation, column), *seen])

    def alter_domain(self) -> Change | None:
        found = [name for name in self.model.domains if name not in self._busy]
        name = self.draw.one(*found) if found else None
        columns = self.model.columns_of(name) if name else []
        if name is None or any(c in self._busy or r in self._busy for r, c in columns):
            return None
        base, refused = self.model.domains[name]
        self.model.domains[name] = base, not refused
        self._busy |= {name, *(c for _, c in columns)}
        return self._item_change(f"alter domain {ident(name)} {'drop' if refused else 'set'} not null", columns)

    def _item_change(self, sql: str, columns: list[tuple[Relation, Column]]) -> Change:
        change = Change(sql, set(), {})
        for relation, column in columns:
            change.found |= self.model.wrong(relation, column)
            if self.model.wrong(relation, column):
                keys = change.touched.setdefault(relation.name, set())
                assert keys is not None
                keys.add(column.name)
        return change

    # ---- relations

    def _added(self, relation: Relation) -> Change:
        self.model.relations[relation.name] = relation
        self._busy |= {relation, *(c.type for c in relation.columns)}
        rule = "table-undeclared" if relation.source is None else "view-undeclared"
        return Change(create_sql(relation), {(rule, relation.name, None)}, {relation.name: None})

    def create_table(self) -> Change | None:
        name = fresh_name(self.draw, self.model, [*TABLES, *HOSTILE])
        return self._added(Relation(name, draw_columns(self.draw, self.model)))

    def create_view(self) -> Change | None:
        source = self._relation(whole=True)
        if source is None or not source.columns:
            return None
        self._busy.add(source)
        return self._added(draw_view(self.draw, self.model, fresh_name(self.draw, self.model, HOSTILE), source))

    def drop_table(self) -> Change | None:
        relation = self._relation(whole=True, view=self.draw.maybe(3))
        if relation is None:
            return None
        del self.model.relations[relation.name]
        self._busy |= {relation, *(c.declared for c in relation.columns)}
        kind = "table" if relation.source is None else "view"
        whole: dict[str, set[str] | None] = {relation.name: None}
        return Change(
            f"drop {kind} {ident(relation.name)}", {("table-removed", relation.name, None)}, whole, whole
        )

    def rename_table(self) -> Change | None:
        relation = self._relation(whole=True)
        if relation is None:
            return None
        old, new = relation.name, fresh_name(self.draw, self.model, TABLES)
        if not old.isidentifier() or old in self._marked:
            return None
        del self.model.relations[old]
        self._busy |= {relation, *(c.declared for c in relation.columns)}
        relation.name = new
        self.model.relations[new] = relation
        found: set[Found] = {("table-renamed", new, None)}
        sql = f"alter table {ident(old)} rename to {ident(new)}"
        return Change(sql, found, {old: None, new: None}, moved=(old, new))

    def replace_view(self) -> Change | None:
        view = self._relation(whole=False, view=True)
        if (
            view is None
            or view.source is None
            or view.source in self._busy
            or self._busy & set(view.source.columns)
        ):
            return None
        shown = {c.name for c in view.columns}
        more = [c for c in view.source.columns if c.name not in shown and self._fits_class(view, c.name)]
        if not more:
            return None
        column = self.draw.one(*more)
        view.columns.append(Column(column.name, column.type, True))
        self._busy |= {view, view.source}
        change = Change(
            create_sql(view), {("column-undeclared", view.name, column.name)}, {view.name: {column.name}}
        )
        self._busy.add(column.type)
        return change

    def _fits_class(self, relation: Relation, key: str) -> bool:
        return relation.name in self._functional or keyable(key)

    # ---- enums

    def create_enum(self) -> Change | None:
        name = fresh_name(self.draw, self.model, [*ENUMS, *HOSTILE])
        labels = self.draw.some(LABELS, 1, 4)
        self.model.enums[name] = labels
        self._busy.add(name)
        return Change(enum_sql(name, labels), {("enum-undeclared", name, None)}, {name: None})

    def drop_enum(self) -> Change | None:
        name = self._enum(unused=True)
        if name is None:
            return None
        del self.model.enums[name]
        self._busy.add(name)
        return Change(f"drop type {ident(name)}", {("enum-removed", name, None)}, {name: None}, {name: None})

    def rename_enum(self) -> Change | None:
        name = self._enum(annotated=False)
        if name is None or self._busy & {c for _, c in self.model.columns_of(name)}:
            return None
        new = fresh_name(self.draw, self.model, ENUMS)
        if not name.isidentifier() or name in self._marked:
            return None
        for _, column in self.model.columns_of(name):
            column.type = new
        self.model.enums[new] = self.model.enums.pop(name)
        self._busy |= {name, new}
        found: set[Found] = {("enum-renamed", new, None)}
        sql = f"alter type {ident(name)} rename to {ident(new)}"
        return Change(sql, found, {name: None, new: None}, moved=(name, new))

    def add_label(self) -> Change | None:
        name = self._enum()
        free = [label for label in LABELS if name and label not in self.model.enums[name]]
        if name is None or not free:
            return None
        self._busy.add(name)
        labels, label = self.model.enums[name], self.draw.one(*free)
        index = self.draw.number(0, len(labels))
        where = "" if index == len(labels) else f" before {text(labels[index])}"
        labels.insert(index, label)
        sql = f"alter type {ident(name)} add value {text(label)}{where}"
        return Change(sql, {("enum-label-undeclared", name, label)}, {name: {label}})

    def rename_label(self) -> Change | None:
        name = self._enum()
        free = [label for label in LABELS if name and label not in self.model.enums[name]]
        if name is None or not free:
            return None
        self._busy.add(name)
        labels, new = self.model.enums[name], self.draw.one(*free)
        old = self.draw.one(*labels)
        labels[labels.index(old)] = new
        found: set[Found] = {("enum-label-renamed", name, new)}
        sql = f"alter type {ident(name)} rename value {text(old)} to {text(new)}"
        return Change(sql, found, {name: {old, new}})

    def remake_enum(self) -> Change | None:
        """Drop an enum that nothing uses and make it again: labels in another order, or one less."""
        name = self._enum(unused=True)
        if name is None or len(self.model.enums[name]) < 2:
            return None
        self._busy.add(name)
        labels = self.model.enums[name]
        sql = f"drop type {ident(name)};\n"
        if self.draw.maybe():
            gone = labels.pop(self.draw.number(0, len(labels) - 1))
            removed: dict[str, set[str] | None] = {name: {gone}}
            return Change(sql + enum_sql(name, labels), {("enum-label-removed", name, gone)}, removed, removed)
        labels.reverse()
        return Change(sql + enum_sql(name, labels), {("enum-order-mismatch", name, None)}, {name: None})

    # ---- what the code does not see

    def unseen(self) -> Change | None:
        chosen = self._column(free=False)
        if chosen is None:
            return None
        relation, column = ident(chosen[0].name), ident(chosen[1].name)
        sql = self.draw.one(
            f"comment on column {relation}.{column} is {text(json.dumps(HOSTILE))}",
            f"alter table {relation} alter column {column} set default null",
            f"alter table {relation} enable row level security",
            f"create index on {relation} (({column} is null))",
        )
        return Change(sql, set(), {})

"""Random schemas with foreign keys of all kinds, and random select lists for them: most right, some wrong."""

from __future__ import annotations

import random

from comparing import pg, q
from schema_sync.model.catalog import ALL_FACETS, Catalog, Column, Constraint, Relation

NAMES = ("users", "posts", "tags", "teams", "notes", "files", "rooms")
PLAIN = ("title", "body", "size", "kind")


def schema(rng: random.Random) -> Catalog:
    """A few tables, some joined by one key, by several, by unique ones, by composite ones, and to themselves."""
    names = rng.sample(NAMES, rng.randint(3, 5))
    columns: dict[str, list[str]] = {name: ["id", *rng.sample(PLAIN, 2)] for name in names}
    keys: dict[str, list[Constraint]] = {
        name: [Constraint(kind="primary", name=f"{name}_pkey", columns=("id",))] for name in names
    }
    for number in range(rng.randint(3, 7)):
        table, target = rng.choice(names), rng.choice(names)
        column = f"{target[:-1]}_{number}"
        columns[table].append(column)
        keys[table].append(_key(table, (column,), target, ("id",)))
        if rng.random() < 0.25:
            keys[table].append(Constraint(kind="unique", name=f"{table}_{column}_key", columns=(column,)))
    one, other = rng.sample(names, 2)
    junction = f"{one}_{other}"
    left, right = f"{one[:-1]}_id", f"{other[:-1]}_id"
    columns[junction] = [left, right, "since"]
    keys[junction] = [
        Constraint(kind="primary", name=f"{junction}_pkey", columns=(left, right)),
        _key(junction, (left,), one, ("id",)),
        _key(junction, (right,), other, ("id",)),
    ]
    columns["parts"] = ["junction_left", "junction_right", "meta"]
    keys["parts"] = [_key("parts", ("junction_left", "junction_right"), junction, (left, right))]
    relations = (
        Relation(
            name=q(name),
            kind="table",
            columns=tuple(
                Column(name=column, rank=rank, type=pg("jsonb" if column == "meta" else "text"))
                for rank, column in enumerate(columns[name], start=1)
            ),
            constraints=tuple(keys[name]),
        )
        for name in sorted(columns)
    )
    return Catalog(schemas=("public",), covers=ALL_FACETS, relations=tuple(relations))


def _key(table: str, columns: tuple[str, ...], target: str, referenced: tuple[str, ...]) -> Constraint:
    return Constraint(
        kind="foreign",
        name=f"{table}_{'_'.join(columns)}_fkey",
        columns=columns,
        references=q(target),
        referenced_columns=referenced,
    )


def select(rng: random.Random, catalog: Catalog, relation: Relation, depth: int = 2) -> str:
    """A select list for *relation*: columns, and embedded tables by name, by key or by column."""
    items = [_field(rng, relation) for _ in range(rng.randint(1, 2))]
    items += [_embed(rng, catalog, relation, depth) for _ in range(rng.randint(0, depth))]
    rng.shuffle(items)
    return ",".join(items)


def _field(rng: random.Random, relation: Relation) -> str:
    column = rng.choice(relation.columns)
    name = column.name if rng.random() < 0.93 else column.name + "x"
    kind = rng.random()
    if column.type.name.name == "jsonb" and kind < 0.4:
        return f"{name}->{rng.choice(('>', ''))}kind"
    if kind < 0.15:
        return f"other_{name}:{name}"
    if kind < 0.2:
        return f"{name}::text"
    return "*" if kind < 0.25 else name


def _embed(rng: random.Random, catalog: Catalog, relation: Relation, depth: int) -> str:
    known = catalog.relations_by_name
    own = [key for key in relation.constraints if key.kind == "foreign" and key.references]
    back = [
        (each, key) for each in catalog.relations for key in each.constraints if key.references == relation.name
    ]
    chance = rng.random()
    if chance < 0.45 and own:
        key = rng.choice(own)
        target = known[key.references] if key.references else relation
        name = rng.choice((target.name.name, target.name.name, key.name, key.columns[0]))
        hint = rng.choice(("", "", f"!{key.name}", f"!{key.columns[0]}"))
    elif chance < 0.85 and back:
        target, key = rng.choice(back)
        name, hint = target.name.name, rng.choice(("", "", f"!{key.name}", f"!{key.columns[0]}"))
    else:
        target = rng.choice(catalog.relations)
        name, hint = target.name.name, ""
    if name != target.name.name:
        hint = ""
    alias = rng.choice(("", "", "", f"as_{name}:"))
    inner = rng.choice(("", "", "", "!inner"))
    return f"{alias}{name}{hint}{inner}({select(rng, catalog, target, depth - 1)})"

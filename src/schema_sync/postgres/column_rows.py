"""Joins the raw rows of the catalog queries to the columns of relations.

Columns that are alike in all but their relation are one value: most tables have an id and a time of creation.

Authority for columns and codes: PostgreSQL manual, chapter "System Catalogs".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Literal

from msgspec.structs import replace

from schema_sync.mapping.expressions import is_json_array, is_null
from schema_sync.model.base import grouped
from schema_sync.model.catalog import Column
from schema_sync.postgres.schema_changes import SchemaChangedError
from schema_sync.postgres.type_rows import TypeRows
from schema_sync.postgres.view_origins import Origin, origins

RawRows = Mapping[str, Sequence[Sequence[Any]]]  # what a driver or json.loads gives

_IDENTITY: dict[str, Literal["always", "by_default"]] = {"a": "always", "d": "by_default"}
_GENERATED: dict[str, Literal["stored", "virtual"]] = {"s": "stored", "v": "virtual"}
_NAME, _ATTNUM, _TYPE, _NOT_NULL, _DEFAULT = 1, 2, 3, 5, 9
_ATTNUM_OF = itemgetter(_ATTNUM)
_TAKES_ALL = (True, True)


class ColumnRows:
    """The columns of the relations of one read.

    Raises:
        SchemaChangedError: if the rows are of a schema that changed while they were read.
    """

    def __init__(self, rows: RawRows, types: TypeRows) -> None:
        self._types = types
        self._rows = _by_relation(rows["columns"])
        self._columns = _Columns(types)
        self._foreign = {
            relation: {row[3]: row[4] for row in found}
            for relation, found in grouped((row[0], row) for row in rows["foreign_columns"]).items()
        }
        # type and NOT NULL of the columns that views can come from, and that no chosen relation has
        self._base_columns = {(row[0], row[1]): (row[2], row[3]) for row in rows["base_columns"]}
        self._bases: dict[Origin, Origin] = {}  # the ends of lineages, by each column on the way
        self._comments = {(row[1], row[2]): row[3] for row in rows["comments"] if not row[0] and row[2]}
        # where the columns of each view come from, by the view and the column's number
        self._origins = {view: origins(tree) for view, tree in rows["views"]}
        # the columns that hold nulls although they refuse new ones
        self._unvalidated: set[Origin] = {(row[0], row[3][0]) for row in rows["constraints"] if row[2] == "n"}
        # whether the columns of views take inserts and updates
        self._takes = {(row[0], row[1]): (row[2], row[3]) for row in rows.get("writability", ()) if row[1]}
        self._default_texts = {(row[0], row[1]): row[3] for row in rows.get("expressions", ()) if row[2] is None}
        noted = (*self._comments, *self._unvalidated, *self._takes, *self._default_texts)
        self._noted = {relation for relation, _ in noted} | self._origins.keys()

    def of(self, relation: int, *, view: bool = False) -> tuple[Column, ...]:
        """Return the columns of the *relation*, which may be a *view*, in their order."""
        rows, columns = self._rows.get(relation, ()), self._columns
        if rows and rows[-1][_ATTNUM] == len(rows):  # none was dropped: the number is the rank
            found = tuple([columns[row[1:]] for row in rows])
        else:
            found = tuple([columns[row[_NAME], rank, *row[_TYPE:]] for rank, row in enumerate(rows, start=1)])
        if relation not in self._noted and not view:
            return found
        noted = self._of_view if view else self._with_notes
        return tuple(map(noted, rows, found))

    def numbers(self, relation: int) -> dict[str, int]:
        """Return the attnums of the *relation*'s columns by name."""
        return {row[_NAME]: row[_ATTNUM] for row in self._rows.get(relation, ())}

    def names(self, relation: int, numbers: Sequence[int]) -> tuple[str, ...]:
        """Return the names of the columns with these *numbers* of a relation, or of one that a key refers to."""
        rows = self._rows.get(relation, ())
        if rows and rows[-1][_ATTNUM] == len(rows) and min(numbers, default=1) > 0:
            return tuple([rows[number - 1][_NAME] for number in numbers])
        names = self.numbers(relation) if rows else self._foreign.get(relation, {})
        by_number = {number: name for name, number in names.items()}
        return tuple(by_number[number] for number in numbers if number in by_number)

    def _row(self, column: Origin) -> Sequence[Any] | None:
        relation, attnum = column
        rows = self._rows.get(relation, ())
        if 0 < attnum <= len(rows) and rows[attnum - 1][_ATTNUM] == attnum:
            return rows[attnum - 1]
        return next((row for row in rows if row[_ATTNUM] == attnum), None)

    def _with_notes(self, row: tuple[Any, ...], column: Column) -> Column:
        """Return *column* with what is noted of it alone."""
        own = row[0], row[_ATTNUM]
        comment, default = self._comments.get(own), self._default_texts.get(own)
        takes = self._takes.get(own, _TAKES_ALL)
        if comment is not None or default is not None or takes != _TAKES_ALL:
            column = replace(column, comment=comment, default=default, insertable=takes[0], updatable=takes[1])
        if own in self._unvalidated:
            held = not self._types.refuses_null(row[_TYPE])
            column = replace(column, nullable=held, new_not_null=held)
        return column

    # ---- columns of views

    def _of_view(self, row: tuple[Any, ...], column: Column) -> Column:
        """Return *column* with what it has from the columns that it comes from."""
        own = row[0], row[_ATTNUM]
        lineage = list(self._lineage(own))
        comments = (self._comments.get(origin) for origin in lineage)  # the nearest counts
        rows = filter(None, map(self._row, lineage))
        return replace(
            self._with_notes(row, column),
            nullable=not self._refuses_null(own),
            comment=next((comment for comment in comments if comment is not None), None),
            json_array=any(self._columns.has_array(each[_TYPE], each[_DEFAULT]) for each in rows),
        )

    def _lineage(self, column: Origin) -> Iterator[Origin]:
        """Yield the column, what it comes from if its relation is a view, and so on to a table.

        Views can be replaced so that they read each other in a circle; no query of them runs, but they exist.
        """
        seen: dict[Origin, None] = {}
        origin: Origin | None = column
        while origin is not None and origin not in seen:
            yield origin
            seen[origin] = None
            origin = self._origins.get(origin[0], {}).get(origin[1])

    def _refuses_null(self, column: Origin) -> bool:
        """Whether the table's column at the end of the lineage is NOT NULL, by itself or by its domain."""
        base = self._bases.get(column)
        if base is None:
            lineage = list(self._lineage(column))
            base = lineage[-1]
            if base[0] not in self._origins:  # no circle, in which each column would have another end
                self._bases.update(dict.fromkeys(lineage, base))
        found = None if base[0] in self._origins else self._type_and_not_null(base)
        if found is None:
            return False  # a view's column that is computed, or a system column
        type_oid, not_null = found
        return (not_null and base not in self._unvalidated) or self._types.refuses_null(type_oid)

    def _type_and_not_null(self, column: Origin) -> tuple[int, bool] | None:
        row = self._row(column)
        return self._base_columns.get(column) if row is None else (row[_TYPE], row[_NOT_NULL])


class _Columns(dict[tuple[Any, ...], Column]):
    """Columns by the fields of their rows behind the relation, with the rank in place of the number."""

    def __init__(self, types: TypeRows) -> None:
        self._types = types

    def __missing__(self, key: tuple[Any, ...]) -> Column:
        name, rank, type_oid, typmod, not_null, has_default, identity, generated, default = key
        if default == "":  # no text is empty
            raise SchemaChangedError("the relation of a default is gone")
        ref, refuses_null = self._types.use(type_oid, typmod)
        found = self[key] = Column(
            name=name,
            rank=rank,
            type=ref,
            nullable=not (not_null or refuses_null),
            has_default=has_default,
            null_default=is_null(default or ""),
            identity=_IDENTITY.get(identity),
            generated=_GENERATED.get(generated),
            json_array=self.has_array(type_oid, default),
        )
        return found

    def has_array(self, type_oid: int, default: str | None) -> bool:
        """Return whether *default* is an array of a column that can hold JSON."""
        return default is not None and self._types.may_be_json(type_oid) and is_json_array(default)


def _by_relation(rows: Sequence[Sequence[Any]]) -> dict[int, list[tuple[Any, ...]]]:
    """Return *rows* of columns by relation, in the order of the columns' numbers."""
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(tuple(row))
    for each in found.values():
        each.sort(key=_ATTNUM_OF)
    return found

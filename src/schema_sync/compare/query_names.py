"""The names that queries mention, compared with a catalog: what does not exist, or not in this way.

Names are compared as PostgREST does: exactly, with their case. Unseen is not absent: what the source does not
show, or the code does not state, is *not checked*.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from schema_sync.compare.mentions import Found, Mention, place_in, unchecked_part, unknown_parts
from schema_sync.compare.query_calls import Calls
from schema_sync.compare.query_columns import Level, Levels, below
from schema_sync.compare.query_sql import SqlChecks
from schema_sync.compare.query_values import Values
from schema_sync.compare.query_writes import Writes
from schema_sync.model.catalog import Facet, QName
from schema_sync.model.faults import Mentioned, Place, QueryFault, Unchecked
from schema_sync.model.queries import (
    DEFAULT_SCHEMA,
    Conflict,
    Dynamic,
    Embedded,
    Filter,
    Logic,
    Order,
    Payload,
    Query,
    ResultKey,
    Select,
    Text,
)
from schema_sync.nearest import nearest
from schema_sync.queries import filters
from schema_sync.queries.select_lists import GrammarError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from schema_sync.model.catalog import Catalog, Column, Relation
    from schema_sync.model.name_facts import NameFacts
    from schema_sync.model.queries import Scalar
    from schema_sync.model.verdicts import Verdict


class Checked(NamedTuple):
    """What a check of all queries found."""

    faults: tuple[QueryFault, ...]
    unchecked: tuple[Unchecked, ...]
    mentioned: tuple[Mentioned, ...] = ()


def check_names(
    queries: Sequence[Query],
    catalog: Catalog,
    facts: NameFacts,
    *,
    verdicts: Mapping[str, Verdict] | None = None,
    trigger_filled: Sequence[str] = (),
    default_schema: str = DEFAULT_SCHEMA,
) -> Checked:
    """Compare what *queries* mention with *catalog* and *facts*.

    Args:
        queries: what the code asks.
        catalog: what there is.
        facts: what the catalog does not have.
        verdicts: what the server reports on SQL; None where it was not asked.
        trigger_filled: patterns ``schema.table.column`` of columns that a trigger fills.
        default_schema: that of clients that name none.
    """
    if not queries:
        return Checked((), ())
    checker = _Checker(catalog, facts, trigger_filled, default_schema)
    checkers = dict.fromkeys(catalog.schemas, checker)
    if facts.named is not None:
        known = replace(facts.named.facts, exposed=facts.exposed)
        others = _Checker(facts.named.catalog, known, trigger_filled, default_schema)
        checkers |= dict.fromkeys(others.catalog.schemas, others)
    sql = SqlChecks(queries, catalog, facts, verdicts, default_schema)
    for query in queries:
        if query.verb == "sql":
            checker.found += sql.check(query)
        else:
            checkers.get(query.schema or default_schema, checker).check(query)
    found = list(chain.from_iterable(each.found for each in dict.fromkeys([checker, *checkers.values()])))
    faults: dict[tuple[object, ...], QueryFault] = {}
    for each in found:
        if isinstance(each, QueryFault):  # several chains may go on with one that is wrong
            faults.setdefault((each.kind, each.query.path, each.place, each.schema, each.name, each.part), each)
    return Checked(
        tuple(faults.values()),
        tuple(each for each in found if isinstance(each, Unchecked)),
        tuple(each for each in found if type(each) is Mentioned),
    )


class _Reading(NamedTuple):
    """What a query reads; ``is_known`` states whether its select list is."""

    top: Level
    is_known: bool


class _Checker:
    def __init__(
        self, catalog: Catalog, facts: NameFacts, trigger_filled: Sequence[str], default_schema: str
    ) -> None:
        self.catalog, self.facts, self.default_schema = catalog, facts, default_schema
        self.levels = Levels(catalog, facts.functions or ())
        self.calls = Calls(facts)
        self.values = Values(catalog, facts)
        self.writes = Writes(catalog, facts, self.levels, self.values, trigger_filled)
        self.found: list[Found] = []

    def check(self, query: Query) -> None:
        """Note what is wrong with *query*, and what could not be compared."""
        schema = query.schema or self.default_schema
        if query.name is None or not query.schema_known:
            self.found += unknown_parts(query)
        elif self.facts.exposed is not None and schema not in self.facts.exposed:
            why = f"the API does not serve schema {schema} (api.schemas of supabase/config.toml)"
            self._absent(query, query.name, QName(schema=schema, name=query.name.value), why=why)
        elif self.facts.named and schema in self.facts.named.absent:
            why = f"there is no schema {schema}"
            self._absent(query, query.name, QName(schema=schema, name=query.name.value), why=why)
        elif schema not in self.catalog.schemas:
            self._unchecked(query, f"{schema}.{query.name.value}", f"schema {schema} is not read")
        elif query.verb == "rpc":
            self.found += self.calls.check(query, query.name, schema)
        else:
            self._check_relation(query, query.name, QName(schema=schema, name=query.name.value))

    def _unchecked(self, query: Query, what: str, why: str) -> None:
        self.found.append(Unchecked(query=query, what=what, why=why))

    def _check_relation(self, query: Query, name: Text, qname: QName) -> None:
        relation = self.catalog.relations_by_name.get(qname)
        if relation is not None:
            part = Embedded(call="table", span=name.span, of=name)
            Mention(query, part, self.found).note(relation, place_in(name, 0, len(name.value)))
            self._check_parts(query, relation)
        elif qname in self.catalog.left_out_by_name or Facet.RELATIONS not in self.catalog.covers:
            self._unchecked(query, str(qname), "the source does not show its columns")
        else:
            known = [each.name for each in self.catalog.relations_by_name if each.schema == qname.schema]
            self._absent(query, name, qname, nearest(qname.name, known))

    def _absent(self, query: Query, name: Text, qname: QName, near: str = "", why: str = "") -> None:
        """Note that the API knows no table or function *qname*, and *why* where its schema is the reason."""
        is_call = query.verb == "rpc"
        fault = QueryFault(
            kind="no_function" if is_call else "no_table",
            query=query,
            call="rpc" if is_call else "table",
            place=place_in(name, 0, len(name.value)),
            certain=query.certain,
            object_kind="function" if is_call else "table",
            schema=qname.schema,
            name=qname.name,
            nearest=near,
            detail=why,
        )
        self.found.append(fault)

    def _check_parts(self, query: Query, relation: Relation) -> None:
        top: Level | None = Level(relation)
        for part in query.parts:
            if isinstance(part, Select):
                top = self.levels.of_select(Mention(query, part, self.found), part, relation)
        dynamic = any(isinstance(part, Dynamic) and part.call == "select" for part in query.parts)
        reading = _Reading(top or Level(relation), top is not None and not dynamic)
        for part in query.parts:
            self._check_part(Mention(query, part, self.found), reading, relation)

    def _check_part(self, mention: Mention, reading: _Reading, relation: Relation) -> None:
        match mention.part:
            case Filter() as part:
                self._filter(mention, part, reading)
            case Logic() as part:
                self._logic(mention, part, reading)
            case Order() as part:
                self._order(mention, part, reading)
            case Embedded() as part:
                self._embedded(mention, part.of, reading)
            case Payload() as part:
                self.writes.check_payload(mention, part, relation)
            case Conflict() as part:
                self.writes.check_conflict(mention, part, relation)
            case ResultKey() as part:
                self._result_key(mention, part, reading)
            case Dynamic() as part:
                self.found.append(unchecked_part(mention.query, part))
            case _:
                pass

    # ---- filters and orders

    def _filter(self, mention: Mention, part: Filter, reading: _Reading) -> None:
        text = part.operator_text or part.column
        try:
            operator = filters.operator_name(part.operator) if part.operator else ""
            text = part.column
            column = filters.filter_column(text.value)
        except GrammarError as error:
            mention._replace(text=text).report_unparsed(reading.top.relation, error.offset, error.why)
            return
        condition = filters.Condition(column, operator, ())
        place = Place(span=part.value_span or part.span)
        values = [(value, place) for value in part.values or ()]
        self._condition(mention._replace(text=part.column), condition, values, reading)

    def _condition(
        self,
        mention: Mention,
        condition: filters.Condition,
        values: Sequence[tuple[Scalar, Place]],
        reading: _Reading,
    ) -> None:
        column = condition.column
        level = below(mention, column.embeds, reading.top, is_known=reading.is_known)
        if level is None or level.relation is None:
            return
        if condition.operator == "is" and column.name.text in level.embeds and not column.path:
            return  # author=is.null asks whether there is one
        self.levels.check_column(mention, column.name, level.relation)
        found = next((each for each in level.relation.columns if each.name == column.name.text), None)
        if found is not None and not column.path:
            self._check_values(mention, level.relation, found, values)

    def _check_values(
        self, mention: Mention, relation: Relation, column: Column, values: Sequence[tuple[Scalar, Place]]
    ) -> None:
        for value, place in values:
            if value is not None:
                self.values.check(mention, relation, column, value, place)
            elif mention.part.call in {"eq", "neq"}:
                why = "None is sent as the text null: use is_()"
                mention.report("wrong_literal", relation, place, part=column.name, detail=why)

    def _logic(self, mention: Mention, part: Logic, reading: _Reading) -> None:
        level = self._embedded(mention, part.of, reading)
        mention = mention._replace(text=part.text)
        try:
            conditions = filters.conditions(part.text.value, in_brackets=part.in_brackets)
        except GrammarError as error:
            mention.report_unparsed(reading.top.relation, error.offset, error.why)
            return
        for each in conditions if level is not None else ():
            compared = each.values if each.operator in {"eq", "neq", "in"} else ()
            values = [(value.text, mention.place_of(value)) for value in compared]
            self._condition(mention, each, values, _Reading(level or reading.top, reading.is_known))

    def _order(self, mention: Mention, part: Order, reading: _Reading) -> None:
        level = self._embedded(mention, part.of, reading)
        mention = mention._replace(text=part.column)
        try:
            columns = filters.order_columns(part.column.value)
        except GrammarError as error:
            mention.report_unparsed(reading.top.relation, error.offset, error.why)
            return
        for column in columns if level is not None else ():
            found = below(mention, column.embeds, level or reading.top, is_known=reading.is_known)
            if found is not None and found.relation is not None:
                self.levels.check_column(mention, column.name, found.relation)

    def _embedded(self, mention: Mention, of: Text | None, reading: _Reading) -> Level | None:
        """Return the level of the embedded table *of*, the top where it is None; None if it is not known."""
        if of is None:
            return reading.top
        mention = mention._replace(text=of)
        try:
            column = filters.filter_column(of.value)
        except GrammarError as error:
            mention.report_unparsed(reading.top.relation, error.offset, error.why)
            return None
        return below(mention, (*column.embeds, column.name), reading.top, is_known=reading.is_known)

    # ---- results

    def _result_key(self, mention: Mention, part: ResultKey, reading: _Reading) -> None:
        """Note which column a key is of, or that no row has it; what is read with ``get`` may be missing."""
        level = reading.top if reading.is_known else None
        place = Place(span=part.span)
        for number, key in enumerate(part.path, start=1):
            if level is None or level.relation is None:
                return
            keys, columns = level.keys(), {column.name for column in level.relation.columns}
            is_last = number == len(part.path)
            if key not in keys:
                if is_last and part.call != "get":
                    near = nearest(key, sorted(keys & columns))
                    mention.report("key_not_selected", level.relation, place, part=key, nearest=near)
                return
            if is_last and key in columns:
                mention.note(level.relation, place, key)
            level = level.embeds.get(key)

"""SQL in the code: what the server does not know in it, and what could not be judged."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from schema_sync.compare.mentions import Found, place_in, unchecked_part
from schema_sync.model.faults import Place, QueryFault, Unchecked
from schema_sync.model.queries import Dynamic, Query, Sql
from schema_sync.nearest import nearest
from schema_sync.postgres.sql_lexer import tokens
from schema_sync.postgres.sql_literals import Statement, changed_names, name_of, statement_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from schema_sync.model.catalog import Catalog, Relation
    from schema_sync.model.name_facts import NameFacts
    from schema_sync.model.verdicts import Verdict

_NOT_ASKED = "SQL is judged by a replay of migrations, or by a connection string with judge-sql = true"


def statements_in(queries: Iterable[Query]) -> tuple[str, ...]:
    """Return the statements in the SQL of *queries* that a server can judge, each once."""
    found = (statement_of(part) for query in queries for part in query.parts if isinstance(part, Sql))
    return tuple(dict.fromkeys(each.sql for each in found if not each.why))


class SqlChecks:
    """What the server reports on SQL: *verdicts* by statement, None where it was not asked."""

    def __init__(
        self,
        queries: Sequence[Query],
        catalog: Catalog,
        facts: NameFacts,
        verdicts: Mapping[str, Verdict] | None,
        default_schema: str,
    ) -> None:
        self._queries, self._verdicts, self._default_schema = queries, verdicts, default_schema
        self._tables = tuple(catalog.relations_by_name)
        self._functions = (*(each.name for each in facts.functions or ()), *facts.other_functions)
        self._relations: dict[str, list[Relation]] = {}
        for relation in sorted(catalog.relations, key=lambda each: each.name.schema != default_schema):
            self._relations.setdefault(relation.name.name, []).append(relation)

    def check(self, query: Query) -> Iterator[Found]:
        """Yield what is wrong with the SQL of *query*, or why that is not known."""
        for part in query.parts:
            if isinstance(part, Dynamic):
                yield unchecked_part(query, part)
            elif isinstance(part, Sql):
                statement = statement_of(part)
                verdict = (self._verdicts or {}).get(statement.sql)
                why = statement.why or (_NOT_ASKED if verdict is None else verdict.why)
                if verdict is not None and verdict.missing is not None and not why:
                    why = self._doubt(part, verdict)
                if why:
                    yield Unchecked(query=query, what=f"{part.call}()", why=why)
                elif verdict is not None and verdict.missing is not None:
                    yield self._fault(query, part, statement, verdict)

    def _doubt(self, part: Sql, verdict: Verdict) -> str:
        """Return why what the server does not know may exist when the code runs; empty if it cannot."""
        words = ("alter",) if verdict.missing == "column" else ("alter", "create")
        if any((word, name) in self._changed for word in words for name in verdict.names[-1:]):
            return "other SQL of the code creates the name"
        is_qualified = verdict.missing != "column" and len(verdict.names) > 1
        return "the file may set search_path" if part.sets_path and not is_qualified else ""

    @cached_property
    def _changed(self) -> frozenset[tuple[str, str]]:
        """The names in SQL of the code that creates or alters something."""
        parts = (part for query in self._queries for part in query.parts if isinstance(part, Sql))
        return frozenset(pair for part in parts for pair in changed_names(part.text.value))

    def _fault(self, query: Query, part: Sql, statement: Statement, verdict: Verdict) -> QueryFault:
        *qualifiers, name = verdict.names or ("",)
        schema = qualifiers[-1] if qualifiers else self._default_schema
        owner, column = name, ""
        if verdict.missing == "column":
            relations = self._mentioned(statement.sql)
            near = nearest(name, [column.name for relation in relations for column in relation.columns])
            first = next((r for r in relations if near in {column.name for column in r.columns}), None)
            relation = first or next(iter(relations), None)
            schema, owner = (relation.name.schema, relation.name.name) if relation is not None else ("", "")
            column = name
        else:
            names = self._tables if verdict.missing == "table" else self._functions
            near = nearest(name, [each.name for each in names if not qualifiers or each.schema == schema])
        start, end = statement.offset(verdict.start), statement.offset(verdict.end)
        return QueryFault(
            kind="unknown_to_server",
            query=query,
            call=part.call,
            place=place_in(part.text, start, end) if name else Place(span=part.text.span),
            certain=query.certain,
            object_kind="function" if verdict.missing == "function" else "table",
            schema=schema,
            name=owner,
            part=name,
            column=column,
            nearest=near,
            detail=verdict.message,
        )

    def _mentioned(self, sql: str) -> list[Relation]:
        """Return the relations whose names are in *sql*, in their order there."""
        names = dict.fromkeys(name_of(sql[t.start : t.end]) for t in tokens(sql) if t.kind in {"word", "name"})
        return [relation for name in names for relation in self._relations.get(name, ())]

"""One object of a database as an agent wants it: compact, with the Python that maps to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import TypeVar

from schema_sync.compare.compare import written_types
from schema_sync.compare.function_binding import identity
from schema_sync.errors import UsageError
from schema_sync.exports.markdown import without_secrets
from schema_sync.exports.mermaid import references
from schema_sync.exports.pages import actions
from schema_sync.mapping.types import sql_name
from schema_sync.mcp_server.pages import Answer
from schema_sync.model.base import grouped
from schema_sync.model.catalog import Catalog, Column, Constraint, QName, Relation
from schema_sync.model.declarations import EnumDeclaration, Placed, RowDeclaration
from schema_sync.model.details import Details
from schema_sync.usecases import describe as describing
from schema_sync.usecases.check import Outcome
from schema_sync.usecases.project import Project

Named = TypeVar("Named", bound=Placed)


class Objects:
    """The objects of a database that was compared, with its details where they were read."""

    def __init__(self, project: Project, outcome: Outcome) -> None:
        self._project = project
        self._outcome = outcome
        self._details = outcome.fetched.details
        self._catalog: Catalog = outcome.fetched.catalog
        overloads = {identity(function): function.name for function in self._catalog.functions}
        self._bound = grouped((overloads.get(b.object, b.object), b) for b in outcome.report.bindings)
        self._labels = frozenset(label for enum in self._catalog.enums for label in enum.labels)

    def find(self, name: str) -> QName:
        """Return what is called so, in the schemas by their order, or qualified, or by a class.

        Raises:
            UsageError: if there is none; it names those that are spelled alike.
        """
        catalog = self._catalog
        routines = catalog.functions if self._details is None else self._details.routines
        types = (*catalog.enums_by_name, *catalog.composites_by_name, *catalog.domains_by_name)
        known = [*catalog.relations_by_name, *types, *(routine.name for routine in routines)]
        spelled = {str(each): each for each in known}
        spellings = (*(f"{schema}.{name}" for schema in catalog.schemas), name)
        found = next((spelled[each] for each in spellings if each in spelled), None)
        if found is not None:
            return found
        classes = grouped((b.declaration.name, each) for each in spelled.values() for b in self._bound[each])
        named = list(dict.fromkeys(classes.get(name, ())))
        if len(named) > 1:
            raise UsageError(
                f"{name!r} maps to {', '.join(map(str, named))}", hint="Give the name of one of them."
            )
        if named:
            return named[0]
        lowered = {spelling.lower(): str(each) for each in known for spelling in (each.name, str(each))}
        lowered |= {each.lower(): f"{each} ({', '.join(map(str, objects))})" for each, objects in classes.items()}
        close = {lowered[match] for match in get_close_matches(name.lower(), lowered, n=5)}
        hint = f"Did you mean {', '.join(sorted(close))}?" if close else "The tool list tells what there is."
        raise UsageError(f"nothing in the compared schemas is called {name!r}", hint=hint)

    def description(self, name: QName) -> tuple[Answer, str, Sequence[object]]:
        """Return what is told of a relation, type or function once, and the key and the items of its parts."""
        catalog = self._catalog
        if (relation := catalog.relations_by_name.get(name)) is not None:
            head = {**self._head(name, relation.kind, relation.comment), **self._of_relation(relation)}
            return head, "columns", self._columns(name, relation.columns)
        if (enum := catalog.enums_by_name.get(name)) is not None:
            head = self._head(name, "enum", enum.comment)
            enums = (b.declaration for b in self._bound[name] if isinstance(b.declaration, EnumDeclaration))
            declared = {
                called: ["?" if member.value is None else member.value for member in each.members]
                for called, each in _by_name(enums)
            }
            return (head | {"declared": declared} if declared else head), "labels", enum.labels
        if (composite := catalog.composites_by_name.get(name)) is not None:
            head = self._head(name, "composite", composite.comment)
            return head, "columns", self._columns(name, composite.attributes)
        if (domain := catalog.domains_by_name.get(name)) is not None:
            base = f"{sql_name(domain.base)} not null" if domain.not_null else sql_name(domain.base)
            head = {**self._head(name, "domain", domain.comment), "base": base}
            head["not_shown"] = [*head["not_shown"], "checks of the domain: they are not read"]
            return head, "columns", ()
        return self._head(name, "function", None), "overloads", list(self._overloads(name))

    def _head(self, name: QName, kind: str, comment: str | None) -> Answer:
        report = self._outcome.report
        return {
            "name": str(name),
            "kind": kind,
            **({"comment": comment} if comment else {}),
            "classes": [f"{b.declaration.name} ({b.role}) {b.declaration.at}" for b in self._bound[name]],
            "differences": sum(str(f.subject) == str(name) for f in report.findings),
            "not_shown": [*map(str, describing.not_shown(self._outcome.fetched))],
        }

    def _columns(self, name: QName, columns: tuple[Column, ...]) -> tuple[Answer, ...]:
        outcome, options = self._outcome, self._project.config
        python: dict[str, str] = {}
        if name.schema in self._catalog.schemas:
            python = written_types(self._catalog, outcome.codebase, options=options, lock=outcome.lock, name=name)
        rows = [b.declaration for b in self._bound[name] if isinstance(b.declaration, RowDeclaration)]
        return tuple(self._column(c, python.get(c.name, ""), rows) for c in columns)

    def _column(self, column: Column, python: str, rows: Sequence[RowDeclaration]) -> Answer:
        default = self._default(column)
        declared = {
            called: str(item.type)
            for called, row in _by_name(rows)
            for item in row.items
            if column.name in item.keys
        }
        return {
            "name": column.name,
            "type": sql_name(column.type),
            "python": python,
            **({"declared": declared} if declared else {}),
            "nullable": column.nullable,
            **({"default": default} if default else {}),
            **({"comment": column.comment} if column.comment else {}),
        }

    def _default(self, column: Column) -> str:
        if column.identity is not None:
            return f"identity, {column.identity.replace('_', ' ')}"
        text = self._shown(column.default) or ("yes" if column.has_default else "")
        return f"generated, {column.generated}: {text}" if column.generated is not None else text

    def _shown(self, expression: str | None) -> str:
        return without_secrets(expression or "", self._labels)

    def _of_relation(self, relation: Relation) -> Answer:
        name = relation.name
        told: Answer = {
            "constraints": [self._constraint(c) for c in relation.constraints],
            "referenced_by": [
                f"{r.source.name} ({', '.join(r.key.columns)})"
                for r in references(self._catalog)
                if r.target == name
            ],
        }
        if self._details is not None:
            told |= self._of_details(self._details, name)
        return {key: value for key, value in told.items() if value not in ([], None)}

    def _constraint(self, constraint: Constraint) -> str:
        if constraint.kind == "check":
            return f"check {self._shown(constraint.expression)}"
        columns = f"({', '.join(constraint.columns)})"
        if constraint.references is None:
            return f"{constraint.kind} {columns}"
        there = f" ({', '.join(constraint.referenced_columns)})" if constraint.referenced_columns else ""
        return f"foreign {columns} → {constraint.references}{there}{actions(constraint)}"

    def _of_details(self, details: Details, name: QName) -> Answer:
        storage = details.storage.get(name)
        return {
            "indexes": [
                f"{'unique ' if i.unique else ''}{i.name} {i.method} ({', '.join(map(self._shown, i.columns))})"
                + (f" where {self._shown(i.predicate)}" if i.predicate else "")
                for i in details.indexes_of.get(name, ())
            ],
            "row_security": None if storage is None else storage.row_security,
            "policies": [
                f"{p.name}: {p.command} to {', '.join(p.roles)}"
                + (f" using {self._shown(p.using)}" if p.using else "")
                + (f" with check {self._shown(p.check)}" if p.check else "")
                for p in details.policies_of.get(name, ())
            ],
            "triggers": [
                f"{t.name}: {t.timing} {' or '.join(t.events)} for each {t.level} calls {t.function}"
                for t in details.triggers_of.get(name, ())
            ],
        }

    def _overloads(self, name: QName) -> Iterator[str]:
        for routine in self._details.routines if self._details is not None else ():
            if routine.name == name:
                result = f" → {routine.returns}" if routine.returns else ""
                about = f": {routine.comment}" if routine.comment else ""
                yield f"{routine.kind} {name}({routine.arguments}){result}, {routine.volatility}{about}"


def _by_name(classes: Iterable[Named]) -> Iterator[tuple[str, Named]]:
    """Yield *classes* with their names; with the file too, where another has the same name."""
    found = tuple(classes)
    counts = Counter(each.name for each in found)
    return ((each.name if counts[each.name] == 1 else each.id, each) for each in found)

"""Classes that SQLAlchemy (2.0 and 1.x, declarative) or SQLModel maps to tables → RowDeclaration.

Authority: SQLAlchemy's documentation, "Table Configuration with Declarative", "Composing Mapped Hierarchies with
Mixins" and "Mapping Class Inheritance Hierarchies"; SQLModel's, "Create Models".
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from msgspec.structs import replace

from schema_sync.codebase.read.annotations import Annotations
from schema_sync.codebase.read.class_kinds import (
    ALCHEMY,
    MOST_BASES,
    Kinds,
    Unknown,
    assigned_in,
    is_table_model,
    library_name,
    returned,
    says_abstract,
)
from schema_sync.codebase.read.enums import by_names
from schema_sync.codebase.read.model_fields import Fields
from schema_sync.codebase.read.sqlalchemy_columns import Columns, Written
from schema_sync.codebase.read.strings import Strings
from schema_sync.codebase.scope import Definition, External, Module
from schema_sync.codebase.syntax import argument_of, elements, is_none, subscripted, unquoted
from schema_sync.model.declarations import EnumDeclaration, Item, RowDeclaration
from schema_sync.model.graph import needed_first

_DECLARING = frozenset({"declared_attr", "directive", "cascading"})
_REFLECTING = frozenset({"automap_base", "DeferredReflection"})
_REFLECTED = "its columns are read from the database when the program runs"
_BASE_MAKERS = frozenset({"declarative_base", "generate_base"})
_FLASK_NAME = re.compile(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))")


class Tables:
    """Reads the mapped classes of a program."""

    def __init__(self, kinds: Kinds, annotations: Annotations) -> None:
        self._kinds = kinds
        self._program = kinds.program
        self._fields = Fields(kinds)
        self._strings = Strings(kinds.program)
        self._columns = Columns(kinds, annotations)

    def with_enums(self, enums: list[EnumDeclaration]) -> list[EnumDeclaration]:
        """Return *enums* as the classes that were read store them, and the types that these list themselves."""
        stored = [by_names(each) if each.id in self._columns.enums else each for each in enums]
        return [*stored, *self._columns.listed.values()]

    def declaration(self, definition: Definition) -> RowDeclaration:
        """Return the declaration in *definition*, a class that has a table."""
        bare = RowDeclaration(
            name=definition.name,
            form="sqlalchemy",
            doc=definition.doc,
            comments=definition.comments,
            at=definition.at,
        )
        try:
            name = self._table_name(definition)
            bare = replace(bare, table=(None, name))
            parts = self._parts(definition)
            bare = replace(bare, table=(self._schema(parts), name))
            self._refuse_unknown_bases(parts)
            items: dict[str, Item] = {}
            for part in (*reversed(parts), *self._single_table_children[definition]):
                items.update((item.name, item) for item in self._items(part, definition, parts))
        except Unknown as reason:
            return replace(bare, unknown=str(reason))
        return replace(bare, others=tuple(items.values()))

    def _parts(self, definition: Definition) -> list[Definition]:
        """Return the class, and the mixins and abstract bases whose columns it takes: none that has a table."""

        def mixins(each: Definition) -> list[Definition]:
            bases = self._kinds.definitions(each)[::-1]
            return [base for base in bases if base is not definition and self._kinds.kind(base) != "table"]

        return list(needed_first(definition, mixins))[::-1]

    @cached_property
    def _single_table_children(self) -> dict[Definition, list[Definition]]:
        """The classes without a table of their own, by the class whose table they share."""
        found: dict[Definition, list[Definition]] = defaultdict(list)
        for definition in self._program.definitions:
            if isinstance(definition.node, ast.ClassDef) and self._kinds.kind(definition) != "table":
                ancestors = self._kinds.lineage(definition)[1:]
                parents = [each for each in ancestors if self._kinds.kind(each) == "table"]
                if parents and not says_abstract(definition):
                    found[parents[0]].append(definition)
        return found

    def _refuse_unknown_bases(self, parts: list[Definition]) -> None:
        if len(parts) > MOST_BASES:
            raise Unknown(f"it inherits from more than {MOST_BASES} classes")
        for part in parts:
            if not isinstance(part.node, ast.ClassDef):
                made = self._columns.library(part.value, part.module)
                if made in _REFLECTING:
                    raise Unknown(_REFLECTED)
                if made not in _BASE_MAKERS:
                    raise Unknown(f"what its base {part.name} is cannot be determined from its source")
                continue
            bases = (self._columns.library(subscripted(base), part.module) for base in part.node.bases)
            if not _REFLECTING.isdisjoint(bases):
                raise Unknown(_REFLECTED)
            self._kinds.refuse_unknown_bases(part, *ALCHEMY)

    def _table_name(self, definition: Definition) -> str:
        """Return the name of the table of a class.

        Raises:
            Unknown: if it cannot be known.
        """
        known: dict[str, str | None] = {"cls.__name__": definition.name.rpartition(".")[2]}
        for part in self._kinds.lineage(definition):
            table = assigned_in(part, "__table__")
            if isinstance(table, ast.Call) and table.args:
                name = self._strings.of(table.args[0], part.module)
            elif (value := assigned_in(part, "__tablename__")) is not None:
                name = self._strings.of(value, part.module, known)
            else:
                continue
            if name is None:
                raise Unknown("the name of its table cannot be determined from its source")
            return name
        own = str(known["cls.__name__"])
        if isinstance(definition.node, ast.ClassDef) and is_table_model(definition.node):
            return own.lower()
        return _FLASK_NAME.sub(r"_\1", own).lower()

    def _schema(self, parts: list[Definition]) -> str | None:
        """Return the schema that the table's arguments or the metadata of a base name; None for the default one.

        Raises:
            Unknown: if it cannot be known.
        """
        for part in parts:
            table = assigned_in(part, "__table__")
            if isinstance(table, ast.Call):
                return self._schema_of_call(table, part.module)
            options = assigned_in(part, "__table_args__")
            given = {} if options is None else self._options(options)
            if not given.keys().isdisjoint({"autoload", "autoload_with"}):
                raise Unknown(_REFLECTED)
            if "schema" in given:
                return self._text_of_schema(given["schema"], part.module)
            if options is not None:
                break
        for part in parts:
            made = argument_of(part.value, "metadata")
            metadata = made if isinstance(part.value, ast.Call) else assigned_in(part, "metadata")
            if metadata is not None:
                return self._schema_of_call(metadata, part.module)
        return None

    def _options(self, node: ast.expr) -> dict[str, ast.expr]:
        """Return the keywords in ``__table_args__``: a dict, or a tuple that may end in one."""
        if isinstance(node, ast.Tuple):
            last = node.elts[-1] if node.elts else None
            return self._options(last) if isinstance(last, ast.Dict | ast.Starred) else {}
        if not isinstance(node, ast.Dict) or None in node.keys:
            raise Unknown("the schema of its table cannot be determined from its source")
        pairs = zip(node.keys, node.values, strict=True)
        return {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}

    def _schema_of_call(self, node: ast.expr, module: Module) -> str | None:
        """Return the argument ``schema`` of a call of MetaData or Table, or of what a name is bound to."""
        if not isinstance(node, ast.Call):
            symbol = self._program.resolve(node, module)
            if not isinstance(symbol, Definition) or not isinstance(symbol.value, ast.Call):
                return None
            node, module = symbol.value, symbol.module
        schema = argument_of(node, "schema")
        return None if schema is None else self._text_of_schema(schema, module)

    def _text_of_schema(self, node: ast.expr, module: Module) -> str | None:
        if is_none(node):
            return None
        text = self._strings.of(node, module)
        if text is None:
            raise Unknown("the schema of its table cannot be determined from its source")
        return text

    def _items(self, part: Definition, definition: Definition, parts: list[Definition]) -> Iterator[Item]:
        is_model = "sqlmodel.SQLModel" in self._kinds.ancestry(definition)
        mapped_types = any(assigned_in(each, "type_annotation_map") is not None for each in parts)
        for written in (w for statement in part.body for w in self._written(statement, part, is_model=is_model)):
            yield self._columns.item(written, inherited=part is not definition, mapped_types=mapped_types)

    def _written(self, statement: ast.stmt, owner: Definition, *, is_model: bool) -> Iterator[Written]:
        module = owner.module
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield from self._annotated(statement, statement.target, owner, is_model=is_model)
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            target = statement.targets[0]
            if target.id == "__table__" and isinstance(statement.value, ast.Call):
                for each in statement.value.args[2:]:
                    yield from (
                        Written(module.file.shown(each), None, c, each, owner)
                        for c in self._columns.calls(each, module)
                    )
                return
            calls = self._columns.calls(statement.value, module)
            yield from (Written(_own_name(target.id, i), None, c, target, owner) for i, c in enumerate(calls))
            if not calls and isinstance(statement.value, ast.Call):
                self._refuse_unknown_call(target.id, statement.value, module)
        elif isinstance(statement, ast.FunctionDef):
            decorators = (self._columns.library(each, module) for each in statement.decorator_list)
            if not _DECLARING.isdisjoint(decorators):
                yield from self._declared(statement, owner)

    def _annotated(
        self, statement: ast.AnnAssign, target: ast.Name, owner: Definition, *, is_model: bool
    ) -> Iterator[Written]:
        module, value = owner.module, statement.value
        annotation: ast.expr | None = unquoted(statement.annotation)
        calls = self._columns.calls(value, module)
        mapped = self._mapped(annotation, module)
        is_mapped = mapped is not None
        annotation = mapped or (annotation if is_model else None)
        if self._columns.library(value, module) == "composite":
            annotation = None  # it is not one of the column's
        wanted = is_mapped or (is_model and not self._fields.is_none(statement, module)) or bool(calls)
        if not wanted or target.id.startswith("__") or target.id == "model_config":
            return
        field = value if isinstance(value, ast.Call) and is_model and not is_mapped else None
        if field is not None and self._program.name_of(field, module) != "pydantic.Field":
            field = None
        if not calls and isinstance(value, ast.Call) and field is None:
            if self._columns.library(value, module):
                return  # a relationship, a synonym and the like
            if is_mapped:
                self._refuse_unknown_call(target.id, value, module)
        for index, call in enumerate(calls or [field]):
            yield Written(_own_name(target.id, index), annotation, call, target, owner)

    def _declared(self, statement: ast.FunctionDef, owner: Definition) -> Iterator[Written]:
        """Yield the column that a method under ``declared_attr`` returns."""
        if statement.name.startswith("__"):
            return
        value = returned(statement)
        calls = self._columns.calls(value, owner.module)
        annotation = self._mapped(statement.returns, owner.module)
        if not calls and not self._columns.library(value, owner.module):
            raise Unknown(f"what {statement.name} is cannot be determined from its source")
        yield from (Written(statement.name, annotation, call, statement, owner) for call in calls)

    def _mapped(self, annotation: ast.expr | None, module: Module) -> ast.expr | None:
        """Return ``X`` of ``Mapped[X]``, None for any other annotation."""
        if isinstance(annotation, ast.Subscript) and self._columns.library(annotation.value, module) == "Mapped":
            return elements(annotation)[0]
        return None

    def _refuse_unknown_call(self, name: str, call: ast.Call, module: Module) -> None:
        """Refuse a call of the project's own code that may make a column."""
        symbol = self._program.resolve(call.func, module)
        is_foreign = isinstance(symbol, External) and not symbol.known and not library_name(symbol.name)
        is_own = symbol is None and isinstance(call.func, ast.Name) and call.func.id in module.bound
        if is_own or is_foreign:
            raise Unknown(f"what {name} is cannot be determined from its source")


def _own_name(name: str, index: int) -> str:
    """Return the key of the column at *index* of those that one attribute makes."""
    return name if index == 0 else f"{name}[{index}]"

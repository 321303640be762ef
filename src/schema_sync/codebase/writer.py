"""Edits → new file contents: only the lines concerned change, every other byte stays.

The file's own syntax tree shows where things stand; the edits are spliced into its text. What comes out is
compiled before it is handed over.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

from schema_sync.codebase.edit.annotation_edit import AnnotationEditor
from schema_sync.codebase.edit.docstrings import doc_splice, set_doc
from schema_sync.codebase.edit.imports import add_imports, list_names, remove_declarations, remove_imports
from schema_sync.codebase.edit.items import ItemEdit, Items
from schema_sync.codebase.edit.members import MemberEdit, Members
from schema_sync.codebase.edit.new_classes import Addition, ClassWriter, append, named_first, started
from schema_sync.codebase.edit.spelling import Names, module_parts
from schema_sync.codebase.edit.style import Style, TypeSpeller, writes_pipe
from schema_sync.codebase.program import Program
from schema_sync.codebase.read.class_kinds import Kinds
from schema_sync.codebase.read.enums import Enums
from schema_sync.codebase.scope import Definition, Module, module_of
from schema_sync.codebase.source_file import SourceFile, Splice
from schema_sync.codebase.syntax import names_bound
from schema_sync.errors import WriteError
from schema_sync.garbage import uncollected
from schema_sync.model.edits import AddAlias, AddItem, Edit, RemoveDeclaration, RemoveImport, SetDoc, SetResultType

_APART = Addition | RemoveDeclaration | RemoveImport
_DONE = "Run the command again: the file may have changed since it was read."


def apply(sources: Mapping[str, bytes | None], edits: Sequence[Edit]) -> dict[str, bytes]:
    """Return the new contents of the files that *edits* change.

    *sources* holds the current bytes by path (relative, with ``/``), None for a file that does not exist.
    Edits of one declaration combine in their order. An edit that is done already changes nothing.

    Raises:
        WriteError: if a file cannot be decoded or parsed, an edit does not fit it, or the result is invalid.
    """
    by_path: dict[str, list[Edit]] = {}
    for edit in edits:
        by_path.setdefault(edit.path, []).append(edit)
    paths = dict.fromkeys([*sources, *by_path])
    packages = {parts[0] for path in paths if len(parts := module_parts(path)) > 1}
    with uncollected():
        kinds = Kinds(Program([_module(path, sources.get(path) or b"") for path in paths]))
        modules = {module.file.path: module for module in kinds.program.modules}
        contents = {path: _File(modules[path], own, kinds).edited(packages) for path, own in by_path.items()}
    return {path: content for path, content in contents.items() if content != sources.get(path)}


def _module(path: str, content: bytes) -> Module:
    file = SourceFile.decode(path, content)
    if file.text.encode(file.encoding) != content:
        raise WriteError(
            f"{path}: its encoding {file.encoding} does not give the same bytes back",
            hint="Save the file as UTF-8.",
        )
    return module_of(file)


class _File:
    """One file, and the edits of it."""

    def __init__(self, module: Module, edits: list[Edit], kinds: Kinds) -> None:
        self._module = module
        self._source = module.file
        self._path = path = module.file.path
        self._edits = edits
        self._kinds = kinds
        self._additions = named_first([e for e in edits if isinstance(e, Addition)], path)
        self._removed = {e.declaration for e in edits if isinstance(e, RemoveDeclaration)}
        self._names = Names(module, kinds.program, [addition.declaration for addition in self._additions])
        for addition in self._additions:
            if self._names.binds(addition.declaration) and addition.declaration not in self._removed:
                purpose = "arrays and JSON" if isinstance(addition, AddAlias) else addition.marker
                raise WriteError(
                    f"{path}: it has something called {addition.declaration} already",
                    hint=f"Bind it under [bindings], or rename it: the new class is for {purpose}.",
                )
        self._style = Style(module, kinds, self._names)

    def edited(self, packages: set[str]) -> bytes:
        """Return the file's new content; *packages* are the project's own."""
        source = self._source.replaced(self._declaration_splices())
        if self._removed:
            source = remove_declarations(source, self._removed)
        imported = [edit.declaration for edit in self._edits if isinstance(edit, RemoveImport)]
        if imported:
            source = remove_imports(source, imported)
        texts = list(self._new_classes())
        if texts and not source.text.strip():  # a new file: its imports need not be found among the classes
            source = add_imports(started(source, self._additions), self._names.needed.values(), packages)
            return append(source, texts, self._additions).encode()
        if texts:
            source = append(source, texts, self._additions)
            source = list_names(source, [addition.declaration for addition in self._additions])
        return add_imports(source, self._names.needed.values(), packages).encode()

    def _declaration_splices(self) -> list[Splice]:
        definitions = {each.name: each for each in reversed(self._module.definitions)}
        by_name: dict[str, list[Edit]] = {}
        for edit in self._edits:
            if not isinstance(edit, _APART):
                by_name.setdefault(edit.declaration, []).append(edit)
        for name in (name for name in by_name if name not in definitions):
            raise WriteError(f"{self._path}: it declares no {name}", hint=_DONE)
        return [splice for name, own in by_name.items() for splice in self._splices_for(definitions[name], own)]

    def _splices_for(self, definition: Definition, edits: list[Edit]) -> list[Splice]:
        results = [edit for edit in edits if isinstance(edit, SetResultType)]
        if results:
            editor = AnnotationEditor(self._types(definition))
            return [editor.of_alias(self._source, definition.value, results[-1])]
        docs = [edit for edit in edits if isinstance(edit, SetDoc)]
        is_class = isinstance(definition.node, ast.ClassDef)
        apart = [doc_splice(definition, docs.pop())] if docs and not is_class else []
        of_items = [edit for edit in edits if isinstance(edit, ItemEdit)]
        of_members = [edit for edit in edits if isinstance(edit, MemberEdit)]
        if apart and not (of_items or of_members):
            return apart
        is_enum = self._kinds.kind(definition) in {"enum", "literal"}
        if of_items or not (of_members or is_enum):
            inside = {name for statement in definition.body for name in names_bound(statement)}
            if is_class:
                inside |= {edit.key for edit in of_items if isinstance(edit, AddItem)}
            items = Items(definition, self._types(definition, inside))
            for item_edit in of_items:
                items.apply(item_edit)
            sequence = items.sequence
        elif is_enum:
            members = Members(definition, self._style, Enums(self._kinds).declaration(definition).members)
            for member_edit in of_members:
                members.apply(member_edit)
            sequence = members.sequence
        else:
            raise WriteError(f"{self._path}: {definition.name} is not an enum", hint=_DONE)
        for doc in docs:
            set_doc(sequence, doc, self._source.encoding)
        return [sequence.splice(), *apart]

    def _types(self, definition: Definition, inside: Collection[str] = ()) -> TypeSpeller:
        """Return how types are written in *definition*, where the names *inside* mean something of its own."""
        statement = definition.node
        lines = {each.declaration: statement.lineno for each in self._additions} | self._module.bound
        is_lazy = self._names.postponed and isinstance(statement, ast.ClassDef)
        late = {name for name, line in lines.items() if line >= statement.lineno and not is_lazy}
        return TypeSpeller(self._style, late, writes_pipe(statement, self._names), inside)

    def _new_classes(self) -> Iterator[str]:
        late = {addition.declaration for addition in self._additions}
        writer = ClassWriter(TypeSpeller(self._style, late))
        for addition in self._additions:
            yield writer.write(addition)
            late.remove(addition.declaration)

"""Renames classes and Enum members, in all files that use them.

A name changes everywhere or nowhere: an import of a name that is gone breaks a program. So each place that has it,
as a name or as a text that is nothing else, has to be known as a use of it, and no such file may have the new name
for something else. Comments and prose keep the former name.

Authority: the Python library reference, "tokenize".
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from schema_sync.codebase import reader
from schema_sync.codebase.edit.rendering import quoted
from schema_sync.codebase.scope import Definition, module_of
from schema_sync.codebase.source_file import NotPythonError, SourceFile, Splice
from schema_sync.model.declarations import Codebase, EnumDeclaration, Location, Member, Unreadable
from schema_sync.model.edits import Edit, RenameDeclaration, RenameMember, SetMarker

Renames = RenameDeclaration | RenameMember | SetMarker

_TEXT = re.compile(r"[rRbBuUfF]{0,2}('''|\"\"\"|'|\")(?P<inner>.*)\1", re.DOTALL)
_PATH = re.compile(r"[\w.:]+")
_ASIDE = frozenset({tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT})


class Renaming(NamedTuple):
    """What renames make of files, and what keeps its name.

    Attributes:
        contents: new contents by path.
        former: by path, the names that its top level no longer has, with the new ones.
        imports: the files that each file imports when it runs.
        notes: what keeps its name, and why.
    """

    contents: dict[str, bytes]
    former: dict[str, dict[str, str]]
    imports: dict[str, tuple[str, ...]]
    notes: tuple[str, ...]


class _Target(NamedTuple):
    """A class, or a member of one, that is to have a new name."""

    path: str
    declaration: str
    member: str | None
    new: str

    @property
    def old(self) -> str:
        """The name that changes."""
        return self.member or self.declaration

    @property
    def shown(self) -> str:
        """The name as messages have it."""
        return f"{self.declaration}.{self.member}" if self.member else self.declaration


class _StaysError(Exception):
    """A name cannot change everywhere: why."""


def renamed(
    edits: Sequence[Edit], sources: Mapping[str, bytes], unreadable: Sequence[Unreadable] = ()
) -> Renaming:
    """Return what the renames among *edits* make of *sources*, all Python files of the project by path.

    *unreadable* are those that cannot be opened.
    """
    wanted = [edit for edit in edits if isinstance(edit, Renames)]
    if not wanted:
        return Renaming({}, {}, {}, ())
    return _Renamer(sources, unreadable).renamed(wanted)


class _File:
    """The names and texts of a file, less comments and line ends, with their places."""

    def __init__(self, path: str, content: bytes) -> None:
        self.source = SourceFile.decode(path, content)
        lines = io.StringIO(self.source.text, newline="")
        self.tokens = [t for t in tokenize.generate_tokens(lines.readline) if t.type not in _ASIDE]
        self.by_place = {(t.start[0], t.start[1] + 1): index for index, t in enumerate(self.tokens)}

    def splice(self, index: int, text: str) -> Splice:
        """Return the splice that puts *text* in the place of a token."""
        token = self.tokens[index]
        start = self.source.offset(token.start[0], 0) + token.start[1]
        return Splice(start, start + len(token.string), text)

    def chain(self, index: int) -> Iterator[int]:
        """Yield the names of ``a.b.c`` from its first on."""
        while index < len(self.tokens) and self.tokens[index].type == tokenize.NAME:
            yield index
            if self.tokens[index + 1].string != ".":
                return
            index += 2

    def has(self, index: int, name: str, *, dotted: bool) -> bool:
        """Whether a token is *name*, or a text that may mean it: only behind a dot if *dotted*."""
        token = self.tokens[index]
        if token.type == tokenize.NAME:
            return token.string == name and (not dotted or self.tokens[index - 1].string == ".")
        inner = inside(token.string) if token.type == tokenize.STRING else None
        if inner is None:
            return False
        if token.string[:1] in {"f", "F"} or token.string[1:2] in {"f", "F"}:  # before Python 3.12 all in one
            return re.search(rf"\b{re.escape(name)}\b", inner) is not None
        return _PATH.fullmatch(inner) is not None and re.split(r"[.:]", inner)[-1] == name and not dotted


def _with_name(text: str, target: _Target) -> str:
    return re.sub(rf"\b{re.escape(target.old)}\b", target.new, text)


def _texts_in_annotations(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        found = (getattr(node, name, None) for name in ("annotation", "returns"))
        parts = (part for annotation in found if isinstance(annotation, ast.AST) for part in ast.walk(annotation))
        yield from (part for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))


def inside(literal: str) -> str | None:
    """Return what stands between the quotes of a string literal, None if it is none."""
    match = _TEXT.fullmatch(literal)
    return match["inner"] if match else None


class _Renamer:
    def __init__(self, sources: Mapping[str, bytes], unreadable: Sequence[Unreadable]) -> None:
        self._sources = sources
        self._codebase: Codebase = reader.read_sources(sources, unreadable)
        self._files: dict[str, _File] = {}
        self._splices: dict[str, dict[tuple[int, int], str]] = defaultdict(dict)
        self._former: dict[str, dict[str, str]] = defaultdict(dict)
        self._uses = defaultdict[str, list[tuple[str | None, Location]]](list)
        for use in self._codebase.uses:
            self._uses[use.declaration].append((use.member, use.at))

    def renamed(self, edits: Sequence[Renames]) -> Renaming:
        notes: list[str] = []
        targets: list[_Target] = []
        for edit in edits:
            if isinstance(edit, RenameDeclaration):
                targets.append(_Target(edit.path, edit.declaration, None, edit.new_name))
            elif isinstance(edit, RenameMember):
                names = ((old, new) for old, new in edit.new_names if old != new)
                targets += (_Target(edit.path, edit.declaration, old, new) for old, new in names)
                self._set_value(edit)
            else:
                self._set_marker(edit)
        for target in dict.fromkeys(targets):
            try:
                found = self._places(target)
            except _StaysError as error:
                notes.append(f"{target.shown} keeps its name: {error}")
                continue
            for path, splices in found.items():
                self._add(target, path, splices)
        changed = {
            path: self._file(path).source.replaced(Splice(*span, text) for span, text in each.items())
            for path, each in self._splices.items()
        }
        contents = {path: file.encode() for path, file in changed.items()}
        return Renaming(contents, dict(self._former), self._codebase.imports, tuple(notes))

    def _add(self, target: _Target, path: str, splices: set[Splice]) -> None:
        """Add what renames *target* in a file; a text may name other classes that get new names too."""
        known = self._splices[path]
        for start, end, text in splices:
            other = known.get((start, end))
            known[start, end] = text if other is None else _with_name(other, target)
        if target.member is None and target.old in self._codebase.names.get(path, ()):
            self._former[path][target.old] = target.new

    # ---- what a class says of its object

    def _set_marker(self, edit: SetMarker) -> None:
        source, node = self._file(edit.path).source, self._definition(edit.path, edit.declaration).node
        start, end = source.comment_block(source.span(node)[0]), source.span(node)[1]
        following = self._definition(edit.path, edit.declaration).next
        if not isinstance(node, ast.ClassDef) and following is not None:
            end = source.span(following)[1]  # the string behind an alias
        end = source.comments_end(source.line_end(end - 1))
        place = re.search(rf"(?<![\w.]){re.escape(edit.old)}(?![\w.])", source.text[start:end])
        if place is not None:
            self._splices[edit.path][start + place.start(), start + place.end()] = edit.new

    def _set_value(self, edit: RenameMember) -> None:
        """Put the new label in the place of the former one, where a string spells it."""
        file, definition = self._file(edit.path), self._definition(edit.path, edit.declaration)
        places = {member.at for member in self._members(edit)}
        nodes = ast.walk(definition.node)
        if isinstance(definition.node, ast.ClassDef):
            statements = (each for each in definition.node.body if file.source.at(each) in places)
            nodes = (node for statement in statements for node in ast.walk(statement))
        for node in nodes:
            if isinstance(node, ast.Constant) and node.value == edit.label:
                start, end = file.source.span(node)
                quote = "'" if file.source.text[end - 1] == "'" else '"'
                self._splices[edit.path][start, end] = quoted(edit.new_label, quote, file.source.encoding)

    def _members(self, edit: RenameMember) -> Iterator[Member]:
        declared = self._codebase.by_id.get(f"{edit.path}:{edit.declaration}")
        if isinstance(declared, EnumDeclaration):
            yield from (member for member in declared.members if member.value == edit.label)

    # ---- names

    def _places(self, target: _Target) -> dict[str, set[Splice]]:
        """Return what renames *target*, by path.

        Raises:
            _StaysError: if it cannot be renamed everywhere.
        """
        id_ = f"{target.path}:{target.declaration}"
        known, found = defaultdict[str, set[int]](set), defaultdict[str, set[Splice]](set)
        for path, index, literal in self._own(target):
            known[path].add(index)
            found[path].add(self._file(path).splice(index, literal or target.new))
        for member, at in self._uses[id_]:
            if target.member in {None, member}:
                self._add_use(target, at, known, found)
        self._require_all_known(target, known)
        for path in found if target.member is None else ():
            names = (token for token in self._file(path).tokens if token.type == tokenize.NAME)
            clash = next((token for token in names if token.string == target.new), None)
            if clash is not None:
                raise _StaysError(f"{path}:{clash.start[0]} has the name {target.new} already")
        return found

    def _add_use(
        self, target: _Target, at: Location, known: dict[str, set[int]], found: dict[str, set[Splice]]
    ) -> None:
        file = self._file(at.path)
        first = file.by_place.get((at.line, at.column))
        if first is None:
            raise _StaysError(f"{at} uses it in a way that cannot be changed")
        token = file.tokens[first]
        if token.type == tokenize.STRING:
            known[at.path].add(first)
            found[at.path].add(file.splice(first, _with_name(token.string, target)))
            return
        index = next((i for i in file.chain(first) if file.tokens[i].string == target.old), None)
        if index is None:
            if target.member:
                raise _StaysError(f"{at} uses it in a way that cannot be changed")
            return  # it has another name there
        same = [index]
        if file.tokens[index + 1].string == "as" and file.tokens[index + 2].string == target.old:
            same.append(index + 2)
        for each in same:
            known[at.path].add(each)
            found[at.path].add(file.splice(each, target.new))

    def _own(self, target: _Target) -> Iterator[tuple[str, int, str]]:
        """Yield the places in the class itself: tokens with their new text, empty for the new name."""
        path, file = target.path, self._file(target.path)
        definition = self._definition(path, target.declaration)
        start, end = file.source.span(definition.node)
        if target.member:
            declared = self._codebase.by_id.get(f"{path}:{target.declaration}")
            members = declared.members if isinstance(declared, EnumDeclaration) else ()
            places = (file.by_place.get((m.at.line, m.at.column)) for m in members if m.name == target.member)
            yield from ((path, index, "") for index in places if index is not None)
            return
        annotations = {file.source.at(node) for node in _texts_in_annotations(definition.node)}
        for index, token in enumerate(file.tokens):
            at = Location(path=path, line=token.start[0], column=token.start[1] + 1)
            offset = file.source.offset(token.start[0], 0) + token.start[1]
            if not start <= offset < end:
                continue
            if token.type == tokenize.NAME and token.string == target.old and file.tokens[index - 1].string != ".":
                yield path, index, ""
            elif token.type == tokenize.STRING and (inside(token.string) == target.old or at in annotations):
                yield path, index, _with_name(token.string, target)

    def _require_all_known(self, target: _Target, known: Mapping[str, set[int]]) -> None:
        """Raise if a file has the name for something that is not known to be *target*, and may be it."""
        others = self._places_of_others(target)
        unreadable = {each.at.path for each in self._codebase.unreadable}
        for path in unreadable:
            if path not in self._sources or target.old.encode() in self._sources[path]:
                raise _StaysError(f"{path} may use it, and cannot be read")
        for path, content in self._sources.items():
            if target.old.encode() not in content or path in unreadable:
                continue
            file = self._file(path)
            for index in range(len(file.tokens)):
                if index not in known.get(path, ()) and file.has(index, target.old, dotted=bool(target.member)):
                    line, column = file.tokens[index].start
                    if (path, line, column + 1) not in others:
                        raise _StaysError(f"{path}:{line} may mean it, which cannot be told from its source")

    def _places_of_others(self, target: _Target) -> set[tuple[str, int, int]]:
        """Return where other declarations have the name."""
        own, found = f"{target.path}:{target.declaration}", set[tuple[str, int, int]]()
        for id_, uses in self._uses.items():
            for member, at in uses if id_ != own else ():
                if target.old not in {id_.rpartition(":")[2], member}:
                    continue
                file = self._file(at.path)
                first = file.by_place.get((at.line, at.column))
                for index in file.chain(first) if first is not None else ():
                    if file.tokens[index].string == target.old:
                        line, column = file.tokens[index].start
                        found.add((at.path, line, column + 1))
        return found

    # ---- files

    def _file(self, path: str) -> _File:
        if path not in self._files:
            try:
                self._files[path] = _File(path, self._sources[path])
            except (NotPythonError, tokenize.TokenError, SyntaxError) as error:
                raise _StaysError(f"{path} cannot be read") from error
        return self._files[path]

    def _definition(self, path: str, name: str) -> Definition:
        module = module_of(self._file(path).source)
        return next(each for each in module.definitions if each.name == name)

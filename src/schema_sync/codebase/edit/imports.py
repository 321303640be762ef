"""What lists a file's names: imports and ``__all__``. Entries come and go in the style of the others.

The order of imports is isort's (as ``ruff check --select I`` has it): standard library, third party, first party,
relative.
"""

from __future__ import annotations

import ast
import sys
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator

from schema_sync.codebase.edit.body_layout import Extent, inside, is_bracketed, read_body, read_brackets
from schema_sync.codebase.edit.entries import Entry, EntryList, split_above
from schema_sync.codebase.edit.rendering import WIDTH, quoted
from schema_sync.codebase.edit.spelling import Import, header_of, written_module
from schema_sync.codebase.edit.style import quote_of
from schema_sync.codebase.scope import module_of
from schema_sync.codebase.source_file import NEWLINE, SourceFile, Splice
from schema_sync.codebase.syntax import FUNCTIONS, exported_by, placed, text_of

_UNIT = "    "
_LISTS = (ast.List, ast.Tuple, ast.Set)


def add_imports(source: SourceFile, needed: Iterable[Import], first_party: Collection[str]) -> SourceFile:
    """Return *source* with *needed* imported; *first_party* are the project's own top-level packages."""
    by_module: dict[str, list[Import]] = {}
    for each in sorted(needed, key=lambda each: (each.module, each.text)):
        by_module.setdefault(each.module, []).append(each)
    for module, names in by_module.items():
        statements = (each for each in header_of(source.tree.body) if isinstance(each, ast.ImportFrom))
        named = (each for each in statements if written_module(each) == module and each.names[0].name != "*")
        statement = next(named, None)
        if statement:
            source = source.replaced([_extend(source, statement, names)])
        else:
            source = source.replaced([_new_statement(source, module, names, first_party)])
    return source


def _import_line(module: str, names: Iterable[Import], newline: str) -> str:
    """Return an import statement without a final newline, over lines where it is too long for one."""
    texts = [item.text for item in sorted(names, key=lambda item: _name_key(item.name))]
    line = f"from {module} import {', '.join(texts)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import ({newline}" + "".join(f"{_UNIT}{t},{newline}" for t in texts) + ")"


def read_names(source: SourceFile, statement: ast.ImportFrom | ast.Import) -> EntryList:
    """Return the names that an import statement lists; their keys are what they bind."""
    extents = [Extent(*source.span(alias), alias.asname or alias.name, alias.name) for alias in statement.names]
    start, end = extents[0].start, extents[-1].end
    first, last = source.span(statement)
    keyword = source.text.rindex("import", first, start) + len("import")
    opened = next((piece for piece in source.trivia(keyword, start) if piece.group() == "("), None)
    if opened:
        start, end = opened.end(), last - 1
    return read_brackets(source, start, end, extents, _UNIT)


def _extend(source: SourceFile, statement: ast.ImportFrom, names: list[Import]) -> Splice:
    sequence = read_names(source, statement)
    for item in names:
        keys = [_name_key(entry.name or "") for entry in sequence.entries]
        place = bisect_right(keys, _name_key(item.name)) if keys == sorted(keys) else len(keys)
        sequence.insert(place, Entry(text=item.text, key=item.alias or item.name, name=item.name))
    splice = sequence.splice()
    start, end = source.span(statement)
    longest = max(len(line) for line in NEWLINE.split(source.text))
    bare = splice.end == end and "\\" not in source.text[start:end]
    first = start - source.line_start(start)
    if bare and first + len(source.text[start : splice.start] + splice.text) > max(WIDTH, min(longest, 120)):
        indent = source.indentation(start)
        lines = "".join(f"{indent}{_UNIT}{entry.text},{sequence.newline}" for entry in sequence.entries)
        return Splice(splice.start, splice.end, f"({sequence.newline}{lines}{indent})")
    return splice


def _name_key(name: str) -> tuple[int, str, str]:
    """Return isort's order of names: constants, classes, the rest; case set aside."""
    bare = name.lstrip("_")
    kind = 0 if name.isupper() and len(name) > 1 else 1 if bare[:1].isupper() else 2
    return kind, name.lower(), name


def _section(module: str, first_party: Collection[str]) -> int:
    top = module.partition(".")[0]
    if not top:
        return 4
    if top == "__future__":
        return 0
    return 1 if top in sys.stdlib_module_names else 3 if top in first_party else 2


def _order(
    statement: ast.Import | ast.ImportFrom | str, first_party: Collection[str]
) -> tuple[int, bool, int, str]:
    """Return what isort sorts a statement by, or a new one that takes names from the module of that name."""
    if isinstance(statement, ast.Import):
        name = statement.names[0].name
        return _section(name, first_party), False, 0, name.lower()
    module = statement if isinstance(statement, str) else written_module(statement)
    dots = len(module) - len(module.lstrip("."))
    return _section(module, first_party), True, -dots, module.lower()


def _new_statement(source: SourceFile, module: str, names: list[Import], first_party: Collection[str]) -> Splice:
    newline = source.newline
    line = _import_line(module, names, newline) + newline
    key = _order(module, first_party)
    header = header_of(source.tree.body)
    if not header:
        return _first_statement(source, line)
    orders = [_order(statement, first_party) for statement in header]
    apart = [order[0] != key[0] for order in orders]
    place = max((index for index, order in enumerate(orders) if order <= key), default=-1)
    later = header[place + 1 :]
    if later and (place < 0 or (apart[place] and not apart[place + 1])):
        at = _above(source, source.span(later[0])[0])
        return Splice(at, at, line + newline if apart[place + 1] else line)
    at = _logical_end(source, header[place])
    gap = newline if apart[place] else ""
    before = gap if source.text[at - 1] in "\r\n" else newline + gap
    touches = bool(later) and source.span(later[0])[0] == at and apart[place + 1]
    return Splice(at, at, before + line + newline if touches else before + line)


def _logical_end(source: SourceFile, statement: ast.stmt) -> int:
    """Return where the line ends on which *statement* ends, other statements on it included."""
    body = source.tree.body
    end = source.span(statement)[1]
    for other in body[body.index(statement) + 1 :]:
        start, last = source.span(other)
        if any(piece.lastgroup == "newline" for piece in source.trivia(end, start)):
            break
        end = last
    return source.line_end(end - 1)


def _above(source: SourceFile, offset: int) -> int:
    """Return where the comments start that belong to the statement at *offset*."""
    start = source.comment_block(offset)
    detached, _ = split_above(source.text[start : source.line_start(offset)])
    return start + len(detached)


def _first_statement(source: SourceFile, line: str) -> Splice:
    """Place *line* into a module that imports nothing: behind its docstring, in front of all else."""
    newline = source.newline
    body = source.tree.body
    documented = ast.get_docstring(source.tree, clean=False) is not None
    following = body[1:] if documented else body
    defines = bool(following) and isinstance(following[0], (*FUNCTIONS, ast.ClassDef))
    gap = newline * (2 if defines else 1)
    if documented:
        at = _logical_end(source, body[0])
        before = newline if source.text[at - 1] in "\r\n" else newline * 2
        rest = source.text[at:]
        behind = "" if not rest.strip() or NEWLINE.match(rest.lstrip(" \t\f")) else gap
        return Splice(at, at, before + line + behind)
    at = _above(source, source.span(body[0])[0])
    return Splice(at, at, line + gap)


def list_names(source: SourceFile, names: Iterable[str]) -> SourceFile:
    """Return *source* with *names* in its ``__all__``, if it has one: in order if the others are, else last."""
    lists = list(_exports(source))
    if not lists:
        return source
    sequences = [_read(source, each) for each in lists]
    sequence, listed = sequences[0], {entry.key for each in sequences for entry in each.entries}
    quote = quote_of(source, lists[0]) or quote_of(source, source.tree) or '"'

    keys = [entry.key or "" for entry in sequence.entries]
    ordered = keys == sorted(keys)
    for name in names:
        if name in listed:
            continue
        index = bisect_right(keys, name) if ordered and len(keys) > 1 else len(keys)
        if len(keys) == 1:
            ordered = keys[0] <= name  # one name has no order yet: the second goes behind it
        keys.insert(index, name)
        sequence.insert(index, Entry(text=quoted(name, quote, source.encoding), key=name))
    return source.replaced([sequence.splice()])


def unlist_names(source: SourceFile, names: Iterable[str]) -> SourceFile:
    """Return *source* without *names* in its ``__all__``."""
    unwanted = set(names)
    splices: list[Splice] = []
    for node in _exports(source):
        sequence = _read(source, node)
        if any(entry.key in unwanted for entry in sequence.entries):
            sequence.remove_all(unwanted)
            splices.append(sequence.splice())
    return source.replaced(splices)


def _exports(source: SourceFile) -> Iterator[ast.List | ast.Tuple | ast.Set]:
    values = (value for statement in source.tree.body if (value := exported_by(statement)) is not None)
    yield from (node for value in values for node in ast.walk(value) if isinstance(node, _LISTS))


def _read(source: SourceFile, node: ast.List | ast.Tuple | ast.Set) -> EntryList:
    extents = [Extent(*source.span(each), text_of(each)) for each in node.elts]
    bracketed = not isinstance(node, ast.Tuple) or is_bracketed(source, node)
    start, end = inside(source, node) if bracketed else source.span(node)
    return read_brackets(source, start, end, extents, _UNIT, singleton=isinstance(node, ast.Tuple))


def remove_imports(source: SourceFile, names: Collection[str]) -> SourceFile:
    """Return *source* without the imports of *names*, and without what these bind in ``__all__``."""
    bound = [alias.asname or alias.name for _, _, aliases in _imports_of(source, names) for alias in aliases]
    while found := list(_imports_of(source, names)):
        whole = [(block, statement) for block, statement, aliases in found if len(aliases) == len(statement.names)]
        if whole:
            block = whole[0][0]
            source = _without(source, block, [statement for around, statement in whole if around is block])
            continue
        splices: list[Splice] = []
        for _, statement, aliases in found:
            sequence = read_names(source, statement)
            sequence.remove_all({alias.asname or alias.name for alias in aliases})
            splices.append(sequence.splice())
        source = source.replaced(splices)
    return unlist_names(source, [*bound, *names])


def _imports_of(
    source: SourceFile, names: Collection[str]
) -> Iterator[tuple[list[ast.stmt], ast.ImportFrom, list[ast.alias]]]:
    for block, index in placed(source.tree.body):
        statement = block[index]
        if isinstance(statement, ast.ImportFrom):
            aliases = [alias for alias in statement.names if alias.name in names]
            if aliases:
                yield block, statement, aliases


def remove_declarations(source: SourceFile, names: Collection[str]) -> SourceFile:
    """Return *source* without the declarations of *names*, the comments right above them and their listing."""
    while found := [each for each in module_of(source).definitions if each.name in names]:
        outermost = min((each.block for each in found), key=lambda block: block is not source.tree.body)
        source = _without(source, outermost, [each.node for each in found if each.block is outermost])
    return unlist_names(source, names)


def _without(source: SourceFile, block: list[ast.stmt], unwanted: Collection[ast.stmt]) -> SourceFile:
    """Return *source* without statements of *block*, and what belongs to them."""
    extents = [Extent(*source.span(statement), str(id(statement))) for statement in block]
    sequence = read_body(source, block, extents, "    ", markers=False)
    sequence.remove_all({str(id(statement)) for statement in unwanted})
    if block is source.tree.body and [entry.key for entry in sequence.entries] == [None]:
        sequence.entries[0].text = sequence.entries[0].newline = ""
    return source.replaced([sequence.splice()])

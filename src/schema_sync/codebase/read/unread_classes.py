"""Classes of kinds that are not read → Unread: they may state that they map to a database object.

Such a class is not checked, and no second one is written for its object.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from schema_sync.codebase.read.class_kinds import Kinds
from schema_sync.codebase.scope import Definition, External
from schema_sync.codebase.source_file import SourceFile
from schema_sync.model.declarations import Location, Unread

_NO_KIND = frozenset({"abc.ABC", "object", "typing.Generic"})
_CLASS = re.compile(
    r"^(?P<indent>[ \t]*)class[ \t]+(?P<name>\w+)|^(?P<made>\w+)[ \t]*=[ \t]*(?:\w+\.)*TypedDict\("
)
_MARKS = re.compile(r"^[ \t]*(?:[rRuU]?(?:\"\"\"|'''|\"|')|#+)?[ \t]*|[ \t]*(?:\"\"\"|'''|\"|')[ \t]*$")


def unread_of(definition: Definition, kinds: Kinds) -> Iterator[Unread]:
    """Yield the class in *definition*, which is not a declaration, or a call with a text that may be a marker."""
    doc, comments = definition.doc, definition.comments
    if isinstance(definition.node, ast.ClassDef):
        why = _kind_of_class(definition, kinds)
    elif isinstance(definition.value, ast.Call) and (doc or comments):
        symbol = kinds.program.resolve(definition.value.func, definition.module, definition.parent)
        made = symbol.name if isinstance(symbol, External) else definition.module.file.shown(definition.value.func)
        why = f"what {made} makes is not read"
    else:
        return
    yield Unread(name=definition.name, why=why, doc=doc, comments=comments, at=definition.at)


def _kind_of_class(definition: Definition, kinds: Kinds) -> str:
    """State what kind a class is of: by its decorator, or the first base that is not in the scanned files."""
    decorators = definition.node.decorator_list if isinstance(definition.node, ast.ClassDef) else []
    for decorator in decorators:
        name = kinds.program.name_of(decorator, definition.module)
        if name.partition(".")[0] in {"attr", "attrs"}:
            return f"an {name} class is not read"
    for each in kinds.lineage(definition):
        for base, symbol in kinds.bases(each):
            name = symbol.name if isinstance(symbol, External) else each.module.file.shown(base)
            if not isinstance(symbol, Definition) and name not in _NO_KIND:
                return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name} is not read"
    return "a plain class is not read"


def unparsed(file: SourceFile, why: str) -> Iterator[Unread]:
    """Yield the classes of a file that has no syntax tree, by their lines alone.

    What stands between a class and the next line that is indented no deeper, quotes and number signs off, may hold
    its marker.
    """
    for number, line in enumerate(file.lines, start=1):
        match = _CLASS.match(line)
        if match is None:
            continue
        column = len(match["indent"] or "")
        block: list[str] = []
        for each in file.lines[number:]:
            if each.strip() and len(each) - len(each.lstrip()) <= column:
                break
            block.append(_MARKS.sub("", each))
        at = Location(path=file.path, line=number, column=column + 1)
        yield Unread(name=match["name"] or match["made"], why=why, named=True, doc="\n".join(block), at=at)

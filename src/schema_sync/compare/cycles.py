"""No update makes files import each other in a circle: where a class cannot be imported, a wider type is written.

Authority: the Python language reference, "The import system": a module that is imported again while it runs has
only the names that it has bound so far.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from schema_sync.compare.chosen_types import file_of
from schema_sync.mapping.expressions import parse_type
from schema_sync.model.declarations import Codebase, EnumDeclaration, PyType
from schema_sync.model.edits import AddEnum, AddRow, Edit, types_of
from schema_sync.model.findings import Finding

_TEXT = PyType(name="str")
_OBJECT = parse_type("dict[str, typing.Any]")
_WIDER = " Files would import each other in a circle: {} is written as {}."
_BY_HAND = " Files would import each other in a circle through {}: write it by hand."


def without_cycles(findings: tuple[Finding, ...], codebase: Codebase) -> tuple[Finding, ...]:
    """Return *findings* with edits that add no circle of imports at run time.

    An Enum class becomes ``str`` where it cannot be imported, another class ``dict[str, Any]``; an edit that needs
    anything else is left to a person.
    """
    if not any(names for f in findings for edit in f.edits for names in _foreign(edit, codebase)):
        return findings
    breaking = _Breaking(findings, codebase)
    return tuple(map(breaking.mended, findings))


class _Breaking:
    def __init__(self, findings: tuple[Finding, ...], codebase: Codebase) -> None:
        self._codebase = codebase
        self._graph = {path: set(targets) for path, targets in codebase.imports.items()}
        edits = [edit for finding in findings for edit in finding.edits]
        enums = {id_: isinstance(declared, EnumDeclaration) for id_, declared in codebase.by_id.items()}
        new = (edit for edit in edits if isinstance(edit, AddEnum | AddRow))
        enums |= {f"{edit.path}:{edit.declaration}": isinstance(edit, AddEnum) for edit in new}
        self._wider = {id_: _TEXT if is_enum else _OBJECT for id_, is_enum in enums.items()}
        needed = Counter(
            (edit.path, path, name in self._wider) for edit in edits for name, path in _foreign(edit, codebase)
        )
        order = sorted(needed, key=lambda each: (each[2], -needed[each], each))  # the most needed first
        self._refused = {(path, target) for path, target, _ in order if self._closes(path, target)}

    def mended(self, finding: Finding) -> Finding:
        edits: list[Edit] = []
        for edit in finding.edits:
            foreign = _foreign(edit, self._codebase)
            refused = {name for name, path in foreign if (edit.path, path) in self._refused}
            wider = {name: self._wider[name] for name in sorted(refused) if name in self._wider}
            if len(wider) < len(refused):
                sentence = _BY_HAND.format(", ".join(sorted(refused - set(wider))))
                return replace(finding, edits=(), message=finding.message + sentence)
            said = "".join(_WIDER.format(name.rpartition(":")[2], type_) for name, type_ in wider.items())
            finding = replace(finding, message=finding.message + said)
            edits.append(_widened(edit, wider) if wider else edit)
        return replace(finding, edits=tuple(edits))

    def _closes(self, path: str, target: str) -> bool:
        """Return whether *target* leads back to *path*; if not, *path* imports it from now on."""
        parts = target.split("/")[:-1]
        around = ("/".join(parts[:cut]) for cut in range(1, len(parts) + 1))
        packages = {f"{folder}/__init__.py" for folder in around if not path.startswith(f"{folder}/")}
        first = {target, *(packages & self._graph.keys())}
        seen, queue = set(first), list(first)
        while queue:
            new = self._graph.get(queue.pop(), set()) - seen
            seen |= new
            queue += new
        if path not in seen:
            self._graph.setdefault(path, set()).update(first)
        return path in seen


def _foreign(edit: Edit, codebase: Codebase) -> Iterator[tuple[str, str]]:
    """Yield the names of other scanned files that an edit writes, each with its file."""
    stack = list(dict.fromkeys(types_of(edit)))
    while stack:
        type_ = stack.pop()
        stack += type_.args
        path = type_.name.rpartition(":")[0] or file_of(type_.name, codebase)
        if path and path != edit.path:
            yield type_.name, path


def _widened(edit: Edit, wider: Mapping[str, PyType]) -> Edit:
    if isinstance(edit, AddRow):
        return replace(edit, items=tuple(replace(i, type=i.type.replaced(wider)) for i in edit.items))
    return replace(edit, type=next(types_of(edit)).replaced(wider))

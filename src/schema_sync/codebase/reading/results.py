"""Type aliases for what database functions return → ResultDeclaration.

Authority: the typing specification, "Type aliases" (implicit, ``TypeAlias`` and the ``type`` statement).
"""

from __future__ import annotations

import re

from schema_sync.codebase.reading.annotations import Annotations
from schema_sync.codebase.scope import Definition
from schema_sync.model.declarations import ResultDeclaration

_MARKED = re.compile(r"^[ \t]*Result[ \t]*:", re.MULTILINE | re.IGNORECASE)


def result_of(definition: Definition, annotations: Annotations) -> ResultDeclaration | None:
    """Return the alias in *definition* if the string behind it says that it is a function's result."""
    if definition.value is None or definition.parent is not None:
        return None
    doc = definition.doc
    if doc is None or not _MARKED.search(doc):
        return None
    return ResultDeclaration(
        name=definition.name,
        type=annotations.type(definition.value, definition.module),
        doc=doc,
        at=definition.at,
    )

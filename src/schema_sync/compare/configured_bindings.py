"""What the configuration binds: the table ``[bindings]``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from schema_sync.compare.markers import Marker, parse_binding
from schema_sync.errors import ConfigError
from schema_sync.model.declarations import Codebase
from schema_sync.model.findings import Note
from schema_sync.nearest import nearest

_MOST_ADVISED = 20  # names without a class that a name spelled alike is looked for


def configured(bindings: Mapping[str, str], codebase: Codebase) -> tuple[dict[str, Marker], list[Note]]:
    """Return the objects that the configured *bindings* name, by the ids of classes, and notes on missing classes.

    Raises:
        ConfigError: if one is not an object's name.
    """
    if not bindings:
        return {}, []
    by_name: dict[str, list[str]] = defaultdict(list)
    known = {*codebase.by_id, *(unread.id for unread in codebase.unread)}
    for declared in sorted(known):
        by_name[declared.rpartition(":")[2]].append(declared)
    found: dict[str, Marker] = {}
    notes: list[Note] = []
    for class_name, text in bindings.items():
        stated = parse_binding(text)
        if stated is None:
            raise ConfigError(
                f"bindings.{class_name}: {text!r} is not an object; write schema.name as in SQL,"
                " or shape:schema.name with the shape row, insert, update or partial"
            )
        ids = [class_name] if class_name in known else by_name.get(class_name, [])
        if not ids:
            close = nearest(class_name, by_name) if len(notes) < _MOST_ADVISED else ""
            advice = f"did you mean {close}?" if close else "remove the line, or widen include"
            notes.append(Note(what=f"bindings.{class_name}", why=f"no such class in the scanned files; {advice}"))
        found.update(dict.fromkeys(ids, stated))
    return found, notes

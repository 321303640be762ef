"""The classes that ``bindings`` of the configuration names, and what it says that they map to."""

from __future__ import annotations

from collections import defaultdict

from schema_sync.compare.markers import Marker, parse_binding
from schema_sync.errors import ConfigError
from schema_sync.model.base import Value
from schema_sync.model.declarations import Codebase
from schema_sync.model.findings import Note
from schema_sync.model.options import Options
from schema_sync.nearest import nearest

_MOST_ADVISED = 20  # configured names without a class that a name spelled alike is looked for


class Configured(Value, frozen=True, kw_only=True):
    """What the configuration states, by the id of each class: None where it maps to nothing.

    ``notes`` tell of configured names that no class has: a class may have been pruned.
    """

    bindings: dict[str, Marker | None]
    notes: tuple[Note, ...] = ()

    @property
    def unbound(self) -> frozenset[str]:
        """The ids of the classes that map to nothing."""
        return frozenset(id_ for id_, stated in self.bindings.items() if stated is None)


def read_configured(options: Options, codebase: Codebase) -> Configured:
    """Return what *options* state on the classes of *codebase*.

    Raises:
        ConfigError: if a class is bound to what is not an object's name.
    """
    if not options.bindings:
        return Configured(bindings={})
    known = {*codebase.by_id, *(unread.id for unread in codebase.unread)}
    by_name: dict[str, list[str]] = defaultdict(list)
    for declared in sorted(known):
        by_name[declared.rpartition(":")[2]].append(declared)
    found: dict[str, Marker | None] = {}
    notes: list[Note] = []
    for class_name, text in options.bindings.items():
        stated = parse_binding(text) if text else None
        if text and stated is None:
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
    return Configured(bindings=found, notes=tuple(notes))

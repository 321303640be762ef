"""Classes of objects that were renamed: they stay bound, and follow in their markers and names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from schema_sync.compare.binding import Bindings
from schema_sync.compare.class_names import prefixed
from schema_sync.compare.markers import renamed_markers, spelled
from schema_sync.compare.objects import DatabaseObjects, make_target
from schema_sync.compare.renames import Renames
from schema_sync.mapping import names
from schema_sync.model.catalog import QName
from schema_sync.model.declarations import EnumDeclaration, ResultDeclaration
from schema_sync.model.edits import Edit, RenameDeclaration, RenameMember, SetDoc, SetMarker
from schema_sync.model.findings import Binding, Role
from schema_sync.model.options import Options
from schema_sync.model.pairs import Rebound

_PLAIN = re.compile(r"[A-Za-z][\w .:\"$-]*[\w.$]")  # what ends no string, and needs no escape in one


def followed(bindings: Bindings, objects: DatabaseObjects, renames: Renames) -> Bindings:
    """Return *bindings* with those to former names bound to the objects that had them.

    Where a class for the new name has been written already, the other one is for what is gone.
    """
    taken: set[tuple[QName, Role]] = {(b.object, b.role) for b in bindings.bound if b.exists}
    return replace(bindings, bound=tuple(_followed(b, objects, renames, taken) for b in bindings.bound))


def _followed(
    binding: Binding, objects: DatabaseObjects, renames: Renames, taken: set[tuple[QName, Role]]
) -> Binding:
    name = None if binding.exists else renames.objects.get(binding.object)
    if name is None:
        return binding
    is_enum = binding.kind == "enum"
    kind = "enum" if name in objects.catalog.enums_by_name else objects.row_kinds.get(name, binding.kind)
    found = replace(binding, object=name, kind=kind, exists=True, former=binding.object, hint="")
    is_free = binding.partial or (name, found.role) not in taken
    return found if is_free and is_enum == (kind == "enum") else binding


def rebound(binding: Binding, objects: DatabaseObjects) -> Rebound | None:
    """Return what makes a class follow its object, None where it has the object's name of today.

    A class that the configuration binds, or SQLAlchemy's ``__tablename__``, is for a person; one that is partial,
    an API's, keeps its name.
    """
    declared, former, now = binding.declaration, binding.former, binding.object
    if former is None or isinstance(declared, ResultDeclaration):
        return None
    if binding.how == "config":
        advice = f"Change it under [bindings] in the configuration: {declared.name} = '{spelled(now)}'."
        return Rebound(former=former, by_hand=advice)
    if binding.how == "tablename":
        return Rebound(former=former, by_hand=f"Change the name of the table in {declared.name} by hand.")
    enum = binding.kind == "enum"
    stays = binding.partial or "." in declared.name or declared.name in objects.options.bindings
    new_name = "" if stays else following_name(declared.name, former, now, objects.options, enum=enum)
    path, own = declared.at.path, declared.name
    lines = dict(renamed_markers(declared, former, now))
    by_hand = ""
    if not all(map(_PLAIN.fullmatch, (*lines, *lines.values()))):
        lines, by_hand = {}, f"Change its marker by hand: it maps to {spelled(now)} now."
    edits: list[Edit] = [SetMarker(path=path, declaration=own, old=old, new=new) for old, new in lines.items()]
    if new_name:
        edits.append(RenameDeclaration(path=path, declaration=own, new_name=new_name))
    if not (lines or by_hand or binding.partial):  # for a class that keeps its name
        marker = make_target(binding.kind, now, path).marker
        edits.append(SetDoc(path=path, declaration=own, head=declared.doc or "", marker=marker, comment=""))
    return Rebound(former=former, edits=tuple(edits), by_hand=by_hand)


def renamed_labels(
    declared: EnumDeclaration, labels: tuple[str, ...], formers: Mapping[str, str]
) -> tuple[RenameMember, ...]:
    """Return what gives the members of a class that have the former names of *labels* the new ones."""
    values = {member.value for member in declared.members}
    found = ((label, formers[label]) for label in labels if label in formers)
    return tuple(
        RenameMember(
            path=declared.at.path,
            declaration=declared.name,
            label=former,
            new_label=label,
            new_names=tuple(_following_names(declared, former, label)),
        )
        for label, former in found
        if former in values and label not in values
    )


def _following_names(declared: EnumDeclaration, former: str, label: str) -> Iterator[tuple[str, str]]:
    """Yield the names of members that follow their label *former*, with those that follow *label*."""
    taken = {member.name for member in declared.members} if declared.form != "literal" else set[str]()
    for member in declared.members if taken else ():
        upper = member.name.isupper()
        if member.value == former and member.name == names.member_name(former, (), upper=upper):
            yield member.name, names.member_name(label, taken - {member.name}, upper=upper)


def following_name(class_name: str, former: QName, now: QName, options: Options, *, enum: bool) -> str:
    """Return what a class is to be called whose object was renamed; empty where its name does not follow that.

    It follows, in any case of its letters, what a new class would be called, or the object's own words
    (``OrdersRow``).
    """
    ways = names.enum_class_stems if enum else names.row_class_stems
    own, suffix = names.stem_and_suffix(class_name, enum=enum)
    pairs = [*zip(ways(former.name, options.plurals), ways(now.name, options.plurals), strict=True)]
    pairs += [(prefixed(old, former, options), prefixed(new, now, options)) for old, new in pairs]
    found = next((new + suffix for old, new in pairs if names.folded(old) == names.folded(own)), "")
    return found if found != class_name and names.is_key(found) else ""

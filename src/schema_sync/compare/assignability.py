"""Does an annotation admit what a column yields? Assignability, not string equality.

Authority: the typing specification, "Assignability" and the promotions of "int, float and complex". None
is judged apart and is no part of the types here, except within containers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.mapping.types import ANY_JSON
from schema_sync.model.declarations import EnumDeclaration, PyType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schema_sync.model.declarations import Declaration
    from schema_sync.model.pairs import ExpectedItem, Fit

ANY = PyType(name="typing.Any")
_TOP = frozenset({"typing.Any", "object", "?"})
_PROMOTIONS = {
    "bool": frozenset({"int", "float", "complex"}),
    "int": frozenset({"float", "complex"}),
    "float": frozenset({"complex"}),
    "datetime.datetime": frozenset({"datetime.date"}),
}
_LISTS = frozenset(
    f"collections.abc.{name}" for name in ("Sequence", "MutableSequence", "Collection", "Iterable", "Container")
)
_DICTS = frozenset({"collections.abc.Mapping", "collections.abc.MutableMapping"})
_JSON_SHAPED = frozenset({"dict", "list", "str", "int", "float", "bool", "None", "Literal", "json"}) | _TOP


def judge(item: ExpectedItem, declared: PyType) -> Fit:
    """Return how *declared* (resolved, see ``resolve``; its None is ignored) fits the column's values."""
    annotation = declared.without_none
    if annotation.name in _TOP:
        return "same"
    if annotation.name == "None":
        return "disjoint"
    if item.values == ANY_JSON:
        return "same" if _is_json_shaped(annotation) else "disjoint"
    if admits(annotation, item.values):
        equal = admits(item.values, annotation) or (
            admits(item.type, annotation) and admits(annotation, item.type)
        )
        return "same" if equal else "wide"
    return "narrow" if overlaps(annotation, item.values) else "disjoint"


def resolve(
    declared: PyType, declarations: Mapping[str, Declaration], bound: Mapping[str, tuple[str, ...]]
) -> PyType:
    """Return *declared* in the terms of values.

    A class of the codebase becomes what its values are: an Enum the Literal of its members' values (or of
    the labels in *bound*, where the class stands for an enum type: its own rules judge it), a TypedDict a
    dict. Abstract containers become list and dict.
    """
    if declared.name in bound:
        return PyType(name="Literal", literals=bound[declared.name])
    found = declarations.get(declared.name)
    if isinstance(found, EnumDeclaration):
        values = tuple(m.value for m in found.members)
        return ANY if None in values else PyType(name="Literal", literals=values)
    if found is not None:
        return PyType(name="dict", args=(PyType(name="str"), ANY))
    name = "list" if declared.name in _LISTS else "dict" if declared.name in _DICTS else declared.name
    args = tuple(resolve(arg, declarations, bound) for arg in declared.args)
    return PyType(name=name, args=args, literals=declared.literals)


def admits(annotation: PyType, values: PyType) -> bool:
    """Whether every value of *values* is one of *annotation*."""
    if annotation.name in _TOP or values.name in _TOP:
        return True
    if values.name == "bool":
        values = PyType(name="Literal", literals=(True, False))
    if values.name == "|":
        return all(admits(annotation, value) for value in values.args)
    if values.name == "Literal":
        return all(_admits_literal(annotation, value) for value in values.literals)
    return any(_admits_plain(member, values) for member in annotation.members)


def _admits_literal(annotation: PyType, value: str | int | bool | None) -> bool:
    kind = "None" if value is None else type(value).__name__
    for member in annotation.members:
        if member.name == "Literal":
            if any(value == other and type(value) is type(other) for other in member.literals):
                return True
        elif member.name == kind or member.name in _PROMOTIONS.get(kind, ()) or member.name in _TOP:
            return True
    return False


def _admits_plain(annotation: PyType, values: PyType) -> bool:
    if values == ANY_JSON:
        return _is_json_shaped(annotation)
    if annotation == ANY_JSON:
        return _is_json_shaped(values)
    if annotation.name == "list" == values.name:
        return _admits_elements(annotation, values)
    if annotation.name == "dict" == values.name:
        pairs = zip(annotation.args, values.args, strict=False)
        return all(admits(a.without_none, v.without_none) for a, v in pairs)
    return annotation.name == values.name or annotation.name in _PROMOTIONS.get(values.name, ())


def _admits_elements(annotation: PyType, values: PyType) -> bool:
    """Compare element types: null elements and inner dimensions lie outside a column's stated type."""
    if not annotation.args or not values.args:
        return True
    element, value = annotation.args[0].without_none, values.args[0].without_none
    while element.name == "list" and element.args and value.name != "list":
        element = element.args[0].without_none
    while value.name == "list" and value.args and element.name != "list":
        value = value.args[0].without_none
    return admits(element, value)


def overlaps(annotation: PyType, values: PyType) -> bool:
    """Whether some value of *values* is one of *annotation*."""
    if values.name == "Literal":
        return any(_admits_literal(annotation, value) for value in values.literals)
    return any(
        admits(part, value) or admits(value, part) or (part.name == value.name and part.name in {"list", "dict"})
        for part in annotation.members
        for value in values.members
    )


def _is_json_shaped(annotation: PyType) -> bool:
    return all(m.name in _JSON_SHAPED and all(map(_is_json_shaped, m.args)) for m in annotation.members)

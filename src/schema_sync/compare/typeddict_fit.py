"""Does an annotation admit what a column yields? Assignability, not string equality.

Authority: the typing specification, "Assignability" and the promotions of "int, float and complex". None
is judged apart and is not a part of the types here, except within containers.
"""

from __future__ import annotations

from collections.abc import Mapping

from schema_sync.mapping.aliases import ANY_JSON
from schema_sync.model.declarations import Declaration, EnumDeclaration, PyType
from schema_sync.model.pairs import ExpectedType, Fit

ANY = PyType(name="typing.Any")
TOP = frozenset({"typing.Any", "object", "?"})
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
_JSON_SHAPED = frozenset({"dict", "list", "str", "int", "float", "bool", "None", "Literal", "json"}) | TOP


def judge(expected: ExpectedType, declared: PyType) -> Fit:
    """Return how *declared* (resolved, see ``resolve``; its None is ignored) fits the column's values."""
    annotation = declared.without_none
    if annotation.name in TOP:
        return "same"
    if annotation.name == "None":
        return "disjoint"
    if expected.values == ANY_JSON:
        return "same" if _is_json_shaped(annotation) else "disjoint"
    if expected.narrowed and annotation.name == "Literal" and all(isinstance(v, str) for v in annotation.literals):
        return "same"
    if admits(annotation, expected.values, nulls=expected.exact):
        as_good = (form for form in (expected.written, expected.loose) if form is not None)
        equal = admits(expected.values, annotation) or any(
            admits(form, annotation) and admits(annotation, form) for form in as_good
        )
        return "same" if equal else "wide"
    return "narrow" if overlaps(annotation, expected.values) else "disjoint"


def resolve(
    declared: PyType,
    declarations: Mapping[str, Declaration],
    bound: Mapping[str, tuple[str, ...]],
    composites: Mapping[str, str] | None = None,
    kept: frozenset[str] = frozenset(),
) -> PyType:
    """Return *declared* in the terms of values.

    A class of the codebase becomes what its values are: an Enum the Literal of its members' values (or of
    the labels in *bound*, where the class maps to an enum type: its own rules judge it), a TypedDict a
    dict (of the type in *composites*, where the class maps to a composite). Classes in *kept* stay what they
    are. Abstract containers become list and dict.
    """
    if declared.name in kept:
        return declared
    if declared.name in bound:
        return PyType(name="Literal", literals=bound[declared.name])
    found = declarations.get(declared.name)
    if isinstance(found, EnumDeclaration):
        values = tuple(m.value for m in found.members)
        return ANY if found.unknown or None in values else PyType(name="Literal", literals=values)
    if found is not None:
        stands_for = (composites or {}).get(declared.name)
        return PyType(name="dict", args=(PyType(name="str"), ANY), literals=(stands_for,) if stands_for else ())
    name = "list" if declared.name in _LISTS else "dict" if declared.name in _DICTS else declared.name
    args = tuple(resolve(arg, declarations, bound, composites, kept) for arg in declared.args)
    return PyType(name=name, args=args, literals=declared.literals)


def admits(annotation: PyType, values: PyType, *, nulls: bool = False) -> bool:
    """Whether every value of *values* is one of *annotation*; with *nulls*, those within containers count too."""
    if annotation.name in TOP or values.name in TOP:
        return True
    if values.name == "bool":
        values = PyType(name="Literal", literals=(True, False))
    if values.name == "|":
        return all(admits(annotation, value, nulls=nulls) for value in values.args)
    if values.name == "Literal":
        return all(_admits_literal(annotation, value) for value in values.literals)
    return any(_admits_plain(member, values, nulls) for member in annotation.members)


def _admits_literal(annotation: PyType, value: str | int | bool | None) -> bool:
    kind = "None" if value is None else type(value).__name__
    for member in annotation.members:
        if member.name == "Literal":
            if any(value == other and type(value) is type(other) for other in member.literals):
                return True
        elif member.name in {kind, "json"} or member.name in _PROMOTIONS.get(kind, ()) or member.name in TOP:
            return True
    return False


def _admits_plain(annotation: PyType, values: PyType, nulls: bool) -> bool:
    if values == ANY_JSON:
        return _is_json_shaped(annotation)
    if annotation == ANY_JSON:
        return _is_json_shaped(values)
    if annotation.name == "list" == values.name:
        return _admits_elements(annotation, values, nulls)
    if annotation.name == "dict" == values.name:
        another = annotation.literals and values.literals and annotation.literals != values.literals
        pairs = zip(annotation.args, values.args, strict=False)
        return not another and all(_admits_within(a, v, nulls) for a, v in pairs)
    return annotation.name == values.name or annotation.name in _PROMOTIONS.get(values.name, ())


def _admits_elements(annotation: PyType, values: PyType, nulls: bool) -> bool:
    """Compare element types, whatever the dimensions: a column's type does not tell them."""
    if not annotation.args or not values.args:
        return True
    element, value = annotation.args[0], values.args[0]
    while element.without_none.name == "list" and element.without_none.args and value.without_none.name != "list":
        element = element.without_none.args[0]
    while value.without_none.name == "list" and value.without_none.args and element.without_none.name != "list":
        value = value.without_none.args[0]
    return _admits_within(element, value, nulls)


def _admits_within(annotation: PyType, values: PyType, nulls: bool) -> bool:
    if nulls and values.admits_none and not annotation.admits_none:
        return False
    return admits(annotation.without_none, values.without_none, nulls=nulls)


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

"""Does a pydantic model take what a column yields? Judged by what validates, not by assignability.

Authority: pydantic's documentation, "Conversion Table" and "Strict Mode"; the scalars are in
``pydantic_table.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from schema_sync.compare.typeddict_fit import ANY, TOP, judge
from schema_sync.model.base import Value
from schema_sync.model.declarations import PyType
from schema_sync.model.options import Precision, Wire
from schema_sync.model.pairs import ExpectedType, Fit, WireFormat

_LISTS = frozenset({"list", "tuple", "set", "frozenset", "collections.deque", "collections.abc.Set"})
_ARRAYS = frozenset({"array", "vector"})
_DICTS = frozenset({"dict", "collections.OrderedDict", "collections.defaultdict"})
_TEXTS = (
    "AnyUrl AnyHttpUrl HttpUrl FileUrl WebsocketUrl AnyWebsocketUrl PostgresDsn RedisDsn EmailStr NameEmail "
    "Base64Bytes Base64Str Json"
)
_CHOSEN_OF_TEXT = frozenset(f"pydantic.{name}" for name in _TEXTS.split())
_INTEGERS = frozenset({"int2", "int4", "int8"})
_NUMBERS = _INTEGERS | {"float4", "float8", "numeric"}
INSTANCE = PyType(name="an instance")  # an Enum class or a dataclass: strict models make none of a label or object
_SENT_AS_TEXT: dict[str, set[object]] = {  # of numeric only NaN can come, unless it has no precision
    "float4": {"NaN", "Infinity", "-Infinity"},
    "float8": {"NaN", "Infinity", "-Infinity"},
    "numeric": {"NaN"},
}


class Judge(Value, frozen=True, kw_only=True):
    """Judges annotations of models; ``strict`` means that pydantic converts nothing."""

    wire: Wire
    precision: Precision
    strict: bool = False

    def fit(self, expected: ExpectedType, declared: PyType) -> Fit:
        """Return how *declared* (resolved, see ``assignability.resolve``; its None is ignored) fits the column."""
        annotation = declared.without_none
        if expected.wire is None:
            return judge(expected, annotation)
        return self._fit(annotation, expected.wire)

    def _fit(self, annotation: PyType, form: WireFormat) -> Fit:
        """Return what the alternatives of *annotation* do together."""
        fits = [self._of_one(member, form) for member in annotation.members]
        if "same" not in fits and self.precision == "exact" and len(fits) > 1:
            fits.append("same" if self._share(annotation.members, form.kind) else "disjoint")
        return "same" if "same" in fits else "narrow" if "narrow" in fits else "disjoint"

    def _share(self, members: tuple[PyType, ...], format_: str) -> bool:
        """Whether one of *members* takes a format's plain values, and another those beyond (NaN as text)."""
        table = _validated(self.wire, strict=self.strict)
        plain = [table.get((member.name, format_)) for member in members]
        whole = [table.get((member.name, f"{format_}+")) for member in members]
        texts, sent = {text for member in members for text in member.literals}, _SENT_AS_TEXT.get(format_)
        beyond = any(both and not first for both, first in zip(whole, plain, strict=True))
        return "same" in plain and (beyond or (sent is not None and sent <= texts))

    def _of_one(self, annotation: PyType, form: WireFormat) -> Fit:
        name = annotation.name
        if name in TOP:
            return "same"
        if name in {"None", INSTANCE.name}:
            return "disjoint"
        if form.kind == "json":  # what is in it only the author knows; but it is not text to be parsed
            return "disjoint" if name == "pydantic.Json" else "same"
        if form.kind in _ARRAYS or name in _LISTS:
            return self._of_list(annotation, form)
        if form.kind == "object" or name in _DICTS:
            another = annotation.literals and form.composite and annotation.literals != (form.composite,)
            return "same" if form.kind == "object" and name in _DICTS and not another else "disjoint"
        if name == "Literal":
            return self._of_literal(annotation, form)
        return self._of_scalar(name, form)

    def _of_list(self, annotation: PyType, form: WireFormat) -> Fit:
        if form.kind not in _ARRAYS or annotation.name not in _LISTS:
            return "disjoint"
        if self.strict and annotation.name != "list":
            return "disjoint"  # strict mode does not convert lists
        args = annotation.args
        if annotation.name == "tuple" and args and args[-1].name != "...":
            return "narrow"  # no array has a fixed length
        element, value = args[0] if args else ANY, form.element
        if value is None:
            return "same"
        while element.without_none.name == "list" and element.without_none.args and value.kind not in _ARRAYS:
            element = element.without_none.args[0]  # an array type states nothing of its dimensions
        fit = self._fit(element.without_none, value)
        if fit == "disjoint":
            return "narrow"  # an empty array fits
        nulls = form.kind == "array" and self.precision == "exact"  # which any array may hold
        hidden = nulls and not element.admits_none
        return "narrow" if fit == "same" and hidden else fit

    def _of_literal(self, annotation: PyType, form: WireFormat) -> Fit:
        literals = annotation.literals
        if form.kind == "labels":
            found = [label in literals for label in form.labels]
            return "same" if all(found) else "narrow" if any(found) else "disjoint"
        if not all(isinstance(value, int) for value in literals):
            return "same" if form.kind == "text" else "disjoint"  # the author's choice from what may come
        if form.kind == "bool":
            return "same" if {True, False} <= set(literals) else "narrow"
        if form.kind in _INTEGERS and not any(isinstance(value, bool) for value in literals):
            return "same"
        is_number = form.kind in _NUMBERS or (form.kind == "oid" and self.wire == "native")
        return "narrow" if is_number else "disjoint"

    def _of_scalar(self, name: str, form: WireFormat) -> Fit:
        if name in _CHOSEN_OF_TEXT and form.kind == "text":
            return "same"
        if name not in known_names() and name not in _CHOSEN_OF_TEXT:
            return "same"
        table = _validated(self.wire, strict=self.strict)
        format_ = "other" if form.kind == "labels" else form.kind
        if self.precision == "exact":
            return table.get((name, f"{format_}+"), table.get((name, format_), "disjoint"))
        return table.get((name, format_), "disjoint")


@cache
def _tables() -> dict[str, dict[str, str]]:
    import tomllib

    return tomllib.loads((Path(__file__).parent / "pydantic_table.toml").read_text(encoding="utf-8"))


@cache
def _validated(wire: Wire, *, strict: bool) -> Mapping[tuple[str, str], Fit]:
    """Return how annotations (canonical names) fit formats; what is not in it fits not at all."""
    found: dict[tuple[str, str], Fit] = {}
    for names, formats in _tables()[f"{wire}-strict" if strict else wire].items():
        every, _, some = formats.partition(";")
        for name in map(_canonical, names.split()):
            found.update(((name, format_), "narrow") for format_ in _expanded(some))
            found.update(((name, format_), "same") for format_ in _expanded(every))
    return found


@cache
def known_names() -> frozenset[str]:
    """Return the annotations that the tables list: of all others nothing is known."""
    tables = (table for name, table in _tables().items() if name not in {"modules", "sets"})
    return frozenset(_canonical(name) for table in tables for names in table for name in names.split())


def _canonical(name: str) -> str:
    module, dot, last = name.partition(".")
    return f"{_tables()['modules'].get(module, module)}.{last}" if dot else name


def _expanded(formats: str) -> Iterator[str]:
    for word in formats.split():
        yield from _tables()["sets"].get(word, word).split()

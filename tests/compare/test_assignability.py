"""Whether the values of a column fit an annotation."""

from __future__ import annotations

import pytest

from comparing import TD
from schema_sync.codebase.reader import read_sources
from schema_sync.compare.typeddict_fit import judge, resolve
from schema_sync.mapping.expressions import parse_type
from schema_sync.mapping.types import ANY_JSON
from schema_sync.model.declarations import PyType
from schema_sync.model.pairs import ExpectedType


def expected_type(values: str | PyType, written: str | None = None) -> ExpectedType:
    made = values if isinstance(values, PyType) else parse_type(values)
    return ExpectedType(written=parse_type(written or str(values)), values=made)


LABELS = PyType(name="Literal", literals=("a", "b"))


class TestAssignability:
    @pytest.mark.parametrize(
        ("expected", "annotation", "fit"),
        [
            (expected_type("str"), "str", "same"),
            (expected_type("str"), "Any", "same"),
            (expected_type("str"), "object", "same"),
            (expected_type("str"), "Unknown", "same"),
            (expected_type("str"), "int", "disjoint"),
            (expected_type("str"), "None", "disjoint"),
            (expected_type("str"), "Union[int, str]", "wide"),
            (expected_type("str"), "Literal['a']", "narrow"),
            (expected_type("str"), "uuid.UUID", "disjoint"),
            (expected_type("int"), "float", "wide"),
            (expected_type("int"), "bool", "narrow"),
            (expected_type("bool"), "int", "wide"),
            (expected_type("bool"), "Literal[True, False]", "same"),
            (expected_type("float"), "int", "narrow"),
            (expected_type("datetime.datetime"), "datetime.date", "wide"),
            (expected_type("list[str]"), "list", "same"),
            (expected_type("list[str]"), "List[str]", "same"),
            (expected_type("list[str]"), "Sequence[str]", "same"),
            (expected_type("list[str]"), "list[Optional[str]]", "same"),
            (expected_type("list[int]"), "list[list[int]]", "same"),
            (expected_type("list[int]"), "list[float]", "wide"),
            (expected_type("list[str]"), "list[int]", "narrow"),
            (expected_type("list[str]"), "tuple[str, ...]", "disjoint"),
            (expected_type("list[str]"), "str", "disjoint"),
            (expected_type("dict[str, str | None]"), "Mapping[str, str]", "same"),
            (expected_type("dict[str, str | None]"), "dict[str, int]", "narrow"),
            (expected_type(LABELS, "str"), "str", "same"),
            (expected_type(LABELS, "str"), "Literal['a', 'b']", "same"),
            (expected_type(LABELS, "str"), "Literal['a', 'b', 'c']", "wide"),
            (expected_type(LABELS, "str"), "Literal['a']", "narrow"),
            (expected_type(LABELS, "str"), "Literal['x']", "disjoint"),
            (expected_type(LABELS, "str"), "Bound", "same"),
            (expected_type(LABELS, "str"), "Other", "disjoint"),
            (expected_type(LABELS, "str"), "int", "disjoint"),
            (expected_type(PyType(name="list", args=(LABELS,)), "list[str]"), "list[Bound]", "same"),
            (expected_type(ANY_JSON, "dict[str, typing.Any]"), "dict", "same"),
            (expected_type(ANY_JSON, "dict[str, typing.Any]"), "list[Payload]", "same"),
            (expected_type(ANY_JSON, "dict[str, typing.Any]"), "Payload", "same"),
            (expected_type(ANY_JSON, "dict[str, typing.Any]"), "Union[str, int, float, bool, None]", "same"),
            (expected_type(ANY_JSON, "dict[str, typing.Any]"), "uuid.UUID", "disjoint"),
            (expected_type(ANY_JSON, "dict[str, typing.Any]"), "list[datetime.date]", "disjoint"),
            (
                expected_type(PyType(name="list", args=(ANY_JSON,)), "list[dict[str, typing.Any]]"),
                "list[dict]",
                "same",
            ),
            (expected_type("int | str"), "int", "narrow"),
            (expected_type("int | str"), "Union[str, int]", "same"),
        ],
    )
    def test_judge(self, expected: ExpectedType, annotation: str, fit: str) -> None:
        python = (
            f"{TD}import uuid, datetime\nfrom elsewhere import Unknown\n"
            "class Bound(str, Enum):\n    A = 'a'\nclass Other(str, Enum):\n    A = 'z'\n"
            "class Payload(TypedDict):\n    x: int\n"
            f"class R(TypedDict):\n    k: {annotation}\n"
        )
        codebase = read_sources({"m.py": python})
        declared = next(row for row in codebase.rows if row.name == "R").items[0].type
        assert judge(expected, resolve(declared, codebase.by_id, {"m.py:Bound": ("a", "b")})) == fit


FLOAT = PyType(name="|", args=(PyType(name="float"), PyType(name="Literal", literals=("NaN",))))
ADDRESS = PyType(name="dict", args=(PyType(name="str"), PyType(name="typing.Any")), literals=("public.address",))
MAYBE = {name: PyType(name="|", args=(PyType(name=name), PyType(name="None"))) for name in ("int", "str")}


def exact_type(
    values: PyType, loose: PyType | None = None, *, exact: bool = True, narrowed: bool = False
) -> ExpectedType:
    return ExpectedType(written=values, values=values, loose=loose, exact=exact, narrowed=narrowed)


INTS = exact_type(PyType(name="list", args=(MAYBE["int"],)))
MOODS = exact_type(LABELS, PyType(name="str"))
HSTORE = exact_type(PyType(name="dict", args=(PyType(name="str"), MAYBE["str"])))
JSONS = exact_type(PyType(name="list", args=(ANY_JSON,)))


class TestExactAssignability:
    """Nulls within containers, NaN as text, labels, and which composite a class maps to."""

    @pytest.mark.parametrize(
        ("expected", "annotation", "fit"),
        [
            (exact_type(FLOAT), "float", "narrow"),
            (exact_type(FLOAT), "Union[float, Literal['NaN']]", "same"),
            (exact_type(FLOAT), "Union[float, str]", "wide"),
            (exact_type(FLOAT), "Literal['NaN']", "narrow"),
            (exact_type(PyType(name="float"), exact=False), "float", "same"),
            (INTS, "list[int]", "narrow"),
            (INTS, "list[Optional[int]]", "same"),
            (INTS, "list[list[int]]", "narrow"),
            (INTS, "list[list[Optional[int]]]", "same"),
            (INTS, "list[Union[int, None, list[Optional[int]]]]", "wide"),
            (INTS, "list[Optional[str]]", "narrow"),
            (INTS, "list[Optional[float]]", "wide"),
            (INTS, "list", "same"),
            (INTS, "list[Any]", "same"),
            (HSTORE, "dict[str, str]", "narrow"),
            (HSTORE, "dict[str, Optional[str]]", "same"),
            (JSONS, "list[dict[str, Any]]", "same"),
            (MOODS, "str", "same"),
            (MOODS, "Bound", "same"),
            (MOODS, "Literal['a', 'b']", "same"),
            (MOODS, "Literal['a']", "narrow"),
            (exact_type(ADDRESS), "Address", "same"),
            (exact_type(ADDRESS), "Parcel", "narrow"),
            (exact_type(ADDRESS), "Other", "same"),
            (exact_type(ADDRESS), "dict[str, Any]", "same"),
            (exact_type(PyType(name="str"), exact=False, narrowed=True), "Literal['a']", "same"),
            (exact_type(PyType(name="str"), exact=False, narrowed=True), "Literal[1]", "disjoint"),
            (exact_type(PyType(name="str"), exact=False, narrowed=True), "int", "disjoint"),
        ],
    )
    def test_judge(self, expected: ExpectedType, annotation: str, fit: str) -> None:
        python = (
            f"{TD}class Bound(str, Enum):\n    A = 'a'\n"
            "class Address(TypedDict):\n    x: int\nclass Parcel(TypedDict):\n    x: int\n"
            "class Other(TypedDict):\n    x: int\n"
            f"class R(TypedDict):\n    k: {annotation}\n"
        )
        codebase = read_sources({"m.py": python})
        declared = next(row for row in codebase.rows if row.name == "R").items[0].type
        composites = {"m.py:Address": "public.address", "m.py:Parcel": "public.parcel"}
        assert judge(expected, resolve(declared, codebase.by_id, {"m.py:Bound": ("a", "b")}, composites)) == fit

"""Source → declarations: rows, enums, their docstrings and comments."""

from __future__ import annotations

import sys

import pytest
from readings import IMPORTS, enums, keys, labels, rows

from schema_sync.codebase.reader import read_sources
from schema_sync.model.declarations import Location


class TestTypedDicts:
    @pytest.mark.parametrize(
        ("head", "base"),
        [
            ("from typing import TypedDict", "TypedDict"),
            ("from typing_extensions import TypedDict as TD", "TD"),
            ("from typing_extensions import *", "TypedDict"),
            ("from mypy_extensions import TypedDict", "TypedDict"),
            ("import typing", "typing.TypedDict"),
            ("import typing as t", "t.TypedDict"),
            ("from typing import *", "TypedDict, Generic[T]"),
            ("import typing\nTD = typing.TypedDict", "TD, closed=True, extra_items=int"),
            (
                "try:\n    from pydantic import TD\nexcept ImportError:\n    from typing import TypedDict as TD",
                "TD",
            ),
            ("if True:\n    import typing as t\nelse:\n    import typing_extensions as t", "t.TypedDict"),
            ("import sys\nif sys.version_info > (3, 11):\n  from typing import TypedDict", "TypedDict"),
        ],
    )
    def test_the_base_under_any_name(self, head: str, base: str) -> None:
        assert keys(rows(f"{head}\nclass Row({base}):\n    x: int\n")["Row"]) == ["x: int"]

    @pytest.mark.parametrize(
        "source",
        [
            "class Row(TypedDict): x: int",
            "class Row: x: int",
            "class Row(dict): x: int",
            "from typing import NamedTuple\nclass Row(NamedTuple): x: int",
            "from pydantic import TypedDict\nclass Row(TypedDict): x: int",
            "from typing import TypedDict\nclass Row(make(TypedDict)): x: int",
            "from typing import TypedDict\ndef f():\n    class Row(TypedDict): x: int",
            "from typing import *\nRow = TypedDict",
            "from typing import *\nRow = TypedDict('Row', fields)",
            "from typing import *\nRow = TypedDict('Row', {**other})",
            "from typing import *\nRow = TypedDict('Row', **other)",
            "from typing import *\nRow = TypedDict()",
            "from typing import *\nRow: int = TypedDict",
            "class Row(Row): x: int",
            "class A(B): ...\nclass B(A): ...",
        ],
    )
    def test_must_not_be_read(self, source: str) -> None:
        assert rows(source) == {}

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ("class R(TypedDict, total=False):\n x: int\n y: Required[int]", ["x: int?", "y: int"]),
            ("class R(TypedDict, total=True):\n x: int\n y: NotRequired[int]", ["x: int", "y: int?"]),
            ("class R(TypedDict, total=MAYBE):\n x: int", ["x: int"]),
            ("class R(TypedDict):\n ...", []),
            ("class R(TypedDict):\n x: int = 5\n y = 5\n z.w: int\n def f(self): ...", ["x: int"]),
            ("class R(TypedDict):\n if TYPE_CHECKING:\n  x: int\n else:\n  y: int", ["x: int", "y: int"]),
            ("with x:\n class R(TypedDict):\n  x: int", ["x: int"]),
            ("class R(TypedDict): x: int; y: str", ["x: int", "y: str"]),
            ("R = TypedDict('R', {'x': int, 'y-z': 'str | None'})", ["x: int", "y-z: str | None"]),
            ("R = TypedDict('R', {'x': int, 'y': Required[int]}, total=False)", ["x: int?", "y: int"]),
            ("R: type = TypedDict('R', {})", []),
            ("R = TypedDict('R', total=False, x=int, y=str)", ["x: int?", "y: str?"]),
            ("R = TypedDict('R')", []),
        ],
    )
    def test_items(self, body: str, expected: list[str]) -> None:
        assert keys(rows(f"{IMPORTS}{body}\n")["R"]) == expected

    def test_inherited_items_stand_first_and_own_ones_win(self) -> None:
        source = (
            f"{IMPORTS}class A(TypedDict):\n x: int\n y: int\nclass B(TypedDict, total=False):\n z: int\n"
            "F = TypedDict('F', {'f': str})\nclass C(A, B, F):\n y: str\n w: bool\nclass D(C[int]):\n ...\n"
        )
        found = rows(source)
        assert keys(found["C"]) == ["^x: int", "^z: int?", "^f: str", "y: str", "w: bool"]
        assert keys(found["D"]) == ["^x: int", "^z: int?", "^f: str", "^y: str", "^w: bool"]
        assert found["C"].items[0].at == Location(path="a.py", line=5, column=2)

    def test_a_class_among_its_own_bases_does_not_hang(self) -> None:
        source = f"{IMPORTS}class A(B, TypedDict):\n x: int\nclass B(A, TypedDict):\n y: int\n"
        assert keys(rows(source)["A"]) == ["^y: int", "x: int"]

    def test_forms_and_totality(self) -> None:
        found = rows(f"{IMPORTS}class A(TypedDict, total=False): ...\nB = TypedDict('B', {{}}, total=False)\n")
        assert [(row.form, row.total) for row in found.values()] == [("class", False), ("functional", False)]

    def test_all_that_a_top_level_binds_is_taken(self) -> None:
        code = (
            "import a.b\nfrom c import d as e\nF, (G, *H) = x\nfor i in x:\n    J = 1\n\ndef k(): ...\nl.m = 1\n"
        )
        assert read_sources({"n.py": code}).names == {"n.py": ("F", "G", "H", "a", "e", "i", "k")}

    def test_nested_classes_have_qualified_names(self) -> None:
        source = f"{IMPORTS}class Outer:\n class A(TypedDict):\n  x: int\n class B(A): ...\n M = Literal['a']\n"
        assert {name: keys(row) for name, row in rows(source).items()} == {
            "Outer.A": ["x: int"],
            "Outer.B": ["^x: int"],
        }
        assert list(enums(source)) == ["Outer.M"]

    def test_of_two_definitions_the_first_counts(self) -> None:
        source = f"{IMPORTS}if X:\n class A(TypedDict):\n  x: int\nelse:\n class A(TypedDict):\n  y: int\n"
        assert keys(rows(source)["A"]) == ["x: int"]
        source = "try:\n from lib import A\nexcept ImportError:\n class A(TypedDict):\n  x: int\nclass B(A): ...\n"
        assert keys(rows(f"{IMPORTS}{source}")["B"]) == ["^x: int"]

    def test_future_annotations_and_forward_references(self) -> None:
        source = (
            "from __future__ import annotations\nfrom typing import TypedDict\nclass A(TypedDict):\n x: B | None\n"
        )
        assert str(rows(f"{source}class B(TypedDict):\n x: A\n")["A"].items[0].type) == "B | None"


class TestEnums:
    @pytest.mark.parametrize(
        ("head", "form"),
        [
            ("class E(str, Enum)", "enum"),
            ("class E(enum.Enum)", "enum"),
            ("class E(StrEnum)", "str_enum"),
            ("from strenum import StrEnum as S\nclass E(S)", "str_enum"),
            ("import backports.strenum\nclass E(backports.strenum.StrEnum)", "str_enum"),
            ("class Base(str, Enum):\n def f(self): ...\nclass E(Base)", "enum"),
            ("class Base(StrEnum): ...\nclass E(Base)", "str_enum"),
            (
                "try:\n from enum import StrEnum as S\nexcept ImportError:\n class S(str, Enum): ...\nclass E(S)",
                "str_enum",
            ),
        ],
    )
    def test_forms(self, head: str, form: str) -> None:
        found = enums(f"{IMPORTS}{head}:\n A = 'a'\n")["E"]
        assert (found.form, labels(found)) == (form, ["A=a"])

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ("A = 'a' 'b'", ["A=ab"]),
            ("A = ('a')", ["A=a"]),
            ("A = f'a' 'b'", ["A=ab"]),
            ("A = f'a{x}'", ["A=None"]),
            ("A = 'a'\n B = 'b'\n C = 'a'", ["A=a", "B=b", "C=a→A"]),
            ("A = 'a'\n B = A\n C = B", ["A=a", "B=a→A", "C=a→A"]),
            ("A = B = 'a'", ["A=a", "B=a→A"]),
            ("A, B = 'a', 'b'", ["A=a", "B=b"]),
            ("A, B = pair", ["A=None", "B=None"]),
            ("(A, [B, C]) = 'a', ('b', 'c')", ["A=a", "B=b", "C=c"]),
            ("A.x = B[0] = 'a'", []),
            ("A = 'a', 'b'", ["A=None"]),
            ("A = 1\n B = 1\n C = True", ["A=None", "B=None→A", "C=None→A"]),
            ("A = auto()\n B = enum.auto()", ["A=None", "B=None"]),
            ("A: str = 'a'\n B: str", ["A=a"]),
            ("A = member('a')\n B = nonmember('b')\n C = member()", ["A=a", "C=None"]),
            (
                "A = 'a'\n P = property(f)\n Q = lambda s: s\n R = staticmethod(f)\n S = make('s')",
                ["A=a", "S=None"],
            ),
            ("_ignore_ = 'X, Y'\n X = 'x'\n Y = 'y'\n A = 'a'", ["A=a"]),
            ("_ignore_ = ['X']\n X = 'x'\n A = 'a'", ["A=a"]),
            ("__slots__ = ()\n __private = 'p'\n _order_ = 'A'\n _A = 'a'", ["_A=a"]),
            ("A = 'a'\n class Inner:\n  B = 'b'\n def f(self):\n  C = 'c'", ["A=a"]),
            ("A = 'a'\n if X:\n  B = 'b'", ["A=a", "B=b"]),
            ("A = Literal['a']\n B = TypedDict('B', {})", ["A=None", "B=None"]),
        ],
    )
    def test_members(self, body: str, expected: list[str]) -> None:
        codebase = read_sources({"a.py": f"{IMPORTS}class E(str, Enum):\n {body}\n"})
        assert codebase.unreadable == ()
        assert [labels(enum) for enum in codebase.enums] == [expected]

    @pytest.mark.parametrize(
        ("head", "expected"),
        [
            ("StrEnum", "a_b"),
            ("Generating", "A_B"),
            ("Lowering", "a_b"),
            ("int, Enum", None),
        ],
    )
    def test_auto(self, head: str, expected: str | None) -> None:
        bases = (
            "class Generating(StrEnum):\n def _generate_next_value_(name, *rest): return name\n"
            "class Lowering(StrEnum): ...\n"
        )
        assert enums(f"{IMPORTS}{bases}class E({head}):\n A_B = auto()\n")["E"].members[0].value == expected

    @pytest.mark.parametrize("base", ["IntEnum", "int, Enum", "Flag", "float, Enum"])
    def test_values_of_other_types_are_no_strings(self, base: str) -> None:
        assert labels(enums(f"{IMPORTS}class E({base}):\n A = '1'\n B = 2\n")["E"]) == ["A=None", "B=None"]

    @pytest.mark.parametrize(
        ("statement", "expected"),
        [
            ("M = Literal['a', 'b']", ["a=a", "b=b"]),
            ("M: TypeAlias = Literal['a']", ["a=a"]),
            ("M: 'typing.TypeAlias' = Literal['a']", ["a=a"]),
            ("M = Literal['a', 'b', 'a']", ["a=a", "b=b", "a=a→a"]),
            ("import typing as t\nM = t.Literal['a']", ["a=a"]),
        ],
    )
    def test_literal_aliases(self, statement: str, expected: list[str]) -> None:
        found = enums(f"{IMPORTS}{statement}\n")["M"]
        assert (found.form, labels(found)) == ("literal", expected)

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="the type statement is of Python 3.12")
    def test_type_statement(self) -> None:
        assert labels(enums(f"{IMPORTS}type M = Literal['a']\n")["M"]) == ["a=a"]

    @pytest.mark.parametrize(
        "source",
        [
            "M = Literal['a', 1]",
            "M = Literal[()]",
            "M = Optional[Literal['a']]",
            "M: int = Literal['a']",
            "M[0] = Literal['a']",
            "from lib import Literal\nM = Literal['a']",
            "class E(Unknown): A = 'a'",
            "class E(metaclass=EnumMeta): A = 'a'",
            "E = Enum('E')",
        ],
    )
    def test_must_not_be_read(self, source: str) -> None:
        head = IMPORTS if "lib" not in source else ""
        assert enums(f"{head}{source}\n") == {}


class TestTexts:
    def test_docstrings(self) -> None:
        source = (
            f'{IMPORTS}class A(TypedDict):\n    """Table: x.\n\n      indented\n    end\n    """\n    x: int\n'
            "class B(Enum):\n    b'bytes'\nclass C(Enum):\n    5\n"
            "M = Literal['a']\n'Enum: m'\nF = TypedDict('F', {})\n'Table: f'\nG = TypedDict('G', {})\n"
        )
        assert {n: r.doc for n, r in rows(source).items()} == {
            "A": "Table: x.\n\n      indented\n    end\n    ",
            "F": "Table: f",
            "G": None,
        }
        assert {n: e.doc for n, e in enums(source).items()} == {"B": None, "C": None, "M": "Enum: m"}

    def test_comments(self) -> None:
        source = f"""{IMPORTS}
# far away

## above
#: the decorator
@unique  # beside it
class A(Enum):  # beside the class
    '''# no comment'''
    X = "#no"  # beside X
    Y = '\\'#no' 'it' "isn't"
    # within
    Z = \"\"\"
    # no "comment" \\\"""
    \"\"\"

    # at the end
# below
x = 1  # not above
# of M
M = Literal["#"]  # beside M
class B(TypedDict):
    x: int
    # of B
class C(TypedDict):
    # of C
    x: int
"""
        assert {n: e.comments for n, e in enums(source).items()} == {
            "A": ("within", "at the end"),
            "M": ("of M",),
        }
        assert {n: r.comments for n, r in rows(source).items()} == {"B": ("of B",), "C": ("of C",)}

    def test_a_file_without_a_hash_has_no_comments(self) -> None:
        assert rows(f"{IMPORTS}class A(TypedDict): ...")["A"].comments == ()

    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_places(self, newline: str) -> None:
        source = (
            f"{IMPORTS}@final\n@final\nclass Ä(TypedDict): ä: int; x: int\nif 1:\n"
            f"  F = TypedDict('F', {{'k': int}})\n"
            "G = TypedDict('G', x=int)\nclass E(Enum):\n    A = 'a'  # ü\nM = Literal['ü', 'x']\n"
        )
        codebase = read_sources({"a.py": source.replace("\n", newline)})
        places = [(d.at.line, d.at.column) for d in (*codebase.rows, *codebase.enums)]
        assert places == [(6, 1), (8, 3), (9, 1), (10, 1), (12, 1)]
        items = [(item.key, item.at.line, item.at.column) for row in codebase.rows for item in row.items]
        assert items == [("ä", 6, 21), ("x", 6, 29), ("k", 8, 23), ("x", 9, 20)]
        members = [(m.name, m.at.line, m.at.column) for enum in codebase.enums for m in enum.members]
        assert members == [("A", 11, 5), ("ü", 12, 13), ("x", 12, 18)]
        assert [d.comments for d in codebase.enums] == [(), ()]

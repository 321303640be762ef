"""Source → declarations, uses and unreadable files."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest

from schema_sync.codebase.reader import read, read_sources
from schema_sync.model.declarations import Codebase, EnumDeclaration, Location, RowDeclaration

IMPORTS = "from enum import *\nimport enum\nfrom typing import *\n"


def rows(source: str) -> dict[str, RowDeclaration]:
    codebase = read_sources({"a.py": source})
    assert codebase.unreadable == ()
    return {row.name: row for row in codebase.rows}


def enums(source: str) -> dict[str, EnumDeclaration]:
    codebase = read_sources({"a.py": source})
    assert codebase.unreadable == ()
    return {enum.name: enum for enum in codebase.enums}


def keys(row: RowDeclaration) -> list[str]:
    """Items as text: ``^`` for an inherited one, ``?`` for one that is not required."""
    return [f"{'^' * item.inherited}{item.key}: {item.type}{'?' * (not item.required)}" for item in row.items]


def labels(enum: EnumDeclaration) -> list[str]:
    """Members as text: the name, its value, and ``→`` the member it is an alias of."""
    return [f"{m.name}={m.value}" + (f"→{m.alias_of}" if m.alias_of else "") for m in enum.members]


def uses(codebase: Codebase) -> list[str]:
    """Uses as text: place, declaration, member, ``*`` for a listing."""
    return [
        f"{use.at}:{use.at.column} {use.declaration.partition(':')[2]}"
        + (f".{use.member}" if use.member else "")
        + "*" * use.listing
        for use in codebase.uses
    ]


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


class TestUnreadable:
    @pytest.mark.parametrize(
        ("content", "line", "column", "why"),
        [
            (b"x = 1\nclass A(:\n", 2, 9, "invalid syntax"),
            ("ä = (", 1, 5, "'(' was never closed"),
            (b"x = 1\ny = '\0'\n", 2, 6, "null bytes"),
            (b"x = 1\ny = '\xff'\n", 2, 6, "can't decode byte"),
            (b"x = 1\n\ny = '\xff'\n", 3, 6, "can't decode byte"),
            (b"# coding: nonsense\n", 1, 1, "nonsense"),
            (b"# coding: hex\n", 1, 1, "hex"),
            (b"\xef\xbb\xbf# coding: latin-1\n", 1, 1, "utf-8"),
            ("x = '\ud800'", 1, 1, "surrogates"),
            ("x = " + "-" * 100_000 + "1", 1, 1, "nested too deeply"),
            ("x = a" + ".b" * 100_000, 1, 1, "nested too deeply"),
        ],
    )
    def test_is_reported_and_the_rest_counts(self, content: bytes | str, line: int, column: int, why: str) -> None:
        good = f"{IMPORTS}class A(TypedDict):\n x: int\n"
        codebase = read_sources({"a.py": good, "b.py": content, "c.py": good})
        assert [row.id for row in codebase.rows] == ["a.py:A", "c.py:A"]
        (unreadable,) = codebase.unreadable
        assert unreadable.at == Location(path="b.py", line=line, column=column)
        assert why in unreadable.why
        assert codebase.files == ("a.py", "b.py", "c.py")

    @pytest.mark.parametrize(
        "content",
        [
            "from enum import *\nclass E(Enum):\n A = 'é'\n".encode("utf-8-sig"),
            "# -*- coding: latin-1 -*-\nfrom enum import *\nclass E(Enum):\n A = 'é'\n".encode("latin-1"),
            "\ufefffrom enum import *\nclass E(Enum):\n A = 'é'\n",
            "# coding: latin-1\nfrom enum import *\nclass E(Enum):\n A = 'é'\n",
        ],
    )
    def test_encodings(self, content: bytes | str) -> None:
        codebase = read_sources({"a.py": content})
        assert [labels(enum) for enum in codebase.enums] == [["A=é"]]

    def test_warnings_of_the_parser_are_not_ours(self) -> None:
        assert list(enums(f"{IMPORTS}class E(Enum):\n A = '\\d'\n")) == ["E"]

    def test_long_chains_of_statements_and_operators(self) -> None:
        source = f"{IMPORTS}class E(Enum):\n A = 'a'\nx = {'+'.join(['E.A'] * 900)}\n"
        assert len(read_sources({"a.py": source}).uses) == 900

    def test_a_long_chain_of_branches(self) -> None:
        branches = "".join(f"elif x == {n}:\n y = E.A\n" for n in range(300))
        assert len(read_sources({"a.py": f"{IMPORTS}class E(Enum):\n A = 'a'\nif x: ...\n{branches}"}).uses) == 300

    def test_the_collector_is_as_it_was(self) -> None:
        read_sources({})
        assert gc.isenabled()
        gc.disable()
        try:
            read_sources({})
            assert not gc.isenabled()
        finally:
            gc.enable()


ENUMS = "from enum import Enum\nclass Mood(str, Enum):\n    HAPPY = 'happy'\n    SAD = 'sad'\n"


class TestImports:
    @pytest.mark.parametrize(
        ("statement", "name"),
        [
            ("from .enums import Mood", "Mood"),
            ("from .enums import Mood as M", "M"),
            ("from . import enums", "enums.Mood"),
            ("from ..schemas.enums import Mood", "Mood"),
            ("from .. import schemas", "schemas.enums.Mood"),
            ("from schemas.enums import Mood", "Mood"),
            ("from schemas import enums as e", "e.Mood"),
            ("import schemas.enums", "schemas.enums.Mood"),
            ("import schemas.enums as e", "e.Mood"),
            ("from .enums import *", "Mood"),
            ("from enums import Mood", "Mood"),
            ("from app.schemas.enums import Mood", "Mood"),
            ("from .enums import Mood\nFeeling = Mood", "Feeling"),
            ("import schemas.enums\nFeeling = schemas.enums.Mood", "Feeling"),
            ("if X:\n    from lib import Mood\nelse:\n    from .enums import Mood", "Mood"),
            ("from .handed_on import Mood", "Mood"),
            ("from .handed_on import Feeling", "Feeling"),
            ("from . import handed_on", "handed_on.Mood"),
            ("from .listed import Mood", "Mood"),
        ],
    )
    @pytest.mark.parametrize("prefix", ["", "app/"])
    def test_resolve_among_scanned_files(self, statement: str, name: str, prefix: str) -> None:
        if prefix and statement.startswith("from .. import"):
            statement = "from app import schemas"
        sources = {
            "schemas/enums.py": ENUMS,
            "schemas/handed_on.py": "from .listed import *\nfrom .listed import Mood as Feeling\n",
            "schemas/listed.py": "from .enums import *\n__all__ = ['Mood']\n",
            "schemas/rows.py": f"import typing\n{statement}\nclass Row(typing.TypedDict):\n x: {name}\n",
        }
        codebase = read_sources({f"{prefix}{path}": content for path, content in sources.items()})
        if statement.startswith("from app") and not prefix:
            assert codebase.rows[0].items[0].type.name == "?"
        else:
            assert codebase.rows[0].items[0].type.name == f"{prefix}schemas/enums.py:Mood"

    @pytest.mark.parametrize(
        ("statement", "name"),
        [
            ("from ...enums import Mood", "Mood"),
            ("from .... import enums", "enums.Mood"),
            ("from .enums import Missing", "Missing"),
            ("from .enums import *", "_Private"),
            ("from .partly import *", "Mood"),
            ("from .circle import Mood", "Mood"),
            ("from .broken import Mood", "Mood"),
            ("from lib.enums import Mood", "Mood"),
            ("from lib import *", "Mood"),
            ("from . import enums", "enums"),
            ("from .enums import Mood\nx = Mood.missing", "x.Mood"),
            ("import schemas.enums", "schemas.missing.Mood"),
            ("def Mood(): ...", "Mood"),
        ],
    )
    def test_must_not_resolve(self, statement: str, name: str) -> None:
        codebase = read_sources(
            {
                "schemas/broken.py": "class Mood(",
                "schemas/circle.py": "from .circus import Mood\n",
                "schemas/circus.py": "from .circle import Mood\n",
                "schemas/enums.py": f"{ENUMS}class _Private(Enum): ...\n",
                "schemas/partly.py": "from .enums import *\n__all__ = ['Other']\n",
                "schemas/rows.py": f"import typing\n{statement}\nclass Row(typing.TypedDict):\n x: {name}\n",
            }
        )
        assert codebase.rows[0].items[0].type.name == "?"

    def test_inheritance_across_files_and_packages(self) -> None:
        codebase = read_sources(
            {
                "schemas/__init__.py": "from .base import *\nfrom .base import Base as Root\n",
                "schemas/base.py": "from typing import TypedDict as TD\nclass Base(TD):\n    id: str\n",
                "schemas/database/__init__.py": "",
                "schemas/database/rows.py": "from .. import Root\nimport schemas\n"
                "class A(Root):\n    x: int\nclass B(schemas.Base):\n    y: int\n",
            }
        )
        assert [keys(row) for row in codebase.rows] == [
            ["id: str"],
            ["^id: str", "x: int"],
            ["^id: str", "y: int"],
        ]
        assert codebase.rows[1].items[0].at == Location(path="schemas/base.py", line=3, column=5)

    def test_the_nearest_root_wins_and_the_standard_library_is_not_shadowed(self) -> None:
        rows_ = "from typing import TypedDict\nfrom models import Mood\nimport uuid\n"
        body = "class Row(TypedDict):\n    x: Mood\n    y: uuid.UUID\n"
        codebase = read_sources(
            {
                "a/models.py": ENUMS,
                "a/b/models.py": ENUMS,
                "a/b/uuid.py": "class UUID: ...\n",
                "a/b/c/rows.py": rows_ + body,
                "z/rows.py": rows_ + body,
            }
        )
        first, second = codebase.rows
        assert [item.type.name for item in first.items] == ["a/b/models.py:Mood", "uuid.UUID"]
        assert [item.type.name for item in second.items] == ["?", "uuid.UUID"]

    def test_a_submodule_named_like_a_builtin(self) -> None:
        codebase = read_sources(
            {
                "schemas/__init__.py": "",
                "schemas/property.py": ENUMS,
                "schemas/rows.py": "from typing import TypedDict\nfrom . import property\n"
                "class Row(TypedDict):\n    x: property.Mood\n",
            }
        )
        assert codebase.rows[0].items[0].type.name == "schemas/property.py:Mood"


class TestUses:
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("from e import Mood", ["a.py:1:15 Mood*"]),
            ("from e import Mood as M\nM", ["a.py:1:15 Mood*", "a.py:2:1 Mood"]),
            ("import e\ne.Mood.SAD", ["a.py:2:1 Mood.SAD"]),
            ("from e import *\nMood.SAD.value", ["a.py:2:1 Mood.SAD"]),
            ("from e import *\nMood.unknown", ["a.py:2:1 Mood"]),
            ("from e import *\nMood['SAD']", ["a.py:2:1 Mood.SAD"]),
            ("from e import *\nMood['x'], Mood[x], y['SAD']", ["a.py:2:1 Mood", "a.py:2:12 Mood"]),
            ("from e import *\nMood('sad')", ["a.py:2:1 Mood.SAD"]),
            (
                "from e import *\nMood('gone'), Mood(x), Mood('sad', 'x')",
                ["a.py:2:1 Mood", "a.py:2:15 Mood", "a.py:2:24 Mood"],
            ),
            ("from e import *\nf(x, key=Mood.SAD)", ["a.py:2:10 Mood.SAD"]),
            ("from e import *\nf().x[Mood.SAD].y", ["a.py:2:7 Mood.SAD"]),
            ("from e import *\n__all__ = ['Mood', 'Other']", ["a.py:2:12 Mood*"]),
            ("from e import *\n__all__ += ('Mood',)", ["a.py:2:13 Mood*"]),
            ("from e import *\n__all__: list[str] = ['Mood']", ["a.py:2:23 Mood*"]),
            ("from e import *\n__all__.extend(['Mood'])\n__all__.remove('Mood')", ["a.py:2:17 Mood*"]),
            ("from e import *\n__all__.append('Mood')\n__all__.append()", ["a.py:2:16 Mood*"]),
            ("from e import *\nclass A(Row): ...", ["a.py:2:9 Row"]),
            ("from e import *\n@f(Mood)\nclass A: ...", ["a.py:2:4 Mood"]),
            ("from e import *\nx: Mood = Mood.SAD", ["a.py:2:4 Mood", "a.py:2:11 Mood.SAD"]),
            ("from e import *\nx: 'Mood | None'\ny: int = 'Mood'", ["a.py:2:4 Mood"]),
            ("from e import *\nx: 'list[\"Mood\"]'\ny: 'Mood('", ["a.py:2:4 Mood"]),
            ("from e import *\ndef f(x: 'Mood' = 'Mood') -> 'Mood': ...", ["a.py:2:10 Mood", "a.py:2:30 Mood"]),
            ("from e import *\nfrom typing import *\nX: TypeAlias = 'Mood'", ["a.py:3:16 Mood"]),
            ("from e import *\nfrom typing import *\nX = Optional['Mood']", ["a.py:3:14 Mood"]),
            ("from e import *\nfrom typing import *\nX = Literal['Mood']\nx: Literal['Mood']", []),
            ("from e import *\nfrom typing import *\nx: Annotated['Mood', 'Row']", ["a.py:3:14 Mood"]),
            ("from e import *\nfrom typing import *\ncast('Mood', 'Row')", ["a.py:3:6 Mood"]),
            ("from e import *\nfrom typing import *\nX = TypedDict('X', {'x': 'Mood'})", ["a.py:3:26 Mood"]),
            ("from e import *\nMood = Mood", ["a.py:2:8 Mood"]),
            ("from e import *\nmatch x:\n  case Mood.SAD: ...", ["a.py:3:8 Mood.SAD"]),
            ("from e import *\ndef f(): return Mood.SAD", ["a.py:2:17 Mood.SAD"]),
            ("from e import *\ndef f(Mood): return Mood.SAD", []),
            ("from e import *\nlambda Mood: Mood.SAD", []),
            ("from e import *\nlambda: Mood.SAD", ["a.py:2:9 Mood.SAD"]),
            ("from e import *\ndef f():\n  Mood = 1\n  return Mood", []),
            ("from e import *\ndef f():\n  class Mood: ...\n  g = lambda x: x\n  return Mood", []),
            ("from e import *\ndef f():\n  global Mood\n  Mood = Mood", ["a.py:4:10 Mood"]),
            ("from e import *\ndef f(Mood):\n  def g(): return Mood\n  class A:\n    x = Mood", []),
            ("def f():\n  from e import Mood\n  return Mood.SAD", ["a.py:2:17 Mood*", "a.py:3:10 Mood.SAD"]),
            ("def f():\n  import e\n  return e.Mood.SAD", ["a.py:3:10 Mood.SAD"]),
            ("async def f():\n  import e as x\n  return x.Mood", ["a.py:3:10 Mood"]),
            ("from e import *\ndel Mood\nMood.SAD = 1", ["a.py:3:1 Mood.SAD"]),
            ("from e import *\nx: dict[str, f'{Mood}']", ["a.py:2:17 Mood"]),
            (
                "from e import *\ndef f(*a, **k: Mood): x = Mood\nfor y in Mood: ...",
                ["a.py:2:16 Mood", "a.py:2:27 Mood", "a.py:3:10 Mood"],
            ),
            ("from e import *\nOuter.Inner\nOuter", ["a.py:2:1 Outer.Inner"]),
            ("import e\n# Mood\nx = 'Mood'\ne.missing.Mood", []),
            ("Mood.SAD", []),
        ],
    )
    def test_uses(self, source: str, expected: list[str]) -> None:
        classes = "class Row(TypedDict): ...\nclass Outer:\n class Inner(TypedDict): ...\n"
        declared = f"{ENUMS}from typing import *\n{classes}"
        codebase = read_sources({"a.py": source, "e.py": declared})
        assert codebase.unreadable == ()
        assert uses(codebase) == expected

    def test_a_class_does_not_use_itself(self) -> None:
        source = (
            f"{IMPORTS}class Mood(Enum):\n A = 'a'\n def f(self) -> 'Mood': return Mood\n"
            "class Row(TypedDict):\n x: 'Row'\nX = TypedDict('X', {'x': 'X'})\n"
        )
        assert read_sources({"a.py": source}).uses == ()

    @pytest.mark.parametrize(
        "line",
        [
            "B = A",
            "__order__ = (A, 'b')",
            "def f(self): return Mood.A",
            "def f(self): return self.A",
            "def f(self): return type(self).A",
            "def f(self): return self.__class__.A",
            "def f(self): return [x for x in 'ab' if x == self.A.value]",
            "def f(self): return (lambda: self.A)()",
            "def f(this, /): return this.A",
            "def f(self, other=A): ...",
            "def f(self): return self.__class__['A']",
            "def f(self): return type(self)('a')",
            "def f(self): return getattr(self, 'A')",
            "def f(self):\n  match self:\n   case Mood.A: ...",
            "def f(self):\n  def g(): return self.A\n  return g",
            "@classmethod\n def f(cls): return cls.A",
            "@classmethod\n def f(cls): return cls['A']",
            "@classmethod\n def f(cls): return cls('a')",
            "@classmethod\n def f(cls): return cls.__members__['A']",
            "@staticmethod\n def f(x): return Mood.A if x else x.A",
            "@property\n async def f(self): return self.A.name",
        ],
    )
    def test_a_class_uses_its_members(self, line: str) -> None:
        source = f"{IMPORTS}class Mood(Enum):\n A = 'a'\n C = 'c'\n {line}\n"
        codebase = read_sources({"a.py": source})
        assert codebase.unreadable == ()
        assert [(use.declaration, use.member) for use in codebase.uses] == [("a.py:Mood", "A")]

    @pytest.mark.parametrize(
        "line", ["def f(self, A): return A", "def f(self):\n  self = 1\n  return 'A'", "A_ = 'x'"]
    )
    def test_what_is_no_member_of_its_class(self, line: str) -> None:
        assert read_sources({"a.py": f"{IMPORTS}class Mood(Enum):\n A = 'a'\n {line}\n"}).uses == ()

    def test_a_base_uses_the_members_of_the_classes_below_it(self) -> None:
        base = "from enum import Enum\nclass Base(str, Enum):\n def f(self): return self in (self.A, self.Z)\n"
        source = "from b import Base\nclass Mood(Base):\n A = 'a'\nclass Size(Base):\n B = 'b'\n"
        found = read_sources({"a.py": source, "b.py": base}).uses
        assert [(use.declaration, use.member) for use in found if not use.listing] == [
            *[("b.py:Base", None)] * 2,
            ("a.py:Mood", "A"),
        ]

    def test_the_names_of_a_class_are_seen_by_its_body_alone(self) -> None:
        source = (
            f"{IMPORTS}class Outer:\n class Mood(Enum):\n  A = 'a'\n x = Mood.A\n def f(self): return Mood.A\n"
            " class Deep:\n  y = Mood.A\n"
        )
        assert uses(read_sources({"a.py": source})) == ["a.py:7:6 Outer.Mood.A"]

    def test_a_name_in_another_unicode_form(self) -> None:
        source = "from e import *\nﬁne.A\n"
        declared = "from enum import Enum\nclass fine(Enum):\n A = 'a'\n"
        assert uses(read_sources({"a.py": source, "e.py": declared})) == ["a.py:2:1 fine.A"]

    def test_one_use_through_both_branches_of_an_import(self) -> None:
        source = "try:\n  from e import Mood\nexcept ImportError:\n  from lib import Mood\nMood.SAD\n"
        assert uses(read_sources({"a.py": source, "e.py": ENUMS})) == ["a.py:2:17 Mood*", "a.py:5:1 Mood.SAD"]


class TestFiles:
    def write(self, root: Path, *paths: str) -> None:
        for path in paths:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(ENUMS)

    @pytest.mark.parametrize(
        ("include", "exclude", "expected"),
        [
            (["schemas/**/*.py"], [], "schemas/a.py schemas/d/b.py schemas/d/e/c.py"),
            (["schemas/*.py"], [], "schemas/a.py"),
            (["schemas/*/*.py"], [], "schemas/d/b.py"),
            (["schemas/**/e/*.py"], [], "schemas/d/e/c.py"),
            (["schemas/**"], [], "schemas/a.py schemas/d/b.py schemas/d/e/c.py"),
            (["schemas"], [], "schemas/a.py schemas/d/b.py schemas/d/e/c.py"),
            (["./schemas/a.py"], [], "schemas/a.py"),
            (["schemas/d/[bx].py", "schemas/d/[!b].py"], [], "schemas/d/b.py"),
            (["schemas/d/[z-a].py", "schemas/d/[b"], [], ""),
            (["schemas/?.py"], [], "schemas/a.py"),
            (["**/*.pyi"], [], "stubs/s.pyi"),
            (["**/a*"], [], "schemas/a.py"),
            (["*"], ["schemas", "stubs/*"], "other.py"),
            (["."], ["schemas/d/**", "o*"], "schemas/a.py stubs/s.pyi"),
            (["schemas/**/*.py"], ["**/e/*.py", "schemas/a.py"], "schemas/d/b.py"),
            ([".hidden/*.py"], [], ".hidden/h.py"),
            (["missing/**/*.py", "missing.py", "schemas/a.py/*.py"], [], ""),
            ([], [], ""),
        ],
    )
    def test_globs(self, tmp_path: Path, include: list[str], exclude: list[str], expected: str) -> None:
        self.write(tmp_path, "other.py", "schemas/a.py", "schemas/a.txt", "schemas/d/b.py", "schemas/d/e/c.py")
        self.write(
            tmp_path, ".hidden/h.py", ".venv/lib/x.py", "node_modules/n.py", "stubs/s.pyi", "env/pyvenv.cfg"
        )
        self.write(tmp_path, "env/lib/y.py", "schemas/.git/z.py", "schemas/__pycache__/q.py")
        codebase = read(tmp_path, include, exclude)
        assert " ".join(codebase.files) == expected
        assert codebase.unreadable == ()
        assert len(codebase.enums) == len(codebase.files)

    def test_a_missing_root_is_empty(self, tmp_path: Path) -> None:
        assert read(tmp_path / "missing", ["**/*.py"]) == Codebase()

    def test_files_beside_the_root(self, tmp_path: Path) -> None:
        self.write(tmp_path, "shared/a.py")
        (tmp_path / "project").mkdir()
        assert read(tmp_path / "project", ["../shared/*.py"]).files == ("../shared/a.py",)

    def test_links_and_pipes(self, tmp_path: Path) -> None:
        self.write(tmp_path, "schemas/a.py", "elsewhere/b.py")
        (tmp_path / "schemas/loop").symlink_to(tmp_path / "schemas")
        (tmp_path / "schemas/self.py").symlink_to("self.py")
        (tmp_path / "schemas/gone.py").symlink_to("missing.py")
        (tmp_path / "schemas/b.py").symlink_to(tmp_path / "elsewhere/b.py")
        (tmp_path / "schemas/folder.py").mkdir()
        (tmp_path / "linked").symlink_to(tmp_path / "elsewhere")
        os.mkfifo(tmp_path / "schemas/pipe.py")
        codebase = read(tmp_path, ["schemas/**/*.py", "linked/*.py"])
        assert codebase.files == ("linked/b.py", "schemas/a.py", "schemas/b.py")
        assert codebase.unreadable == ()

    def test_what_cannot_be_opened_is_reported(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.write(tmp_path, "schemas/a.py", "schemas/b.py", "schemas/d/c.py")
        opened, scandir = os.open, os.scandir

        def refuse_file(path: Path, flags: int) -> int:
            if path.name == "a.py":
                raise PermissionError(13, "Permission denied")
            return opened(path, flags)

        def refuse_folder(path: str) -> object:
            if str(path).endswith("d"):
                raise PermissionError(13, "Permission denied", str(path))
            return scandir(path)

        monkeypatch.setattr(os, "open", refuse_file)
        monkeypatch.setattr(os, "scandir", refuse_folder)
        codebase = read(tmp_path, ["schemas/**/*.py"])
        assert [f"{u.at} {u.why}" for u in codebase.unreadable] == [
            "schemas/a.py:1 Permission denied",
            "schemas/d:1 Permission denied",
        ]
        assert codebase.files == ("schemas/b.py",)
        assert [enum.id for enum in codebase.enums] == ["schemas/b.py:Mood"]

    def test_nothing_is_imported_or_run(self, tmp_path: Path) -> None:
        marker = tmp_path / "ran"
        (tmp_path / "effect.py").write_text(
            f"{ENUMS}import pathlib\npathlib.Path({str(marker)!r}).touch()\n1 / 0\n"
        )
        before = set(sys.modules)
        assert len(read(tmp_path, ["*.py"]).enums) == 1
        assert not marker.exists()
        assert "effect" not in set(sys.modules) - before

    def test_the_order_of_files_does_not_show(self) -> None:
        sources = {f"{name}.py": f"from a import Mood\n{ENUMS}Mood.SAD\n" for name in "cab"}
        assert read_sources(sources) == read_sources(dict(sorted(sources.items())))
        assert [enum.at.path for enum in read_sources(sources).enums] == ["a.py", "b.py", "c.py"]

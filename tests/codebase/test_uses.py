"""Imports among the files read, and where declarations and members are used."""

from __future__ import annotations

import pytest
from readings import ENUMS, IMPORTS, keys, uses

from schema_sync.codebase.reader import read_sources
from schema_sync.model.declarations import Location


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

"""New classes and removed classes."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest
from new_classes import APPENDED, enum, row
from writing import INT, JSON, NONE, PATH, STR, add, edited, items, literal, nullable, opt, remove, ty

from schema_sync.codebase.writer import apply
from schema_sync.errors import WriteError
from schema_sync.model.declarations import union
from schema_sync.model.edits import AddRow, NewItem


def test_a_new_file_with_rows():
    new = apply({PATH: None}, [row(id=INT, name=opt(STR), extra=opt(JSON), made=ty("datetime.datetime"))])
    assert new[PATH].decode() == (
        '"""Database rows."""\n\n'
        "from datetime import datetime\n"
        "from typing import Any, Optional, TypedDict\n\n\n"
        "class UserRow(TypedDict):\n"
        '    """Table: public.users"""\n\n'
        "    id: int\n"
        "    name: Optional[str]\n"
        "    extra: Optional[dict[str, Any]]\n"
        "    made: datetime\n"
    )


def test_a_new_file_with_enums_and_rows():
    edits = [enum("a", "on hold"), row(mood=ty(f"{PATH}:Mood"), other=ty("schemas/enums.py:Other")), row("Empty")]
    assert apply({}, edits)[PATH].decode() == (
        '"""Database rows and enums."""\n\n'
        "from enum import Enum\n"
        "from typing import TypedDict\n\n"
        "from schemas.enums import Other\n\n\n"
        "class Mood(str, Enum):\n"
        '    """Enum: public.mood"""\n\n'
        '    A = "a"\n'
        '    ON_HOLD = "on hold"\n\n\n'
        "class UserRow(TypedDict):\n"
        '    """Table: public.users"""\n\n'
        "    mood: Mood\n"
        "    other: Other\n\n\n"
        "class Empty(TypedDict):\n"
        '    """Table: public.users"""\n'
    )


def test_the_functional_form_for_keys_that_no_class_can_hold():
    edit = AddRow(
        path=PATH,
        declaration="OddRow",
        marker="Table: public.odd\nimport os",
        items=(NewItem(key="class", type=INT), NewItem(key='two "words"', type=opt(STR))),
    )
    assert apply({}, [edit])[PATH].decode() == (
        '"""Database rows."""\n\n'
        "from typing import Optional, TypedDict\n\n\n"
        "OddRow = TypedDict(\n"
        '    "OddRow",\n'
        "    {\n"
        '        "class": int,\n'
        "        'two \"words\"': Optional[str],\n"
        "    },\n"
        ")\n"
        '"""Table: public.odd\\nimport os"""\n'
    )


def test_the_functional_form_for_a_key_that_hides_a_type():
    text = apply({}, [row(list=ty("list", STR), others=ty("list", STR))])[PATH].decode()
    assert 'UserRow = TypedDict(\n    "UserRow",\n    {\n        "list": list[str],\n' in text
    assert "    list: list[str]\n" in apply({}, [row(list=ty("list", STR))])[PATH].decode()


LONG = "a_very_long_name_that_goes_on_and_on_and_on_and_on_and_on_and_o"


@pytest.mark.parametrize(
    "types",
    [
        {LONG: opt(JSON)},
        {LONG: JSON},
        {LONG: ty("schemas/enums.py:AVeryLongClassNameThatGoesOn")},
        {LONG: opt(ty("schemas/enums.py:AVeryLongClassNameThatGoesOn"))},
        {"m": literal(*(f"{letter * 25}" for letter in "abc"))},
        {"m": opt(literal(*(f"{letter * 25}" for letter in "abcd")))},
        {"m": opt(literal(*(f"{letter * 22}" for letter in "abc")))},
        {"m": literal("x" * 90)},
        {"class": opt(literal(*(f"{letter * 25}" for letter in "abcd")))},
        {"class": INT, LONG: opt(JSON)},
        {"m": ty("list", union(STR, INT))},
        {"n": ty("|", INT, STR, NONE)},
        {"d": ty("decimal.Decimal"), "u": ty("uuid.UUID"), "s": ty("collections.abc.Sequence", STR)},
        {f"k{n}": ty(f"schemas/enums.py:AnEnumThatHasANumber{n}") for n in range(9)},
    ],
)
@pytest.mark.parametrize("labels", [("a", "b'c", 'd"e', "f'g\"h"), (LONG, "é ü", "x" * 63, "漢字" * 10)])
def test_new_files_are_as_ruff_wants_them(types, labels, tmp_path):
    text = apply({}, [enum(*labels), row(**types), row("Other", id=INT)])[PATH]
    path = tmp_path / PATH
    path.parent.mkdir()
    path.write_bytes(text)
    (path.parent / "enums.py").write_text("")
    ruff = [sys.executable, "-m", "ruff"]
    rules = ["--select", "E4,E7,E9,F,I", str(path)]
    for command in (["format", "--isolated", "--diff", str(path)], ["check", "--isolated", *rules]):
        result = subprocess.run([*ruff, *command], capture_output=True, text=True, check=False, cwd=tmp_path)
        assert result.returncode == 0, result.stdout + result.stderr


BASE = "from typing import TypedDict\n\n\nclass A(TypedDict):\n    a: int\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BASE, BASE + APPENDED),
        (BASE + "\n", BASE + APPENDED),
        (BASE + "\n\n\n\n", BASE + "\n\n" + APPENDED),
        (BASE.rstrip(), BASE + APPENDED.rstrip()),
        (BASE + "# end\n", BASE + "# end\n" + APPENDED),
        (BASE.replace("\n", "\r\n"), (BASE + APPENDED).replace("\n", "\r\n")),
        (BASE.replace("    ", "\t"), (BASE + APPENDED).replace("    ", "\t")),
        (BASE.replace("Dict)", "Dict, total=False)"), (BASE + APPENDED).replace("Dict)", "Dict, total=False)")),
        ("", '"""Database rows."""\n\nfrom typing import TypedDict\n' + APPENDED),
        ("\n\n", '"""Database rows."""\n\nfrom typing import TypedDict\n' + APPENDED),
        ('"""Doc."""', '"""Doc."""\n\nfrom typing import TypedDict\n' + APPENDED.rstrip()),
        ("#!/usr/bin/env python\n", "#!/usr/bin/env python\n\n\nfrom typing import TypedDict\n" + APPENDED),
    ],
)
def test_a_row_at_the_end_of_a_file(before, after):
    assert edited(before, row(id=INT)) == after


ENUM = "from enum import {}\n\n\nclass A({}):\n    {} = {}\n"


@pytest.mark.parametrize(
    ("imported", "bases", "name", "value", "member"),
    [
        ("Enum", "str, Enum", "X", '"x"', 'ON_HOLD = "on_hold"'),
        ("Enum", "Enum", "x", "'x'", "on_hold = 'on_hold'"),
        ("StrEnum, auto", "StrEnum", "X", "auto()", 'ON_HOLD = "on_hold"'),
        ("Enum as E", "str, E", "X", '"x"', 'ON_HOLD = "on_hold"'),
    ],
)
def test_an_enum_follows_the_others(imported, bases, name, value, member):
    before = ENUM.format(imported, bases, name, value)
    assert edited(before, enum("on_hold")) == (
        f'{before}\n\nclass Mood({bases}):\n    """Enum: public.mood"""\n\n    {member}\n'
    )


def test_enums_of_numbers_are_no_model_and_own_bases_are():
    before = ENUM.format("Enum, IntEnum", "IntEnum", "X", "1")
    assert "class Mood(str, Enum):" in edited(before, enum("a"))
    before = "from enum import Enum\n\n\nclass Base(str, Enum):\n    pass\n\n\nclass A(Base):\n    X = 'x'\n"
    assert "class Mood(Base):" in edited(before, enum("a"))
    before = "from lib import TextEnum\n\n\nclass A(TextEnum):\n    X = 'x'\n"
    assert "class Mood(TextEnum):" in edited(before, enum("a"))


HOSTILE = [
    '"""; import os',
    "\\",
    "a\nb",
    "\u202eevil",
    "it's",
    'say "x"',
    "'\"",
    "é",
    "\x00",
    "",
    '"',
    "\u2028",
    "{x}",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("before", ["", "# coding: latin-1\nfrom enum import Enum\n", BASE])
def test_hostile_names_stay_data(text, before):
    odd = AddRow(path=PATH, declaration="Odd", marker=f"Table: {text}", items=(NewItem(key=f"{text} ", type=INT),))
    edits = [enum(text, "other", marker=text), row(marker=text, x=literal(text)), odd]
    result = apply({PATH: before.encode("latin-1")}, edits)[PATH]
    tree = ast.parse(result)
    kinds = {type(node).__name__ for node in ast.walk(tree)}
    assert kinds <= {
        "Module",
        "Expr",
        "Constant",
        "ImportFrom",
        "alias",
        "ClassDef",
        "Name",
        "Load",
        "Store",
        "Assign",
        "AnnAssign",
        "Subscript",
        "Call",
        "Dict",
    }
    found = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
    assert ast.get_docstring(found["Mood"], clean=False) == text
    assert found["Mood"].body[1].value.value == text
    assert found["UserRow"].body[1].annotation.slice.value == text
    call = next(n for n in tree.body if isinstance(n, ast.Assign) and isinstance(n.value, ast.Call)).value
    assert call.args[1].keys[0].value == f"{text} "
    assert not any(
        ord(char) in (0x202E, 0x2028, 0) for char in result.decode("latin-1" if b"coding" in result else "utf-8")
    )
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    assert [c.func.id for c in calls] == ["TypedDict"]


REMOVE = [
    ("import x\n\n\nclass A:\n    a: int\n\n\nclass B:\n    pass\n", "import x\n\n\nclass B:\n    pass\n"),
    (
        "class B:\n    pass\n\n\n# of A\n@d\n@e(1)\nclass A:\n    a: int\n\n    # end of A\n",
        "class B:\n    pass\n",
    ),
    ("# apart\n\n# of A\nclass A:\n    pass\n# after\n\n\nX = 1\n", "# apart\n\n# after\n\n\nX = 1\n"),
    ("# apart\n\n# of A\nclass A:\n    pass\n", "# apart\n\n"),
    ("A = 1; B = 2\n", "B = 2\n"),
    ("X = 1\n\n# Table: public.a\nA = TypedDict('A', {})\n'''Doc.'''\n\nY = 1\n", "X = 1\n\nY = 1\n"),
    ("import x\nclass A: pass\nclass A: pass\n", "import x\n"),
    ("class A: pass", ""),
    ("if x:\n    class A: pass\nelse:\n    class A: pass\n", "if x:\n    pass\nelse:\n    pass\n"),
    ("try:\n    A = 1\n    B = 1\nexcept E:\n    A = 2\n", "try:\n    B = 1\nexcept E:\n    pass\n"),
    ("with x:\n    A = 1\nB = 1\n", "with x:\n    pass\nB = 1\n"),
    ("B = 1\n", "B = 1\n"),
]


@pytest.mark.parametrize(("before", "after"), REMOVE)
def test_remove_declaration(before, after):
    assert edited(before, remove("A")) == after


def test_a_class_can_be_replaced():
    after = edited(BASE, remove("A"), row("A", id=INT))
    assert after.endswith('class A(TypedDict):\n    """Table: public.users"""\n\n    id: int\n'), after
    assert after.count("class A") == 1


def test_a_taken_name_is_refused():
    with pytest.raises(WriteError, match="something called A already"):
        edited(BASE, row("A", id=INT))


def test_rows_may_name_each_other():
    text = edited(
        BASE, row("B", c=opt(ty(f"{PATH}:C")), a=ty(f"{PATH}:A")), row("C", b=ty(f"{PATH}:B"), me=ty(f"{PATH}:C"))
    )
    assert '    c: "Optional[C]"\n    a: A\n' in text
    assert '    b: B\n    me: "C"\n' in text
    assert "    c: Optional[C]\n" in edited(
        "from __future__ import annotations\n" + BASE, row("B", c=opt(ty(f"{PATH}:B"))), row("C")
    ).replace("[B]", "[C]")


def test_files_that_cannot_be_edited():
    for content, message in [
        (b"class A(:\n", "cannot be parsed"),
        (b"\xff\n", "cannot be decoded"),
        (b"# coding: nonsense\n", "cannot be decoded"),
        (b"# coding: utf-7\nx = '+AGE-'\n", "same bytes"),
    ]:
        with pytest.raises(WriteError, match=message):
            apply({PATH: content}, [add("x")])
    with pytest.raises(WriteError, match="would leave it invalid"):
        apply({}, [row("not a name", id=INT)])
    with pytest.raises(WriteError, match="would leave it invalid"):
        apply({PATH: b"return\n"}, [row(id=INT)])


def test_a_file_that_does_not_exist_has_no_classes():
    with pytest.raises(WriteError, match="declares no A"):
        apply({PATH: None}, [add("x")])


def test_a_functional_form_that_is_not_total_is_followed():
    before = 'from typing import TypedDict\n\nA = TypedDict("A", {}, total=False)\n'
    assert "class UserRow(TypedDict, total=False):" in edited(before, row(id=INT))
    odd = AddRow(path=PATH, declaration="Odd", marker="Table: odd", items=(NewItem(key="class", type=INT),))
    assert edited(before, odd).endswith('    },\n    total=False,\n)\n"""Table: odd"""\n')


def test_a_long_header_is_wrapped():
    assert f"class {'A' * 80}(\n    TypedDict\n):\n" in apply({}, [row("A" * 80, id=INT)])[PATH].decode()


def test_an_enum_without_labels():
    assert edited("from enum import Enum\n", enum()).endswith(
        'class Mood(str, Enum):\n    """Enum: public.mood"""\n'
    )


def test_an_object_s_classes_stand_side_by_side_its_row_first():
    made = [
        AddRow(path=PATH, declaration=name, marker=f"Table: {table}", shape=shape, items=items(a=INT))
        for name, table, shape in [
            ("BInsert", "b", "insert"),
            ("ARow", "a", "row"),
            ("BUpdate", "b", "update"),
            ("BRow", "b", "row"),
        ]
    ]
    classes = re.findall(r"^class (\w+)", edited("", *made), re.MULTILINE)
    assert classes == ["BRow", "BInsert", "BUpdate", "ARow"]


def test_a_class_for_updates_says_nothing_of_the_totality_of_rows():
    before = "from typing import TypedDict\n\n\nclass AUpdate(TypedDict, total=False):\n    a: int\n"
    row = AddRow(path=PATH, declaration="ARow", marker="Table: a", items=items(a=INT))
    assert "class ARow(TypedDict):" in edited(before, row)
    assert "class ARow(TypedDict, total=False):" in edited(before.replace("AUpdate", "Other"), row)


def test_a_key_called_like_a_qualifier_takes_the_functional_form():
    made = AddRow(
        path=PATH,
        declaration="AInsert",
        marker="Table: a",
        shape="insert",
        items=(NewItem(key="NotRequired", type=INT), NewItem(key="b", type=INT, required=False)),
    )
    text = edited("", made)
    assert '        "NotRequired": int,\n        "b": NotRequired[int],\n' in text
    exec(compile(text, PATH, "exec"), {"__name__": "written"})


def test_classes_in_a_long_chain_of_elifs_are_edited_and_removed():
    branches = [f"elif a == {n}:\n    class C{n}(TypedDict):\n        id: str\n" for n in range(1500)]
    head = "from typing import TypedDict\n\na = 1\nif a < 0:\n    pass\n"
    expected = [
        *branches[:7],
        branches[7] + "        x: str\n",
        branches[8].partition("    class")[0] + "    pass\n",
    ]
    after = edited(head + "".join(branches), add("x", to="C7"), remove("C8"), row("D", id=INT))
    assert after.startswith(head + "".join([*expected, *branches[9:]]))
    assert "class D(TypedDict):" in after


def test_an_alias_of_a_name_of_typing_is_understood():
    before = (
        "from typing import Optional as Maybe, TypedDict\n\nOr = Maybe\n\n\nclass A(TypedDict):\n    a: Or[str]\n"
    )
    assert "    a: str\n" in edited(before, nullable("a", yes=False))

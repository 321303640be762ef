"""Imports and listings (``__all__``) as classes come and go."""

from __future__ import annotations

import pytest
from new_classes import APPENDED, enum, row
from writing import ANY, INT, JSON, STR, edited, literal, nullable, opt, remove, retype, ty, unimport

from schema_sync.codebase.writer import apply
from schema_sync.model.edits import SetItemType

IMPORTS = [
    ("from typing import TypedDict", opt(INT), "from typing import Optional, TypedDict", "Optional[int]"),
    ("from typing import (\n    TypedDict,\n)", opt(INT), "from typing import (\n    Optional,\n    TypedDict,\n)", "Optional[int]"),
    ("from typing import TypedDict  # t", opt(INT), "from typing import Optional, TypedDict  # t", "Optional[int]"),
    ("from typing import TypedDict, Final", opt(INT), "from typing import TypedDict, Final, Optional", "Optional[int]"),
    ("from typing import Final, \\\n    TypedDict", opt(INT), "from typing import Final, Optional, \\\n    TypedDict", "Optional[int]"),
    ("import typing as t\nfrom typing import TypedDict", opt(INT), None, "t.Optional[int]"),
    ("from typing import TypedDict, Optional as Opt", opt(INT), None, "Opt[int]"),
    ("from typing import *", JSON, None, "dict[str, Any]"),
    ("from typing_extensions import TypedDict, Literal", literal("x"), None, 'Literal["x"]'),
    ("from typing_extensions import TypedDict", ANY, "from typing import Any\n\nfrom typing_extensions import TypedDict", "Any"),
    ("import typing_extensions\nfrom typing_extensions import TypedDict", ANY, None, "typing_extensions.Any"),
    ("from __future__ import annotations\n\nfrom typing import TypedDict", ty("decimal.Decimal"), "from __future__ import annotations\n\nfrom decimal import Decimal\nfrom typing import TypedDict", "Decimal"),
    ("from __future__ import annotations\nfrom lib import TypedDict", ANY, "from __future__ import annotations\n\nfrom typing import Any\n\nfrom lib import TypedDict", "Any"),
    ("import decimal\nfrom typing import TypedDict", ty("decimal.Decimal"), None, "decimal.Decimal"),
    ("import os; import sys\nfrom zlib import x, TypedDict", ANY, "import os; import sys\nfrom typing import Any\nfrom zlib import x, TypedDict", "Any"),
    ("from typing import TypedDict", ty("schemas/enums.py:E"), "from typing import TypedDict\n\nfrom schemas.enums import E", "E"),
    ("from typing import TypedDict\n\nfrom .enums import F", ty("schemas/enums.py:E"), "from typing import TypedDict\n\nfrom .enums import E, F", "E"),
    ("from typing import TypedDict\n\nfrom . import base", ty("schemas/sub/enums.py:E"), "from typing import TypedDict\n\nfrom . import base\nfrom .sub.enums import E", "E"),
    ("from typing import TypedDict\n\nfrom . import enums", ty("schemas/enums.py:E"), None, "enums.E"),
    ("from typing import TypedDict\n\nfrom . import base", ty("other.py:E"), "from typing import TypedDict\n\nfrom other import E\n\nfrom . import base", "E"),
    ("from typing import TypedDict\n\nfrom app.schemas.enums import F", ty("schemas/enums.py:E"), "from typing import TypedDict\n\nfrom app.schemas.enums import E, F", "E"),
    ("from typing import TypedDict\n\nfrom schemas import E", ty("schemas/enums.py:E"), None, "E"),
    ("from typing import TypedDict\n\nimport schemas.enums", ty("schemas/enums.py:E.Inner"), None, "schemas.enums.E.Inner"),
    ("from typing import TypedDict\n\nimport schemas.enums as e", ty("schemas/enums.py:E"), None, "e.E"),
    ("from typing import TypedDict\nimport x.y", ty("my-app/schemas/enums.py:E"), "from typing import TypedDict\nimport x.y\n\nfrom schemas.enums import E", "E"),
    ("from typing import TypedDict", ty("schemas/__init__.py:E"), "from typing import TypedDict\n\nfrom schemas import E", "E"),
    ("from typing import TypedDict\ndef f(): ...\nfor i in x: ...\nfrom typing import Any", ANY, "from typing import Any as _Any, TypedDict\ndef f(): ...\nfor i in x: ...\nfrom typing import Any", "_Any"),
    ("from types import E, TypedDict", ty("src/types.py:F"), "from types import E, F, TypedDict", "F"),
    ("from typing import TypedDict\nif TYPE_CHECKING:\n    from typing import Any", ANY, "from typing import Any as _Any, TypedDict\nif TYPE_CHECKING:\n    from typing import Any", "_Any"),
    ("from typing import TypedDict\n\nAny = 1", ANY, "from typing import Any as _Any, TypedDict\n\nAny = 1", "_Any"),
    ("from typing import Any, TypedDict\n\nAny = 1", ANY, "from typing import Any, Any as _Any, TypedDict\n\nAny = 1", "_Any"),
    ("from typing import TypedDict\n\nstr = 1", STR, "from builtins import str as _str\nfrom typing import TypedDict\n\nstr = 1", "_str"),
    ('"""Doc."""\nTypedDict = dict', ANY, '"""Doc."""\n\nfrom typing import Any\n\nTypedDict = dict', "Any"),
    ('"""Doc."""\n\nTypedDict = dict', ANY, '"""Doc."""\n\nfrom typing import Any\n\nTypedDict = dict', "Any"),
    ("# about\nTypedDict = dict", ANY, "from typing import Any\n\n# about\nTypedDict = dict", "Any"),
    ("#!/bin/python\n# coding: utf-8\nTypedDict = dict", ANY, "#!/bin/python\n# coding: utf-8\nfrom typing import Any\n\nTypedDict = dict", "Any"),
    ("from zoo import TypedDict", ty("decimal.Decimal"), "from decimal import Decimal\n\nfrom zoo import TypedDict", "Decimal"),
    ("import os\n\nimport zoo\nfrom zoo import TypedDict", ANY, "import os\nfrom typing import Any\n\nimport zoo\nfrom zoo import TypedDict", "Any"),
    ("import os\nimport zoo\nfrom zoo import TypedDict", ANY, "import os\nfrom typing import Any\n\nimport zoo\nfrom zoo import TypedDict", "Any"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "type_", "new_head", "annotation"), IMPORTS)
def test_imports(head, type_, new_head, annotation):
    text = "{}\n\n\nclass A(TypedDict):\n    a: bytes\n"
    after = text.format(new_head or head).replace("bytes", annotation)
    before = text.format(head)
    if annotation.endswith("[int]"):
        assert edited(before.replace("bytes", "int"), nullable("a")) == after
    else:
        assert edited(before, retype("a", type_)) == after


def test_relative_imports_of_a_package():
    path = "app/schemas/__init__.py"
    text = "from typing import TypedDict\n\nfrom .a import X\n\n\nclass A(TypedDict):\n    a: X\n"
    edits = [SetItemType(path=path, declaration="A", key="a", type=ty("app/schemas/a.py:Y"))]
    after = text.replace("import X", "import X, Y").replace("a: X", "a: Y")
    assert apply({path: text.encode()}, edits)[path].decode() == after
    edits = [SetItemType(path=path, declaration="A", key="a", type=ty("app/other/b.py:Y"))]
    assert "from ..other.b import Y\nfrom .a import X\n" in apply({path: text.encode()}, edits)[path].decode()


def test_a_long_import_is_wrapped():
    head = "from schemas.enums import AnEnumWithAVeryLongName, AnotherEnumWithAnEvenMuchLongerName\nfrom typing import TypedDict\n"
    text = head + "\n\nclass A(TypedDict):\n    a: int\n"
    after = edited(text, retype("a", ty("schemas/enums.py:B")))
    assert after.startswith(
        "from schemas.enums import (\n    AnEnumWithAVeryLongName,\n    AnotherEnumWithAnEvenMuchLongerName,\n    B,\n)\n"
    )


def test_a_new_class_does_not_hide_what_it_needs():
    text = edited("", enum("a", name="Enum"))
    assert "from enum import Enum as _Enum\n" in text
    assert "class Enum(str, _Enum):" in text


def test_postponed_imports_for_type_checkers_are_good_enough():
    head = "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING, TypedDict\n\nif TYPE_CHECKING:\n    from typing import Any\n"
    text = head + "\n\nclass A(TypedDict):\n    a: int\n"
    assert edited(text, retype("a", ANY)) == text.replace("a: int", "a: Any")


ALL = [
    ('["A"]', '["A", "UserRow"]'),
    ("['A', 'B']", "['A', 'B', 'UserRow']"),
    ('["A", "Z"]', '["A", "UserRow", "Z"]'),
    ('["Z", "A"]', '["Z", "A", "UserRow"]'),
    ('("A",)', '("A", "UserRow")'),
    ('"A", "B"', '"A", "B", "UserRow"'),
    ('("A"), "B"', '("A"), "B", "UserRow"'),
    ('(("A"), "B")', '(("A"), "B", "UserRow")'),
    ("[]", '["UserRow"]'),
    ("()", '("UserRow",)'),
    ('[\n    "A",\n]', '[\n    "A",\n    "UserRow",\n]'),
    ('["A"] + other.__all__', '["A", "UserRow"] + other.__all__'),
    ('["UserRow"]', '["UserRow"]'),
    ("other.__all__", "other.__all__"),
]


@pytest.mark.parametrize(("before", "after"), ALL)
def test_the_list_of_names_grows(before, after):
    text = "from typing import TypedDict\n\n__all__ = {}\n"
    assert edited(text.format(before), row(id=INT)) == text.format(after) + APPENDED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('["A", "B"]', '["B"]'),
        ('["B", "A"]', '["B"]'),
        ('("A", "B")', '("B",)'),
        ('("B", "A")', '("B",)'),
        ('("A",)', "()"),
        ('[\n    "A",\n    "B",\n]', '[\n    "B",\n]'),
        ('["B"]\n__all__ += ["A"]', '["B"]\n__all__ += []'),
        ('["B"]\n__all__.extend(["A", "C"])', '["B"]\n__all__.extend(["C"])'),
        ('["B"]', '["B"]'),
    ],
)
def test_the_list_of_names_shrinks(before, after):
    text = "from typing import TypedDict\n\n__all__ = {}\n"
    assert edited(text.format(before) + "\n\nclass A(TypedDict):\n    a: int\n", remove("A")) == text.format(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from x import A\n", ""),
        ("from x import A, A as B\n", ""),
        ("from x import A, B\n", "from x import B\n"),
        ("from x import B, A  # c\n", "from x import B  # c\n"),
        ("from x import (\n    A,  # a\n    B,\n)\n", "from x import (\n    B,\n)\n"),
        ("from x import (B, A)\n", "from x import (B)\n"),
        (
            'from x import A as C\nfrom y import Z\n__all__ = ["A", "C", "Z"]\n',
            'from y import Z\n__all__ = ["Z"]\n',
        ),
        ("if x:\n    from x import A\n", "if x:\n    pass\n"),
        ("import A\n", "import A\n"),
    ],
)
def test_remove_import(before, after):
    assert edited(before, unimport("A")) == after

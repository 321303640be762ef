"""An import whose last use an edit removed goes with it; in doubt it stays."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import pytest
from writing import ANY, INT, PATH, STR, drop, nullable, opt, remove, retype, ty

from schema_sync.codebase.edit.unused_imports import without_unused
from schema_sync.codebase.writer import apply
from schema_sync.errors import WriteError
from schema_sync.model.edits import Edit

Others = Mapping[str, str]


def cleared(text: str, *edits: Edit, path: str = PATH, others: Others | None = None) -> str:
    """Return *text* as an update leaves it, less what the update left unused."""
    before: dict[str, bytes | None] = {path: text.encode()}
    contents = apply(before, edits)
    files = {other: content.encode() for other, content in (others or {}).items()}
    after = without_unused(contents, before=before, elsewhere=lambda: (files, contents))
    result = after[path]
    compile(result, path, "exec")
    assert names(result) <= names(text.encode()) | names(contents[path])
    return result.decode()


def names(content: bytes) -> set[str]:
    """Return what a file names, imports aside."""
    return {node.id for node in ast.walk(ast.parse(content)) if isinstance(node, ast.Name)}


CLASS = "\n\nclass A(TypedDict):\n    a: Optional[int]\n    b: str\n"
NOW = CLASS.replace("Optional[int]", "int")
HEADS = [
    ("from typing import Optional, TypedDict\n", "from typing import TypedDict\n"),
    ("from typing import TypedDict, Optional\n", "from typing import TypedDict\n"),
    ("from typing import Optional, TypedDict  # for rows\n", "from typing import TypedDict  # for rows\n"),
    ("from typing import (\n    Optional,\n    TypedDict,\n)\n", "from typing import (\n    TypedDict,\n)\n"),
    ("from typing import (\n    TypedDict,  # t\n    Optional,\n)\n", "from typing import (\n    TypedDict,  # t\n)\n"),
    ("from typing import Optional\nfrom x import TypedDict\n", "from x import TypedDict\n"),
    ("from typing import Optional\n\nfrom x import TypedDict\n", "from x import TypedDict\n"),
    ("import os\nfrom typing import Optional\n\nfrom x import TypedDict\n", "import os\n\nfrom x import TypedDict\n"),
    ("import os\n\nfrom typing import Optional\n\nfrom x import TypedDict\n", "import os\n\nfrom x import TypedDict\n"),
    ("import os; from typing import Optional; from x import TypedDict\n", "import os; from x import TypedDict\n"),
    ("# standard\nfrom typing import Optional\n# others\nfrom x import TypedDict\n", "# standard\n# others\nfrom x import TypedDict\n"),
    ("#!/bin/python\n# -*- coding: utf-8 -*-\nfrom typing import Optional\nfrom x import TypedDict\n", "#!/bin/python\n# -*- coding: utf-8 -*-\nfrom x import TypedDict\n"),
    ('"""Rows."""\n\nfrom typing import Optional\n\nfrom x import TypedDict\n', '"""Rows."""\n\nfrom x import TypedDict\n'),
    ("from __future__ import annotations\n\nfrom typing import Optional\nfrom x import TypedDict\n", "from __future__ import annotations\n\nfrom x import TypedDict\n"),
    ("from typing import TYPE_CHECKING\nfrom x import TypedDict\nif TYPE_CHECKING:\n    from typing import Optional\n    from y import Z\n", "from typing import TYPE_CHECKING\nfrom x import TypedDict\nif TYPE_CHECKING:\n    from y import Z\n"),
    ("from typing import TYPE_CHECKING\nfrom x import TypedDict\nif TYPE_CHECKING:\n    from typing import Optional, Any\n", "from typing import TYPE_CHECKING\nfrom x import TypedDict\nif TYPE_CHECKING:\n    from typing import Any\n"),
    ("from typing import Any, Final, Optional, TypedDict, Union\n", "from typing import Any, Final, TypedDict, Union\n"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "after"), HEADS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_name_goes_and_nothing_else(head: str, after: str, newline: str) -> None:
    text, expected = ((each[0] + each[1]).replace("\n", newline) for each in ((head, CLASS), (after, NOW)))
    assert cleared(text, nullable("a", False)) == expected


STAYING = [
    "from typing import Optional as Optional, TypedDict\n",
    "from typing import Optional, TypedDict  # noqa: F401\n",
    "from typing import (\n    Optional,  # noqa: F401\n    TypedDict,\n)\n",
    "from typing import (\n    Optional,  # what may be null\n    TypedDict,\n)\n",
    "from typing import (\n    # what may be null\n    Optional,\n    TypedDict,\n)\n",
    "from typing import Optional  # what may be null\nfrom x import TypedDict\n",
    "from typing import Optional  # type: ignore\nfrom x import TypedDict\n",
    "from typing import Optional, TypedDict\nfrom typing import Optional\n",
    "from x import TypedDict\ntry:\n    from typing import Optional\nexcept ImportError:\n    Optional = None\n",
    "from x import TypedDict\ntry:\n    from typing import Optional\nexcept ImportError:\n    pass\n",
    "from x import TypedDict\nif TYPE_CHECKING:\n    from typing import Optional\n",
    "from x import TypedDict\nif TYPE_CHECKING:\n    from typing import Optional\nelse:\n    Optional = None\n",
    "from typing import *\n",
    'from typing import Optional, TypedDict\n__all__ = ["A", "Optional"]\n',
    "from typing import Optional, TypedDict\n__all__ = ['A']\n__all__ += ['Optional']\n",
    "from typing import Optional, TypedDict\ndef f(x: 'list[Optional[int]]'): ...\n",
    "from typing import Optional, TypedDict\nx = []  # type: list[Optional[int]]\n",
    "from typing import Optional, TypedDict\nx = globals()['Optional']\n",
    "from typing import Optional, TypedDict\ndef f(name): return globals()[name]\n",
    "import sys\nfrom typing import Optional, TypedDict\ndef f(name): return getattr(sys.modules[__name__], name)\n",
    'from typing import Optional, TypedDict\ndef f():\n    """Try it.\n\n    >>> Optional[int]\n    """\n',
    "from typing import Optional, TypedDict\ndef f():\n    global Optional\n",
    "from typing import Optional, TypedDict\ndef f() -> Optional[int]: ...\n",
    "from typing import Optional, TypedDict\nclass B(TypedDict):\n    a: Optional[int]\n",
]


@pytest.mark.parametrize("head", STAYING)
def test_in_doubt_a_name_stays(head: str) -> None:
    assert cleared(head + CLASS, nullable("a", False)) == head + NOW


def test_what_was_unused_before_stays() -> None:
    head = "from typing import Any, Optional, TypedDict\nfrom decimal import Decimal\n"
    assert cleared(head + CLASS, nullable("a", False)) == head.replace("Optional, ", "") + NOW


def test_prose_is_no_use() -> None:
    head = 'from typing import Optional, TypedDict\nx = "Optional is what may be null."  # Optional here, too\n'
    assert cleared(head + CLASS, nullable("a", False)) == head.replace("import Optional, ", "import ") + NOW


@pytest.mark.parametrize(
    ("head", "annotation", "after"),
    [
        ("import decimal\n", "decimal.Decimal", ""),
        ("import datetime as dt\n", "dt.datetime", ""),
        ("import os, decimal\n", "decimal.Decimal", "import os\n"),
        ("import numpy\n", "numpy.int64", "import numpy\n"),
        ("import collections.abc\n", "collections.abc.Sequence", "import collections.abc\n"),
        ("from decimal import Decimal as D\n", "D", ""),
        ("from decimal import Decimal\n", "'Decimal'", ""),
        ("from schemas.enums import Mood\n", "Mood", ""),
    ],
)
def test_modules_and_other_names(head: str, annotation: str, after: str) -> None:
    text = "{}from x import TypedDict\n\n\nclass A(TypedDict):\n    a: {}\n"
    expected = text.format(after, annotation.replace("Decimal", "str") if "'" in annotation else "str")
    assert cleared(text.format(head, annotation), retype("a", STR)) == expected


def test_a_class_a_field_or_a_type_that_goes_takes_its_imports_along() -> None:
    head = "from datetime import date\nfrom typing import Any, TypedDict\n\n\nclass A(TypedDict):\n    a: date\n    b: int\n"
    other = "\n\nclass B(TypedDict):\n    c: Any\n"
    assert cleared(head + other, drop("a")).startswith("from typing import Any, TypedDict\n")
    assert cleared(head + other, remove("B")).startswith(
        "from datetime import date\nfrom typing import TypedDict\n"
    )
    swapped = cleared(head, retype("a", ANY), retype("b", opt(INT)))
    assert swapped.startswith("from typing import Any, TypedDict\n\n\nclass A")


def test_a_name_that_an_edit_brings_back_stays() -> None:
    text = "from decimal import Decimal\nfrom typing import TypedDict\n\n\nclass A(TypedDict):\n    a: Decimal\n    b: int\n"
    after = cleared(text, retype("a", INT), retype("b", ty("decimal.Decimal")))
    assert after == text.replace("a: Decimal\n    b: int", "a: int\n    b: Decimal")


TEXT = "from typing import Optional, TypedDict\n" + CLASS
GONE = "from typing import TypedDict\n" + NOW
KEPT = "from typing import Optional, TypedDict\n" + NOW


@pytest.mark.parametrize(
    "importer",
    [
        "from schemas.rows import A, Optional\n",
        "from .rows import Optional as Opt\n",
        "from schemas.rows import *\n",
        "def f():\n    from schemas.rows import Optional\n",
        "from schemas import rows\nx = rows.Optional\n",
        "import schemas.rows\nx = schemas.rows.Optional\n",
        "import schemas.rows as r\nx = r.Optional\n",
        "from schemas import rows as r\nx = r.Optional\n",
        "from schemas import rows\nx = getattr(rows, 'Optional')\n",
        "patch('schemas.rows.Optional')\n",
        "from schemas.rows import (\n",
    ],
)
def test_what_other_code_may_take_from_here_stays(importer: str) -> None:
    assert cleared(TEXT, nullable("a", False), others={"app/main.py": importer}) == KEPT


@pytest.mark.parametrize(
    "importer",
    [
        "from typing import Optional\n",
        "from schemas.rows import A\n",
        "from schemas.enums import Optional\n",
        "x = 1\n",
    ],
)
def test_what_other_code_takes_from_elsewhere_goes(importer: str) -> None:
    assert cleared(TEXT, nullable("a", False), others={"app/main.py": importer, PATH: TEXT}) == GONE


def test_a_package_hands_its_names_on() -> None:
    path = "schemas/__init__.py"
    edit = nullable("a", False)
    edits = [type(edit)(path=path, declaration="A", key="a", nullable=False)]  # type: ignore[call-arg]
    assert cleared(TEXT, *edits, path=path) == KEPT


def test_nothing_goes_if_some_files_could_not_be_read() -> None:
    contents = apply({PATH: TEXT.encode()}, [nullable("a", False)])
    assert without_unused(contents, before={PATH: TEXT.encode()}, elsewhere=lambda: None) == contents


def test_a_new_file_is_left_as_it_was_written() -> None:
    contents = {PATH: b"from typing import Any\n"}
    assert without_unused(contents, before={PATH: None}, elsewhere=lambda: ()) == contents


def test_a_file_that_is_no_python_is_refused() -> None:
    with pytest.raises(WriteError):
        without_unused({PATH: b"x ="}, before={PATH: b"x = 1"}, elsewhere=lambda: ())

"""Edits of TypedDict items: rows of (body before, edits, body after)."""

from __future__ import annotations

import pytest
from writing import (
    ANY,
    FLOAT,
    INT,
    JSON,
    PATH,
    STR,
    add,
    body,
    drop,
    edited,
    literal,
    nullable,
    opt,
    rename,
    required,
    retype,
    ty,
)

from schema_sync.errors import WriteError
from schema_sync.model.edits import AddItem, SetItemRequired

HEAD = "from typing import Optional, TypedDict\n\n\n"

ADD = [
    ("a: int\n", [add("b")], "a: int\nb: str\n"),
    ("a: int  # one\n\nc: int\n", [add("b", after="a")], "a: int  # one\nb: str\n\nc: int\n"),
    ("a: int\n# about c\nc: int\n", [add("b", after="a")], "a: int\nb: str\n# about c\nc: int\n"),
    ("a: int\n", [add("b"), add("c"), add("d", after="b")], "a: int\nb: str\nd: str\nc: str\n"),
    ("a: int\nz: int\n", [add("b", after="a"), add("c", after="a")], "a: int\nb: str\nc: str\nz: int\n"),
    ("a: int\nz: int\n", [add("b", after="nowhere")], "a: int\nz: int\nb: str\n"),
    ("a: int\n# the end\n", [add("b")], "a: int\nb: str\n# the end\n"),
    ("a: int\n", [add("a"), add("b"), add("b")], "a: int\nb: str\n"),
    ("a: int; c: int\n", [add("b", after="a"), add("d", after="a")], "a: int; c: int\nb: str\nd: str\n"),
    ("a: int; c: int  # two\n", [add("b")], "a: int; c: int  # two\nb: str\n"),
    ("a: int;\n", [add("b")], "a: int;\nb: str\n"),
    ("a: int \\\n\nc: int\n", [add("b", after="a")], "a: int \\\n\nb: str\nc: int\n"),
    ('a: int\n"""About a."""\n\nc: int\n', [add("b", after="a")], 'a: int\n"""About a."""\nb: str\n\nc: int\n'),
    (
        "a: int  # one\n       # and more\nc: int\n",
        [add("b", after="a")],
        "a: int  # one\n       # and more\nb: str\nc: int\n",
    ),
    ("pass\n", [add("b"), add("c")], "b: str\nc: str\n"),
    ("...  # nothing yet\n", [add("b")], "b: str  # nothing yet\n"),
    ('"""Doc."""\n', [add("b")], '"""Doc."""\n\nb: str\n'),
    ('"""Doc."""\n\npass\n', [add("b")], '"""Doc."""\n\nb: str\n'),
    ("x = 1\n", [add("b")], "b: str\nx = 1\n"),
    ("# only a comment\npass\n", [add("b")], "# only a comment\nb: str\n"),
    ("a: int\n\ndef f(self): ...\n", [add("b")], "a: int\nb: str\n\ndef f(self): ...\n"),
    ("a: int | None\n", [add("b", opt(STR))], "a: int | None\nb: str | None\n"),
    ("a: 'int | None'\n", [add("b", opt(STR))], "a: 'int | None'\nb: str | None\n"),
    ("a: Optional[int]\n", [add("b", opt(STR))], "a: Optional[int]\nb: Optional[str]\n"),
    ("a: int\n", [add("b", opt(JSON))], "a: int\nb: Optional[dict[str, Any]]\n"),
    ("a: Union[int, str]\n", [add("b", ty("|", INT, STR))], "a: Union[int, str]\nb: Union[int, str]\n"),
    ("a: int\n", [add("b", ty("|", FLOAT, STR))], "a: int\nb: float | str\n"),
    ("a: int\n", [add("b", ty("list", literal("x", 'y"')))], 'a: int\nb: list[Literal["x", \'y"\']]\n'),
]


@pytest.mark.parametrize(("before", "edits", "after"), ADD)
def test_add(before, edits, after):
    assert body(before, *edits) == after


RETYPE = [
    ("a: int", "a: str"),
    ("a: Optional[int]", "a: Optional[str]"),
    ("a: int | None", "a: str | None"),
    ("a: None | int", "a: None | str"),
    ("a: Union[int, None]", "a: Union[str, None]"),
    ("a: Union[int, float, None]", "a: Union[str, None]"),
    ("a: int | float | None", "a: str | None"),
    ("a: int | float", "a: str"),
    ("a: (int | None)  # why", "a: (str | None)  # why"),
    ("a: (int) | None", "a: (str) | None"),
    ("a: NotRequired[Optional[int]]", "a: NotRequired[Optional[str]]"),
    ('a: "Optional[int]"', 'a: "Optional[str]"'),
    ("a: 'int'", "a: 'str'"),
    ('a: NotRequired["int"]', 'a: NotRequired["str"]'),
    ('a: Optional["Other"]', "a: Optional[str]"),
    ('a: "in" "t"', 'a: "str"'),
    ("a: None", "a: Optional[str]"),
    ('a: Literal["x", None]', "a: Optional[str]"),
    ("a: Optional[  # why\n    int,\n]", "a: Optional[  # why\n    str,\n]"),
    ("a  :  int;", "a  :  str;"),
]


@pytest.mark.parametrize(("before", "after"), RETYPE)
def test_set_type(before, after):
    assert body(f"{before}\nz: int\n", retype("a", STR)) == f"{after}\nz: int\n"


def test_set_type_writes_literals_into_strings():
    scope: dict[str, object] = {}
    exec(compile(body('a: "int"\n', retype("a", literal("x"))), "", "exec", dont_inherit=True), {}, scope)
    assert scope["__annotations__"] == {"a": 'Literal["x"]'}


NULLABLE = [
    ("a: int", "a: Optional[int]", "a: int"),
    ("a: NotRequired[int]", "a: NotRequired[Optional[int]]", "a: NotRequired[int]"),
    ("a: 'int'", "a: 'Optional[int]'", "a: 'int'"),
    ("a: (int)  # c", "a: (Optional[int])  # c", "a: (int)  # c"),
    ("a: list[int]", "a: Optional[list[int]]", "a: list[int]"),
    ("a: Union[int, str]", "a: Optional[Union[int, str]]", "a: Union[int, str]"),
    ("a: int | str", "a: int | str | None", "a: int | str"),
]


@pytest.mark.parametrize(("before", "wrapped", "unwrapped"), NULLABLE)
def test_set_nullable_and_back(before, wrapped, unwrapped):
    assert body(before + "\n", nullable("a")) == wrapped + "\n"
    assert body(wrapped + "\n", nullable("a")) == wrapped + "\n"
    assert body(wrapped + "\n", nullable("a", False)) == unwrapped + "\n"


UNWRAP = [
    ("a: None | int", "a: int"),
    ("a: Union[int, None]", "a: int"),
    ("a: Union[None, int, str]", "a: Union[int, str]"),
    ("a: Union[Optional[int], str]", "a: Union[int, str]"),
    ("a: Optional[Union[int, None]]", "a: int"),
    ("a: int | None | str", "a: int | str"),
    ('a: Literal["x", None]', 'a: Literal["x"]'),
    ('a: Optional["Other"]', 'a: "Other"'),
    ('a: Optional["int | None"]', 'a: "int"'),
    ("a: Optional[  # why\n    int  # that\n]", "a: (  # why\n    int  # that\n)"),
    ("a: (\n    int\n    | None\n)", "a: (\n    int\n)"),
    ("a: (\n    int  # one\n    | None  # two\n)", "a: (\n    (int  # one\n     )  # two\n)"),
    ("a: None", "a: None"),
    ("a: Optional[None]", "a: None"),
    ("a: Union[None]", "a: Union[None]"),
    ("a: Hidden", "a: Hidden"),
    ("a: Hidden.Too[0]()", "a: Hidden.Too[0]()"),
    ("a: Optional[\n    int\n    | str\n]", "a: (int\n    | str)"),
]


@pytest.mark.parametrize(("before", "after"), UNWRAP)
def test_set_not_nullable(before, after):
    assert body(before + "\n", nullable("a", False)) == after + "\n"


@pytest.mark.parametrize(
    "same", ["a: Any", "a: object", "a: Union[int, None]", 'a: Literal["x", None]', "a: Union[Optional[int], str]"]
)
def test_set_nullable_leaves_what_admits_none(same):
    assert body(same + "\n", nullable("a")) == same + "\n"


def test_an_optional_that_is_not_imported_yet_is_known():
    after = edited(
        "from typing import TypedDict\n\n\nclass A(TypedDict):\n    a: int\n", nullable("a"), retype("a", STR)
    )
    assert after == "from typing import Optional, TypedDict\n\n\nclass A(TypedDict):\n    a: Optional[str]\n"


def test_the_class_style_goes_before_the_file_style():
    text = (
        HEAD
        + "class B(TypedDict):\n    x: int | None\n\n\nclass A(TypedDict):\n    a: int\n    b: Optional[int]\n"
    )
    assert edited(text, nullable("a")) == text.replace("a: int", "a: Optional[int]")
    text = text.replace("    b: Optional[int]\n", "")
    assert edited(text, nullable("a")) == text.replace("a: int", "a: int | None")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: NotRequired[int]", "a: int"),
        ("a: NotRequired[Optional[int]]  # c", "a: Optional[int]  # c"),
        ("a: 'NotRequired[int]'", "a: 'int'"),
        ("a: NotRequired[  # why\n    int\n]", "a: (  # why\n    int\n)"),
        ("a: int", "a: int"),
    ],
)
def test_set_required(before, after):
    assert body(before + "\n", required("a")) == after + "\n"


def test_required_within_readonly():
    text = "from typing_extensions import NotRequired, ReadOnly, TypedDict\n\n\nclass A(TypedDict):\n    a: ReadOnly[{}]\n"
    assert edited(text.format("NotRequired[int]"), required("a")) == text.format("int")


REMOVE = [
    ("a: int\nb: int\n", "a: int\n"),
    ("a: int\n# of b\nb: int  # too\nc: int\n", "a: int\nc: int\n"),
    ("a: int\n\n# of b\n# more\nb: int\n\n# of c\nc: int\n", "a: int\n\n# of c\nc: int\n"),
    ("a: int\n\nb: int\nc: int\n", "a: int\n\nc: int\n"),
    ("a: int\n\nb: int\n", "a: int\n"),
    ("a: int\n\n# apart\n\nb: int\n", "a: int\n\n# apart\n"),
    ("# ---- keys\nb: int\na: int\n", "# ---- keys\na: int\n"),
    ("# Table: public.a\nb: int\na: int\n", "# Table: public.a\na: int\n"),
    ("# of b\nb: int\na: int\n", "a: int\n"),
    ('b: int\n"""About b."""\na: int\n', "a: int\n"),
    ("b: int\n", "pass\n"),
    ("# of b\nb: int\n", "pass\n"),
    ("# Table: public.a\nb: int\n", "# Table: public.a\npass\n"),
    ('"""Doc."""\n\nb: int\n', '"""Doc."""\n'),
    ("a: int; b: str\n", "a: int\n"),
    ("b: int; a: str  # c\n", "a: str  # c\n"),
    ("a: int; b: int; c: int\n", "a: int; c: int\n"),
    ("a: int; b: int  # c\nc: int\n", "a: int  # c\nc: int\n"),
    ("a: int\n", "a: int\n"),
]


@pytest.mark.parametrize(("before", "after"), REMOVE)
def test_remove(before, after):
    assert body(before, drop("b")) == after


def test_edits_of_one_item_combine():
    before = "a: Optional[int]  # c\nb: int\n"
    edits = [retype("a", STR), nullable("a", False), rename("a", "x"), drop("b"), add("y", opt(INT), after="x")]
    assert body(before, *edits) == "x: str  # c\ny: Optional[int]\n"


def test_rename():
    assert body("a : int = 1\nb: int\n".replace(" = 1", ""), rename("a", "z")) == "z : int\nb: int\n"


@pytest.mark.parametrize(
    ("before", "edits", "after"),
    [
        ("class A(TypedDict): a: int\n", [add("b")], "class A(TypedDict):\n    a: int\n    b: str\n"),
        ("class A(TypedDict): a: int; c: int  # x\n", [add("b", after="a")], "class A(TypedDict):  # x\n    a: int\n    b: str\n    c: int\n"),
        ("class A(TypedDict): ...  # x\n", [add("b")], "class A(TypedDict):  # x\n    b: str\n"),
        ("class A(TypedDict): pass", [add("b")], "class A(TypedDict):\n    b: str"),
        ("class A(TypedDict): a: int", [drop("a")], "class A(TypedDict): pass"),
        ("class A(TypedDict): a: int", [nullable("a")], "class A(TypedDict): a: Optional[int]"),
        ("class A(TypedDict):\n  a: int", [add("b")], "class A(TypedDict):\n  a: int\n  b: str"),
        ("class A(TypedDict):\n  a: int\n  b: int", [drop("b")], "class A(TypedDict):\n  a: int"),
        ('class A(TypedDict):\n  a: int\n  """x"""', [add("b")], 'class A(TypedDict):\n  a: int\n  """x"""\n  b: str'),
        ("class A(\n    TypedDict,  # base\n    total=False,\n):  # head\n\ta: int\n", [add("b")], "class A(\n    TypedDict,  # base\n    total=False,\n):  # head\n\ta: int\n\tb: str\n"),
    ],
)  # fmt: skip
def test_whole_classes(before, edits, after):
    assert edited(HEAD + before, *edits) == HEAD + after


FUNCTIONAL = [
    ('{"a": int}', [add("b c")], '{"a": int, "b c": str}'),
    ("{'a': int,}", [add("b")], "{'a': int, 'b': str,}"),
    ("{}", [add("b")], '{"b": str}'),
    ("{\n}", [add("b")], '{\n    "b": str,\n}'),
    ("{\n    # nothing\n}", [add("b")], '{\n    # nothing\n    "b": str,\n}'),
    (
        '{\n    "a": int,  # one\n}',
        [add("b"), add("c")],
        '{\n    "a": int,  # one\n    "b": str,\n    "c": str,\n}',
    ),
    ('{\n    "a": int  # one\n}', [add("b")], '{\n    "a": int,  # one\n    "b": str\n}'),
    ('{\n    "a": int}', [add("b")], '{\n    "a": int,\n    "b": str}'),
    ('{"a": int,\n "c": int}', [add("b", after="a")], '{"a": int,\n "b": str,\n "c": int}'),
    ('{"a": (int), **more, ("c"): (int)}', [retype("a", STR), drop("c")], '{"a": (str), **more}'),
    ('{"a": int, "b": int}', [drop("a")], '{"b": int}'),
    ('{"a": int, "b": int}', [drop("b")], '{"a": int}'),
    ('{"a": int}', [drop("a")], "{}"),
    ('{\n    "a": int,\n\n    # of b\n    "b": int,  # b\n}', [drop("b")], '{\n    "a": int,\n}'),
    ('{\n    "a": int,\n    "b": int\n}', [drop("b")], '{\n    "a": int\n}'),
    ('{\n    "a": int,\n    "b": int}', [drop("b")], '{\n    "a": int}'),
    ('{"a": int, "c": int}', [rename("a", 'x"y'), nullable("c")], '{\'x"y\': int, "c": Optional[int]}'),
    ('{"a": int, "b": int}', [add("x", after="a")], '{"a": int, "x": str, "b": int}'),
    ('{"a": int # c, d\n  , "b": int}', [add("x")], '{"a": int # c, d\n  , "b": int, "x": str}'),
    ('{\n    "a": int,\n    # the end\n}', [add("x")], '{\n    "a": int,\n    "x": str,\n    # the end\n}'),
]


@pytest.mark.parametrize(("before", "edits", "after"), FUNCTIONAL)
def test_functional_form(before, edits, after):
    assert edited(f'{HEAD}A = TypedDict("A", {before}, total=True)\n', *edits) == (
        f'{HEAD}A = TypedDict("A", {after}, total=True)\n'
    )


def test_a_class_that_comes_later_is_named_in_quotes():
    text = (
        HEAD
        + "class A(TypedDict):\n    a: int\n    b: Optional[int]\n    c: int | None\n\n\nclass B(TypedDict):\n    x: int\n"
    )
    later = ty("schemas/rows.py:B")
    after = (
        text.replace("a: int", 'a: "B"')
        .replace("Optional[int]", '"Optional[B]"')
        .replace("int | None", '"B | None"')
    )
    assert edited(text, retype("a", later), retype("b", later), retype("c", later)) == after
    lazy = "from __future__ import annotations\n" + text
    assert edited(lazy, retype("a", later)) == lazy.replace("a: int", "a: B")
    assert edited(text, retype("x", ty("schemas/rows.py:A"), "B")) == text.replace("x: int", "x: A")


def test_nested_and_conditional_classes():
    text = (
        HEAD
        + "class Outer:\n    class A(TypedDict):\n        a: int\n\nif True:\n  class A(TypedDict):\n    a: int\n"
    )
    assert edited(text, add("b", to="Outer.A")) == text.replace(
        "        a: int\n", "        a: int\n        b: str\n"
    )
    assert edited(text, add("b")) == text + "    b: str\n"


@pytest.mark.parametrize("key", ["class", "two words", "__private", "ﬁ", "1st", "__debug__"])
def test_a_key_that_no_class_can_hold_is_refused(key):
    with pytest.raises(WriteError, match=r"schemas/rows.py: A: the column .* cannot be an item"):
        body("a: int\n", add(key))


@pytest.mark.parametrize(
    ("before", "edits", "message"),
    [
        ("a: int\n", [retype("x", ANY)], "has no item 'x'"),
        ("a: int\nb: int\n", [rename("a", "b")], "has an item 'b' already"),
        ("a: 'list['\n", [nullable("a")], "cannot be parsed"),
        ("a: int\n", [add("b", ty("?"))], "not known"),
        ("a: int\n", [add("b", to="B")], "declares no B"),
    ],
)
def test_edits_that_do_not_fit_are_refused(before, edits, message):
    with pytest.raises(WriteError, match=message):
        body(before, *edits)


def test_other_forms_are_refused():
    with pytest.raises(WriteError, match="not a TypedDict whose items can be edited"):
        edited(HEAD + 'A = TypedDict("A", a=int)\n', add("b"))
    with pytest.raises(WriteError, match=r"declares no A\.B"):
        edited(HEAD + "A = 1\n", add("b", to="A.B"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("int", "Required[int]"),
        ("NotRequired[int]", "Required[int]"),
        ("Required[int]", "Required[int]"),
        ("ReadOnly[Required[int]]", "ReadOnly[Required[int]]"),
        ('"int"', 'Required["int"]'),
        ('"Required[int]"', '"Required[int]"'),
        ('"NotRequired[int]"', 'Required["int"]'),
    ],
)
def test_set_required_in_a_class_that_is_not_total(before, after):
    text = "from typing import NotRequired, ReadOnly, Required, TypedDict\n\n\nclass A(TypedDict, total=False):\n    a: {}\n"
    edit = SetItemRequired(path=PATH, declaration="A", key="a", marked=True)
    assert edited(text.format(before), edit) == text.format(after)


@pytest.mark.parametrize(
    ("imports", "now", "spelled"),
    [
        ("from typing import TypedDict", "from typing import NotRequired, TypedDict", "NotRequired"),
        (
            "from typing_extensions import TypedDict",
            "from typing_extensions import NotRequired, TypedDict",
            "NotRequired",
        ),
        ("import typing as t\nfrom typing import TypedDict", None, "t.NotRequired"),
    ],
)
def test_a_qualifier_comes_from_where_its_typeddict_does(imports, now, spelled):
    before = "\n\n\nclass A(TypedDict):\n    a: int\n"
    edit = AddItem(path=PATH, declaration="A", key="b", type=STR, after="a", qualifier="not_required")
    assert edited(imports + before, edit) == (now or imports) + before + f"    b: {spelled}[str]\n"


def test_a_qualifier_in_the_functional_form():
    before = 'from typing import Required, TypedDict\n\nA = TypedDict("A", {"a": int}, total=False)\n'
    edit = AddItem(path=PATH, declaration="A", key="b c", type=STR, after="a", qualifier="required")
    assert edited(before, edit) == before.replace("int}", 'int, "b c": Required[str]}')

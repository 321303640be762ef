"""A file that needs a newer Python says so; a file that is wrong in any Python does not."""

from __future__ import annotations

import sys

import pytest

from schema_sync.codebase.reader import read_sources

NEWER = [
    ((3, 12), "type X = int\n", "3.12 or later (PEP 695)"),
    ((3, 12), "type X[T] = list[T]\n", "3.12 or later (PEP 695)"),
    ((3, 12), "class A[T]: ...\n", "3.12 or later (PEP 695)"),
    ((3, 12), "def f[T](x: T) -> T: ...\n", "3.12 or later (PEP 695)"),
    ((3, 12), "class A:\n    async def f[T](self): ...\n", "3.12 or later (PEP 695)"),
    ((3, 13), "class A[T = int]: ...\n", "3.13 or later (PEP 696)"),
    ((3, 12), "x = f'{d['a']}'\n", "3.12 or later (PEP 701)"),
    ((3, 12), 'x = f"{"\\n".join(y)}"\n', "3.12 or later (PEP 701)"),
    ((3, 12), "x = f'''{\n# why\na}'''\n", "3.12 or later (PEP 701)"),
    ((3, 14), "x = t'{a}'\n", "3.14 or later (PEP 750)"),
    ((3, 14), 'x = rt"{a}"\n', "3.14 or later (PEP 750)"),
    ((3, 14), "try:\n    pass\nexcept A, B:\n    pass\n", "3.14 or later (PEP 758)"),
]


@pytest.mark.parametrize(("version", "source", "needed"), NEWER)
def test_newer_syntax_is_named(version: tuple[int, int], source: str, needed: str) -> None:
    whys = [each.why for each in read_sources({"a.py": source}).unreadable]
    if sys.version_info >= version:
        assert not whys or "needs Python" in whys[0]  # of a still newer one
    else:
        assert [f"needs Python {needed}" in why for why in whys] == [True]


@pytest.mark.parametrize(
    "source",
    [
        "x = (1\n",
        "print 'x'\n",
        "x = f'{a b}'\n",
        "x = f'{a'\n",
        "class A:\n    def\n",
        "class A(:\n",
        "type = = 1\n",
        "x = 't\n",
    ],
)
def test_what_is_wrong_in_any_python_is_not_called_newer(source: str) -> None:
    (unreadable,) = read_sources({"a.py": source}).unreadable
    assert "needs Python" not in unreadable.why

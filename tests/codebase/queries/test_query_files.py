"""Files in which queries are looked for: none is run, none is skipped in silence, and work grows with their length."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from schema_sync.codebase.queries.files import read_queries
from schema_sync.codebase.queries.libraries import imports_supabase
from schema_sync.codebase.queries.reader import file_queries
from schema_sync.codebase.source_file import NotPythonError, SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from schema_sync.model.queries import Query

HEAD = "from supabase import create_client\n\ndb = create_client('u', 'k')\n"


def queries_in(text: str) -> list[Query]:
    """The queries of one file, whether or not they are known to be Supabase's."""
    found = file_queries(SourceFile.decode("app.py", (HEAD + text).encode()))
    return [each.query for each in found.candidates]


class TestFiles:
    def test_code_is_not_run(self, tmp_path: Path) -> None:
        mark = tmp_path / "mark"
        (tmp_path / "app.py").write_text(
            f"{HEAD}import pathlib\npathlib.Path({str(mark)!r}).touch()\n"
            'db.table("orders").select("id").execute()\nraise SystemExit(3)\n'
        )
        (tmp_path / "sitecustomize.py").write_text(f"open({str(mark)!r}, 'w')\n# table(\n")
        (tmp_path / "conftest.py").write_text(f"open({str(mark)!r}, 'w')\n# table(\n")
        found = read_queries(tmp_path)
        assert [query.path for query in found.queries] == ["app.py"]
        assert not mark.exists()

    @pytest.mark.parametrize(
        ("content", "line", "why"),
        [
            (b"import supabase\n\ndb.table('x'\n", 3, "was never closed"),
            (b"import supabase\ndb.table('x').select('a').execute(\0)\n", 2, "null bytes"),
            (b"import supabase\n# table(\xff\n", 2, "can't decode"),
            (b"import supabase\ndef table(:\n", 2, "invalid syntax"),
            (b"import supabase\nx = table(" + b"(" * 300 + b")" * 300 + b")\n", 2, "too many nested"),
            (b"import supabase\nx = db.table('x')" + b".eq('a', 1)" * 900 + b"\n", 1, "nested too deeply"),
        ],
    )
    def test_a_file_that_is_not_python_is_reported(
        self, tmp_path: Path, content: bytes, line: int, why: str
    ) -> None:
        (tmp_path / "broken.py").write_bytes(content)
        (tmp_path / "app.py").write_text(HEAD + "db.table('orders').select('id').execute()\n")
        found = read_queries(tmp_path)
        (unreadable,) = found.unreadable
        assert (unreadable.at.path, unreadable.at.line) == ("broken.py", line)
        assert why in unreadable.why
        assert [query.path for query in found.queries] == ["app.py"]

    def test_a_broken_file_without_queries_is_not_parsed(self, tmp_path: Path) -> None:
        (tmp_path / "app.py").write_text(HEAD)
        (tmp_path / "broken.py").write_text("def (:\n")
        assert read_queries(tmp_path).unreadable == ()

    def test_what_git_ignores_is_left_out(self, tmp_path: Path) -> None:
        for name in ("app.py", "ignored.py", "new.py"):
            (tmp_path / name).write_text(HEAD + "db.table('orders').select('id').execute()\n")
        (tmp_path / ".gitignore").write_text("ignored.py\n")
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
        subprocess.run(["git", "add", "app.py"], cwd=tmp_path, check=True)
        assert [query.path for query in read_queries(tmp_path).queries] == ["app.py", "new.py"]
        assert [query.path for query in read_queries(tmp_path, ["ignored.py"]).queries] == ["ignored.py"]

    def test_line_endings_and_a_byte_order_mark_do_not_move_places(self, tmp_path: Path) -> None:
        text = HEAD + 'db.table("orders").select(\n    "id, größe"\n).execute()\n'
        for name, content in (("a.py", text), ("b.py", text.replace("\n", "\r\n")), ("c.py", "\ufeff" + text)):
            (tmp_path / name).write_bytes(content.encode())
        found = read_queries(tmp_path)
        assert len({(query.span, query.parts) for query in found.queries}) == 1
        assert len({lines[4] for lines in found.lines.values()}) == 1

    @pytest.mark.parametrize(
        ("line", "is_import"),
        [
            ("import supabase", True),
            ("import os, supabase", True),
            ("from supabase import Client", True),
            ("from supabase.client import Client", True),
            ("from postgrest import SyncPostgrestClient", True),
            ("    from app_supabase import db", True),
            ("from app import supabase", False),
            ("import boto3", False),
            ("# import supabase", False),
            ("x = 'import supabase'", False),
        ],
    )
    def test_what_counts_as_an_import(self, line: str, is_import: bool) -> None:
        assert imports_supabase(f"import os\n{line}\n".encode()) is is_import


class TestSeveralFiles:
    FAKE = "class Fake:\n    def table(self, name):\n        return self\n\n    def execute(self):\n        return []\n"
    REAL = f"{HEAD}\nclass Database:\n    def table(self, name):\n        return db.table(name)\n"

    @pytest.mark.parametrize(
        ("files", "found"),
        [
            ({"fakes.py": FAKE, "app.py": "from fakes import Fake\n\nFake().table('x').execute()\n"}, 0),
            ({"fakes.py": FAKE, "app.py": "import fakes\n\nfakes.Fake().table('x').execute()\n"}, 0),
            (
                {
                    "tests/fakes.py": f"{FAKE}\n\ndef fake():\n    return Fake()\n",
                    "tests/app.py": "from .fakes import fake\n\nfake().table('x').execute()\n",
                },
                0,
            ),
            (
                {
                    "fakes.py": f"{FAKE}\nfake = Fake()\n",
                    "app.py": "from fakes import fake\n\nfake.table('x').execute()\n",
                },
                0,
            ),
            (
                {
                    "data.py": "import asyncpg\n\npool = asyncpg.create_pool('')\n",
                    "app.py": "from data import pool\n\npool.connect().table('x').select('id')\n",
                },
                0,
            ),
            ({"data.py": REAL, "app.py": "from data import Database\n\nDatabase().table('x').execute()\n"}, 1),
            ({"data.py": REAL, "app.py": "from data import db\n\ndb.table('x').execute()\n"}, 1),
            ({"data.py": REAL, "app.py": "from data import other\n\nother.table('x').execute()\n"}, 1),
            (
                {
                    "data.py": f"{FAKE}\nclass Sub(Base):\n    pass\n",
                    "app.py": "from data import Sub\n\nSub().table('x').execute()\n",
                },
                1,
            ),
            (
                {
                    "a/fakes.py": FAKE,
                    "b/fakes.py": REAL.replace("Database", "Fake"),
                    "app.py": "from fakes import Fake\n\nFake().table('x').execute()\n",
                },
                1,
            ),
            (
                {
                    "fakes.py": f"{FAKE}\nclass Holder:\n    client = None\n\nholder = Holder()\nclient = Fake()\n",
                    "app.py": "from fakes import holder\n\nholder.client.table('x').execute()\n",
                },
                1,
            ),
        ],
    )
    def test_an_object_of_another_file_may_be_no_client(
        self, tmp_path: Path, files: dict[str, str], found: int
    ) -> None:
        (tmp_path / "used.py").write_text("import supabase\n")
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(text)
        queries = [query for query in read_queries(tmp_path).queries if query.path.endswith("app.py")]
        assert len(queries) == found


class TestSize:
    def test_many_elifs_and_operands(self) -> None:
        elifs = "".join(f"elif x == {n}:\n    q = db.table('orders').select('c{n}')\n" for n in range(2000))
        sums = " + ".join(["'id, '"] * 1500)
        found = queries_in(
            f"if x:\n    pass\n{elifs}q.execute()\ndb.table('orders').select({sums} + 'id').execute()\n"
        )
        assert len(found) == 2001

    def test_deep_indentation(self) -> None:
        deep = "".join(f"{' ' * n}if x:\n" for n in range(90))
        assert len(queries_in(f"{deep}{' ' * 90}db.table('orders').select('id').execute()\n")) == 1

    def test_what_is_too_deep_is_refused(self) -> None:
        calls = "f(" * 90 + "1" + ")" * 90
        assert queries_in(f"x = {calls}\n") == []
        with pytest.raises(NotPythonError, match="nested too deeply"):
            queries_in("x = y" + ".f()" * 900 + "\n")

    def test_what_leads_to_itself(self) -> None:
        text = "def f():\n    return f\n\nclass A:\n    a = None\n\nA.a = A\nx = {}\nx['x'] = x\ny = []\ny.append(y)\n"
        text += "def g():\n    return g()\n\nf()()\ng()\nA.a.a.a\n"
        assert (
            len(
                queries_in(
                    f"{text}db.table('orders').insert(x).execute()\ndb.table('orders').insert(y).execute()\n"
                )
            )
            == 2
        )

    def test_text_and_lists_that_double_stay_small(self) -> None:
        lines = "".join(f"t{n} = t{n - 1} + t{n - 1}\nl{n} = l{n - 1} + l{n - 1}\n" for n in range(1, 60))
        more = "".join(f"f{n} = f'{{f{n - 1}}}{{f{n - 1}}}'\n" for n in range(1, 60))
        more += "k += k\n" * 60 + "k.extend(k)\n" * 60
        text = f"t0 = f0 = 'id,'\nl0 = ['a']\nk = ['a']\n{lines}{more}"
        (query,) = queries_in(f"{text}db.table('orders').select(t59, f59).execute()\n")
        assert [part.call for part in query.parts] == ["select"]

    def test_builders_that_double_stay_few(self) -> None:
        functions = "".join(
            f"def f{n}(x):\n    if x:\n        return f{n - 1}(x).eq('a', 1)\n    return f{n - 1}(x)\n"
            for n in range(1, 40)
        )
        text = f"def f0(x):\n    return db.table('orders').select('id')\n{functions}f39(1).execute()\n"
        assert len(queries_in(text)) < 5_000

    @pytest.mark.parametrize(
        "block",
        [
            pytest.param('db.table("orders").select("id, c{n}").eq("x", {n}).execute()\n', id="chains"),
            pytest.param(
                'def f{n}(x):\n    q = db.table("orders").select("id")\n    if x:\n        q = q.eq("a", x)\n'
                '    for row in q.execute().data:\n        print(row["c{n}"])\n',
                id="functions",
            ),
            pytest.param(
                'if a:\n    v{n} = db.table("t{n}").select("id")\nelse:\n    v{n} = None\n', id="branches"
            ),
            pytest.param(
                'class C{n}:\n    t = "orders"\n    def m(self):\n        return db.table(self.t)\n', id="classes"
            ),
            pytest.param('row["k{n}"] = {n}\nrows.append({{"a": {n}}})\n', id="keys"),
            pytest.param("try:\n    v{n} = f(v)\nexcept KeyError:\n    v{n} = 1\n", id="tries"),
            pytest.param('# a comment (\n"größe {n} \\N{{BULLET}}"\n\n', id="texts"),
        ],
    )
    @pytest.mark.thorough
    def test_work_grows_with_length(self, block: str) -> None:
        def calls(count: int) -> int:
            text = "row, rows, v = {}, [], {}\n" + "".join(block.format(n=n) for n in range(count))
            text += 'db.table("orders").insert(row).execute()\ndb.table("orders").insert(rows).execute()\n'
            return calls_of(lambda: queries_in(text))

        lines = block.count("\n")
        few, many = calls(1000 // lines), calls(5000 // lines)
        assert many < few * 6


def calls_of(work: Callable[[], object]) -> int:
    """How many functions *work* calls, built-in ones included: no clock decides."""
    events: Counter[str] = Counter()
    before = sys.getprofile()
    sys.setprofile(lambda _frame, event, _argument: events.update((event,)))
    try:
        work()
    finally:
        sys.setprofile(before)
    return events["call"] + events["c_call"]

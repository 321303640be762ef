"""Classes that look like a table: what init asks and writes, what doctor and check show."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from initializing import Run, run, write

from comparing import catalog, table
from schema_sync import config
from schema_sync.cli import setup
from schema_sync.compare import proposals
from schema_sync.model.snapshot import encode_snapshot

__all__ = ["run"]  # fixture

COLUMNS = ("id int4", "user_id int4", "status text", "total int4", "note text?")
FIELDS = "    id: int\n    user_id: int\n    status: str\n    total: int\n    note: str\n"
SOURCE = "snapshot:schema.json"
ACCEPTED = {"Order": "partial:public.orders", "Card": "partial:public.orders"}

Answer = Callable[..., list[str]]


def models(*names: str) -> str:
    return "from pydantic import BaseModel\n\n\n" + "".join(f"class {n}(BaseModel):\n{FIELDS}\n\n" for n in names)


def repository(root: Path, python: str, *tables: str) -> None:
    write(root, {"app/models.py": python})
    schema = catalog(*(table(name, *COLUMNS) for name in tables or ("orders",)))
    (root / "schema.json").write_bytes(encode_snapshot(schema))


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """On a terminal, give these answers; the questions are returned as they are asked."""

    def give(*given: object) -> list[str]:
        waiting, asked = [*given], list[str]()

        def answer(question: str, **options: object) -> object:
            asked.append(question)
            said = waiting.pop(0)
            return options["default"] if said is None else said

        monkeypatch.setattr(setup, "_on_terminal", lambda: True)
        monkeypatch.setattr(click, "confirm", answer)
        monkeypatch.setattr(click, "prompt", answer)
        return asked

    return give


def proposed(text: str) -> list[str]:
    """Return the lines of a list of proposals, less their places in it."""
    return [line.strip() for line in text.splitlines() if "looks like" in line and "class" not in line]


def bound(root: Path) -> dict[str, str]:
    return config.load(root).config.bindings


ORDER = "app/models.py:4: Order looks like orders (5 of 5 fields): bind it as partial?"


class TestWithoutATerminal:
    def test_init_doctor_and_check_show_the_same_and_bind_nothing(self, tmp_path: Path, run: Run) -> None:
        repository(tmp_path, models("Order", "Card"))
        first = run("--source", SOURCE, "init")[2]
        assert bound(tmp_path) == {}
        card = ORDER.replace(":4: Order", ":12: Card")
        shown = [first, run("doctor")[1], run("-v", "check")[2]]
        for text in shown:
            assert proposed(text) == [ORDER, card]
            assert "2 classes that nothing binds look like a table:" in text
            paste = text[text.index("to accept, under [bindings] in schema-sync.toml") :].splitlines()
            assert 'Order = "" there keeps a class unbound' in paste[0]
            assert tomllib.loads("\n".join(line.strip() for line in paste[1:3])) == ACCEPTED
        code, out, err = run("check")
        assert (code, "looks like" in out + err) == (0, False)

    def test_what_is_pasted_is_compared_and_what_is_silenced_is_silent(self, tmp_path: Path, run: Run) -> None:
        repository(tmp_path, models("Order", "Card"))
        run("--source", SOURCE, "init")
        path = tmp_path / "schema-sync.toml"
        pasted = '[bindings]\nOrder = "partial:public.orders"\nCard = ""\n'
        path.write_text(path.read_text().replace("[bindings]\n", pasted))
        code, out, err = run("-v", "check")
        assert code == 1
        assert "Changed columns: note (null possible)" in out
        assert proposed(err) == []
        assert "Classes" not in run("doctor")[1]

    @pytest.mark.parametrize(
        ("name", "head", "under"),
        [
            ("pyproject.toml", "[tool.schema-sync]\n", "[tool.schema-sync.bindings] in pyproject.toml"),
            ("schema-sync.toml", "", "[bindings] in schema-sync.toml"),
        ],
    )
    def test_a_configuration_that_stands_is_not_asked_about(
        self, tmp_path: Path, run: Run, answers: Answer, name: str, head: str, under: str
    ) -> None:
        repository(tmp_path, models("Order"))
        write(tmp_path, {name: f'{head}source = "{SOURCE}"\ninclude = ["app/*.py"]\n'})
        assert answers() == []
        shown = run("doctor")[1]
        assert f"to accept, under {under}" in shown
        assert 'Order = "partial:public.orders"' in shown

    def test_json_gets_json(self, tmp_path: Path, run: Run) -> None:
        repository(tmp_path, models("Order", "Card"))
        write(
            tmp_path, {"scripts/schema_sync_config.json": json.dumps({"source": SOURCE, "include": ["app/*.py"]})}
        )
        text = run("doctor")[1]
        assert 'to accept, under "bindings" in scripts/schema_sync_config.json ("Order": "" there keeps' in text
        members = re.findall(r'^ +("\w+": "partial:.*)$', text, re.MULTILINE)
        assert json.loads("{" + "".join(members) + "}") == ACCEPTED


class TestOnATerminal:
    def test_each_is_asked_and_what_is_refused_stays_unbound(
        self, tmp_path: Path, run: Run, answers: Answer
    ) -> None:
        repository(tmp_path, models("Order", "Card"))
        asked = answers(None, False)
        code, _, err = run("--source", SOURCE, "init")
        assert code == 0
        assert asked == [ORDER[:-1], ORDER.replace(":4: Order", ":12: Card")[:-1]]
        assert bound(tmp_path) == {"Order": "partial:public.orders", "Card": ""}
        assert proposed(err) == []
        assert "first check: 1 finding (0 critical, 1 high" in err
        assert run("check")[0] == 1
        assert run("init")[1] == "✓ Nothing to do: all files are in place\n"

    @pytest.mark.parametrize(
        ("given", "expected"),
        [([None], dict.fromkeys("ABCDE", "partial:public.orders")), (["none"], {})],
        ids=["all", "none"],
    )
    def test_one_question_is_for_many(
        self, tmp_path: Path, run: Run, answers: Answer, given: list[object], expected: dict[str, str]
    ) -> None:
        repository(tmp_path, models(*"ABCDE"))
        asked = answers(*given)
        err = run("--source", SOURCE, "init")[2]
        assert asked == ["Bind these 5 classes?"]
        assert len(set(proposed(err))) == 5
        assert bound(tmp_path) == expected

    def test_many_can_be_asked_about_one_by_one(self, tmp_path: Path, run: Run, answers: Answer) -> None:
        repository(tmp_path, models(*"ABCDE"))
        assert len(answers("each", *[True] * 4, False)) == 0
        run("--source", SOURCE, "init")
        assert [*bound(tmp_path).values()] == ["partial:public.orders"] * 4 + [""]

    def test_a_tie_is_shown_and_not_asked(self, tmp_path: Path, run: Run, answers: Answer) -> None:
        repository(tmp_path, models("Thing"), "orders", "carts")
        asked = answers()
        err = run("--source", SOURCE, "init")[2]
        assert (asked, bound(tmp_path)) == ([], {})
        said = "Thing looks like carts or orders (5 of 5 fields): bind it to one of them as partial?"
        assert proposed(err) == [f"app/models.py:4: {said}"]
        assert '# Thing = "partial:public.carts" or "partial:public.orders"' in err

    def test_a_json_configuration_is_written(self, tmp_path: Path, run: Run, answers: Answer) -> None:
        repository(tmp_path, models("Order", "Card"))
        write(tmp_path, {"scripts/sync_schema.py": "import schema_sync\n"})
        answers(None, None, False)  # the last keeps the script
        run("--source", SOURCE, "init")
        assert json.loads((tmp_path / "scripts/schema_sync_config.json").read_text())["bindings"] == ACCEPTED

    @pytest.mark.parametrize("name", ['a"b', "ö\x7f \n\\", "x\u202e$y]", "Table"])
    @pytest.mark.parametrize("is_json", [False, True])
    def test_hostile_names_are_data(
        self, tmp_path: Path, run: Run, answers: Answer, name: str, is_json: bool
    ) -> None:
        repository(
            tmp_path, f"{models()}class Outer:\n" + "    " + models("Ünder")[32:].replace("\n", "\n    "), name
        )
        if is_json:
            write(tmp_path, {"scripts/sync_schema.py": "import schema_sync\n"})
        asked = answers(True, False)
        code, out, err = run("--source", SOURCE, "init")
        assert code in {0, 2}
        assert len(asked) == 1 + is_json
        [(key, value)] = bound(tmp_path).items()
        assert key == "Outer.Ünder"
        assert re.fullmatch(r'partial:public\."(?:[^"]|"")+"', value)
        assert "\u202e" not in out + err + asked[0]
        code, out, err = run("-v", "check")
        assert "bound by config" in err


class TestOfCheck:
    @pytest.mark.parametrize("chosen", ["json", "jsonl"])
    def test_json_has_them_in_each_way(self, tmp_path: Path, run: Run, chosen: str) -> None:
        repository(tmp_path, models("Order"))
        run("--source", SOURCE, "init")
        expected = {
            "declaration": "Order",
            "path": "app/models.py",
            "line": 4,
            "objects": ["public.orders"],
            "columns": 5,
            "fields": 5,
            "key": "Order",
            "values": ["partial:public.orders"],
        }
        written = tmp_path / f"report.{chosen}"
        printed = run("check", "--format", chosen)[1]
        run("check", "--output", str(written))
        texts = [printed, written.read_text()]
        run("report", "--output", f"{chosen}:{written}")
        for text in [*texts, written.read_text()]:
            assert json.JSONDecoder().raw_decode(text)[0]["proposals"] == [expected]

    def test_a_check_in_text_looks_for_none(
        self, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repository(tmp_path, models("Order"))
        run("--source", SOURCE, "init")
        looked: list[object] = []
        monkeypatch.setattr(proposals, "propose", lambda *given: looked.append(given) or ())
        for arguments in (["check"], ["check", "--format", "markdown"], ["diff"], ["update", "--dry-run"]):
            run(*arguments)
        assert looked == []
        run("-v", "check")
        assert len(looked) == 1


def test_doctor_says_why_the_comparison_is_not_possible(tmp_path: Path, run: Run) -> None:
    repository(tmp_path, models("Order"))
    write(
        tmp_path,
        {"schema-sync.toml": f'source = "{SOURCE}"\ninclude = ["app/*.py"]\n[bindings]\nOrder = "no name"\n'},
    )
    code, out, _ = run("doctor")
    assert code == 2
    assert "✗ comparison: bindings.Order: 'no name' is not an object" in out
    assert run("check")[0] == 2

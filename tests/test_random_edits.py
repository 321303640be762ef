"""Random edits of random databases: each is found, mended, and nothing else in the files changes.

    pytest tests/test_random_edits.py --hypothesis-profile=thorough

runs twenty times as many.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from databases import create_database, drop_database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import laws
from conftest import Database
from random_changes import Change, Changer
from random_code import Code, draw_code
from random_schema import Dice, Drawer, Model, draw_model, ident, schema_sql

if TYPE_CHECKING:
    from schema_sync.replay import embedded_server

pytestmark = pytest.mark.thorough

REMOVALS = {"table-removed", "column-removed", "enum-removed", "enum-label-removed"}

NUMBERS = count()
DONE: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def at_least_a_hundred_edits() -> object:
    yield
    assert sum(DONE.values()) >= 100, DONE


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_random_edits(server: embedded_server.Server, data: st.DataObject) -> None:
    name = f"random_{next(NUMBERS)}"
    root = Path(tempfile.mkdtemp(prefix=name))
    try:
        database = Database(name, create_database(server, name))
        Example(root, database, Drawer(data)).run()
    finally:
        drop_database(server, name)
        shutil.rmtree(root)


@pytest.mark.parametrize("seed", range(3))
def test_a_hundred_edits_of_one_database(server: embedded_server.Server, tmp_path: Path, seed: int) -> None:
    name = f"hundred_{seed}"
    try:
        database = Database(name, create_database(server, name))
        Example(tmp_path, database, Dice(seed)).run_until(100)
    finally:
        drop_database(server, name)


class Example:
    """A project in step with its database, and rounds of changes to the latter."""

    def __init__(self, root: Path, database: Database, draw: Drawer) -> None:
        self.root, self.database, self.draw = root, database, draw
        self.model: Model = draw_model(draw)
        sql = schema_sql(self.model)
        self.code: Code = draw_code(draw, self.model)
        self.draw.say(f"{sql};\n\n{self.code.configuration}")
        database.run(sql)
        for path, text in self.code.files.items():
            self.draw.say(f"--- {path}\n{text}")
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode())
        (root / "schema-sync.toml").write_text(self.code.configuration)

    def run(self) -> None:
        assert self.found() == set()
        before = laws.python_files(self.root)
        laws.update(self.root, self.database.dsn)
        assert laws.python_files(self.root) == before
        for _ in range(self.draw.number(1, 2)):
            self.round()

    def run_until(self, edits: int) -> None:
        """Edit the database in rounds, until there were *edits* in all."""
        done = sum(DONE.values())
        self.run()
        while sum(DONE.values()) - done < edits:
            self.round()

    def round(self) -> None:
        changer = Changer(self.draw, self.model, self.code.functional, self.marked())
        drawn = [changer.change() for _ in range(self.draw.number(2, 6))]
        changes = [change for change in drawn if change is not None]
        sql = ";\n".join(change.sql for change in changes)
        self.draw.say(f"=== changes\n{sql}")
        if sql:
            self.database.run(sql)
        expected = {found for change in changes for found in change.found}
        assert self.found() == expected
        DONE.update(rule for rule, _, _ in expected)

        before = laws.python_files(self.root)
        kept = laws.update(self.root, self.database.dsn).kept
        assert {(f.rule, f.subject.name, f.subject.column or f.subject.label) for f in kept} == {
            found for found in expected if found[0] in REMOVALS
        } | self.rebound(changes)
        self.learn(changes)
        self.assert_rest_stays(before, changes, pruned=False)

        laws.update(self.root, self.database.dsn, prune=True)
        self.unbind({name for change in changes for name, keys in change.pruned.items() if keys is None})
        assert self.found() == set()
        self.assert_rest_stays(before, changes, pruned=True)
        laws.assert_stable(self.root, self.database.dsn)

    def marked(self) -> frozenset[str]:
        """Return the objects whose names stand in quotes in the code."""
        texts = [content.decode() for content in laws.python_files(self.root).values()]
        spelled = {name: ident(name) for name in (*self.model.relations, *self.model.enums)}
        quoted = {name: (each, json.dumps(each, ensure_ascii=False)[1:-1]) for name, each in spelled.items()}
        return frozenset(name for name, forms in quoted.items() if any(form in t for form in forms for t in texts))

    def rebound(self, changes: list[Change]) -> set[tuple[str, str, str | None]]:
        """Change the names of renamed objects in the configuration, as a person does; return the findings on them."""
        found: set[tuple[str, str, str | None]] = set()
        for change in (change for change in changes if change.moved):
            old, new = change.moved or ("", "")
            lines = self.code.configuration.splitlines(keepends=True)
            for number, line in enumerate(lines):
                if line.startswith(f"{self.code.classes[old]} = "):
                    lines[number] = f"{self.code.classes[old]} = 'public.{new}'\n"
                    found |= change.found
            self.code.configuration = "".join(lines)
            for comment, (of, key) in self.code.notes.items():
                self.code.notes[comment] = (new, key) if of == old else (of, key)
        (self.root / "schema-sync.toml").write_text(self.code.configuration)
        return found

    def unbind(self, names: set[str]) -> None:
        """Take the lines of classes that are gone out of the configuration, as the next check would demand."""
        gone = tuple(f"{self.code.classes[name]} = " for name in names)
        lines = self.code.configuration.splitlines(keepends=True)
        self.code.configuration = "".join(line for line in lines if not (gone and line.startswith(gone)))
        (self.root / "schema-sync.toml").write_text(self.code.configuration)

    def found(self) -> set[tuple[str, str, str | None]]:
        findings = laws.check(self.root, self.database.dsn).report.findings
        rows = [
            (f.rule, f.subject.name, f.subject.label if f.subject.column is None else f.subject.column)
            for f in findings
        ]
        assert len(set(rows)) == len(rows)
        return set(rows)

    def learn(self, changes: list[Change]) -> None:
        """Take over what the update made of new objects: their classes, and what these say."""
        for relation, old, new in (change.renamed for change in changes if change.renamed):
            for comment, of in self.code.notes.items():
                self.code.notes[comment] = (relation, new) if of == (relation, old) else of
        for bound in laws.check(self.root, self.database.dsn).report.bindings:
            self.code.classes[str(bound.object).removeprefix("public.")] = bound.declaration.name
        for relation in self.model.relations.values():
            for column in relation.columns:
                self.model.settle(relation, column)
        texts = [content.decode() for content in laws.python_files(self.root).values()]
        self.code.functional = {
            name for name in self.model.relations if any(f"\n{self.code.classes[name]} = " in t for t in texts)
        }

    def assert_rest_stays(self, before: dict[str, bytes], changes: list[Change], *, pruned: bool) -> None:
        after = laws.python_files(self.root)
        touched: dict[str, set[str] | None] = {}
        gone: set[tuple[str, str | None]] = set()
        for change in changes:
            for name, keys in change.touched.items():
                class_name = self.code.classes[name]
                known = touched.setdefault(class_name, set())
                touched[class_name] = None if keys is None or known is None else known | keys
            for name, keys in change.pruned.items() if pruned else ():
                gone |= {(name, key) for key in keys or [None]}
        may_go = {
            comment
            for comment, (of, key) in self.code.notes.items()
            if of is not None and ((of, key) in gone or (of, None) in gone)
        }
        for path, content in before.items():
            self.draw.say(f"--- {path} after\n{after[path].decode()}")
            laws.assert_rest_untouched(content, after[path], touched, may_go)
            assert set(laws.comments(content)) - set(laws.comments(after[path])) <= may_go
        for path, content in after.items():
            exec(compile(content, path, "exec"), {"__name__": "generated"})

"""What comes, goes or is renamed changes its own lines and no other's: in a project that is updated, and from nothing.

Databases and changes are those of random_schema.py and random_changes.py; all code is our own, with classes for
inserts and updates.
"""

from __future__ import annotations

import shutil
import tempfile
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
from random_schema import Drawer, Model, draw_model, ident, schema_sql
from schema_sync.codebase.edit.rendering import all_named
from schema_sync.mapping.names import member_name, row_class_stem

if TYPE_CHECKING:
    from schema_sync.replay import embedded_server

NUMBERS = count()
CONFIGURATION = 'shapes = ["row", "insert", "update"]\n'
# Names that ask for one class, and one that says what a class of another table is for.
ALIKE = ["user_role", "user_roles", "UserRole", "user-role", "user__role", "user role", "user_role_insert", "???"]

Classes = dict[str, set[str]]  # object → its classes


@settings(max_examples=settings().max_examples // 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.thorough
def test_a_change_touches_its_own_lines(server: embedded_server.Server, data: st.DataObject) -> None:
    name = f"stable_{next(NUMBERS)}"
    root = Path(tempfile.mkdtemp(prefix=name))
    try:
        run(root, Database(name, create_database(server, name)), Drawer(data))
    finally:
        drop_database(server, name)
        shutil.rmtree(root)


def run(root: Path, database: Database, draw: Drawer) -> None:
    model = draw_model(draw)
    for relation in list(model.relations.values()):
        other = draw.one(relation.name, *ALIKE)
        if other not in model.used_names:
            rename(model, relation.name, other)
    database.run(schema_sql(model))
    draw.say(schema_sql(model))
    old, new, fresh = root / "old", root / "new", root / "fresh"
    classes = written(old, database)
    shutil.copytree(old, new)
    for relation in model.relations.values():
        for column in relation.columns:
            model.settle(relation, column)

    functional = {r for r in model.relations if any(is_functional(old, c) for c in classes[f"public.{r}"])}
    change = Changer(draw, model, functional).change()
    if change is None:
        return
    draw.say(f"=== change\n{change.sql}")
    database.run(change.sql)
    after = written(new, database)
    touched = touched_by(change, classes, after)
    before, now = laws.python_files(old), laws.python_files(new)
    for path, content in before.items():
        draw.say(f"--- {path} before\n{content.decode()}\n--- after\n{now[path].decode()}")
        laws.assert_rest_untouched(content, now[path], touched)
    for name, known in classes.items():
        assert name not in after or after[name] >= known, "a class was renamed"

    assert_same_from_nothing(classes, written(fresh, database), change, model)


def rename(model: Model, old: str, new: str) -> None:
    model.relations[new] = model.relations.pop(old)
    model.relations[new].name = new
    model.used_names.add(new)


def written(root: Path, database: Database) -> Classes:
    root.mkdir(exist_ok=True)
    (root / "schema-sync.toml").write_text(CONFIGURATION)
    laws.update(root, database.dsn, prune=True)
    report = laws.check(root, database.dsn).report
    assert report.in_sync
    found: Classes = {}
    for bound in report.bindings:
        found.setdefault(str(bound.object), set()).add(bound.declaration.name)
    return found


def is_functional(root: Path, name: str) -> bool:
    return any(f"\n{name} = ".encode() in content for content in laws.python_files(root).values())


def touched_by(change: Change, before: Classes, after: Classes) -> dict[str, set[str] | None]:
    touched: dict[str, set[str] | None] = {}
    for name, keys in change.touched.items():
        for class_name in before.get(f"public.{name}", set()) | after.get(f"public.{name}", set()):
            touched[class_name] = keys
    return touched


def assert_same_from_nothing(before: Classes, fresh: Classes, change: Change, model: Model) -> None:
    """Generated anew, every object that the change does not name has the names it had before.

    Unless it asks for the name of one that came or went: then the nearer of the two has it.
    """
    moved = {row_class_stem(name, {}) for name in change.touched}
    for name, known in before.items():
        bare = name.removeprefix("public.")
        if name in fresh and bare not in change.touched and row_class_stem(bare, {}) not in moved:
            assert fresh[name] == known


def test_a_table_that_comes_takes_no_name(database: Database, tmp_path: Path) -> None:
    for name in ALIKE:
        database.run(f"create table {ident(name)} (id int)")
        classes = written(tmp_path / "updated", database)
    assert classes["public.user_role"] == {"UserRoleRow", "UserRoleInsert", "UserRoleUpdate"}
    database.run(f"drop table {ident('user_role')}")
    kept = written(tmp_path / "updated", database)
    assert kept == {name: known for name, known in classes.items() if name != "public.user_role"}


def test_names_from_nothing_do_not_number(database: Database, tmp_path: Path) -> None:
    for name in ALIKE:
        database.run(f"create table {ident(name)} (id int)")
    classes = written(tmp_path / "all", database)
    assert classes["public.user_roles"] == {"UserRoleRow", "UserRoleInsert", "UserRoleUpdate"}
    database.run(f"drop table {ident('UserRole')}; drop table {ident('user__role')}; create table plain (id int)")
    fresh = written(tmp_path / "fewer", database)
    for name in ("user_role", "user_roles", "user-role", "user role", "user_role_insert", "???"):
        assert fresh[f"public.{name}"] == classes[f"public.{name}"]


class TestLabels:
    LABELS = st.lists(
        st.text(max_size=6) | st.sampled_from(["a-b", "a_b", "A", "a", "", "empty", "value", "#", "$"]),
        unique=True,
    )

    @given(LABELS, st.booleans())
    def test_a_member_is_called_after_its_own_label(self, labels: list[str], upper: bool) -> None:
        chosen = all_named(labels, upper=upper, encoding="utf-8")
        assert list(chosen) == labels
        assert len(set(chosen.values())) == len(labels)
        for label, name in chosen.items():
            plain = member_name(label, (), upper=upper)
            assert name in {plain, member_name(label, {plain}, upper=upper)}
        assert all_named(labels[::-1], upper=upper, encoding="utf-8") == chosen

    @given(LABELS, st.text(max_size=6), st.booleans())
    def test_a_label_that_comes_takes_no_name_but_its_own(self, labels: list[str], more: str, upper: bool) -> None:
        before = all_named(labels, upper=upper, encoding="utf-8")
        after = all_named(list(dict.fromkeys([*labels, more])), upper=upper, encoding="utf-8")
        moved = {label for label, name in before.items() if after[label] != name}
        assert all(before[label] == after[more] for label in moved)

    def test_the_label_that_is_spelled_like_the_name_has_it(self) -> None:
        labels = ["a-b", "a_b", "A", "a", "", "empty", "value", "_value_", "#", "None", "none"]
        chosen = all_named(labels, upper=True, encoding="utf-8")
        plain = {"a_b": "A_B", "a": "A", "empty": "EMPTY", "value": "VALUE", "none": "NONE"}
        assert {label: chosen[label] for label in plain} == plain

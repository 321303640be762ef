"""Which files a project's schema is made of, and their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schema_sync.errors import MigrationError, SourceError
from schema_sync.model.request import Request
from schema_sync.replay.migration_files import History, configured, find
from schema_sync.sources.auto import choose
from schema_sync.sources.base import sources

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def write(root: Path, *paths: str, text: str = "") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def settings(root: Path, text: str) -> None:
    write(root, "supabase/config.toml", text=text)


def names(history: History, root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in history.files]


class TestMigrations:
    def test_by_name_and_said_what_is_left_out(self, root: Path) -> None:
        write(
            root,
            *(
                f"supabase/migrations/{name}"
                for name in ("20240102_b.sql", "20240101_a.sql", "3_c.sql", "README.md")
            ),
            *("supabase/migrations/helpers.sql", "supabase/migrations/seed.sql", "supabase/seed.sql"),
            *("supabase/migrations/old/1_x.sql", "supabase/migrations/notes/a.txt"),
        )
        history = find(root, "")
        assert names(history, root) == [
            f"supabase/migrations/{name}" for name in ("20240101_a.sql", "20240102_b.sql", "3_c.sql")
        ]
        assert history.describe == "supabase/migrations"
        assert history.notes == (
            "supabase/migrations/seed.sql is left out: it is data",
            "supabase/migrations/helpers.sql is left out: its name does not begin with a version and _",
            "supabase/migrations/old: the .sql files in this subfolder are left out",
        )

    def test_a_folder_without_versions_is_taken_as_it_is(self, root: Path) -> None:
        write(root, "sql/b.sql", "sql/a.sql", "sql/seed.sql")
        history = find(root, "sql")
        assert names(history, root) == ["sql/a.sql", "sql/b.sql"]
        assert history.notes == ("sql/seed.sql is left out: it is data",)

    def test_one_file(self, root: Path) -> None:
        write(root, "schema.sql")
        assert names(find(root, "schema.sql"), root) == ["schema.sql"]

    def test_versions_that_come_twice_are_applied_in_order_and_said(self, root: Path) -> None:
        write(root, "m/1_b.sql", "m/1_a.sql", "m/2_c.sql")
        history = find(root, "m")
        assert names(history, root) == ["m/1_a.sql", "m/1_b.sql", "m/2_c.sql"]
        assert history.notes == ("version 1 is there 2 times: m/1_a.sql, m/1_b.sql; all are taken, in this order",)

    def test_two_folders_are_merged_by_version(self, root: Path) -> None:
        write(root, "one/2024_a.sql", "one/2026_c.sql", "two/2025_b.sql", "two/2026_c.sql")
        history = find(root, "one, two")
        assert names(history, root) == ["one/2024_a.sql", "two/2025_b.sql", "one/2026_c.sql", "two/2026_c.sql"]
        assert history.notes == (
            "version 2026 is there 2 times: one/2026_c.sql, two/2026_c.sql; all are taken, in this order",
        )

    def test_a_folder_with_a_comma_in_its_name(self, root: Path) -> None:
        write(root, "one,two/1_a.sql")
        assert names(find(root, "one,two"), root) == ["one,two/1_a.sql"]

    def test_roles_come_first(self, root: Path) -> None:
        write(root, "supabase/roles.sql", "supabase/migrations/1_a.sql", "roles.sql", "other/1_b.sql")
        assert names(find(root, ""), root) == ["supabase/roles.sql", "supabase/migrations/1_a.sql"]
        assert names(find(root, "other"), root) == ["other/1_b.sql"]

    def test_the_first_init_of_an_old_project_is_left_out(self, root: Path) -> None:
        write(root, "m/20211101000000_init.sql", "m/20211102000000_init.sql.bak", "m/20220101000000_init.sql")
        history = find(root, "m")
        assert names(history, root) == ["m/20220101000000_init.sql"]
        assert history.notes == (
            "m/20211101000000_init.sql is left out: so old an init holds what Supabase itself makes",
        )

    @pytest.mark.parametrize("argument", ["", "absent", "one,absent"])
    def test_a_folder_that_is_not_there(self, root: Path, argument: str) -> None:
        write(root, "one/1_a.sql")
        with pytest.raises(SourceError, match="cannot be read: No such file or directory"):
            find(root, argument)


class TestDeclarativeSchemas:
    def test_they_are_read_where_there_are_no_migrations(self, root: Path) -> None:
        write(
            root,
            "supabase/schemas/b.sql",
            "supabase/schemas/a/z.sql",
            "supabase/schemas/.x.sql",
            "supabase/roles.sql",
        )
        (root / "supabase/migrations").mkdir()
        history = find(root, "")
        assert names(history, root) == ["supabase/roles.sql", "supabase/schemas/a/z.sql", "supabase/schemas/b.sql"]
        assert history.describe == "supabase/schemas"
        assert configured(root) == "supabase/schemas exists"

    def test_migrations_win(self, root: Path) -> None:
        write(root, "supabase/schemas/b.sql", "supabase/migrations/1_a.sql")
        assert names(find(root, ""), root) == ["supabase/migrations/1_a.sql"]
        assert names(find(root, "supabase/schemas"), root) == ["supabase/schemas/b.sql"]
        assert configured(root) == "supabase/migrations exists"

    def test_schema_paths_give_the_order(self, root: Path) -> None:
        write(root, *(f"supabase/schemas/{name}.sql" for name in ("a", "b", "z", "deep/er/y")), "shared/s.sql")
        settings(
            root,
            '[db.migrations]\nschema_paths = ["./schemas/z.sql", "../shared/*.sql", "schemas/*.sql", "schemas/deep/**/*.sql"]',
        )
        expected = ["schemas/z.sql", "../shared/s.sql", "schemas/a.sql", "schemas/b.sql", "schemas/deep/er/y.sql"]
        for argument in ("", "supabase/schemas"):
            assert names(find(root, argument), root) == [f"supabase/{name}" for name in expected]
        assert configured(root) == "supabase/config.toml names schema_paths"

    def test_a_pattern_that_matches_nothing(self, root: Path) -> None:
        settings(root, '[db.migrations]\nschema_paths = ["./schemas/*.sql"]')
        with pytest.raises(SourceError) as caught:
            find(root, "")
        assert caught.value.message == "supabase/config.toml: no file matches './schemas/*.sql' of schema_paths"
        assert caught.value.hint == "Patterns are relative to supabase, such as ./schemas/*.sql."

    def test_an_empty_folder(self, root: Path) -> None:
        (root / "supabase/schemas").mkdir(parents=True)
        with pytest.raises(SourceError, match=r"^there are no schemas in supabase/schemas: no file there ends"):
            find(root, "supabase/schemas")


class TestSettings:
    def test_migrations_that_are_turned_off(self, root: Path) -> None:
        write(root, "supabase/migrations/1_a.sql")
        settings(root, "[db.migrations]\nenabled = false")
        with pytest.raises(SourceError) as caught:
            find(root, "")
        assert caught.value.message == (
            "supabase/config.toml turns migrations off ([db.migrations] enabled = false), and there are no declarative"
            " schemas in supabase/schemas"
        )
        assert caught.value.hint == (
            "To read them all the same, name their folder: --source migrations:supabase/migrations."
        )
        assert configured(root) is None
        assert names(find(root, "supabase/migrations"), root) == ["supabase/migrations/1_a.sql"]

    def test_schemas_then_take_their_place(self, root: Path) -> None:
        write(root, "supabase/migrations/1_a.sql", "supabase/schemas/a.sql")
        settings(root, "[db.migrations]\nenabled = false")
        history = find(root, "")
        assert names(history, root) == ["supabase/schemas/a.sql"]
        assert history.notes == ("supabase/config.toml turns migrations off: supabase/schemas is read instead",)

    def test_auto_does_not_take_what_is_turned_off(self, root: Path) -> None:
        write(root, "supabase/migrations/1_a.sql")
        request = Request(schemas=("public",), root=root, environment={}, lock="lock.json")
        assert choose("auto", request)[2] == "supabase/migrations exists"
        settings(root, "[db.migrations]\nenabled = false")
        with pytest.raises(Exception, match="no source is configured"):
            choose("auto", request)

    def test_the_rest_of_the_file_is_the_clis(self, root: Path) -> None:
        write(root, "supabase/migrations/1_a.sql")
        settings(root, 'project_id = "x"\n[db]\nport = 54322\n[db.seed]\nenabled = true\n[auth]\nkey = "env(KEY)"')
        assert names(find(root, ""), root) == ["supabase/migrations/1_a.sql"]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("[db", "supabase/config.toml: "),
            (
                "[db.migrations]\nenabled = 'no'",
                "supabase/config.toml: Expected `bool`, got `str` - at `db.migrations",
            ),
            (
                "[db.migrations]\nschema_paths = 'a'",
                "supabase/config.toml: Expected `array`, got `str` - at `db.mig",
            ),
            ("db = 1", "supabase/config.toml: Expected `object`, got `int` - at `db`"),
        ],
    )
    def test_what_is_wrong_is_named(self, root: Path, text: str, message: str) -> None:
        settings(root, text)
        with pytest.raises(SourceError) as caught:
            find(root, "")
        assert caught.value.message.startswith(message)

    def test_one_that_cannot_be_read(self, root: Path) -> None:
        (root / "supabase/config.toml").mkdir(parents=True)
        with pytest.raises(SourceError, match=r"^supabase/config.toml cannot be read: Is a directory$"):
            configured(root)


def test_what_was_left_out_is_in_the_hint_of_a_failure(root: Path) -> None:
    write(root, "supabase/migrations/1b_shop.sql", text="create table products (id int);")
    write(root, "supabase/migrations/2_cart.sql", text="create table cart (product products);")
    request = Request(schemas=("public",), root=root, environment={}, lock="lock.json")
    with pytest.raises(MigrationError) as caught:
        sources()["migrations"].fetch(request)
    assert "supabase/migrations/1b_shop.sql is left out: its name does not begin with a version and _" in (
        caught.value.hint.splitlines()
    )


def test_nothing_at_all(root: Path) -> None:
    assert configured(root) is None

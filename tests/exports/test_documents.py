"""docs: bytes that stay, notes that are kept, diagrams that parse."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from exported import SCHEMAS, SMALL, TESTS, diagrams, files, run

from conftest import script_in
from doubles.mermaid import faults
from schema_sync.exports import kept_notes

if TYPE_CHECKING:
    from exported import Run

    from conftest import Database

__all__ = ["run"]  # fixture


class TestDocuments:
    @pytest.mark.parametrize("name", SCHEMAS)
    def test_are_the_same_bytes_again_and_from_an_equal_database(
        self, run: Run, database: Database, tmp_path: Path, name: str
    ) -> None:
        database.run(SCHEMAS[name].read_text())
        shutil.copytree(TESTS / "cases/atoms/schemas", tmp_path / "schemas")
        assert run("docs", "a", "--source", database.dsn)[0] == 0
        first = files(tmp_path / "a")
        code, out, _ = run("docs", "a", "--source", database.dsn)
        assert (code, out) == (0, f"✓ {len(first)} pages are up to date\n")
        run("docs", "b", "--source", database.dsn.replace("options=''", "options='-c search_path=pg_catalog'"))
        assert first == files(tmp_path / "a") == files(tmp_path / "b")
        for page, content in first.items():
            for link in re.findall(r"\]\(([^)#]+)", content.decode()):
                assert (tmp_path / "a" / page).parent.joinpath(link).exists(), (page, link)
        assert faults(diagrams(tmp_path / "a")) == []

    def test_hold_all_of_a_relation_and_no_secrets(self, run: Run, database: Database, tmp_path: Path) -> None:
        database.run(SMALL)
        (tmp_path / "schemas/database").mkdir(parents=True)
        (tmp_path / "schemas/database/entities.py").write_text(
            "from typing import TypedDict\n\n\nclass PersonRow(TypedDict):\n    id: int\n"
        )
        assert run("docs", "docs/db", "--source", database.dsn)[0] == 0
        page = (tmp_path / "docs/db/public/people.md").read_text()
        for part in (
            "`PersonRow` in [`schemas/database/entities.py`](../../../schemas/database/entities.py)",
            "&#45; those who<br>&#35; work",
            "| `id` | `bigint` | not null | identity, always | primary key |\n",
            "| `mood` | [`public.mood`](../enums.md#public.mood) | null | `'phase2ready'::public.mood` |",
            "`boss` → [`people`](../public/people.md) (`id`), on delete set null |\n",
            "| `boss` | `bigint` | null |  | foreign key → [`people`](../public/people.md) |\n",
            "- [`toys`](../public/toys.md) (`giver`) → `id`\n",
            "## Read by\n\n- [`names`](../public/names.md)\n",
            "| `people_pkey` | btree | `id` | unique |\n",
            "Enabled.\n",
            "| `own` | select | `authenticated` | `((name = 'boss'::text) AND (token <> '…'::text))` |\n",
            "| `note` | before insert or update, each row | `public.noted` |\n",
        ):
            assert part in page, part
        everything = b"".join(files(tmp_path / "docs/db").values()).decode()
        for secret in ("sk_live", "hunter22x", "s3cret"):
            assert secret not in everything
        assert "rows, about" not in everything
        run("docs", "docs/db", "--sizes", "--source", database.dsn)
        assert "| size |\n" in (tmp_path / "docs/db/README.md").read_text()

    def test_keep_notes_and_remove_pages_of_what_is_gone(
        self, run: Run, database: Database, tmp_path: Path
    ) -> None:
        database.run(SMALL)
        run("docs", "db", "--source", database.dsn)
        page, note = tmp_path / "db/public/people.md", b"Ask Ann.\r\n\n| odd\n"
        page.write_bytes(page.read_bytes().replace(b"notes:begin -->\n", b"notes:begin -->\n" + note))
        kept, other = tmp_path / "db/public/pets.md", tmp_path / "db/public/own.md"
        kept.write_bytes(kept.read_bytes().replace(b"notes:begin -->\n", b"notes:begin -->\nwhy\n"))
        other.write_text("a person's\n")
        database.run("drop table loose; drop table pets cascade; alter table people add more int")
        code, out, err = run("docs", "db", "--source", database.dsn)
        assert code == 0
        assert "✓ Removed db/public/loose.md\n" in out
        assert "kept public/pets.md: what it is about is gone, but it has notes" in err
        assert kept_notes.notes(page.read_bytes()) == note
        assert b"`more`" in page.read_bytes()
        assert kept.exists()
        assert other.read_text() == "a person's\n"
        assert not (tmp_path / "db/public/loose.md").exists()

    @pytest.mark.parametrize("content", ["# by hand\n", f"{kept_notes.MARK}\n{kept_notes.BEGIN}\nbroken\n"])
    def test_write_nothing_where_a_page_is_not_ours_or_its_notes_cannot_be_told(
        self, run: Run, database: Database, tmp_path: Path, content: str
    ) -> None:
        database.run(SMALL)
        (tmp_path / "db/public").mkdir(parents=True)
        (tmp_path / "db/public/people.md").write_text(content)
        code, _, err = run("docs", "db", "--source", database.dsn)
        assert code == 2
        assert "public/people.md" in err
        assert files(tmp_path / "db") == {"public/people.md": content.encode()}

    def test_say_what_the_lock_does_not_show(self, run: Run, database: Database, tmp_path: Path) -> None:
        database.run(SMALL)
        run("update", "--source", database.dsn)
        assert run("docs", "db", "--source", "lock")[0] == 0
        page = (tmp_path / "db/public/people.md").read_text()
        assert "## Not shown" in page
        assert "## Indexes" not in page
        assert "## Row level security" not in page

    def test_of_an_empty_schema_are_an_overview(self, run: Run, database: Database, tmp_path: Path) -> None:
        assert run("docs", "db", "--source", database.dsn)[0] == 0
        assert list(files(tmp_path / "db")) == ["README.md"]


def test_the_parser_of_diagrams_finds_faults() -> None:
    assert len(faults(["erDiagram\n  a[", 'erDiagram\n  a["x"]'])) == 1


@pytest.mark.parametrize("flag", [("--analyze",), ("--export-docs", "db"), ("--export-docs=db",)])
def test_the_script_is_a_door_to_both(database: Database, tmp_path: Path, flag: tuple[str, ...]) -> None:
    database.run(SMALL)
    command = [sys.executable, str(script_in(tmp_path, "mcp_schema_query.py")), *flag, "--source", database.dsn]
    environment = {**os.environ, "PYTHONPATH": str(TESTS.parent / "src")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ("6 tables" in done.stdout) if flag == ("--analyze",) else (tmp_path / "db/README.md").exists()

"""docs: queries of views and conditions of policies, in lines that can be read and change nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exported import files, run

from schema_sync.exports import kept_notes

if TYPE_CHECKING:
    from pathlib import Path

    from exported import Run

    from conftest import Database

__all__ = ["run"]  # fixture

SCHEMA = """
create schema other;
create table other.far (id int primary key);
create table orders (id int primary key, customer text, state text);
create table lines (id int primary key, "order" int references orders);
create view open_orders as select id, customer from orders where state <> 'sk_live_51Habc';
create materialized view totals as
  select o.id, count(*) as lines from open_orders o join lines l on l."order" = o.id, other.far group by o.id;
create view nothing as select 1 as one;
alter table orders enable row level security;
create policy members on orders using (exists (select from lines l where l."order" = orders.id));
"""
HOSTILE = """
create view tricks as select E'\\n```\\n<!-- notes:end -->\\n<!-- notes:begin -->\\n# x\\n' as a, '`````' as b, '\u202e' as c;
create table "```
<!-- notes:end -->
" (a int);
create view named as select a from "```
<!-- notes:end -->
";
create table guarded (a text);
create policy p on guarded using (exists (select from lines where guarded.a = E'\\n<!-- notes:end -->\\n| x |'));
"""


def pages(run: Run, database: Database, root: Path, *more: str) -> dict[str, str]:
    code, _, err = run("docs", "db", "--source", database.dsn, *more)
    assert code == 0, err
    return {path: content.decode() for path, content in files(root / "db").items()}


class TestViews:
    def test_show_what_they_read_and_their_query(self, run: Run, database: Database, tmp_path: Path) -> None:
        database.run(SCHEMA)
        found = pages(run, database, tmp_path)
        assert (
            "## Reads\n\n- `other.far`\n- [`lines`](../public/lines.md)\n- [`open_orders`](../public/open_orders.md)\n\n"
            "Base tables: `other.far`, [`lines`](../public/lines.md), [`orders`](../public/orders.md).\n\n"
            "## Definition\n\n```sql\nSELECT o.id,\n    count(*) AS lines\n   FROM public.open_orders o\n"
        ) in found["public/totals.md"]
        view = found["public/open_orders.md"]
        assert "## Reads\n\n- [`orders`](../public/orders.md)\n\n## Definition\n" in view
        assert "  WHERE state <> '…'::text;\n```\n" in view
        assert "## Reads" not in found["public/nothing.md"]
        assert "```sql\nSELECT 1 AS one;\n```\n" in found["public/nothing.md"]
        assert "## Read by\n\n- [`open_orders`](../public/open_orders.md)\n" in found["public/orders.md"]

    def test_of_a_source_without_sql_are_not_shown(self, run: Run, database: Database, tmp_path: Path) -> None:
        database.run(SCHEMA)
        run("snapshot", "--source", database.dsn, "--output", "saved.json")
        code, _, _ = run("docs", "db", "--source", "snapshot:saved.json")
        page = (tmp_path / "db/public/totals.md").read_text()
        assert code == 0
        assert "queries of views" in page.partition("## Not shown")[2]
        assert "## Definition" not in page

    def test_stay_within_their_block(self, run: Run, database: Database, tmp_path: Path) -> None:
        database.run(SCHEMA + HOSTILE)
        found = pages(run, database, tmp_path)
        for text in found.values():
            lines = text.splitlines()
            assert lines.count(kept_notes.BEGIN) == lines.count(kept_notes.END) == 1
            assert "\u202e" not in text
        tricks = found["public/tricks.md"]
        assert (
            "\n``````sql\nSELECT '\\n```\\n<!-- notes:end -->\\n<!-- notes:begin -->\\n# x\\n'::text AS a,\n"
            in tricks
        )
        assert tricks.count("\n``````") == 2
        assert "up to date" in run("docs", "db", "--source", database.dsn)[1]


class TestPolicies:
    def test_of_several_lines_have_them_in_their_cell(self, run: Run, database: Database, tmp_path: Path) -> None:
        database.run(SCHEMA + HOSTILE)
        found = pages(run, database, tmp_path)
        row = next(line for line in found["public/orders.md"].splitlines() if line.startswith("| `members`"))
        assert row == (
            "| `members` | all | `public` | `(EXISTS ( SELECT`<br>`FROM public.lines l`"
            '<br>`WHERE (l."order" = orders.id)))` |'
        )
        hostile = next(line for line in found["public/guarded.md"].splitlines() if line.startswith("| `p`"))
        assert hostile.count("<br>") == 2

"""Hostile names stay text in docs and analyze."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import psycopg
import pytest
from exported import CONTRACT, analysis, diagrams, files, run
from psycopg import sql

from doubles.mermaid import faults
from schema_sync.exports import markdown
from test_hostile import TEXTS

if TYPE_CHECKING:
    from exported import Run

    from conftest import Database

__all__ = ["run"]  # fixture


NAMES = [t for t in TEXTS if t and "\0" not in t and len(t.encode()) < 60]
HOSTILE = [
    *NAMES,
    *(
        "direction TB",
        "a~b~c",
        "%%{init: {}}%%",
        "PK",
        "pk é",
        "end",
        "}",
        "#35;",
        "```",
        "`x`",
        "a|b",
        "<img src=x>",
    ),
    *(
        "<!-- notes:end -->",
        "- x",
        "1. x",
        "# x",
        "---",
        "    code",
        "con",
        "AUX",
        "Users",
        "users",
        "www.a.example",
    ),
]


def hostile(database: Database) -> None:
    """Every text as a table, a column, an enum label, comments, a policy and a constraint, all referring to one."""
    with psycopg.connect(database.dsn, autocommit=True) as session:
        session.execute("create table hub (id int primary key)")
        for text in dict.fromkeys(HOSTILE):
            name, literal = sql.Identifier(text), sql.Literal(text)
            own = sql.SQL("") if text == "id" else sql.SQL("{} int references hub,").format(name)
            session.execute(sql.SQL("create table {} ({} id int primary key references hub)").format(name, own))
            session.execute(sql.SQL("comment on table {} is {}").format(name, literal))
            session.execute(sql.SQL("comment on column {}.id is {}").format(name, literal))
            session.execute(sql.SQL("create policy {} on {} using ({} <> 'x')").format(name, name, literal))


class TestHostileNames:
    def test_stay_text_in_every_file(self, run: Run, database: Database, tmp_path: Path) -> None:
        hostile(database)
        assert run("docs", "db", "--source", database.dsn)[0] == 0
        found = files(tmp_path / "db")
        folded = [path.lower() for path in found]
        assert len(folded) == len(set(folded)) == len(set(HOSTILE)) + 2
        for path, content in found.items():
            assert re.fullmatch(r"README\.md|public/[a-z0-9_-]+\.md", path)
            text = content.decode()
            assert text.count("```") == 2 * text.count("\n```mermaid\n"), path
            assert text.count("<!--") == 3, path
            assert "<img" not in re.sub(r"`[^`\n]*`", "", text)
            assert all(c == "\n" or c.isprintable() for c in text), path
            for line in text.splitlines():
                assert not line.startswith("| ") or line.endswith(" |")
        drawn = diagrams(tmp_path / "db")
        assert len(drawn) > len(set(HOSTILE)) - 2
        assert faults(drawn) == []

    def test_do_not_steer_the_terminal(self, run: Run, database: Database) -> None:
        hostile(database)
        _, out, _ = run("analyze", "--source", database.dsn)
        assert all(c == "\n" or c.isprintable() or c in "\u200d\ufe0f" for c in out)
        jsonschema.validate(analysis(run, database), CONTRACT)

    def test_have_file_names_that_never_collide(self) -> None:
        slugs = {markdown.slug(text).lower() for text in HOSTILE}
        assert len(slugs) == len(set(HOSTILE))

    @pytest.mark.parametrize(
        ("literal", "secret"),
        [
            ("admin", False), ("request.jwt.claims", False), ("2024-01-01", False), ("^[a-z0-9]{3,}$", False),
            ("v1", False), ("a sentence of 20 words", False), ("s3cret", True), ("sk_live_51Habc", True),
            ("abcdefghijklmnopqrstuvwx", True),
        ],
    )  # fmt: skip
    def test_what_looks_like_a_secret(self, literal: str, secret: bool) -> None:
        assert markdown.looks_secret(literal) is secret
        assert ("…" in markdown.condition(f"(x = '{literal}'::text)", frozenset())) is secret
        assert "…" not in markdown.condition(f"(x = '{literal}'::text)", frozenset({literal}))

"""The queries of the catalog as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema_sync.postgres.catalog_queries import catalog_queries, quote_literal

SQL_FOLDER = Path(__file__).parents[2] / "src/schema_sync/postgres/sql"


class TestQueries:
    def test_they_take_no_parameters_and_quote_schemas(self) -> None:
        queries = catalog_queries(("public", "o'r\\d"), functions=True, names=True)
        others = {"known_names", "fingerprint", "migration_versions", "migrations_table"}  # asked by themselves
        assert set(queries) == {path.stem for path in SQL_FOLDER.glob("*.sql")} - others
        for text in queries.values():
            assert "__SCHEMAS__" not in text
            assert "%" not in text
        assert "'public',  E'o''r\\\\d'" in queries["relations"]

    def test_functions_are_asked_for_only_when_wanted(self) -> None:
        assert not {"functions", "names"} & set(catalog_queries(("public",)))

    def test_expressions_are_asked_for_only_when_wanted(self) -> None:
        assert "expressions" not in catalog_queries(("public",), expressions=False)

    @pytest.mark.parametrize(("text", "literal"), [("a", "'a'"), ("o'b", "'o''b'"), ("b\\s", " E'b\\\\s'")])
    def test_literals(self, text: str, literal: str) -> None:
        assert quote_literal(text) == literal

"""Which tables are junctions: their classes go into a file of their own."""

from __future__ import annotations

from typing import Any

import pytest

from comparing import PATHS, catalog, q, run, table
from schema_sync.compare.objects import is_junction
from schema_sync.model.catalog import Constraint


class TestJunctions:
    @staticmethod
    def key(kind: Any, *columns: str) -> Constraint:
        references = q("other") if kind == "foreign" else None
        return Constraint(kind=kind, name="k", columns=columns, references=references)

    @pytest.mark.parametrize(
        ("columns", "keys", "expected"),
        [
            (("a int4", "b int4"), [("primary", "a", "b"), ("foreign", "a"), ("foreign", "b")], True),
            (
                ("a int4", "b int4", "n int4"),
                [("primary", "a", "b", "n"), ("foreign", "a"), ("foreign", "b")],
                True,
            ),
            (("a int4", "b int4"), [("unique", "a", "b"), ("foreign", "a"), ("foreign", "b")], True),
            (("a int4", "b int4?"), [("unique", "a", "b"), ("foreign", "a"), ("foreign", "b")], False),
            (
                ("a int4", "b int4", "n int4"),
                [("unique", "a", "b", "n"), ("foreign", "a"), ("foreign", "b")],
                False,
            ),
            (("id int4", "a int4", "b int4"), [("primary", "id"), ("foreign", "a"), ("foreign", "b")], False),
            (("a int4", "b int4"), [("primary", "a", "b"), ("foreign", "a")], False),
        ],
    )
    def test_is_junction(self, columns: tuple[str, ...], keys: list[Any], expected: bool) -> None:
        relation = table("t", *columns, constraints=[self.key(*key) for key in keys])
        assert is_junction(relation) is expected
        (finding,) = run(catalog(relation), "").report.findings
        assert finding.at.path == (PATHS.relationships if expected else PATHS.entities)

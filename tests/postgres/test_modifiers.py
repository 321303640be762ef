"""Modifiers of types, from the numbers that the catalog holds."""

from __future__ import annotations

import pytest

from schema_sync.postgres.type_modifiers import modifier_text


class TestTypes:
    @pytest.mark.parametrize(
        ("name", "typmod", "expected"),
        [
            ("varchar", -1, None),
            ("varchar", 24, "20"),
            ("bpchar", 9, "5"),
            ("numeric", (12 << 16 | 4) + 4, "12,4"),
            ("numeric", (3 << 16 | 0x7FE) + 4, "3,-2"),
            ("timestamptz", 3, "3"),
            ("bit", 4, "4"),
            ("vector", 1536, "1536"),
            ("interval", 0x7FFF << 16 | 3, "3"),
            ("interval", (1 << 10 | 1 << 11) << 16 | 0xFFFF, "hour to minute"),
            ("interval", 0x7FFF << 16 | 0xFFFF, None),
        ],
    )
    def test_modifiers(self, name: str, typmod: int, expected: str | None) -> None:
        assert modifier_text(name, typmod) == expected

"""Errors: their places, and no password in them."""

from __future__ import annotations

import pytest

from schema_sync.errors import MigrationError, mask


class TestEscaping:
    @pytest.mark.parametrize(
        "text",
        [
            "postgresql://me:{}@host:5432/db",
            "postgres://me:{}@host/db?sslmode=require",
            "host=h password={} dbname=x",
            "host=h password='{}' dbname=x",
            "password = {}",
        ],
    )
    @pytest.mark.parametrize("secret", ["s3cret", "p:a/ss", "p%40ss", "p@ss"])
    def test_mask(self, text: str, secret: str) -> None:
        masked = mask(f"before {text.format(secret)} after")
        assert secret not in masked
        assert masked.startswith("before ")
        assert masked.endswith(" after")

    def test_errors_are_masked_and_carry_their_place(self) -> None:
        error = MigrationError("failed", path="m.sql", line=3, statement="select 'postgresql://u:p4ss@h/d'")
        assert (error.path, error.line, error.exit_code) == ("m.sql", 3, 3)
        assert "p4ss" not in str(error)

"""Names as text, on terminals and in Markdown."""

from __future__ import annotations

import pytest

from schema_sync.reports.escaping import code, markdown, printable


class TestEscaping:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("plain ✓ ⚠️ é", "plain ✓ ⚠️ é"),
            ("a\x1b[31mb", "a\\x1b[31mb"),
            ("a\nb\tc", "a\\nb\\tc"),
            ("\u202eabc", "\\u202eabc"),
            ("\U000e0041", "\\U000e0041"),
        ],
    )
    def test_printable(self, text: str, shown: str) -> None:
        assert printable(text) == shown

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("public.users", "public.users"),
            ("entity_type", "entity_type"),
            ("a|b", "a&#124;b"),
            ("`x`", "&#96;x&#96;"),
            ("<img src=x>", "&#60;img src&#61;x&#62;"),
            ("_a_", "&#95;a&#95;"),
            ("http://x.y", "<code>http&#58;&#47;&#47;x&#46;y</code>"),
            ("a\nb", "a&#92;nb"),
        ],
    )
    def test_markdown(self, text: str, shown: str) -> None:
        assert markdown(text) == shown
        assert code(text) == f"<code>{shown.removeprefix('<code>').removesuffix('</code>')}</code>"

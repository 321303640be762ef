"""Names of classes and members, whatever an object or a label is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema_sync.mapping import names


class TestNames:
    @pytest.mark.parametrize(("label", "expected"), [("on hold", "on_hold"), ("class", "class_"), ("mro", "mro_")])
    def test_members_in_lower_case(self, label: str, expected: str) -> None:
        assert names.member_name(label, (), upper=False) == expected

    @given(st.text(max_size=12), st.booleans())
    def test_every_label_gets_an_identifier(self, label: str, upper: bool) -> None:
        first = names.member_name(label, (), upper=upper)
        second = names.member_name(label, {first}, upper=upper)
        assert first != second
        for name in (first, second):
            assert name.isidentifier()
            compile(f"from enum import Enum\nclass E(Enum):\n    {name} = 1\n", "x", "exec")

    @given(st.text(min_size=1, max_size=20))
    def test_every_object_gets_a_class_name(self, name: str) -> None:
        for made in (names.row_class_stem(name, {}) + names.ROW_SUFFIX, names.enum_class_name(name)):
            compile(f"class {made}: pass", "x", "exec")

    @pytest.mark.parametrize(
        ("name", "writable"),
        [
            ("id", True),
            ("from", False),
            ("1st", False),
            ("a b", False),
            ("__x", False),
            ("__x__", True),
            ("ﬁ", False),
        ],
    )
    def test_keys_that_a_class_can_hold(self, name: str, writable: bool) -> None:
        assert names.is_key(name) is writable

    def test_exceptions_to_the_plural(self) -> None:
        assert names.row_class_stem("gooses", {"goose": "gooses"}) + names.ROW_SUFFIX == "GooseRow"
        assert (1, "goose") in set(names.relation_keys("gooses", {"goose": "gooses"}))
        assert (1, "gooses") in set(names.relation_keys("goose", {"goose": "gooses"}))

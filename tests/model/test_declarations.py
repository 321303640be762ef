"""Types of declarations."""

from __future__ import annotations

from schema_sync.model.declarations import PyType, union


class TestTypes:
    def test_unions_are_flat_with_none_last(self) -> None:
        none, one, two = PyType(name="None"), PyType(name="int"), PyType(name="str")
        assert str(union(none, union(one, none), two, one)) == "int | str | None"
        assert union(one) == one
        assert union(one, none).without_none == one
        assert none.without_none == none

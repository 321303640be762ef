"""Which defaults of json columns are arrays, as servers deparse them and as PostgREST shows them."""

from __future__ import annotations

import msgspec
import pytest

from schema_sync.mapping.expressions import is_json_array
from schema_sync.remote.openapi import _Shown


@pytest.mark.parametrize(
    "default",
    [
        "'[]'::jsonb",
        "' [1, 2]'::json",
        "('[]'::json)::jsonb",
        "E'[\"\\\\n\"]'::jsonb",
        "jsonb_build_array()",
        "json_build_array('x', 1)",
        "JSON_ARRAY(RETURNING jsonb)",
        "array_to_json('{}'::integer[])",
        "to_jsonb(ARRAY['a'::text])",
        "to_jsonb('{}'::text[])",
    ],
)
def test_arrays(default: str) -> None:
    assert is_json_array(default)


@pytest.mark.parametrize(
    "default",
    [
        "'{}'::jsonb",
        "'\"[]\"'::jsonb",
        "jsonb_build_object()",
        "NULL::jsonb",
        "to_jsonb('[]'::text)",
        "f('[]'::text)",
    ],
)
def test_no_arrays(default: str) -> None:
    assert not is_json_array(default)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"default": []}, True),
        ({"default": "[]"}, True),
        ({"default": "'[1]'"}, True),
        ({"default": {}}, False),
        ({}, False),
    ],
)
def test_what_postgrest_shows(shown: dict[str, object], expected: bool) -> None:
    assert msgspec.convert(shown, _Shown).is_array is expected

"""What rules are called."""

from __future__ import annotations

import re

from schema_sync.rules.registry import DRIFT_RULES


def test_a_rule_is_called_by_a_fault() -> None:
    for id_ in DRIFT_RULES:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", id_)

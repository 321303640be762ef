"""The code for torture.sql compiles, imports, type-checks and fits what the database gives and takes: bench/fidelity.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.thorough

FIDELITY = Path(__file__).parents[1] / "bench" / "fidelity.py"
TARGETS = {"3.11": 0, "3.14": 0}


@pytest.mark.parametrize("precision", ["plain", "exact"])
@pytest.mark.parametrize("part", ["types", "names"])
def test_written_classes_are_true_to_hostile_schemas(part: str, precision: str) -> None:
    command = [sys.executable, str(FIDELITY), "--json", "--precision", precision, "--part", part]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    (result,) = json.loads(run.stdout).values()
    assert (result["compiles"], result["imports"], result["in_sync"]) == (True, True, True)
    assert (result["mypy"], result["basedpyright"]) == (TARGETS, TARGETS)

    figures, failures = result["figures"], "\n".join(result["failures"])
    assert figures["keys"] > 100
    assert figures.get("keys_wrong", 0) == 0, "every Insert key is a column that takes a value"
    assert figures["inserts"] == figures["insert_tables"] > 20, failures
    assert figures["inserts_required"] == figures["inserts_all"] == figures["inserts"], failures
    assert figures["nulls_refused"] == figures["nulls_tried"] > 40
    if precision == "exact" or part == "names":
        assert figures["rows_accepted"] == figures["rows"] > 45, failures
        assert figures["columns_typed"] == figures["columns"] > 140, failures
    if precision == "exact":
        assert figures["labels_refused"] == figures["labels_tried"] > 5

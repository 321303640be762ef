"""The first inputs of every target of bench/fuzz.py: the same ones on every machine, a count and no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fuzz import CRASHES, fuzz, input_of
from fuzz_targets import TARGETS, Target

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = {"environment": 60, "project": 300, "configuration": 400}
USUAL = 1500


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.thorough
def test_no_input_ends_otherwise_than_documented(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    count = COUNTS.get(name, USUAL)
    outcome = fuzz(name, count=count)
    assert outcome.fault is None
    assert outcome.ends.total() == count
    assert outcome.ends["decoded"] > count // 50, "some inputs get past the decoder"


def test_a_fault_is_found_saved_and_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(content: bytes, _: Path) -> None:
        if len(content) > 5:
            raise RecursionError

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(TARGETS, "double", Target(lambda: [b"seed"], fails, as_tree=False))
    outcome = fuzz("double", count=1000)
    assert outcome.fault is not None
    saved = (tmp_path / CRASHES / f"double-{outcome.fault}").read_bytes()
    assert saved == input_of("double", outcome.fault, [b"seed"])
    assert f"input {outcome.fault} is saved as" in capsys.readouterr().err
    assert fuzz("double", first=outcome.fault, count=1).fault == outcome.fault


@pytest.mark.parametrize("name", TARGETS)
def test_good_inputs_decode(name: str, tmp_path: Path) -> None:
    for number, seed in enumerate(TARGETS[name].seeds()):
        folder = tmp_path / str(number)
        folder.mkdir()
        TARGETS[name].run(seed, folder)

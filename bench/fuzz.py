"""Throws broken input at everything that decodes what a repository, a server or a file brings.

    python bench/fuzz.py --minutes 10 TARGET        (or all, one after the other)
    python bench/fuzz.py --replay fuzz-crashes/FILE TARGET

Inputs are good ones, changed: as trees where they are JSON (values of other types, texts that are no Unicode,
nesting, renamed and dropped keys), then as bytes. An input may decode, or end in a documented error
(``SchemaSyncError``); anything else is a fault, and its input is saved. Input N of a target is the same on every
machine. ``tests/faults/test_fuzzing.py`` runs the first inputs of each target.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from fuzz_targets import TARGETS, Target

from schema_sync.errors import SchemaSyncError

CRASHES = Path("fuzz-crashes")


class Outcome(NamedTuple):
    """What inputs did: how many decoded or ended in which error, and the number of the first fault."""

    ends: Counter[str]
    fault: int | None = None


# ---- mutation

_SCALARS: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 10**40, 0.5, 1e308, "", "a", "public", "\0", "\ud800", "\u202e"),
    *("\x9b", "\ud83d\ude00", "é" * 300, "../x", "/", "a\nb", "class", "None", [], {}, [[]], [None], {"": None}),
]
_TOKENS = [
    *(
        b'"',
        b"'",
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b"(",
        b")",
        b",",
        b":",
        b"=",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"\t",
    ),
    *(b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\\N{BEL}", b"null", b"1e999", b"-", b"0x", b"."),
    *(
        b"[" * 6000,
        b"{" * 300,
        b"(" * 300,
        b'{"a":' * 6000,
        b"a." * 6000,
        b"-" * 3000,
        b"<<<<<<< HEAD\n",
        b"=======\n",
    ),
    *(
        b"class A(A): pass\n",
        b"import *",
        b"from . import a\n",
        b"Optional[",
        b"lambda: ",
        b"# coding: utf-7\n",
        b"\x0c",
    ),
    *(
        b"async ",
        b'f"{',
        b'"""',
        b"TypedDict",
        b"Enum",
        b"A = A\n",
        b"type X = X\n",
        b"def f[T](",
        b"\xc2\x85",
        b"\\\n",
    ),
]


def mutated(seed: bytes, chance: random.Random, *, as_tree: bool) -> bytes:
    """Return *seed* with some changes: of the tree that it is, of its bytes, or of both."""
    content = _tree_changed(seed, chance) if as_tree and chance.randrange(5) else seed
    if content is seed or not chance.randrange(5):
        for _ in range(chance.choice((1, 1, 2, 3, 8))):
            content = _bytes_changed(content, chance)
    return content


def _tree_changed(seed: bytes, chance: random.Random) -> bytes:
    try:
        tree = json.loads(seed)
    except ValueError:
        return seed
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        tree = _changed(tree, chance)
    try:
        text = json.dumps(tree, ensure_ascii=chance.choice((True, False)))
    except RecursionError:  # nested more than once
        return seed
    return text.encode("utf-8", "surrogatepass")


def _changed(tree: Any, chance: random.Random) -> Any:
    """Return *tree* with one node replaced, dropped, doubled, renamed or nested."""
    if not isinstance(tree, dict | list) or not tree or not chance.randrange(20):
        return _replaced(tree, chance)
    action = chance.randrange(10)
    if isinstance(tree, list):
        place = chance.randrange(len(tree))
        if action == 0:
            return [*tree[:place], *tree[place + 1 :]]
        if action == 1:
            return [*tree, tree[place]]
        return [*tree[:place], _changed(tree[place], chance), *tree[place + 1 :]]
    key = chance.choice(list(tree))
    rest = {k: v for k, v in tree.items() if k != key}
    if action == 0:
        return rest
    if action == 1:
        return {**rest, str(chance.choice(_SCALARS)): tree[key]}
    if action == 2:  # noqa: PLR2004  # the third of ten
        return {**tree, key: chance.choice(list(tree.values()))}
    return {**tree, key: _changed(tree[key], chance)}


def _replaced(value: Any, chance: random.Random) -> Any:
    match chance.randrange(12):
        case 0:
            return [value]
        case 1:
            return {"a": value}
        case 2:
            for _ in range(chance.choice((10, 500, 900))):
                value = [value]
            return value
        case 3 | 4 | 5 | 6 if isinstance(value, str):
            return value + str(chance.choice(_SCALARS))
        case _:
            return chance.choice(_SCALARS)


def _bytes_changed(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content) + 1)
    end = min(len(content), start + chance.choice((1, 1, 2, 8, 64, 512)))
    match chance.randrange(6):
        case 0:
            return content[:start] + content[end:]
        case 1:
            return content[:start] + chance.choice(_TOKENS) + content[start:]
        case 2:
            return content[:start] + bytes([chance.randrange(256)]) + content[start + 1 :]
        case 3:
            return content[:end] + content[start:]
        case 4:
            return content[:start]
        case _:
            place = chance.randrange(len(content) + 1)
            return content[:place] + content[start:end] + content[place:]


# ---- running


def fuzz(name: str, *, first: int = 0, count: int | None = None, seconds: float | None = None) -> Outcome:
    """Run inputs of the target *name* from number *first* on, until *count*, the time or a fault ends it."""
    target, ends = TARGETS[name], Counter[str]()
    seeds = target.seeds()
    until = None if seconds is None else time.monotonic() + seconds
    number = first
    while (count is None or number < first + count) and (until is None or time.monotonic() < until):
        content = input_of(name, number, seeds)
        try:
            ends[run(target, content)] += 1
        except Exception:  # noqa: BLE001  # whatever it is, it is what is looked for
            CRASHES.mkdir(exist_ok=True)
            place = CRASHES / f"{name}-{number}"
            place.write_bytes(content)
            print(f"{traceback.format_exc(limit=-6)}\n{name}: input {number} is saved as {place}", file=sys.stderr)
            return Outcome(ends, number)
        number += 1
    return Outcome(ends)


def input_of(name: str, number: int, seeds: list[bytes]) -> bytes:
    """Return input *number* of the target *name*."""
    chance = random.Random(f"{name} {number}")  # to be repeated, not to be secret
    return mutated(chance.choice(seeds), chance, as_tree=TARGETS[name].as_tree)


def run(target: Target, content: bytes) -> str:
    """Return how *target* ends on *content*: ``decoded``, or the name of the documented error."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            target.run(content, Path(folder))
        except SchemaSyncError as error:
            str(error).encode("utf-8", "backslashreplace")
            return type(error).__name__
    return "decoded"


def main() -> int:
    """Fuzz as the arguments say; exit with 1 if there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=[*TARGETS, "all"])
    parser.add_argument("--minutes", type=float, default=1.0, help="how long for each target (default: 1)")
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--replay", type=Path, help="run this one input")
    given = parser.parse_args()
    logging.getLogger("dotenv").setLevel(logging.ERROR)
    if given.replay:
        print(run(TARGETS[given.target], given.replay.read_bytes()))
        return 0
    failed = False
    for name in TARGETS if given.target == "all" else (given.target,):
        outcome = fuzz(name, first=given.first, seconds=given.minutes * 60)
        failed = failed or outcome.fault is not None
        ends = ", ".join(f"{count:,} {end}" for end, count in outcome.ends.most_common())
        print(
            f"{name}: {outcome.ends.total():,} inputs: {ends}{'' if outcome.fault is None else '; FAULT'}",
            flush=True,
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

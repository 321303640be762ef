"""A project to update, and processes that end at a chosen moment of it.

Run as a script this is a process with one thread, which may fork: everything is imported and warm, so a child
takes milliseconds, and hundreds of moments can be tried one after the other. It prints what it saw as JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schema_sync import cli
from schema_sync.codebase import files, journal, recovery
from schema_sync.model.catalog import ALL_FACETS, Catalog, Column, EnumType, QName, Relation, TypeRef
from schema_sync.model.snapshot import encode_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Tree = dict[str, tuple[str, bytes | str]]

SOURCE = ("--source", "snapshot:db.json")
UPDATE = ("update", *SOURCE)
CHECK = ("check", *SOURCE)
NOBODY = 65534
TABLES = ("birds", "cats", "dogs", "eels")
MANY = tuple(f"kind_{number}" for number in range(12))
CALLS = ("open", "write", "pwrite", "fsync", "replace", "unlink", "link", "mkdir", "rmdir", "fchmod", "chown")
"""What the writer calls of the system; between two of them nothing changes on disk."""


# ---- the project


def _named(name: str, schema: str = "public") -> QName:
    return QName(schema=schema, name=name)


def _relation(name: str) -> Relation:
    columns = ("id", "name", "colour")
    text = TypeRef(name=_named("text", "pg_catalog"))
    made = tuple(Column(name=column, rank=rank, type=text) for rank, column in enumerate(columns, start=1))
    return Relation(name=_named(name), kind="table", columns=made)


def build(root: Path, tables: Sequence[str] = TABLES) -> None:
    """Make a project whose update changes a file for each table and one more, and makes five and two folders."""
    (root / "schemas/rows").mkdir(parents=True)
    (root / "schema-sync.toml").write_text("[paths]\nentities = 'app/models/entities.py'\n")
    (root / "schemas/enums.py").write_text("from enum import Enum\n\n\nclass Mood(str, Enum):\n    SAD = 'sad'\n")
    for name in tables:
        row = f'class A(TypedDict):\n    """Table: public.{name}"""\n\n    id: str\n    name: str\n'
        (root / f"schemas/rows/{name}.py").write_text(f"from typing import TypedDict\n\n\n{row}")
    (root / "schemas/enums.py").chmod(0o640)
    catalog = Catalog(
        schemas=("public",),
        covers=ALL_FACETS,
        relations=tuple(_relation(name) for name in (*tables, "foxes")),
        enums=(EnumType(name=_named("mood"), labels=("sad", "glad")),),
    )
    (root / "db.json").write_bytes(encode_snapshot(catalog))


def tree(root: Path) -> Tree:
    """Return all that is below *root*, with modes; but for the time of the sync."""
    found: Tree = {}
    for path in sorted(root.rglob("*")):
        content = b"" if path.is_dir() else path.read_bytes()
        if path.name == "schema_version.py":
            content = re.sub(rb"(LAST_SYNC|SCHEMA_VERSION)\b.*", rb"\1", content)
        found[str(path.relative_to(root))] = (oct(path.stat().st_mode), content)
    return found


def run(root: Path, *arguments: str) -> tuple[int, str, str]:
    """Run the command in *root* and return its exit code, stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(root), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.run(list(arguments))
    return code, out.getvalue(), err.getvalue()


def both(folder: Path, tables: Sequence[str] = TABLES) -> tuple[Tree, Tree]:
    """Build a project in *folder*/old, update a copy in *folder*/new, and return the two trees."""
    build(folder / "old", tables)
    shutil.copytree(folder / "old", folder / "new")
    code, _, err = run(folder / "new", *UPDATE)
    assert code == 0, err
    return tree(folder / "old"), tree(folder / "new")


# ---- processes that end early


def forked(action: Callable[[], int]) -> int:
    """Run *action* in a child and return its exit code, or minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            code = action()
        except KeyboardInterrupt:
            code = 130
        except BaseException:  # noqa: BLE001  # a child must not go on with its parent's work
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die_at(number: int) -> None:
    """Have this process killed right before its *number*-th call of the system; of a write, half is done."""
    left = number

    def wrapped(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                if name == "write":
                    real(args[0], args[1][: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    for name in CALLS:
        setattr(os, name, wrapped(name))


def interrupt_at(number: int) -> None:
    """Raise KeyboardInterrupt on the *number*-th line that is executed of the writer's modules."""
    watched = {module.__file__ for module in (files, journal, recovery)}
    left = number

    def trace(frame: Any, event: str, _: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in watched:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
        return trace

    sys.settrace(trace)


# ---- scenarios; each returns rows of what was seen


def whole(folder: Path) -> list[dict[str, Any]]:
    """The whole command, killed before its n-th call for every n, then ``check``, then ``update``."""
    old, new = both(folder)
    changed = [path for path in new if (folder / "new" / path).is_file() and new[path] != old.get(path)]
    rows: list[dict[str, Any]] = []
    killed = True
    while killed:
        root = folder / f"n{len(rows)}"
        shutil.copytree(folder / "old", root)

        def action(root: Path = root, number: int = len(rows) + 1) -> int:
            die_at(number)
            return run(root, *UPDATE)[0]

        killed = forked(action) == -signal.SIGKILL
        left = tree(root)
        code, _, err = run(root, *CHECK)
        settled = tree(root)
        again = 0 if settled == new else run(root, *UPDATE)[0]
        rows.append(
            {
                "killed": killed,
                "mixed": any(left.get(path) != old.get(path) for path in changed)
                and any(left.get(path) != new[path] for path in changed),
                "after": "old" if settled == old else "new" if settled == new else "mixed",
                "check": code,
                "said": err,
                "then": again,
                "synced": tree(root) == new,
            }
        )
        shutil.rmtree(root)
    return rows


CONTENTS = {"a.py": b"new a", "deep/er/b.py": b"new b"}


def _small(root: Path) -> None:
    root.mkdir()
    (root / "a.py").write_bytes(b"old a")


def _after(root: Path, old: Tree, new: Tree) -> str:
    recovery.recover(root)
    settled = tree(root)
    shutil.rmtree(root)
    return "old" if settled == old else "new" if settled == new else "mixed"


def _small_trees(folder: Path) -> tuple[Tree, Tree]:
    _small(folder / "old")
    _small(folder / "new")
    files.commit(folder / "new", CONTENTS)
    return tree(folder / "old"), tree(folder / "new")


def _commit(root: Path, prepare: Callable[[int], None], number: int) -> int:
    def action() -> int:
        prepare(number)
        files.commit(root, CONTENTS)
        return 0

    return forked(action)


def nested(folder: Path) -> list[str]:
    """The writer killed at its n-th call, the recovery at its m-th, for every n and m; then recovered."""
    old, new = _small_trees(folder)
    seen: list[str] = []
    number, killed = 0, True
    while killed:
        number += 1
        crashed = folder / "crashed"
        _small(crashed)
        killed = _commit(crashed, die_at, number) == -signal.SIGKILL
        inner, again = 0, killed
        while again:
            inner += 1
            root = folder / "root"
            shutil.copytree(crashed, root)

            def action(root: Path = root, inner: int = inner) -> int:
                die_at(inner)
                recovery.recover(root)
                return 0

            again = forked(action) == -signal.SIGKILL
            seen.append(_after(root, old, new))
        shutil.rmtree(crashed)
    return seen


def interrupted(folder: Path) -> list[tuple[int, str]]:
    """The writer interrupted by Ctrl-C at every line of it."""
    old, new = _small_trees(folder)
    seen: list[tuple[int, str]] = []
    code = 130
    while code == 130:
        root = folder / "root"
        _small(root)
        code = _commit(root, interrupt_at, len(seen) + 1)
        seen.append((code, _after(root, old, new)))
    return seen


def forbidden(folder: Path) -> list[dict[str, Any]]:
    """The command as a user to whom a file, a folder or the project is read-only."""
    old, _ = both(folder)
    rows: list[dict[str, Any]] = []
    for name in ("schemas/enums.py", "schemas/rows", "."):
        root = folder / "root"
        shutil.copytree(folder / "old", root)
        for path in (root, *root.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        (root / name).chmod(0o555 if (root / name).is_dir() else 0o444)
        before = tree(root)

        def action(root: Path = root, name: str = name) -> int:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            ran = {"name": name, "update": run(root, *UPDATE), "check": run(root, *CHECK)}
            (folder / "spool").write_text(json.dumps(ran))
            return 0

        (folder / "spool").touch()
        (folder / "spool").chmod(0o666)
        code = forked(action)
        unchanged = tree(root) == before and set(before) == set(old)
        rows.append({**json.loads((folder / "spool").read_text()), "code": code, "unchanged": unchanged})
        shutil.rmtree(root)
    return rows


if __name__ == "__main__":
    scenarios = {f.__name__: f for f in (whole, nested, interrupted, forbidden)}
    json.dump(scenarios[sys.argv[1]](Path(sys.argv[2])), sys.stdout)

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
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schema_sync import cli
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
CALLS = ("open", "write", "fsync", "replace", "unlink", "link", "mkdir", "rmdir", "fchmod", "chown")
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


LINKED = {
    "schema-sync.toml": "enum-columns = 'enum'\n",
    "schemas/__init__.py": """from schemas.enums import Mood, OldMood

__all__ = ["Mood", "OldMood"]
""",
    "schemas/enums.py": """from enum import Enum


class OldMood(str, Enum):
    \"""Enum: public.old_mood\"""

    CALM = "calm"


class Mood(str, Enum):
    \"""Enum: public.mood\"""

    SAD = "sad"
""",
    "schemas/database/entities.py": """from typing import TypedDict

from schemas.enums import OldMood


class OldRow(TypedDict):
    \"""Table: public.olds\"""

    id: str
    mood: OldMood


class CatRow(TypedDict):
    \"""Table: public.cats\"""

    id: str
""",
    "schemas/database/relationships.py": """from typing import TypedDict

from schemas.database.entities import CatRow


class CatDogRow(TypedDict):
    \"""Table: public.cat_dogs\"""

    cat: str


FIRST: list[CatRow] = []
""",
    "app.py": """import schemas.database.relationships
from schemas import Mood

FIRST = Mood.SAD
""",
}
"""A project whose files import one another: names come and go in the same files."""


def link(root: Path) -> None:
    """Make the project LINKED. The database has new enums and tables, and two classes' objects are gone."""
    for path, text in LINKED.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    _write_catalog_of_linked(root)


def link_below(root: Path) -> None:
    """Make the project LINKED, whose new enums are declared in a folder of two new packages."""
    link(root)
    (root / "schema-sync.toml").write_text(
        LINKED["schema-sync.toml"] + "[paths]\nenums = 'schemas/new/below/enums.py'\n"
    )


def _write_catalog_of_linked(root: Path) -> None:
    columns = {"cats": ("mood", "colour"), "dogs": ("colour", "size"), "cat_dogs": ("cat", "size")}
    enums = {"mood": ("sad", "glad"), "colour": ("red",), "size": ("big",)}
    text = TypeRef(name=_named("text", "pg_catalog"))
    relations = tuple(
        Relation(
            name=_named(name),
            kind="table",
            columns=tuple(
                Column(name=column, rank=rank, type=TypeRef(name=_named(column)) if column in enums else text)
                for rank, column in enumerate(("id", *own) if name != "cat_dogs" else own, start=1)
            ),
        )
        for name, own in sorted(columns.items())
    )
    catalog = Catalog(
        schemas=("public",),
        covers=ALL_FACETS,
        relations=relations,
        enums=tuple(EnumType(name=_named(name), labels=labels) for name, labels in sorted(enums.items())),
    )
    (root / "db.json").write_bytes(encode_snapshot(catalog))


def tree(root: Path) -> Tree:
    """Return all that is below *root*, with modes; but for what tells of the last sync alone."""
    found: Tree = {}
    for path in sorted(root.rglob("*")):
        content = b"" if path.is_dir() else path.read_bytes()
        if path.name == "schema_version.py":
            content = re.sub(rb"(LAST_SYNC\w*|SCHEMA_VERSION)\b.*", rb"\1", content)
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


# ---- scenarios; each returns rows of what was seen


PROJECTS = {"names": link, "packages": link_below}


def stops(folder: Path, project: str, *options: str) -> list[dict[str, Any]]:
    """An update killed before its n-th call for every n, what the code is like then, and another update."""
    old, new = folder / "old", folder / "new"
    old.mkdir()
    PROJECTS[project](old)
    shutil.copytree(old, new)
    run(new, *UPDATE, *options)
    expected = tree(new)
    rows: list[dict[str, Any]] = []
    imported: dict[str, str] = {}
    killed = True
    while killed:
        root = folder / f"n{len(rows)}"
        shutil.copytree(old, root)

        def action(root: Path = root, number: int = len(rows) + 1) -> int:
            die_at(number)
            return run(root, *UPDATE, *options)[0]

        killed = forked(action) == -signal.SIGKILL
        state = repr({path: entry for path, entry in tree(root).items() if path.endswith(".py")})
        if state not in imported:
            imported[state] = _import_all(root)
        code, _, said = run(root, *UPDATE, *options)
        row = {"killed": killed, "state": list(imported).index(state), "fault": imported[state]}
        rows.append({**row, "then": code, "said": said, "same": tree(root) == expected})
        shutil.rmtree(root)
    return rows


def _import_all(root: Path) -> str:
    """Import all modules of the project in a fresh interpreter, each in turn; return what goes wrong."""
    names = sorted(".".join(path.relative_to(root).with_suffix("").parts) for path in root.rglob("*.py"))
    drop = "[sys.modules.pop(m) for m in list(sys.modules) if m.partition('.')[0] in {'schemas', 'app'}]"
    program = f"import sys\nfor name in {names}:\n    {drop}\n    __import__(name.removesuffix('.__init__'))"
    done = subprocess.run(
        [sys.executable, "-B", "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    return done.stderr


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
    scenarios: dict[str, Callable[..., list[dict[str, Any]]]] = {"stops": stops, "forbidden": forbidden}
    json.dump(scenarios[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:]), sys.stdout)

"""What holds whatever the database and the code: laws, stated once, asserted on every case.

The oracle for "nothing else changed" reads the two texts on its own, by syntax tree and lines: it shares no
code with the reader or the writer.
"""

from __future__ import annotations

import ast
import difflib
import io
import random
import re
import tokenize
import warnings
from itertools import zip_longest
from typing import TYPE_CHECKING
from unittest import mock

from msgspec.structs import replace

from schema_sync.codebase.reader import read_sources
from schema_sync.compare.policy import needs_review
from schema_sync.compare.settled import Settled
from schema_sync.model import edits as kinds
from schema_sync.model.snapshot import decode_snapshot, encode_snapshot, portable
from schema_sync.postgres import connection
from schema_sync.postgres.catalog_queries import catalog_queries
from schema_sync.postgres.catalog_reading import read_rows
from schema_sync.postgres.catalog_rows import build_catalog
from schema_sync.usecases import ask as asking
from schema_sync.usecases import check as checks
from schema_sync.usecases import project as projects
from schema_sync.usecases import update as updates

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from schema_sync.model.findings import Finding
    from schema_sync.usecases.check import Outcome
    from schema_sync.usecases.update import Plan

    Touched = Mapping[str, Collection[str] | None]


def check(root: Path, source: str) -> Outcome:
    return checks.check(projects.open_project(root, source=source))


def update(root: Path, source: str, *, prune: bool = False, force: bool = False) -> Plan:
    project = projects.open_project(root, source=source)
    planned = updates.plan(project, checks.check(project), prune=prune, force=force)
    updates.write(project, planned)
    return planned


def unsettled(root: Path, source: str) -> Outcome:
    """Check without taking any class to be settled: that saves time and changes nothing."""
    with mock.patch.object(Settled, "includes", return_value=False):
        return check(root, source)


def python_files(root: Path) -> dict[str, bytes]:
    """Return the user's code by path: all Python but the record of the last sync."""
    found = {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.py"))}
    return {path: content for path, content in found.items() if path != "schemas/schema_version.py"}


DOCSTRING = "the docstring"  # no item has this key
_WHOLE = (
    kinds.AddRow
    | kinds.RenameDeclaration
    | kinds.AddEnum
    | kinds.AddAlias
    | kinds.AddResult
    | kinds.SetResultType
    | kinds.RemoveDeclaration
    | kinds.OrderMembers
)


# ---- laws of an update


def assert_update_mends(root: Path, source: str) -> None:
    """Safe fixes remove their findings and add none; what they leave alone is the same; once is enough."""
    project = projects.open_project(root, source=source)
    outcome = checks.check(project)
    assert outcome.report == unsettled(root, source).report
    findings = outcome.report.findings
    mended = {f.fingerprint for f in findings if f.edits and not needs_review(f, project.config)}
    before = python_files(root)

    planned = update(root, source)
    again = check(root, source).report
    assert again == unsettled(root, source).report
    left = {f.fingerprint for f in again.findings}
    assert left == {f.fingerprint for f in findings} - mended
    assert {f.fingerprint for f in planned.kept} == left

    after = python_files(root)
    applied = [edit for f in findings if f.fingerprint in mended for edit in f.edits]
    for path, text in before.items():
        assert_rest_untouched(text, after[path], touched_by([e for e in applied if e.path == path]))
    assert_stable(root, source)


def assert_stable(root: Path, source: str) -> None:
    """A second update changes no byte."""
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert not update(root, source).contents
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def touched_by(edits: Collection[kinds.Edit]) -> dict[str, set[str] | None]:
    """Return the names that *edits* may touch in a file: declaration → keys and labels, None for all of it."""
    touched: dict[str, set[str] | None] = {}
    for edit in edits:
        if isinstance(edit, _WHOLE):
            touched[edit.declaration] = None
            touched |= {edit.new_name: None} if isinstance(edit, kinds.RenameDeclaration) else {}
        elif touched.setdefault(edit.declaration, set()) is not None:
            if isinstance(edit, kinds.SetDoc | kinds.SetMarker):
                touched[edit.declaration] |= {DOCSTRING}  # type: ignore[operator]
            named = {getattr(edit, name, None) for name in ("key", "new_key", "label", "new_label")} - {None}
            touched[edit.declaration] |= named  # type: ignore[operator]
    return touched


# ---- the oracle


def assert_rest_untouched(before: bytes, after: bytes, touched: Touched, dropped: Collection[str] = ()) -> None:
    """Assert that nothing but *touched* (declaration → keys or labels, None: all of it) and imports differs.

    *dropped* are comments that may be gone.
    """
    old, new = before.decode(), after.decode()
    widened = {name: None if name in _dense(old) else keys for name, keys in touched.items()}
    stays, now = (
        [_bare(line) for line in _fixed_lines(text, widened) if line.strip() not in dropped] for text in (old, new)
    )
    difference = "\n".join(difflib.unified_diff(stays, now, lineterm="", n=1))
    assert stays == now, f"lines changed that no edit names: {dict(touched)}\n{difference}"
    endings = [
        {line[len(line.rstrip("\r\n")) :] for line in text.splitlines(keepends=True)} for text in (old, new)
    ]
    assert endings[1] <= endings[0] | {""} or not old, "line endings changed"
    assert not (_imported(old) - _imported(new)) & _named(new), "an import is gone that is still used"
    now_blocks = _blocks(new)
    for name, text in _blocks(old).items():
        inside = any(name.startswith(f"{other}.") or other.startswith(f"{name}.") for other in touched)
        assert name in touched or inside or now_blocks[name] == text, f"{name} was not to be touched"


def _imported(text: str) -> set[str]:
    nodes = (node for part in parse(text) for node in ast.walk(part))
    aliases = (alias for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names)
    return {(alias.asname or alias.name).partition(".")[0] for alias in aliases}


def _named(text: str) -> set[str]:
    """Return the names that a file uses, those in its strings too."""
    words = {word for part in parse(text) for string in _strings(part) for word in re.findall(r"\w+", string)}
    return words | {n.id for part in parse(text) for n in ast.walk(part) if isinstance(n, ast.Name)}


def _strings(part: ast.stmt) -> list[str]:
    """Return the string annotations in a statement."""
    annotated = [node.annotation for node in ast.walk(part) if isinstance(node, ast.AnnAssign)]
    nodes = (node for annotation in annotated for node in ast.walk(annotation))
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def comments(content: bytes) -> list[str]:
    """Return the comments of a file, in order."""
    tokens = tokenize.tokenize(io.BytesIO(content).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def declarations(body: Sequence[ast.stmt], outer: str = "") -> Iterator[tuple[str, ast.stmt, ast.stmt | None]]:
    """Yield name, statement and the statement behind it of all classes and assignments, nested ones too."""
    for statement, follower in zip_longest(body, body[1:]):
        if isinstance(statement, ast.ClassDef):
            yield outer + statement.name, statement, follower
            yield from declarations(statement.body, f"{outer}{statement.name}.")
        elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                if isinstance(target, ast.Name) and target.id != "__all__":
                    yield outer + target.id, statement, follower
        elif isinstance(statement, ast.If | ast.Try):
            yield from declarations(statement.body, outer)
            yield from declarations(statement.orelse, outer)


def parse(text: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text).body


def _bare(line: str) -> str:
    """Return a line less its ending, and less the comma that an entry behind it may need."""
    return re.sub(r",(?=\s*(#|$))", "", line).rstrip("\r\n")


def _fixed_lines(text: str, touched: Touched) -> list[str]:
    """Return the lines that hold something and that no edit of *touched* may change."""
    movable = _movable(text, touched)
    lines = enumerate(text.splitlines(keepends=True), start=1)
    ours = ("#:",) * any(touched.values())  # what an update writes above items
    return [
        line
        for number, line in lines
        if number not in movable and line.strip() and not line.lstrip().startswith(ours)
    ]


def _blocks(text: str) -> dict[str, str]:
    """Return the exact text of each declaration, by name; of several the first."""
    lines = text.splitlines(keepends=True)
    found: dict[str, str] = {}
    for name, statement, _ in declarations(parse(text)):
        block = "".join(lines[statement.lineno - 1 : statement.end_lineno]).rstrip("\r\n")
        found.setdefault(name, block)
    return found


def _dense(text: str) -> set[str]:
    """Return the declarations that do not have their entries on lines of their own."""
    found: set[str] = set()
    for name, statement, _ in declarations(parse(text)):
        starts = [part.lineno for part in _entries(statement)]
        if len(set(starts)) < len(starts) or statement.lineno in starts or not starts:
            found.add(name)
    return found


def _entries(statement: ast.stmt) -> Sequence[ast.stmt | ast.expr]:
    if isinstance(statement, ast.ClassDef):
        return statement.body
    dicts = [node for node in ast.walk(statement) if isinstance(node, ast.Dict)]
    return [key for key in dicts[0].keys if key is not None] if dicts else []


def _movable(text: str, touched: Touched) -> set[int]:
    """Return the lines that an edit of *touched* may change: their own, those of imports and of listings."""
    body = parse(text)
    found: set[int] = set()
    for statement in (node for part in body for node in ast.walk(part)):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            found |= _lines(statement)
    listings = (s for s in body if isinstance(s, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr))
    found |= {line for s in listings if "__all__" in ast.unparse(s) for line in _lines(s)}
    for name, statement, follower in declarations(body):
        keys = touched.get(name, set())
        found |= _lines(statement) if keys is None else _lines_of(statement, keys, text.splitlines())
        if (keys is None or DOCSTRING in keys) and isinstance(follower, ast.Expr):
            found |= _lines(follower)  # the docstring below a functional form
    if not text.strip():
        return set()
    return found


def _lines(node: ast.stmt | ast.expr) -> set[int]:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return set(range(first, (node.end_lineno or first) + 1))


def _lines_of(statement: ast.stmt, keys: Collection[str], lines: Sequence[str]) -> set[int]:
    """Return the lines of the items or members *keys*; a class that gets its first loses its filler."""
    found: set[int] = set()
    if not keys:
        return found
    if isinstance(statement, ast.ClassDef):
        for part in statement.body:
            filler = isinstance(part, ast.Pass) or ast.unparse(part) == "..."
            document = DOCSTRING in keys and part is statement.body[0] and _is_string(part)
            found |= _lines(part) if filler or document or _key(part) in keys else set()
        return found
    for table in (node for node in ast.walk(statement) if isinstance(node, ast.Dict)):
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and key.value in keys:
                end = value.end_lineno or 0
                following = [k.lineno for k in table.keys if k is not None and k.lineno > end]
                found |= set(range(key.lineno, end + 1))
                behind = range(end, min([*following, table.end_lineno or end]))  # parentheses are no nodes
                found |= {number for number in behind if not lines[number - 1].lstrip().startswith("#")}
    return found


def _is_string(part: ast.stmt) -> bool:
    return (
        isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) and isinstance(part.value.value, str)
    )


def _key(part: ast.stmt) -> object:
    if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
        return part.target.id
    if isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant):
        return part.value.value
    return None


# ---- laws of reading


def assert_order_never_shows(root: Path, dsn: str) -> None:
    """Neither the order of the server's rows nor that of the files makes a difference."""
    project = projects.open_project(root, source=dsn)
    schemas = project.config.schemas
    rows = _rows(dsn, schemas)
    catalog = build_catalog(rows, schemas)
    shuffler = random.Random(7)
    for _ in range(3):
        shuffled = {name: shuffler.sample(list(found), len(found)) for name, found in rows.items()}
        assert build_catalog(shuffled, schemas) == catalog
    sources = python_files(root)
    assert read_sources(dict(reversed(sources.items()))) == read_sources(sources)


def _rows(dsn: str, schemas: Collection[str]) -> Mapping[str, list[tuple[object, ...]]]:
    with connection.connect(connection.own_address(dsn), 60) as session:
        queries = catalog_queries(tuple(schemas), functions=True)
        return read_rows(session, queries)  # type: ignore[return-value]


def assert_snapshot_round_trips(root: Path, dsn: str) -> bytes:
    """A snapshot decodes to the catalog that it was made of, and encodes to the same bytes again."""
    project = projects.open_project(root, source=dsn)
    catalog = projects.fetch(project, expressions=True)[0].catalog
    content = encode_snapshot(catalog)
    assert content == asking.snapshot(project)[0]
    again = decode_snapshot(content, path="snapshot")
    assert again == portable(catalog)
    assert encode_snapshot(again) == content
    return content


def assert_sources_agree(root: Path, dsn: str) -> None:
    """The database, a snapshot of it, and (after an update) the lock give the same findings and hash."""
    content = assert_snapshot_round_trips(root, dsn)
    (root / "snapshot.json").write_bytes(content)
    lock = root / "schemas/schema_lock.json"
    if not lock.exists():  # it alone tells of renames, by numbers that a snapshot does not hold
        assert _seen(root, dsn) == _seen(root, "snapshot:snapshot.json")
    update(root, dsn)
    assert _seen(root, dsn) == _seen(root, "snapshot:snapshot.json") == _seen(root, "lock")
    (root / "snapshot.json").unlink()


def _seen(root: Path, source: str) -> tuple[str, list[Finding]]:
    report = check(root, source).report
    return report.db_hash, [replace(f, moved="unknown") for f in report.findings]

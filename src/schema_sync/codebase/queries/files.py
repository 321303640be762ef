"""The files in which queries are looked for: every Python file that git does not ignore."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from schema_sync.codebase import chosen_files, parse_cache
from schema_sync.codebase.chosen_files import Collected
from schema_sync.codebase.queries.candidates import FileQueries, project_queries
from schema_sync.codebase.queries.libraries import imports_supabase, may_hold_queries
from schema_sync.model.queries import QueryFiles
from schema_sync.repository_files import GIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from schema_sync.model.declarations import Unreadable
    from schema_sync.model.options import QueryWrapper

_LIST = (*GIT, "ls-files", "--cached", "--others", "--exclude-standard", "-z")


def collect(
    root: Path,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    *,
    is_used: bool = False,
    contents: Mapping[str, bytes] = MappingProxyType({}),
) -> Collected:
    """Return the files below *root* that the globs choose; or none: unless *is_used*, one must import Supabase.

    Without *include* these are all that git tracks or does not ignore, or, outside of a repository, all but those
    of virtual environments and hidden folders. *contents* are read in place of files.
    """
    collected = chosen_files.collect(root, include or ("**/*.py",), exclude)
    sources = {path: contents.get(path, content) for path, content in collected.sources.items()}
    if not (is_used or any(map(imports_supabase, sources.values()))):
        return Collected({}, ())
    return Collected(sources if include else without_ignored(root, sources), collected.unreadable)


def read_queries(root: Path, include: Sequence[str] = (), *, wrappers: Sequence[QueryWrapper] = ()) -> QueryFiles:
    """Return the queries of the files below *root* that the globs choose, as ``collect`` does."""
    return queries_of(collect(root, include, is_used=bool(wrappers)), wrappers=wrappers)


def queries_of(
    collected: Collected,
    *,
    is_used: bool = False,
    wrappers: Sequence[QueryWrapper] = (),
    cache: Path | None = None,
) -> QueryFiles:
    """Return the queries of the *collected* files; what was read from a file is kept in the file *cache*.

    With *is_used*, or *wrappers*, no file has to import Supabase.
    """
    is_used = is_used or bool(wrappers)
    words = [wrapper.call.rpartition(".")[2] for wrapper in wrappers]
    sources = collected.sources
    files = {path: FileQueries(imports_supabase=imports_supabase(content)) for path, content in sources.items()}
    with_queries = {path: content for path, content in sources.items() if may_hold_queries(content, words)}
    found, lines, unreadable = _read(with_queries, wrappers, cache)
    queries = project_queries(files | found, is_used=is_used)
    ignores = {path: each.ignores for path, each in found.items() if each.ignores}
    return QueryFiles(
        queries=queries, lines=lines, unreadable=(*collected.unreadable, *unreadable), ignores=ignores
    )


def _read(
    sources: Mapping[str, bytes], wrappers: Sequence[QueryWrapper], cache: Path | None
) -> tuple[dict[str, FileQueries], dict[str, tuple[str, ...]], list[Unreadable]]:
    """Return what each of *sources* asks, its lines, and the files that cannot be read."""
    found: dict[str, FileQueries] = {}
    lines: dict[str, tuple[str, ...]] = {}
    unreadable: list[Unreadable] = []
    if not sources:
        return found, lines, unreadable
    from schema_sync.codebase.source_file import NotPythonError, SourceFile

    configured = msgspec.msgpack.encode(wrappers)
    with parse_cache.opened(cache) as results:
        for path, content in sources.items():
            key = parse_cache.key([configured, path.encode(), content])
            try:
                file = SourceFile.decode(path, content)
                kept = results.get(key, FileQueries)
                if kept is None:
                    from schema_sync.codebase.queries.reader import file_queries

                    kept = file_queries(file, wrappers)
                    results.put(key, kept)
            except NotPythonError as error:
                unreadable.append(error.unreadable)
                continue
            found[path] = kept
            lines[path] = tuple(file.lines)
    return found, lines, unreadable


def python_files(root: Path) -> chosen_files.Collected:
    """Return all Python files below *root*, by path, that git does not ignore, and those that cannot be opened."""
    collected = chosen_files.collect(root, ("**/*.py", "**/*.pyi"))
    return collected._replace(sources=without_ignored(root, collected.sources))


def without_ignored(root: Path, sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return *sources* less those that git ignores; all of them outside of a repository."""
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603 - a list of words that goes through no shell
            _LIST, cwd=root, capture_output=True, check=False
        )
    except OSError:
        return {**sources}
    known = frozenset(done.stdout.decode(errors="surrogateescape").split("\0"))
    return {path: each for path, each in sources.items() if done.returncode != 0 or path in known}

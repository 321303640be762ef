"""The files in which queries are looked for: every Python file that git does not ignore."""

from __future__ import annotations

import subprocess
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from schema_sync.codebase import parse_cache, reader
from schema_sync.codebase.queries.reader import (
    FileQueries,
    file_queries,
    imports_supabase,
    may_hold_queries,
    project_queries,
)
from schema_sync.codebase.source_file import NotPythonError, SourceFile
from schema_sync.model.options import QueryWrapper
from schema_sync.model.queries import QueryFiles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# A repository may configure a program that watches its files: it is not started.
_LIST = ("git", "-c", "core.fsmonitor=false", "ls-files", "--cached", "--others", "--exclude-standard", "-z")


def read_queries(
    root: Path,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    *,
    is_used: bool = False,
    wrappers: Sequence[QueryWrapper] = (),
    contents: Mapping[str, bytes] = MappingProxyType({}),
    cache: Path | None = None,
) -> QueryFiles:
    """Return the queries of the files below *root* that the globs choose.

    Without *include* these are all that git tracks or does not ignore, or, outside of a repository, all but those
    of virtual environments and hidden folders. Unless *is_used*, or there are *wrappers*, one of them has to
    import Supabase. *contents* are read in place of files. What was read from a file is kept in the file *cache*.
    """
    is_used = is_used or bool(wrappers)
    words = [wrapper.call.rpartition(".")[2] for wrapper in wrappers]
    collected = reader.collect(root, include or ("**/*.py",), exclude)
    sources = {path: contents.get(path, content) for path, content in collected.sources.items()}
    if not (is_used or any(map(imports_supabase, sources.values()))):
        return QueryFiles()
    if not include:
        sources = without_ignored(root, sources)
    files: dict[str, FileQueries] = {}
    lines: dict[str, tuple[str, ...]] = {}
    unreadable = list(collected.unreadable)
    configured = msgspec.msgpack.encode(wrappers)
    with parse_cache.opened(cache) as results:
        for path, content in sources.items():
            files[path] = FileQueries(imports_supabase=imports_supabase(content))
            if not may_hold_queries(content, words):
                continue
            key = parse_cache.key([configured, path.encode(), content])
            try:
                file = SourceFile.decode(path, content)
                found = results.get(key, FileQueries)
                if found is None:
                    found = file_queries(file, wrappers)
                    results.put(key, found)
            except NotPythonError as error:
                unreadable.append(error.unreadable)
                continue
            files[path] = found
            lines[path] = tuple(file.lines)
    queries = project_queries(files, is_used=is_used)
    ignores = {path: found.ignores for path, found in files.items() if found.ignores}
    return QueryFiles(queries=queries, lines=lines, unreadable=tuple(unreadable), ignores=ignores)


def without_ignored(root: Path, sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return *sources* less those that git ignores; all of them outside of a repository."""
    try:
        done = subprocess.run(  # noqa: S603 - a list of words that goes through no shell
            _LIST, cwd=root, capture_output=True, check=False
        )
    except OSError:
        return {**sources}
    known = frozenset(done.stdout.decode(errors="surrogateescape").split("\0"))
    return {path: each for path, each in sources.items() if done.returncode != 0 or path in known}

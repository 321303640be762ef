"""What a check reads of the project's files: those of one moment, while no update writes."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

import msgspec

from schema_sync.codebase import chosen_files, folder_lock, parse_cache
from schema_sync.codebase import records as recorded
from schema_sync.codebase.chosen_files import Collected
from schema_sync.codebase.queries import files as query_files
from schema_sync.codebase.records import Stamp
from schema_sync.model.base import Value
from schema_sync.model.queries import QueryFiles
from schema_sync.usecases.project import Project, cache_file


class Inputs(Value, frozen=True, kw_only=True, dict=True):
    """The records of the last sync, the files in which classes are looked for, and those for queries."""

    stamp: Stamp
    classes: Collected
    queries: Collected

    @cached_property
    def digest(self) -> bytes:
        """A hash of all of it."""
        return parse_cache.key(map(msgspec.msgpack.encode, (self.stamp, self.classes, self.queries)))


def read_inputs(project: Project) -> Inputs:
    """Return what the files hold now.

    Raises:
        WriteError: if an update keeps running.
    """
    exclude = (*project.config.exclude, glob.escape(project.config.paths.version))  # generated, declares nothing
    include = (*project.config.include, *project.config.paths.code)
    with folder_lock.held(project.root, shared=True):
        return Inputs(
            stamp=read_stamp(project),
            classes=chosen_files.collect(project.root, include, exclude),
            queries=query_sources(project),
        )


def read_stamp(project: Project) -> Stamp:
    """Return the records of the last sync."""
    paths = project.config.paths
    return recorded.read(project.root, paths.version, paths.lock)


def query_sources(project: Project, contents: Mapping[str, bytes] = MappingProxyType({})) -> Collected:
    """Return the files in which queries are looked for, none where that is off; *contents* are new contents."""
    config = project.config
    if config.queries == "off":
        return Collected({}, ())
    is_used = config.queries == "on" or bool(config.query_wrappers)
    return query_files.collect(
        project.root, config.query_files, config.exclude, is_used=is_used, contents=contents
    )


def read_queries(project: Project, collected: Collected) -> QueryFiles:
    """Return what the *collected* files ask of Supabase."""
    config = project.config
    if config.queries == "off":
        return QueryFiles()
    return query_files.queries_of(
        collected,
        is_used=config.queries == "on",
        wrappers=config.query_wrappers,
        cache=cache_file(project, "queries"),
    )

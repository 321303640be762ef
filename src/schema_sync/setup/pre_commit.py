"""The hooks for pre-commit.com, as an entry for ``.pre-commit-config.yaml``: pinned, and for the project's files.

Authority: pre-commit's documentation, "Creating new hooks" (``files`` is searched for in paths from the top of the
repository) and "Repository local hooks".
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator

from msgspec.structs import asdict

from schema_sync import config
from schema_sync.setup import installed
from schema_sync.setup.survey import Survey
from schema_sync.setup.workflow import quoted

FILE = ".pre-commit-config.yaml"
_WILDCARDS = re.compile(r"(\*\*|\*|\?|\[!?\]?[^]]*\])")


def entry(survey: Survey, folder: str) -> str:
    """Return the entry as text; *folder* is that of the project in the repository, empty for its top."""
    settings = survey.project.config
    home = f"{folder}/" if folder else ""
    sql = ("supabase/**/*.sql", "supabase/config.toml", *survey.jobs.sql)
    concerned = (*survey.watched, *sql, *config.FILES, *asdict(settings.paths).values())
    always = ["always_run: true # the database may have moved; without this line only these files count"]
    where = f" {shlex.quote(survey.jobs.folder)}" if survey.jobs.folder else ""
    lines = [
        "repos:",
        "  - repo: local",
        "    hooks:",
        *_hook("check", "schema drift", _command("hook", folder), "embedded,http,mcp", files(concerned, home)),
        *(f"        {line}" for line in always if settings.hook_source != "offline"),
        *_hook(
            "migrations",
            "schema migrations",
            _command(f"-q migrations check{where}", folder),
            "embedded,migrations",
            files(survey.jobs.sql, home),
        ),
    ]
    return "\n".join(lines)


def _hook(name: str, title: str, command: str, extras: str, wanted: str) -> Iterator[str]:
    yield f"      - id: schema-sync-{name}"
    values = {
        "name": title,
        "entry": quoted(command),
        "language": "python",
        "additional_dependencies": f"[{quoted(f'{installed.NAME}[{extras}]{installed.pin()}')}]",
        "files": quoted(wanted),
        "pass_filenames": "false",
        "require_serial": "true",
    }
    yield from (f"        {key}: {value}" for key, value in values.items())


def _command(arguments: str, folder: str) -> str:
    """Return what runs the command in *folder*; pre-commit starts all hooks at the top, without a shell."""
    if not folder:
        return f"schema-sync {arguments}"
    return f"bash -c {shlex.quote(f'cd {shlex.quote(folder)} && exec schema-sync {arguments}')}"


def files(globs: Iterable[str], home: str) -> str:
    """Return a regular expression that is found in the path of each file that *globs* choose in the folder *home*.

    ``**`` is any number of folders, as for ``include``; a glob that names a folder chooses what is in it. A set of
    characters (``[ab]``) is taken for any one, which can only choose more.
    """
    normal = dict.fromkeys(posixpath.normpath(f"{home}{glob}") for glob in globs)
    return f"^(?:{'|'.join(map(_expression, normal))})(?:/|$)"


def _expression(glob: str) -> str:
    words = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = [
        words.get(part, "[^/]" if position % 2 else re.escape(part))
        for position, part in enumerate(_WILDCARDS.split(glob))
    ]
    return "".join(parts).replace(".*/", "(?:.*/)?")

"""The files that ``init`` writes: each is a template of this package, at the path it has in a repository."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from string import Template
from typing import Literal

import msgspec

from schema_sync import config
from schema_sync.codebase.atomic_write import commit
from schema_sync.errors import WriteError
from schema_sync.model.base import Value
from schema_sync.model.options import Require
from schema_sync.replay import migration_files
from schema_sync.reports.proposals import binding_lines
from schema_sync.setup.find_migrations import Place
from schema_sync.setup.find_queries import FoundQueries
from schema_sync.setup.survey import Survey
from schema_sync.setup.workflow import quoted, render

CONFIGURATION = config.FILES[0]
SCRIPTS_CONFIGURATION = config.FILES[-1]
SCRIPT = "scripts/sync_schema.py"
HOOK = "scripts/pre-commit-schema-check.sh"
WORKFLOW = ".github/workflows/schema-check.yml"
_SUFFIX = ".template"
_OURS = b"schema_sync"
_REASONS: dict[Require | None, str] = {
    "all": "init chose all: most tables have a row class, a file of [paths] exists, or no code calls Supabase.",
    "declared": "init chose declared: the code calls Supabase or has models, and most tables have no row class.",
    None: "Without this line, check chooses one of them by the code, once it can read the schema.",
}


class Planned(Value, frozen=True, kw_only=True):
    """A file to write, and what stands there (None: nothing)."""

    path: str
    content: bytes
    before: bytes | None

    @property
    def state(self) -> Literal["new", "same", "other"]:
        """How what stands there compares with what is to be written."""
        if self.before is None:
            return "new"
        return "same" if self.before == self.content else "other"


def templates() -> dict[str, bytes]:
    """Return the templates' contents by the path in a repository."""
    folder = Path(str(resources.files("schema_sync"))) / "setup" / "templates"
    found = sorted(folder.rglob(f"*{_SUFFIX}"))
    return {path.relative_to(folder).as_posix().removesuffix(_SUFFIX): path.read_bytes() for path in found}


def configured_by(root: Path) -> str | None:
    """Return the file that configures the project in *root* in place of the one that ``init`` would write.

    Raises:
        ConfigError: if that file is wrong.
    """
    return None if (root / CONFIGURATION).exists() else config.load(root).path


def plan(root: Path, survey: Survey, *, is_top: bool = True) -> tuple[Planned, ...]:
    """Return what is to be written; a project that is configured elsewhere keeps its configuration.

    A new one goes into ``scripts/`` where our script is there. GitHub respects workflows only at a repository's
    top: unless *is_top*, there is none.

    Raises:
        ConfigError: if the project's configuration is wrong.
        SourceError: if that of Supabase's CLI is wrong.
        WriteError: if a file that exists cannot be read.
    """
    contents = templates()
    chosen = None if configured_by(root) else CONFIGURATION
    if chosen and not (root / CONFIGURATION).exists() and _OURS in (_before(root, SCRIPT) or b""):
        chosen = SCRIPTS_CONFIGURATION
    for path in (CONFIGURATION, SCRIPTS_CONFIGURATION):
        template = contents.pop(path)
        if path == chosen:
            is_json = path != CONFIGURATION
            values = _settings(survey, root, is_json=is_json) | _query_settings(survey.queries, is_json=is_json)
            contents[path] = Template(template.decode()).substitute(values).encode()
    workflow = contents.pop(WORKFLOW)
    if is_top:
        contents[WORKFLOW] = render(workflow.decode(), survey.jobs, survey.watched).encode()
    return tuple(
        Planned(path=path, content=content, before=_before(root, path))
        for path, content in sorted(contents.items(), key=lambda item: (item[0] == WORKFLOW, item[0]))
    )


def write(root: Path, files: Collection[Planned]) -> None:
    """Write *files*, all or none; scripts can be executed afterwards.

    Raises:
        WriteError: if a file cannot be written, or was changed since it was read.
    """
    contents = {file.path: file.content for file in files}
    commit(root, contents, {file.path: file.before for file in files})
    for path in (root / path for path, content in contents.items() if content.startswith(b"#!")):
        mode = path.stat().st_mode
        path.chmod(mode | (mode & 0o444) >> 2)  # whoever may read a script may run it


def _settings(survey: Survey, root: Path, *, is_json: bool) -> dict[str, str]:
    layout, require = survey.layout, survey.require
    if is_json:
        chosen = f'"require": "{require}",\n  ' if require else ""
    else:
        chosen = f'# {_REASONS[require]}\n{"" if require else "# "}require = "{require or "declared"}"'
    values = {
        "include": _list(layout.include),
        "exclude": _list(layout.exclude),
        "migrations": _migrations(survey.places, root),
        "source": quoted(survey.source),
        "failing": _failing(survey, is_json=is_json),
        "named": _named(survey.queries.schemas),
        "require": chosen,
        "target": quoted(layout.target),
        "bindings": _bindings(survey.project.config.bindings, is_json=is_json),
    }
    return values | {name: quoted(path) for name, path in msgspec.structs.asdict(layout.paths).items()}


def _bindings(bindings: Mapping[str, str], *, is_json: bool) -> str:
    lines = binding_lines(bindings, is_json=is_json)
    if is_json:
        return "\n".join(["{", *(f"    {line}" for line in lines), "  }"]) if lines else "{}"
    return "".join(f"{line}\n" for line in lines)


def _failing(survey: Survey, *, is_json: bool) -> str:
    """Return the setting of what a failing migration does: with the reason where some fail."""
    outcome = survey.choice.outcome if survey.choice.goes_on else None
    if is_json:
        return '"on-migration-error": "continue",\n  ' if outcome else ""
    if outcome is None:
        return '# on-migration-error = "stop"'
    return f'{_comment(f"{outcome.report.incomplete}.")}\non-migration-error = "continue"'


def _migrations(places: Sequence[Place], root: Path) -> str:
    """Tell which SQL was found, as the end of a comment."""
    history = migration_files.configured(root)
    others = ", ".join(place.shown for place in places if not place.is_default and not place.is_part)
    if history:
        said, found = f" {history}: auto replays it.", "SQL was also found in"
    else:
        said, found = " Neither is here" + ("." if others else ": auto needs a variable."), "SQL was found in"
    return f"{said}\n{_comment(f'{found} {others}.')}" if others else said


def _named(schemas: Collection[str]) -> str:
    """Mention the *schemas* that calls name, as the end of a comment."""
    if not schemas:
        return ""
    names = ", ".join(map(quoted, schemas))
    also = f"The code also names {names}. The names in those calls are checked anyway;"
    return f"\n{_comment(f'{also} a schema that is listed here is compared with classes too.')}"


def _comment(text: str) -> str:
    return textwrap.fill(text, 115, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _query_settings(found: FoundQueries, *, is_json: bool) -> dict[str, str]:
    """Return what the configuration says of queries; a wrapper's parts that no call has are left out."""
    wrappers = [
        {name: value for name, value in msgspec.structs.asdict(wrapper).items() if value is not None}
        for wrapper in found.wrappers
    ]
    if is_json:
        return {"wrappers": json.dumps(wrappers, ensure_ascii=False)}
    lines = (
        ["# Functions of your own that send queries, as their calls look: edit what is wrong."] if wrappers else []
    )
    for wrapper in wrappers:
        lines += ["[[query-wrappers]]", *(f"{name} = {json.dumps(each)}" for name, each in wrapper.items()), ""]
    queries = 'queries = "auto"' if found.queries else '# queries = "auto"'
    return {"queries": queries, "wrappers": "\n".join(["", *lines] if lines else lines)}


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


def _before(root: Path, path: str) -> bytes | None:
    try:
        return (root / path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WriteError(f"{path}: {error.strerror}", hint="Move what stands there out of the way.") from error

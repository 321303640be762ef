"""One frozen configuration, from TOML or JSON, with defaults that need no file at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Literal, cast, get_args, get_origin

import msgspec

from schema_sync.errors import ConfigError, mask
from schema_sync.mapping.expressions import stated_type
from schema_sync.model.base import Value
from schema_sync.model.findings import Severity
from schema_sync.model.options import Options, Paths, QueryWrapper
from schema_sync.nearest import nearest
from schema_sync.repository_files import json_document, read_text, toml_document
from schema_sync.rules.migrations import MIGRATION_RULES, SQUAWK, squawk_rules
from schema_sync.rules.registry import DRIFT_RULES, QUERY_IDS, REMOVALS

TABLE = "schema-sync"
PYPROJECT = "pyproject.toml"
FILES = ("schema-sync.toml", PYPROJECT, "scripts/schema_sync_config.json")
OFF = "off"
HookSource = Literal["live", "offline"]
LONGEST_TIMEOUT_SECONDS = 86_400


class Notify(Value, frozen=True, kw_only=True, rename="kebab"):
    """When a check notifies; whom, is in the variable `SCHEMA_SYNC_NOTIFY_URLS`."""

    min_severity: Literal["low", "medium", "high", "critical"] = "low"
    """Findings below it are not sent."""
    recovery: bool = True
    """Whether the end of drift is sent."""
    state: str = ".schema-sync/notified.json"
    """The file that remembers what was sent; `--state FILE` wins."""


class Config(Options, frozen=True, kw_only=True, rename="kebab"):
    """All settings. The text below a field is its row in docs/reference/configuration.md (``make docs``)."""

    title: str = ""
    """First words of the reports."""
    source: str = "auto"
    """Where the schema is read, as [`--source`](sources.md)."""
    hook_source: HookSource | None = None
    """What the [git hook](../guides/git-hooks.md) compares with; by default `"live"` where a live source is
    configured, else `"offline"`."""
    on_migration_error: Literal["stop", "continue"] = "stop"
    """`continue` skips [a failing statement](../guides/migrations.md#a-replay-that-does-not-finish)."""
    client_timeout: float = 60
    """Seconds (1 to 86400) for a whole read by [connection string](sources.md#connection-strings)."""
    include: tuple[str, ...] = ("schemas/**/*.py",)
    """Globs of the Python files whose classes are compared."""
    exclude: tuple[str, ...] = ()
    """Globs of files that are left out."""
    queries: Literal["auto", "on", "off"] = "auto"
    """Whether [names in queries](../guides/names-in-code.md) are checked; `auto`: where Supabase's library is
    imported."""
    query_files: tuple[str, ...] = ()
    """Globs of the files that are searched for queries; by default every Python file that git does not ignore."""
    query_wrappers: tuple[QueryWrapper, ...] = ()
    """[Functions of your own](../guides/names-in-code.md#a-wrapper-of-your-own) that send queries."""
    judge_sql: bool = False
    """Whether the server of a connection string parses [SQL of the code](../guides/names-in-code.md#sql)."""
    exclude_tables: tuple[str, ...] = ("schema_migrations",)
    require_manual_review: tuple[str, ...] = REMOVALS
    notify: Notify = Notify()


class Loaded(Value, frozen=True, kw_only=True):
    """A configuration, the file it came from (None: defaults), and other files that were passed over."""

    config: Config
    path: str | None = None
    passed_over: tuple[str, ...] = ()


def load(root: Path, explicit: str | None = None) -> Loaded:
    """Return the configuration of the project in *root*.

    The file *explicit* is taken if given; else the first of ``FILES`` that configures the tool.

    Raises:
        ConfigError: if a file cannot be read or a key or value is wrong.
    """
    if explicit is not None:
        document = _read(root / explicit, explicit, hint="Check the path given to --config.")
        table = _table_of_pyproject(document, explicit) if explicit.endswith("pyproject.toml") else document
        return Loaded(config=_convert(table or {}, explicit), path=explicit)
    found = _tables(root)
    if not found:
        return Loaded(config=Config())
    first, *others = found
    return Loaded(config=_convert(found[first], first), path=first, passed_over=tuple(others))


def configures(folder: Path) -> bool:
    """Return whether *folder* holds a configuration; of those files only pyproject.toml has to be read for that.

    Raises:
        ConfigError: if it cannot be read.
    """
    there = [name for name in FILES if _is_there(folder / name)]
    return any(name != PYPROJECT for name in there) or bool(there and _tables(folder))


def _tables(root: Path) -> dict[str, dict[str, Any]]:
    """Return what the files of *root* say of the tool, by their names."""
    found: dict[str, dict[str, Any]] = {}
    for name in FILES:
        if _is_there(root / name):
            document = _read(root / name, name)
            table = _table_of_pyproject(document, name) if name == PYPROJECT else document
            if table is not None:
                found[name] = table
    return found


def _is_there(path: Path) -> bool:
    """Return whether there is anything at *path*, even if it cannot be read."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # the attempt to read it states why it cannot be
    return True


def _read(path: Path, shown: str, *, hint: str = "") -> dict[str, Any]:
    try:
        text = read_text(path)
        document = json_document(text) if path.suffix == ".json" else toml_document(text)
    except OSError as error:
        raise ConfigError(f"{shown}: {error.strerror}", hint=hint) from error
    except ValueError as error:  # JSONDecodeError, TOMLDecodeError and TextError are ValueErrors
        raise ConfigError(f"{shown}: {error}") from error
    if not isinstance(document, dict):
        raise ConfigError(f"{shown}: expected an object of settings at the top")
    return cast("dict[str, Any]", document)


def _table_of_pyproject(document: Mapping[str, Any], path: str) -> dict[str, Any] | None:
    tools: object = document.get("tool", {})
    if not isinstance(tools, dict):
        raise ConfigError(f"{path}: tool is not a table", hint=f"Write the settings under [tool.{TABLE}].")
    table = cast("dict[str, object]", tools).get(TABLE)
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.{TABLE} is not a table", hint=f"Write the settings under [tool.{TABLE}].")
    return cast("dict[str, Any] | None", table)


def _convert(table: dict[str, Any], path: str) -> Config:
    settings = _known(table, Config, path, "")
    for key, kind in (("paths", Paths), ("notify", Notify)):
        if isinstance(settings.get(key), dict):
            settings[key] = _known(settings[key], kind, path, f"{key}.")
    try:
        config = msgspec.convert(settings, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {str(error).replace('`$.', '`')}") from error
    _validate(config, path)
    return config


def _known(table: Mapping[str, Any], kind: type[Value], path: str, prefix: str) -> dict[str, Any]:
    """Return *table* with its keys in kebab-case; an unknown key is an error with a suggestion."""
    kinds = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    known = list(kinds)
    settings: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("_", "-")
        if name not in known:
            close = nearest(name, known)
            hint = f"Did you mean {prefix}{close}?" if close else f"Known: {', '.join(prefix + k for k in known)}."
            raise ConfigError(f"{path}: unknown key {prefix}{key}", hint=hint)
        _chosen(value, kinds[name], f"{path}: {prefix}{name}")
        settings[name] = value
    return settings


def _chosen(value: object, kind: object, where: str) -> None:
    """Refuse a text that is not one of the words in the type *kind*, and name those."""
    words = _words(kind)
    given: list[object] = cast("list[object]", value) if isinstance(value, list) else [value]
    for text in given:
        if words and isinstance(text, str) and text not in words:
            close = nearest(text, words)
            hint = f"Did you mean {close}?" if close else ""
            raise ConfigError(f"{where}: {text!r} is not one of {', '.join(words)}", hint=hint)


def _words(kind: object) -> tuple[str, ...]:
    """Return what the Literals in the type *kind* list."""
    parts = get_args(kind)
    return parts if get_origin(kind) is Literal else tuple(word for part in parts for word in _words(part))


def _validate(config: Config, path: str) -> None:
    if not config.schemas or not all(config.schemas):
        raise ConfigError(f"{path}: schemas names no schema", hint='Write, for example, schemas = ["public"].')
    if mask(config.source) != config.source:
        raise ConfigError(
            f"{path}: source holds a password; a configuration file is not a place for secrets",
            hint="Put the connection string into the environment (SUPABASE_DB_URL).",
        )
    if not 1 <= config.client_timeout <= LONGEST_TIMEOUT_SECONDS:
        raise ConfigError(
            f"{path}: client-timeout: {config.client_timeout:g} is not between 1 and {LONGEST_TIMEOUT_SECONDS}",
            hint="It is in seconds, for a whole read; the default is 60.",
        )
    for name, value in msgspec.structs.asdict(config.paths).items():
        _validate_path(name, value, path)
    for key, text in config.types.items():
        try:
            stated_type(text)
        except ValueError as error:
            raise ConfigError(f"{path}: types.{key}: {error}") from error
    state = PurePosixPath(config.notify.state)
    if not config.notify.state or state.is_absolute() or ".." in state.parts:
        raise ConfigError(f"{path}: notify.state: {str(state)!r} must be a relative path inside the project")
    _validate_rules(config, path)


def _validate_path(name: str, value: str, path: str) -> None:
    pure = PurePosixPath(value)
    if not value or pure.is_absolute() or ".." in pure.parts:
        raise ConfigError(f"{path}: paths.{name}: {value!r} must be a relative path inside the project")
    suffix = ".json" if name in {"lock", "baseline"} else ".py"
    if pure.suffix != suffix:
        raise ConfigError(f"{path}: paths.{name}: {value!r} must end in {suffix}")


def _validate_rules(config: Config, path: str) -> None:
    words = [*(s.word for s in Severity), OFF]
    for rule, word in config.severity.items():
        _known_rule(rule, f"{path}: severity", (*QUERY_IDS, *MIGRATION_RULES, *squawk_rules()))
        if word not in words:
            raise ConfigError(f"{path}: severity.{rule}: {word!r} is not one of {', '.join(words)}")
    for rule in config.require_manual_review:
        _known_rule(rule, f"{path}: require-manual-review")


def _known_rule(rule: str, where: str, others: tuple[str, ...] = ()) -> None:
    rules = [*DRIFT_RULES, *others]
    if rule not in rules:
        close = nearest(rule, rules)
        hint = f"Did you mean {close}?" if close else f"Rules: {', '.join(rules)}."
        if rule.startswith(SQUAWK) and others:
            hint += " What only a newer Squawk has, .squawk.toml can exclude."
        raise ConfigError(f"{where}: no rule {rule!r}", hint=hint)

"""Writes what the documents take from the code (make docs).

docs/rules has the rules' pages with a list of all, docs/schemas the JSON Schemas of the JSON documents,
docs/reference/cli.md the commands, docs/reference/configuration.md the keys of the configuration.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
import msgspec

from schema_sync import cli
from schema_sync.config import Config, Notify
from schema_sync.exports.analysis import Analysis
from schema_sync.exports.history import History
from schema_sync.migrations.render import ExaminationDocument
from schema_sync.model.options import Paths, QueryWrapper
from schema_sync.reports.json_report import ReportDocument
from schema_sync.rules import manual
from schema_sync.rules.migrations import SQUAWK, address

GENERATED = "<!-- Copied from src/schema_sync/rules/pages by `make docs`; edit it there. -->"
OF_COMMANDS = "<!-- Written from the help of src/schema_sync/cli by `make docs`; edit it there. -->"
OF_KEYS = "<!-- Written from src/schema_sync/config.py and model/options.py by `make docs`; edit it there. -->"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
GUIDES = {
    "analyze": "[Figures of a schema](../guides/explore.md#figures-of-a-schema)",
    "baseline": "[Accepting what is there](../guides/adopt.md#accepting-what-is-there)",
    "check": "[Day by day](../guides/day-by-day.md)",
    "completion": "[On a terminal](../guides/terminal.md#shell-completion)",
    "diff": "[Day by day](../guides/day-by-day.md)",
    "docs": "[Documenting a schema](../guides/explore.md#documenting-a-schema)",
    "doctor": "[What doctor shows](../guides/adopt.md#what-doctor-shows)",
    "explain": "[The rules' pages](../rules/README.md)",
    "explore": "[Exploring a schema](../guides/explore.md#exploring-a-schema)",
    "github": "[GitHub Actions](../guides/ci.md#github-actions)",
    "history": "[History of a schema](../guides/explore.md#history-of-a-schema)",
    "hook": "[Git hooks](../guides/git-hooks.md)",
    "init": "[First adoption](../guides/adopt.md)",
    "list": "[Asking the database](../guides/explore.md#asking-the-database)",
    "mcp": "[Agents](../guides/agents.md)",
    "migrations check": "[Migrations](../guides/migrations.md)",
    "notify": "[Notifications](../guides/notifications.md)",
    "report": "[Reports](reports.md)",
    "rules": "[Rules and severities](rules.md)",
    "snapshot": "[Day by day](../guides/day-by-day.md)",
    "sql": "[Asking the database](../guides/explore.md#asking-the-database)",
    "update": "[Day by day](../guides/day-by-day.md)",
    "uses": "[Who uses a name](../guides/names-in-code.md#who-uses-a-name)",
}
"""The page that shows a command at work."""
CODE = r"(--[a-z-]+|[\w./-]+\.(?:toml|json|md|py)|[A-Z]+_[A-Z_]+|\w+:(?://…|FILE)|\w+\[:\w+\]|(?<=Default: )\w+)"
"""What is code in a help text."""
SHARED = {option.name for option in cli.cli.params} - {"version"}


def pages() -> dict[str, str]:
    """Return the documents by file name."""
    own = (page for group in manual.groups()[:-1] for page in group)
    return {"README.md": index()} | {f"{page.id}.md": f"{GENERATED}\n\n{page.text}" for page in own}


def index() -> str:
    """Return the list of all pages as a Markdown document."""
    drift, queries, migrations, squawk = manual.groups()
    parts = [
        GENERATED,
        "# Rules",
        "What `schema-sync check` can find. `schema-sync explain RULE` shows a page in the terminal.",
        listed((f"[{each.id}]({each.id}.md)", each) for each in drift),
        "## Names in queries",
        "What `schema-sync check` can find in the calls of Supabase's client:",
        listed((f"[{each.id}]({each.id}.md)", each) for each in queries),
        "## Migrations",
        "What `schema-sync migrations check` can find by itself:",
        listed((f"[{each.id}]({each.id}.md)", each) for each in migrations),
        "And by Squawk, whose documentation says more; some apply only where `.squawk.toml` includes them:",
        listed((f"[{each.id}]({address(each.id.removeprefix(SQUAWK))})", each) for each in squawk),
    ]
    return "\n\n".join(parts) + "\n"


def listed(rows: Iterable[tuple[str, manual.Page]]) -> str:
    """Return rules as a table."""
    head = ["| rule | default severity | fault |", "|---|---|---|"]
    return "\n".join([*head, *(f"| {link} | {each.severity} | {each.summary} |" for link, each in rows)])


def schemas() -> dict[str, str]:
    """Return the JSON Schemas of the documents by file name."""
    kinds = {
        "report": (ReportDocument, "schema-sync check --format json"),
        "analysis": (Analysis, "schema-sync analyze --format json"),
        "history": (History, "schema-sync history --format json"),
        "migrations": (ExaminationDocument, "schema-sync migrations check --format json"),
    }
    found: dict[str, str] = {}
    for name, (kind, title) in kinds.items():
        schema = {"$schema": DIALECT, "title": title, **stable(msgspec.json.schema(kind))}
        found[f"{name}.schema.json"] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return found


def stable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return *schema* as each version of msgspec is to write it: null stands last, a description has no margin."""
    for key, value in schema.items():
        if key == "anyOf":
            value.sort(key=lambda each: each.get("type") == "null")
        elif key == "description" and isinstance(value, str):
            schema[key] = inspect.cleandoc(value)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                stable(each)
    return schema


def runnable(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield the commands by their whole names, such as ``migrations check``."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from runnable(command, f"{before}{name} ")
        elif command is not None:
            yield before + name, command


def commands() -> str:
    """Return docs/reference/cli.md."""
    found = dict(runnable(cli.cli))
    rows = [
        f"| [`schema-sync {name}`](#schema-sync-{name.replace(' ', '-')}) | {first(each)} |"
        for name, each in found.items()
    ]
    parts = [
        OF_COMMANDS,
        "# Commands",
        "`--help` behind a command shows the same, `schema-sync --version` the version. Further:"
        " [exit codes](exit-codes.md), [environment](environment.md), [how the project's folder is"
        " found](files.md#the-projects-folder).",
        "\n".join(["| command | does |", "|---|---|", *rows]),
        "## Options of most commands",
        "They stand before the command or behind it. `github`, `init`, `explain` and `demo` take them before only,"
        " `hook` takes none.",
        options(option for option in cli.cli.params if option.name in SHARED),
    ]
    for name, each in found.items():
        text = described(inspect.cleandoc(each.help or ""))
        own = options(option for option in each.params if option.name not in SHARED)
        parts += [f"## schema-sync {name}", f"```text\n{usage(name, each)}\n```", text]
        parts += [*([own] if own else []), *([f"More: {GUIDES[name]}."] if name in GUIDES else [])]
    return "\n\n".join(parts) + "\n"


def first(command: click.Command) -> str:
    """Return the first sentence of a command's help."""
    return described(inspect.cleandoc(command.help or "").split("\n\n")[0].partition(". ")[0].rstrip(".") + ".")


def usage(name: str, command: click.Command) -> str:
    """Return how a command is called."""
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    words = (argument.make_metavar(click.Context(command)) for argument in arguments)
    return " ".join(["schema-sync", name, "[OPTIONS]", *words])


def options(parameters: Iterable[click.Parameter]) -> str:
    """Return options as a table, empty without any."""
    rows = []
    for each in parameters:
        if isinstance(each, click.Option):
            names = ", ".join(f"`{name}{value(each)}`" for name in sorted(each.opts, key=len))
            sentences = filter(None, [described(each.help or "").strip(), choices(each), default(each)])
            rows.append(f"| {names} | {' '.join(sentences)} |")
    return "\n".join(["| option | |", "|---|---|", *rows]) if rows else ""


def value(option: click.Option) -> str:
    """Return what stands behind an option's name."""
    if option.is_flag:
        return ""
    word = "WORD" if isinstance(option.type, click.Choice) else option.type.name.upper().removesuffix(" RANGE")
    return f" {option.metavar or word}"


def choices(option: click.Option) -> str:
    """Return the words that an option takes, as a sentence."""
    if not isinstance(option.type, click.Choice):
        return ""
    *words, last = (f"`{word}`" for word in option.type.choices)
    return f"WORD is {', '.join(words)} or {last}."


def default(option: click.Option) -> str:
    """Return an option's default, where its help shows it."""
    return f"Default: `{option.default}`." if option.show_default else ""


def described(text: str) -> str:
    """Return a help text as Markdown; options, files, variables and what a user types become code."""
    parts = re.split(CODE, re.sub(r"\s*\[default: (\w+)\]", r" Default: \1.", text))
    parts[0::2] = [re.sub(r"[\\`*_<|\[\]]", lambda found: f"&#{ord(found[0])};", part) for part in parts[0::2]]
    parts[1::2] = [f"`{part}`" for part in parts[1::2]]
    return "".join(parts)


def keys() -> str:
    """Return docs/reference/configuration.md."""
    tables = [
        ("Paths", "paths", Paths, "[paths]"),
        ("Query wrappers", "query-wrappers", QueryWrapper, "[[query-wrappers]]"),
        ("Notifications", "notify", Notify, "[notify]"),
    ]
    parts = [
        OF_KEYS,
        "# Configuration",
        "The first of `--config FILE`, `schema-sync.toml`, `[tool.schema-sync]` in `pyproject.toml`, and"
        " `scripts/schema_sync_config.json`; others are named on stderr. `schema-sync init` writes one with"
        " comments. Keys are in kebab-case or snake_case. Unknown keys are errors. Secrets belong into the"
        " environment and are refused here. All paths are relative to [the project's"
        " folder](files.md#the-projects-folder). Patterns take `*`.",
        key_table(Config, "", leave_out={"paths", "notify"}),
    ]
    for title, name, kind, table in tables:
        parts += [f"## {title}", f"Under `{table}`. {inspect.getdoc(kind)}", key_table(kind, f"{name}.")]
    return "\n\n".join(parts) + "\n"


def key_table(kind: type[msgspec.Struct], prefix: str, leave_out: Iterable[str] = ()) -> str:
    """Return the keys of *kind* as a table."""
    texts = field_texts(kind)
    inherited = {each.name for each in msgspec.structs.fields(kind.__mro__[1])} if kind is Config else set[str]()
    rows = [
        f"| `{prefix}{each.encode_name}` | {type_words(each.type)}{default_value(each)} | {texts[each.name]} |"
        for each in sorted(msgspec.structs.fields(kind), key=lambda each: each.name in inherited)
        if each.name not in leave_out
    ]
    return "\n".join(["| key | value | |", "|---|---|---|", *rows])


def field_texts(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return the text below each field of a struct and of its bases."""
    found: dict[str, str] = {}
    for base in reversed([each for each in kind.__mro__ if each.__module__.startswith("schema_sync.")]):
        (node,) = ast.parse(inspect.getsource(base)).body
        body = node.body if isinstance(node, ast.ClassDef) else []
        for field, text in pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
                found[ast.unparse(field.target)] = " ".join(ast.literal_eval(text.value).split())
    return found


def type_words(kind: Any) -> str:
    """Return the type of a key in words."""
    parts = [part for part in get_args(kind) if part is not type(None)]
    if get_origin(kind) is Literal:
        *words, last = (f'`"{word}"`' for word in parts)
        return f"{', '.join(words)} or {last}"
    if get_origin(kind) is tuple:
        listed = {QueryWrapper: "tables", str: "texts"}.get(parts[0]) or type_words(parts[0])
        return f"list of {listed}"
    if get_origin(kind) is dict:
        return "table of texts"
    if parts:
        return " or ".join(type_words(part) for part in parts)
    return {str: "text", bool: "`true` or `false`", int: "number", float: "number"}[kind]


def default_value(field: msgspec.structs.FieldInfo) -> str:
    """Return the default of a key as TOML, behind its type; nothing where there is none, or the text tells it."""
    if field.default in {None, "", msgspec.NODEFAULT} or field.default_factory is not msgspec.NODEFAULT:
        return ""
    return f"; default `{json.dumps(field.default)}`"


def main() -> None:
    """Write all files and remove those that are no more."""
    here = Path(__file__).parent
    for name, written in (("rules", pages()), ("schemas", schemas())):
        write(here / name, written)
    (here / "reference").mkdir(exist_ok=True)
    for name, text in reference().items():
        (here / "reference" / name).write_text(text, encoding="utf-8")


def reference() -> dict[str, str]:
    """Return the generated pages of docs/reference by file name; the others there are written by hand."""
    return {"cli.md": commands(), "configuration.md": keys()}


def write(folder: Path, written: dict[str, str]) -> None:
    """Write the files of a folder."""
    folder.mkdir(exist_ok=True)
    for stale in folder.iterdir():
        if stale.name not in written:
            stale.unlink()
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

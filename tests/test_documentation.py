"""The documents are true: what they show runs, what exists is in them, what they link to is there."""

from __future__ import annotations

import re
import shlex
import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import msgspec
import pytest
import yaml

from schema_sync import cli, config
from schema_sync.rules.registry import DRIFT_RULES
from schema_sync.setup.doctor import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[1]
README = REPOSITORY / "README.md"
FRONT = REPOSITORY / "docs/SCHEMA_SYNC_README.md"
QUICKSTART = REPOSITORY / "SCHEMA_SYNC_QUICKSTART.md"
REFERENCE = REPOSITORY / "docs/reference"
FOR_USERS = [
    *(README, QUICKSTART, FRONT),
    *(
        path
        for name in ("guides", "reference", "explanation")
        for path in (REPOSITORY / "docs" / name).glob("*.md")
    ),
]
DOCUMENTS = [
    *REPOSITORY.glob("*.md"),
    *(REPOSITORY / "docs").rglob("*.md"),
    REPOSITORY / "examples/README.md",
]
NOT_RUN = {
    "pip install ": "it would change the environment of the tests",
    "export ": "the host is an example",
    "make demo": "schema-sync demo is run below",
    "make test": "it is what runs this",
}
DRIFT_MAY_SHOW = {"check", "update"}


class Shown(NamedTuple):
    """A command in a document, and the output that the document shows for it."""

    line: int
    command: str
    output: tuple[str, ...]


def examples(path: Path) -> list[Shown]:
    """The lines after ``$`` in the console blocks of a document, with what follows each."""
    found: list[Shown] = []
    for block in re.finditer(r"^( *)```console\n(.*?)^ *```$", path.read_text(), re.MULTILINE | re.DOTALL):
        start = path.read_text().count("\n", 0, block.start(2)) + 1
        for number, text in enumerate(textwrap.dedent(block[2]).splitlines(), start):
            if text.startswith("$ "):
                found.append(Shown(number, re.split(r"  +#", text[2:])[0].strip(), ()))
            else:
                last = found.pop()
                found.append(last._replace(output=(*last.output, text)))
    return found


def parts(shown: Shown) -> Iterator[str]:
    """What has to stand in the output: lines, less those that are a remark; ``…`` maps to any others."""
    lines = [text for text in shown.output if not text.startswith("(exit code ")]
    yield from (part.strip("\n") for part in "\n".join(lines).split("…") if part.strip())


SHOWING = [path for path in FOR_USERS if examples(path)]


def test_documents_show_commands() -> None:
    assert {README, QUICKSTART, FRONT} <= {*SHOWING}
    shown = [each.command for path in SHOWING for each in examples(path)]
    assert sum(command.startswith("schema-sync ") for command in shown) > 50


@pytest.mark.parametrize("path", SHOWING, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_what_is_shown_runs(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(REPOSITORY / "examples", tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path / "project")
    ran = 0
    for shown in examples(path):
        program, *arguments = shlex.split(shown.command)
        if program != "schema-sync":
            assert any(shown.command.startswith(known) for known in NOT_RUN), shown
            continue
        if arguments == ["init"]:  # shown for the reader's own project, which is not configured
            Path("schema-sync.toml").unlink()
        code = cli.run(arguments)
        out, err = capsys.readouterr()
        remark = next((text for text in shown.output if text.startswith("(exit code ")), None)
        expected = (
            {int(re.findall(r"\d+", remark)[0])} if remark else {0, 1} if DRIFT_MAY_SHOW & {*arguments} else {0}
        )
        assert code in expected, (shown, err)
        assert "Error" not in err, (shown, err)
        for part in parts(shown):
            assert part in out, shown
        ran += 1
    assert ran or path.name == "installing.md"


def test_what_is_not_run_is_still_shown() -> None:
    commands = [shown.command for path in SHOWING for shown in examples(path)]
    assert not [known for known in NOT_RUN if not any(command.startswith(known) for command in commands)]


def commands(group: click.Group, before: str = "") -> dict[str, click.Command]:
    """All commands by their whole names, such as ``migrations check``."""
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found |= (
            commands(command, f"{before}{name} ") if isinstance(command, click.Group) else {before + name: command}
        )
    return found


COMMANDS = commands(cli.cli)


def usage(name: str) -> str:
    """Return a command with its arguments, such as ``schema-sync explain RULE``."""
    command = COMMANDS[name]
    arguments = [p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)]
    return " ".join([f"schema-sync {name}", *arguments])


def options(command: click.Command) -> set[str]:
    return {max(p.opts, key=len) for p in command.params if isinstance(p, click.Option)}


def section(text: str, heading: str) -> str:
    """Return what stands below a heading, up to the next one of its level."""
    behind = text[text.index(f"\n{heading}\n") + 1 :]
    return re.split(r"^## ", behind, flags=re.MULTILINE)[1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    command = COMMANDS[name]
    described = section((REFERENCE / "cli.md").read_text(), f"## schema-sync {name}")
    assert usage(name).replace(f"schema-sync {name}", f"schema-sync {name} [OPTIONS]") in described
    for option in options(command) - options(cli.cli):
        assert re.search(rf"^\| .*`{option}[ `]", described, re.MULTILINE), f"{name} {option}"
    rows = [line for line in README.read_text().splitlines() if line.startswith(f"| `{usage(name)}` |")]
    assert len(rows) == 1, f"schema-sync {name} has no row"


def test_the_shared_options_are_documented() -> None:
    described = section((REFERENCE / "cli.md").read_text(), "## Options of most commands")
    for option in options(cli.cli) - {"--version"}:
        assert f"`{option}" in described
    assert "schema-sync --version" in (REFERENCE / "cli.md").read_text()


def test_what_shells_are_shown_has_options_that_exist() -> None:
    known = {option for command in COMMANDS.values() for option in options(command)} | options(cli.cli)
    found = 0
    for path in FOR_USERS:
        for block in re.findall(r"^ *```sh\n(.*?)^ *```$", path.read_text(), re.MULTILINE | re.DOTALL):
            for line in re.findall(r"(?:^|\s)schema-sync ([^|>\n]*)", block):
                found += 1
                given = {word.partition("=")[0] for word in line.split() if word.startswith("--")}
                assert given <= known, (path, line)
    assert found > 5


def test_no_document_names_a_command_that_does_not_exist() -> None:
    for path in DOCUMENTS:
        for name in re.findall(r"schema-sync ((?!-)[a-z]+)\b", path.read_text()):
            words = {"already", "yet"}  # prose: "configures schema-sync already"
            assert name in cli.MODULES or name in words, f"{path.name}: schema-sync {name}"


def test_every_rule_is_in_the_guide_with_its_severity() -> None:
    rows = [line for line in (REFERENCE / "rules.md").read_text().splitlines() if line.startswith("| [`")]
    for rule in DRIFT_RULES.values():
        (line,) = (line for line in rows if f"[`{rule.id}`](../rules/{rule.id}.md)" in line)
        assert rule.severity.name.lower() in line.split("|")[2]


def test_every_key_of_the_configuration_is_in_the_reference() -> None:
    described = (REFERENCE / "configuration.md").read_text()
    keys = [
        field.encode_name
        for field in msgspec.structs.fields(config.Config)
        if field.name not in {"paths", "notify"}
    ]
    keys += [f"paths.{field.encode_name}" for field in msgspec.structs.fields(config.Paths)]
    keys += [f"notify.{field.encode_name}" for field in msgspec.structs.fields(config.Notify)]
    for key in keys:
        (line,) = (line for line in described.splitlines() if line.startswith(f"| `{key}` |"))
        assert len(line.split("|")[3].split()) > 2, f"{key} has no description"


def test_every_variable_is_in_the_reference() -> None:
    described = (REFERENCE / "environment.md").read_text()
    assert not [name for name in VARIABLES if f"`{name}`" not in described]


@pytest.mark.parametrize("path", FOR_USERS, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_what_is_shown_as_configuration_is_one(path: Path, tmp_path: Path) -> None:
    for block in re.findall(r"^ *```toml\n(.*?)^ *```$", path.read_text(), re.MULTILINE | re.DOTALL):
        (tmp_path / "schema-sync.toml").write_text(textwrap.dedent(block))
        config.load(tmp_path)


def test_recipes_are_yaml_and_python() -> None:
    text = (REPOSITORY / "docs/guides/ci.md").read_text()
    blocks = re.findall(r"^```(yaml|python)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert {language for language, _ in blocks} == {"yaml", "python"}
    for language, block in blocks:
        assert yaml.safe_load(block) if language == "yaml" else compile(block, "recipe", "exec")


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        place, _, anchor = link.partition("#")
        target = (path.parent / place) if place else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_of_docs_is_linked() -> None:
    for path in (REPOSITORY / "docs").rglob("*.md"):
        linked = any(f"{path.name})" in other.read_text() for other in DOCUMENTS if other != path)
        assert linked, path


def test_the_front_page_leads_to_every_page_for_users() -> None:
    linked = re.findall(r"\]\(([^)#\s]+)", FRONT.read_text())
    pages = {path for path in FOR_USERS if path.parent.parent == FRONT.parent}
    assert len(pages) > 20
    assert not pages - {(FRONT.parent / link).resolve() for link in linked}


@pytest.mark.parametrize("path", [*(REPOSITORY / "docs/guides").glob("*.md")], ids=lambda path: path.name)
def test_a_guide_has_what_it_is_for_and_what_can_go_wrong(path: Path) -> None:
    if path.name != "troubleshooting.md":
        title, what, *_ = path.read_text().split("\n\n")
        assert title.startswith("# ")
        assert "**What you get:**" in what
        assert "What can go wrong" in path.read_text()

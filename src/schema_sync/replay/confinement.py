"""Confines the processes of the embedded server with Landlock, where Linux offers it.

A Landlock domain holds for the thread that enters it and for every process that this thread starts. So a thread
of its own enters the domain and starts the process; the rest of the program stays free. Authority: the Linux
kernel's documentation, "Landlock: unprivileged access control".
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

Process = subprocess.Popen[bytes]

_TCP_ABI = 4  # the first Landlock that can refuse TCP (Linux 6.7)
# What programs read of the system: libraries, the shell, time zones, names of users. No home folder is among them.
_SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/localtime"),
    *("/etc/ld.so.cache", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/dev/urandom"),
)


def confinement_offered() -> str:
    """Return what would confine the server here, or why nothing would, in a few words for the user."""
    if importlib.util.find_spec("landlockpy") is None:
        return "not confined: the package landlockpy is not installed (it is for Linux only)"
    with ThreadPoolExecutor(1) as thread:  # entering a domain is the only proof; the thread ends with it
        entered = thread.submit(_enter, Path(os.devnull), ()).result()
    if entered is None:
        return "not confined: this system does not offer Landlock"
    network = "no network" if entered >= _TCP_ABI else "network access is not limited before Linux 6.7"
    return f"confined by Landlock: writes in its own folder only, reads no home folder, {network}"


def start_confined(folder: Path, readable: Sequence[Path], start: Callable[[], Process]) -> Process:
    """Return the process that *start* starts, confined where the system offers it, else as it is.

    It may use no network, and signal no process outside. It may read and write in *folder*, which exists, and read
    and run what is *readable* or of the system.
    """

    def enter_and_start() -> Process:
        _enter(folder, readable)
        return start()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(enter_and_start).result()


def _enter(folder: Path, readable: Sequence[Path]) -> int | None:
    """Confine this thread for good; return Landlock's version, or None if there is no Landlock to use."""
    if importlib.util.find_spec("landlockpy") is None:
        return None
    from landlockpy import AccessFS, LandlockError, Ruleset, Scope

    read = AccessFS.READ_FILE | AccessFS.READ_DIR | AccessFS.EXECUTE
    scopes = Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL
    try:
        with Ruleset(scoped=scopes) as ruleset:
            for path in (*map(Path, _SYSTEM), *readable):
                if path.exists():
                    ruleset.allow_path(path, read if path.is_dir() else read & ~AccessFS.READ_DIR)
            ruleset.allow_path(os.devnull, AccessFS.READ_FILE | AccessFS.WRITE_FILE)
            if folder.is_dir():
                ruleset.allow_path(folder, ruleset.handled_fs)
            ruleset.restrict()
            return ruleset.abi_version
    except LandlockError:  # the kernel lacks it, or a container refuses the call
        return None

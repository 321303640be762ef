"""Where the programs start: a signal ends them with its code, 128 and its number, from the first import on.

While modules are imported there is nothing to clear up, and KeyboardInterrupt is no way out: an import may turn it
into another error. So a signal then ends the process at once. While the command runs it is raised, so that files
are put back and servers stopped. Authority: the Python library reference, "signal"; POSIX, "Exit Status for
Commands".
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import threading
import time
from functools import partial
from types import FrameType

if sys.platform == "win32":  # before what Windows does not have is imported or read (docs/decisions/windows.md)
    from schema_sync.errors import NOT_ON_WINDOWS

    print(NOT_ON_WINDOWS, file=sys.stderr)  # noqa: T201 - cli.streams cannot be imported there
    sys.exit(2)

_ENDING = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
}
_PAUSE_SECONDS = 0.05
_ours: set[int] = set()


def _start(module: str, command: str) -> None:
    _end_at_once()
    gc.disable()  # a command makes values that stay, and ends; who serves for long turns it on
    run = getattr(importlib.import_module(module), command)
    try:
        _raise()
        run()
    except KeyboardInterrupt:
        _leave(signal.SIGINT, None)
    finally:
        _end_at_once()  # what Python does at its end is not a part of the command
        gc.freeze()  # nor does it have to search for garbage then


main = partial(_start, "schema_sync.cli", "main")
sync_schema = partial(_start, "schema_sync.cli.scripts", "sync_schema")
mcp_schema_query = partial(_start, "schema_sync.cli.scripts", "mcp_schema_query")
query_db_schema = partial(_start, "schema_sync.cli.scripts", "query_db_schema")


def _end_at_once() -> None:
    """Have the signals end the process where it is; one that it was started to ignore stays ignored."""
    for number, default in _ENDING.items():
        if number in _ours or signal.getsignal(number) == default:
            _ours.add(number)
            signal.signal(number, _leave)


def _raise() -> None:
    """Have the signals raise what ends the command by way of its clean-up."""
    sys.unraisablehook = _send_again
    for number in _ours:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else _exit)


def _send_again(ignored: sys.UnraisableHookArgs) -> None:
    """Send a signal once more whose exception Python ignores: it came while an object was finalized."""
    error = ignored.exc_value
    code = error.code if isinstance(error, SystemExit) else 0
    number = signal.SIGINT if isinstance(error, KeyboardInterrupt) else code - 128 if isinstance(code, int) else 0
    if number not in _ours:
        sys.__unraisablehook__(ignored)
        return
    ready = threading.Event()
    threading.Thread(target=_send, args=(number, ready), daemon=True).start()
    ready.set()  # from here on: what is raised within this hook is ignored too


def _send(number: int, ready: threading.Event) -> None:
    ready.wait()
    time.sleep(_PAUSE_SECONDS)
    os.kill(os.getpid(), number)


def _leave(number: int, _frame: FrameType | None) -> None:
    os.write(2, b"Interrupted.\n")
    os._exit(128 + number)


def _exit(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)

"""Signals that wait while files are replaced: what has begun is put back, or completed, before they count.

Python raises KeyboardInterrupt between any two instructions, also between making a file and noting that it is to
be removed. So the signals that end a process are only noted while a change of files is under way; the writer asks
for them between two files. Authority: the Python library reference, "signal".
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_waiting: list[int] = []
_held = threading.local()


@contextmanager
def held_back() -> Generator[None]:
    """Hold back SIGINT, SIGTERM and SIGHUP in this block; one that came takes effect at its end.

    Handlers are the main thread's (and no KeyboardInterrupt is raised in another): elsewhere nothing is done. A
    signal that the process ignores stays ignored.
    """
    if threading.current_thread() is not threading.main_thread() or getattr(_held, "active", False):
        yield
        return
    former = {number: handler for number in _ENDING if (handler := signal.getsignal(number)) != signal.SIG_IGN}
    _waiting.clear()
    try:
        for number in former:
            signal.signal(number, lambda came, _: _waiting.append(came))
        _held.active = True
        yield
    finally:
        _held.active = False
        for number, handler in reversed(former.items()):  # SIGINT last: from then on this may be left at any time
            signal.signal(number, handler)
        if _waiting:
            signal.raise_signal(_waiting[0])


def raise_if_waiting() -> None:
    """Leave the block of ``held_back`` if a signal came.

    Raises:
        KeyboardInterrupt: if one came; the block's end lets it take effect.
    """
    if _waiting and getattr(_held, "active", False):
        raise KeyboardInterrupt

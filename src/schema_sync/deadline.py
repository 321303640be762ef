"""Calls that may never end, and are waited for until a deadline only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

Result = TypeVar("Result")


def started(call: Callable[[], Result]) -> Future[Result]:
    """Return what *call* will return or raise; it runs in a thread that the process does not wait for."""
    import threading
    from concurrent.futures import Future

    done: Future[Result] = Future()

    def work() -> None:
        try:
            result = call()
        except BaseException as error:  # noqa: BLE001  # it is raised by the one who waits
            done.set_exception(error)
        else:
            done.set_result(result)

    threading.Thread(target=work, daemon=True).start()
    return done


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """Return what *call* returns, or raise what it raises, after at most *seconds*.

    Raises:
        TimeoutError: if *call* is not done in time.
    """
    return started(call).result(max(0.0, seconds))

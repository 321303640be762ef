"""The channels: addresses in apprise's notation, from the environment only, for they hold secrets.

An address is never printed, nor what apprise logs of it: a channel goes by its number and its service's name.
Authority: https://github.com/caronc/apprise/wiki.
"""

from __future__ import annotations

import importlib
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schema_sync.notify.message import Message

VARIABLE = "SCHEMA_SYNC_NOTIFY_URLS"
INSTALL_HINT = "pip install 'supabase-schema-sync[notify]'"
PRINT = "print://"
SECONDS = 20  # for all channels together


class Sending(threading.Thread):
    """A message on its way to one channel; ``failure`` says what went wrong, empty where it arrived.

    A thread, because a server that trickles bytes outlasts any socket's timeout; a daemon, because the command
    does not wait for it.
    """

    def __init__(self, name: str, send: Callable[[], bool]) -> None:
        super().__init__(daemon=True)
        self.channel = name
        self.failure = f"no answer within {SECONDS} seconds"
        self._send = send

    def run(self) -> None:
        """Send, and keep what became of it."""
        try:
            sent = self._send()
        except Exception as error:  # noqa: BLE001 - of a library's 130 plug-ins; its words may hold the address
            self.failure = f"it failed with {type(error).__name__}"
        else:
            self.failure = "" if sent else "it was not reached, or refused the message"


def send(urls: str, message: Message, tell: Callable[[str], None]) -> tuple[int, list[str]]:
    """Send *message* to all channels at once.

    Args:
        urls: addresses with blanks or line ends between them; ``print://`` goes to *tell*.
        message: what to send.
        tell: takes the text for ``print://``.

    Returns:
        How many took it, and a line for each that did not; no line holds an address.
    """
    words = urls.split()
    printing = [word for word in words if word.startswith(PRINT)]
    for _ in printing:
        tell(f"{message.title}\n{message.body}")
    others = [(place, word) for place, word in enumerate(words, 1) if not word.startswith(PRINT)]
    failures: list[str] = []
    sendings: list[Sending] = []
    for one in _prepared(others, message) if others else ():
        if isinstance(one, Sending):
            one.start()
            sendings.append(one)
        else:
            failures.append(one)
    deadline = time.monotonic() + SECONDS
    for sending in sendings:
        sending.join(max(0.0, deadline - time.monotonic()))
    failures += [f"{sending.channel}: {sending.failure}" for sending in sendings if sending.failure]
    return len(printing) + sum(not sending.failure for sending in sendings), failures


def _prepared(addresses: list[tuple[int, str]], message: Message) -> Iterator[Sending | str]:
    """Yield a sending for each address, or why there is none."""
    try:
        apprise: Any = importlib.import_module("apprise")
    except ImportError:
        yield f"the package apprise is not installed: {INSTALL_HINT}"
        return
    logger = logging.getLogger("apprise")
    logger.handlers, logger.propagate = [logging.NullHandler()], False
    asset = apprise.AppriseAsset(secure_logging=True, app_id="schema-sync", app_desc="Schema Sync")
    for place, address in addresses:
        try:
            channel: Any = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
        except Exception as error:  # noqa: BLE001 - as above
            yield f"channel {place} of {VARIABLE}: apprise failed with {type(error).__name__}"
            continue
        if channel:
            name = f"channel {place} of {VARIABLE} ({channel.service_name})"
            yield Sending(name, _sender(apprise, asset, channel, message))
        else:
            yield f"channel {place} of {VARIABLE} is not an address that apprise knows"


def _sender(apprise: Any, asset: Any, channel: Any, message: Message) -> Callable[[], bool]:
    def sender() -> bool:
        sending: Any = apprise.Apprise(asset=asset)
        sending.add(channel)
        sent = sending.notify(body=message.body, title=message.title, notify_type=message.kind, body_format="text")
        return bool(sent)  # True, or since apprise 2 a result that is true where all went well

    return sender

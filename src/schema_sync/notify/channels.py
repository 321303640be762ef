"""The channels: addresses in apprise's notation, from the environment only, for they hold secrets.

An address is never printed, nor what apprise logs of it: a channel goes by its number and its service's name.
Authority: https://github.com/caronc/apprise/wiki.
"""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Any

from schema_sync.deadline import started
from schema_sync.notify.message import Message

VARIABLE = "SCHEMA_SYNC_NOTIFY_URLS"
INSTALL_HINT = "pip install 'supabase-schema-sync[notify]'"
PRINT = "print://"
SECONDS = 20  # for all channels together; a server that trickles bytes outlasts any socket's timeout


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
    others = [(place, word) for place, word in enumerate(words, 1) if not word.startswith(PRINT)]
    taken = len(words) - len(others)
    for _ in range(taken):
        tell(f"{message.title}\n{message.body}")
    begun = list(_begun(others, message)) if others else []
    until = time.monotonic() + SECONDS
    failures = [each for each in begun if isinstance(each, str)]
    for each in begun:
        if not isinstance(each, str):
            failure = _failure(each[1], until)
            taken += not failure
            failures += [f"{each[0]}: {failure}"] if failure else []
    return taken, failures


def _failure(sending: Future[bool], until: float) -> str:
    """Return what went wrong, empty where the message arrived."""
    try:
        sent = sending.result(max(0.0, until - time.monotonic()))
    except TimeoutError:
        return f"no answer within {SECONDS} seconds"
    except Exception as error:  # noqa: BLE001 - of a library's 130 plug-ins; its words may hold the address
        return f"it failed with {type(error).__name__}"
    return "" if sent else "it was not reached, or refused the message"


def _begun(addresses: list[tuple[int, str]], message: Message) -> Iterator[tuple[str, Future[bool]] | str]:
    """Yield the name of each channel with what is being sent to it, or why nothing is."""
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
            yield name, started(partial(_deliver, apprise, asset, channel, message))
        else:
            yield f"channel {place} of {VARIABLE} is not an address that apprise knows"


def _deliver(apprise: Any, asset: Any, channel: Any, message: Message) -> bool:
    sending: Any = apprise.Apprise(asset=asset)
    sending.add(channel)
    sent = sending.notify(body=message.body, title=message.title, notify_type=message.kind, body_format="text")
    return bool(sent)  # True, or since apprise 2 a result that is true where all went well

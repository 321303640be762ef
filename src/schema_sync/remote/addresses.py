"""Addresses of HTTP servers, as users and files give them."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from schema_sync.errors import UsageError


def checked_address(text: str, name: str) -> SplitResult:
    """Return the parts of an address of HTTP; *name* is what messages call it.

    Raises:
        UsageError: if it is none, or holds credentials; it is not repeated.
    """
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError as error:  # not repeated: it quotes the text
        raise UsageError(f"{name} is not an address") from error
    if not good or not text.isprintable() or " " in text:
        raise UsageError(f"{name} is not an address that begins with https:// or http://")
    if "@" in parts.netloc:
        raise UsageError(f"{name} holds a user or a password", hint="Set SUPABASE_ACCESS_TOKEN instead.")
    return parts


def host_of(address: str) -> str:
    """Return the host in *address*, empty where there is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Return whether *host* is this machine (RFC 6761 for names below localhost)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")

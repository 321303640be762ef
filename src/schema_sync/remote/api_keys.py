"""What kind of key of Supabase's API a text is, by its own words. Nothing is verified: it is for messages only.

Authority: Supabase's documentation, "Understanding API keys"; RFC 7519.
"""

from __future__ import annotations

import base64

import msgspec

SECRET, _PUBLISHABLE = "sb_secret_", "sb_publishable_"
_PUBLIC = {"anon": "the anon key", "publishable": "a publishable key"}
_PRIVATE = {"service_role": "the service_role key", "secret": "a secret key"}


class _Claims(msgspec.Struct):
    role: str = ""


def kind(key: str) -> str:
    """Return what *key* says it is (``the anon key``), empty where that is not known."""
    return (_PUBLIC | _PRIVATE).get(_word(key), "")


def public_kind(key: str) -> str:
    """Return what *key* says it is if it may be known to anybody, and so shows no schema; else empty."""
    return _PUBLIC.get(_word(key), "")


def _word(key: str) -> str:
    for prefix, word in ((SECRET, "secret"), (_PUBLISHABLE, "publishable")):
        if key.startswith(prefix):
            return word
    parts = key.split(".")
    if len(parts) != 3:  # noqa: PLR2004  # header, claims, signature
        return ""
    try:
        claims = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return msgspec.json.decode(claims, type=_Claims).role
    except (ValueError, RecursionError):  # binascii.Error and msgspec.MsgspecError are ValueErrors
        return ""

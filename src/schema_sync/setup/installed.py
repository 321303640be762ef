"""How others install the package that runs here: the release of its version, or the commit that it came from.

Authority: PyPA's "Recording the Direct URL Origin of installed distributions" (direct_url.json), and "Dependency
specifiers".
"""

from __future__ import annotations

from importlib import metadata

import msgspec

from schema_sync import __version__

NAME = "supabase-schema-sync"
RELEASE = f"=={__version__}"


class _Repository(msgspec.Struct, frozen=True):
    vcs: str
    commit_id: str


class _Origin(msgspec.Struct, frozen=True):
    """What installers record unless the package came from an index, without passwords; less what is not needed."""

    url: str
    vcs_info: _Repository | None = None


def _origin() -> _Origin | None:
    try:
        text = metadata.distribution(NAME).read_text("direct_url.json")
    except metadata.PackageNotFoundError:  # run from its source
        return None
    return msgspec.json.decode(text, type=_Origin) if text else None


def pin() -> str:
    """Return what follows the name and the extras in a requirement: ``==1.2.3``, or ``@ git+https://…@COMMIT``.

    A copy from a folder of this machine, which others do not reach, is pinned as the release of its version.
    """
    origin = _origin()
    if origin is None or origin.url.startswith("file:"):
        return RELEASE
    if origin.vcs_info is None:
        return f"@ {origin.url}"
    return f"@ {origin.vcs_info.vcs}+{origin.url}@{origin.vcs_info.commit_id}"


def is_from_a_folder() -> bool:
    """Return whether the package was installed from a folder or a file of this machine, not from an index."""
    origin = _origin()
    return origin is not None and origin.url.startswith("file:")

"""Compares the licences of all that the package installs, its extras included, with those that are accepted.

A licence is what a distribution states itself, the surest field first. Authority: PyPA's core metadata
specifications (License-Expression, License, Classifier).
"""

from __future__ import annotations

import sys
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PACKAGE = "supabase-schema-sync"
ACCEPTED = {
    *("0BSD", "Apache-2.0", "Apache-2.0 OR BSD-3-Clause", "Apache-2.0 OR MIT", "BSD-2-Clause", "BSD-3-Clause"),
    *("BSD License", "ISC", "MIT", "MIT-0", "MIT License", "PSF-2.0"),
    "LGPL-3.0-only",  # psycopg: a library that is imported, neither changed nor contained in the package
    "MPL-2.0",  # certifi: unchanged files
}


def installed(name: str, extras: frozenset[str], seen: dict[tuple[str, frozenset[str]], None]) -> set[str]:
    """Return the names of the distributions that *name* with *extras* requires here, directly or not."""
    if (name, extras) in seen:
        return set()
    seen[name, extras] = None
    found = {name}
    for text in metadata.requires(name) or ():
        needed = Requirement(text)
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            found |= installed(canonicalize_name(needed.name), frozenset(needed.extras), seen)
    return found


def licence(name: str) -> str:
    """Return what a distribution states as its licence, empty if nothing short."""
    document = metadata.metadata(name)
    stated = document.get("License-Expression") or document.get("License")
    if stated and "\n" not in stated:
        return stated
    classifiers = [each for each in document.get_all("Classifier") or () if each.startswith("License :: ")]
    return " AND ".join(each.split(" :: ")[-1] for each in classifiers)


def licences() -> dict[str, str]:
    """Return the licences of all that the package with all extras installs, by distribution."""
    return {name: licence(name) for name in sorted(installed(PACKAGE, frozenset({"all"}), {}))}


if __name__ == "__main__":
    refused = {name: stated for name, stated in licences().items() if stated not in ACCEPTED}
    if refused:
        sys.exit(f"Licences that are not accepted: {refused}")

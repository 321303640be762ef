"""Syntax that is newer than the Python which runs.

Authority: PEP 695, 696, 701, 750 and 758.
"""

from __future__ import annotations

import re
import sys

_NESTED = r"f-string: (?:expecting|unmatched)|unterminated|unexpected character after line continuation"
# By the line of the error and, where the line leaves it open, what the parser of an older Python says of it.
_FEATURES = (
    ((3, 13), "PEP 696", r"\s*(?:(?:async\s+)?(?:class|def)|type)\s+\w+\s*\[[^]]*=", ""),
    ((3, 12), "PEP 695", r"\s*(?:(?:async\s+)?(?:class|def)\s+\w+\s*\[|type\s+\w+\s*(?:\[|=|$))", ""),
    ((3, 12), "PEP 701", r"", r"f-string expression part cannot include"),
    ((3, 12), "PEP 701", r""".*\b[fF][rR]?(["']).*\{.*\1.*\}.*\1""", _NESTED),
    ((3, 14), "PEP 750", r""".*(?<!\w)(?:[tT][rR]?|[rR][tT])["']""", "invalid syntax"),
    ((3, 14), "PEP 758", r"\s*except\b[^(]*,", "multiple exception types must be parenthesized"),
)


def needed_python(line: str, message: str) -> str:
    """Return which Python a *line* needs for which the parser has *message*; empty if it may be wrong in any."""
    for version, pep, pattern, said in _FEATURES:
        if sys.version_info < version and re.match(pattern, line) and re.match(said, message):
            running = ".".join(map(str, sys.version_info[:2]))
            return f"needs Python {'.'.join(map(str, version))} or later ({pep}); this is Python {running}"
    return ""

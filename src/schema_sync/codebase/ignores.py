"""Comments that turn rules off: ``# schema-sync: ignore[unknown-column] reason``; all, without brackets."""

from __future__ import annotations

import io
import re
import tokenize

MARK = b"schema-sync:"
_IGNORE = r"#\s*schema-sync:\s*ignore(?:\[([^\]]*)\])?"


def ignores_in(text: str) -> tuple[tuple[int, str], ...]:
    """Return the lines of such comments in a file, each with a rule; ``*`` for all. The file is valid Python."""
    return tuple(
        (token.start[0], rule.strip())
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT and (mark := re.match(_IGNORE, token.string))
        for rule in (mark[1].split(",") if mark[1] else ["*"])
    )

r"""What psql reads in a script and PostgreSQL does not: commands that begin with a backslash, the rows of COPY.

Dumps carry both (``\restrict`` since August 2025). Both are blanked out, so that what is left keeps its lines and
columns. Authority: PostgreSQL manual, "psql", "COPY" and "Lexical Structure".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from schema_sync.errors import MigrationError
from schema_sync.postgres.sql_lexer import Token, next_token

_COMMAND_NAME = re.compile(r"\w+|.?", re.DOTALL)
_COPY_END = re.compile(r"^\\\.[ \t\r]*$", re.MULTILINE)
_NEEDED = re.compile(r"\\|\bstdin\b", re.IGNORECASE)
_NOT_LINE_ENDS = re.compile(r"[^\n\r]")
# These decide what is run: to skip them would read another schema than the author's.
_DECIDING = {"i", "include", "ir", "include_relative", "if", "elif", "else", "endif", "gexec"}
_SENDING = {"g", "gx", "gset", "gdesc", ";", "crosstabview"}  # they end a statement


@dataclass(slots=True)
class _Script:
    text: str
    path: str
    pieces: list[str] = field(default_factory=list[str])
    copied: int = 0
    commands: dict[str, int] = field(default_factory=dict[str, int])
    rows: list[int] = field(default_factory=list[int])

    def line(self, place: int) -> int:
        return self.text.count("\n", 0, place) + 1

    def blank(self, start: int, end: int, instead: str = "") -> None:
        """Leave out the text from *start* to *end*, but for its line ends."""
        self.pieces += [self.text[self.copied : start], instead]
        self.pieces.append(_NOT_LINE_ENDS.sub(" ", self.text[start + len(instead) : end]))
        self.copied = end

    def notes(self) -> tuple[str, ...]:
        found: list[str] = []
        if self.commands:
            words = ", ".join(f"\\{name} (line {line})" for name, line in self.commands.items())
            found.append(f"{self.path}: commands of psql are skipped: {words}")
        if self.rows:
            lines = ", ".join(map(str, self.rows))
            found.append(f"{self.path}: the rows of COPY … FROM stdin are skipped (line {lines})")
        return tuple(found)


def plain_sql(text: str, path: str) -> tuple[str, tuple[str, ...]]:
    r"""Return the script *text* without what only psql understands, blanked out, and notes on what that was.

    Raises:
        MigrationError: if a command decides what is run (``\i``, ``\if`` …), or the rows of a COPY do not end.
    """
    if not _NEEDED.search(text):
        return text, ()
    script = _Script(text, path)
    words: list[str] = []
    start = place = 0  # of the statement; of the scan
    while token := next_token(text, place):
        place = token.end
        if token.kind == "word":
            start = start if words else token.start
            words.append(text[token.start : token.end].lower())
        elif token.kind == "command":
            place = _command(script, token)
        elif token.kind == "end":
            if words[:1] == ["copy"] and ("from", "stdin") in pairwise(words):
                place = _rows(script, start, token.end)
            words = []
    return "".join([*script.pieces, text[script.copied :]]), script.notes()


def _command(script: _Script, token: Token) -> int:
    r"""Blank out a command, up to the end of its line; return where the scan goes on."""
    _, start, end = token
    matched = _COMMAND_NAME.match(script.text, start + 1)
    name = matched[0] if matched else ""
    if name in _DECIDING:
        raise MigrationError(
            f"the command \\{name} of psql decides what is run, and is not followed",
            path=script.path,
            line=script.line(start),
            statement=script.text[start:end],
            hint="Write into the migration what it stands for.",
        )
    if name == ";":
        end = start + 2
    else:
        script.commands.setdefault(name, script.line(start))
    script.blank(start, end, ";" if name in _SENDING else "")
    return end


def _rows(script: _Script, start: int, end: int) -> int:
    """Blank out a COPY that ends at *end* with its rows; return the place after them."""
    last = _COPY_END.search(script.text, end)
    if last is None:
        raise MigrationError(
            "the rows of COPY … FROM stdin do not end",
            path=script.path,
            line=script.line(start),
            statement=" ".join(script.text[start:end].split()),
            hint=r"End them with a line that holds \. and nothing else.",
        )
    script.rows.append(script.line(start))
    script.blank(start, last.end())
    return last.end()

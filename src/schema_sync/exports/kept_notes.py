"""How our pages are told from those that a person made, and how the notes in them are kept."""

from __future__ import annotations

BEGIN, END = "<!-- notes:begin -->", "<!-- notes:end -->"
MARK = "<!-- Written by schema-sync docs. Changes outside of the notes at the end are lost. -->"


def is_ours(content: bytes) -> bool:
    """Return whether a file is a page that we wrote: its first line shows that."""
    return content.split(b"\n", 1)[0].rstrip(b"\r") == MARK.encode()


def notes(content: bytes) -> bytes | None:
    """Return what a person wrote between the marks of our page; None where these are not there once each."""
    lines = content.splitlines(keepends=True)
    places = [[i for i, line in enumerate(lines) if line.strip() == mark.encode()] for mark in (BEGIN, END)]
    if [len(found) for found in places] != [1, 1] or places[0] > places[1]:
        return None
    return b"".join(lines[places[0][0] + 1 : places[1][0]])


def page(lines: list[str], kept: bytes) -> bytes:
    """Return the content of a page, with the notes that were in it."""
    head = "\n".join([MARK, "", *lines, "", BEGIN, ""]).encode("utf-8", "backslashreplace")
    return head + kept + f"{END}\n".encode()

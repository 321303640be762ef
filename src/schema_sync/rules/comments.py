"""Comments of the database against those in the code."""

from __future__ import annotations

from collections.abc import Iterator

from schema_sync.model.pairs import CommentPair
from schema_sync.rules.findings import Fault, named


def mismatch(pair: CommentPair) -> Iterator[Fault]:
    """Yield the fault of a comment that differs."""
    declared = pair.declared
    says = "does not carry the comment on" if pair.expected else "carries a comment that is gone from"
    what = named(pair.target) if pair.column is None else f"column {pair.column} of {named(pair.target)}"
    kept = "" if pair.edit else " Another text stands there, which is kept: change it by hand."
    yield Fault(
        column=pair.column,
        facts=(("comment", pair.expected),),
        message=f"{declared.name} {says} {what}.{kept}",
        detail="comment" if pair.column is not None else "Comment: " + ("differs" if pair.expected else "gone"),
        at=pair.at,
        edits=(pair.edit,) if pair.edit else (),
    )

"""Comments of the database against those in the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import SetDoc, SetItemComment
from schema_sync.rules.findings import finding, named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.edits import Edit
    from schema_sync.model.findings import Finding, Rule
    from schema_sync.model.pairs import CommentPair


def mismatch(rule: Rule, pair: CommentPair) -> Iterator[Finding]:
    """Yield the finding for a comment that differs."""
    declared = pair.declared
    says = "does not carry the comment on" if pair.expected else "carries a comment that is gone from"
    what = named(pair.target) if pair.key is None else f"column {pair.column} of {named(pair.target)}"
    kept = "" if pair.known else " Another text stands there, which is kept: change it by hand."
    yield finding(
        rule,
        pair.target,
        declared,
        column=pair.column,
        change="modified",
        facts=(("comment", pair.expected),),
        message=f"{declared.name} {says} {what}.{kept}",
        detail="comment" if pair.key is not None else "Comment: " + ("differs" if pair.expected else "gone"),
        impact="none",
        at=pair.at,
        edits=(_edit(pair),) if pair.known else (),
    )


def _edit(pair: CommentPair) -> Edit:
    path, name = pair.declared.at.path, pair.declared.name
    if pair.key is not None:
        return SetItemComment(path=path, declaration=name, key=pair.key, comment=pair.expected)
    return SetDoc(
        path=path, declaration=name, head=pair.head, marker=pair.marker, comment=pair.expected, tail=pair.tail
    )

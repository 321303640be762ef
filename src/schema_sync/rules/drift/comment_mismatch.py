"""A class does not carry the comment that the database has, or carries one that it has no more.

Only with `comments = true`. The comment of a table, view or enum type stands in the docstring behind the marker
line, that of a column above its item in lines that begin with `#:`. Text that a person wrote is kept: what stands
in these places and is neither the comment nor the one of the last sync (as `schema_lock.json` has it) is reported,
and left alone.

Default severity: low. Fix: `update` writes the comment, or takes away one that is gone.

Facts: `comment`, as the database has it.

Example:
    With `comments = true`, a migration says what a table is for:

        comment on table users is 'People who can sign in.';
        comment on column users.mail is 'Where we write to.';

    The class does not:

        class UserRow(TypedDict):
            id: int
            mail: str  # checked

    After `update`:

        class UserRow(TypedDict):
            \"\"\"Table: public.users

            People who can sign in.
            \"\"\"

            id: int
            #: Where we write to.
            mail: str  # checked

Comments in the functional form of a TypedDict are written for the class alone, not for its items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import SetDoc, SetItemComment
from schema_sync.model.findings import CommentRule, Finding, Severity
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.edits import Edit
    from schema_sync.model.pairs import CommentPair


def check(pair: CommentPair) -> Iterator[Finding]:
    """Yield the finding for a comment that differs."""
    declared = pair.declared
    path, name = declared.at.path, declared.name
    edit: Edit
    if pair.key is not None:
        edit = SetItemComment(path=path, declaration=name, key=pair.key, comment=pair.expected)
        what = f"column {pair.column} of {named(pair.target)}"
    else:
        edit = SetDoc(
            path=path,
            declaration=name,
            head=pair.head,
            marker=pair.marker,
            comment=pair.expected,
            tail=pair.tail,
        )
        what = named(pair.target)
    says = "does not carry the comment on" if pair.expected else "carries a comment that is gone from"
    kept = "" if pair.known else " Another text stands there, which is kept: change it by hand."
    yield Finding(
        rule=RULE.id,
        subject=subject(pair.target, column=pair.column),
        change="modified",
        facts=(("comment", pair.expected),),
        message=f"{name} {says} {what}.{kept}",
        detail="comment" if pair.key is not None else "Comment: " + ("differs" if pair.expected else "gone"),
        impact="none",
        severity=RULE.severity,
        declaration=name,
        at=pair.at,
        edits=(edit,) if pair.known else (),
    )


RULE = CommentRule(id="comment-mismatch", severity=Severity.LOW, check=check)

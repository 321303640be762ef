"""An argument of a function has no item in the class for its arguments.

Where the argument has no default, every call that follows the class fails; else the code cannot give it.

Default severity: high where the argument has no default, else low. Fix: `update` adds the item, NotRequired where
the argument has a default. A type checker then shows the calls that have to give it.

Facts: `type`, the annotation that is missing; `database_type`; `required`, whether a call must give it.

Example:
    A migration adds an argument (`functions = ["score"]`):

        drop function score(text);
        create function score(word text, lang text, top integer default 5) returns integer
        language sql as $$ select 1 $$;

    The class has not heard of it:

        class ScoreArgs(TypedDict):
            \"\"\"Function: public.score(text)\"\"\"

            word: str

    After `update`:

        class ScoreArgs(TypedDict):
            \"\"\"Function: public.score(text)\"\"\"

            word: str
            lang: str
            top: NotRequired[int]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.declarations import RowDeclaration
from schema_sync.model.edits import AddItem
from schema_sync.model.findings import Finding, FunctionRule, Severity
from schema_sync.rules.findings import subject
from schema_sync.rules.undeclared import argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import ExpectedItem, FunctionPair


def check(pair: FunctionPair) -> Iterator[Finding]:
    """Yield a finding for each argument without an item."""
    for part in pair.parts:
        before: str | None = None
        for each in part.items:
            if each.expected is not None and isinstance(part.declared, RowDeclaration):
                if each.declared is None:
                    yield _finding(pair, part.declared, each.expected, before)
                before = each.expected.key


def _finding(pair: FunctionPair, declared: RowDeclaration, expected: ExpectedItem, before: str | None) -> Finding:
    annotation = argument(expected)
    writable = declared.form == "functional" or expected.in_class
    edit = AddItem(
        path=declared.at.path, declaration=declared.name, key=expected.key, type=annotation, after=before
    )
    message = f"{declared.name} does not declare argument {expected.key} ({expected.database_type})."
    if not writable:
        message += " Its name cannot stand in a class: write the functional form, TypedDict('…', {…})."
    return Finding(
        rule=RULE.id,
        subject=subject(pair.target, argument=expected.key),
        change="added",
        facts=(
            ("type", str(annotation)),
            ("database_type", expected.database_type),
            ("required", expected.given),
        ),
        message=message,
        impact="writes" if expected.given else "none",
        severity=RULE.severity if expected.given else Severity.LOW,
        declaration=declared.name,
        at=declared.at,
        edits=(edit,) if writable else (),
    )


RULE = FunctionRule(id="argument-undeclared", severity=Severity.HIGH, check=check)

"""A class or alias stands for a function that is not in the database.

Every call fails. Only a marker ties a class to a function, by its name and the types of its arguments. Where these
are those of no function but only one has the name, that one is meant.

Default severity: critical. Fix: none until `update --prune`, which removes the class unless the scanned code still
uses it; then it names the places.

Facts: `class`, the name of the class or alias.

Example:
    A migration drops a function that `functions` names:

        drop function score(text);

    The class still stands for it:

        class ScoreArgs(TypedDict):
            \"\"\"Function: public.score(text)\"\"\"

            word: str

    After `update --prune` the class is gone.

Silence it: where the class is to live on as the application's own, take the marker off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import RemoveDeclaration
from schema_sync.model.findings import Finding, FunctionRule, Severity
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import FunctionPair


def check(pair: FunctionPair) -> Iterator[Finding]:
    """Yield a finding for each class of a function that is gone."""
    if pair.expected is not None:
        return
    for part in pair.parts:
        declared = part.declared
        yield Finding(
            rule=RULE.id,
            subject=subject(pair.target),
            change="removed",
            facts=(("class", declared.name),),
            message=f"{declared.name} stands for {named(pair.target)}, which is not in the database.",
            impact="both",
            severity=RULE.severity,
            declaration=declared.name,
            at=declared.at,
            edits=(RemoveDeclaration(path=declared.at.path, declaration=declared.name),),
        )


RULE = FunctionRule(id="function-removed", severity=Severity.CRITICAL, check=check)

"""An item of an arguments class names an argument that the function does not have.

A call that gives it fails: no function of that name takes it.

Default severity: critical. Fix: none until `update --prune`, which removes the item. Change the calls first: a
type checker finds them once the item is gone.

Facts: `type`, the item's annotation.

Example:
    A migration takes an argument away (`functions = ["score"]`):

        drop function score(text, text);
        create function score(word text) returns integer language sql as $$ select 1 $$;

    The class still declares it:

        class ScoreArgs(TypedDict):
            \"\"\"Function: public.score(text, text)\"\"\"

            word: str
            lang: str

    After `update --prune`:

        class ScoreArgs(TypedDict):
            \"\"\"Function: public.score(text, text)\"\"\"

            word: str
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import RemoveItem
from schema_sync.model.findings import Finding, FunctionRule, Severity
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import FunctionPair


def check(pair: FunctionPair) -> Iterator[Finding]:
    """Yield a finding for each item without an argument."""
    for part in pair.parts:
        declared = part.declared
        for each in part.items:
            item = each.declared
            if item is None or each.expected is not None:
                continue
            edit = RemoveItem(path=declared.at.path, declaration=declared.name, key=item.key)
            yield Finding(
                rule=RULE.id,
                subject=subject(pair.target, argument=item.key),
                change="removed",
                facts=(("type", str(item.type)),),
                message=f"{declared.name} declares {item.key}, but {named(pair.target)} has no such argument.",
                impact="writes",
                severity=RULE.severity,
                declaration=declared.name,
                at=item.at,
                edits=() if item.inherited else (edit,),
            )


RULE = FunctionRule(id="argument-removed", severity=Severity.CRITICAL, check=check)

"""An alias does not fit what its function returns.

Judged as `column-type-mismatch` judges columns: a type may admit none of what comes, refuse some of it, or admit
what never comes. A result of rows has to name the class of the same relation or function. None beside the type is
left alone: a function may return null at any time.

Default severity: high; medium where the type is too narrow, low where it is only too wide.

Fix: `update` replaces the type and keeps Optional around it. The columns of rows that a function makes up itself
are judged by the rules on columns.

Facts: `declared` and `expected`, the types less None; `fit`; `database_type`.

Example:
    A migration makes a function return a number instead of text (`functions = ["score"]`):

        drop function score();
        create function score() returns integer language sql as $$ select 1 $$;

    The alias still says text:

        ScoreResult: TypeAlias = Optional[str]
        \"\"\"Result: public.score()\"\"\"

    After `update`:

        ScoreResult: TypeAlias = Optional[int]
        \"\"\"Result: public.score()\"\"\"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.declarations import ResultDeclaration
from schema_sync.model.edits import SetResultType
from schema_sync.model.findings import Finding, FunctionRule, Severity
from schema_sync.rules.findings import named, subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import FunctionPair


_SEVERITIES = {"narrow": Severity.MEDIUM, "wide": Severity.LOW}


def check(pair: FunctionPair) -> Iterator[Finding]:
    """Yield a finding for each alias whose type does not fit the result."""
    if pair.expected is None:
        return
    expected = pair.expected.result
    for part in pair.parts:
        declared = part.declared
        if not isinstance(declared, ResultDeclaration) or part.fit == "same":
            continue
        was, becomes = str(declared.type.without_none), str(expected.type)
        wide = part.fit == "wide"
        yield Finding(
            rule=RULE.id,
            subject=subject(pair.target),
            change="modified",
            facts=(
                ("declared", was),
                ("expected", becomes),
                ("fit", part.fit),
                ("database_type", expected.database_type),
            ),
            message=(
                f"{declared.name} is {was}, but {named(pair.target)} returns {expected.database_type}:"
                f" expected {becomes}."
            ),
            detail=f"Result: {was} → {becomes}",
            impact="none" if wide else "reads",
            severity=_SEVERITIES.get(part.fit, RULE.severity),
            declaration=declared.name,
            at=declared.at,
            edits=(SetResultType(path=declared.at.path, declaration=declared.name, type=expected.type),),
        )


RULE = FunctionRule(id="function-result-mismatch", severity=Severity.HIGH, check=check)

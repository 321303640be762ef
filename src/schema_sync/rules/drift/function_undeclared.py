"""No classes declare the arguments and the result of a function of the database.

A misspelt or missing argument of `.rpc()` shows at run time only, and what comes back has no type. Only
functions that `functions` names are looked at; what cannot be called by names is listed as not checked.

Default severity: low. Fix: `update` writes what is missing of: a TypedDict for the arguments, a TypedDict for the
rows of a function with OUT or TABLE columns, an alias for the whole result; safe.

Facts: `signature`, the types of the arguments; `missing`, the names of what would be written.

Example:
    A migration makes a function, and the configuration says `functions = ["search_*"]`:

        create function search_notes(query text, max_rows integer default 10)
        returns table (id integer, title text) language sql as $$ select 1, query $$;

    After `update` there are types for it, with markers that tie them to the function:

        class SearchNotesArgs(TypedDict):
            \"\"\"Function: public.search_notes(text, integer)\"\"\"

            query: str
            max_rows: NotRequired[int]


        class SearchNotesResultRow(TypedDict):
            \"\"\"Result: public.search_notes(text, integer)\"\"\"

            id: Optional[int]
            title: Optional[str]


        SearchNotesResult: TypeAlias = list[SearchNotesResultRow]
        \"\"\"Result: public.search_notes(text, integer)\"\"\"

Silence it for a function that the code never calls: leave it out of `functions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_sync.model.edits import AddResult, AddRow, NewItem
from schema_sync.model.findings import Finding, FunctionRule, Severity
from schema_sync.rules.findings import named, subject
from schema_sync.rules.undeclared import argument, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schema_sync.model.pairs import ExpectedFunction, FunctionPair, NewPart


def check(pair: FunctionPair) -> Iterator[Finding]:
    """Yield the finding where the arguments, the rows or the result of the function have no class."""
    expected, target = pair.expected, pair.target
    if expected is None or not expected.missing:
        return
    names = tuple(part.class_name for part in expected.missing)
    yield Finding(
        rule=RULE.id,
        subject=subject(target),
        change="modified" if pair.parts else "added",
        facts=(("signature", target.marker.partition(": ")[2]), ("missing", names)),
        message=f"Nothing declares {', '.join(names)} of {named(target)}.",
        detail=f"Undeclared: {', '.join(names)}",
        impact="none",
        severity=RULE.severity,
        at=target.home,
        edits=tuple(_edit(expected, part) for part in expected.missing),
    )


def _edit(expected: ExpectedFunction, part: NewPart) -> AddRow | AddResult:
    path, name, marker = expected.target.path, part.class_name, part.marker
    if part.role == "result":
        return AddResult(path=path, declaration=name, marker=marker, type=expected.result.type)
    if part.role == "rows":
        items = [NewItem(key=column.key, type=written(column)) for column in expected.columns]
    else:
        items = [NewItem(key=each.key, type=argument(each)) for each in expected.arguments]
    return AddRow(path=path, declaration=name, marker=marker, items=tuple(items))


RULE = FunctionRule(id="function-undeclared", severity=Severity.LOW, check=check)

"""Where queries use the objects that findings are about."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from schema_sync.model.faults import Mentioned, QueryFault
from schema_sync.queries.string_places import span_of
from schema_sync.rules.queries import use_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schema_sync.compare.query_names import Checked
    from schema_sync.model.findings import Finding, QueryUse, Subject
    from schema_sync.model.queries import QueryFiles

_ABSENT = frozenset({"no_table", "no_column", "no_function", "no_argument"})
_KEY = "key_not_selected"  # the column may exist, but the row that is read lacks it
_Placed = TypeVar("_Placed", bound=Mentioned)


def placed(found: _Placed, files: QueryFiles) -> _Placed:
    """Return a fault or a mention with the exact span of its name."""
    span = span_of(found.place, files.lines[found.query.path])
    return replace(found, place=replace(found.place, span=span))


def uses_in(checked: Checked) -> Iterator[Mentioned]:
    """Yield what mentions a table, a column, a function or an argument, whether it exists or not."""
    yield from checked.mentioned
    yield from (fault for fault in checked.faults if fault.kind in _ABSENT or fault.kind == _KEY)


def is_absent(mention: Mentioned) -> bool:
    """Return whether what is mentioned does not exist."""
    return isinstance(mention, QueryFault) and mention.kind in _ABSENT


def with_uses(findings: Iterable[Finding], checked: Checked, files: QueryFiles) -> tuple[Finding, ...]:
    """Return *findings* with the places where queries use what each is about, a column's former name included."""
    by_name: dict[tuple[str, str], list[Mentioned]] = defaultdict(list)
    for each in uses_in(checked):
        by_name[f"{each.schema}.{each.name}", each.part].append(each)
    return tuple(replace(f, uses=_uses(f, by_name, files)) if by_name else f for f in findings)


def _uses(
    finding: Finding, by_name: dict[tuple[str, str], list[Mentioned]], files: QueryFiles
) -> tuple[QueryUse, ...]:
    subject, former = finding.subject, finding.fact("renamed_from")
    names = [(str(subject), subject.column or subject.argument or "")]
    if isinstance(former, str):
        names.append((str(subject), former) if subject.part else (former, ""))
    found = (each for name in names for each in by_name.get(name, ()))
    uses = {(use.path, use.line, use.column): use for use in (use_of(placed(each, files)) for each in found)}
    return tuple(uses[place] for place in sorted(uses))


def mentioned_first(subjects: Iterable[Subject], checked: Checked) -> tuple[Subject, ...]:
    """Return *subjects* in their order, but first those that queries mention."""
    mentioned = {(each.schema, each.name) for each in checked.mentioned}
    return tuple(sorted(subjects, key=lambda each: (each.schema, each.name) not in mentioned))

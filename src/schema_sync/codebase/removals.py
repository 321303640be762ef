"""What a removal drags along: listings are cleared with it, uses forbid it."""

from __future__ import annotations

from collections.abc import Iterable

from schema_sync.errors import WriteError
from schema_sync.model.declarations import Codebase, Use
from schema_sync.model.edits import Edit, RemoveDeclaration, RemoveImport, RemoveMember

_SHOWN = 5


def clearing(edits: Iterable[Edit], codebase: Codebase, *, force: bool) -> list[Edit]:
    """Return the edits that clear the re-exports of the classes which *edits* remove.

    Raises:
        WriteError: if, without *force*, the scanned code still uses a class or a member that goes; the
            message names the places.
    """
    removed = {f"{e.path}:{e.declaration}" for e in edits if isinstance(e, RemoveDeclaration)}
    labels = {(f"{e.path}:{e.declaration}", e.label) for e in edits if isinstance(e, RemoveMember)}
    members = {
        (enum.id, member.name)
        for enum in codebase.enums
        for member in enum.members
        if (enum.id, member.value) in labels
    }
    concerned = [u for u in codebase.uses if u.declaration in removed or (u.declaration, u.member) in members]
    uses = [use for use in concerned if not use.listing and removed.isdisjoint(use.within)]
    if uses and not force:
        raise WriteError(
            _refusal(uses), hint="Change that code first, or run update --prune --force. Nothing was changed."
        )
    found = (
        RemoveImport(path=use.at.path, declaration=use.declaration.rpartition(":")[2])
        for use in concerned
        if use.listing and use.at.path != use.declaration.rpartition(":")[0]
    )
    return list(dict.fromkeys(found))


def _refusal(uses: list[Use]) -> str:
    names = ", ".join(dict.fromkeys(_name(use) for use in uses))
    places = [f"  {use.at} ({_name(use)})" for use in uses[:_SHOWN]]
    places += [f"  … and {len(uses) - _SHOWN} more"] if len(uses) > _SHOWN else []
    return "\n".join([f"{names} cannot be removed, the code still uses it:", *places])


def _name(use: Use) -> str:
    name = use.declaration.rpartition(":")[2]
    return f"{name}.{use.member}" if use.member else name

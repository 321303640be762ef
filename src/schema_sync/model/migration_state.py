"""Which migrations of the repository a database has: by what Supabase's CLI records there."""

from __future__ import annotations

from schema_sync.model.base import Value


class Recorded(Value, frozen=True, kw_only=True):
    """What a database records of applied migrations.

    Attributes:
        versions: the versions, as the names of their files begin.
        why: why they are not known; empty where they are.
    """

    versions: tuple[str, ...] = ()
    why: str = ""


class MigrationState(Value, frozen=True, kw_only=True):
    """The migrations of the repository beside those that the database records.

    Attributes:
        folder: where the files are, relative to the project.
        files: how many there are.
        pending: the names of those that the database does not record, in order.
        unknown: the versions that it records and no file has.
        why: why nothing of this is known; empty where it is.
        late: whether one of the pending is older than one that is recorded.
    """

    folder: str
    files: int
    pending: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    why: str = ""
    late: bool = False

    @property
    def push(self) -> str:
        """The command of Supabase's CLI that applies the pending ones."""
        return "supabase db push --include-all" if self.late else "supabase db push"

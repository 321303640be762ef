"""The rows of ``catalog_queries.details_query`` as values; the same for every source that runs SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from schema_sync.errors import SourceError
from schema_sync.model.details import Details
from schema_sync.postgres.schema_changes import SchemaChangedError


def build_details(rows: Sequence[Sequence[Any]]) -> Details:
    """Return the details in *rows*: of each part its name, and an array of objects.

    Raises:
        SchemaChangedError: if they are of a schema that changed while it was read.
        SourceError: if they are not what was asked for.
    """
    try:
        return msgspec.convert({part: found for part, found in rows}, Details)  # noqa: C416  # rows are any sequences
    except (msgspec.ValidationError, ValueError, TypeError) as error:
        if str(error).startswith("Expected `str`, got `null`"):  # the server deparses nothing of what is gone
            raise SchemaChangedError("an object whose text was wanted is gone") from error
        raise SourceError(f"the answer is not the rows that were asked for: {error}") from error

"""The answer to ``queries.details_query`` as values; the same for every door that runs SQL."""

from __future__ import annotations

import msgspec

from schema_sync.errors import SourceError
from schema_sync.model.details import Details
from schema_sync.postgres.json_paging import Rows
from schema_sync.postgres.schema_changes import SchemaChangedError


def build_details(answer: Rows) -> Details:
    """Return the details in *answer*, a row of JSON for each part.

    Raises:
        SchemaChangedError: if it is of a schema that changed while it was read.
        SourceError: if it is not what was asked for.
    """
    try:
        return msgspec.convert(dict(answer.rows), Details)
    except (msgspec.ValidationError, ValueError, TypeError) as error:
        if str(error).startswith("Expected `str`, got `null`"):  # the server deparses nothing of what is gone
            raise SchemaChangedError("an object whose text was wanted is gone") from error
        raise SourceError(f"the answer is not the rows that were asked for: {error}") from error

"""Reads stored documents back into their contracts."""

from __future__ import annotations

from typing import TypeVar

from pydantic import ValidationError

from nightdesk.archive.errors import DocumentUnreadable
from schemas.base import Contract

C = TypeVar("C", bound=Contract)


def load(model: type[C], document: str) -> C:
    """Return the model that `document` holds.  Raises DocumentUnreadable, naming field and model."""
    try:
        return model.model_validate_json(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise DocumentUnreadable(
            f"a stored {model.__name__.lower()} does not fit its contract at {where}: {first['msg']}",
            hint="it was written by another version of Nightdesk, or changed by hand; "
            f"its first characters are {document[:80]!r}",
        ) from None

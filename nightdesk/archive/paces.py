"""Paces: how many reports each storyline gets, as documents that the alert stage owns."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select

from nightdesk.archive.statements import insert_or_update
from nightdesk.archive.tables import paces

_LOAD = select(paces.c.document).where(paces.c.storyline == bindparam("of"))
_SAVE = insert_or_update(paces)


def load(conn: Connection, storyline: str) -> str | None:
    """Return the document of a storyline's pace; None where it has none yet."""
    found: str | None = conn.execute(_LOAD, {"of": storyline}).scalar()
    return found


def save(conn: Connection, documents: Mapping[str, str]) -> None:
    """Store storyline -> document.  That one worker owns a storyline is the mark's to ensure."""
    rows = [{"storyline": name, "document": document} for name, document in documents.items()]
    _SAVE.run(conn, rows)

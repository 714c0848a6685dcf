"""Memory: one checkpoint a storyline of what `decide` remembers, saved with the batch that changed it."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from nightdesk.archive.statements import insert_or_update
from nightdesk.archive.tables import memory

_LOAD = select(memory.c.version, memory.c.payload).where(memory.c.storyline == bindparam("of"))
_SAVE = insert_or_update(memory)


def load(conn: Connection, storyline: str) -> tuple[int, bytes] | None:
    """Return (version, payload) of a storyline's memory; None where it has none yet."""
    row = conn.execute(_LOAD, {"of": storyline}).one_or_none()
    return None if row is None else (int(row[0]), bytes(row[1]))


def save(conn: Connection, storyline: str, version: int, payload: bytes) -> None:
    """Replace a storyline's memory.  That one worker owns it is the mark's to ensure."""
    _SAVE.run(conn, [{"storyline": storyline, "version": version, "payload": payload}])

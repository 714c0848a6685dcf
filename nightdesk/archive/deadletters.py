"""Dead letters: messages that a stage could not use, whole, until somebody looks and retries them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from nightdesk.archive.documents import load
from nightdesk.archive.statements import insert_new
from nightdesk.archive.tables import dead_letters
from schemas.deadletter import DeadLetter, DeadLetterReason

_BURY = insert_new(dead_letters)
_LIST = (
    select(dead_letters.c.document)
    .order_by(dead_letters.c.died_at.desc(), dead_letters.c.id)
    .limit(bindparam("most"))
)
_GET = select(dead_letters.c.document).where(dead_letters.c.id == bindparam("of_id"))
_RETRIED = (
    update(dead_letters)
    .where(dead_letters.c.id == bindparam("of_id"), dead_letters.c.retried_at.is_(None))
    .values(retried_at=bindparam("at"))
)
_COUNTS = (
    select(dead_letters.c.stage, dead_letters.c.reason, func.count())
    .where(dead_letters.c.retried_at.is_(None))
    .group_by(dead_letters.c.stage, dead_letters.c.reason)
)


def bury(conn: Connection, letters: Sequence[DeadLetter]) -> None:
    """Store dead letters; one that is known already stays as it is."""
    _BURY.run(
        conn,
        [
            {
                "id": letter.id,
                "stage": letter.stage,
                "reason": letter.reason.value,
                "topic": letter.topic,
                "partition": letter.partition,
                "offset": letter.offset,
                "died_at": letter.died_at,
                "retried_at": None,
                "document": letter.model_dump_json(),
            }
            for letter in letters
        ],
    )


def list_letters(
    conn: Connection,
    *,
    stage: str | None = None,
    reason: DeadLetterReason | None = None,
    limit: int,
    include_retried: bool = False,
) -> list[DeadLetter]:
    """Return dead letters, last died first: of one stage, for one reason, if asked."""
    statement = _LIST
    if stage is not None:
        statement = statement.where(dead_letters.c.stage == stage)
    if reason is not None:
        statement = statement.where(dead_letters.c.reason == reason.value)
    if not include_retried:
        statement = statement.where(dead_letters.c.retried_at.is_(None))
    rows = conn.execute(statement, {"most": limit}).scalars()
    return [load(DeadLetter, document) for document in rows]


def get(conn: Connection, letter_id: str) -> DeadLetter | None:
    """Return one dead letter; None where it is not known."""
    document = conn.execute(_GET, {"of_id": letter_id}).scalar()
    return load(DeadLetter, document) if document else None


def mark_retried(conn: Connection, letter_id: str, now: datetime) -> bool:
    """Note that a dead letter is sent again at `now`; False where it is not known, or was sent before."""
    return bool(conn.execute(_RETRIED, {"of_id": letter_id, "at": now}).rowcount)


def counts(conn: Connection) -> dict[tuple[str, DeadLetterReason], int]:
    """Return (stage, reason) -> how many wait to be looked at."""
    rows = conn.execute(_COUNTS)
    return {(stage, DeadLetterReason(reason)): int(n) for stage, reason, n in rows}

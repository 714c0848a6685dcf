"""Tokens: by their hash alone, with what they allow, until when, and when they were used last.

A token that was revoked stays, so that the audit log can be read for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from nightdesk.access.scopes import is_feed
from nightdesk.access.tokens import Minted, is_same
from nightdesk.archive.tables import api_tokens as table

USED_EVERY = timedelta(minutes=1)
"""How often a token's last use is written, at most."""

_ADD = insert(table)
_BY_HASH = select(table).where(table.c.hash == bindparam("of_hash"))
_BY_ID = select(table).where(table.c.id == bindparam("of_id"))
_ALL = select(table).order_by(table.c.created_at, table.c.id)
_USED = (
    update(table)
    .where(
        table.c.id == bindparam("of_id"),
        or_(table.c.used_at.is_(None), table.c.used_at <= bindparam("before")),
    )
    .values(used_at=bindparam("now"))
)
_REVOKE = (
    update(table)
    .where(table.c.id == bindparam("of_id"), table.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_IN_FORCE = (
    select(table.c.scopes)
    .where(
        table.c.revoked_at.is_(None),
        or_(table.c.expires_at.is_(None), table.c.expires_at > bindparam("now")),
    )
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token: never the token itself."""

    id: str
    name: str
    scopes: tuple[str, ...]
    author: str
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether it opens anything at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def used_lately(self, now: datetime) -> bool:
        """Whether its last use need not be written again."""
        return self.used_at is not None and now - self.used_at < USED_EVERY


def add(conn: Connection, minted: Minted, token: Token) -> None:
    """Store a fresh token."""
    conn.execute(
        _ADD,
        {
            "id": token.id,
            "name": token.name,
            "hash": minted.hash,
            "scopes": " ".join(token.scopes),
            "author": token.author,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            "used_at": None,
            "revoked_at": None,
        },
    )


def by_hash(conn: Connection, given: str) -> Token | None:
    """Return the token of that hash, in force or not; None where there is none."""
    row = conn.execute(_BY_HASH, {"of_hash": given}).one_or_none()
    return _token(row) if row is not None and is_same(row.hash, given) else None


def by_id(conn: Connection, id_: str) -> Token | None:
    """Return the token of that id, in force or not; None where there is none."""
    row = conn.execute(_BY_ID, {"of_id": id_}).one_or_none()
    return _token(row) if row is not None else None


def every(conn: Connection) -> list[Token]:
    """Return all tokens, oldest first."""
    return [_token(row) for row in conn.execute(_ALL)]


def revoke(conn: Connection, token: str, now: datetime) -> bool:
    """Put a token out of force for good; False where it was already."""
    return bool(conn.execute(_REVOKE, {"of_id": token, "now": now}).rowcount)


def note_used(conn: Connection, token: str, now: datetime) -> None:
    """Note that a token was used, unless that was noted within a minute."""
    conn.execute(_USED, {"of_id": token, "now": now, "before": now - USED_EVERY})


def any_in_force(conn: Connection, now: datetime) -> bool:
    """Tell whether a token is in force that opens more than a feed."""
    return any(
        not is_feed(scopes.split()) for scopes in conn.execute(_IN_FORCE, {"now": now}).scalars()
    )


def _token(row: object) -> Token:
    values = row._mapping  # type: ignore[attr-defined]
    return Token(
        id=values["id"],
        name=values["name"],
        scopes=tuple(values["scopes"].split()),
        author=values["author"],
        created_at=values["created_at"],
        expires_at=values["expires_at"],
        used_at=values["used_at"],
        revoked_at=values["revoked_at"],
    )

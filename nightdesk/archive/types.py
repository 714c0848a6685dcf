"""Column types that behave alike on SQLite and PostgreSQL, and the folding of long keys.

Times go in with any zone and come out in UTC.  Words that others wrote go in without what a database
refuses: PostgreSQL takes no NUL, neither takes lone surrogates.  Documents are JSON, in which both
stand escaped, and are stored as they are.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

LONGEST_KEY = 400
"""Characters of a key that are indexed as they are.  PostgreSQL's index rows end at 2,704 bytes."""

Serial = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit number that SQLite can count up by itself: there only INTEGER aliases the row's id."""


class UtcTime(TypeDecorator[datetime]):
    """A moment: any zone in, UTC out, microseconds kept.  Raises ValueError for a time without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value!r}")
        value = value.astimezone(UTC)
        # SQLite keeps text: without an offset, and always in UTC, it sorts as the times do.
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text that others wrote: NUL and lone surrogates become U+FFFD or `?` on the way in."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> str | None:
        return None if value is None else clean(value)


def digest(key: str) -> bytes:
    """Return 16 bytes of BLAKE2b over `key`: equal keys, equal bytes, however long they are.

    Among 10^9 keys the chance of one collision is below 10^-20.
    """
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def clean(text: str) -> str:
    """Return `text` as every database can hold it."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def fold(key: str) -> str:
    """Return `key` cleaned and, where it is longer than `LONGEST_KEY`, with its tail hashed (SHA-256).

    A publisher may give a guid or URL of any length; as a key it must fit into an index.
    """
    if len(key) <= LONGEST_KEY:
        return clean(key)
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{clean(key[: LONGEST_KEY - 65])}#{digest}"

"""Tokens for tests."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from nightdesk.access.tokens import mint
from nightdesk.archive import Archive, tokens
from nightdesk.archive.tokens import Token

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


def make_token(
    archive: Archive,
    scope: str = "read",
    *,
    name: str | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Put a token into the archive and return it."""
    minted = mint(secrets.token_bytes)
    token = Token(minted.id, name or scope, (scope,), "test", LONG_AGO, expires_at)
    with archive.begin() as connection:
        tokens.add(connection, minted, token)
    return minted.secret

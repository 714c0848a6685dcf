"""Secrets of receivers: read by a function that is passed in; a missing one is a failure that may pass."""

from __future__ import annotations

from collections.abc import Callable

from nightdesk.delivery.errors import SecretUnavailable
from nightdesk.errors import NightdeskError
from schemas.secret import Secret

Secrets = Callable[[Secret, str], str]
"""Returns what a secret holds; the second parameter says whose it is.  Raises NightdeskError."""


def reveal(secrets: Secrets, secret: Secret, whose: str) -> str:
    """Return what `secret` holds.  Raises SecretUnavailable: once it is there, the delivery goes out."""
    try:
        return secrets(secret, whose)
    except NightdeskError as error:
        raise SecretUnavailable(error.message, hint=error.hint) from error

"""Tokens: how one is made, recognised by its looks, and kept as a hash.

A token is 32 random bytes, so that a plain SHA-256 is enough: there is nothing to guess that a slow hash
would protect.  The prefix lets scanners of leaked secrets know one when they see it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field

PREFIX = "nightdesk_"
BYTES = 32
_LOOKS = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")

Random = Callable[[int], bytes]
"""Returns so many random bytes, fit for secrets."""


@dataclass(frozen=True, slots=True)
class Minted:
    """A fresh token: `secret` is shown once, `hash` is kept."""

    id: str
    secret: str = field(repr=False)
    hash: str = field(repr=False)


def mint(random: Random) -> Minted:
    """Return a token that nobody has seen yet."""
    secret = PREFIX + base64.urlsafe_b64encode(random(BYTES)).decode().rstrip("=")
    return Minted(f"token-{random(6).hex()}", secret, digest(secret))


def looks_right(text: str) -> bool:
    """Tell whether `text` could be a token: what could not is not looked up."""
    return _LOOKS.fullmatch(text) is not None


def digest(secret: str) -> str:
    """Return the hash under which a token is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_same(found: str, given: str) -> bool:
    """Compare two hashes in a time that tells nothing of where they differ."""
    return hmac.compare_digest(found, given)

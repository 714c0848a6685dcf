"""Scopes: what a token allows.  `read` < `write` < `admin`; `feed:<subscription>` opens one feed and nothing
else, since its token stands in the address that a feed reader keeps.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal, get_args

Scope = Literal["read", "write", "admin"]

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
"""In rising order: each allows what those before it do."""

_FEED = "feed:"


def feed_scope(subscription: str) -> str:
    """Return the scope that opens the feeds of one subscription."""
    return _FEED + subscription


def is_feed(scopes: Collection[str]) -> bool:
    """Tell whether they open feeds alone."""
    return all(scope.startswith(_FEED) for scope in scopes)


def allows(scopes: Collection[str], needed: Scope) -> bool:
    """Tell whether one of `scopes` is `needed`, or more."""
    return any(scope in scopes for scope in SCOPES[SCOPES.index(needed) :])


def allows_feed(scopes: Collection[str], subscription: str) -> bool:
    """Tell whether `scopes` open the feeds of a subscription."""
    return feed_scope(subscription) in scopes or allows(scopes, "read")

"""The health of a feed, as a closed list of words: it labels a metric and stands in every listing."""

from __future__ import annotations

from enum import StrEnum


class FeedHealth(StrEnum):
    """How the last poll of a feed went.

    `frozen` is not a failure: the feed fetches fine, yet brings nothing new beyond its own cadence.
    """

    NEVER_POLLED = "never_polled"
    OK = "ok"
    UNCHANGED = "unchanged"
    EMPTY = "empty"
    FROZEN = "frozen"
    DNS = "dns"
    TLS = "tls"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    HTTP_ERROR = "http_error"
    RATE_LIMITED = "rate_limited"
    GONE = "gone"
    BOT_WALL = "bot_wall"
    NOT_A_FEED = "not_a_feed"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    INTERNAL = "internal"

    @property
    def is_failure(self) -> bool:
        """True where the poll brought no document that could be used."""
        return self not in _FINE

    @property
    def words(self) -> str:
        """How people say it, where no more is known than this."""
        return _WORDS.get(self, self.value.replace("_", " "))


def words_of(health: str) -> str:
    """Return how people say what the archive keeps of a health, also where it is of another version."""
    try:
        return FeedHealth(health).words
    except ValueError:
        return health.replace("_", " ")


_WORDS = {
    FeedHealth.DNS: "DNS",
    FeedHealth.TLS: "TLS",
    FeedHealth.HTTP_ERROR: "HTTP error",
    FeedHealth.GONE: "HTTP 410",
    FeedHealth.REFUSED: "refused by policy",
}
_FINE = frozenset(
    {
        FeedHealth.NEVER_POLLED,
        FeedHealth.OK,
        FeedHealth.UNCHANGED,
        FeedHealth.EMPTY,
        FeedHealth.FROZEN,
    }
)

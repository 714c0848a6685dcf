"""What can go wrong with a feed, each with its health, a sentence in plain words and a hint.

FeedError (nightdesk.errors)
└── PollError             carries `health`
    ├── DnsError          the name does not resolve
    ├── TlsError          the secure connection is refused or not to be trusted
    ├── FeedTimeout       not done within the feed's own timeout
    ├── ConnectionLost    refused, cut, or no proper HTTP
    ├── HttpError         a status that means no (carries `status`)
    │   ├── Gone          410: the publisher took it away
    │   ├── RateLimited   429 or 503 (carries `retry_after`)
    │   └── TooManyRedirects  a loop, or a chain beyond the bound
    ├── AddressRefused    an address or a scheme that may not be fetched
    │   └── NeverFetched  one that may not be, whatever is allowed
    ├── AccessMissing     a secret that cannot be read, or is no header
    ├── TooLarge          beyond the feed's own `max_bytes`
    ├── NotAFeed          an answer that no feed reader can use
    │   ├── EmptyBody     an answer without a body
    │   └── BotWall       a page that wants to see a browser (names the wall)
    └── FeedBroke         a fault of ours: nothing else fits
"""

from __future__ import annotations

from datetime import timedelta

from nightdesk.errors import FeedError
from nightdesk.feeds.discovery import Advertised
from nightdesk.feeds.health import FeedHealth
from nightdesk.feeds.parsed import ListedSitemap


class PollError(FeedError):
    """Base of all errors of a poll.  `health` names the kind, for metrics and listings."""

    health: FeedHealth = FeedHealth.INTERNAL

    @property
    def words(self) -> str:
        """The health as people say it: `DNS`, `HTTP 404`, `bot wall (Cloudflare)`."""
        return self.health.words


class DnsError(PollError):
    """The host's name does not resolve."""

    health = FeedHealth.DNS

    def __init__(self, host: str, detail: str) -> None:
        super().__init__(
            f"The name {host!r} does not resolve: {detail}.",
            hint="check the spelling of the feed's URL, and that this machine has a working DNS",
        )


class TlsError(PollError):
    """The secure connection failed: certificate, name or protocol."""

    health = FeedHealth.TLS

    def __init__(self, host: str, detail: str) -> None:
        super().__init__(
            f"No secure connection to {host!r}: {detail}.",
            hint="open the URL in a browser; an expired or foreign certificate is the publisher's to mend",
        )


class FeedTimeout(PollError):
    """The poll was not done in time; a slow drip counts too."""

    health = FeedHealth.TIMEOUT

    def __init__(self, host: str, seconds: float) -> None:
        super().__init__(
            f"{host!r} did not finish within {seconds:g} s.",
            hint="raise the feed's `timeout` if the server is slow but honest",
        )


class ConnectionLost(PollError):
    """No connection, a cut one, or bytes that are not proper HTTP."""

    health = FeedHealth.CONNECTION

    def __init__(self, host: str, detail: str) -> None:
        super().__init__(
            f"The connection to {host!r} failed: {detail}.",
            hint="usually passes by itself; if it stays, check that the server is up and the port is right",
        )


class HttpError(PollError):
    """The server answered with a status that means no."""

    health = FeedHealth.HTTP_ERROR

    def __init__(self, host: str, status: int, *, message: str = "", hint: str = "") -> None:
        super().__init__(
            message or f"{host!r} answered HTTP {status}.",
            hint=hint or _hint_for(status),
        )
        self.status = status

    @property
    def words(self) -> str:
        """The status."""
        return f"HTTP {self.status}"


class Gone(HttpError):
    """410: the publisher says that the feed is gone for good."""

    health = FeedHealth.GONE

    def __init__(self, host: str) -> None:
        super().__init__(
            host,
            410,
            message=f"{host!r} says that this feed is gone (HTTP 410).",
            hint="look for the publisher's new feed and change the URL, or set `enabled: false`",
        )


class RateLimited(HttpError):
    """The server asks for patience.  `retry_after` is its own wish, bounded, or None."""

    health = FeedHealth.RATE_LIMITED

    def __init__(self, host: str, status: int, retry_after: timedelta | None) -> None:
        wait = f", and to come back in {retry_after.total_seconds():.0f} s" if retry_after else ""
        super().__init__(
            host,
            status,
            message=f"{host!r} asks for patience (HTTP {status}{wait}).",
            hint="it is polled again when it said; a longer `interval` keeps it content",
        )
        self.retry_after = retry_after


class TooManyRedirects(HttpError):
    """Redirects that do not end.  `status` is that of the last."""

    def __init__(self, host: str, bound: int, status: int = 302) -> None:
        super().__init__(
            host,
            status,
            message=f"{host!r} redirects in a circle, or more than {bound} times.",
            hint="open the URL in a browser and declare the address where it ends",
        )


NO_URL_HINT = "declare the http:// or https:// URL of the feed itself"


class AddressRefused(PollError):
    """An address that Nightdesk does not go to: private, local, or not http(s)."""

    health = FeedHealth.REFUSED

    def __init__(self, where: str, why: str, *, hint: str = "") -> None:
        super().__init__(
            f"Refused to fetch {where}: {why}.",
            hint=hint
            or "if this feed really lives on your own network, set `allow_private: true` on it",
        )


class NeverFetched(AddressRefused):
    """An address that Nightdesk goes to for nobody: link-local, or where clouds keep their metadata."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(
            where, why, hint="nothing is ever fetched from there; look who redirects to it"
        )


class AccessMissing(PollError):
    """What the feed's definition gives to be let in cannot be used: it says what, never the secret itself."""

    health = FeedHealth.REFUSED

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(
            f"The access to this feed cannot be used: {what.rstrip('.')}.",
            hint=hint or "look at the feed's `access`, and at the variable or file that it names",
        )


class TooLarge(PollError):
    """The body, unpacked, is larger than the feed's own bound."""

    health = FeedHealth.TOO_LARGE

    def __init__(self, host: str, max_bytes: int) -> None:
        super().__init__(
            f"{host!r} sends more than {max_bytes:,} bytes.",
            hint="raise the feed's `max_bytes` if the feed is honest, else tell its publisher",
        )


class NotAFeed(PollError):
    """The answer is no feed of any format that Nightdesk reads.  `advertised` are feeds that it names,
    `sitemaps` those that it lists."""

    health = FeedHealth.NOT_A_FEED

    def __init__(
        self,
        what: str,
        *,
        hint: str = "",
        advertised: tuple[Advertised, ...] = (),
        sitemaps: tuple[ListedSitemap, ...] = (),
    ) -> None:
        if advertised and not hint:
            hint = f"the page advertises {', '.join(one.url for one in advertised[:3])}"
        super().__init__(
            f"Not a feed: {what}.",
            hint=hint or "check that the URL is the feed itself, not the page that advertises it",
        )
        self.advertised, self.sitemaps = advertised, sitemaps


class EmptyBody(NotAFeed):
    """An answer that says success and holds nothing."""

    health = FeedHealth.EMPTY

    def __init__(self) -> None:
        super().__init__(
            "the body is empty", hint="usually passes by itself; tell the publisher if not"
        )


class BotWall(NotAFeed):
    """A page that wants proof of a human.  `wall` names its maker where it can be told, `retry_after` is the
    wish for patience that may come with it."""

    health = FeedHealth.BOT_WALL

    def __init__(self, wall: str, retry_after: timedelta | None = None) -> None:
        super().__init__(
            f"a bot wall ({wall})",
            hint="ask the publisher to let feed readers through; a longer `interval` sometimes helps",
        )
        self.wall = wall
        self.retry_after = retry_after

    @property
    def words(self) -> str:
        """The wall, with its name."""
        return f"{self.health.words} ({self.wall})"


class FeedBroke(PollError):
    """A fault inside Nightdesk while it worked on this feed.  The feed is tried again."""

    health = FeedHealth.INTERNAL

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"Nightdesk itself failed on this feed: {detail}.",
            hint="please report it, with the feed's URL",
        )


def _hint_for(status: int) -> str:
    if status in {401, 407}:
        return "this feed wants a login, which its definition does not give"
    if status == 403:
        return "the server turns us away; ask the publisher to let feed readers through"
    if status == 404:
        return "the feed has moved or never was there: look for its new URL on the publisher's page"
    if status >= 500:
        return "the server is unwell; it is tried again by itself"
    return "open the URL in a browser to see what the server wants"

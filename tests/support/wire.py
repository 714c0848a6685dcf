"""A feed with a hub: polled and pushed at moments of a test's choosing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from nightdesk.archive import accounts
from nightdesk.archive.engine import Archive
from nightdesk.feeds.fetched import Fetched
from nightdesk.feeds.poll import read
from nightdesk.feeds.websub.subscription import HubState, HubSubscription
from nightdesk.pipeline import push
from nightdesk.pipeline.poll import Claim, Concluded, claim, conclude_poll, next_polls
from schemas import Feed
from tests.support.feedserver import rss

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FEED = Feed(id="wire", url="https://wire.example/rss", source="The Wire")
HUB = '<link rel="hub" href="https://hub.example/" xmlns="http://www.w3.org/2005/Atom"/>'
FERRY, BRIDGE, TUNNEL = (
    (name, f"https://wire.example/{name}") for name in ("ferry", "bridge", "tunnel")
)


class Wire:
    """One feed, polled and pushed at moments of the test's choosing."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        numbers = count()
        self.callbacks = push.Callbacks(
            "https://desk.example", NOON - DAY, lambda: f"secret-{next(numbers)}"
        )
        self.feed = FEED

    def claim(self, now: datetime, *, pushed: bool = False) -> Claim:
        found = claim(self.archive, self.feed, "worker", now, pushed=pushed)
        assert isinstance(found, Claim)
        return found

    def bring(self, body: bytes, now: datetime, *, pushed: bool = False) -> Concluded:
        claimed = self.claim(now, pushed=pushed)
        fetched = Fetched(200, FEED.url, body, body_hash=str(hash(body)))
        found = read(self.feed, claimed.state, fetched, now=now, pushed=pushed)
        return conclude_poll(
            self.archive,
            claimed,
            fetched,
            found,
            callbacks=self.callbacks,
            pushed=pushed,
            now=now,
            jitter=0.0,
        )

    @property
    def subscription(self) -> HubSubscription | None:
        return push.subscriptions(self.archive).get("wire")

    def state(self) -> HubState | None:
        found = self.subscription
        return found.state if found else None

    def due(self) -> datetime:
        found = next_polls(self.archive)["wire"].at
        assert found is not None
        return found

    def totals(self) -> dict[str, dict[str, int]]:
        with self.archive.read() as connection:
            return accounts.totals(connection)

    def subscribe(self, now: datetime = NOON) -> HubSubscription:
        """Poll the feed, ask the hub, and have it ask back."""
        self.bring(rss(FERRY, extra=HUB), now)
        begun = push.begin_asking(self.archive, "wire", now=now, jitter=0.0)
        assert begun is not None
        asked, mode = begun
        assert mode == "subscribe"
        query = {"hub.mode": mode, "hub.topic": asked.topic, "hub.challenge": "c"}
        it, said = push.answer(self.archive, asked.token, query, now=now, jitter=0.0)
        assert (said.status, said.text) == (200, "c")
        assert it is not None
        return it


def dated(name: str, when: datetime) -> bytes:
    stamp = when.strftime("%a, %d %b %Y %H:%M:%S +0000")
    item = f"<item><title>{name}</title><guid>{name}</guid><pubDate>{stamp}</pubDate></item>"
    return f'<rss version="2.0"><channel><title>A</title>{HUB}{item}</channel></rss>'.encode()

"""The subscriber on real sockets and with a clock that is set: a lease over weeks, a push that is lost."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import brotli
import pytest
import zstandard
from prometheus_client import generate_latest

from agents.poll import Poller
from agents.runtime import Runtime
from agents.websub import Subscriber
from nightdesk.archive import feeds, outbox
from nightdesk.archive.outbox import Outgoing
from nightdesk.clock import SettableClock
from nightdesk.feeds.websub.subscription import HubState, HubSubscription
from nightdesk.pipeline import push
from nightdesk.pipeline.poll import claim, give_back, next_polls
from nightdesk.settings import Settings
from nightdesk.web.app import create_app
from nightdesk.web.dependencies import WebDependencies
from nightdesk.web.server import WebServer, own_hosts
from schemas import Feed
from tests.support.hub import Hub
from tests.support.waiting import until

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


def pack(encoding: str, body: bytes) -> bytes:
    return PACKED[encoding](body)


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Post:
    """A courier that keeps what it is given."""

    alone = True

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def send(self, rows: list[tuple[int, Outgoing]]) -> None:
        self.sent += [message for _, message in rows]


class Desk:
    """A poller, a subscriber and the web server of one worker; nothing runs unless the test says so."""

    def __init__(self, runtime: Runtime, hub: Hub, clock: SettableClock) -> None:
        self.runtime, self.hub, self.clock = runtime, hub, clock
        self.post: Any = Post()
        canary: Any = SimpleNamespace(owned=lambda: frozenset({0}))
        app: Any = SimpleNamespace()
        self.poller = Poller(app, runtime, self.post, canary)
        self.subscriber = Subscriber(runtime, self.poller)
        self.feed = Feed(id="wire", url=hub.topic, source="The Wire", allow_private=True)

    def know(self, *feeds: Feed) -> None:
        self.poller._feeds = {feed.id: feed for feed in feeds}
        self.poller.knows_feeds = True

    async def poll(self) -> None:
        await self.poller._poll(self.feed)

    @property
    def subscription(self) -> HubSubscription:
        return push.subscriptions(self.runtime.archive)["wire"]

    async def subscribe(self) -> HubSubscription:
        await self.poll()
        self.clock.advance(timedelta(seconds=2))
        await self.subscriber._ask("wire")
        await until(lambda: self.hub.subscribed)
        return self.subscription

    async def push(self, **how: Any) -> list[int]:
        return await asyncio.to_thread(lambda: self.hub.push(**how))

    async def taken(self) -> None:
        await until(lambda: not self.subscriber._intake._tasks)

    def titles(self) -> list[str]:
        return [message.key for message in self.post.sent]

    def counted(self, outcome: str) -> float:
        name = "nightdesk_websub_pushes_total"
        return self.runtime.registry.get_sample_value(name, {"outcome": outcome}) or 0.0

    def due(self) -> datetime:
        due = next_polls(self.runtime.archive)["wire"].at
        assert due is not None
        return due


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        for number in range(3):
            hub.publish(f"old {number}", NOON - (9 - number) * HOUR)
        yield hub


@pytest.fixture
async def desk(tmp_path: Path, hub: Hub) -> AsyncIterator[Desk]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(
        state_dir=tmp_path, public_url=f"http://127.0.0.1:{port}", host_spacing=timedelta(0)
    )
    clock = SettableClock(NOON)
    runtime = Runtime(settings, clock=clock)
    desk = Desk(runtime, hub, clock)
    deps = WebDependencies(
        archive=runtime.archive,
        registry=runtime.registry,
        clock=clock,
        in_thread=runtime.in_reading,
        parts=lambda: [],
        waits_for=lambda: [],
        hosts=own_hosts("127.0.0.1"),
        pushes=desk.subscriber,
    )
    server = WebServer(create_app(deps), host="127.0.0.1", port=port)
    await server.start()
    await desk.poller.on_start()
    desk.know(desk.feed)
    yield desk
    await desk.subscriber.on_stop()
    await desk.poller.on_stop()
    await server.stop()
    runtime.close()


async def test_a_lease_is_renewed_before_it_ends(desk: Desk) -> None:
    it = await desk.subscribe()
    assert it.state is HubState.ACTIVE
    assert it.due_at is not None
    desk.clock.set(it.due_at - MINUTE)
    await desk.subscriber._ask("wire")
    assert desk.hub.modes() == ["subscribe"]
    desk.clock.set(it.due_at)
    await desk.subscriber._ask("wire")
    await until(lambda: len(desk.hub.answers) == 2)
    renewed = desk.subscription
    assert desk.hub.modes() == ["subscribe", "subscribe"]
    assert renewed.lease_until == desk.clock.now() + 10 * DAY
    assert (renewed.token, renewed.secret) == (it.token, it.secret)


async def test_a_hub_that_goes_down_is_lapsed_and_polls_are_as_always(desk: Desk) -> None:
    await desk.subscribe()
    desk.hub.publish("new", NOON + MINUTE)
    assert await desk.push() == [202]
    await desk.taken()
    assert desk.due() - NOON >= HOUR
    desk.hub.status = 503
    while desk.subscription.state is HubState.ACTIVE:
        due = desk.subscription.due_at
        assert due is not None
        desk.clock.set(due)
        await desk.subscriber._ask("wire")
    assert "HTTP 503" in desk.subscription.reason
    assert desk.clock.now() >= NOON + 10 * DAY
    await desk.poll()
    assert desk.due() - desk.clock.now() <= 1.1 * HOUR


async def test_a_lost_push_is_found_by_the_safety_poll(desk: Desk) -> None:
    await desk.subscribe()
    desk.hub.publish("pushed", NOON + MINUTE)
    desk.clock.set(NOON + 2 * MINUTE)
    assert await desk.push() == [202]
    await desk.taken()
    assert desk.counted("taken") == 1
    desk.hub.publish("lost", NOON + 10 * MINUTE)
    desk.clock.set(desk.due())
    await desk.poll()
    it = desk.subscription
    assert (it.lost, it.lost_at) == (1, desk.clock.now())
    assert desk.counted("lost") == 1
    assert desk.due() - desk.clock.now() <= 1.1 * HOUR
    # A day later, and after a push that came, it is trusted again.
    desk.clock.advance(DAY)
    desk.hub.publish("pushed again", desk.clock.now())
    await desk.push()
    await desk.taken()
    desk.clock.set(max(desk.due(), desk.clock.now()))
    await desk.poll()
    assert desk.due() - desk.clock.now() > 1.1 * HOUR


async def test_a_push_waits_for_the_poll_that_is_under_way(desk: Desk) -> None:
    await desk.subscribe()
    desk.clock.set(desk.due())
    archive = desk.runtime.archive
    ours = claim(archive, desk.feed, "another", desk.clock.now())
    assert not isinstance(ours, datetime)
    desk.hub.publish("new", desk.clock.now())
    assert await desk.push() == [202]
    await asyncio.sleep(0)
    assert desk.counted("taken") == 0
    give_back(archive, ours)
    await desk.taken()
    assert desk.counted("taken") == 1
    assert len(desk.post.sent) == 4


async def test_many_pushes_at_once_are_bounded_and_count_once(desk: Desk) -> None:
    await desk.subscribe()
    desk.clock.set(desk.due())
    archive = desk.runtime.archive
    ours = claim(archive, desk.feed, "another", desk.clock.now())
    assert not isinstance(ours, datetime)
    answers = []
    for number in range(6):
        desk.hub.publish(f"new {number}", desk.clock.now())
        answers += await desk.push()
    assert answers == [202] * 4 + [429] * 2
    assert desk.counted("turned_away") == 2
    give_back(archive, ours)
    await desk.taken()
    assert desk.counted("taken") == 4
    assert len(desk.post.sent) == 3 + 4
    with archive.read() as connection:
        polls = feeds.polls_of(connection, "wire", limit=9)
        assert outbox.count_pending(connection) == 7
    assert [poll.new for poll in reversed(polls)] == [3, 1, 1, 1, 1]


async def test_what_cannot_be_read_is_made_up_for_by_a_poll(desk: Desk) -> None:
    await desk.subscribe()
    assert await desk.push(body=b"not a feed at all") == [202]
    await desk.taken()
    assert desk.counted("unreadable") == 1
    # As soon as the feed may be polled at all.
    assert desk.due() == NOON + 3 * MINUTE
    assert desk.subscription.missed_at is not None
    desk.clock.set(desk.due())
    await desk.poll()
    assert desk.subscription.missed_at is None


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "x-gzip"])
async def test_a_compressed_push_is_unpacked(desk: Desk, encoding: str) -> None:
    await desk.subscribe()
    desk.hub.publish("new and compressed", desk.clock.now())
    body = pack(encoding, desk.hub.document())
    assert await desk.push(body=body, encoding=encoding) == [202]
    await desk.taken()
    assert desk.counted("taken") == 1
    assert len(desk.post.sent) == 4
    assert desk.hub.polls == 1


@pytest.mark.parametrize("how", ["bomb", "cut", "a lie"])
async def test_what_cannot_be_unpacked_within_bounds_is_made_up_for_by_a_poll(
    desk: Desk, how: str
) -> None:
    desk.feed = desk.feed.model_copy(update={"max_bytes": 100_000})
    desk.know(desk.feed)
    await desk.subscribe()
    whole = desk.hub.document()
    body = {
        "bomb": gzip.compress(whole + b" " * 50_000_000),
        "cut": gzip.compress(whole)[:-12],
        "a lie": whole,
    }[how]
    assert await desk.push(body=body, encoding="gzip") == [202]
    await desk.taken()
    assert desk.counted("unreadable") == 1
    assert desk.due() == NOON + 3 * MINUTE


async def test_a_push_before_the_first_poll_waits_for_it(desk: Desk) -> None:
    await desk.subscribe()
    moved = desk.feed.model_copy(update={"url": desk.hub.topic + "?moved"})
    desk.know(moved)
    assert await desk.push() == [202]
    await desk.taken()
    assert desk.counted("missed") == 1
    assert len(desk.post.sent) == 3


async def test_pushes_that_are_not_wanted_are_told_so(desk: Desk) -> None:
    await desk.subscribe()
    desk.know()
    assert await desk.push() == [410]
    desk.know(desk.feed.model_copy(update={"max_bytes": 1_000}))
    assert await desk.push(body=b"x" * 1_001) == [413]
    assert await desk.push(secret="guessed") == [202]
    desk.poller.knows_feeds = False
    assert await desk.push() == [503]
    told = {name: desk.counted(name) for name in ("over", "too_large", "unsigned", "turned_away")}
    assert told == {"over": 1, "too_large": 1, "unsigned": 1, "turned_away": 1}
    exposed = generate_latest(desk.runtime.registry).decode()
    assert desk.subscription.token not in exposed

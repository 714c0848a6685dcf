"""One request at a time at a host, and its rest: over redirects, pages, restarts and workers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from agents.turns import ArchiveTurns
from nightdesk.archive import feeds, hosts
from nightdesk.archive.engine import Archive
from nightdesk.archive.errors import ArchiveUnreachable
from nightdesk.clock import SettableClock
from nightdesk.feeds.state import FeedState
from nightdesk.feeds.turns import HostResting, Turns
from schemas import Feed
from tests.support.feedserver import FeedServer, Reply, rss
from tests.support.pollers import Watch, Worker

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOCUMENT = rss(("Ferry late", "https://harbour.example/1"))
HOST = "herald.example"


class World:
    """Time that passes where somebody sleeps, the same for all workers; and an archive that they share."""

    def __init__(self, archive: Archive) -> None:
        self.archive, self.clock = archive, SettableClock(NOON)
        self.away = False

    def ticks(self) -> float:
        return (self.clock.now() - NOON).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    async def in_archive(self, work: Callable[[], Any]) -> Any:
        await asyncio.sleep(0)
        if self.away:
            raise ArchiveUnreachable("the archive is away", hint="wait")
        return work()

    def turns(self, worker: str) -> Turns:
        shared = ArchiveTurns(self.archive, self.clock, worker, self.in_archive)
        return Turns(1.0, self.ticks, self.sleep, shared)


@pytest.fixture
def world(archive: Archive) -> World:
    return World(archive)


async def test_workers_that_ask_one_host_take_turns(world: World) -> None:
    spans: list[tuple[float, float]] = []

    async def ask(turns: Turns) -> None:
        for _ in range(5):
            async with turns.turn(HOST):
                began = world.ticks()
                await world.sleep(0.25)
                spans.append((began, world.ticks()))

    one, two = world.turns("one"), world.turns("two")
    await asyncio.gather(ask(one), ask(two), ask(two))
    assert len(spans) == 15
    ordered = sorted(spans)
    assert all(later[0] - earlier[1] >= 1.0 for earlier, later in pairwise(ordered))


async def test_a_slower_pace_that_one_worker_was_asked_for_holds_for_all(world: World) -> None:
    async with world.turns("one").turn(HOST, spacing=20.0):
        pass
    async with world.turns("two").turn(HOST):
        assert world.ticks() >= 20.0


async def test_what_another_worker_was_told_to_wait_for_is_not_waited_for_beyond_the_bound(
    world: World,
) -> None:
    with world.archive.begin() as connection:
        hosts.rest(connection, HOST, NOON + timedelta(minutes=5))
    with pytest.raises(HostResting) as refused:
        async with world.turns("two").turn(HOST, until=30.0):
            pass
    assert refused.value.seconds == pytest.approx(300.0)
    assert world.ticks() == 0.0


async def test_a_turn_of_a_worker_that_died_runs_out(world: World) -> None:
    died = world.turns("one").turn(HOST, longest=20.0)
    await died.__aenter__()
    async with world.turns("two").turn(HOST):
        assert 20.0 <= world.ticks() <= 26.0


async def test_while_the_archive_is_away_it_is_nobodys_turn(world: World) -> None:
    turns = world.turns("one")
    world.away = True
    with pytest.raises(HostResting):
        async with turns.turn(HOST, until=30.0):
            pass
    world.away = False
    async with turns.turn(HOST):
        world.away = True
    world.away = False
    async with world.turns("two").turn(HOST):
        assert world.ticks() >= 60.0, "what could not be given back ran out"


async def test_who_gives_up_while_it_is_taken_leaves_no_turn_behind(world: World) -> None:
    taking = asyncio.create_task(world.turns("one").turn(HOST).__aenter__())
    await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    for _ in range(20):
        await asyncio.sleep(0)
    async with world.turns("two").turn(HOST):
        assert world.ticks() < 1.0


async def test_a_turn_that_goes_on_never_holds_two_hosts(world: World) -> None:
    turns = world.turns("one")

    async def follow(first: str, second: str) -> None:
        async with turns.turn(first) as turn:
            await world.sleep(0.1)
            await turn.onward(second, within=15.0)
            await world.sleep(0.1)

    async with asyncio.timeout(5):
        await asyncio.gather(follow("a.example", "b.example"), follow("b.example", "a.example"))
    async with turns.turn("a.example") as turn:
        turns.rest("b.example", 60.0)
        with pytest.raises(HostResting):
            await turn.onward("b.example", within=15.0)
        assert turn.host is None
    async with turns.turn("a.example", until=world.ticks() + 1.0):
        pass


@pytest.fixture
def servers() -> Iterator[tuple[FeedServer, FeedServer]]:
    """The server that feeds are declared at, and the one that they are redirected to."""
    with FeedServer() as declared, FeedServer() as target:
        yield declared, target


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    async with Worker(tmp_path, host_spacing=timedelta(seconds=0.2)) as worker:
        yield worker


def to(server: FeedServer, path: str = "/feed") -> Reply:
    return Reply(b"", 302, (("Location", server.url(path)),))


def feed(server: FeedServer, path: str = "/feed", **how: Any) -> Feed:
    name = f"f{server.port}{path.replace('/', '-')}"
    values = {"interval": timedelta(minutes=15), "allow_private": True, "source": "Post"}
    return Feed(id=name, url=server.url(path), **(values | how))


def state(worker: Worker, name: str) -> FeedState:
    with worker.runtime.archive.read() as connection:
        return FeedState.model_validate_json(feeds.load(connection, [name])[name][1])


async def test_hops_of_redirects_take_turns_at_the_host_that_they_lead_to(
    worker: Worker, servers: tuple[FeedServer, FeedServer]
) -> None:
    first, target = servers
    with FeedServer() as second:
        watch = Watch(Reply(DOCUMENT))
        target.routes |= {"/feed": watch}
        first.routes["/feed"], second.routes["/feed"] = to(target), to(target)
        declared = [feed(first), feed(second), feed(target)]
        await asyncio.gather(*(worker.poll(one) for one in declared))
    assert len(watch.spans) == 3
    assert watch.closest() >= 0.2
    assert all(state(worker, one.id).failures == 0 for one in declared)


async def test_a_hop_on_the_same_host_has_its_rest_too(
    worker: Worker, servers: tuple[FeedServer, FeedServer]
) -> None:
    server, _ = servers
    watch = Watch(lambda asked: to(server, "/new") if asked.path == "/old" else Reply(DOCUMENT))
    server.routes |= {"/old": watch, "/new": watch}
    await worker.poll(feed(server, "/old"))
    assert len(watch.spans) == 2
    assert watch.closest() >= 0.2


async def test_two_workers_do_not_press_the_host_that_redirects_lead_to(
    tmp_path: Path, servers: tuple[FeedServer, FeedServer]
) -> None:
    first, target = servers
    watch = Watch(Reply(DOCUMENT))
    target.routes["/feed"], first.routes["/feed"] = watch, to(target)
    settings: dict[str, Any] = {"alone": False, "host_spacing": timedelta(seconds=0.2)}
    async with (
        Worker(tmp_path, name="one", **settings) as one,
        Worker(tmp_path, name="two", **settings) as two,
    ):
        await asyncio.gather(one.poll(feed(first)), two.poll(feed(target)))
    assert len(watch.spans) == 2
    assert watch.closest() >= 0.2


async def test_patience_is_had_with_the_host_that_asked_for_it(
    tmp_path: Path, servers: tuple[FeedServer, FeedServer]
) -> None:
    first, target = servers
    asks = Reply(b"", 429, (("Retry-After", "600"),))
    target.routes |= {"/feed": asks, "/other": Reply(DOCUMENT)}
    first.routes |= {"/a": to(target), "/b": to(target, "/other"), "/c": Reply(DOCUMENT)}
    clock = SettableClock(NOON)
    a, b, c = (feed(first, path) for path in ("/a", "/b", "/c"))
    own = feed(target, "/other")
    async with Worker(tmp_path, clock=clock, host_spacing=timedelta(0)) as worker:
        worker.declare(a, b, c, own)
        await worker.take_up()
        await worker.poll(a)
        assert state(worker, a.id).health.value == "rate_limited"
        before = len(target.asked)
        await worker.poll(b)
        assert len(target.asked) == before, "it asked to be left alone"
        put_off = state(worker, b.id)
        assert put_off.failures == 0, "it is no fault of the feed's"
        assert put_off.claimed_by is None
        assert put_off.next_poll_at is not None
        assert timedelta(seconds=590) < put_off.next_poll_at - NOON <= timedelta(seconds=600)
        assert worker.could_begin() == {c.id}, "the declared host rests not, its target does"
    async with Worker(tmp_path, clock=clock, host_spacing=timedelta(0)) as again:
        await again.take_up()
        assert again.could_begin() == {c.id}, "also after a restart"
        clock.set(NOON + timedelta(seconds=601))
        await again.take_up()
        assert own.id in again.could_begin()


async def test_a_hosts_rest_holds_for_other_workers_at_once_where_it_is_the_hosts(
    tmp_path: Path, servers: tuple[FeedServer, FeedServer]
) -> None:
    server, _ = servers
    server.routes |= {"/a": Reply(b"", 503, (("Retry-After", "600"),)), "/b": Reply(DOCUMENT)}
    a, b = feed(server, "/a"), feed(server, "/b")
    clock = SettableClock(NOON)
    for scope, rests in (("feed", False), ("host", True)):
        folder = tmp_path / scope
        settings: dict[str, Any] = {"alone": False, "clock": clock, "retry_after_scope": scope}
        settings["host_spacing"] = timedelta(0)
        async with (
            Worker(folder, name="one", **settings) as one,
            Worker(folder, name="two", **settings) as two,
        ):
            one.declare(a, b)
            await two.take_up()
            await one.poll(a)
            before = len(server.asked)
            await two.poll(b)
            assert (len(server.asked) == before) is rests, scope


async def test_a_redirect_that_needs_more_patience_than_a_poll_has_is_put_off(
    tmp_path: Path, servers: tuple[FeedServer, FeedServer]
) -> None:
    first, target = servers
    first.routes["/feed"] = to(target)
    target.routes["/feed"] = Reply(DOCUMENT)
    async with Worker(tmp_path, host_spacing=timedelta(seconds=40)) as worker:
        await worker.poll(feed(target))
        await worker.poll(feed(first))
        found = state(worker, feed(first).id)
    assert (found.failures, found.polls, found.claimed_by) == (0, 0, None)
    assert len(target.asked) == 1

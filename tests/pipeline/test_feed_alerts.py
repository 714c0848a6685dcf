"""Feeds break and recover under the whole service: one alert, told once, edited; of an outage too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.feedserver import FeedServer, Reply, rss
from tests.support.receiver import LoopbackReceiver, loopback_receiver
from tests.support.service import Service, until

SECRET_NAME = "FEED_DESK_SECRET"
SECRET = {SECRET_NAME: "hush"}


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def service(tmp_path: Any) -> Iterator[Service]:
    service = Service(tmp_path / "var", FEED_BROKEN_AFTER="1s")
    yield service
    if service.alive():
        service.kill()


def write_bundle(
    service: Service, receiver: LoopbackReceiver, *servers: FeedServer, enabled: bool = True
) -> str:
    feeds = [
        {
            "id": f"harbour-post-{number}",
            "url": server.url("/feed"),
            "source": f"Harbour Post {number}",
            "title": "Ferries of the Harbour Post",
            "interval": "1s",
            "enabled": enabled,
            "allow_private": True,
        }
        for number, server in enumerate(servers)
    ]
    webhook = {
        "channel": "webhook",
        "url": receiver.url,
        "secret_env": SECRET_NAME,
        "allow_private": True,
    }
    desk = {
        "id": "feed-desk",
        "kinds": ["feed_broken", "feed_quiet", "feed_recovered"],
        "receivers": [webhook, {"channel": "atom"}],
    }
    news = {"id": "news-desk", "receivers": [{"channel": "console"}]}
    path = service.folder.parent / "bundle.json"
    path.write_text(json.dumps({"feeds": feeds, "subscriptions": [desk, news]}))
    return str(path)


def told(receiver: LoopbackReceiver) -> dict[str, Any]:
    """Return what came, each delivery once, by its id and in order."""
    return {
        post.headers["nightdesk-delivery"]: post.json["data"]["alert"] for post in receiver.posted
    }


async def test_a_feed_that_breaks_is_one_alert_that_is_edited_when_it_is_well(
    service: Service, server: FeedServer
) -> None:
    well = Reply(rss(("Ferry late again", "https://harbour.example/1")))
    server.routes["/feed"] = well
    async with loopback_receiver() as receiver:
        start = ("--bundle", write_bundle(service, receiver, server))
        service.start(*start, extra=SECRET)

        async def wait(condition: Any, what: str) -> None:
            await asyncio.to_thread(until, condition, f"{what}\n{service.said()}", seconds=60)

        await wait(lambda: service.totals().get("poll", {}).get("new"), "the first document")
        server.routes["/feed"] = Reply(status=503)
        failed_from = len(server.asked)
        await wait(lambda: told(receiver), "the alert")
        failed = len(server.asked) - failed_from
        service.kill()
        service.start(*start, extra=SECRET)
        server.routes["/feed"] = well
        await wait(lambda: len(told(receiver)) > 1, "the recovery")
        totals = await asyncio.to_thread(
            service.settled, lambda totals: totals.get("deliveries", {}).get("delivered", 0) == 4
        )
    broken, recovered = told(receiver).values()
    assert failed >= 3
    assert (broken["kind"], broken["sequence"]) == ("feed_broken", 1)
    assert (recovered["kind"], recovered["sequence"]) == ("feed_recovered", 2)
    assert broken["id"] == recovered["id"]
    assert broken["feed"] == "harbour-post-0"
    assert "503" in broken["reason"]
    assert broken["trouble"]["name"] == "Ferries of the Harbour Post"
    assert broken["trouble"]["hint"]
    assert recovered["trouble"]["since"] == broken["trouble"]["since"]
    assert recovered["trouble"]["over_at"]
    assert {post.headers["nightdesk-event"] for post in receiver.posted} == {
        "feed_broken",
        "feed_recovered",
    }
    assert totals["poll"]["alerts"] == 2
    assert totals["deliver"]["routed"] == 2
    assert "FEED" not in service.said(), "who asked for no feeds is told of none"


async def test_a_feed_that_is_disabled_while_broken_has_its_alert_closed(
    service: Service, server: FeedServer
) -> None:
    server.routes["/feed"] = Reply(status=503)
    async with loopback_receiver() as receiver:

        async def wait(condition: Any, what: str) -> None:
            await asyncio.to_thread(until, condition, f"{what}\n{service.said()}", seconds=60)

        service.start("--bundle", write_bundle(service, receiver, server), extra=SECRET)
        await wait(lambda: told(receiver), "the alert")
        service.stop()
        bundle = write_bundle(service, receiver, server, enabled=False)
        service.start("--bundle", bundle, extra=SECRET)
        await wait(lambda: len(told(receiver)) > 1, "the end")
    broken, closed = told(receiver).values()
    assert (closed["id"], closed["sequence"]) == (broken["id"], 2)
    assert closed["kind"] == "feed_recovered"
    assert closed["reason"].startswith("It was disabled while it could not be read")
    assert closed["trouble"]["over_at"]


async def test_where_all_hosts_fail_that_is_one_alert_and_one_recovery(service: Service) -> None:
    with FeedServer() as first, FeedServer() as second, FeedServer() as third:
        servers = (first, second, third)
        for server in servers:
            server.routes["/feed"] = Reply(status=503)
        async with loopback_receiver() as receiver:
            bundle = write_bundle(service, receiver, *servers)
            service.start("--bundle", bundle, extra=SECRET)

            async def wait(condition: Any, what: str) -> None:
                await asyncio.to_thread(until, condition, f"{what}\n{service.said()}", seconds=60)

            await wait(lambda: min(len(server.asked) for server in servers) >= 3, "failures")
            await wait(lambda: told(receiver), "the alert")
            for server in servers:
                server.routes["/feed"] = Reply(rss(("Ferry late", "https://harbour.example/1")))
            await wait(lambda: service.totals()["poll"].get("polled", 0) >= 3, "all to be read")
            totals = await asyncio.to_thread(
                service.settled,
                lambda totals: totals.get("deliveries", {}).get("delivered", 0) == 4,
            )
    broken, recovered = told(receiver).values()
    assert (broken["kind"], broken["trouble"]["scope"]) == ("feed_broken", "network")
    assert broken["trouble"]["feeds"] == [f"harbour-post-{number}" for number in range(3)]
    assert broken["feed"] is None
    assert (recovered["kind"], recovered["id"]) == ("feed_recovered", broken["id"])
    assert totals["poll"]["alerts"] == 2

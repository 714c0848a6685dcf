"""WebSub through the whole service, with a hub and a publisher of our own on loopback."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from nightdesk import accounting
from nightdesk.feeds.websub.subscription import HubState, HubSubscription
from nightdesk.pipeline import push
from tests.support.hub import Hub
from tests.support.service import Service, until


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        hub.publish("the first")
        yield hub


class Desk:
    """A service that can be pushed, and what its archive says of it."""

    def __init__(self, service: Service, hub: Hub) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.service, self.hub = service, hub
        self.base = f"http://127.0.0.1:{self.port}"
        service._env |= {
            "NIGHTDESK_WEB_PORT": str(self.port),
            "NIGHTDESK_PUBLIC_URL": self.base,
        }
        self.bundle = service.folder.parent / "bundle.json"

    def declare(self, **changes: Any) -> None:
        feed = {
            "id": "wire",
            "url": self.hub.topic,
            "source": "The Wire",
            "min_interval": "1s",
            "max_interval": "30m",
            "allow_private": True,
        } | changes
        feeds = [] if changes.get("retired") else [feed]
        self.bundle.write_text(json.dumps({"schema_version": 1, "feeds": feeds}))

    def start(self) -> None:
        self.service.start("--bundle", str(self.bundle))

    def subscription(self) -> HubSubscription | None:
        try:
            with self.service.archive() as archive:
                return push.subscriptions(archive).get("wire")
        except Exception:
            # Asked before the service has made its archive.
            return None

    def until_state(self, state: HubState) -> HubSubscription:
        def look() -> HubSubscription | None:
            found = self.subscription()
            return found if found is not None and found.state is state else None

        try:
            found: HubSubscription = until(look, f"the subscription to be {state.value}")
        except AssertionError as error:
            raise AssertionError(
                f"{error}\n{self.subscription()!r}\n{self.service.said()}"
            ) from None
        return found

    def polled(self) -> dict[str, int]:
        return dict(self.service.totals().get("poll", {}))

    def metric(self, line: str) -> bool:
        return line in httpx.get(f"{self.base}/metrics", trust_env=False).text


@pytest.fixture
def desk(service: Service, hub: Hub) -> Desk:
    desk = Desk(service, hub)
    desk.declare()
    return desk


def test_a_push_is_a_report_within_a_second_and_what_is_not_signed_is_none(
    desk: Desk, hub: Hub
) -> None:
    desk.start()
    it = desk.until_state(HubState.ACTIVE)
    assert hub.sent[0]["hub.topic"] == hub.topic
    assert hub.sent[0]["hub.callback"] == f"{desk.base}/websub/{it.token}"
    until(lambda: hub.subscribed, "the hub to know it")

    polls = hub.polls
    hub.publish("the second")
    began = time.monotonic()
    assert hub.push() == [202]
    until(lambda: desk.polled().get("new") == 2, "the push to be a report")
    seconds = time.monotonic() - began
    # Some 20 ms where nothing else runs; the bound leaves room for a machine that is busy.
    assert seconds < 5, f"it took {seconds:.1f} s"
    totals = desk.service.settled(lambda totals: totals.get("normalise", {}).get("received") == 2)
    assert totals["normalise"]["new"] == 2
    assert all(balance.holds for balance in accounting.check(totals))
    assert hub.polls == polls, "it was polled, not pushed"

    hub.publish("a forgery")
    before = desk.polled()
    assert hub.push(secret="guessed") == [202]
    until(lambda: desk.metric('nightdesk_websub_pushes_total{outcome="unsigned"} 1.0'), "the count")
    assert desk.polled() == before
    assert desk.metric('nightdesk_websub_subscriptions{state="active"} 1.0')

    # What a poll brings of the same entries is known.
    assert hub.push() == [202]
    until(lambda: desk.polled().get("new") == 3, "the third report")

    said = desk.service.log.read_text()
    page = httpx.get(f"{desk.base}/", trust_env=False).text
    metrics = httpx.get(f"{desk.base}/metrics", trust_env=False).text
    for shown in (said, page, metrics):
        assert it.token not in shown
        assert it.secret not in shown
    assert desk.service.stop()[0] == 0


@pytest.mark.parametrize("changes", [{"enabled": False}, {"retired": True}, {"websub": False}])
def test_a_feed_that_is_not_wanted_any_more_is_unsubscribed(
    desk: Desk, hub: Hub, changes: dict[str, bool]
) -> None:
    from nightdesk.archive import definitions
    from nightdesk.clock import SystemClock

    desk.start()
    it = desk.until_state(HubState.ACTIVE)
    until(lambda: hub.subscribed, "the hub to know it")
    with desk.service.archive() as archive, archive.begin() as connection:
        feed = definitions.current(connection).feeds["wire"].definition
        now = SystemClock().now()
        if changes.get("retired"):
            definitions.retire(connection, "feed", "wire", author="test", now=now)
        else:
            changed = feed.model_copy(update=changes)
            definitions.put(connection, changed, author="test", now=now)
    desk.until_state(HubState.LEFT)
    assert hub.modes() == ["subscribe", "unsubscribe"]
    until(lambda: not hub.subscribed, "the hub to forget it")
    assert httpx.post(it.callback, content=b"x", trust_env=False).status_code == 410


def test_a_hub_that_denies_is_left_alone_and_the_feed_is_polled(desk: Desk, hub: Hub) -> None:
    hub.denies = True
    desk.declare(interval="1s", min_interval=None, max_interval=None)
    desk.start()
    it = desk.until_state(HubState.DENIED)
    assert it.reason == "the hub denies it: not for you"
    polls = hub.polls
    until(lambda: hub.polls >= polls + 2, "polls")
    assert hub.modes() == ["subscribe"]
    until(lambda: "not for you" in desk.service.log.read_text(), "the log to say why")


def test_a_hub_that_is_down_is_asked_again_later(desk: Desk, hub: Hub) -> None:
    hub.status = 500
    desk.start()

    def tried() -> HubSubscription | None:
        found = desk.subscription()
        return found if found is not None and found.failures else None

    it = until(tried, "a request in vain")
    assert (it.state, it.failures) == (HubState.WANTED, 1)
    assert "HTTP 500" in it.reason
    assert it.due_at > it.asked_at


def test_strangers_are_turned_away(desk: Desk, hub: Hub) -> None:
    desk.declare(max_bytes=5_000)
    desk.start()
    it = desk.until_state(HubState.ACTIVE)
    until(lambda: hub.subscribed, "the hub to know it")

    def post(url: str, **more: Any) -> int:
        return httpx.post(url, trust_env=False, timeout=10, **more).status_code

    unknown = f"{desk.base}/websub/{'a' * 43}"
    assert post(unknown, content=b"x") == 404
    assert post(f"{desk.base}/websub/short", content=b"x") == 404
    assert httpx.get(unknown, trust_env=False).status_code == 404
    assert httpx.get(f"{it.callback}?hub.mode=subscribe", trust_env=False).status_code == 404
    # Longer than it may be, whether it says so or not.
    assert post(it.callback, content=b"x" * 5_001) == 413
    assert hub.push(b"x" * 4_000) == [202]
    until(lambda: desk.metric('nightdesk_websub_pushes_total{outcome="unreadable"} 1.0'), "count")
    with socket.create_connection(("127.0.0.1", desk.port)) as raw:
        path = it.callback.removeprefix(desk.base)
        raw.sendall(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        chunk = b"fa0\r\n" + b"x" * 4_000 + b"\r\n"
        raw.sendall(chunk * 2)
        assert re.match(rb"HTTP/1.1 413 ", raw.recv(1_000))
    assert desk.service.alive()

"""Two workers behind one public address, on a real Kafka: whichever a hub reaches reads what it pushes."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from nightdesk.archive import feeds
from nightdesk.feeds.websub.signature import HEADER, sign
from nightdesk.feeds.websub.subscription import HubState, HubSubscription
from nightdesk.pipeline import push
from tests.support.hub import Hub
from tests.support.kafka import Kafka
from tests.support.service import Service, until

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


class Newsroom:
    """Two workers on one Kafka and one archive.  The public address is the first one's, as of a balancer that
    sends every request there, until a test sends one elsewhere."""

    def __init__(self, folder: Path, kafka: Kafka, hub: Hub) -> None:
        self.hub = hub
        with (
            socket.create_server(("127.0.0.1", 0)) as one,
            socket.create_server(("127.0.0.1", 0)) as two,
        ):
            self.ports = [one.getsockname()[1], two.getsockname()[1]]
        self.public = f"127.0.0.1:{self.ports[0]}"
        self.workers = [
            Service(
                folder / name,
                BROKER_URL=kafka.url,
                ARCHIVE_URL=f"sqlite:///{folder}/archive.sqlite",
                WEB_PORT=str(port),
                PUBLIC_URL=f"http://{self.public}",
            )
            for name, port in zip(("first", "second"), self.ports, strict=True)
        ]
        feed = {
            "id": "wire",
            "url": hub.topic,
            "source": "The Wire",
            "min_interval": "1s",
            "max_interval": "30m",
            "allow_private": True,
        }
        self._bundle = folder / "bundle.json"
        self._bundle.write_text(json.dumps({"feeds": [feed]}))

    def start(self, number: int) -> None:
        self.workers[number].start("--bundle", str(self._bundle))

    def subscription(self) -> HubSubscription | None:
        try:
            with self.workers[0].archive() as archive:
                it = push.subscriptions(archive).get("wire")
        except Exception:
            # Asked before the service has made its archive.
            return None
        return it if it is not None and it.state is HubState.ACTIVE else None

    def knows_feeds(self, number: int) -> bool:
        """Whether a worker has read what is declared: until then it takes no push."""
        return self.push(number, b"") != 503

    def push(self, number: int, body: bytes | None = None) -> int:
        """Push the feed through one of the workers, compressed, and return what it answers."""
        it = self.subscription()
        assert it is not None
        body = gzip.compress(self.hub.document()) if body is None else body
        headers = {
            "Host": self.public,
            "Content-Type": "application/rss+xml",
            "Content-Encoding": "gzip",
            HEADER: sign(it.secret.encode(), body),
        }
        url = f"http://127.0.0.1:{self.ports[number]}{urlsplit(it.callback).path}"
        try:
            answer = httpx.post(url, content=body, headers=headers, trust_env=False, timeout=10)
        except httpx.TransportError:
            return 503
        return answer.status_code

    def new(self) -> int:
        return self.workers[1].totals().get("poll", {}).get("new", 0)


@pytest.fixture
def newsroom(tmp_path: Path, own_kafka: Kafka) -> Iterator[Newsroom]:
    with Hub() as hub:
        hub.publish("the first")
        newsroom = Newsroom(tmp_path, own_kafka, hub)
        yield newsroom
        for worker in newsroom.workers:
            if worker.alive():
                worker.kill()


def test_pushes_through_two_workers_are_read_once_each_and_by_who_is_left(
    newsroom: Newsroom,
) -> None:
    hub, (first, second) = newsroom.hub, newsroom.workers
    newsroom.start(0)
    until(newsroom.subscription, "the subscription", seconds=60)
    until(lambda: newsroom.new() == 1, "the first document", seconds=60)
    newsroom.start(1)
    until(lambda: newsroom.knows_feeds(1), "the second worker", seconds=60)
    for number in range(1, 9):
        hub.publish(f"story {number}")
        with ThreadPoolExecutor(2) as both:
            answers = list(both.map(newsroom.push, (0, 1)))
        assert set(answers) <= {202, 429}, answers
        assert 202 in answers
        until(lambda n=number: newsroom.new() == 1 + n, "the push to be read", seconds=60)
    first.kill()
    hub.publish("after the first worker")
    # It may be busy with the last one still: then hubs try again.
    until(lambda: newsroom.push(1) == 202, "the push to be taken by who is left", seconds=60)
    until(lambda: newsroom.new() == 10, "the push to be read by who is left", seconds=60)
    totals = second.settled(lambda totals: totals.get("normalise", {}).get("new") == 10)
    assert totals["normalise"].get("revision", 0) == 0
    with second.archive() as archive, archive.read() as connection:
        polls = feeds.polls_of(connection, "wire", limit=100)
    pushed = sum(poll.new for poll in polls if poll.detail.startswith(feeds.PUSHED))
    # A poll that makes up for the empty push above may be first with one of them.
    assert pushed >= 8
    assert second.stop()[0] == 0

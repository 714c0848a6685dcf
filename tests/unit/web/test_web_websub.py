"""The callbacks of hubs: who is let in, and that nobody waits for whom."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx
import pytest

from nightdesk.errors import ArchiveError
from nightdesk.feeds.websub.outcome import PushOutcome
from nightdesk.feeds.websub.signature import HEADER, sign
from nightdesk.feeds.websub.verification import Answer
from nightdesk.web.app import create_app
from nightdesk.web.websub import Expected
from tests.support.waiting import until

TOKEN = "t" * 43
PATH = f"/websub/{TOKEN}"


class Door:
    """Expects one feed under one token; keeps what it took."""

    def __init__(self) -> None:
        self.expected = Expected("wire", b"secret", max_bytes=100, seconds=5.0)
        self.full = 0
        self.taken: list[tuple[str, bytes, str | None, str | None]] = []
        self.noted: list[PushOutcome] = []
        self.asked: list[Mapping[str, str]] = []
        self.waits: asyncio.Event | None = None
        self.inside = 0

    async def ask_back(self, token: str, query: Mapping[str, str]) -> Answer:
        self.asked.append(query)
        return Answer(200, query.get("hub.challenge", ""))

    async def expect(self, token: str) -> Expected | None:
        self.inside += 1
        if self.waits is not None:
            await self.waits.wait()
        return self.expected if token == TOKEN else None

    def refuses(self, feed: str, size: int) -> int:
        return self.full

    def take(self, feed: str, body: bytes, content_type: str | None, encoding: str | None) -> None:
        self.taken.append((feed, body, content_type, encoding))

    def note(self, outcome: PushOutcome) -> None:
        self.noted.append(outcome)


@pytest.fixture
def door(site) -> Door:
    door = Door()
    site.change(pushes=door)
    return door


async def call(site, method: str, path: str = PATH, *, base: str = "http://127.0.0.1", **how):
    transport = httpx.ASGITransport(app=create_app(site.deps))
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        return await client.request(method, path, **how)


def signed(body: bytes, secret: bytes = b"secret") -> dict[str, str]:
    return {HEADER: sign(secret, body, "sha1"), "Content-Type": "text/xml"}


async def test_a_challenge_comes_back_as_mere_text(site, door):
    script = "<script>alert(1)</script>"
    got = await call(site, "GET", params={"hub.mode": "subscribe", "hub.challenge": script})
    assert (got.status_code, got.text) == (200, script)
    assert got.headers["content-type"].startswith("text/plain")
    assert got.headers["x-content-type-options"] == "nosniff"


async def test_what_is_signed_is_taken(site, door):
    got = await call(site, "POST", content=b"<rss/>", headers=signed(b"<rss/>"))
    assert (got.status_code, got.content) == (202, b"")
    assert door.taken == [("wire", b"<rss/>", "text/xml", None)]
    assert door.noted == []


@pytest.mark.parametrize(
    "headers", [{}, {HEADER: "sha1=00"}, signed(b"<rss/>", b"other"), signed(b"<rdf/>")]
)
async def test_what_is_not_signed_is_answered_alike_and_ignored(site, door, headers):
    got = await call(site, "POST", content=b"<rss/>", headers=headers)
    assert (got.status_code, got.content) == (202, b"")
    assert (door.taken, door.noted) == ([], [PushOutcome.UNSIGNED])


async def test_what_is_too_long_is_cut_off_where_it_is(site, door):
    read = 0

    async def endless():
        nonlocal read
        while read < 10_000:
            read += 60
            yield b"x" * 60

    got = await call(site, "POST", content=endless())
    assert (got.status_code, door.noted) == (413, [PushOutcome.TOO_LARGE])
    assert got.headers["connection"] == "close"
    announced = {"Content-Length": "9" * 30}
    assert (await call(site, "POST", content=b"", headers=announced)).status_code == 413


async def test_all_that_is_being_sent_is_bounded_together(site, door):
    door.expected = Expected("wire", b"secret", max_bytes=90_000_000, seconds=20.0)
    received, go_on, half = asyncio.Event(), asyncio.Event(), bytes(60_000_000)

    async def first():
        yield half
        received.set()
        await go_on.wait()

    app = httpx.ASGITransport(app=create_app(site.deps))
    async with httpx.AsyncClient(transport=app, base_url="http://127.0.0.1") as client:
        one = asyncio.create_task(client.post(PATH, content=first(), headers=signed(half)))
        await received.wait()
        got = await client.post(PATH, content=half)
        assert (got.status_code, door.noted) == (503, [PushOutcome.TURNED_AWAY])
        go_on.set()
        assert (await one).status_code == 202
        # What was received is let go of.
        assert (await client.post(PATH, content=half, headers=signed(half))).status_code == 202


async def test_what_does_not_come_is_not_waited_for(site, door):
    door.expected = Expected("wire", b"secret", max_bytes=100, seconds=0.01)

    async def never():
        yield b"x"
        await asyncio.Event().wait()

    got = await call(site, "POST", content=never())
    assert (got.status_code, door.noted) == (408, [PushOutcome.CUT])


async def test_unknown_ended_and_crowded_callbacks_say_so(site, door):
    for token in ("a" * 43, "short", "t" * 42 + "%20", "t" * 200):
        assert (await call(site, "POST", f"/websub/{token}", content=b"x")).status_code == 404
    door.full = 429
    got = await call(site, "POST", content=b"x")
    assert (got.status_code, got.headers["retry-after"]) == (429, "60")
    door.expected = Expected("wire", b"secret", max_bytes=100, seconds=5.0, over=True)
    assert (await call(site, "POST", content=b"x")).status_code == 410
    assert door.noted == [PushOutcome.UNKNOWN, PushOutcome.TURNED_AWAY, PushOutcome.OVER]


async def test_so_many_at_once_and_no_more(site, door):
    door.waits = asyncio.Event()
    app = httpx.ASGITransport(app=create_app(site.deps))
    async with httpx.AsyncClient(transport=app, base_url="http://127.0.0.1") as client:
        waiting = [
            asyncio.create_task(client.post(PATH, content=b"x", headers=signed(b"x")))
            for _ in range(16)
        ]
        await until(lambda: door.inside == 16)
        assert (await client.post(PATH, content=b"x")).status_code == 503
        assert (await client.get(PATH)).status_code == 503
        door.waits.set()
        assert {(await one).status_code for one in waiting} == {202}


async def test_an_archive_that_is_away_is_none_of_a_strangers_business(site, door):
    async def away(*_: object) -> None:
        raise ArchiveError("the archive at /secret/path is locked", hint="unlock it")

    door.expect = door.ask_back = away
    for method in ("POST", "GET"):
        got = await call(site, method, content=b"x")
        assert (got.status_code, got.content) == (503, b"")


async def test_only_callbacks_may_be_called_by_the_public_name(site, door):
    site.change(hosts=("127.0.0.1",), public_host="Desk.example")
    for base, path, status in (
        ("https://desk.example", PATH, 202),
        ("https://desk.example", "/metrics", 421),
        ("https://evil.example", PATH, 421),
        ("http://127.0.0.1", PATH, 202),
    ):
        method = "POST" if path == PATH else "GET"
        assert (await call(site, method, path, base=base)).status_code == status


async def test_without_a_public_address_there_are_no_callbacks(site):
    assert (await call(site, "POST", content=b"x")).status_code == 404
    assert "/websub/{token}" not in create_app(site.deps).openapi()["paths"]


async def test_the_openapi_document_tells_of_callbacks(site, door):
    told = create_app(site.deps).openapi()["paths"]["/websub/{token}"]
    assert {"get", "post"} == set(told)
    assert told["post"]["parameters"][0]["name"] == "token"

"""Hostile callers, on a real socket: bodies, headers and paths that no client of good will sends."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from nightdesk.archive import Archive
from nightdesk.web.server import Address
from tests.support.apiclient import FREELY, Caller
from tests.support.served import served

PATH = "/api/v1/storylines/ferry"


@pytest.fixture
def api(sqlite_archive: Archive) -> Caller:
    return Caller(sqlite_archive, api=replace(FREELY, body_seconds=0.3, largest_body=100_000))


async def ask(address: Address, *parts: bytes, end: bool = False) -> bytes:
    """Send parts, each by itself, and return all that is answered until the server hangs up; with `end` say
    that nothing more comes."""
    reading, writing = await asyncio.open_connection(address.host, address.port)
    try:
        for part in parts:
            writing.write(part)
            await writing.drain()
        if end:
            writing.write_eof()
        async with asyncio.timeout(20):
            return await reading.read()
    except ConnectionError:
        return b""
    finally:
        writing.transport.abort()


def head(api: Caller, *lines: str, method: str = "PUT", path: str = PATH) -> bytes:
    own = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    token = [f"Authorization: Bearer {api.tokens['admin']}", "Content-Type: application/json"]
    return "\r\n".join([*own, *token, *lines, "", ""]).encode("latin-1")


async def status(address: Address, *parts: bytes, end: bool = False) -> int:
    answer = await ask(address, *parts, end=end)
    assert b"Traceback" not in answer
    return int(answer.split(b" ", 2)[1]) if answer else 0


async def test_a_body_that_does_not_come_is_not_waited_for(api: Caller) -> None:
    async with served(api) as address:
        slow = head(api, "Content-Length: 50")
        assert await status(address, slow, b'{"title"') == 408
        chunked = head(api, "Transfer-Encoding: chunked")
        assert await status(address, chunked, b"1\r\n{\r\n") == 408
        cut = await ask(address, slow, b'{"title"', end=True)
        assert cut == b"" or b" 400 " in cut or b" 408 " in cut


async def test_a_body_that_is_too_large_is_not_read(api: Caller) -> None:
    async with served(api) as address:
        assert await status(address, head(api, "Content-Length: 99999999999")) == 413
        chunks = [b"10000\r\n" + b"x" * 65_536 + b"\r\n"] * 3
        assert await status(address, head(api, "Transfer-Encoding: chunked"), *chunks) in {413, 0}


async def test_a_body_of_somebody_without_a_token_is_not_read_at_all(api: Caller) -> None:
    async with served(api) as address:
        stranger = (
            f"PUT {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            "Content-Type: application/json\r\nContent-Length: 90000\r\n\r\n"
        )
        assert await status(address, stranger.encode()) == 401


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 2", "Content-Length: 3"),
        ("Content-Length: -1",),
        ("Content-Length: 2", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: gzip, chunked",),
        ("Host: evil.example",),
        ("X-Long: " + "x" * 100_000,),
        (" folded: x",),
        ("no colon",),
        ("X-Null: a\x00b",),
        ("Authorization: Bearer x",),
    ],
)
async def test_tricks_with_headers_come_to_nothing(api: Caller, lines) -> None:
    async with served(api) as address:
        found = await status(address, head(api, *lines), b"{}")
        assert found in {0, 400, 401, 408, 413, 415, 422, 431, 501}
        assert (await api.get("/storylines")).json()["items"] == []


async def test_where_a_proxy_says_we_are_is_nothing_to_us(api: Caller) -> None:
    async with served(api) as address:
        lines = ("X-Forwarded-For: 203.0.113.7", "X-Forwarded-Host: evil", "X-Original-URL: /")
        answer = await ask(address, head(api, *lines, method="GET"))
        assert b" 404 " in answer
        assert b"evil" not in answer


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/api/v1/../../etc/passwd", {404}),
        ("/api/v1/%2e%2e/%2e%2e/metrics", {404}),
        ("/api/v1/storylines/%c0%ae%c0%ae", {404}),
        ("/api/v1/storylines/%00", {404}),
        ("/api/v1/storylines/%0a", {404}),
        ("/api/v1/storylines/%ff%fe", {404}),
        ("/api/v1;/storylines", {404}),
        ("/API/V1/storylines", {404}),
        ("//api/v1/storylines", {404}),
        ("/api/v1/storylines/" + "a" * 60_000, {404, 431}),
        ("/api/v1/alerts?" + "&".join(f"a{n}=1" for n in range(2_000)), {422, 431}),
        ("/api/v1/alerts?text=%ff%fe%00", {422}),
        ("/api/v1/alerts?text=%F0%9F%A6%80", {200}),
        ("*", {400, 404}),
    ],
)
async def test_tricks_with_paths_come_to_nothing(api: Caller, path, statuses) -> None:
    async with served(api) as address:
        assert await status(address, head(api, method="GET", path=path)) in statuses


async def test_what_was_refused_leaves_the_server_as_it_was(api: Caller) -> None:
    async with served(api) as address:
        for junk in (b"\x16\x03\x01\x02\x00", b"\xff" * 70_000, b"GET /\r\n\r\n", b"\r\n" * 5_000):
            await ask(address, junk, end=True)
        assert await status(address, head(api, method="GET", path="/api/v1/alerts")) == 200

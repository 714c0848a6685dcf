"""A webhook receiver on loopback that behaves as told: well, slowly, or like a liar.

It speaks HTTP by hand, so that it can also break it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Posted:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def answer(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answer with `status` and close."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return behave


async def never(writer: asyncio.StreamWriter) -> None:
    """Say nothing until the other side goes away."""
    await writer.wait_closed()


async def lie(writer: asyncio.StreamWriter) -> None:
    """Say 200, promise a body, and break off."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthank")
    await writer.drain()
    writer.transport.abort()


async def reset(writer: asyncio.StreamWriter) -> None:
    """Break off without a word."""
    writer.transport.abort()


async def garble(writer: asyncio.StreamWriter) -> None:
    """Answer with something that is not HTTP."""
    writer.write(b"\x00\x01\x02 220 mail.example ESMTP\r\n" * 10)
    await writer.drain()


async def drip(writer: asyncio.StreamWriter) -> None:
    """Say 200, then send a byte now and then for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    with contextlib.suppress(ConnectionError):
        while True:
            writer.write(b"1\r\nx\r\n")
            await writer.drain()
            await asyncio.sleep(0.02)


def flood(status: int) -> Behaviour:
    """Answer with `status` and a body that never ends."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status} Said\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                await writer.drain()

    return behave


@dataclass
class LoopbackReceiver:
    """Answers each request by the next of `behaviours`, the last one for good; keeps what came."""

    url: str = ""
    behaviours: list[Behaviour] = field(default_factory=lambda: [answer(200, b"thanks")])
    posted: list[Posted] = field(default_factory=list)
    connections: int = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with (
            contextlib.closing(writer),
            contextlib.suppress(ConnectionError, asyncio.IncompleteReadError),
        ):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.strip().lower(): value.strip()
                for name, _, value in (line.partition(":") for line in head[1:] if line)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.posted.append(Posted(head[0], headers, body))
            behave = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
            await behave(writer)


@contextlib.asynccontextmanager
async def loopback_receiver(
    behaviours: Sequence[Behaviour] = (),
) -> AsyncIterator[LoopbackReceiver]:
    """Run a receiver on a free port of 127.0.0.1 while the context lasts."""
    receiver = LoopbackReceiver()
    if behaviours:
        receiver.behaviours = list(behaviours)
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(receiver.handle(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"http://127.0.0.1:{port}/hooks/desk?token=hush"
    try:
        yield receiver
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

"""Loopback publishers for the benchmark, in a process of their own: many ports, many feeds.

    python -m benchmarks.feeds.server PORTS SHARE

Listens on so many free ports of 127.0.0.1, prints them as JSON on one line, and serves /N.xml on each
until its stdin closes.  A feed has something new at one in 1/SHARE polls; else it answers 304.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from datetime import UTC, datetime
from email.utils import format_datetime

_ITEMS = 2


class Publishers:
    """What all feeds have published: `numbers` maps port and path to how many entries there were."""

    def __init__(self, share: float) -> None:
        self.share = share
        self.numbers: dict[tuple[int, str], int] = {}
        self.served = {200: 0, 304: 0}

    def answer(self, port: int, request: bytes) -> bytes:
        """Return a whole HTTP answer to a whole request."""
        head = request.decode("latin-1")
        path = head.split(" ", 2)[1]
        key = (port, path)
        number = self.numbers.get(key, 1)
        if key in self.numbers and random.random() < self.share:
            number += 1
        self.numbers[key] = number
        tag = f'"{number}"'
        if f"if-none-match: {tag}" in head.lower():
            self.served[304] += 1
            return f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode()
        self.served[200] += 1
        body = _document(port, path, number)
        return (
            f"HTTP/1.1 200 OK\r\nETag: {tag}\r\nContent-Type: application/rss+xml\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it closes."""
        port = writer.get_extra_info("sockname")[1]
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                writer.write(self.answer(port, request))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _document(port: int, path: str, number: int) -> bytes:
    now = format_datetime(datetime.now(UTC))
    items = "".join(
        f"<item><guid>{port}{path}-{n}</guid><link>http://127.0.0.1:{port}{path}/{n}</link>"
        f"<title>Council of town {port} settles matter {n} of {path}</title><pubDate>{now}</pubDate>"
        f"<description>{'The council met and heard both sides at length. ' * 10}{n}</description></item>"
        for n in range(max(0, number - _ITEMS), number)
    )
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>{port}</title>{items}</channel></rss>"
    ).encode()


async def main() -> None:
    """Serve until stdin closes."""
    publishers = Publishers(float(sys.argv[2]))
    servers = [
        await asyncio.start_server(publishers.serve, "127.0.0.1", 0)
        for _ in range(int(sys.argv[1]))
    ]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(json.dumps(publishers.served), flush=True)
    for server in servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(main())

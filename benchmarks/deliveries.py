"""Deliveries a second to loopback webhooks, beside a bare HTTP client in the same run.

    python -m benchmarks.deliveries [--count 5000] [--receivers 4] [--runs 3]

Ours: the dispatcher on an SQLite archive, with signatures, CloudEvents, leases, attempts, accounts and
outbox rows, each of `count` alerts told to one of `receivers`.  The peer: httpcore posting bodies of the
same size from as many tasks as the dispatcher has tries under way, and nothing else.  Both post to a
server in a process of its own.  Asked for: 500 deliveries a second.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import httpcore
from prometheus_client import CollectorRegistry

from nightdesk.alerts.routing import delivery_id
from nightdesk.archive import accounts, alerts, definitions, deliveries, open_archive
from nightdesk.archive.outbox import Outgoing
from nightdesk.clock import SystemClock
from nightdesk.delivery.dispatcher import Dispatcher
from nightdesk.delivery.ledger import ArchiveLedger
from nightdesk.delivery.sample import samples
from nightdesk.delivery.webhook import WebhookChannel, event
from nightdesk.metrics import Metrics
from schemas import Delivery, DeliveryState, Occasion, Subscription, WebhookReceiver

_AT_ONCE = 8
_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


async def _serve(pipe: Connection, receivers: int) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
                await reader.readexactly(int(length or 0))
                writer.write(_ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    servers = [await asyncio.start_server(connected, "127.0.0.1", 0) for _ in range(receivers)]
    pipe.send([server.sockets[0].getsockname()[1] for server in servers])
    await asyncio.gather(*(server.serve_forever() for server in servers))


def _server(pipe: Connection, receivers: int) -> None:
    asyncio.run(_serve(pipe, receivers))


async def _bare(ports: Sequence[int], count: int, body: bytes) -> float:
    """Return posts a second of a bare client, with a pool of connections for each receiver, as ours has."""
    left = iter(range(count))
    headers = {"Content-Type": "application/cloudevents+json"}

    async def work(pool: httpcore.AsyncConnectionPool, port: int) -> None:
        for _ in left:
            url = f"http://127.0.0.1:{port}/"
            async with pool.stream("POST", url, headers=headers, content=body) as answer:
                await answer.aread()

    pools = [httpcore.AsyncConnectionPool() for _ in ports]
    pairs = list(zip(pools, ports, strict=True))
    begun = time.perf_counter()
    await asyncio.gather(*(work(pool, port) for pool, port in pairs * _AT_ONCE))
    rate = count / (time.perf_counter() - begun)
    for pool in pools:
        await pool.aclose()
    return rate


async def _ours(folder: Path, ports: Sequence[int], count: int) -> float:
    """Return deliveries a second of the dispatcher."""
    archive = open_archive(f"sqlite:///{folder}/archive.sqlite")
    archive.migrate()
    now = datetime.now(UTC)
    receivers = len(ports)
    names = [f"desk-{number}" for number in range(receivers)]
    subscriptions = [
        Subscription(
            id=name,
            receivers=(
                WebhookReceiver(
                    url=f"http://127.0.0.1:{port}/{name}", secret_env="SECRET", allow_private=True
                ),
            ),
        )
        for name, port in zip(names, ports, strict=True)
    ]
    told = samples("desk", "webhook", "webhook", now)[0].alert
    planned = [
        Delivery(
            id=delivery_id(f"alert-{number}", 1, names[number % receivers], "webhook"),
            alert=f"alert-{number}",
            sequence=1,
            subscription=names[number % receivers],
            receiver="webhook",
            channel="webhook",
            state=DeliveryState.PENDING,
            changed_at=now,
            occasion=Occasion.ALERT,
        )
        for number in range(count)
    ]
    with archive.begin() as connection:
        for subscription in subscriptions:
            definitions.put(connection, subscription, author="bench", now=now)
        alerts.record(connection, [told.model_copy(update={"id": one.alert}) for one in planned])
        deliveries.plan(connection, planned, due_at=now - timedelta(seconds=1))
    ended = 0
    finished = asyncio.Event()

    async def publish(rows: Sequence[tuple[int, Outgoing]]) -> None:
        nonlocal ended
        ended += len(rows)
        if ended >= count:
            finished.set()

    clock = SystemClock()
    channel = WebhookChannel(secrets=lambda *_: "secret", clock=clock)
    dispatcher = Dispatcher(
        ledger=ArchiveLedger(archive, "bench"),
        channels={"webhook": channel},
        clock=clock,
        ticks=time.perf_counter,
        in_thread=asyncio.to_thread,
        publish=publish,
        metrics=Metrics(CollectorRegistry()),
        chance=lambda: 0.5,
    )
    begun = time.perf_counter()
    await dispatcher.start()
    await finished.wait()
    rate = count / (time.perf_counter() - begun)
    await dispatcher.stop()
    await channel.close()
    with archive.read() as connection:
        assert accounts.totals(connection)["deliveries"] == {"delivered": count}
    archive.close()
    return rate


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in turns, and print the best and all of each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deliveries", description=__doc__)
    parser.add_argument("--count", type=int, default=5_000, help="deliveries in each run")
    parser.add_argument("--receivers", type=int, default=4, help="receivers that share them")
    parser.add_argument("--runs", type=int, default=3, help="runs of each, in turns")
    options = parser.parse_args(arguments)
    ours_end, theirs_end = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=_server, args=(theirs_end, options.receivers), daemon=True
    )
    server.start()
    ports = ours_end.recv()
    body = event(samples("desk", "webhook", "webhook", datetime.now(UTC))[0])
    rates: dict[str, list[float]] = {"bare httpcore": [], "dispatcher": []}
    try:
        for _ in range(options.runs):
            bare = asyncio.run(_bare(ports, options.count, body))
            rates["bare httpcore"].append(bare)
            with tempfile.TemporaryDirectory(prefix="nightdesk-bench-") as folder:
                ours = _ours(Path(folder), ports, options.count)
                rates["dispatcher"].append(asyncio.run(ours))
    finally:
        server.kill()
    for name, found in rates.items():
        each = ", ".join(f"{rate:,.0f}" for rate in found)
        print(f"{name:<14} {max(found):>8,.0f} a second (runs: {each})")
    share = max(rates["dispatcher"]) / max(rates["bare httpcore"])
    print(f"{'share':<14} {share:>8.0%}; bodies of {len(body):,} bytes")


if __name__ == "__main__":
    main()

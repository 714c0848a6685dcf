"""The broker among processes: one worker a file, and none of what it acknowledged dies with it."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from agents.broker.engine import Engine
from agents.broker.errors import BrokerInUse
from agents.broker.log import Log

SENDER = """
import asyncio, sys
from pathlib import Path
from agents.broker.engine import Engine
from agents.broker.model import Draft

async def main():
    engine = Engine(Path(sys.argv[1]))
    await engine.call(lambda log: log.ensure_topic("t", 3, now_ms=0))
    print("open", flush=True)
    number = 0
    while True:
        sent = []
        for number in range(number, number + 20):
            draft = Draft(engine.partition("t", number % 3), 0, None, b"k", b"%d" % number * 500)
            sent.append(await engine.append(draft, lambda offset: offset))
        for each in range(number - 19, number + 1):
            print(each, each % 3, await sent.pop(0), flush=True)
        number += 1

asyncio.run(main())
"""


@asynccontextmanager
async def sender(path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SENDER, str(path)),
        cwd=Path(__file__).parents[3],
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 30) == b"open\n"
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def test_a_second_worker_is_refused_and_told_who_is_first(path):
    async with sender(path) as first:
        with pytest.raises(BrokerInUse) as caught:
            Engine(path)
        assert caught.value.pid == first.pid
        assert f"in use by process {first.pid}" in str(caught.value)
        assert "kafka://" in caught.value.hint
    # It was killed: the kernel has freed the lock, and nobody needs to remove a file.
    Engine(path).close()


async def test_others_may_read_while_a_worker_writes(path):
    async with sender(path) as first:
        await asyncio.wait_for(first.stdout.readline(), 30)
        log = Log(path, readonly=True)
        assert log.fetch(log.topics["t"].partitions[0], 0, max_records=1, max_bytes=1)
        log.close()


async def test_kill_9_loses_nothing_that_was_acknowledged(path):
    acknowledged: list[tuple[int, int, int]] = []
    for _ in range(3):
        async with sender(path) as process:
            lines = [
                await asyncio.wait_for(process.stdout.readline(), 30)
                for _ in range(random.randint(1, 400))
            ]
            process.kill()
            lines += (await process.stdout.read()).splitlines(keepends=True)
        acknowledged += [tuple(map(int, x.split())) for x in lines if x.endswith(b"\n")]
    log = Log(path)
    for number, partition, offset in acknowledged:
        [record] = log.fetch(
            log.topics["t"].partitions[partition], offset, max_records=1, max_bytes=1
        )
        assert record.offset == offset
        assert record.value == b"%d" % number * 500
    assert log.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    log.close()

"""The engine: what is acknowledged is kept, what fails says so, and waiting ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.broker.engine import Engine, open_engine, release
from agents.broker.errors import (
    BrokerClosed,
    GroupBusy,
    StorageFull,
    UnknownPartition,
    UnknownTopic,
)
from agents.broker.log import Log
from agents.broker.model import Draft
from tests.support.broker_apps import wait_for


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    engine = Engine(path)
    yield engine
    engine.close()


async def create(engine: Engine, name: str = "t", partitions: int = 1, **settings) -> None:
    await engine.call(lambda log: log.ensure_topic(name, partitions, now_ms=0, **settings))


async def send(engine: Engine, value: bytes | None, topic: str = "t") -> asyncio.Future[int]:
    draft = Draft(engine.partition(topic, 0), 0, None, b"k", value)
    return await engine.append(draft, lambda offset: offset)


async def read_all(engine: Engine, offset: int = 0) -> list[bytes | None]:
    bounds = {"max_records": 100_000, "max_bytes": 1 << 30}
    records = await engine.read(engine.partition("t", 0), offset, **bounds)
    return [record.value for record in records]


async def test_messages_are_numbered_in_the_order_they_were_sent(engine):
    await create(engine)
    sent = [await send(engine, b"%d" % n) for n in range(1000)]
    assert [await each for each in sent] == list(range(1000))
    assert await read_all(engine) == [b"%d" % n for n in range(1000)]


async def test_memory_and_file_give_the_same_messages_within_the_bounds(engine):
    await create(engine)
    for size in (10, 5000, 10, 10):
        await (await send(engine, b"x" * size))
    partition = engine.partition("t", 0)
    for records, most, lengths in ((9, 9999, [10, 5000, 10, 10]), (2, 9999, [10, 5000])):
        bounds = {"max_records": records, "max_bytes": most}
        recent = engine.recent(partition, 0, **bounds)
        assert [len(record.value) for record in recent] == lengths
        assert await engine.read(partition, 0, **bounds) == recent
    # One that is larger than the bound comes alone, or nothing would ever come after it.
    bounds = {"max_records": 9, "max_bytes": 100}
    assert [len(r.value) for r in engine.recent(partition, 1, **bounds)] == [5000]
    assert [len(r.value) for r in await engine.read(partition, 1, **bounds)] == [5000]


async def test_flush_waits_for_everything_sent(engine):
    await create(engine)
    sent = [await send(engine, b"x" * 1000) for _ in range(500)]
    await engine.flush()
    assert all(each.done() for each in sent)


async def test_closing_writes_what_was_sent_and_refuses_what_comes_after(path):
    engine = Engine(path)
    await create(engine)
    sent = [await send(engine, b"%d" % n) for n in range(100)]
    engine.close()
    engine.close()
    assert await asyncio.gather(*sent) == list(range(100))
    with pytest.raises(BrokerClosed, match="hint:"):
        await send(engine, b"late")
    with pytest.raises(BrokerClosed):
        await read_all(engine)


async def test_a_full_file_fails_the_send_and_takes_it_again_when_there_is_room(engine):
    await create(engine)
    [pages] = await engine.call(lambda log: log.db.execute("PRAGMA page_count").fetchone())
    await engine.call(lambda log: log.db.execute(f"PRAGMA max_page_count = {pages + 8}").fetchall())
    await (await send(engine, b"fits"))
    refused = await send(engine, b"x" * 1_000_000)
    with pytest.raises(StorageFull, match="hint: free disk space"):
        await refused
    await engine.flush()
    await engine.call(lambda log: log.db.execute("PRAGMA max_page_count = 100000").fetchall())
    assert await (await send(engine, b"x" * 1_000_000)) == 1
    assert [len(value) for value in await read_all(engine)] == [4, 1_000_000]


FULL_DISK = """
import asyncio, resource, signal, sys
from pathlib import Path
from agents.broker.engine import Engine
from agents.broker.errors import StorageFailed
from agents.broker.model import Draft

async def main():
    engine = Engine(Path(sys.argv[1]))
    await engine.call(lambda log: log.ensure_topic("t", 1, now_ms=0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
    acknowledged, refused = 0, None
    while refused is None:
        draft = Draft(engine.partition("t", 0), 0, None, b"k", b"%d" % acknowledged * 1000)
        try:
            await (await engine.append(draft, lambda offset: offset))
            acknowledged += 1
        except StorageFailed as error:
            refused = error
    print(acknowledged, str(refused).replace(chr(10), " "), flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert await (await engine.append(draft, lambda offset: offset)) == acknowledged
    engine.close()

asyncio.run(main())
"""


async def test_a_disk_that_refuses_to_grow_the_file_loses_nothing_acknowledged(path):
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert run.returncode == 0, run.stderr
    acknowledged, _, words = run.stdout.partition(" ")
    assert "hint:" in words
    log = Log(path)
    [partition] = log.topics["t"].partitions
    records = log.fetch(partition, 0, max_records=100_000, max_bytes=1 << 30)
    log.close()
    assert len(records) == int(acknowledged) + 1
    assert all(r.value == b"%d" % r.offset * 1000 for r in records)


async def test_listeners_are_woken_by_messages_and_by_new_topics(engine):
    woken = asyncio.Event()
    engine.listen("me", woken.set)
    await create(engine)
    await asyncio.wait_for(woken.wait(), 5)
    woken.clear()
    await send(engine, b"x")
    await asyncio.wait_for(woken.wait(), 5)
    engine.unlisten("me")
    woken.clear()
    await (await send(engine, b"x"))
    assert not woken.is_set()


async def test_cleaning_runs_by_itself(path):
    now = 0.0
    engine = Engine(path, clean_every=0.01, clock=lambda: now)
    await create(engine, retention_ms=1000)
    for _ in range(3):
        await (await send(engine, b"x"))
    now = 10.0
    await wait_for(lambda: engine.partition("t", 0).start == 3, "cleaning")
    assert engine.recent(engine.partition("t", 0), 0, max_records=9, max_bytes=9) == []
    engine.close()


async def test_names_that_do_not_exist_are_said_at_once(engine):
    await create(engine)
    with pytest.raises(UnknownTopic, match=r"hint: create it .*ensure_topics"):
        engine.topic("nope")
    with pytest.raises(UnknownPartition, match="no partition 1, only 0 to 0"):
        engine.partition("t", 1)


async def test_a_group_runs_once_in_a_process(engine):
    engine.join("g")
    with pytest.raises(GroupBusy, match="hint:"):
        engine.join("g")
    engine.leave("g")
    engine.join("g")


async def test_one_path_is_one_engine_until_the_last_lets_go(path):
    first, second = open_engine(path), open_engine(path.parent / "." / path.name)
    assert first is second
    release(first)
    await create(second)
    release(second)
    third = open_engine(path)
    assert third is not second
    assert set(third.topics) == {"t"}
    release(third)


async def test_an_event_loop_that_closed_does_not_stop_the_others(engine):
    await create(engine)
    await asyncio.to_thread(lambda: asyncio.run(send(engine, b"from a loop that is gone")))
    await engine.flush()
    assert await (await send(engine, b"after")) == 1

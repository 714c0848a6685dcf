"""Retention and compaction: what goes, and above all what stays."""

from __future__ import annotations

import pytest

from agents.broker.cleaning import clean
from agents.broker.log import Log
from agents.broker.model import Draft, Partition

DAY = 24 * 3600 * 1000


def topic(log: Log, **settings) -> Partition:
    log.ensure_topic("t", 1, now_ms=0, **settings)
    return log.topics["t"].partitions[0]


def append(log: Log, partition: Partition, *messages: tuple, now_ms: int = 0) -> None:
    drafts = [Draft(partition, 0, None, key, value) for key, value in messages]
    log.append(drafts, now_ms=now_ms)


def kept(log: Log, partition: Partition) -> list[int]:
    records = log.fetch(partition, 0, max_records=10_000, max_bytes=1 << 30)
    return [record.offset for record in records]


def clean_all(log: Log, now_ms: int, **options) -> int:
    dropped = 0
    while step := clean(log, now_ms=now_ms, **options):
        dropped += step
    return dropped


def test_messages_older_than_the_retention_go(log):
    partition = topic(log, retention_ms=100)
    for now_ms in (0, 50, 100):
        append(log, partition, (b"k", b"v"), now_ms=now_ms)
    assert clean_all(log, now_ms=100) == 0
    assert clean_all(log, now_ms=151) == 2
    assert kept(log, partition) == [2]
    assert (partition.start, partition.end, partition.bytes) == (2, 3, 2)


def test_a_timestamp_of_the_sender_does_not_change_how_long_a_message_is_kept(log):
    partition = topic(log, retention_ms=100)
    log.append([Draft(partition, 9 * DAY, None, None, b"from the future")], now_ms=0)
    log.append([Draft(partition, -DAY, None, None, b"from the past")], now_ms=80)
    assert clean_all(log, now_ms=120) == 1
    assert kept(log, partition) == [1]


def test_the_oldest_go_when_a_partition_is_too_large(log):
    partition = topic(log, retention_bytes=50)
    append(log, partition, *[(b"key", b"1234567")] * 8)
    assert clean_all(log, now_ms=0) == 3
    assert kept(log, partition) == [3, 4, 5, 6, 7]
    assert partition.bytes == 50


@pytest.mark.parametrize("settings", [{"retention_ms": 1}, {"compacting": True}])
def test_what_a_known_group_has_not_committed_past_stays(log, settings):
    partition = topic(log, **settings)
    append(log, partition, *[(b"k", b"v")] * 5)
    log.register("slow", {partition: 0}, now_ms=0)
    log.commit("fast", {partition: 5}, now_ms=0)
    assert clean_all(log, now_ms=9 * DAY) == 0
    log.commit("slow", {partition: 2}, now_ms=0)
    assert clean_all(log, now_ms=9 * DAY) == 2
    assert kept(log, partition) == [2, 3, 4]
    log.forget_group("slow")
    assert clean_all(log, now_ms=9 * DAY) > 0


def test_registering_a_group_does_not_move_what_it_has_committed(log):
    partition = topic(log)
    log.commit("g", {partition: 7}, now_ms=0)
    log.register("g", {partition: 0}, now_ms=0)
    assert log.positions("g") == {("t", 0): 7}
    assert log.groups() == ["g"]


def test_compaction_keeps_the_latest_message_of_each_key(log):
    partition = topic(log, compacting=True)
    append(log, partition, (b"a", b"1"), (b"b", b"1"), (None, b"no key"), (b"a", b"2"))
    append(log, partition, (b"a", b"3"))
    assert clean_all(log, now_ms=0) == 2
    assert kept(log, partition) == [1, 2, 4]
    assert partition.end == 5
    assert partition.bytes == len(b"b1") + len(b"no key") + len(b"a3")


def test_a_tombstone_goes_after_its_time_and_its_key_may_come_again(log):
    partition = topic(log, compacting=True)
    append(log, partition, (b"a", b"1"), (b"a", None), now_ms=1000)
    assert clean_all(log, now_ms=1000, tombstone_ms=500) == 1
    assert kept(log, partition) == [1]
    assert clean_all(log, now_ms=1500, tombstone_ms=500) == 1
    assert kept(log, partition) == []
    append(log, partition, (b"a", b"2"), (b"a", b"3"), now_ms=2000)
    assert clean_all(log, now_ms=2000) == 1
    assert kept(log, partition) == [3]


def test_a_topic_that_becomes_compacting_is_compacted_from_its_start(log):
    partition = topic(log)
    append(log, partition, (b"a", b"1"), (b"a", b"2"))
    for compacting in (True, False, True):
        log.ensure_topic("t", 1, compacting=compacting, now_ms=0)
        append(log, partition, (b"a", b"more"))
    assert clean_all(log, now_ms=0) == 4
    assert kept(log, partition) == [4]


def test_one_step_is_bounded(log):
    partition = topic(log, retention_ms=1)
    append(log, partition, *[(b"k", b"v")] * 250)
    assert clean(log, now_ms=DAY, budget=100) == 100
    assert kept(log, partition)[0] == 100


def test_what_was_cleaned_stays_so_after_reopening(path):
    log = Log(path)
    partition = topic(log, retention_ms=1)
    append(log, partition, *[(b"k", b"v")] * 3)
    clean_all(log, now_ms=DAY)
    log.close()
    log = Log(path)
    [partition] = log.topics["t"].partitions
    assert (partition.start, partition.end, partition.bytes) == (3, 3, 0)
    log.close()

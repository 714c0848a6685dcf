"""Opening a broker's file: each way that it can be wrong has its own words, and a hint."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from agents.broker.engine import Engine
from agents.broker.errors import (
    BadBrokerURL,
    BrokerError,
    CorruptFile,
    InvalidTopic,
    NotABrokerFile,
    NotWritable,
    TopicMismatch,
    UnsupportedVersion,
)
from agents.broker.log import SKIP_OFFSETS, Log
from agents.broker.model import Draft
from agents.broker.transport import locate


def assert_refused(kind: type[BrokerError], path: Path, *words: str) -> None:
    with pytest.raises(kind) as caught:
        Engine(path).close()
    for word in (str(path), "hint:", *words):
        assert word in str(caught.value)


def test_a_file_that_is_not_sqlite_is_refused_and_left_alone(path):
    path.write_bytes(b"my holiday pictures" * 1000)
    assert_refused(NotABrokerFile, path, "not a SQLite file")
    assert path.read_bytes().startswith(b"my holiday")


def test_a_database_of_another_program_is_refused_and_left_alone(path):
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE bookmarks (url)")
    db.close()
    before = path.read_bytes()
    assert_refused(NotABrokerFile, path, "another program")
    assert path.read_bytes() == before


def test_a_file_of_a_later_version_is_refused(path):
    log = Log(path)
    log.db.execute("PRAGMA user_version = 99")
    log.close()
    assert_refused(UnsupportedVersion, path, "99", "upgrade")


def test_a_folder_in_place_of_the_file_is_refused(path):
    path.mkdir()
    assert_refused(NotABrokerFile, path, "folder")


def test_a_file_in_place_of_the_folder_is_refused(path):
    path.write_text("")
    with pytest.raises(NotWritable, match="cannot create the folder"):
        Log(path / "below" / "broker.db")


def test_a_folder_that_cannot_be_written_is_refused():
    # /proc refuses new files even to root, whom permissions do not stop.
    with pytest.raises(NotWritable, match="hint: give this user the right"):
        Engine(Path("/proc/self/broker.db"))


def test_a_file_that_cannot_be_written_is_refused(path):
    Log(path).close()
    path.chmod(0o400)
    if os.access(path, os.W_OK):
        pytest.skip("this user may write everything")
    assert_refused(NotWritable, path)


def test_a_file_damaged_in_the_middle_is_reported_as_such(path):
    log = Log(path)
    log.ensure_topic("t", 1, now_ms=0)
    [partition] = log.topics["t"].partitions
    log.append([Draft(partition, 0, None, b"k", os.urandom(3000))] * 500, now_ms=0)
    log.close()
    data = bytearray(path.read_bytes())
    half = len(data) // 2
    data[half : half + 65536] = b"\xff" * 65536
    path.write_bytes(data)
    log = Log(path)
    [partition] = log.topics["t"].partitions
    with pytest.raises(CorruptFile, match=r"hint: stop the worker, then try .*recover"):
        log.fetch(partition, 0, max_records=10_000, max_bytes=1 << 30)
    log.close()


def test_a_file_without_its_schema_page_is_reported_as_such(path):
    Log(path).close()
    data = bytearray(path.read_bytes())
    data[100:16000] = b"\xff" * 15900
    path.write_bytes(data)
    assert_refused(CorruptFile, path)


def test_a_refused_file_is_not_left_locked(path):
    path.write_text("not a database, and rather long at that " * 100)
    with pytest.raises(NotABrokerFile):
        Engine(path)
    path.unlink()
    Engine(path).close()


def test_a_topic_keeps_its_partitions_and_takes_over_settings(log):
    assert log.ensure_topic("t", 4, now_ms=0) is True
    assert log.ensure_topic("t", 2, retention_ms=5, now_ms=0) is False
    assert (len(log.topics["t"].partitions), log.topics["t"].retention_ms) == (4, 5)
    with pytest.raises(TopicMismatch, match="has 4 partitions, 6 are asked for"):
        log.ensure_topic("t", 6, now_ms=0)


@pytest.mark.parametrize(("name", "partitions"), [("", 1), ("a b", 1), ("..", 1), ("t", 0)])
def test_impossible_topics_are_refused(log, name, partitions):
    with pytest.raises(InvalidTopic, match="hint: use letters"):
        log.ensure_topic(name, partitions, now_ms=0)


def test_a_topic_created_anew_has_another_id_and_starts_at_nought(log):
    log.ensure_topic("t", 1, now_ms=0)
    before = log.topics["t"]
    log.append([Draft(before.partitions[0], 0, None, b"k", b"v")], now_ms=0)
    log.commit("g", {before.partitions[0]: 1}, now_ms=0)
    log.delete_topic("t")
    log.ensure_topic("t", 1, now_ms=0)
    after = log.topics["t"]
    assert after.log_id != before.log_id
    assert after.partitions[0].end == 0
    assert log.positions("g") == {}
    assert log.fetch(after.partitions[0], 0, max_records=9, max_bytes=9) == []
    with pytest.raises(BrokerError, match="was deleted"):
        log.append([Draft(before.partitions[0], 0, None, b"k", b"v")], now_ms=0)


def test_offsets_are_not_used_again_after_a_power_cut(path):
    log = Log(path)
    log.ensure_topic("t", 1, now_ms=0)
    log.append([Draft(log.topics["t"].partitions[0], 0, None, b"k", b"v")], now_ms=0)
    # What a machine leaves that lost its power: another boot, and no word of closing.
    log.db.execute("UPDATE life SET boot_id = 'before the cut', closed = 0")
    log.db.close()
    log = Log(path)
    [partition] = log.topics["t"].partitions
    assert log.append([Draft(partition, 0, None, b"k", b"v")], now_ms=0) == [1 + SKIP_OFFSETS]
    log.close()
    log = Log(path)
    assert log.topics["t"].partitions[0].end == 2 + SKIP_OFFSETS
    log.close()


@pytest.mark.parametrize(
    ("url", "path", "synchronous"),
    [
        ("sqlite:///data/broker.db", "data/broker.db", "normal"),
        ("sqlite:////var/lib/nightdesk/broker.db", "/var/lib/nightdesk/broker.db", "normal"),
        ("sqlite:///a%20b.db?synchronous=FULL", "a b.db", "full"),
    ],
)
def test_a_url_names_a_file(url, path, synchronous):
    assert locate(url) == (Path(path), synchronous)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite://broker.db",
        "sqlite:///x.db?sync=full",
        "sqlite:///x.db?synchronous=off",
        "kafka://localhost",
    ],
)
def test_a_url_that_says_something_else_is_refused(url):
    with pytest.raises(BadBrokerURL, match="hint:"):
        locate(url)

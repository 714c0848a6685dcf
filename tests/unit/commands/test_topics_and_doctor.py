"""`nightdesk topics` and `doctor`: what is told of a desk that is new, at work, or in trouble."""

from __future__ import annotations

import http.server
import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agents.broker.lock import FileLock
from agents.broker.log import Draft, Log
from nightdesk.archive import Archive, accounts, deadletters, definitions, feeds
from schemas import TOPICS, DeadLetterReason, Feed, Subscription, WebhookReceiver
from tests.support.badworld import disk, fill
from tests.unit.commands.conftest import Run
from tests.unit.commands.test_command_line import spawn
from tests.unit.commands.test_dead_letters_command import letter

NOW = datetime(2026, 3, 1, 5, tzinfo=UTC)


@pytest.fixture
def broker(desk: Path) -> Iterator[Log]:
    log = Log(desk / "var" / "broker.sqlite")
    for name in TOPICS:
        log.ensure_topic(name, 2, now_ms=0)
    first, second = log.topics["reports"].partitions
    log.append([Draft(p, 0, None, b"k", b"x" * 100) for p in (first, first, second)], now_ms=0)
    log.commit("nightdesk", {first: 1, second: 1}, now_ms=0)
    yield log
    log.close()


def _checks(nightdesk: Run) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    said = nightdesk("doctor", "--json")
    data = json.loads(said.out)
    for line in data["checks"]:
        found.setdefault(line["check"], []).append(line)
    failed = any(line["state"] == "fail" for line in data["checks"])
    assert said.code == int(failed)
    assert data["ok"] is not failed
    return found


def test_topics_before_anything_ran(nightdesk: Run) -> None:
    said = nightdesk("topics")
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()[1:9]] == list(TOPICS)
    assert "does not exist yet" in said.out


def test_topics_of_a_broker_at_work(nightdesk: Run, broker: Log) -> None:
    data = json.loads(nightdesk("topics", "--json").out)
    reports = data["topics"][0]
    assert reports["contract"] == "Report"
    assert reports["key"] == "feed"
    assert reports["partitions"] == 2
    assert reports["messages"] == 3
    assert reports["bytes"] == 303
    assert reports["lag"] == {"nightdesk": 1}
    assert reports["offsets"][0] == {"partition": 0, "earliest": 0, "end": 2}
    line = nightdesk("topics").out.splitlines()[1]
    assert "0–3" in line
    assert "nightdesk 1" in line


def test_topics_without_a_broker_still_tells_the_contracts(
    nightdesk: Run, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk / "var").mkdir()
    (desk / "var" / "broker.sqlite").write_bytes(
        b"no database at all, and longer than a header " * 9
    )
    said = nightdesk("topics")
    assert said.code == 1
    assert "Report" in said.out
    assert said.err.startswith("error: ")
    assert "hint" in said.err


def test_an_unreachable_kafka_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        monkeypatch.setenv("NIGHTDESK_BROKER_URL", f"kafka://127.0.0.1:{held.getsockname()[1]}")
        done = spawn("topics")
    assert done.returncode == 1
    assert done.stderr.startswith("error: no Kafka at 127.0.0.1")
    assert len(done.stderr.splitlines()) == 2
    assert "Report" in done.stdout


def test_the_doctor_of_a_new_desk(nightdesk: Run, desk: Path) -> None:
    said = nightdesk("doctor")
    assert said.code == 0
    assert "All is well." in said.out
    assert not (desk / "var").exists(), "the doctor changes nothing"


def test_the_doctor_of_a_desk_at_work(nightdesk: Run, archive: Archive, broker: Log) -> None:
    lock = FileLock(broker.path)
    lock.acquire()
    checks = _checks(nightdesk)
    lock.release()
    assert checks["archive"][0]["state"] == "ok"
    assert "whole" in checks["archive"][0]["message"]
    assert f"process {os.getpid()} works on it" in checks["broker"][0]["message"]
    assert checks["topics"][0]["message"] == "8 topics, 1 message unread"
    assert checks["dead letters"][0]["message"] == "none"
    assert checks["account"][0]["state"] == "ok"
    assert "no worker runs" in _checks(nightdesk)["broker"][0]["message"]


def test_wrong_settings_fail_and_misspelt_ones_are_told(
    nightdesk: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTDESK_STATEDIR", "x")
    monkeypatch.setenv("NIGHTDESK_WEB_HOST", "0.0.0.0")
    messages = [line["message"] for line in _checks(nightdesk)["settings"]]
    assert any("NIGHTDESK_STATEDIR" in message for message in messages)
    assert any("no login" in message for message in messages)
    monkeypatch.setenv("NIGHTDESK_LOG_LEVEL", "loud")
    assert _checks(nightdesk)["settings"][0]["state"] == "fail"


def test_a_state_folder_that_is_a_file_fails(
    nightdesk: Run, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk / "file").write_text("")
    monkeypatch.setenv("NIGHTDESK_STATE_DIR", str(desk / "file"))
    assert _checks(nightdesk)["state folder"][0]["state"] == "fail"


def test_a_full_disk_and_a_read_only_one_are_told_apart(
    nightdesk: Run, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hint(folder: Path) -> str:
        monkeypatch.setenv("NIGHTDESK_STATE_DIR", str(folder))
        [line] = _checks(nightdesk)["state folder"]
        assert line["state"] == "fail"
        return str(line["hint"])

    with disk(desk / "ro", "ro") as read_only, disk(desk / "full", "size=64k") as full:
        fill(full)
        assert "free some space" in hint(full)
        assert "mount its disk for writing" in hint(read_only)
    assert "right to write" in hint(Path("/proc"))


def test_a_damaged_archive_fails_and_ends_what_depends_on_it(nightdesk: Run, desk: Path) -> None:
    (desk / "var").mkdir()
    (desk / "var" / "archive.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    checks = _checks(nightdesk)
    assert checks["archive"][0]["state"] == "fail"
    assert checks["archive"][0]["hint"]
    assert "feeds" not in checks


def test_a_damaged_broker_fails(nightdesk: Run, desk: Path) -> None:
    (desk / "var").mkdir()
    (desk / "var" / "broker.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    assert _checks(nightdesk)["broker"][0]["state"] == "fail"


def test_troubles_of_feeds_receivers_letters_and_account(nightdesk: Run, archive: Archive) -> None:
    hook = WebhookReceiver(url="https://h.example", secret_env="NO_SUCH_SECRET")
    with archive.begin() as conn:
        for definition in (
            Feed(id="harbour-wire", url="https://harbour.example/rss", source="Harbour Wire"),
            Subscription(id="night", receivers=(hook,)),
        ):
            definitions.put(conn, definition, author="mara", now=NOW)
        feeds.save(
            conn,
            "harbour-wire",
            "{}",
            expected_version=0,
            url="https://harbour.example/rss",
            next_poll_at=NOW,
            health="bot_wall",
            health_since=NOW,
            failures=3,
        )
        poll = feeds.Poll(
            "harbour-wire", NOW, 403, "bot_wall", 0, 0, 0, 0, 0.2, "HTTP 403 \x1b[31mwith a puzzle"
        )
        feeds.add_polls(conn, [poll])
        deadletters.bury(conn, [letter(1, b"x", reason=DeadLetterReason.NOT_JSON)])
        accounts.count(conn, "0", "poll", {"polled": 7, "new": 5})
    checks = _checks(nightdesk)
    assert (
        "harbour-wire fails (bot wall) since 2026-03-01 05:00 UTC" in checks["feeds"][0]["message"]
    )
    assert "with a puzzle" in checks["feeds"][0]["message"]
    assert "NO_SUCH_SECRET" in checks["receivers"][0]["message"]
    assert checks["dead letters"][0]["message"] == "1 of normalise: not json"
    broken = checks["account"][0]
    assert broken["state"] == "fail"
    assert "poll.polled 7 ≠ 5" in broken["message"]
    shown = nightdesk("doctor")
    assert shown.code == 1
    assert "FAIL" in shown.out
    assert "\x1b" not in shown.out


@contextmanager
def _server(status: int, body: bytes) -> Iterator[int]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "body", "state", "words"),
    [
        (200, b'{"alive": true, "ready": true}', "ok", "alive and ready"),
        (503, b'{"alive": false, "summary": "deaf for 80 s"}', "fail", "deaf for 80 s"),
        (503, b'{"alive": true, "ready": false, "reasons": ["no topics"]}', "warn", "no topics"),
        (200, b"[]", "fail", "another program"),
        (200, b"7", "fail", "another program"),
        (200, b"<html>", "fail", "another program"),
    ],
)
def test_whoever_answers_on_the_port_is_told(
    nightdesk: Run,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    body: bytes,
    state: str,
    words: str,
) -> None:
    with _server(status, body) as port:
        monkeypatch.setenv("NIGHTDESK_WEB_PORT", str(port))
        [line] = _checks(nightdesk)["web port"]
    assert line["state"] == state
    assert words in line["message"]


def test_a_free_port_and_an_address_that_is_not_ours(
    nightdesk: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("NIGHTDESK_WEB_PORT", str(port))
    assert "is free" in _checks(nightdesk)["web port"][0]["message"]
    monkeypatch.setenv("NIGHTDESK_WEB_HOST", "192.0.2.1")
    assert _checks(nightdesk)["web port"][0]["state"] == "fail"


def test_doctor_tells_of_feeds_whose_secrets_are_not_at_hand(
    nightdesk: Run, desk: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk / "bundle.yaml").write_text(
        "feeds:\n"
        "  - {id: a, url: 'http://a.example/', source: A, access: {bearer: {env: HERE}}}\n"
        "  - {id: b, url: 'http://b.example/', source: B, access: {basic: {env: NOT_HERE}}}\n"
    )
    monkeypatch.setenv("HERE", "t-0k3n")
    assert nightdesk("apply", "bundle.yaml", "--yes").code == 0
    said = nightdesk("doctor")
    assert "b: the environment variable NOT_HERE is empty" in said.out
    assert "2 feeds with a login" in said.out
    assert "t-0k3n" not in said.out

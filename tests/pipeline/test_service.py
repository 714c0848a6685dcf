"""The whole service on the embedded broker: started as users start it, stopped, killed, started again."""

from __future__ import annotations

import random
import signal
from urllib.request import urlopen

import feedparser
import psutil
import pytest

from tests.support.newswire import SECRET, SECRET_NAME, Newswire
from tests.support.service import Service, until
from tests.support.tokens import make_token

ENVIRONMENT = {SECRET_NAME: SECRET}


def start(service: Service, wire: Newswire) -> None:
    bundle = wire.write_bundle(service.folder.parent / "bundle.yaml")
    service.start("--bundle", str(bundle), extra=ENVIRONMENT)


def polled(totals: dict[str, dict[str, int]]) -> int:
    return totals.get("poll", {}).get("new", 0)


def test_reports_become_alerts_become_deliveries(service: Service, wire: Newswire) -> None:
    wire.publish(14)
    start(service, wire)
    service.settled(lambda totals: polled(totals) == 14)
    assert wire.posted == [], "what the first fetch brought pages nobody"
    wire.publish(21)
    totals = service.settled(lambda totals: polled(totals) == 35)
    assert totals["normalise"]["new"] == 35
    assert totals["alert"]["opened"] == 5
    assert totals["deliveries"] == {"delivered": 6, "suppressed": 4}
    assert len(wire.posted) == len(set(wire.posted)) == 3
    assert wire.forged == 0
    address = service.web_address()
    with service.archive() as archive:
        token = make_token(archive, "feed:desk")
    with urlopen(f"{address}/subscriptions/desk.atom?token={token}") as answer:
        feed = feedparser.parse(answer.read())
    assert len(feed.entries) == 3
    with urlopen(f"{address}/healthz") as answer:
        assert answer.status == 200
    with urlopen(f"{address}/metrics") as answer:
        text = answer.read().decode()
    assert 'nightdesk_account_messages_total{outcome="new",stage="normalise"} 35.0' in text


@pytest.mark.parametrize(
    ("number", "times"), [(signal.SIGINT, 1), (signal.SIGTERM, 1), (signal.SIGINT, 3)]
)
def test_a_signal_ends_it_cleanly_and_soon_and_it_starts_again(
    service: Service, wire: Newswire, number: signal.Signals, times: int
) -> None:
    wire.publish(7)
    for life in (1, 2):
        start(service, wire)
        service.web_address()
        service.settled(lambda totals, life=life: polled(totals) == 7 * life)
        code, seconds = service.stop(number, times=times)
        assert code == 0, service.said()
        assert seconds < 5
        assert "Traceback" not in service.said()
        wire.publish(7)


def test_kill_9_at_any_moment_loses_nothing_and_tells_nobody_twice(
    service: Service, wire: Newswire
) -> None:
    chance = random.Random(20260301)
    wire.publish(1)
    start(service, wire)
    service.settled(lambda totals: polled(totals) == 1)
    for _ in range(4):
        before = sum(service.totals().get("normalise", {}).values())
        wire.publish(70)
        goal = before + chance.randint(1, 150)
        until(
            lambda goal=goal: (
                sum(service.totals().get("normalise", {}).values()) >= goal
                or polled(service.totals()) == wire.published
            ),
            "some progress to interrupt",
        )
        service.kill()
        start(service, wire)
    totals = service.settled(lambda totals: polled(totals) == wire.published)
    assert totals["normalise"]["new"] == wire.published
    told = wire.fitting(first=1)
    assert totals["alert"]["opened"] == told + 1
    assert len(set(wire.posted)) == told
    assert totals["deliveries"]["delivered"] == 2 * told


def test_the_faust_command_line_runs_the_same_app(service: Service, wire: Newswire) -> None:
    wire.publish(7)
    start(service, wire)
    service.settled(lambda totals: polled(totals) == 7)
    service.stop()
    wire.publish(7)
    service.start("-A", "agents.app", "worker", command="faust", extra=ENVIRONMENT)
    service.settled(lambda totals: polled(totals) == 14)
    assert service.process is not None
    sockets = psutil.Process(service.process.pid).net_connections("tcp")
    listening = [f"http://{s.laddr.ip}:{s.laddr.port}" for s in sockets if s.status == "LISTEN"]
    assert listening == [service.web_address().rstrip("/")], "Faust's own web server stays off"
    assert "6066" not in service.said()
    code, seconds = service.stop()
    assert code == 0, service.said()
    assert seconds < 5


def test_a_second_worker_on_the_same_state_is_refused_with_a_hint(
    service: Service, wire: Newswire
) -> None:
    start(service, wire)
    service.web_address()
    second = Service(service.folder)
    second.start()
    assert second.process is not None
    assert second.process.wait(timeout=20) == 1
    said = second.said()
    assert "hint" in said
    assert "Kafka" in said or "kafka" in said
    assert "Traceback" not in said.split("listening")[-1]
    assert service.alive()


def test_what_waits_in_groups_survives_kill_9_and_is_told_once(
    service: Service, wire: Newswire
) -> None:
    wire.publish(1)
    bundle = wire.write_bundle(
        service.folder.parent / "bundle.yaml",
        group_by=["storyline"],
        group_wait="1s",
        group_interval="1s",
        rate_limit={"most": 2, "per": "3s"},
    )

    def begin() -> None:
        service.start("--bundle", str(bundle), extra=ENVIRONMENT)

    begin()
    service.settled(lambda totals: polled(totals) == 1)
    for _ in range(4):
        before = service.totals().get("deliver", {}).get("routed", 0)
        wire.publish(70)
        until(
            lambda before=before: service.totals().get("deliver", {}).get("routed", 0) > before,
            "something that waits",
        )
        service.kill()
        begin()
    totals = service.settled(lambda totals: polled(totals) == wire.published)
    told = wire.fitting(first=1)
    assert len(wire.told) == len(set(wire.told)) == told
    ended = totals["deliveries"]
    assert ended["delivered"] + ended["included"] == 2 * told
    assert ended["included"] > 0

"""`nightdesk subscriptions`: who takes what; and a test that goes the real way, to real receivers."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nightdesk.archive import Archive
from nightdesk.clock import SystemClock
from nightdesk.delivery.signature import verify
from schemas import AppriseReceiver, AtomReceiver, FileReceiver, Secret
from tests.support.alerting import make_alert, make_subscription, make_webhook
from tests.support.dispatching import Desk
from tests.support.mailserver import mail_server, make_mail
from tests.support.receiver import LoopbackReceiver, answer, loopback_receiver
from tests.unit.commands.conftest import Run


@contextmanager
def served(context) -> Iterator:
    """Run an asynchronous context in a thread with a loop of its own: a command has one itself."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        value = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(30)
        try:
            yield value
        finally:
            closing = context.__aexit__(None, None, None)
            asyncio.run_coroutine_threadsafe(closing, loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def webhook() -> Iterator[LoopbackReceiver]:
    with served(loopback_receiver()) as receiver:
        yield receiver


@pytest.fixture
def desk(desk, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("DESK_SECRET", "between us")
    return Desk(archive)


def test_list_and_show(nightdesk: Run, desk: Desk) -> None:
    receivers = (make_webhook(fallback="pager"), make_webhook(name="pager", on_standby=True))
    subscription = make_subscription(
        title="The desk", storylines=("patrol-denial",), receivers=receivers
    )
    desk.declare(subscription, make_subscription("other", enabled=False))
    out = nightdesk("subscriptions", "list").out
    assert "patrol-denial" in out
    assert "pager (webhook), on standby" in out
    assert [one["id"] for one in json.loads(nightdesk("subscriptions", "list", "--json").out)] == [
        "desk",
        "other",
    ]
    desk.plan(make_alert(), subscription)
    out = nightdesk("subscriptions", "show", "desk").out
    assert "title: The desk" in out
    assert "deliveries to webhook: 1 pending" in out
    data = json.loads(nightdesk("subscriptions", "show", "desk", "--json").out)
    assert data["deliveries"] == {"webhook": {"pending": 1}, "pager": {}}
    missing = nightdesk("subscriptions", "show", "dsk")
    assert (missing.code, "did you mean desk" in missing.err) == (1, True)


def test_none_is_in_force(nightdesk: Run, desk: Desk) -> None:
    assert "No subscription" in nightdesk("subscriptions", "list").out


def test_a_test_goes_the_real_way_and_is_marked(
    nightdesk: Run, desk: Desk, webhook, tmp_path
) -> None:
    file = FileReceiver(path=str(tmp_path / "alerts.jsonl"))
    desk.declare(make_subscription(receivers=(make_webhook(webhook.url), file, AtomReceiver())))
    said = nightdesk("subscriptions", "test", "desk")
    assert said.code == 0, said.out
    assert "webhook (webhook): has it" in said.out
    assert "atom (atom): nothing is sent there" in said.out
    (posted,) = webhook.posted
    assert posted.json["data"]["delivery"]["occasion"] == "test"
    assert "Nothing happened" in posted.json["data"]["delivery"]["note"]
    signed = posted.headers["nightdesk-signature"]
    assert verify(b"between us", posted.body, signed, SystemClock().now())
    line = json.loads((tmp_path / "alerts.jsonl").read_text("utf-8"))
    assert line["data"]["delivery"]["occasion"] == "test"
    assert desk.account() == {}


def test_what_a_receiver_said_is_told_and_the_end_is_1(nightdesk: Run, desk: Desk, webhook) -> None:
    webhook.behaviours = [answer(410, b"no such desk\x1b[2J")]
    desk.declare(
        make_subscription(receivers=(make_webhook(webhook.url), make_webhook(name="other")))
    )
    said = nightdesk("subscriptions", "test", "desk", "--receiver", "webhook")
    assert said.code == 1
    assert "receiver refused, after" in said.out
    assert "answered 410: no such desk" in said.out
    assert "hint:" in said.out
    assert "\x1b" not in said.out
    assert "hush" not in said.out + said.err
    (result,) = json.loads(
        nightdesk("subscriptions", "test", "desk", "--receiver", "webhook", "--json").out
    )
    assert (result["delivered"], result["outcome"]) == (False, "receiver_refused")
    wrong = nightdesk("subscriptions", "test", "desk", "--receiver", "nobody")
    assert wrong.code == 2


def test_guards_and_secrets_are_those_of_alerts(
    nightdesk: Run, desk: Desk, webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.declare(make_subscription(receivers=(make_webhook(webhook.url, allow_private=False),)))
    said = nightdesk("subscriptions", "test", "desk")
    assert (said.code, "private address" in said.out) == (1, True)
    monkeypatch.delenv("DESK_SECRET")
    said = nightdesk("subscriptions", "test", "desk")
    assert (said.code, "DESK_SECRET is empty" in said.out) == (1, True)
    assert webhook.connections == 0


def test_mail_and_chat(
    nightdesk: Run, desk: Desk, webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT", webhook.url.replace("http://", "json://"))
    with served(mail_server()) as box:
        chat = AppriseReceiver(address=Secret(env="CHAT"), allow_private=True)
        desk.declare(make_subscription(receivers=(make_mail(box.port), chat)))
        said = nightdesk("subscriptions", "test", "desk")
    assert said.code == 0, said.out
    (mail,) = box.mails
    assert mail["Subject"].startswith("[TEST] New: A sample storyline")
    assert webhook.posted[0].json["title"].startswith("[TEST] ")

"""All channels under one dispatcher: what one does holds up no other, and no secret is ever logged."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from nightdesk.delivery.channels import Channels
from schemas import (
    AlertmanagerReceiver,
    AppriseReceiver,
    AtomReceiver,
    ConsoleReceiver,
    EventsReceiver,
    FileReceiver,
    Secret,
)
from tests.support.alerting import make_alert, make_subscription, make_webhook
from tests.support.mailserver import mail_server, make_mail
from tests.support.receiver import answer, loopback_receiver, never
from tests.support.waiting import until

SECRETS = {"DESK_SECRET": "hush-key", "MAIL": "hush-mail", "AM": "hush-token"}


@pytest.fixture
async def channels(desk):
    stream = io.StringIO()
    made = Channels(
        secrets=lambda secret, _: SECRETS[secret.env],
        clock=desk.clock,
        ticks=time.monotonic,
        stream=stream,
    )
    made.stream = stream
    yield made
    await made.close()


async def test_slow_mail_and_chat_delay_no_other(desk, channels):
    async def silent(reader, writer):
        await reader.read()
        writer.close()

    hanging = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = hanging.sockets[0].getsockname()[1]
    async with (
        loopback_receiver([never]) as slow,
        loopback_receiver() as quick,
        mail_server() as box,
    ):
        SECRETS["SLOW"] = slow.url.replace("http://", "json://")
        SECRETS["CHAT"] = quick.url.replace("http://", "json://")
        patient = {"timeout": timedelta(seconds=20)}
        receivers = (
            make_mail(port, name="slow-mail", **patient),
            AppriseReceiver(
                name="slow-chat", address=Secret(env="SLOW"), allow_private=True, **patient
            ),
            make_webhook(slow.url, name="slow-hook", **patient),
            make_mail(box.port),
            AppriseReceiver(name="chat", address=Secret(env="CHAT"), allow_private=True),
            make_webhook(quick.url),
        )
        subscription = make_subscription(receivers=receivers)
        desk.declare(subscription)
        for number in range(10):
            desk.plan(make_alert(identity=f"a{number}"), subscription)
        dispatcher = desk.dispatcher(channels.by_name)
        await dispatcher.start()
        await until(lambda: desk.account() == {"delivered": 30}, 60)
        await dispatcher.stop()
        assert len(box.mails) == 10
        assert len(quick.posted) == 20
    hanging.close()


@pytest.mark.parametrize("status", [204, 500])
async def test_no_secret_and_no_token_of_an_address_is_logged_or_kept(
    desk, channels, caplog, capfd, tmp_path, status
):
    caplog.set_level(logging.DEBUG)
    async with loopback_receiver([answer(status)]) as receiver, mail_server() as box:
        box.answers = {} if status == 204 else {"DATA": "451 later"}
        SECRETS["CHAT"] = receiver.url.replace("http://", "json://desk:hush-word@")
        receivers = (
            make_webhook(receiver.url.replace("//", "//desk:hush-word@")),
            AppriseReceiver(address=Secret(env="CHAT"), allow_private=True),
            AlertmanagerReceiver(url=receiver.url, token=Secret(env="AM"), allow_private=True),
            make_mail(box.port),
            FileReceiver(path=str(tmp_path / "lines")),
            ConsoleReceiver(),
            AtomReceiver(),
            EventsReceiver(),
        )
        subscription = make_subscription(receivers=receivers)
        desk.declare(subscription)
        planned = desk.plan(make_alert(), subscription)
        dispatcher = desk.dispatcher(channels.by_name)
        with capture_logs() as logs:
            await dispatcher.start()
            await until(lambda: all(desk.attempts(delivery) for delivery in planned))
            await dispatcher.stop()
    kept = [repr(desk.standing(delivery)) for delivery in planned]
    kept += [repr(desk.attempts(delivery)) for delivery in planned]
    published = [repr(message) for message in desk.published]
    said = [caplog.text, repr(logs), *capfd.readouterr(), channels.stream.getvalue()]
    for text in [*kept, *published, *said]:
        assert "hush" not in text

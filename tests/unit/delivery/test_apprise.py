"""The Apprise channel: json:// to a receiver on loopback, guarded, bounded, and silent about tokens."""

from __future__ import annotations

import logging
import socket
import time
from datetime import timedelta

import pytest

from nightdesk.delivery.apprise import AppriseChannel
from nightdesk.delivery.apprise_sender import _Guard
from nightdesk.delivery.errors import (
    AddressRefused,
    ReceiverBusy,
    ReceiverRefused,
    ReceiverTimedOut,
    ReceiverUnreachable,
)
from nightdesk.delivery.templates import Templates
from schemas import AppriseReceiver, Secret, Wording
from tests.support.alerting import make_alert, make_feed_alert, make_notice
from tests.support.receiver import (
    answer,
    drip,
    flood,
    garble,
    lie,
    loopback_receiver,
    never,
    reset,
)

ADDRESS: dict[str, str] = {}


@pytest.fixture
async def channel():
    channel = AppriseChannel(
        secrets=lambda secret, _: ADDRESS[secret.env or ""], templates=Templates(time.monotonic)
    )
    yield channel
    await channel.close()


def make_apprise(**changes):
    values = {"address": Secret(env="CHAT"), "allow_private": True}
    return AppriseReceiver(**(values | changes))


def json_address(url: str) -> str:
    return url.replace("http://", "json://")


async def test_a_service_gets_title_and_text(channel):
    notice = make_notice(make_alert(), make_feed_alert(), occasion="digest", note="2 today")
    async with loopback_receiver() as receiver:
        ADDRESS["CHAT"] = json_address(receiver.url)
        assert await channel.deliver(notice, make_apprise()) == ""
    (posted,) = receiver.posted
    assert posted.line.startswith("POST /hooks/desk")
    assert posted.json["title"].startswith("2 alerts: New: Denials of joint patrols")
    for said in ("Digest: 2 today", "denies, shared patrols", "Harbour Post cannot be read"):
        assert said in posted.json["message"]


async def test_an_own_template_is_used_and_a_test_is_marked(channel):
    wording = Wording(subject="Hello", text="{{ alert.title }}")
    async with loopback_receiver() as receiver:
        ADDRESS["CHAT"] = json_address(receiver.url)
        await channel.deliver(make_notice(occasion="test"), make_apprise(wording=wording))
    assert receiver.posted[0].json["title"] == "[TEST] Hello"
    assert receiver.posted[0].json["message"].startswith("Ministry denies any talks")


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
async def test_a_no_is_tried_again_and_its_number_told(channel, status):
    async with loopback_receiver([answer(status)]) as receiver:
        ADDRESS["CHAT"] = json_address(receiver.url)
        with pytest.raises(ReceiverBusy, match=f"error {status}"):
            await channel.deliver(make_notice(), make_apprise())


async def test_what_apprise_does_not_know_is_refused(channel):
    ADDRESS["CHAT"] = "nosuch://secret-token/"
    with pytest.raises(ReceiverRefused) as caught:
        await channel.deliver(make_notice(), make_apprise())
    assert "secret-token" not in str(caught.value)


async def test_private_addresses_are_refused_when_the_socket_connects(channel):
    async with loopback_receiver() as receiver:
        for host in ("127.0.0.1", "localhost"):
            ADDRESS["CHAT"] = json_address(receiver.url.replace("127.0.0.1", host))
            with pytest.raises(AddressRefused, match="allow_private"):
                await channel.deliver(make_notice(), make_apprise(allow_private=False))
        assert receiver.connections == 0
        ADDRESS["CHAT"] = "syslog://"
        with pytest.raises(AddressRefused):
            await channel.deliver(make_notice(), make_apprise(allow_private=False))


@pytest.mark.parametrize(
    "address",
    [
        "json://169.254.169.254/latest",
        "json://[::ffff:169.254.169.254]/",
        "json://168.63.129.16/",
        "rsyslog://169.254.169.254",
        # A number is a name to a socket, which leads to the same place.
        "rsyslog://2852039166",
    ],
)
async def test_what_is_allowed_private_addresses_does_not_reach_metadata(channel, address):
    ADDRESS["CHAT"] = address
    with pytest.raises(AddressRefused) as caught:
        await channel.deliver(make_notice(), make_apprise(timeout=timedelta(seconds=5)))
    assert "metadata" in str(caught.value)
    assert "allow_private: true" not in caught.value.hint


async def test_a_redirect_to_metadata_is_refused_where_private_addresses_are_allowed(channel):
    there = "http://169.254.169.254/latest/meta-data/"
    async with loopback_receiver([answer(307, Location=there)]) as receiver:
        ADDRESS["CHAT"] = json_address(receiver.url)
        with pytest.raises(AddressRefused, match="metadata"):
            await channel.deliver(make_notice(), make_apprise(timeout=timedelta(seconds=5)))


async def test_a_service_of_this_machine_is_told_where_that_is_allowed(channel):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as log:
        log.bind(("127.0.0.1", 0))
        log.settimeout(5)
        ADDRESS["CHAT"] = f"rsyslog://localhost:{log.getsockname()[1]}"
        await channel.deliver(make_notice(), make_apprise())
        assert b"Denials of joint patrols" in log.recv(65_536)


def test_local_sockets_and_programs_pass_only_where_private_addresses_do():
    narrow, wide = _Guard(allowed=False), _Guard(allowed=True)
    with socket.socket(socket.AF_UNIX) as local:
        for event, arguments in (
            ("socket.connect", (local, "/run/bus")),
            ("subprocess.Popen", ("notify-send", [], None, None)),
        ):
            wide(event, arguments)
            with pytest.raises(PermissionError):
                narrow(event, arguments)
    assert (narrow.refused, wide.refused) == (True, False)


@pytest.mark.parametrize("behaviour", [never, drip])
async def test_one_that_hangs_is_left_in_time_and_delays_no_other(channel, behaviour):
    async with loopback_receiver([behaviour]) as slow, loopback_receiver() as quick:
        ADDRESS["CHAT"], ADDRESS["QUICK"] = json_address(slow.url), json_address(quick.url)
        with pytest.raises(ReceiverTimedOut):
            await channel.deliver(make_notice(), make_apprise(timeout=timedelta(seconds=1)))
        await channel.deliver(make_notice(), make_apprise(address=Secret(env="QUICK")))
        assert len(quick.posted) == 1


@pytest.mark.parametrize("behaviour", [lie, reset, garble, flood(200), flood(500)])
async def test_one_that_lies_breaks_off_or_floods_is_a_failure_that_may_pass(channel, behaviour):
    async with loopback_receiver([behaviour]) as receiver:
        ADDRESS["CHAT"] = json_address(receiver.url)
        with pytest.raises((ReceiverBusy, ReceiverUnreachable, ReceiverTimedOut)):
            await channel.deliver(make_notice(), make_apprise(timeout=timedelta(seconds=5)))


async def test_a_helper_that_died_is_started_again(channel):
    async with loopback_receiver() as receiver:
        ADDRESS["CHAT"] = json_address(receiver.url)
        await channel.deliver(make_notice(), make_apprise())
        channel._helper.kill()
        await channel._helper.wait()
        await channel.deliver(make_notice(), make_apprise())
    assert len(receiver.posted) == 2


async def test_no_token_is_logged_or_told(channel, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    async with loopback_receiver([answer(500), answer(200)]) as receiver:
        ADDRESS["CHAT"] = json_address(receiver.url).replace("//", "//desk:pass-word@")
        with pytest.raises(ReceiverBusy) as caught:
            await channel.deliver(make_notice(), make_apprise())
        await channel.deliver(make_notice(), make_apprise())
    said = [caplog.text, str(caught.value), repr(caught.value), *capfd.readouterr()]
    for text in said:
        assert "hush" not in text
        assert "pass-word" not in text

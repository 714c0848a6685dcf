"""The webhook channel against real sockets: what it sends, and what it makes of each answer."""

from __future__ import annotations

import socket
from datetime import timedelta
from ipaddress import ip_address

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event

from nightdesk.clock import SettableClock
from nightdesk.delivery.errors import (
    AddressRefused,
    PermanentFailure,
    ReceiverBusy,
    ReceiverRefused,
    ReceiverTimedOut,
    ReceiverUnreachable,
    SecretUnavailable,
    TransientFailure,
)
from nightdesk.delivery.signature import verify
from nightdesk.delivery.webhook import WebhookChannel
from nightdesk.errors import ConfigurationError
from schemas import Alert, Delivery
from tests.support.alerting import NOON, make_alert, make_notice, make_webhook
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

SECRET = b"between the desk and us"


@pytest.fixture
async def channel():
    channel = WebhookChannel(secrets=lambda *_: SECRET.decode(), clock=SettableClock(NOON))
    yield channel
    await channel.close()


async def deliver(channel, url, **changes):
    alert = make_alert()
    await channel.deliver(make_notice(alert), make_webhook(url, **changes))


async def test_it_posts_the_contracts_signed_and_named(channel):
    alert = make_alert(title='Quote " and Ünïcode \u2028 \x1b[31m')
    notice = make_notice(alert)
    async with loopback_receiver() as receiver:
        await channel.deliver(notice, make_webhook(receiver.url))
    (posted,) = receiver.posted
    assert posted.line == "POST /hooks/desk?token=hush HTTP/1.1"
    assert posted.headers["content-type"] == "application/cloudevents+json"
    assert posted.headers["nightdesk-delivery"] == notice.delivery.id
    assert posted.headers["nightdesk-event"] == "new_development"
    assert verify(SECRET, posted.body, posted.headers["nightdesk-signature"], NOON)
    assert not verify(b"other", posted.body, posted.headers["nightdesk-signature"], NOON)
    data = posted.json["data"]
    assert set(data) == {"delivery", "alert", "alerts"}
    assert Alert.model_validate(data["alert"], strict=False) == alert
    assert data["alerts"] == [data["alert"]]
    assert Delivery.model_validate(data["delivery"], strict=False) == notice.delivery


async def test_the_body_is_a_cloud_event_that_the_sdk_reads(channel):
    notice = make_notice(
        make_alert(), make_alert(identity="alert-2"), occasion="digest", note="2 alerts of the day"
    )
    async with loopback_receiver() as receiver:
        await channel.deliver(notice, make_webhook(receiver.url))
    (posted,) = receiver.posted
    event = from_http_event(HTTPMessage(posted.headers, posted.body))
    assert event.get_specversion() == "1.0"
    assert (event.get_id(), event.get_source()) == (notice.delivery.id, "/subscriptions/desk")
    assert event.get_type() == "org.nightdesk.alert.new_development"
    assert (event.get_subject(), event.get_time()) == ("alert-1", NOON)
    assert event.get_datacontenttype() == "application/json"
    data = event.get_data()
    assert [alert["id"] for alert in data["alerts"]] == ["alert-1", "alert-2"]
    assert data["delivery"]["occasion"] == "digest"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_any_2xx_is_a_delivery(channel, status):
    async with loopback_receiver([answer(status)]) as receiver:
        await deliver(channel, receiver.url)


@pytest.mark.parametrize("status", [401, 403, 404, 408, 425, 429, 500, 502, 503, 504])
async def test_what_may_pass_is_transient(channel, status):
    async with loopback_receiver([answer(status, b"no\x1b[2J\nnot now")]) as receiver:
        with pytest.raises(ReceiverBusy) as caught:
            await deliver(channel, receiver.url)
    assert isinstance(caught.value, TransientFailure)
    assert caught.value.message == f"127.0.0.1 answered {status}: no [2J not now"
    assert caught.value.hint


@pytest.mark.parametrize("status", [400, 405, 410, 413, 415, 422, 501])
async def test_what_judges_the_message_is_permanent(channel, status):
    async with loopback_receiver([answer(status)]) as receiver:
        with pytest.raises(PermanentFailure):
            await deliver(channel, receiver.url)


async def test_retry_after_is_read_in_both_forms(channel):
    date = "Fri, 17 May 2024 12:10:00 GMT"
    behaviours = [
        answer(429, Retry_After="120"),
        answer(503, Retry_After=date),
        answer(503, Retry_After="soon"),
    ]
    async with loopback_receiver(behaviours) as receiver:
        found = []
        for _ in range(3):
            with pytest.raises(ReceiverBusy) as caught:
                await deliver(channel, receiver.url)
            found.append(caught.value.retry_after)
    assert found == [timedelta(minutes=2), timedelta(minutes=10), None]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (301, ReceiverRefused),
        (308, ReceiverRefused),
        (304, ReceiverRefused),
        (302, ReceiverBusy),
        (303, ReceiverBusy),
        (307, ReceiverBusy),
    ],
)
async def test_no_redirect_is_followed_and_one_for_a_while_may_pass(channel, status, expected):
    async with loopback_receiver() as inner:
        async with loopback_receiver([answer(status, Location=inner.url)]) as receiver:
            with pytest.raises(expected, match="redirect"):
                await deliver(channel, receiver.url)
        assert inner.connections == 0


@pytest.mark.parametrize("behaviour", [never, drip])
async def test_one_time_limit_holds_over_everything(channel, behaviour):
    async with loopback_receiver([behaviour]) as receiver:
        with pytest.raises(ReceiverTimedOut):
            await deliver(channel, receiver.url, timeout=timedelta(milliseconds=150))


@pytest.mark.parametrize("behaviour", [lie, reset, garble])
async def test_an_answer_that_is_not_whole_is_no_delivery(channel, behaviour):
    async with loopback_receiver([behaviour]) as receiver:
        with pytest.raises(ReceiverUnreachable):
            await deliver(channel, receiver.url)


async def test_of_a_flood_only_the_beginning_is_read(channel):
    async with loopback_receiver([flood(200), flood(500)]) as receiver:
        await deliver(channel, receiver.url)
        with pytest.raises(ReceiverBusy) as caught:
            await deliver(channel, receiver.url)
    assert len(caught.value.message) < 300


async def test_nobody_listens(channel):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/?token=hush"
    with pytest.raises(ReceiverUnreachable) as caught:
        await deliver(channel, url)
    assert "hush" not in str(caught.value)


async def test_a_private_address_is_refused_before_anything_is_sent(channel):
    async with loopback_receiver() as receiver:
        with pytest.raises(AddressRefused, match="allow_private"):
            await deliver(channel, receiver.url, allow_private=False)
        assert receiver.connections == 0


async def test_a_public_name_that_leads_to_a_private_address_is_refused():
    async def rebound(host, port):
        return [ip_address("169.254.169.254"), ip_address("10.0.0.1")]

    channel = WebhookChannel(
        secrets=lambda *_: SECRET.decode(), clock=SettableClock(NOON), resolver=rebound
    )
    with pytest.raises(AddressRefused):
        await deliver(channel, "http://hooks.example/x", allow_private=False)
    await channel.close()


@pytest.mark.parametrize("allowed", [True, False])
async def test_metadata_is_refused_to_all_and_the_hint_advises_nothing_in_vain(channel, allowed):
    with pytest.raises(AddressRefused, match="metadata") as caught:
        await deliver(channel, "http://169.254.169.254/latest", allow_private=allowed)
    assert "nothing is ever sent there" in caught.value.hint


async def test_a_name_that_does_not_resolve_may_do_so_later():
    async def unknown(host, port):
        raise OSError("no such name")

    channel = WebhookChannel(
        secrets=lambda *_: SECRET.decode(), clock=SettableClock(NOON), resolver=unknown
    )
    with pytest.raises(ReceiverUnreachable):
        await deliver(channel, "http://hooks.example/x")
    await channel.close()


async def test_without_its_secret_nothing_is_sent_and_the_secret_may_come_later():
    def missing(*_):
        raise ConfigurationError("DESK_SECRET is not set", hint="set it")

    channel = WebhookChannel(secrets=missing, clock=SettableClock(NOON))
    async with loopback_receiver() as receiver:
        with pytest.raises(SecretUnavailable, match="DESK_SECRET"):
            await deliver(channel, receiver.url)
        assert receiver.connections == 0
    await channel.close()


async def test_credentials_of_the_address_travel_as_a_header(channel):
    async with loopback_receiver() as receiver:
        await deliver(channel, receiver.url.replace("//", "//desk:p%40ss@"))
    assert receiver.posted[0].headers["authorization"] == "Basic ZGVzazpwQHNz"
    assert "p%40ss" not in receiver.posted[0].line


async def test_any_number_of_addresses_can_be_called():
    async def loopback(host, port):
        return [ip_address("127.0.0.1")]

    channel = WebhookChannel(
        secrets=lambda *_: SECRET.decode(), clock=SettableClock(NOON), resolver=loopback
    )
    async with loopback_receiver() as receiver:
        for number in range(300):
            await deliver(channel, receiver.url.replace("127.0.0.1", f"desk{number}.example"))
    assert len({posted.headers["host"] for posted in receiver.posted}) == 300
    await channel.close()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/\x00", "http://[::1", "http://exa mple/", "http://" + "a" * 300]
)
async def test_an_address_that_cannot_be_called_is_an_error_of_ours(channel, url):
    receiver = make_webhook().model_copy(update={"url": url})
    alert = make_alert()
    with pytest.raises((PermanentFailure, TransientFailure)):
        await channel.deliver(make_notice(alert), receiver)

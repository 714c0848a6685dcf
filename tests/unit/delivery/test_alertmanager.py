"""What is pushed to Alertmanagers, and what is made of unruly ones.  A real one: `tests/contract`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nightdesk.clock import SettableClock
from nightdesk.delivery.alertmanager import OPEN_FOR, AlertmanagerChannel, pushed
from nightdesk.delivery.errors import (
    AddressRefused,
    ReceiverBusy,
    ReceiverRefused,
    ReceiverTimedOut,
    ReceiverUnreachable,
)
from schemas import AlertKind, AlertmanagerReceiver, AlertState, Secret
from schemas.receivers import ExtraLabel
from tests.support.alerting import NOON, make_alert, make_alert_of, make_feed_alert, make_notice
from tests.support.receiver import answer, flood, lie, loopback_receiver, never, reset


def make_receiver(url: str = "http://127.0.0.1:9", **changes):
    values = {"url": url, "allow_private": True}
    return AlertmanagerReceiver(**(values | changes))


@pytest.fixture
async def channel():
    channel = AlertmanagerChannel(secrets=lambda *_: "hush", clock=SettableClock(NOON))
    yield channel
    await channel.close()


def one(alert, **changes):
    (posted,) = pushed(make_notice(alert), make_receiver(**changes), NOON)
    return posted


def test_labels_never_change_as_an_alert_grows():
    first = one(make_alert())
    grown = one(
        make_alert(sequence=4, kind=AlertKind.SURGE, title="Other", sources=("A", "B"), reason="x")
    )
    assert first["labels"] == grown["labels"]
    assert first["labels"] == {
        "alertname": "NightdeskStoryline",
        "alert": "alert-1",
        "about": "patrol-denial",
        "storyline": "patrol-denial",
        "severity": "warning",
        "subscription": "desk",
    }
    assert first["annotations"] != grown["annotations"]
    assert first["annotations"]["words"] == "denies, shared patrols"
    assert first["annotations"]["links"] == "https://harbour.example/denial"
    assert first["startsAt"] == "2024-05-17T11:58:00Z"


@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_can_be_pushed(kind):
    posted = one(make_alert_of(kind))
    assert all(isinstance(value, str) for value in posted["labels"].values())
    assert all(isinstance(value, str) and value for value in posted["annotations"].values())


def test_what_is_quiet_or_well_again_has_ended():
    open_until = (NOON + OPEN_FOR).isoformat().replace("+00:00", "Z")
    assert one(make_alert())["endsAt"] == open_until
    assert one(make_alert(state=AlertState.REOPENED))["endsAt"] == open_until
    assert one(make_alert(state=AlertState.QUIET))["endsAt"] == "2024-05-17T12:00:00Z"
    over = make_feed_alert(kind=AlertKind.FEED_RECOVERED, over_at=NOON - timedelta(minutes=1))
    assert one(over)["endsAt"] == "2024-05-17T11:59:00Z"
    assert one(over)["labels"] == one(make_feed_alert())["labels"]


def test_one_that_ended_before_it_began_by_a_clock_set_back_is_not_refused():
    quiet = make_alert(
        state=AlertState.QUIET,
        first_seen_at=NOON + timedelta(hours=1),
        latest_seen_at=NOON + timedelta(hours=1),
        raised_at=NOON,
    )
    (posted,) = pushed(make_notice(quiet), make_receiver("http://x.example"), NOON)
    assert posted["startsAt"] <= posted["endsAt"]


def test_own_labels_go_along_and_never_in_place_of_ours():
    extra = (ExtraLabel(name="team", value="night"), ExtraLabel(name="alert", value="x"))
    labels = one(make_alert(), labels=extra)["labels"]
    assert (labels["team"], labels["alert"]) == ("night", "alert-1")


async def test_one_post_tells_all_with_the_token(channel):
    notice = make_notice(make_alert(), make_feed_alert(), occasion="test")
    async with loopback_receiver() as receiver:
        url = receiver.url.partition("/hooks")[0] + "/am/"
        await channel.deliver(notice, make_receiver(url, token=Secret(env="AM")))
    (posted,) = receiver.posted
    assert posted.line == "POST /am/api/v2/alerts HTTP/1.1"
    assert posted.headers["authorization"] == "Bearer hush"
    assert [alert["labels"]["alertname"] for alert in posted.json] == [
        "NightdeskStoryline",
        "NightdeskFeed",
    ]
    assert {alert["labels"]["test"] for alert in posted.json} == {"true"}


@pytest.mark.parametrize(
    ("behaviour", "failure"),
    [
        (answer(400, b"bad label"), ReceiverRefused),
        (answer(301, Location="http://10.0.0.1/"), ReceiverRefused),
        (answer(401), ReceiverBusy),
        (answer(503), ReceiverBusy),
        (flood(500), ReceiverBusy),
        (lie, ReceiverUnreachable),
        (reset, ReceiverUnreachable),
        (never, ReceiverTimedOut),
    ],
)
async def test_unruly_ones(channel, behaviour, failure):
    async with loopback_receiver([behaviour]) as receiver:
        changes = {"timeout": timedelta(milliseconds=200)} if behaviour is never else {}
        with pytest.raises(failure):
            await channel.deliver(make_notice(), make_receiver(receiver.url, **changes))


async def test_a_private_address_is_refused(channel):
    async with loopback_receiver() as receiver:
        refusing = make_receiver(receiver.url, allow_private=False)
        with pytest.raises(AddressRefused):
            await channel.deliver(make_notice(), refusing)
        assert receiver.connections == 0

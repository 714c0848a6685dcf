"""What we push, given to a real Alertmanager: edited in place, resolved when it is over."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from nightdesk.clock import SystemClock
from nightdesk.delivery.alertmanager import AlertmanagerChannel
from schemas import AlertKind, AlertmanagerReceiver, AlertState
from schemas.receivers import ExtraLabel
from tests.support.alerting import make_alert, make_feed_alert, make_notice
from tests.support.alertmanager import running_alertmanager, why_absent

pytestmark = pytest.mark.prometheus


@pytest.fixture(autouse=True)
def _present() -> None:
    if reason := why_absent():
        pytest.skip(reason)


async def test_an_alert_is_edited_in_place_and_resolved(tmp_path) -> None:
    now = SystemClock().now()
    times = {"first_seen_at": now - timedelta(hours=1), "latest_seen_at": now, "raised_at": now}
    channel = AlertmanagerChannel(secrets=lambda *_: "", clock=SystemClock())
    loop = asyncio.get_running_loop()

    def push(alert, receiver) -> None:
        sending = channel.deliver(make_notice(alert), receiver)
        asyncio.run_coroutine_threadsafe(sending, loop).result(30)

    def talk() -> None:
        with running_alertmanager(tmp_path) as server:
            receiver = AlertmanagerReceiver(
                url=server.url,
                allow_private=True,
                labels=(ExtraLabel(name="team", value="night"),),
            )
            push(make_alert(**times), receiver)
            push(make_feed_alert(**times), receiver)
            (story,) = server.alerts(alertname="NightdeskStoryline", team="night")
            assert story["labels"]["storyline"] == "patrol-denial"
            assert story["annotations"]["words"] == "denies, shared patrols"
            assert len(server.alerts()) == 2
            push(make_alert(sequence=2, kind=AlertKind.GROWN, title="Grown", **times), receiver)
            (story,) = server.alerts(alertname="NightdeskStoryline")
            assert story["annotations"]["title"] == "Grown"
            assert story["annotations"]["change"] == "2"
            quiet = make_alert(
                sequence=3, kind=AlertKind.GONE_QUIET, state=AlertState.QUIET, **times
            )
            push(quiet, receiver)
            assert server.alerts(alertname="NightdeskStoryline") == []
            over = make_feed_alert(
                sequence=2, kind=AlertKind.FEED_RECOVERED, over_at=now, since=now, **times
            )
            push(over, receiver)
            assert server.alerts() == []
            back = make_alert(sequence=4, state=AlertState.REOPENED, **times)
            push(back, receiver)
            assert len(server.alerts(alertname="NightdeskStoryline")) == 1

    try:
        await asyncio.to_thread(talk)
    finally:
        await channel.close()

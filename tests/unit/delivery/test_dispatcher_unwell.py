"""The dispatcher where archive or broker cannot be written for a while: nothing is lost, nor left lying."""

from __future__ import annotations

from nightdesk.archive import outbox
from nightdesk.archive.errors import ArchiveLocked
from nightdesk.delivery.dispatcher import Pace
from nightdesk.delivery.ledger import ArchiveLedger
from tests.support.alerting import make_alert, make_subscription
from tests.support.dispatching import ScriptedChannel
from tests.support.waiting import until


class UnwellLedger:
    """Passes on to a real ledger, except that calls named in `failures` fail so many times."""

    def __init__(self, inner, **failures):
        self.inner, self.failures = inner, failures

    def _call(self, name, *args, **kwargs):
        if self.failures.get(name, 0) > 0:
            self.failures[name] -= 1
            raise ArchiveLocked("the archive is locked", hint="wait")
        return getattr(self.inner, name)(*args, **kwargs)

    def claim(self, **kwargs):
        return self._call("claim", **kwargs)

    def settle(self, *args):
        return self._call("settle", *args)

    def release(self, *args):
        return self._call("release", *args)

    def take_over(self):
        return self._call("take_over")

    def catch_up(self, *args):
        return self._call("catch_up", *args)


async def test_an_archive_that_is_away_for_a_while_loses_nothing(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    (delivery,) = desk.plan(make_alert(), subscription)
    ledger = UnwellLedger(ArchiveLedger(desk.archive, "w1"), claim=3, settle=3)
    channel = ScriptedChannel()
    dispatcher = desk.dispatcher({"webhook": channel}, ledger=ledger)
    await dispatcher.start()
    await until(lambda: dispatcher.trouble == "the archive is locked")
    await until(lambda: desk.state(delivery) == "delivered")
    await until(lambda: dispatcher.trouble == "")
    await dispatcher.stop()
    assert len(channel.delivered) == 1


async def test_a_message_that_cannot_be_published_stays_in_the_outbox(desk):
    async def publish(rows):
        raise ConnectionError("no broker")

    subscription = make_subscription()
    desk.declare(subscription)
    first, second = (desk.plan(make_alert(identity=x), subscription)[0] for x in "ab")
    dispatcher = desk.dispatcher({"webhook": ScriptedChannel()}, publish=publish)
    await dispatcher.start()
    await until(lambda: desk.state(first) == desk.state(second) == "delivered")
    await dispatcher.stop()
    with desk.archive.read() as connection:
        assert outbox.count_pending(connection) == 2


async def test_what_found_its_lane_full_is_given_back_though_the_archive_is_away_then(desk):
    subscription = make_subscription()
    desk.declare(subscription)
    planned = [
        desk.plan(make_alert(identity=f"a{n}"), subscription)[0] for n in range(2 * Pace().room)
    ]
    ledger = UnwellLedger(ArchiveLedger(desk.archive, "w1"), release=2)
    channel = ScriptedChannel()
    dispatcher = desk.dispatcher({"webhook": channel}, ledger=ledger)
    await dispatcher.start()
    # The clock stands still, so that no lease runs out.
    await until(lambda: desk.account() == {"delivered": len(planned)})
    await dispatcher.stop()
    assert ledger.failures == {"release": 0}
    assert sorted(one.id for one in channel.delivered) == sorted(one.id for one in planned)

"""What polls tell of their feeds, in the archive: with the poll's own transaction, an outage as one alert."""

from __future__ import annotations

import pytest

from nightdesk.archive import accounts, alerts, definitions
from nightdesk.archive.engine import Archive
from nightdesk.archive.errors import FeedStateMoved
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.deliver import DeliverStage
from nightdesk.pipeline.stage import Incoming, Received
from schemas import AlertKind
from tests.support.alerting import make_subscription
from tests.support.feedhealth import HOUR, THREE, Desk

BROKEN, RECOVERED = AlertKind.FEED_BROKEN, AlertKind.FEED_RECOVERED


def test_a_broken_feed_is_told_recorded_and_counted_once(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive, "a.example")
    for word in ("new", "503", "503", "503", "503"):
        desk.poll(word)
    (alert,) = desk.told()
    with desk.archive.read() as connection:
        assert alerts.recent(connection, limit=9) == [alert]
        assert alerts.last_about(connection, "feed:f00") == alert
        assert accounts.totals(connection)["poll"]["alerts"] == 1
    desk.poll("same")
    assert desk.kinds() == [("feed:f00", "feed_broken", 1), ("feed:f00", "feed_recovered", 2)]
    with desk.archive.read() as connection:
        assert [one.kind for one in alerts.history(connection, alert.id)] == [BROKEN, RECOVERED]
        assert accounts.totals(connection)["poll"]["alerts"] == 2


def test_a_poll_that_comes_too_late_tells_nothing(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive, "a.example")
    desk.poll("503")
    desk.poll("503")
    late = desk.claim(desk.feeds[0])
    desk.now += HOUR
    desk.conclude(desk.claim(desk.feeds[0]), "503")
    assert len(desk.told()) == 1
    with pytest.raises(FeedStateMoved):
        desk.conclude(late, "503")
    assert len(desk.told()) == 1


def test_a_host_that_is_down_is_one_alert_and_one_recovery(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive, *["big.example"] * 8, "other.example", "third.example")
    well = {"f08": "new", "f09": "new"}
    down = {f"f{n:02}": "503" for n in range(8)} | well
    desk.poll("new")
    for _ in range(6):
        desk.poll(down)
    (alert,) = desk.told()
    assert (alert.about, alert.kind, alert.feed) == ("host:big.example", BROKEN, None)
    assert alert.trouble is not None
    assert alert.trouble.feeds == tuple(f"f{n:02}" for n in range(8))
    assert "8" not in alert.title
    desk.poll({"f00": "same"} | well)
    assert len(desk.told()) == 1, "one of eight is not the host"
    desk.poll({"f01": "same", "f02": "same"} | well)
    assert desk.kinds()[1:] == [("host:big.example", "feed_recovered", 2)]
    desk.poll({f"f{n:02}": "same" for n in range(7)} | {"f07": "503"} | well)
    assert desk.kinds()[2:] == [("feed:f07", "feed_broken", 1)], "what still fails is told itself"
    desk.poll("same")
    assert desk.kinds()[3:] == [("feed:f07", "feed_recovered", 2)]


def test_where_most_hosts_fail_at_once_it_is_us(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive, *[f"h{n % 9}.example" for n in range(18)])
    desk.poll("new")
    for _ in range(5):
        desk.poll("dns")
    (alert,) = desk.told()
    assert (alert.about, alert.kind, alert.sequence) == ("network:", BROKEN, 1)
    assert "network" in alert.title
    desk.poll("same")
    assert desk.kinds()[1:] == [("network:", "feed_recovered", 2)]
    for _ in range(4):
        desk.poll("dns")
    assert desk.kinds()[2:] == [("network:", "feed_broken", 1)]
    assert desk.told()[2].id != alert.id


def test_a_clock_that_is_set_back_confuses_no_outage(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive, "a.example", "b.example", "c.example")
    desk.poll("new")
    for _ in range(4):
        desk.poll("dns")
    kinds = [("network:", "feed_broken", 1), ("network:", "feed_recovered", 2)]
    claims = [desk.claim(feed) for feed in desk.feeds]
    desk.now = THREE
    for claimed in claims:
        desk.conclude(claimed, "same")
    assert desk.kinds() == kinds
    for _ in range(4):
        desk.poll("dns")
    desk.poll("same")
    assert desk.kinds() == kinds * 2


def test_what_stays_broken_after_an_outage_is_told_by_itself(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive, "a.example", "b.example", "c.example", "d.example")
    desk.poll("new")
    for _ in range(4):
        desk.poll("dns")
    well = {"f00": "same", "f01": "same", "f02": "same"}
    desk.poll(well | {"f03": "dns"})
    desk.poll(well | {"f03": "dns"})
    assert desk.kinds() == [
        ("network:", "feed_broken", 1),
        ("network:", "feed_recovered", 2),
        ("feed:f03", "feed_broken", 1),
    ]


def test_a_feed_told_before_an_outage_keeps_its_own_alert(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive, "a.example", "b.example", "c.example", "d.example", "e.example")
    well = {f"f{n:02}": "new" for n in range(1, 5)}
    for _ in range(3):
        desk.poll({"f00": "404"} | well)
    for _ in range(4):
        desk.poll({"f00": "404"} | dict.fromkeys(well, "dns"))
    for _ in range(2):
        desk.poll("same")
    assert desk.kinds() == [
        ("feed:f00", "feed_broken", 1),
        ("network:", "feed_broken", 1),
        ("feed:f00", "feed_recovered", 2),
        ("network:", "feed_recovered", 2),
    ]


def test_beyond_ten_an_hour_one_alert_about_many_takes_in_the_rest(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive, *[f"h{number:02}.example" for number in range(60)])
    served = {f"f{number:02}": "503" for number in range(25)}
    well = {f"f{number:02}": "same" for number in range(25, 60)}
    desk.poll("new")
    for _ in range(3):
        desk.poll(served | well)
    opened = desk.kinds()
    assert [about for about, _, _ in opened] == [f"feed:f{n:02}" for n in range(10)] + ["many:"]
    many = desk.told()[-1]
    assert many.trouble is not None
    assert (many.trouble.scope, many.trouble.affected) == ("many", 25)
    desk.poll(dict.fromkeys(list(served)[:16], "same") | well)
    assert ("many:", "feed_recovered", 2) not in desk.kinds()
    desk.poll({"f16": "same"})
    assert desk.kinds()[-1] == ("many:", "feed_recovered", 2)
    desk.now += HOUR
    desk.poll({"f24": "503"})
    assert desk.kinds()[-1] == ("feed:f24", "feed_broken", 1)


def test_many_that_are_never_read_again_take_in_no_others_for_ever(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive, *[f"h{number:02}.example" for number in range(60)])
    dead = {f"f{number:02}": "404" for number in range(15)}
    well = {f"f{number:02}": "new" for number in range(15, 60)}
    for _ in range(4):
        desk.poll(dead | well)
    assert desk.kinds()[-1] == ("many:", "feed_broken", 1)
    desk.now += 30 * HOUR
    for _ in range(3):
        desk.poll(well | {"f15": "503"})
    assert desk.kinds()[-1] == ("feed:f15", "feed_broken", 1)
    desk.poll(dead)
    assert len(desk.kinds()) == 12, "what was told with the others is not told again"


def test_two_broken_feeds_are_no_outage(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive, "a.example", "a.example", "b.example", "c.example")
    for _ in range(4):
        desk.poll({"f00": "503", "f01": "503", "f02": "new", "f03": "new"})
    assert [about for about, _, _ in desk.kinds()] == ["feed:f00", "feed:f01"]


def test_alerts_of_feeds_are_routed_by_their_feeds_tags(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive, "a.example")
    feed = desk.feeds[0].model_copy(update={"tags": ("ports",)})
    kinds = tuple(kind for kind in AlertKind if kind.is_of_feeds)
    with desk.archive.begin() as connection:
        for definition in (
            feed,
            make_subscription("tagged", kinds=kinds, tags=("ports",)),
            make_subscription("elsewhere", kinds=kinds, tags=("navy",)),
            make_subscription("all-storylines"),
        ):
            definitions.put(connection, definition, author="test", now=THREE)
    for _ in range(3):
        desk.poll("503")
    (alert,) = desk.told()
    received = Received(Incoming("alerts", 0, 0, alert.about, alert.to_bytes()), alert)
    with desk.archive.begin() as connection:
        work = DeliverStage(CatalogueCache()).process(connection, [received, received], desk.now)
    assert work.counts == {"routed": 1, "redelivered": 1}
    assert [message.key for message in work.outputs] == ["tagged"]

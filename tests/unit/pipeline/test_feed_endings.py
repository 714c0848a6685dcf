"""Feeds that are retired or disabled while in trouble: their alerts are closed, once, and say why."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from nightdesk.archive import accounts, alerts, definitions
from nightdesk.archive.engine import Archive
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.deliver import DeliverStage
from nightdesk.pipeline.feed_endings import Closed, close_untended
from nightdesk.pipeline.stage import Incoming, Received
from schemas import Alert, AlertKind
from tests.support.alerting import make_subscription
from tests.support.feedhealth import HOUR, THREE, Desk


def close(desk: Desk, *, without: tuple[str, ...] = (), disabled: tuple[str, ...] = ()) -> Closed:
    """Close what is to be closed where feeds were retired (`without`) or disabled."""
    declared = {
        feed.id: feed.model_copy(update={"enabled": feed.id not in disabled})
        for feed in desk.feeds
        if feed.id not in without
    }
    return close_untended(desk.archive, declared, desk.now)


def broken(archive: Archive, *hosts: str) -> Desk:
    """Return a desk of two feeds that are well, and one broken at each of `hosts`."""
    desk = Desk(archive, *hosts, "well.example", "fine.example")
    desk.poll("new")
    failing = {feed.id: "503" for feed in desk.feeds[: len(hosts)]}
    for _ in range(5):
        desk.poll(failing | {feed.id: "same" for feed in desk.feeds[len(hosts) :]})
    return desk


def test_a_retired_feeds_alert_is_closed_once_and_says_why(sqlite_archive: Archive) -> None:
    desk = broken(sqlite_archive, "a.example")
    assert close(desk).alerts == [], "it is polled still"
    (last,) = close(desk, without=("f00",)).alerts
    assert (last.about, last.kind, last.sequence) == ("feed:f00", AlertKind.FEED_RECOVERED, 2)
    assert last.title == "Feed 0 is no longer polled"
    assert last.reason == "It was retired while it could not be read; this closes its alert."
    assert last.trouble is not None
    assert last.trouble.over_at == desk.now
    assert desk.told()[-1] == last
    assert desk.states()[0].told is None
    again = close(desk, without=("f00",))
    assert (again.alerts, again.to_send, again.waiting) == ([], [], 0)
    with desk.archive.read() as connection:
        assert alerts.open_about_feeds(connection) == []
        totals = accounts.totals(connection)
    assert (totals["poll"]["alerts"], totals["chores"]["alerts"]) == (1, 1), "no poll closed it"


def test_a_feed_that_is_enabled_again_while_broken_is_told_anew(sqlite_archive: Archive) -> None:
    desk = broken(sqlite_archive, "a.example")
    (last,) = close(desk, disabled=("f00",)).alerts
    assert "It was disabled" in last.reason
    desk.poll({"f00": "503"})
    first, _, second = desk.told()
    assert (second.kind, second.sequence) == (AlertKind.FEED_BROKEN, 1)
    assert second.id != first.id
    desk.poll({"f00": "new"})
    assert [one.id for one in desk.told()[2:]] == [second.id] * 2


def test_a_quiet_feed_that_is_retired_had_gone_quiet(sqlite_archive: Archive) -> None:
    desk = Desk(sqlite_archive, "a.example")
    desk.poll("new")
    desk.poll("new")
    desk.now += timedelta(days=9)
    desk.poll("same")
    assert desk.kinds() == [("feed:f00", "feed_quiet", 1)]
    (last,) = close(desk, without=("f00",)).alerts
    assert "It was retired while it had gone quiet" in last.reason


def test_a_feed_that_is_being_fetched_is_waited_for(sqlite_archive: Archive) -> None:
    desk = broken(sqlite_archive, "a.example")
    claimed = desk.claim(desk.feeds[0])
    found = close(desk, without=("f00",))
    assert (found.alerts, found.waiting) == ([], 1)
    desk.conclude(claimed, "503")
    assert len(close(desk, without=("f00",)).alerts) == 1
    desk.claim(desk.feeds[1])
    assert close(desk, without=("f01",)).waiting == 0, "nothing was told of it"


def test_a_claim_of_a_worker_that_died_is_not_waited_for_for_ever(sqlite_archive: Archive) -> None:
    desk = broken(sqlite_archive, "a.example")
    desk.claim(desk.feeds[0])
    desk.now += HOUR
    assert len(close(desk, without=("f00",)).alerts) == 1


def test_an_outage_ends_where_none_of_its_feeds_is_polled_any_more(sqlite_archive: Archive) -> None:
    desk = broken(sqlite_archive, *["big.example"] * 4)
    (outage,) = desk.told()
    assert outage.about == "host:big.example"
    assert close(desk, without=("f00",)).alerts == [], "three of three fail still"
    assert close(desk, without=("f04",)).alerts == []
    (last,) = close(desk, without=("f00", "f01"), disabled=("f02", "f03")).alerts
    assert (last.id, last.sequence) == (outage.id, 2)
    assert last.reason == "Feeds were retired or disabled, and none is left."
    desk.poll({"f02": "503"})
    assert desk.kinds()[2:] == [("host:big.example", "feed_broken", 1)], "one is enabled again"
    desk.poll({"f02": "new"})
    assert len(close(desk, without=("f00", "f01", "f03")).alerts) == 1


def test_an_outage_ends_where_enough_of_what_is_left_is_well(sqlite_archive: Archive) -> None:
    desk = broken(sqlite_archive, *["big.example"] * 6)
    desk.poll({"f00": "same"})
    assert len(desk.told()) == 1
    (last,) = close(desk, without=("f02", "f03", "f04", "f05")).alerts
    assert "of 2 feeds still polled 1 fail" in last.reason


def test_a_desk_that_was_off_for_days_does_not_take_silence_for_health(
    sqlite_archive: Archive,
) -> None:
    desk = broken(sqlite_archive, *["big.example"] * 6)
    desk.now += timedelta(days=5)
    assert close(desk, without=("f05",)).alerts == []


def test_an_outage_of_many_that_takes_in_no_more_is_closed_by_the_next(
    sqlite_archive: Archive,
) -> None:
    desk = Desk(sqlite_archive, *[f"h{number:02}.example" for number in range(90)])
    first, second = [[f"f{n:02}" for n in range(at, at + 14)] for at in (0, 20)]
    well = {f"f{number:02}": "new" for number in range(40, 90)}
    rest = dict.fromkeys(second, "new") | well
    for _ in range(4):
        desk.poll(dict.fromkeys(first, "404") | rest)
    desk.now += 40 * HOUR
    desk.poll(rest)
    for _ in range(4):
        desk.poll(dict.fromkeys(second, "503") | well)
    told = [(one.id, one.kind.value, one.sequence) for one in desk.told() if one.about == "many:"]
    (old, *_), (closed, kind, sequence), (new, *_) = told
    assert (closed, kind, sequence) == (old, "feed_recovered", 2)
    assert new != old
    with desk.archive.read() as connection:
        standing = [one.id for one in alerts.open_about_feeds(connection) if one.feed is None]
        last = alerts.last_about(connection, "many:")
    assert standing == [new]
    assert last is not None
    assert last.id == new


def test_who_was_told_by_a_tag_hears_of_the_end(sqlite_archive: Archive) -> None:
    desk = broken(sqlite_archive, "a.example")
    feed = desk.feeds[0].model_copy(update={"tags": ("ports",)})
    kinds = tuple(kind for kind in AlertKind if kind.is_of_feeds)
    with desk.archive.begin() as connection:
        subscription = make_subscription("tagged", kinds=kinds, tags=("ports",))
        for definition in (feed, subscription):
            definitions.put(connection, definition, author="test", now=THREE)
    stage = DeliverStage(CatalogueCache())

    def route(alert: Alert) -> Counter[str]:
        incoming = Incoming("alerts", 0, alert.sequence, alert.about, alert.to_bytes())
        with desk.archive.begin() as connection:
            return stage.process(connection, [Received(incoming, alert)], desk.now).counts

    assert route(desk.told()[0]) == {"routed": 1}
    with desk.archive.begin() as connection:
        definitions.retire(connection, "feed", feed.id, author="test", now=THREE)
    (last,) = close(desk, without=("f00",)).alerts
    assert route(last) == {"routed": 1}

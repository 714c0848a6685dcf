"""Feed states, entries, polls, definitions and retention keep their word on every kind of database."""

from __future__ import annotations

import threading

import pytest

from nightdesk.archive import (
    Archive,
    alerts,
    articles,
    deadletters,
    definitions,
    feeds,
    matches,
    outages,
    reports,
)
from nightdesk.archive.errors import DocumentUnreadable, FeedStateMoved
from nightdesk.archive.feeds import Poll, SeenEntry
from nightdesk.archive.reports import RecordedReport
from nightdesk.archive.retention import prune
from nightdesk.archive.tables import definitions as definitions_table
from schemas import (
    AlertKind,
    ConsoleReceiver,
    Decision,
    Exemplar,
    Feed,
    Silence,
    Storyline,
    Subscription,
)
from schemas.matcher import Matcher
from tests.support.alerting import make_feed_alert
from tests.support.archive_samples import NOON, article, at, dead_letter, match

HERALD = Feed(id="herald", url="https://herald.example/rss", source="Herald")
FERRY = Storyline(id="ferry", title="The ferry", exemplars=(Exemplar(title="Ferry talks"),))
DESK = Subscription(id="desk", receivers=(ConsoleReceiver(),))
QUIET = Silence(
    id="quiet",
    matchers=(Matcher(label="storyline", value="ferry"),),
    starts_at=NOON,
    ends_at=at(60),
    author="ann",
    comment="known",
)


def _save(archive: Archive, feed: str, expected: int, next_poll: float | None = 0) -> int:
    with archive.begin() as conn:
        return feeds.save(
            conn,
            feed,
            f'{{"n": {expected}}}',
            expected_version=expected,
            url="https://x.example/",
            next_poll_at=None if next_poll is None else at(next_poll),
            health="ok",
            failures=expected,
            last_success_at=NOON,
        )


def test_a_feed_s_state_is_saved_only_over_the_one_that_was_read(archive: Archive) -> None:
    assert _save(archive, "a", 0) == 1
    assert _save(archive, "a", 1) == 2
    for stale in (0, 1, 5):
        with pytest.raises(FeedStateMoved):
            _save(archive, "a", stale)
    with pytest.raises(FeedStateMoved):
        _save(archive, "new", 3)
    with archive.read() as conn:
        assert feeds.load(conn, ["a", "new"]) == {"a": (2, '{"n": 1}')}
        (state,) = feeds.health(conn)
        assert (state.feed, state.health, state.failures) == ("a", "ok", 1)
        assert state.last_success_at == NOON
        assert feeds.count_by_health(conn) == {"ok": 1}


def test_feeds_are_due_in_order(archive: Archive) -> None:
    for name, minutes in (("late", 3), ("first", 1), ("second", 2), ("off", None)):
        _save(archive, name, 0, minutes)
    with archive.read() as conn:
        assert feeds.due(conn, at(2), 9) == ["first", "second"]
        assert feeds.due(conn, at(2), 1) == ["first"]


def test_the_feeds_that_were_polled_last_of_all_and_of_a_host(archive: Archive) -> None:
    there = {
        "a": ("https://X.example/a", 0, (0, 7)),
        "b": ("http://x.example/b", 3, (5,)),
        "c": ("https://x.example.org/c", 1, (6,)),
        "d": ("https://x_example/d", 1, (1,)),
        "e": ("https://x.example/e", 2, (-900, 2)),
        "f": ("https://x.example/f", 2, (-900,)),
        "g": ("https://x.example:8443/g", 2, (3,)),
    }
    with archive.begin() as conn:
        for name, (url, failures, polls) in there.items():
            feeds.save(
                conn,
                name,
                "{}",
                expected_version=0,
                url=url,
                next_poll_at=NOON,
                health="ok",
                failures=failures,
            )
            feeds.add_polls(
                conn, [Poll(name, at(minutes), 200, "ok", 0, 0, 0, 0, 0.1) for minutes in polls]
            )
    with archive.read() as conn:
        of_all = outages.latest_polls(conn, at(-60), limit=4)
        assert [(row.feed, row.failed) for row in of_all] == [
            ("a", False),
            ("c", True),
            ("b", True),
            ("g", True),
        ]
        assert of_all[0].url == "https://X.example/a"
        of_host = outages.latest_polls_of_host(conn, "x.example", at(-60), limit=9)
        assert [(row.feed, row.failed) for row in of_host] == [
            ("a", False),
            ("b", True),
            ("e", True),
        ]
        assert len(outages.latest_polls_of_host(conn, "x.example", at(-60), limit=2)) == 2
        port = outages.latest_polls_of_host(conn, "x.example:8443", at(-60), limit=9)
        assert [row.feed for row in port] == ["g"]
        failing = outages.failing(conn, NOON, due_after=at(-60), limit=9)
        assert [row.feed for row in failing] == ["b", "c", "d", "e", "f", "g"]
        assert outages.failing(conn, NOON, due_after=at(1), limit=9) == []
        assert {row.feed: row.failed for row in outages.named(conn, ["a", "b", "new"])} == {
            "a": False,
            "b": True,
        }
        strange = outages.latest_polls_of_host(conn, "x_example", at(-60), limit=9)
        assert [row.feed for row in strange] == ["d"]


def test_the_last_alert_about_a_feed_or_an_outage(archive: Archive) -> None:
    first = make_feed_alert(id="one", raised_at=NOON)
    over = {"kind": AlertKind.FEED_RECOVERED, "sequence": 2, "raised_at": at(5)}
    outage = make_feed_alert(id="net", scope="network", feeds=("a", "b"), raised_at=at(3))
    changes = [first, make_feed_alert(id="one", **over), outage]
    with archive.begin() as conn:
        alerts.record(conn, changes)
    with archive.read() as conn:
        assert alerts.last_about(conn, "feed:harbour-post") == changes[1]
        assert alerts.last_about(conn, "network:") == outage
        assert alerts.last_about(conn, "host:x.example") is None
        assert alerts.recent(conn, limit=9) == [changes[1], outage]
        assert alerts.recent(conn, limit=9, storyline="harbour-post") == []
        assert alerts.feeds_broken_since(conn, NOON) == 2
        assert alerts.feeds_broken_since(conn, at(1)) == 1


def test_entries_that_were_seen(archive: Archive) -> None:
    endless = "tag:" + "x" * 5_000
    with archive.begin() as conn:
        feeds.remember_entries(
            conn, "a", [SeenEntry("e1", "r1", "h1", NOON), SeenEntry(endless, "r2", "h2", NOON)]
        )
        feeds.remember_entries(conn, "a", [SeenEntry("e1", "r3", "h3", at(5))])
        feeds.remember_entries(conn, "b", [SeenEntry("e1", "r4", "h4", NOON)])
        asked = ["e1", endless, endless + "y", "e9"]
        assert feeds.seen_entries(conn, "a", asked) == {"e1": "h3", endless: "h2"}
        assert feeds.prune_entries(conn, at(1)) == 2
        assert feeds.seen_entries(conn, "a", asked) == {"e1": "h3"}
        assert feeds.seen_entries(conn, "b", ["e1"]) == {}


def test_the_history_of_polls(archive: Archive) -> None:
    polls = [Poll("a", at(n), 200 if n else None, "new", n, 0, 0, 0, 0.5, "é") for n in range(4)]
    with archive.begin() as conn:
        feeds.add_polls(conn, polls)
        feeds.add_polls(conn, [])
        assert feeds.polls_of(conn, "a", limit=3) == polls[:0:-1]
        assert feeds.prune_polls(conn, at(2)) == 2
        assert feeds.polls_of(conn, "a", limit=9) == polls[:1:-1]


def test_definitions_have_versions_and_move_the_epoch(archive: Archive) -> None:
    renamed = FERRY.model_copy(update={"title": "The ferry line"})
    with archive.begin() as conn:
        assert definitions.epoch(conn) == 0
        for definition in (HERALD, FERRY, DESK, QUIET):
            assert definitions.put(conn, definition, author="ann", now=NOON) == 1
        assert definitions.put(conn, FERRY, author="bob", now=at(1)) == 1
        assert definitions.epoch(conn) == 4
        assert definitions.put(conn, renamed, author="bob", now=at(2)) == 2
    with archive.read() as conn:
        now = definitions.current(conn)
        assert now.epoch == definitions.epoch(conn) == 5
        assert definitions.renewed(conn, now) is now
        assert definitions.renewed(conn, None) == now
        assert now.storylines["ferry"].definition == renamed
        assert (now.storylines["ferry"].version, now.storylines["ferry"].author) == (2, "bob")
        assert now.storylines["ferry"].created_at == at(2)
        assert now.feeds["herald"].definition == HERALD
        assert now.subscriptions["desk"].definition == DESK
        assert now.silences["quiet"].definition == QUIET
        told = definitions.history(conn, "storyline", "ferry")
        assert [v.definition for v in told] == [FERRY, renamed]


def test_a_retired_definition_can_come_back(archive: Archive) -> None:
    with archive.begin() as conn:
        definitions.put(conn, HERALD, author="ann", now=NOON)
        assert definitions.retire(conn, "feed", "herald", author="bob", now=at(1))
        assert not definitions.retire(conn, "feed", "herald", author="bob", now=at(1))
        assert not definitions.retire(conn, "feed", "none", author="bob", now=at(1))
        without = definitions.current(conn)
        assert without.feeds == {}
        assert definitions.epoch(conn) == 2
        assert definitions.put(conn, HERALD, author="ann", now=at(2)) == 3
        assert definitions.current(conn).feeds["herald"].version == 3
        assert definitions.renewed(conn, without) == definitions.current(conn)
        told = definitions.history(conn, "feed", "herald")
        assert [(v.version, v.retired) for v in told] == [(1, False), (2, True), (3, False)]


def test_definitions_put_at_once_come_one_after_the_other(archive: Archive) -> None:
    ready, versions = threading.Barrier(4), []

    def work(n: int) -> None:
        changed = FERRY.model_copy(update={"title": f"title {n}"})
        ready.wait()
        with archive.begin() as conn:
            versions.append(definitions.put(conn, changed, author="ann", now=NOON))

    workers = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(versions) == [1, 2, 3, 4]
    with archive.read() as conn:
        assert definitions.epoch(conn) == 4


def test_a_document_that_fits_no_contract_is_named(archive: Archive) -> None:
    with archive.begin() as conn:
        definitions.put(conn, HERALD, author="ann", now=NOON)
        conn.execute(definitions_table.update().values(document='{"id": "herald"}'))
    with pytest.raises(DocumentUnreadable, match="feed") as told, archive.read() as conn:
        definitions.current(conn)
    assert "herald" in told.value.hint
    with archive.begin() as conn:
        assert definitions.put(conn, HERALD, author="ann", now=NOON) == 2


def test_retention_deletes_what_is_old_in_bounded_steps(archive: Archive) -> None:
    old, new = at(-100), at(100)
    rows = [RecordedReport(f"r{n}", "f", "e", "new", old if n < 5 else new) for n in range(7)]
    fits, refused = match(), match("other", decision=Decision.NOT)
    with archive.begin() as conn:
        reports.record(conn, rows)
        articles.add_revisions(
            conn, [article(seen_at=old), article("b", seen_at=new)], {"b": ["k"]}
        )
        matches.record(conn, [(fits, "c1"), (refused, "c2")])
        feeds.remember_entries(conn, "f", [SeenEntry("e", "r", "h", old)])
        feeds.add_polls(conn, [Poll("f", old, 200, "new", 1, 0, 0, 0, 0.1)])
        deadletters.bury(conn, [dead_letter("a"), dead_letter("b")])
        deadletters.mark_retried(conn, "b", NOON)
    steps = []
    while True:
        with archive.begin() as conn:
            done = prune(conn, before=at(50), limit=2)
        if not sum(done.values()):
            break
        steps.append(done)
    assert [step["reports"] for step in steps] == [2, 2, 1]
    assert steps[0] == {
        "reports": 2,
        "feed_entries": 1,
        "feed_polls": 1,
        "matches": 1,
        "dead_letters": 1,
        "emerging": 0,
        "learned_lines": 0,
        "line_counts": 0,
        "hosts": 0,
    }
    with archive.begin() as conn:
        assert set(reports.known(conn, [r.id for r in rows])) == {"r5", "r6"}
        assert matches.latest(conn, [fits.id, refused.id]) == {fits.id: fits}
        assert articles.get(conn, "article-1") is not None
        assert deadletters.get(conn, "a") is not None
        assert prune(conn, before=at(50), articles_too=True)["articles"] == 1
        assert articles.get(conn, "article-1") is None
        assert articles.history(conn, "article-1") == []
        assert articles.resolve(conn, ["k"]) == {"k": "b"}

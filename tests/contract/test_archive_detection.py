"""Matches, memory, developments, alerts and deliveries keep their word on every kind of database."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from nightdesk.archive import Archive, alerts, deliveries, developments, dispatch, matches, memory
from nightdesk.archive.deliveries import Attempt, Finished
from nightdesk.archive.developments import StoredDevelopment
from nightdesk.archive.errors import ArchiveConflict, LeaseLost
from schemas import Decision, Delivery, DeliveryState
from tests.support.archive_samples import NOON, alert, article, at, delivery, match

LEASE = timedelta(minutes=1)


def test_matches_by_candidate_and_by_id(archive: Archive) -> None:
    one, two = match(), match(of=article("b"), decision=Decision.NOT)
    again = match(version=2, decision=Decision.POSSIBLE)
    with archive.begin() as conn:
        matches.record(conn, [(one, "c1"), (two, "c2"), (again, "c3")])
        found = matches.by_candidates(conn, ["c1", "c2", "c3", "c4"])
        assert found == {"c1": (one.id, 1), "c2": (two.id, 1), "c3": (one.id, 2)}
        assert matches.latest(conn, [one.id, two.id, "none"]) == {one.id: again, two.id: two}
    with pytest.raises(ArchiveConflict), archive.begin() as conn:
        matches.record(conn, [(match(version=2), "c5")])


def test_what_the_alert_stage_did_with_a_match(archive: Archive) -> None:
    one, two = match(), match(of=article("b"), probability=0.2)
    with archive.begin() as conn:
        matches.record(conn, [(one, "c1"), (two, "c2")])
        versions = [(one.id, 1), (two.id, 1), ("none", 1)]
        assert matches.outcomes(conn, versions) == {(one.id, 1): None, (two.id, 1): None}
        matches.set_outcome(conn, [(one.id, 1, "opened", "d1"), (two.id, 1, "ignored", None)])
        expected = {(one.id, 1): "opened", (two.id, 1): "ignored"}
        assert matches.outcomes(conn, versions) == expected
        (decided,) = matches.of_article(conn, "article-1")
        assert (decided.match, decided.outcome, decided.development) == (one, "opened", "d1")


def test_what_was_retracted_still_names_what_it_took_part_in(archive: Archive) -> None:
    fits, other = match(of=article("article-1")), match("harbour", of=article("article-1"))
    refused = match(of=article("article-1"), version=2, decision=Decision.NOT)
    with archive.begin() as conn:
        matches.record(conn, [(fits, "c1"), (other, "c2"), (refused, "settled:c3")])
        taken = [(fits.id, 1, "opened", "d1"), (refused.id, 2, "held", None)]
        matches.set_outcome(conn, [*taken, (other.id, 1, "held", None)])
        found = {one.match.id: one for one in matches.of_article(conn, "article-1")}
    assert (found[fits.id].outcome, found[fits.id].development) == ("held", "d1")
    assert (found[other.id].outcome, found[other.id].development) == ("held", None)


def test_a_storyline_s_matches_last_decided_first(archive: Archive) -> None:
    several = [match(of=article(f"a{n}"), decided_at=at(n)) for n in range(4)]
    refused = match(of=article("a0"), version=2, decided_at=at(9), decision=Decision.NOT)
    with archive.begin() as conn:
        matches.record(conn, [(m, f"c{n}") for n, m in enumerate([*several, refused])])
        found = [d.match for d in matches.of_storyline(conn, "ferry", 3)]
        assert found == [refused, several[3], several[2]]
        fits = matches.of_storyline(conn, "ferry", 9, decisions={Decision.FITS})
        assert [d.match for d in fits] == several[:0:-1]
        assert matches.of_storyline(conn, "none", 9) == []


def test_memory_is_replaced(archive: Archive) -> None:
    with archive.begin() as conn:
        assert memory.load(conn, "ferry") is None
        memory.save(conn, "ferry", 1, b"\x00one")
        memory.save(conn, "ferry", 2, b"two" * 100_000)
        memory.save(conn, "harbour", 1, b"")
        assert memory.load(conn, "ferry") == (2, b"two" * 100_000)
        assert memory.load(conn, "harbour") == (1, b"")


def test_open_developments_newest_first(archive: Archive) -> None:
    rows = [StoredDevelopment(f"d{n}", "ferry", NOON, at(n), f"doc{n}") for n in range(4)]
    with archive.begin() as conn:
        developments.save(conn, rows)
        developments.save(conn, [StoredDevelopment("d0", "ferry", NOON, at(9), "grown")])
        assert developments.open_between(conn, "ferry", at(2), at(23)) == ["grown", "doc3", "doc2"]
        assert developments.open_between(conn, "ferry", at(2), at(23), limit=1) == ["grown"]
        assert developments.open_between(conn, "other", at(0), at(23)) == []
        assert developments.ended_before(conn, "ferry", at(9)) == ["doc3"]
        assert developments.ended_before(conn, "ferry", at(1)) == []
        assert developments.ended_before(conn, "other", at(9)) == []


def test_alerts_and_their_changes(archive: Archive) -> None:
    first, grown, other = alert(), alert(sequence=2), alert("alert-2", storyline="harbour")
    with archive.begin() as conn:
        alerts.record(conn, [first, grown, other])
        assert alerts.latest(conn, "alert-1") == grown
        assert alerts.latest(conn, "none") is None
        assert alerts.history(conn, "alert-1") == [first, grown]
        assert alerts.recent(conn, limit=9) == [grown, other]
        assert alerts.recent(conn, limit=1) == [grown]
        assert alerts.recent(conn, limit=9, storyline="harbour") == [other]
        changes = [("alert-1", 1), ("alert-1", 2), ("alert-1", 3)]
        assert alerts.routed(conn, changes) == {("alert-1", 1): None, ("alert-1", 2): None}
        alerts.set_routed(conn, [("alert-1", 1, 2), ("alert-1", 2, 0)])
        assert alerts.routed(conn, changes) == {("alert-1", 1): 2, ("alert-1", 2): 0}
        deliveries.plan(conn, [delivery(alert="alert-2", subscription="night")], NOON)
        assert alerts.recent(conn, limit=9, subscription="night") == [other]
    with pytest.raises(ArchiveConflict), archive.begin() as conn:
        alerts.record(conn, [alert(title="another")])


def _claim(archive: Archive, worker: str, minutes: float, limit: int = 9) -> list[Delivery]:
    with archive.begin() as conn:
        found, _ = dispatch.claim(conn, worker=worker, now=at(minutes), lease=LEASE, limit=limit)
    return found


def test_a_delivery_from_plan_to_end(archive: Archive) -> None:
    planned = delivery()
    with archive.begin() as conn:
        deliveries.plan(conn, [planned], NOON)
        deliveries.plan(conn, [delivery(reason="planned again")], at(-5))
    assert _claim(archive, "w1", -1) == []
    assert _claim(archive, "w1", 0) == [planned]
    assert _claim(archive, "w2", 0.5) == []
    tried = delivery(state=DeliveryState.RETRYING, attempts=1, reason="HTTP 503", seconds=0.2)
    with archive.begin() as conn:
        refused = Attempt(NOON, 0.2, "HTTP 503", "busy")
        deliveries.finish(conn, tried, due_at=at(3), attempt=refused, worker="w1")
    assert _claim(archive, "w2", 2) == []
    assert _claim(archive, "w2", 3) == [tried]
    done = delivery(state=DeliveryState.DELIVERED, attempts=2, seconds=0.1, changed_at=at(3))
    with archive.begin() as conn:
        taken = Attempt(at(3), 0.1, "HTTP 200")
        deliveries.finish(conn, done, attempt=taken, worker="w2")
    assert _claim(archive, "w1", 99) == []
    with archive.read() as conn:
        assert deliveries.of_alert(conn, "alert-1") == [done]
        assert deliveries.of_alert(conn, "alert-1", 2) == []
        assert deliveries.attempts_of(conn, "delivery-1") == [refused, taken]
        counted = deliveries.count_by_state(conn)
        assert counted[DeliveryState.DELIVERED] == 1
        assert sum(counted.values()) == 1


def test_a_lease_that_ran_out_is_claimed_by_another_and_lost_to_the_first(archive: Archive) -> None:
    with archive.begin() as conn:
        deliveries.plan(conn, [delivery()], NOON)
    assert len(_claim(archive, "w1", 0)) == 1
    assert len(_claim(archive, "w2", 1)) == 1
    done = delivery(state=DeliveryState.DELIVERED, attempts=1)
    with pytest.raises(LeaseLost), archive.begin() as conn:
        deliveries.finish(conn, done, worker="w1", attempt=Attempt(NOON, 1, "ok"))
    with archive.begin() as conn:
        assert deliveries.attempts_of(conn, "delivery-1") == []
        deliveries.finish(conn, done)
    failed = delivery(state=DeliveryState.FAILED, attempts=2)
    with pytest.raises(LeaseLost), archive.begin() as conn:
        deliveries.finish(conn, failed)
    with archive.read() as conn:
        assert deliveries.of_alert(conn, "alert-1") == [done]


def test_of_two_ends_of_one_delivery_in_one_transaction_the_first_counts(archive: Archive) -> None:
    with archive.begin() as conn:
        deliveries.plan(conn, [delivery(), delivery("other")], NOON)
    assert len(_claim(archive, "w1", 0)) == 2
    done = delivery(state=DeliveryState.DELIVERED, attempts=1)
    late = delivery(state=DeliveryState.RETRYING, attempts=1, reason="HTTP 503")
    with archive.begin() as conn:
        ends = [Finished(done, None, Attempt(NOON, 1, "ok")), Finished(late, at(1))]
        assert deliveries.finish_all(conn, ends, "w1") == {"delivery-1"}
        assert deliveries.finish_all(conn, ends, "w1") == set()
    with archive.read() as conn:
        assert done in deliveries.of_alert(conn, "alert-1")
        assert [one.outcome for one in deliveries.attempts_of(conn, "delivery-1")] == ["ok"]


def test_a_due_time_and_an_end_exclude_each_other(archive: Archive) -> None:
    with archive.begin() as conn, pytest.raises(ValueError, match="disagree"):
        deliveries.finish(conn, delivery(state=DeliveryState.DELIVERED), due_at=NOON)
    with archive.begin() as conn, pytest.raises(ValueError, match="disagree"):
        deliveries.finish(conn, delivery(state=DeliveryState.RETRYING))


def test_what_is_suppressed_is_never_due(archive: Archive) -> None:
    held = delivery(state=DeliveryState.SUPPRESSED, reason="silence night-shift")
    with archive.begin() as conn:
        deliveries.plan(conn, [held], NOON)
    assert _claim(archive, "w1", 99) == []


def test_the_longest_due_are_claimed_first(archive: Archive) -> None:
    with archive.begin() as conn:
        for n in (3, 1, 2):
            deliveries.plan(conn, [delivery(f"d{n}")], at(n))
    assert [d.id for d in _claim(archive, "w1", 9, limit=2)] == ["d1", "d2"]
    assert [d.id for d in _claim(archive, "w1", 9, limit=2)] == ["d3"]


def test_workers_that_claim_at_once_never_claim_the_same(archive: Archive) -> None:
    names = {f"d{n:03}" for n in range(60)}
    with archive.begin() as conn:
        deliveries.plan(conn, [delivery(name) for name in sorted(names)], NOON)
    claimed: list[str] = []
    ready = threading.Barrier(4)

    def work(worker: str) -> None:
        ready.wait()
        while mine := _claim(archive, worker, 1, limit=7):
            claimed.extend(d.id for d in mine)

    workers = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # SKIP LOCKED may show a worker nothing while others hold all: what is left is claimed now.
    claimed.extend(d.id for d in _claim(archive, "late", 1, limit=99))
    assert len(claimed) == len(set(claimed)) == 60
    assert set(claimed) == names


def test_the_alerts_that_a_subscription_was_told(archive: Archive) -> None:
    told, grown, other = alert(), alert(sequence=2), alert("alert-2")
    delivered = DeliveryState.DELIVERED
    rows = [
        delivery("d1", state=delivered),
        delivery("d2", sequence=2, state=DeliveryState.FAILED),
        delivery("d3", alert="alert-2", subscription="night", state=delivered),
        delivery("d4", sequence=2, receiver="atom", channel="atom", state=delivered),
    ]
    with archive.begin() as conn:
        alerts.record(conn, [told, grown, other])
        deliveries.plan(conn, rows, NOON)
        assert deliveries.for_subscription(conn, "desk", 9) == [grown]
        assert deliveries.for_subscription(conn, "desk", 9, receiver="webhook") == [told]
        assert deliveries.for_subscription(conn, "night", 9) == [other]
        assert deliveries.for_subscription(conn, "none", 9) == []

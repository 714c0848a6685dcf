"""Unmatched articles and offers keep their word on every kind of database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from nightdesk.archive import Archive, articles, emerging, matches, retention
from nightdesk.archive.tables import revisions
from schemas import Decision
from schemas.offer import Offer, OfferState
from tests.support.archive_samples import NOON, article, at, match

AFTER_ALL = (at(60), "")


def offer(id_: str = "emerging-1", minutes: float = 0, **changes: object) -> Offer:
    values: dict[str, object] = {
        "id": id_,
        "title": "Ferry aground",
        "first_at": NOON,
        "latest_at": at(minutes),
        "offered_at": NOON,
        "changed_at": NOON,
        "articles": 5,
        "outlets": 4,
        "reports": ("article-1",),
        "sources": ("Harbour Herald",),
        "draft": "storylines:\n",
    }
    return Offer.model_validate(values | changes)


def test_articles_that_no_storyline_holds_last_seen_first(archive: Archive) -> None:
    names = ["waits", "alone", "possible", "refused", "fits", "fitted", "old"]
    several = [article(name, seen_at=at(n)) for n, name in enumerate(names)]
    several[-1] = article("old", seen_at=at(-100))
    by_name = {one.id: one for one in several}
    decided = [
        match(of=by_name["possible"], decision=Decision.POSSIBLE),
        match(of=by_name["refused"], decision=Decision.NOT),
        match(of=by_name["fits"]),
        match(of=by_name["fitted"]),
        match(of=by_name["fitted"], version=2, decision=Decision.NOT),
    ]
    with archive.begin() as conn:
        articles.add_revisions(conn, several, {})
        articles.set_nominated(conn, [(name, 1, 1) for name in names[1:]])
        matches.record(conn, [(one, f"c{n}") for n, one in enumerate(decided)])
    with archive.read() as conn:
        found, end = emerging.unmatched(conn, since=at(-50), before=AFTER_ALL, limit=10)
        expected = ["fitted", "refused", "possible", "alone"]
        assert ([one.id for one in found], end) == (expected, None)
        first, place = emerging.unmatched(conn, since=at(-50), before=AFTER_ALL, limit=3)
        assert place == (at(2), "possible")
        rest, end = emerging.unmatched(conn, since=at(-50), before=place, limit=3)
        assert ([one.id for one in first + rest], end) == (expected, None)


def test_articles_seen_at_one_moment_are_paged_without_loss(archive: Archive) -> None:
    several = [article(f"a{n}", seen_at=NOON) for n in range(7)]
    with archive.begin() as conn:
        articles.add_revisions(conn, several, {})
        articles.set_nominated(conn, [(one.id, 1, 0) for one in several])
    paged: list[str] = []
    before: emerging.Place | None = AFTER_ALL
    with archive.read() as conn:
        while before is not None:
            page, before = emerging.unmatched(conn, since=at(-1), before=before, limit=3)
            paged += [one.id for one in page]
    assert paged == [f"a{n}" for n in range(6, -1, -1)]


def test_what_cannot_be_read_hides_nothing(archive: Archive) -> None:
    several = [article(f"a{n}", seen_at=at(n)) for n in range(3)]
    with archive.begin() as conn:
        articles.add_revisions(conn, several, {})
        articles.set_nominated(conn, [(one.id, 1, 0) for one in several])
        damaged = update(revisions).where(revisions.c.article == "a1").values(document="{}")
        conn.execute(damaged)
    with archive.read() as conn:
        found, _ = emerging.unmatched(conn, since=at(-1), before=AFTER_ALL, limit=9)
    assert [one.id for one in found] == ["a2", "a0"]


def test_only_the_latest_revision_counts(archive: Archive) -> None:
    with archive.begin() as conn:
        articles.add_revisions(conn, [article("a")], {})
        articles.set_nominated(conn, [("a", 1, 0)])
        articles.add_revisions(conn, [article("a", 2, seen_at=at(5))], {})
        none = emerging.unmatched(conn, since=at(-1), before=AFTER_ALL, limit=9)
        assert none == ([], None)
        articles.set_nominated(conn, [("a", 2, 0)])
        [found], _ = emerging.unmatched(conn, since=at(-1), before=AFTER_ALL, limit=9)
        assert found.revision == 2


def test_offers_by_state_and_by_the_beginning_of_their_id(archive: Archive) -> None:
    offers = [offer("emerging-aa1", 1), offer("emerging-ab2", 3), offer("emerging-b%_", 2)]
    with archive.begin() as conn:
        emerging.save(conn, offers)
        assert [o.id for o in emerging.recent(conn, 9)] == [offers[n].id for n in (1, 2, 0)]
        assert emerging.recent(conn, 1) == [offers[1]]
        assert emerging.set_state(conn, "emerging-ab2", OfferState.DISMISSED, at(9))
        assert not emerging.set_state(conn, "none", OfferState.DISMISSED, at(9))
        offered = emerging.recent(conn, 9, states=[OfferState.OFFERED])
        assert [o.id for o in offered] == ["emerging-b%_", "emerging-aa1"]
        assert emerging.counts(conn) == {OfferState.OFFERED: 2, OfferState.DISMISSED: 1}
        assert [o.id for o in emerging.find(conn, "emerging-a")] == ["emerging-aa1", "emerging-ab2"]
        assert [o.id for o in emerging.find(conn, "emerging-b%")] == ["emerging-b%_"]
        assert emerging.find(conn, "emerging_") == []
        emerging.drop(conn, ["emerging-aa1", "none"])
        assert emerging.find(conn, "emerging-aa1") == []


def test_growing_never_undoes_a_dismissal(archive: Archive) -> None:
    with archive.begin() as conn:
        emerging.save(conn, [offer()])
        emerging.set_state(conn, "emerging-1", OfferState.DISMISSED, at(1))
        emerging.save(conn, [offer(minutes=5, articles=9)])
        [found] = emerging.find(conn, "emerging-1")
        assert (found.state, found.articles) == (OfferState.DISMISSED, 9)


def test_old_offers_and_those_beyond_the_bound_are_forgotten(archive: Archive) -> None:
    offers = [offer(f"emerging-{n}", n) for n in range(6)]
    with archive.begin() as conn:
        emerging.save(conn, offers)
        assert emerging.prune(conn, before=at(2), most=9) == 2
        assert emerging.prune(conn, before=at(2), most=3) == 1
        assert [o.id for o in emerging.recent(conn, 9)] == [
            "emerging-5",
            "emerging-4",
            "emerging-3",
        ]
        pruned = retention.prune(conn, before=at(4) + timedelta(seconds=1))
        assert pruned["emerging"] == 2

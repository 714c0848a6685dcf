"""Offers keep their names while their windows move on, and what was dismissed stays so."""

from __future__ import annotations

from datetime import timedelta

from nightdesk.storylines.emerging import Cluster, find_clusters
from nightdesk.storylines.offers import MOST_REPORTS, Look, reconcile
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.seen import Seen
from schemas import Article
from schemas.offer import Offer, OfferState
from tests.support.newsdesk import FERRY, NOON, ferry_reports, report

LATER = NOON + timedelta(hours=1)


def cluster_of(articles: list[Article]) -> Cluster:
    seen = tuple(Seen.of(article, shipped_rarity()) for article in articles)
    outlets = tuple(dict.fromkeys(article.source for article in articles))
    return Cluster(seen, outlets, tuple(article.id for article in articles))


def offered(look: Look) -> Offer:
    [(offer, _)] = look.made
    return offer


def test_a_cluster_is_offered_once_and_grows_under_its_id() -> None:
    articles = ferry_reports(12)
    offer = offered(reconcile([cluster_of(articles[:6])], [], NOON))
    assert (offer.state, offer.articles, offer.outlets) == (OfferState.OFFERED, 6, 6)
    assert reconcile([cluster_of(articles[:6])], [offer], LATER) == Look()
    moved = reconcile([cluster_of(articles[4:])], [offer], LATER)
    [grown] = moved.grown
    assert (grown.id, grown.articles, grown.outlets) == (offer.id, 12, 12)
    assert (grown.first_at, grown.latest_at) == (articles[0].event_time, articles[-1].event_time)
    assert (grown.offered_at, grown.changed_at) == (NOON, LATER)
    assert moved.made == ()


def test_the_id_is_a_function_of_the_first_report() -> None:
    seen = [Seen.of(article, shipped_rarity()) for article in ferry_reports()]
    one = offered(reconcile(find_clusters(seen, outlets=4), [], NOON))
    other = offered(reconcile(find_clusters(reversed(seen), outlets=4), [], LATER))
    assert one.id == other.id


def test_another_cluster_is_another_offer() -> None:
    offer = offered(reconcile([cluster_of(ferry_reports())], [], NOON))
    others = [report(FERRY[0], f"Outlet {n}", 50 + n) for n in range(5)]
    look = reconcile([cluster_of(others)], [offer], LATER)
    assert look.grown == ()
    assert offered(look).id != offer.id


def test_what_was_dismissed_or_taken_takes_in_its_reports_and_is_not_offered_again() -> None:
    for state in (OfferState.DISMISSED, OfferState.TAKEN):
        offer = offered(reconcile([cluster_of(ferry_reports())], [], NOON))
        gone = offer.model_copy(update={"state": state})
        look = reconcile([cluster_of(ferry_reports(9))], [gone], LATER)
        assert look.made == ()
        assert [grown.state for grown in look.grown] == [state]


def test_two_offers_that_become_one_are_one() -> None:
    articles = ferry_reports(12)
    one = offered(reconcile([cluster_of(articles[:7])], [], NOON))
    two = offered(reconcile([cluster_of(articles[7:])], [], NOON))
    look = reconcile([cluster_of(articles)], [two, one], LATER)
    assert [offer.id for offer in look.grown] == [one.id]
    assert look.swallowed == (two.id,)
    dismissed = two.model_copy(update={"state": OfferState.DISMISSED})
    assert reconcile([cluster_of(articles)], [dismissed, one], LATER).swallowed == ()


def test_an_offer_is_bounded() -> None:
    offer = offered(reconcile([cluster_of(ferry_reports(6))], [], NOON))
    for start in range(0, 600, 100):
        many = [report(FERRY[0], f"Outlet {n}", n) for n in range(start, start + 200)]
        look = reconcile([cluster_of(many)], [offer], LATER)
        offer = look.grown[0] if look.grown else offer
    assert len(offer.reports) == MOST_REPORTS
    assert offer.articles == 700
    assert len(offer.to_bytes()) < 20_000

"""Offers: clusters of unmatched reports, as candidate storylines that somebody may take or dismiss.

Comes in: the clusters of one look, and the offers that were made before.  Goes out: the offers that are
new or have grown, and those that another has swallowed.  A cluster is an offer's next state where they
share reports, or where it tells again what an offer told that had come to rest: so an offer keeps its id
while its window moves on, and what was dismissed stays so.  Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from nightdesk.ids import content_id
from nightdesk.storylines.emerging import Cluster, resembling
from nightdesk.storylines.seen import Seen
from schemas.offer import Offer, OfferState

MOST_REPORTS = 300
"""Newest reports whose ids an offer keeps, to be known again."""

MOST_SOURCES = 100
_SAME_CLUSTER = 0.25
_SAME_OFFER = 0.5


@dataclass(frozen=True)
class Look:
    """What one look changes: offers `made` (still without title and draft), `grown`, and the ids of those
    `swallowed` by another."""

    made: tuple[tuple[Offer, Cluster], ...] = ()
    grown: tuple[Offer, ...] = ()
    swallowed: tuple[str, ...] = ()


def reconcile(
    clusters: Sequence[Cluster],
    offers: Iterable[Offer],
    now: datetime,
    told: Mapping[str, Sequence[Seen]] = MappingProxyType({}),
) -> Look:
    """Say what the clusters of a look at `now` mean for the offers made before.

    `told` gives of an offer, by its id, some reports that it was made of: with them it is known again when
    its story comes up once more, and no report of the cluster was there before.
    """
    standing = {offer.id: offer for offer in offers}
    made: dict[str, tuple[Offer, Cluster]] = {}
    grown: dict[str, Offer] = {}
    swallowed: list[str] = []
    resting = dict(told)
    new: list[Cluster] = []
    for cluster in clusters:
        same = _same(cluster, standing.values())
        if not same:
            new.append(cluster)
            continue
        kept, *others = same
        after = _grow(kept, cluster, now)
        if after != kept:
            standing[kept.id] = grown[kept.id] = after
        for other in others:
            if other.state is OfferState.OFFERED:
                swallowed.append(other.id)
                grown.pop(other.id, None)
                del standing[other.id]
        for offer in same:
            resting.pop(offer.id, None)
    for cluster in new:
        name = resembling(cluster, resting) if resting else None
        if name in standing:
            standing[name] = grown[name] = _grow(standing[name], cluster, now)
            continue
        offer = _new(cluster, now)
        if offer.id not in standing and offer.id not in made:
            made[offer.id] = (offer, cluster)
    return Look(tuple(made.values()), tuple(grown.values()), tuple(swallowed))


def _same(cluster: Cluster, offers: Iterable[Offer]) -> list[Offer]:
    """Return the offers that a cluster continues: the one that shares most reports with it first."""
    ids = {report.id for report in cluster.reports}
    found = []
    for offer in offers:
        shared = sum(id_ in ids for id_ in offer.reports)
        if shared and (
            shared >= _SAME_CLUSTER * len(ids) or shared >= _SAME_OFFER * len(offer.reports)
        ):
            found.append((-shared, offer.first_at, offer.id, offer))
    return [offer for *_, offer in sorted(found, key=lambda row: row[:3])]


def _new(cluster: Cluster, now: datetime) -> Offer:
    first, last = cluster.reports[0], cluster.reports[-1]
    return Offer(
        id=content_id("emerging", first.id),
        title=first.id,
        first_at=first.event_time,
        latest_at=last.event_time,
        offered_at=now,
        changed_at=now,
        articles=len(cluster.reports),
        outlets=len(cluster.outlets),
        reports=tuple(report.id for report in cluster.reports)[-MOST_REPORTS:],
        sources=cluster.outlets[:MOST_SOURCES],
    )


def _grow(offer: Offer, cluster: Cluster, now: datetime) -> Offer:
    """Return the offer with the cluster's reports; the very same where it has them all."""
    known = set(offer.reports)
    new = [report for report in cluster.reports if report.id not in known]
    if not new:
        return offer
    sources = tuple(dict.fromkeys((*offer.sources, *cluster.outlets)))
    return offer.model_copy(
        update={
            "first_at": min(offer.first_at, new[0].event_time),
            "latest_at": max(offer.latest_at, new[-1].event_time),
            "changed_at": now,
            "articles": offer.articles + len(new),
            "outlets": max(offer.outlets, len(sources)),
            "reports": (*offer.reports, *(report.id for report in new))[-MOST_REPORTS:],
            "sources": sources[:MOST_SOURCES],
        }
    )

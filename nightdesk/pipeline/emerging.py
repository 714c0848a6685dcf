"""One look for emerging storylines: unmatched articles of late, clustered, become offers.

    read pages of unmatched articles ─▶ find_clusters ─▶ plan (what is new, what has grown; drafts) ─▶ save

No stage of the stream: it decides nothing about an article, and may be repeated or left out at any time.
Each step is bounded and can run where nothing waits for it; only `save` writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from nightdesk.archive import articles, definitions, emerging
from nightdesk.archive.emerging import Place
from nightdesk.archive.engine import Archive
from nightdesk.archive.errors import DocumentUnreadable
from nightdesk.pipeline import emerging_alerts
from nightdesk.pipeline.raising import Row
from nightdesk.storylines.drafted import to_yaml
from nightdesk.storylines.emerging import Cluster
from nightdesk.storylines.examples import Example
from nightdesk.storylines.offers import Look, reconcile
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.seen import Seen
from nightdesk.storylines.suggest import suggest
from schemas import Arrival, Article
from schemas.offer import Offer, OfferState

PAGE = 250
"""Articles that are read at a time."""

MOST_OFFERS = 500
"""Offers that are kept, the newest."""

MOST_NEW = 50
"""Offers that one look makes, the widest told; the next look finds the others."""

KEPT = timedelta(days=14)
"""How long an offer is kept after its last report."""

RECALLED = 8
"""Newest reports of an offer by which it is known again after a pause."""

EXAMPLES = 4
"""Central reports that a definition is drafted from."""

_TITLE = 200


@dataclass(frozen=True)
class Page:
    """Reports of one page, and where the next one begins; None after the last."""

    reports: tuple[Seen, ...]
    next: Place | None


class Saved(NamedTuple):
    """How many offers stand, and the alerts to send."""

    standing: int
    rows: list[Row]


def read_page(
    archive: Archive, before: Place, *, now: datetime, window: timedelta, rarity: Rarity
) -> Page:
    """Read unmatched articles that were seen before `before`, last seen first.

    Those that happened outside of the window count for nothing; neither do those that came without a
    date in a feed's first fetch or a back-fill: nobody knows when they happened.
    """
    since = now - window
    with archive.read() as connection:
        found, end = emerging.unmatched(connection, since=since, before=before, limit=PAGE)
    reports = tuple(
        Seen.of(article, rarity)
        for article in found
        if since < article.event_time <= now + window
        and (article.arrival is Arrival.LIVE or article.published_at is not None)
    )
    return Page(reports, end)


def plan(archive: Archive, clusters: Sequence[Cluster], *, now: datetime, rarity: Rarity) -> Look:
    """Say what the clusters mean for the offers that stand, and draft the new ones.  Writes nothing."""
    with archive.read() as connection:
        offers = emerging.recent(connection, MOST_OFFERS)
        look = reconcile(clusters, offers, now)
        if look.made:
            look = reconcile(clusters, offers, now, _told(connection, offers, rarity))
        made = look.made[:MOST_NEW]
        central = {id_ for _, cluster in made for id_ in cluster.central[:EXAMPLES]}
        told = {
            id_: head.article()
            for id_, head in articles.latest(connection, sorted(central)).items()
        }
    drafts = tuple(
        (drafted(offer, _central(cluster, told), rarity), cluster) for offer, cluster in made
    )
    return replace(look, made=drafts)


def save(archive: Archive, look: Look, *, now: datetime) -> Saved:
    """Store what a look came to, note what was taken, forget what is old; tell of it all.

    Raises ArchiveConflict where another worker looked at the same moment.
    """
    with archive.begin() as connection:
        known = [offer.id for offer in emerging.recent(connection, MOST_OFFERS)]
        emerging.drop(connection, look.swallowed)
        emerging.save(connection, [*(offer for offer, _ in look.made), *look.grown])
        emerging.prune(connection, before=now - KEPT, most=MOST_OFFERS)
        standing = emerging.recent(connection, MOST_OFFERS, states=[OfferState.OFFERED])
        declared = definitions.current(connection).storylines if standing else {}
        taken = [offer for offer in standing if offer.storyline in declared]
        for offer in taken:
            emerging.set_state(connection, offer.id, OfferState.TAKEN, now)
        offers = {offer.id: offer for offer in emerging.recent(connection, MOST_OFFERS)}
        rows = emerging_alerts.tell(connection, look, known, offers, now=now)
        return Saved(len(standing) - len(taken), rows)


def drafted(offer: Offer, central: Sequence[Article], rarity: Rarity) -> Offer:
    """Return the offer with a title and a definition, drafted from its central reports."""
    titles = [" ".join(article.title.split()) for article in central]
    title = next((title for title in titles if title), offer.title)[:_TITLE]
    examples = [_example(article) for article in central]
    first = suggest(examples, rarity=rarity)
    if first is None:
        return offer.model_copy(update={"title": title})
    # Two offers, and an offer and a storyline of somebody's, must not meet under one name.
    draft = replace(first, id=f"{first.id}-{offer.id[-4:]}")
    source = f"{offer.articles} reports of {offer.outlets} outlets that no storyline held"
    return offer.model_copy(
        update={"title": title, "storyline": draft.id, "draft": to_yaml(draft, source=source)}
    )


def _told(connection: Connection, offers: Sequence[Offer], rarity: Rarity) -> dict[str, list[Seen]]:
    """Return the newest reports of each offer that is not taken: a storyline in force speaks for itself."""
    asked = {
        offer.id: offer.reports[-RECALLED:]
        for offer in offers
        if offer.state is not OfferState.TAKEN
    }
    ids = sorted({id_ for reports in asked.values() for id_ in reports})
    seen: dict[str, Seen] = {}
    for id_, head in articles.latest(connection, ids).items():
        with suppress(DocumentUnreadable):
            seen[id_] = Seen.of(head.article(), rarity)
    return {name: [seen[id_] for id_ in ids if id_ in seen] for name, ids in asked.items()}


def _central(cluster: Cluster, told: dict[str, Article]) -> list[Article]:
    return [told[id_] for id_ in cluster.central[:EXAMPLES] if id_ in told]


def _example(article: Article) -> Example:
    return Example(
        title=article.title,
        text=article.text,
        origin=f"{article.source}, {article.id}",
        description=article.description,
        language=article.language,
        published_at=article.published_at,
    )

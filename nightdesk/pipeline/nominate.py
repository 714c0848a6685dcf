"""Stage `nominate`: each article meets the index of all storylines; the few it may fit are named.

Outcomes: `nominated`, `not_nominated`, `redelivered`.  `candidates` counts the messages sent on,
`encoded` those of them that carry their article's meaning: with an encoder, the named articles of a batch
are read by it together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from nightdesk.archive import articles
from nightdesk.dense.encoder import Encoder
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.stage import Received, Work
from nightdesk.storylines.meaning import encoded
from nightdesk.storylines.nominate import nominate
from schemas import Article, Candidate


class NominateStage:
    """Stateless by article: any worker can do any article."""

    name = "nominate"
    topic = "articles"
    contract = Article

    def __init__(self, catalogues: CatalogueCache, encoder: Encoder | None = None) -> None:
        self._catalogues = catalogues
        self._encoder = encoder

    def process(
        self, connection: Connection, batch: Sequence[Received[Article]], now: datetime
    ) -> Work:
        work = Work()
        index = self._catalogues.get(connection).index
        done = articles.nominated(connection, [(r.body.id, r.body.revision) for r in batch])
        told = {pair for pair, candidates in done.items() if candidates is not None}
        rows: list[tuple[str, int, int]] = []
        named: list[Candidate] = []
        for received in batch:
            article = received.body
            if (article.id, article.revision) in told:
                work.counts["redelivered"] += 1
                continue
            told.add((article.id, article.revision))
            candidates = nominate(article, index, now=now)
            named.extend(candidates)
            work.counts["nominated" if candidates else "not_nominated"] += 1
            work.extra["candidates"] += len(candidates)
            rows.append((article.id, article.revision, len(candidates)))
        if self._encoder is not None:
            named = encoded(named, self._encoder)
            work.extra["encoded"] += sum(bool(c.likeness and c.likeness.dense) for c in named)
        for candidate in named:
            work.send("candidates", candidate.storyline, candidate)
        articles.set_nominated(connection, rows)
        return work

    def forget(self) -> None:
        """The catalogue checks itself against the archive."""

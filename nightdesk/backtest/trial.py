"""A trial: one definition meets the articles, and what it would have done is written down.

Comes in: pages of articles, oldest first, and a storyline with the rivals that it names.  Goes out: an
`Outcome`.  Articles go through `nominate`; the candidates through the very stages of the service that
decide and alert, which keep their memory, matches and developments in a scratch archive.  So a mind
that is changed later is changed here too, and the last decision counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from nightdesk.archive import definitions, matches
from nightdesk.archive.engine import Archive
from nightdesk.archive.outbox import Outgoing
from nightdesk.backtest.findings import Judged, Outcome, Raised
from nightdesk.backtest.sources import Page
from nightdesk.clock import SettableClock
from nightdesk.dense.encoder import Encoder
from nightdesk.pipeline.bare import BareLoop
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.records import BEFORE_ALL
from nightdesk.storylines.meaning import encoded
from nightdesk.storylines.nominate import nominate
from nightdesk.storylines.rarity import Rarity
from schemas import Alert, Article, Candidate, Decision, Storyline

_AUTHOR = "backtest"


class Trial:
    """One run of one storyline.  `scratch` is an empty archive of its own.

    Words are weighed by `rarity`, that of the desk's archive; by the shipped one if None.
    """

    def __init__(
        self,
        scratch: Archive,
        storyline: Storyline,
        rivals: Iterable[Storyline] = (),
        rarity: Rarity | None = None,
        encoder: Encoder | None = None,
    ) -> None:
        self.storyline = storyline
        self._encoder = encoder
        self._scratch = scratch
        self._clock = SettableClock(BEFORE_ALL)
        catalogues = CatalogueCache(rarity)
        with scratch.begin() as connection:
            # A draft that is switched off is tried all the same.
            for declared in (storyline.model_copy(update={"enabled": True}), *rivals):
                definitions.put(connection, declared, author=_AUTHOR, now=BEFORE_ALL)
        with scratch.read() as connection:
            self._index = catalogues.get(connection).index
        self._loop = BareLoop(
            scratch,
            self._clock,
            catalogues=catalogues,
            stages={"decide", "alert"},
            encoder=encoder,
        )
        self._articles = 0
        self._dated = True
        self._named: dict[str, tuple[str, Article]] = {}
        self._raised: list[Raised] = []

    def take(self, page: Page) -> None:
        """Judge the articles of one page."""
        self._articles += len(page.items)
        self._dated = page.dated
        named: list[Candidate] = []
        for name, article in page.items:
            self._clock.set(max(self._clock.now(), article.event_time))
            for candidate in nominate(article, self._index, now=self._clock.now()):
                if candidate.storyline == self.storyline.id:
                    # Its words are not needed again: thousands of articles may be named.
                    light = article.model_copy(update={"text": "", "description": ""})
                    self._named[article.id] = (name, light)
                    named.append(candidate)
        if self._encoder is not None:
            named = encoded(named, self._encoder)
        candidates = [Outgoing("candidates", c.storyline, c.to_bytes()) for c in named]
        for message in self._loop.feed(candidates):
            if message.topic == "alerts":
                alert = Alert.model_validate_json(message.value)
                self._raised.append(Raised.of(alert, dated=page.dated))

    def outcome(self) -> Outcome:
        """Return what came of it; call it after the last page."""
        self._loop.finish()
        last: dict[str, matches.RecordedVerdict] = {}
        changed: Counter[tuple[Decision, Decision]] = Counter()
        minds: set[str] = set()
        with self._scratch.read() as connection:
            for verdict in matches.verdicts(connection, self.storyline.id):
                before = last.get(verdict.article)
                last[verdict.article] = verdict
                # Another decision about another revision is no changed mind.
                if before is None or before.revision != verdict.revision:
                    continue
                if before.decision is not verdict.decision:
                    changed[before.decision, verdict.decision] += 1
                    minds.add(verdict.article)
        # As they were read; an edit may tell another time than the first report did.
        read = [article for article in self._named if article in last]
        read.sort(key=lambda article: self._named[article][1].event_time)
        return Outcome(
            storyline=self.storyline,
            articles=self._articles,
            judged=tuple(self._judged(last[article]) for article in read),
            changes=dict(changed),
            reconsidered=len(minds),
            raised=tuple(self._raised),
        )

    def _judged(self, verdict: matches.RecordedVerdict) -> Judged:
        name, article = self._named[verdict.article]
        # Only of old are there any without: this one was decided here.
        assert verdict.bar is not None
        return Judged(
            article=article.id,
            name=name,
            title=article.title,
            source=article.source,
            url=article.url,
            when=article.event_time if self._dated else None,
            decision=verdict.decision,
            probability=verdict.probability,
            bar=verdict.bar.fits,
        )

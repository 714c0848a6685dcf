"""Stage `alert`: matches become developments; a development is told once, then grows.

Outcomes are those of `nightdesk.alerts.developments.develop` (`opened`, `grew`, `echoed`, `joined`,
`copy`, `revised`, `unchanged`, `held`), `retired` and `redelivered`.  `alerts` counts the messages sent on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from nightdesk.alerts.developments import Development, develop
from nightdesk.alerts.echoes import Awaited
from nightdesk.alerts.handling import wakes_at
from nightdesk.alerts.quiet import quiet_at
from nightdesk.alerts.surge import Pace
from nightdesk.archive import alerts, developments, handling, matches
from nightdesk.archive import paces as archived_paces
from nightdesk.archive.developments import StoredDevelopment
from nightdesk.pipeline.definitions import CatalogueCache, unknown_storyline
from nightdesk.pipeline.stage import Received, Work
from schemas import Alert, Match, Storyline


class AlertStage:
    """Reads the open developments of the storylines in a batch, writes those that changed."""

    name = "alert"
    topic = "matches"
    contract = Match

    def __init__(self, catalogues: CatalogueCache) -> None:
        self._catalogues = catalogues

    def process(
        self, connection: Connection, batch: Sequence[Received[Match]], now: datetime
    ) -> Work:
        work = Work()
        catalogue = self._catalogues.get(connection)
        done = matches.outcomes(connection, [(r.body.id, r.body.version) for r in batch])
        told = {pair for pair, outcome in done.items() if outcome is not None}
        opened: dict[str, list[Development]] = {}
        paces: dict[str, Pace] = {}
        unmoved: dict[str, Pace] = {}
        awaited: dict[str, Awaited] = {}
        changed: dict[str, Development] = {}
        raised: list[Alert] = []
        outcomes: list[tuple[str, int, str, str | None]] = []
        for received in batch:
            match = received.body
            if (match.id, match.version) in told:
                work.counts["redelivered"] += 1
                continue
            told.add((match.id, match.version))
            stored = catalogue.current.storylines.get(match.storyline)
            if stored is None:
                poison = unknown_storyline(connection, match.storyline)
                if poison is not None:
                    work.buried.append((received.incoming, poison))
                    continue
                work.counts["retired"] += 1
                outcomes.append((match.id, match.version, "retired", None))
                continue
            if match.storyline not in opened:
                opened[match.storyline] = _open(connection, stored.definition, batch)
                unmoved[match.storyline] = _pace(connection, match.storyline)
                paces[match.storyline] = unmoved[match.storyline]
                awaited[match.storyline] = Awaited(
                    catalogue.waited_for(match.storyline),
                    _snoozed(connection, opened[match.storyline]),
                )
            known = opened[match.storyline]
            result = develop(
                match,
                known,
                stored.definition,
                now=now,
                rarity=catalogue.index.rarity,
                pace=paces[match.storyline],
                awaited=awaited[match.storyline],
            )
            work.counts[result.outcome] += 1
            paces[match.storyline] = result.pace
            development = result.development
            if development is not None:
                opened[match.storyline] = [
                    development,
                    *(other for other in known if other.id != development.id),
                ]
                changed[development.id] = development
            if result.alert is not None:
                raised.append(result.alert)
                work.send("alerts", result.alert.about, result.alert)
                work.extra["alerts"] += 1
                work.took("seen_to_alerted", match.article.seen_at, now, match.article.arrival)
            outcomes.append(
                (match.id, match.version, result.outcome, development.id if development else None)
            )
        current = catalogue.current.storylines
        developments.save(
            connection,
            [stored_as(d, current[d.storyline].definition) for d in changed.values()],
        )
        moved = {name: pace for name, pace in paces.items() if pace is not unmoved[name]}
        archived_paces.save(connection, {name: p.model_dump_json() for name, p in moved.items()})
        alerts.record(connection, raised)
        matches.set_outcome(connection, outcomes)
        return work

    def forget(self) -> None:
        """Nothing is cached."""


def stored_as(development: Development, storyline: Storyline) -> StoredDevelopment:
    """Return a development as the archive keeps it."""
    return StoredDevelopment(
        development.id,
        development.storyline,
        development.opened_at,
        development.latest_at,
        development.model_dump_json(),
        quiet_at(development, storyline.development_gap),
    )


def _pace(connection: Connection, storyline: str) -> Pace:
    document = archived_paces.load(connection, storyline)
    return Pace.model_validate_json(document) if document else Pace()


def _snoozed(connection: Connection, known: Sequence[Development]) -> dict[str, int]:
    """Return alert -> the number of sources at which its snooze ends, of these developments."""
    handled = handling.of_alerts(connection, [one.alert for one in known])
    numbers = {alert: wakes_at(one.snoozed) for alert, one in handled.items()}
    return {alert: number for alert, number in numbers.items() if number is not None}


def _open(
    connection: Connection, storyline: Storyline, batch: Sequence[Received[Match]]
) -> list[Development]:
    """Return the developments that any match of the batch for this storyline could join or revise, and
    the last one before, whose knowledge a new one takes over."""
    articles = [r.body.article for r in batch if r.body.storyline == storyline.id]
    times = [article.event_time for article in articles]
    gap = storyline.development_gap
    documents = developments.open_between(
        connection, storyline.id, min(times) - gap, max(times) + gap
    )
    documents += developments.ended_before(connection, storyline.id, min(times) - gap)
    for edited in {article.id for article in articles if article.revision > 1}:
        documents += developments.of_article(connection, storyline.id, edited)
    found = [Development.model_validate_json(document) for document in dict.fromkeys(documents)]
    return sorted(found, key=lambda development: development.id)

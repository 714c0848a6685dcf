"""A freighter aground off Port Lindane: a storyline, reports of it, and a desk that keeps what is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from nightdesk.alerts.developments import Development, DevelopmentOutcome, develop
from nightdesk.alerts.surge import Pace
from nightdesk.storylines.rarity import shipped_rarity
from schemas import Article, Decision, Match, Span, Storyline

NOON = datetime(2016, 7, 14, 12, tzinfo=UTC)
STORYLINE = Storyline(id="port", title="Port Lindane", description="A ship aground.")
REPORT = (
    "The harbour of Port Lindane was closed on Monday after a freighter ran aground in fog. Pilots had"
    " warned of the sandbank for years, the harbour master said, and the ministry promised a dredger"
    " that never came. Some sailors were brought ashore unhurt and the grain is to be unloaded."
)
OTHER = (
    "Tugs from the mainland reached the stranded grain ship this morning, but a falling tide stopped"
    " them from fixing a line. Fishermen complain that nobody can leave the basin before the salvage"
    " company has finished, and demand compensation from the shipping line for each lost day."
)
NEWS = "Rescuers said at least 14 people were hurt when a crane toppled; envoy Ada Marsh flew in."


def make_match(name: str, text: str = REPORT, **changes: Any) -> Match:
    decision = changes.pop("decision", Decision.FITS)
    storyline = changes.pop("storyline", "port")
    hours = changes.pop("hours", 0)
    values: dict[str, Any] = {
        "id": name,
        "report": name,
        "feed": "wire",
        "source": name,
        "title": f"Freighter aground, says {name}",
        "text": text,
        "language": "en",
        "published_at": NOON + timedelta(hours=hours),
        "seen_at": NOON + timedelta(hours=hours),
        "content_hash": "0",
    }
    article = Article(**{**values, **changes})
    return Match(
        id=f"match-{name}",
        storyline=storyline,
        storyline_version=1,
        article=article,
        decision=decision,
        probability=0.9,
        score=2.2,
        spans=(Span(field="title", start=0, end=9, weight=1.0),) if article.title else (),
        reason="close to exemplar 1",
        decided_at=NOON,
    )


class Desk:
    """Keeps developments as the alert stage does: newest change first, through JSON and back."""

    def __init__(self) -> None:
        self.developments: list[Development] = []
        self.pace = Pace()

    def take(self, match: Match) -> DevelopmentOutcome:
        result = develop(
            match,
            self.developments,
            STORYLINE,
            now=NOON,
            rarity=shipped_rarity(),
            pace=self.pace,
        )
        self.pace = Pace.model_validate_json(result.pace.to_bytes())
        if result.development is not None:
            kept = Development.model_validate_json(result.development.to_bytes())
            rest = [d for d in self.developments if d.id != kept.id]
            self.developments = [kept, *rest]
        return result

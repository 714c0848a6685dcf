"""Reports of a quiet day and of a busy one, for tests of emerging storylines: all of our own wording."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas import Article

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FERRY = (
    "The Northquay ferry Albatros ran aground on the Lindane sandbank in thick fog.",
    "Divers reached the stranded ferry Albatros off Northquay, whose hull was torn by the sandbank.",
    "Passengers of the Albatros spent the night in a Northquay school after the ferry struck the sandbank.",
    "An inquiry will ask why the ferry Albatros sailed from Northquay into fog over the sandbank.",
    "Tugs failed to free the Albatros at high tide; the Northquay ferry sits firm upon its sandbank.",
    "The owner of the ferry Albatros blames a broken radar for the grounding near Northquay.",
)
FERRY_AGAIN = (
    "A salvage ship hauled the ferry Albatros off its sandbank and towed it to Northquay.",
    "The grounded ferry Albatros may sail from Northquay again in May, its owner hopes.",
    "Fog and a broken radar put the ferry Albatros onto the sandbank, the Northquay inquiry found.",
    "Passengers of the stranded ferry Albatros sue its owner before the Northquay court.",
    "The sandbank off Northquay on which the Albatros ran aground gets a buoy; its ferry gets a new radar.",
)
OTHERS = (
    "Parliament postponed its vote on the fishing quota until the autumn session.",
    "A beekeeper from Oldmarsh won the regional prize for heather honey again.",
    "Archaeologists unearthed a bronze anchor beneath the cathedral crypt.",
    "The orchestra opens its season with a forgotten symphony by Marlow.",
    "Wheat prices slipped as exporters waited for rain in the southern plains.",
    "Engineers closed the viaduct overnight to inspect its rusting bearings.",
    "Striking bakers marched through Westerham demanding shorter night shifts.",
    "A comet visible to the naked eye passes Orion before dawn on Thursday.",
)


def report(text: str, source: str, number: int, **changes: Any) -> Article:
    """Return a live report of `text`, `number` minutes after noon."""
    when = NOON + timedelta(minutes=number)
    values: dict[str, Any] = {
        "id": f"article-{number:024x}",
        "report": f"report-{number}",
        "feed": "wire",
        "source": source,
        "title": re.split(r"[,;.]", text)[0],
        "text": text,
        "language": "en",
        "published_at": when,
        "seen_at": when,
        "content_hash": str(number),
    }
    return Article(**(values | changes))


def ferry_reports(outlets: int = 6) -> list[Article]:
    """Return one report of the ferry from each of so many outlets, each in words of its own."""
    return [report(FERRY[n % len(FERRY)], f"Outlet {n}", n) for n in range(outlets)]


def other_reports() -> list[Article]:
    """Return reports that have nothing in common."""
    return [report(text, f"Outlet {n % 5}", 100 + n) for n, text in enumerate(OTHERS)]


def ferry_again() -> list[Article]:
    """Return what five outlets have to say of the ferry two days later."""
    days = 2 * 24 * 60
    return [report(text, f"Outlet {n}", days + n) for n, text in enumerate(FERRY_AGAIN)]

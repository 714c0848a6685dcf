"""A small archive of our own reports, and storylines to look at it by: for `explain` and `backtest`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from nightdesk.archive import Archive
from nightdesk.bundles import parse
from nightdesk.replay import Replay

STRIKE = """\
  - id: port-strike
    title: Dockers of Velmora strike
    exemplars:
      - title: Velmora dockers walk out over night shifts
        text: >-
          Dockers in the port of Velmora walked out on Monday over compulsory night shifts. Cranes at all
          nine terminals stood still, and the union of dock workers spoke of an open-ended strike.
    entities:
      - {name: Velmora, any_of: [Velmora]}
      - {name: Dockers, any_of: [dockers, dock workers]}
    cues:
      supporting: [walk out, walked out, open-ended strike]
      opposing: [counts]
    exclusions: [football]
"""

FERRY = """\
  - id: ferry-line
    title: A new ferry line to Quillhaven
    description: A shipping company plans a ferry line from Velmora to Quillhaven.
    cues: {supporting: [ferry line]}
"""

_HITS = (
    "Dockers of Velmora walk out again over night shifts, cranes stand still at {n} terminals",
    "Union of dock workers calls open-ended strike in port of Velmora, day {n}",
    "Velmora strike: dockers walked out at all terminals, {n} ships wait",
)
_NEAR = (
    "Velmora dockers play football against crane drivers, {n} goals",
    "Port of Velmora counts {n} ships, union hopes for quiet night shifts",
)
_FAR = (
    "Pear harvest of orchard {n} delayed by frost, growers say",
    "Observatory finds comet number {n} near the edge of Lyra",
)
MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)


def bundle(*storylines: str) -> str:
    """Return a bundle of these storylines, the strike alone if none is named."""
    return "storylines:\n" + "".join(storylines or (STRIKE,))


def record(name: str, title: str, when: datetime | None, **fields: Any) -> dict[str, Any]:
    return {
        "id": name,
        "title": title,
        "text": f"{title}. So much was known of {name} by the evening, said a spokesman.",
        "published": when.isoformat() if when else None,
        "source": f"Wire {name[-1]}",
        "url": f"https://wire.example/{name}",
        "lang": "en",
    } | fields


def reports(days: int = 3) -> list[dict[str, Any]]:
    """Return seven reports a day: three of the strike, two near it, two of other things."""
    found = []
    for day in range(days):
        for hour, title in enumerate((*_HITS, *_NEAR, *_FAR)):
            when = MONDAY + timedelta(days=day, hours=hour)
            found.append(record(f"r{day}{hour}", title.format(n=7 * day + hour + 3), when))
    return found


def lines(records: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def fill(archive: Archive, records: Sequence[dict[str, Any]], *storylines: str) -> None:
    """Put the reports through all stages into `archive`, with the storylines in force."""
    loaded = parse(bundle(*storylines))
    assert loaded.bundle is not None, loaded.problems
    replay = Replay(archive, loaded.bundle)
    for _ in replay.events(lines(records).splitlines()):
        pass
    assert replay.summary()["balanced"]

"""A small bundle that has nothing wrong, and ways to look at problems."""

from __future__ import annotations

from datetime import UTC, datetime
from textwrap import dedent

from nightdesk.bundles import Loaded, Problem, parse

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

GOOD = """\
schema_version: 1
feeds:
  - id: harbour-wire
    url: https://harbour.example/rss
    source: Harbour Wire
    interval: 5m
storylines:
  - id: port-strike
    title: Strike in the port
    kind: saga
    exemplars:
      - title: Dockers walk out over night shifts
        text: Work stopped at all nine terminals before dawn.
    entities:
      - name: Dockers' union
        any_of: [dock workers, UDW]
    cues:
      supporting: [walk out]
      opposing: [football]
    rivals: [rail-strike]
    tags: [labour]
  - id: rail-strike
    title: Strike on the railway
    description: Train drivers refuse the new timetable
    window:
      since: 2026-01-01T00:00:00+01:00
    tags: [labour]
subscriptions:
  - id: night
    tags: [labour]
    receivers:
      - channel: console
silences:
  - id: maintenance
    matchers:
      - {label: storyline, value: port-strike}
    starts_at: 2026-03-01T10:00:00Z
    ends_at: 2026-03-02T10:00:00Z
    author: Mara
    comment: The wire resends its archive tonight
"""


TELLING = "Ferry crews refuse the new night rosters"
"""A description that is enough to compare reports with."""

REPORT = (
    "The ferry company halted all sailings to the islands on Tuesday after its crews refused to work "
    "the new rosters. Passengers slept on the quay, and the mayor asked the navy to bring bread."
)


def check(text: str | bytes, **options: object) -> Loaded:
    """Parse dedented `text` with the time set."""
    data = dedent(text) if isinstance(text, str) else text
    return parse(data, file="b.yaml", **{"now": NOW, **options})  # type: ignore[arg-type]


def edited(before: str, after: str) -> Loaded:
    """Check the good bundle with one place edited."""
    assert GOOD.count(before) == 1, before
    return check(GOOD.replace(before, after))


def only(loaded: Loaded) -> Problem:
    """Return the one problem there is."""
    assert len(loaded.problems) == 1, "\n".join(map(str, loaded.problems))
    return loaded.problems[0]


def storyline(*lines: str, **options: object) -> Loaded:
    """Check a bundle of one storyline with further lines."""
    more = "\n".join(f"    {line}" for line in lines)
    return check(
        f"storylines:\n  - id: ferries\n    title: Ferries stand still\n{more}\n", **options
    )


def exemplar(text: str, *lines: str) -> Loaded:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return storyline(f'exemplars: [{{text: "{quoted}"}}]', *lines)

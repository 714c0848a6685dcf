"""Ten thousand subscriptions and one alert after the other: how long until it is known who is told.

    python -m benchmarks.routing [--subscriptions 10000] [--alerts 300]

Beside it in the same run: the same decision by looking at each subscription in turn.  Subscriptions choose by
one of 2,000 storylines or of 200 tags, one in a thousand takes all; half have quiet hours, a digest, a rate
limit or matchers of their own; 50 silences are in force.  What is measured is CPU time of one process.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from nightdesk.alerts.muters import Situation
from nightdesk.alerts.routing import Routed, route
from nightdesk.alerts.selection import Selection
from schemas import (
    Alert,
    AlertedArticle,
    AlertKind,
    Arrival,
    ConsoleReceiver,
    Digest,
    Matcher,
    QuietHours,
    RateLimit,
    Severity,
    Silence,
    Subscription,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--subscriptions", type=int, default=10_000)
    parser.add_argument("--alerts", type=int, default=300)
    asked = parser.parse_args()
    chance = random.Random(6)
    declared = [_subscription(n, chance) for n in range(asked.subscriptions)]
    raised = [_alert(n, chance) for n in range(asked.alerts)]
    situation = Situation(NOW, [_silence(n) for n in range(50)])
    began = time.process_time()
    selection = Selection(declared)
    built = time.process_time() - began
    rows: list[tuple[Routed, ...]] = []
    indexed = _measured(
        raised, lambda one, tags: rows.append(route(one, tags, selection.of(one, tags), situation))
    )
    told = sum(len(found) for found in rows) / len(rows)
    rows.clear()
    few = raised[:30]
    each = _measured(few, lambda one, tags: rows.append(route(one, tags, declared, situation)))
    print(f"{asked.subscriptions:,} subscriptions, {asked.alerts:,} alerts, {told:.0f} rows each")
    print(f"index built in        {built * 1e3:8.1f} ms")
    _print("with the index", indexed)
    _print("one by one", each)
    ratio = statistics.median(each) / statistics.median(indexed)
    print(f"the index makes it    {ratio:8.1f} times faster")


def _measured(
    raised: Sequence[tuple[Alert, frozenset[str]]],
    do: Callable[[Alert, frozenset[str]], Any],
) -> list[float]:
    spent = []
    for alert, tags in raised:
        began = time.process_time()
        do(alert, tags)
        spent.append(time.process_time() - began)
    return spent


def _print(name: str, spent: Sequence[float]) -> None:
    ordered = sorted(spent)
    at = ordered[int(len(ordered) * 0.99)]
    print(f"{name:<22}{statistics.median(spent) * 1e3:8.2f} ms median, {at * 1e3:.2f} ms p99")


def _subscription(n: int, chance: random.Random) -> Subscription:
    fields: dict[str, Any] = {"id": f"desk-{n}", "receivers": (ConsoleReceiver(),)}
    kind = chance.random()
    if kind < 0.7:
        names = chance.sample(range(2_000), chance.randint(1, 5))
        fields["storylines"] = tuple(f"line-{name}" for name in names)
    elif kind < 0.999:
        fields["tags"] = tuple(f"tag-{tag}" for tag in chance.sample(range(200), 2))
    if chance.random() < 0.5:
        zone = chance.choice(ZONES)
        fields["quiet_hours"] = (QuietHours(start="22:00", end="07:00", zone=zone),)
        fields["digest"] = Digest(at="07:30", zone=zone, kinds=(AlertKind.MORE_OF_THE_SAME,))
        fields["rate_limit"] = RateLimit(most=10)
        fields["min_severity"] = chance.choice(list(Severity))
        fields["words"] = ("strait", "ferry", "patrol")
    return Subscription(**fields)


def _alert(n: int, chance: random.Random) -> tuple[Alert, frozenset[str]]:
    articles = tuple(
        AlertedArticle(
            id=f"article-{n}-{k}",
            revision=1,
            source=f"Source {k}",
            title=f"The ferry was held in the strait for hours, says source {k}",
            language="en",
            seen_at=NOW,
            arrival=Arrival.LIVE,
            probability=0.9,
            words=("ferry", "held in the strait"),
        )
        for k in range(chance.randint(1, 12))
    )
    alert = Alert(
        id=f"alert-{n}",
        sequence=1,
        kind=AlertKind.NEW_DEVELOPMENT,
        storyline=f"line-{chance.randrange(2_000)}",
        storyline_title="Ferries in the strait",
        storyline_version=1,
        development=f"development-{n}",
        title=articles[0].title,
        reason="first told",
        articles=articles,
        sources=len(articles),
        pages=True,
        first_seen_at=NOW,
        latest_seen_at=NOW,
        raised_at=NOW,
    )
    return alert, frozenset(f"tag-{tag}" for tag in chance.sample(range(200), 2))


def _silence(n: int) -> Silence:
    return Silence(
        id=f"silence-{n}",
        matchers=(
            Matcher(label="storyline", value=f"line-{n}"),
            Matcher(label="kind", value="grown"),
        ),
        starts_at=NOW - timedelta(hours=1),
        ends_at=NOW + timedelta(hours=1),
        author="Mara",
        comment="a measurement",
    )


if __name__ == "__main__":
    main()

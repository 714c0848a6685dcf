"""A simulated month: learned intervals beside a poller that asks every 15 minutes.

    python -m benchmarks.month [--feeds 500] [--days 30] [--json]

Both poll the same world by the same code; the one learns, the other's feeds declare `interval: 15m`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from dataclasses import replace
from datetime import timedelta

from benchmarks.month.polling import Month, poll_for
from benchmarks.month.world import Outlet, world


def row(name: str, month: Month, seconds: float) -> dict[str, object]:
    """Return what is told of one poller."""
    waits = sorted(month.waits) or [0.0]
    return {
        "poller": name,
        "requests": month.requests,
        "wasted": month.wasted,
        "wasted_share": round(month.wasted / max(1, month.requests), 3),
        "documents": month.documents,
        "median_lateness_s": round(statistics.median(waits)),
        "p90_lateness_s": round(waits[int(0.9 * (len(waits) - 1))]),
        "published": month.published,
        "missed": month.missed,
        "lies_found": month.lies,
        "moves_followed": month.moves,
        "two_at_a_time": month.together,
        "too_close": month.too_close,
        "unexplained": month.unexplained,
        "balances": balances(month),
        "seconds": round(seconds, 1),
    }


def balances(month: Month) -> bool:
    """Whether every entry that was polled is accounted for."""
    counts = month.counts
    parts = ("new", "unchanged", "duplicate", "rejected")
    return counts["polled"] == sum(counts[part] for part in parts) and not month.unexplained


def fixed(outlets: list[Outlet], interval: timedelta) -> list[Outlet]:
    """Return the same world, each feed with an interval of its own."""
    return [
        replace(one, feed=one.feed.model_copy(update={"interval": interval})) for one in outlets
    ]


def main() -> int:
    """Run both, print both; end with 1 where an account does not balance or a host was pressed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    outlets = world(asked.feeds, asked.days)
    rows = []
    for name, these in (
        ("learned", outlets),
        ("every 15 minutes", fixed(outlets, timedelta(minutes=15))),
    ):
        began = time.perf_counter()
        month = poll_for(these, asked.days)
        rows.append(row(name, month, time.perf_counter() - began))
    if asked.json:
        print(json.dumps(rows))
    else:
        for label in rows[0]:
            print(f"{label:<20}", *(f"{one[label]!s:>18}" for one in rows))
    sound = all(
        one["balances"] and not one["two_at_a_time"] and not one["too_close"] for one in rows
    )
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())

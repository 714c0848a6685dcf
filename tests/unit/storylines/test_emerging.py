"""Clusters of what no storyline holds: several outlets, one thing, copies counted once."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta

import pytest

from nightdesk.storylines.emerging import Cluster, find_clusters
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.seen import Seen
from schemas import Article
from tests.support.newsdesk import FERRY, ferry_reports, other_reports, report
from tests.support.shared import shared_path


def clusters(articles: list[Article], outlets: int = 4) -> tuple[Cluster, ...]:
    return find_clusters([Seen.of(a, shipped_rarity()) for a in articles], outlets=outlets)


def test_what_several_outlets_tell_is_found_among_other_news() -> None:
    articles = ferry_reports() + other_reports()
    [found] = clusters(articles)
    assert [seen.id for seen in found.reports] == [a.id for a in ferry_reports()]
    assert found.outlets == tuple(f"Outlet {n}" for n in range(6))
    assert set(found.central) == {a.id for a in ferry_reports()}
    assert clusters(articles, outlets=7) == ()


def test_copies_are_no_outlets_of_their_own() -> None:
    copied = [report(FERRY[0], f"Mirror {n}", 20 + n) for n in range(6)]
    assert clusters(copied) == ()
    assert clusters(ferry_reports(3) + copied) == ()
    [found] = clusters(ferry_reports(4) + copied)
    assert found.outlets == ("Outlet 0", "Outlet 1", "Outlet 2", "Outlet 3")
    assert len(found.reports) == 10
    assert not {article.id for article in copied} & set(found.central)


def test_one_outlet_alone_is_no_cluster_however_much_it_writes() -> None:
    assert clusters([report(text, "Outlet 1", n) for n, text in enumerate(FERRY)], 2) == ()


def test_nothing_comes_of_nothing() -> None:
    assert clusters([]) == ()
    empty = [report("", f"Outlet {n}", n) for n in range(6)]
    assert clusters(empty) == ()
    stop = [report("the and of to", f"Outlet {n}", n) for n in range(6)]
    assert clusters(stop) == ()


def test_a_report_takes_little_room_however_long_it_is() -> None:
    seen = Seen.of(report("word after word " * 50_000, "Outlet", 1), shipped_rarity())
    assert sum(map(len, (seen.words, seen.counts, seen.rarities, seen.sketch.packed))) < 1_000


@pytest.fixture(scope="module")
def headlines() -> list[tuple[Article, str]]:
    """A day of titles from many outlets, each with the story that it belongs to."""
    lines = shared_path("data", "dev", "headlines.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    end = max(datetime.fromisoformat(row["published"]) for row in rows)
    found = []
    for number, row in enumerate(rows):
        when = datetime.fromisoformat(row["published"])
        if when > end - timedelta(hours=24):
            told = report(row["title"], row["source"], number, published_at=when, seen_at=when)
            found.append((told, row["story"]))
    return found


def test_on_labelled_headlines_clusters_are_pure_and_every_story_is_found(
    headlines: list[tuple[Article, str]],
) -> None:
    story = {article.id: name for article, name in headlines}
    told = Counter(name for name, _ in {(name, a.source) for a, name in headlines})
    wanted = {name for name, outlets in told.items() if outlets >= 4}
    found, right, total = set(), 0, 0
    for cluster in clusters([article for article, _ in headlines]):
        [(name, count)] = Counter(story[seen.id] for seen in cluster.reports).most_common(1)
        found.add(name)
        right += count
        total += len(cluster.reports)
    assert len(wanted & found) >= 0.95 * len(wanted)
    assert right >= 0.95 * total

"""Feed files of other parsers' test suites: each gives entries or a named reason, in time."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evaluation.feeds import survey
from nightdesk.errors import PoisonMessage
from nightdesk.feeds.entries import tally, to_reports
from nightdesk.feeds.errors import NotAFeed
from nightdesk.feeds.parse import parse
from nightdesk.text.normalise import normalise
from schemas import Arrival, Feed
from tests.support.shared import shared_path

FEED = Feed(id="corpus", url="http://feeds.example/feed", source="Corpus")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def walk(path: Path) -> Counter[str]:
    """Take one file all the way; return what became of its entries."""
    began = time.process_time()
    try:
        parsed = parse(path.read_bytes(), content_type=None, url=FEED.url)
    except NotAFeed:
        return Counter(files=1, not_feeds=1)
    reports, rejected = to_reports(FEED, parsed, seen_at=NOW, arrival=Arrival.FIRST_FETCH)
    counts = tally(reports, rejected) + Counter(files=1)
    assert counts["polled"] == len(parsed.entries) + parsed.left_out
    for report in reports:
        assert type(report).model_validate_json(report.to_bytes()) == report
        try:
            normalise(report)
            counts["articles"] += 1
        except PoisonMessage:
            counts["poison"] += 1
    assert time.process_time() - began < 5, path
    return counts


def files() -> list[Path]:
    return sorted(path for path in shared_path("data", "feeds").rglob("*") if path.is_file())


def test_a_sample_of_the_corpus() -> None:
    counts = sum((walk(path) for path in files()[::60]), Counter[str]())
    assert counts["files"] > 40
    assert counts["articles"] + counts["poison"] == counts["read"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_corpus_over_http_beside_feedparser() -> None:
    found = survey(files())
    assert found.files > 2_800
    assert found.sound, (found.slowest, found.grown, found.unexplained)
    assert found.lost == []
    assert found.health["not a feed"] < 10
    assert found.ours["entries"] > found.theirs["entries"]
    assert found.ours["url"] > found.theirs["url"]
    assert found.ours["date"] > found.theirs["date"]

"""The outlets' feeds as Nightdesk's own poller reads them: each entry meets the fate it was written for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import httpx
import pytest

from demo.reports import load_outlets
from demo.servers import Newsstand, OutletServer
from nightdesk.clock import SettableClock
from nightdesk.feeds.entries import tally, to_reports
from nightdesk.feeds.errors import NotAFeed
from nightdesk.feeds.parse import parse
from schemas import Arrival, Feed, Report

NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


def polled(server: OutletServer, number: int) -> tuple[list[Report], Counter[str]]:
    spec = server.outlet.feeds[number]
    with httpx.Client(trust_env=False) as client:
        response = client.get(server.url(spec))
        if response.status_code == 429:
            response = client.get(server.url(spec))
    feed = Feed(
        id=spec.id, url=server.url(spec), source=server.outlet.name, language=server.outlet.language
    )
    document = parse(
        response.content, content_type=response.headers["content-type"], url=server.url(spec)
    )
    reports, rejected = to_reports(feed, document, seen_at=NOW, arrival=Arrival.LIVE)
    return reports, tally(reports, rejected)


def test_every_entry_becomes_a_report_but_the_nameless_and_the_repeated() -> None:
    total: Counter[str] = Counter()
    with Newsstand(load_outlets(), SettableClock(NOW)) as stand:
        stand.release(4)
        for server in stand.servers:
            for number, spec in enumerate(server.outlet.feeds):
                if spec.format == "page":
                    with pytest.raises(NotAFeed):
                        polled(server, number)
                    continue
                reports, counts = polled(server, number)
                total += counts
                wanted = {
                    report.slug
                    for report in server.outlet.reports
                    if spec.id in report.feeds and not report.bare
                }
                assert {
                    report.entry.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for report in reports
                } == wanted
                assert all(report.published_at or report.updated_at for report in reports)
    assert total["rejected"] == 1
    assert total["duplicate"] == 1


def test_both_feeds_of_one_publisher_share_guids() -> None:
    with Newsstand(load_outlets(), SettableClock(NOW)) as stand:
        stand.release(4)
        server = next(s for s in stand.servers if s.outlet.id == "harbour-ledger")
        front, world = ({r.guid for r in polled(server, n)[0]} for n in (0, 1))
    assert len(world) == 4
    assert world < front

"""The corpus keeps its promises: enough reports, all kinds of them, texts that are not stubs."""

from __future__ import annotations

import re
from collections import Counter

from demo.reports import DemoReport, all_reports, last_wave, load_outlets

OUTLETS = load_outlets()
REPORTS = list(all_reports(OUTLETS))


def words(report: DemoReport) -> int:
    return len(re.sub(r"<[^>]+>", " ", report.body).split())


def test_there_are_enough_reports_outlets_and_formats() -> None:
    assert len(REPORTS) >= 48
    assert sum(1 for outlet in OUTLETS if outlet.reports) >= 6
    formats = {feed.format for outlet in OUTLETS for feed in outlet.feeds}
    assert formats == {"rss", "atom", "rdf", "json", "page"}
    assert last_wave(OUTLETS) == 4
    assert set(Counter(report.wave for report in REPORTS)) == {0, 1, 2, 3, 4}


def test_storylines_come_from_three_outlets_and_one_of_them_copies() -> None:
    roles: dict[str, Counter[str]] = {}
    outlets: dict[str, set[str]] = {}
    for outlet in OUTLETS:
        for report in outlet.reports:
            if report.expect.storyline:
                roles.setdefault(report.expect.storyline, Counter())[str(report.expect.role)] += 1
                outlets.setdefault(report.expect.storyline, set()).add(outlet.id)
    assert set(roles) == {
        "coordination-denial",
        "joint-strikes-proposal",
        "aid-conditioned-cooperation",
    }
    assert all(count["original"] == 1 for count in roles.values())
    assert all(len(names) == 3 for names in outlets.values())
    assert roles["coordination-denial"]["rewrite"] == 1
    assert roles["coordination-denial"]["back_catalogue"] == 1


def test_a_rewrite_names_a_report_of_an_earlier_wave() -> None:
    by_slug = {report.slug: report for report in REPORTS}
    rewrites = [report for report in REPORTS if report.expect.role == "rewrite"]
    assert rewrites
    for report in rewrites:
        assert by_slug[str(report.expect.of)].wave < report.wave
        assert by_slug[str(report.expect.of)].expect.storyline == report.expect.storyline


def test_originals_come_before_what_grows_them() -> None:
    """Feeds are polled in no order, so one wave cannot hold both."""
    first = {r.expect.storyline: r.wave for r in REPORTS if r.expect.role == "original"}
    later = [r for r in REPORTS if r.expect.role in {"report", "rewrite"}]
    assert later
    assert all(r.wave > first[r.expect.storyline] for r in later)


def test_story_reports_are_as_long_as_real_ones() -> None:
    fitting = [report for report in REPORTS if report.expect.fate == "fits"]
    assert all(120 <= words(report) <= 350 for report in fitting)
    near_misses = [r for r in REPORTS if r.expect.fate == "none" and words(r) >= 120]
    short = [r for r in REPORTS if r.expect.fate == "none" and words(r) < 120]
    assert len(near_misses) >= 10
    assert len(short) >= 12


def test_the_odd_ones_are_there() -> None:
    fates = Counter(report.expect.fate for report in REPORTS)
    assert fates["dead_letter"] == 1
    assert fates["rejected"] == 1
    assert sum(len(report.feeds) > 1 for report in REPORTS) >= 3
    assert sum(report.repeat for report in REPORTS) == 1
    edited = [report for report in REPORTS if report.revised]
    assert len(edited) == 1
    assert edited[0].body_at(4) != edited[0].body_at(edited[0].wave) == edited[0].body
    assert {outlet.language for outlet in OUTLETS} >= {"en", "ar", "ru", "es"}

"""The verdict: silent where all went well, and exact about whatever did not."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from demo import summary
from demo.reports import load_outlets
from demo.snapshot import Decided, Snapshot
from demo.verdict import KINDS, Finding, judge, wave_has_arrived
from tests.unit.demo.evening import TOTALS, evening

OUTLETS = load_outlets()
SNAPSHOT, POSTS = evening(OUTLETS)


def faults(snapshot: Snapshot, posts: list = POSTS) -> dict[str, str]:  # type: ignore[type-arg]
    return {f.about: f.fault for f in judge(OUTLETS, snapshot, posts) if f.fault is not None}


def without(snapshot: Snapshot, slug: str) -> Snapshot:
    kept = tuple(line for line in snapshot.reports if line.slug != slug)
    return replace(snapshot, reports=kept)


def test_a_good_evening_has_no_faults_and_findings_of_every_kind() -> None:
    assert faults(SNAPSHOT) == {}
    assert {finding.kind for finding in judge(OUTLETS, SNAPSHOT, POSTS)} == set(KINDS)
    assert wave_has_arrived(OUTLETS, SNAPSHOT, 4) is None


def test_an_empty_archive_breaks_every_promise_but_crashes_nothing() -> None:
    assert all(finding.fault for finding in judge(OUTLETS, Snapshot(), []))
    assert wave_has_arrived(OUTLETS, Snapshot(), 0) is not None


@pytest.mark.parametrize("slug", ["moscow-offers-joint-strikes", "barley-harvest-early"])
def test_a_report_that_never_came_is_named(slug: str) -> None:
    assert faults(without(SNAPSHOT, slug))[slug] == "was never seen"
    assert wave_has_arrived(OUTLETS, without(SNAPSHOT, slug), 4) == f"{slug} under way"


def test_a_near_miss_that_fits_is_named() -> None:
    wrong = Decided("coordination-denial", "fits", 0.7, "held")
    reports = tuple(
        replace(line, decided=(wrong,), candidates=1)
        if line.slug == "putin-hosts-erdogan"
        else line
        for line in SNAPSHOT.reports
    )
    said = faults(replace(SNAPSHOT, reports=reports))
    assert said == {"putin-hosts-erdogan": "fits coordination-denial"}


def test_a_copy_taken_for_a_source_is_named() -> None:
    cards = []
    for card in SNAPSHOT.alerts:
        articles = tuple(a.model_copy(update={"copy_of": None}) for a in card.alert.articles)
        cards.append(replace(card, alert=card.alert.model_copy(update={"articles": articles})))
    said = faults(replace(SNAPSHOT, alerts=tuple(cards)))
    assert set(said) == {"report-of-pact-with-russia-denied", "joint-air-strikes-proposal-lifted"}
    assert set(said.values()) == {"was taken for a report of its own"}


def test_back_catalogue_that_pages_is_named() -> None:
    cards = tuple(
        replace(card, alert=card.alert.model_copy(update={"pages": True}))
        for card in SNAPSHOT.alerts
    )
    assert set(faults(replace(SNAPSHOT, alerts=cards))) == {"pentagon-no-shared-targets"}


def test_an_edit_that_was_missed_is_named() -> None:
    reports = tuple(line for line in SNAPSHOT.reports if line.outcome != "revision")
    said = faults(replace(SNAPSHOT, reports=reports))
    assert said == {"white-house-denies-coordination": "became new, but no revision"}
    spoilt = replace(SNAPSHOT, reports=reports)
    assert wave_has_arrived(OUTLETS, spoilt, 2) is None
    assert wave_has_arrived(OUTLETS, spoilt, 3) == "white-house-denies-coordination under way"


def test_a_webhook_told_twice_or_unsigned_or_not_at_all_is_named() -> None:
    first = POSTS[0]
    assert faults(SNAPSHOT, [*POSTS, first]) == {first.delivery: "came 2 times"}
    unsigned = [replace(first, signed=False), *POSTS[1:]]
    assert "signature" in faults(SNAPSHOT, unsigned)[first.delivery]
    assert faults(SNAPSHOT, POSTS[1:]) == {first.delivery: "came 0 times"}
    stranger = replace(first, delivery="delivery-of-nobody")
    assert "none of the archive's" in faults(SNAPSHOT, [*POSTS, stranger])["delivery-of-nobody"]


def test_feeds_must_be_as_healthy_as_their_servers() -> None:
    feeds = tuple(replace(feed, failing=not feed.failing) for feed in SNAPSHOT.feeds)
    assert len(faults(replace(SNAPSHOT, feeds=feeds))) == len(feeds)
    feeds = tuple(replace(feed, outcomes=("ok", "unchanged")) for feed in SNAPSHOT.feeds)
    assert set(faults(replace(SNAPSHOT, feeds=feeds))) == {"cuaderno-del-puerto"}


def test_a_wave_waits_for_accounts_and_deliveries() -> None:
    totals = {**TOTALS, "deliver": {**TOTALS["deliver"], "received": 10}}
    assert wave_has_arrived(OUTLETS, replace(SNAPSHOT, totals=totals), 4) == "accounts to balance"
    pending = tuple(replace(d, state="pending") for d in SNAPSHOT.deliveries)
    spoilt = replace(SNAPSHOT, deliveries=pending)
    assert wave_has_arrived(OUTLETS, spoilt, 4) == "deliveries to end"


def test_the_summary_shows_both_sides_and_every_fault() -> None:
    out = io.StringIO()
    console = Console(file=out, width=110, force_terminal=False)
    findings = [*judge(OUTLETS, SNAPSHOT, POSTS), Finding("none", "a-slug", "is in an alert of x")]
    spoilt = {**TOTALS, "poll": {**TOTALS["poll"], "polled": 71}}
    snapshot = replace(SNAPSHOT, totals=spoilt)
    summary.show(
        console,
        summary.told(snapshot),
        summary.accounts(snapshot),
        summary.promises(findings),
        summary.closing(snapshot, findings, POSTS, 21.5),
        summary.how_to_keep(),
    )
    text = out.getvalue()
    assert "71" in text
    assert "≠" in text
    assert "a-slug is in an alert of x" in text
    assert "2 things are not as they should be" in text
    assert "make demo KEEP=1" in text
    assert max(len(line) for line in text.splitlines()) <= 110

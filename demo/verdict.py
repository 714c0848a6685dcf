"""What happened against what the corpus expects, report by report.

In come the outlets and a snapshot; out come findings, one for each promise of the corpus, in words.
`wave_has_arrived` asks less: whether all of the waves so far has met its fate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from demo.receiver import Post
from demo.reports import DemoReport, Outlet
from demo.snapshot import AlertCard, ReportLine, Snapshot
from nightdesk.accounting import settled

_ENDED = {"delivered", "failed", "suppressed"}

KINDS = {
    "original": "first reports of a development that opened an alert",
    "report": "reports of further outlets that made it grow",
    "rewrite": "reworded copies that made it grow, and counted as no source",
    "back_catalogue": "back catalogue that fits and pages nobody",
    "none": "near misses and other news that raised nothing",
    "duplicate": "duplicates that became no second article",
    "revision": "silent edits that became a revision of their alert",
    "dead_letter": "entries with nothing to read that became dead letters",
    "rejected": "nameless entries that were rejected at the poll",
    "feed": "feeds whose health says how their server behaves",
    "hook": "alerts that reached the webhook once, and signed",
}
"""What a finding may be about, in the order of the summary."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise: its kind, what it is about, and what is wrong (None: it is kept)."""

    kind: str
    about: str
    fault: str | None = None


def wave_has_arrived(outlets: Sequence[Outlet], snapshot: Snapshot, wave: int) -> str | None:
    """Return what is still awaited of the waves up to `wave`, in words; None once nothing is."""
    lines = _by_entry(snapshot)
    missing: list[str] = []
    for report in _released(outlets, wave):
        if report.expect.fate == "rejected":
            feeds = {feed.id: feed for feed in snapshot.feeds}
            if any(feed not in feeds or not feeds[feed].rejected for feed in report.feeds):
                missing.append(report.slug or "a nameless entry")
            continue
        due = 2 if report.revised is not None and wave >= report.revised.wave else 1
        for feed in report.feeds:
            its = lines.get((feed, report.slug), [])
            if len(its) < due or not all(line.is_settled for line in its):
                missing.append(report.slug)
    if missing:
        return (
            f"{len(missing)} reports under way" if len(missing) > 1 else f"{missing[0]} under way"
        )
    if not settled(snapshot.totals):
        return "accounts to balance"
    if any(delivery.state not in _ENDED for delivery in snapshot.deliveries):
        return "deliveries to end"
    return None


def judge(outlets: Sequence[Outlet], snapshot: Snapshot, posts: Sequence[Post]) -> list[Finding]:
    """Return a finding for each promise of the corpus, faults included."""
    return [
        *_judge_reports(outlets, snapshot),
        *_judge_feeds(outlets, snapshot),
        *_judge_posts(snapshot, posts),
    ]


def _judge_reports(outlets: Sequence[Outlet], snapshot: Snapshot) -> Iterator[Finding]:
    lines = _by_entry(snapshot)
    cards = _by_article(snapshot)
    articles = {slug: line.article for (_, slug), its in lines.items() for line in its}
    for report in _released(outlets, 10_000):
        its = [line for feed in report.feeds for line in lines.get((feed, report.slug), [])]
        if report.expect.fate == "rejected":
            yield Finding("rejected", report.feeds[0], _rejection(report, snapshot))
            continue
        if report.expect.fate == "dead_letter":
            wrong = [line.outcome for line in its if line.outcome != "dead_letter"]
            fault = f"became {wrong[0]}" if wrong else None if its else "was never seen"
            yield Finding("dead_letter", report.slug, fault)
            continue
        raised = cards.get(articles.get(report.slug), [])
        if report.expect.fate == "none":
            yield Finding("none", report.slug, _noise(its, raised))
        else:
            role = str(report.expect.role)
            yield Finding(role, report.slug, _fitting(report, its, raised, articles))
        if len(report.feeds) > 1 or report.repeat:
            yield Finding("duplicate", report.slug, _duplicate(report, its, snapshot))
        if report.revised is not None:
            yield Finding("revision", report.slug, _revision(its, raised))


def _rejection(report: DemoReport, snapshot: Snapshot) -> str | None:
    rejected = {feed.id: feed.rejected for feed in snapshot.feeds}
    return None if rejected.get(report.feeds[0]) else "was not rejected"


def _noise(its: Sequence[ReportLine], raised: Sequence[AlertCard]) -> str | None:
    if not its:
        return "was never seen"
    if raised:
        return f"is in an alert of {raised[0].alert.storyline}"
    fits = [line.best for line in its if line.best and line.best.decision == "fits"]
    return f"fits {fits[0].storyline}" if fits else None


def _fitting(
    report: DemoReport,
    its: Sequence[ReportLine],
    raised: Sequence[AlertCard],
    articles: dict[str, str | None],
) -> str | None:
    expect = report.expect
    best = next((line.best for line in its if line.best), None)
    if not its:
        return "was never seen"
    if best is None or best.decision != "fits" or best.storyline != expect.storyline:
        found = f"{best.decision} for {best.storyline}" if best else "no storyline"
        return f"should fit {expect.storyline}, is {found}"
    if expect.role == "back_catalogue":
        paged = [card for card in raised if card.alert.pages]
        return "paged somebody, though it came with the first fetch" if paged else None
    return _in_alert(report, raised, articles)


def _in_alert(
    report: DemoReport, raised: Sequence[AlertCard], articles: dict[str, str | None]
) -> str | None:
    """Return what is wrong with the place of a live report in its storyline's alert."""
    expect, identity = report.expect, articles.get(report.slug)
    if len(raised) != 1:
        return f"is in {len(raised)} alerts"
    alert = raised[0].alert
    if alert.storyline != expect.storyline:
        return f"is in an alert of {alert.storyline}"
    if not alert.pages:
        return "its alert pages nobody"
    entry = next(article for article in alert.articles if article.id == identity)
    faults = {
        "original": alert.articles[0].id != identity and "did not open its alert",
        "report": entry.copy_of is not None and "was taken for a copy",
        "rewrite": entry.copy_of != articles.get(str(expect.of))
        and f"was taken for {'a copy of another' if entry.copy_of else 'a report of its own'}",
    }
    return faults.get(str(expect.role)) or None


def _duplicate(report: DemoReport, its: Sequence[ReportLine], snapshot: Snapshot) -> str | None:
    if len({line.article for line in its}) != 1:
        return "became several articles" if its else "was never seen"
    if report.repeat:
        seen = {feed.id: feed.duplicate for feed in snapshot.feeds}
        return None if seen.get(report.feeds[0]) else "its repetition was not noticed"
    fresh = sorted({line.feed for line in its if line.outcome == "new"})
    if len(fresh) != 1:
        return f"is new in {len(fresh)} feeds"
    return None if {line.feed for line in its} == set(report.feeds) else "is missing from a feed"


def _revision(its: Sequence[ReportLine], raised: Sequence[AlertCard]) -> str | None:
    outcomes = [line.outcome for line in its]
    if "revision" not in outcomes:
        return f"became {', '.join(outcomes)}, but no revision"
    told = {article.id: article.revision for card in raised for article in card.alert.articles}
    article = its[0].article
    if article is None or told.get(article, 0) < 2:
        return "its alert still tells the first wording"
    return None


def _judge_feeds(outlets: Sequence[Outlet], snapshot: Snapshot) -> Iterator[Finding]:
    states = {feed.id: feed for feed in snapshot.feeds}
    for outlet in outlets:
        for spec in outlet.feeds:
            state = states.get(spec.id)
            fault = None
            if state is None:
                fault = "was never polled"
            elif spec.format == "page":
                fault = None if state.failing else f"is no feed, yet its health is {state.health}"
            elif state.failing:
                fault = f"is well, yet its health is {state.health}: {state.detail}"
            elif spec.too_many_requests and state.outcomes[:1] != ("rate_limited",):
                fault = f"answered 429 first, yet its polls were {state.outcomes[:3]}"
            yield Finding("feed", spec.id, fault)


def _judge_posts(snapshot: Snapshot, posts: Sequence[Post]) -> Iterator[Finding]:
    sent = {d.id: d for d in snapshot.deliveries if d.channel == "webhook"}
    received: dict[str, list[Post]] = defaultdict(list)
    for post in posts:
        received[post.delivery].append(post)
    for identity, delivery in sent.items():
        got = received.get(identity, [])
        if delivery.state == "suppressed":
            if got:
                yield Finding("hook", identity, "was held back, and posted all the same")
            continue
        fault = None
        if delivery.state != "delivered":
            fault = f"is {delivery.state}"
        elif len(got) != 1:
            fault = f"came {len(got)} times"
        elif not got[0].signed:
            fault = "came with a signature that does not hold"
        yield Finding("hook", identity, fault)
    for identity in received.keys() - sent.keys():
        yield Finding("hook", identity or "a post", "came, and is none of the archive's deliveries")
    if not any(delivery.state == "delivered" for delivery in sent.values()):
        yield Finding("hook", "the webhook", "was told nothing")


def _released(outlets: Sequence[Outlet], wave: int) -> Iterator[DemoReport]:
    for outlet in outlets:
        yield from (report for report in outlet.reports if report.wave <= wave)


def _by_entry(snapshot: Snapshot) -> dict[tuple[str, str], list[ReportLine]]:
    lines: dict[tuple[str, str], list[ReportLine]] = defaultdict(list)
    for line in snapshot.reports:
        lines[line.feed, line.slug].append(line)
    return lines


def _by_article(snapshot: Snapshot) -> dict[str | None, list[AlertCard]]:
    cards: dict[str | None, list[AlertCard]] = defaultdict(list)
    for card in snapshot.alerts:
        for identity in {article.id for article in card.alert.articles}:
            cards[identity].append(card)
    return cards

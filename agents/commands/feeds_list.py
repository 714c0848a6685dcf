"""How feeds do, out of the archive: one line a feed, or one feed with its latest polls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from agents.commands.feeds_pushed import pushed_notes, pushed_row, pushed_words
from agents.commands.looking import definitions_in_force, existing_archive
from agents.commands.terminal import clean, console, moment_words, plural

if TYPE_CHECKING:
    from nightdesk.archive.feeds import Poll
    from nightdesk.feeds.state import FeedState
    from nightdesk.feeds.websub.subscription import HubSubscription
    from schemas import Alert, Feed

_COLOURS = {"ok": "green", "unchanged": "green", "never polled": "dim", "frozen": "yellow"}
_COLOURS |= {"empty": "yellow", "paused": "dim"}


def rows() -> list[dict[str, Any]]:
    """Return one row a declared feed, by id.  Raises ConfigurationError where there is no archive."""
    from nightdesk.archive import feeds
    from nightdesk.feeds.state import FeedState
    from nightdesk.pipeline.push import subscriptions

    with existing_archive() as archive:
        declared = definitions_in_force(archive).feeds
        with archive.read() as conn:
            stored = feeds.load(conn, declared)
        pushed = subscriptions(archive)
    states = {name: FeedState.model_validate_json(text) for name, (_, text) in stored.items()}
    return [
        _row(declared[name].definition, states.get(name, FeedState()), pushed.get(name))
        for name in sorted(declared)
    ]


def detail(name: str, limit: int) -> dict[str, Any]:
    """Return one feed, what is remembered of it, and its latest polls, newest first.

    Raises ConfigurationError where there is no such feed.
    """
    from nightdesk.archive import alerts, feeds
    from nightdesk.errors import ConfigurationError
    from nightdesk.feeds.state import FeedState
    from nightdesk.pipeline.push import subscriptions

    with existing_archive() as archive:
        declared = definitions_in_force(archive).feeds
        if name not in declared:
            raise ConfigurationError(
                f"there is no feed {name!r}", hint="`nightdesk feeds` lists those there are"
            )
        with archive.read() as conn:
            stored = feeds.load(conn, [name]).get(name)
            polls = feeds.polls_of(conn, name, limit=limit)
            state = FeedState.model_validate_json(stored[1]) if stored else FeedState()
            told = alerts.latest(conn, state.told.alert) if state.told else None
        pushed = subscriptions(archive).get(name)
    return {
        **_row(declared[name].definition, state, pushed),
        "alert": _alert(told),
        "state": _shown(state),
        "polls": [_poll(poll) for poll in polls],
    }


def show_rows(found: list[dict[str, Any]], *, failing: bool) -> None:
    """Print a table, and under it why the unhealthy ones are so."""
    from rich.table import Table
    from rich.text import Text

    if not found:
        console().print("No feed fails." if failing else "No feed is declared.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("feed", "health", "since", "last new", "next poll", "failures"):
        table.add_column(
            heading, no_wrap=True, justify="right" if heading == "failures" else "left"
        )
    for row in found:
        health = clean(row["health"])
        table.add_row(
            Text(clean(row["feed"])),
            Text(health, style=_COLOURS.get(health, "red")),
            *(moment_words(row[name]) for name in ("since", "last_new_at", "next_poll_at")),
            f"{row['failures']:,}" if row["failures"] else "",
        )
    out = console()
    out.print(table, soft_wrap=False)
    for row in found:
        for words in _notes(row):
            out.print(clean(f"{row['feed']}: {words}"))
    well = sum(not row["failing"] for row in found)
    out.print(f"{plural(len(found), 'feed')}, {len(found) - well:,} failing")


def show_detail(found: dict[str, Any]) -> None:
    """Print one feed: its row, then its polls."""
    out = console()
    for label in (
        "feed",
        "title",
        "url",
        "moved_to",
        "source",
        "health",
        "since",
        "reason",
        "hint",
    ):
        if found[label]:
            out.print(f"{label + ':':<14} {clean(str(_said(found[label])))}")
    for label in ("interval", "last_success_at", "last_new_at", "next_poll_at", "failures"):
        out.print(f"{label.removesuffix('_at').replace('_', ' ') + ':':<14} {_said(found[label])}")
    if words := pushed_words(found):
        out.print(clean(f"{'push:':<14} {words}"))
    if alert := found["alert"]:
        words = f"{alert['title']}, since {moment_words(alert['since'])}, told {alert['sequence']}"
        times = "time" if alert["sequence"] == 1 else "times"
        out.print(clean(f"{'open alert:':<14} {words} {times} ({alert['kind']}, {alert['id']})"))
    out.print()
    for poll in found["polls"]:
        counts = ", ".join(
            f"{poll[name]:,} {name}" for name in ("new", "unchanged", "rejected") if poll[name]
        )
        status = poll["status"] or "-"
        words = f"{moment_words(poll['polled_at'])}  {status!s:>3}  {poll['outcome']:<12}  {counts}"
        out.print(clean(f"{words}  {poll['detail']}".rstrip()))


def _notes(row: dict[str, Any]) -> list[str]:
    """Return what there is to say of a feed beside its health."""
    notes = [f"{row['reason']} {row['hint']}".rstrip()] if row["reason"] else []
    if row["moved_to"]:
        notes.append(f"It moved, and is fetched at {row['moved_to']}: declare it there.")
    if row["lied_at"]:
        when = moment_words(row["lied_at"])
        notes.append(f"Its server said 'not modified' though it was (found at {when}).")
    return notes + pushed_notes(row)


def _row(feed: Feed, state: FeedState, pushed: HubSubscription | None) -> dict[str, Any]:
    from nightdesk.feeds.access import without_login
    from nightdesk.feeds.schedule import interval_of
    from schemas.base import format_duration

    known = state.url in {"", feed.url}
    interval = interval_of(
        feed,
        pace=state.pace if known else None,
        fresh=timedelta(seconds=state.fresh_seconds),
        now=state.last_polled_at or datetime.now(UTC),
    )
    return {
        "feed": feed.id,
        "title": feed.title,
        "url": without_login(feed.url),
        "source": feed.source,
        "health": state.words if feed.enabled else "paused",
        "reason": state.health_reason if known else "",
        "hint": state.health_hint if known else "",
        "since": state.health_since,
        "failing": state.health.is_failure and feed.enabled,
        "failures": state.failures,
        "polls": state.polls,
        "interval": format_duration(interval),
        "learned": feed.interval is None,
        "moved_to": without_login(state.address) if known else "",
        "moved_at": state.moved_at if known else None,
        "lied_at": state.lied_at if known else None,
        "last_success_at": state.last_success_at,
        "last_new_at": state.last_new_at,
        "next_poll_at": state.next_poll_at,
        **pushed_row(pushed),
    }


def _alert(told: Alert | None) -> dict[str, Any] | None:
    """Return the alert that stands about a feed, or about the outage that speaks for it; None where there is
    none."""
    if told is None or told.trouble is None or told.trouble.over_at is not None:
        return None
    return {
        "id": told.id,
        "sequence": told.sequence,
        "kind": told.kind.value,
        "about": told.about,
        "title": told.title,
        "since": told.trouble.since,
        "raised_at": told.raised_at,
    }


def _shown(state: FeedState) -> dict[str, Any]:
    """Return all that is remembered, without a login that stands in an address."""
    from nightdesk.feeds.access import without_login

    data: dict[str, Any] = state.model_dump(mode="json", exclude={"schema_version"})
    addresses = ("url", "declared", "address", "moving_to")
    return data | {name: without_login(data[name]) for name in addresses}


def _poll(poll: Poll) -> dict[str, Any]:
    return {
        "polled_at": poll.polled_at,
        "status": poll.status,
        "outcome": poll.outcome,
        "new": poll.new,
        "unchanged": poll.unchanged,
        "duplicate": poll.duplicate,
        "rejected": poll.rejected,
        "seconds": poll.seconds,
        "detail": poll.detail,
    }


def _said(value: object) -> object:
    return moment_words(value) if isinstance(value, datetime) else "-" if value is None else value

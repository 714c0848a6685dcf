"""Checks of the state: archive, broker and topics, feeds, receivers, dead letters, outbox, account."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agents.commands.broker_view import BrokerView, holder, look
from agents.commands.checkup import Finding, fail, ok, warn
from agents.commands.checkup_machine import database_size
from agents.commands.terminal import human_bytes, plural

if TYPE_CHECKING:
    from nightdesk.archive import Archive
    from nightdesk.settings import Settings

LARGEST_EXAMINED = 2_000_000_000
"""Bytes up to which an archive's integrity is checked: SQLite reads about 200 MB/s for it."""
LONG_OUTBOX = 1_000
LONG_LAG = 10_000


def archive_exists(settings: Settings) -> bool:
    """Whether there is an archive to look into."""
    from nightdesk.settings import sqlite_path

    path = sqlite_path(settings.archive_url)
    return path is None or path.exists()


def check_archive(settings: Settings, archive: Archive) -> Iterator[Finding]:
    """The archive answers, has this version's tables, and is whole."""
    from nightdesk.archive import schema
    from nightdesk.archive.migrations import REVISIONS
    from nightdesk.settings import sqlite_path

    path = sqlite_path(settings.archive_url)
    with archive.read() as conn:
        current = schema.is_current(conn, archive.address)
        size = database_size(path) if path is not None else 0
        damage = ""
        if path is not None and size <= LARGEST_EXAMINED:
            damage = str(conn.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    if damage not in {"", "ok"}:
        yield fail(
            "archive",
            f"{archive.address} is damaged: {damage}",
            f"stop the workers, and bring back a copy, or try `sqlite3 {path} .recover`",
        )
        return
    words = f"{archive.address}, revision {REVISIONS[-1]}"
    if path is not None:
        words += f", {human_bytes(size)}, " + ("whole" if damage else "too large to examine here")
    if current:
        yield ok("archive", words)
    else:
        yield warn(
            "archive",
            f"{archive.address} has the tables of an earlier Nightdesk, or none",
            "`nightdesk run` and `nightdesk apply` bring it up to date",
        )


def check_broker(settings: Settings) -> Iterator[Finding]:
    """The broker can be read or reached; its topics exist; no group is far behind."""
    from nightdesk.settings import sqlite_path
    from schemas import TOPICS

    view = look(settings)
    path = sqlite_path(settings.broker_url)
    if not view.exists:
        yield ok("broker", f"{view.address} does not exist yet: `nightdesk run` makes it")
        return
    if path is not None:
        pid = holder(path)
        who = f"process {pid} works on it" if pid else "no worker runs on it"
        yield ok("broker", f"{view.address}, {human_bytes(database_size(path))}; {who}")
    else:
        yield ok("broker", f"Kafka answers at {view.address}")
    missing = [name for name in TOPICS if name not in view.topics]
    if missing:
        yield warn("topics", f"not there: {', '.join(missing)}", "`nightdesk run` makes them")
    yield from _lags(view)


def _lags(view: BrokerView) -> Iterator[Finding]:
    behind = {
        f"{topic.name} ({group})": lag
        for topic in view.topics.values()
        for group, lag in topic.lags.items()
    }
    far = {name: lag for name, lag in behind.items() if lag > LONG_LAG}
    if far:
        words = ", ".join(f"{name} {lag:,}" for name, lag in sorted(far.items()))
        yield warn(
            "topics",
            f"far behind: {words}",
            "see whether a worker runs; on Kafka, start another one",
        )
    else:
        yield ok(
            "topics", f"{len(view.topics)} topics, {plural(sum(behind.values()), 'message')} unread"
        )


def check_feeds(archive: Archive) -> Iterator[Finding]:
    """Feeds that fail are named, with the reason in words."""
    from nightdesk.archive import definitions, feeds
    from nightdesk.feeds.access import without_login
    from nightdesk.feeds.health import FeedHealth, words_of

    with archive.read() as conn:
        declared = definitions.current(conn).feeds
        states = [state for state in feeds.health(conn) if state.feed in declared]
        details = {}
        failures = {health.value for health in FeedHealth if health.is_failure}
        failing = [state for state in states if state.health in failures]
        for state in failing:
            last = feeds.polls_of(conn, state.feed, limit=1)
            details[state.feed] = last[0].detail if last else ""
    if not declared:
        yield warn("feeds", "no feed is declared", "`nightdesk apply BUNDLE` declares some")
        return
    for state in failing:
        since = f" since {state.health_since:%Y-%m-%d %H:%M} UTC" if state.health_since else ""
        detail = f": {details[state.feed]}" if details[state.feed] else ""
        yield warn(
            "feeds",
            f"{state.feed} fails ({words_of(state.health)}){since}{detail}",
            f"open {without_login(state.url)} yourself; it is tried again at "
            + (f"{state.next_poll_at:%H:%M} UTC" if state.next_poll_at else "its next turn"),
        )
    words = Counter(words_of(state.health) for state in states)
    found = ", ".join(f"{count} {word}" for word, count in sorted(words.items()))
    yield ok("feeds", f"{plural(len(declared), 'feed')}{': ' if found else ''}{found}")


def check_access(archive: Archive) -> Iterator[Finding]:
    """What feeds need to be let in is at hand here."""
    from agents.runtime import read_secret
    from nightdesk.archive import definitions
    from nightdesk.errors import ConfigurationError, FeedError
    from nightdesk.feeds.access import access_to, login_in

    with archive.read() as conn:
        declared = [stored.definition for stored in definitions.current(conn).feeds.values()]
    asking = [feed for feed in declared if feed.enabled and feed.access is not None]
    for feed in declared:
        if login_in(feed.url):
            yield warn(
                "access",
                f"{feed.id}: a login stands in its URL, and so in every version that the archive keeps",
                "give it by `access: {basic: {env: NAME}}`, apply that, and change the password",
            )
    for feed in asking:
        try:
            access_to(feed, read_secret)
        except (ConfigurationError, FeedError) as error:
            yield warn("access", f"{feed.id}: {error.message}", error.hint)
    if asking:
        yield ok("access", f"{plural(len(asking), 'feed')} with a login, cookies or a proxy")


def check_receivers(archive: Archive) -> Iterator[Finding]:
    """Somebody hears of alerts, each webhook's secret is at hand, and no receiver is left alone."""
    from nightdesk.archive import definitions, left_alone
    from schemas import WebhookReceiver

    with archive.read() as conn:
        current = definitions.current(conn)
        failing = left_alone.find(conn)
    for one in failing:
        yield warn(
            "receivers",
            f"{one.subscription}/{one.receiver} is left alone since {one.since:%Y-%m-%d %H:%M} UTC, "
            f"{one.waiting:,} waiting: {one.reason}",
            f"mend it; it is tried again from {one.next_try_at:%H:%M} UTC on",
        )
    enabled = [s.definition for s in current.subscriptions.values() if s.definition.enabled]
    if current.storylines and not enabled:
        yield warn(
            "receivers",
            "no subscription is enabled: nobody hears of alerts",
            "declare one in a bundle",
        )
    for subscription in enabled:
        for receiver in subscription.receivers:
            if isinstance(receiver, WebhookReceiver) and (lack := _lacks(receiver)):
                yield warn(
                    "receivers",
                    f"{subscription.id}/{receiver.name}: {lack}",
                    "put the secret there for the worker; without it nothing is delivered",
                )
    yield ok(
        "receivers",
        f"{plural(len(current.storylines), 'storyline')}, {plural(len(enabled), 'subscription')}, "
        f"{plural(len(current.silences), 'silence')}",
    )


def _lacks(receiver: object) -> str:
    name, file = getattr(receiver, "secret_env", None), getattr(receiver, "secret_file", None)
    if name is not None:
        return "" if os.environ.get(name) else f"{name} is not set in this environment"
    return "" if os.access(Path(file or ""), os.R_OK) else f"{file} cannot be read"


def check_dead_letters(archive: Archive) -> Iterator[Finding]:
    """Nothing waits in quarantine, or it is told what does."""
    from nightdesk.archive import deadletters

    with archive.read() as conn:
        counts = deadletters.counts(conn)
    for (stage, reason), count in sorted(counts.items()):
        yield warn(
            "dead letters",
            f"{count:,} of {stage}: {reason.value.replace('_', ' ')}",
            f"nightdesk dead-letters list --stage {stage} --reason {reason.value}",
        )
    if not counts:
        yield ok("dead letters", "none")


def check_outbox(archive: Archive) -> Iterator[Finding]:
    """What stages decided to send is sent."""
    from nightdesk.archive import outbox

    with archive.read() as conn:
        waiting = outbox.count_pending(conn)
    if waiting > LONG_OUTBOX:
        yield warn(
            "outbox",
            f"{waiting:,} messages wait to be sent",
            "see whether a worker runs and the broker answers; nothing is lost meanwhile",
        )
    else:
        yield ok("outbox", f"{plural(waiting, 'message')} to be sent or discarded")


def check_account(archive: Archive) -> Iterator[Finding]:
    """Every message of every stage met exactly one fate, and none went missing between stages."""
    from nightdesk import accounting
    from nightdesk.archive import accounts

    with archive.read() as conn:
        balances = accounting.check(accounts.totals(conn))
    for balance in balances:
        if not balance.between and not balance.holds:
            yield fail("account", str(balance), "this is a fault of Nightdesk: please report it")
        elif balance.left < balance.right:
            yield warn(
                "account",
                str(balance),
                "more came in than was sent: did something else write to a topic?",
            )
    under_way = sum(max(0, b.left - b.right) for b in balances if b.between)
    told = f", {plural(under_way, 'message')} under way" if under_way else ""
    holding = sum(b.holds for b in balances)
    yield ok("account", f"{holding} of {len(balances)} identities hold{told}")

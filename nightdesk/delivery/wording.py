"""How an alert is told in words, the same on every channel and page; and how hostile text is tamed.

Pure.  Titles and source names come from the open web: before they reach a terminal, a header or XML
they pass `one_line`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from nightdesk.alerts import surge
from nightdesk.delivery.notice import Notice
from schemas.alert import Alert, AlertKind, AlertState
from schemas.delivery import Occasion
from schemas.trouble import Trouble

_KINDS = {
    AlertKind.NEW_DEVELOPMENT: "New",
    AlertKind.GROWN: "Grown",
    AlertKind.MORE_OF_THE_SAME: "More of the same",
    AlertKind.REVISION: "Revised",
    AlertKind.SURGE: "Surge",
    AlertKind.GONE_QUIET: "Gone quiet",
    AlertKind.EMERGING: "Emerging",
    AlertKind.FEED_BROKEN: "Feed broken",
    AlertKind.FEED_QUIET: "Feed quiet",
    AlertKind.FEED_RECOVERED: "Feed recovered",
    AlertKind.SILENCE_EXPIRING: "Silence ends soon",
}

_OCCASIONS = {
    Occasion.ALERT: "",
    Occasion.GROUP: "Together",
    Occasion.DIGEST: "Digest",
    Occasion.QUIET_HOURS: "After quiet hours",
    Occasion.RATE_LIMIT: "Held back by the rate limit",
    Occasion.SNOOZED: "No longer snoozed",
    Occasion.REPEAT: "Again",
    Occasion.FALLBACK: "In place of another receiver",
    Occasion.TEST: "TEST",
}

# C0 and C1 controls (escape sequences start there), surrogates and non-characters (not XML), and the
# invisible characters that reorder or hide text: bidirectional overrides, tags, byte order marks.
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff"
    "\U000e0000-\U000e007f]+"
)
_SHOWN_FACTS = 3
_SHOWN_CLAIMS = 3
_SHOWN_FEEDS = 5
_OUTAGES = {"network": "Our network", "many": "Many feeds"}
_SPACES = re.compile(r"\s+")


def one_line(text: str, longest: int = 500) -> str:
    """Return `text` as one harmless line of at most `longest` characters, shortened with an ellipsis."""
    # Cut first: a hostile megabyte need not be cleaned to be thrown away.
    line = _SPACES.sub(" ", _HOSTILE.sub(" ", text[: 4 * longest])).strip()
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def safe_link(url: str | None) -> str | None:
    """Return `url` if it is a plain http or https link of sane length, else None."""
    if not url or len(url) > 2_000 or _HOSTILE.search(url) or any(c in url for c in " \"'<>`\\"):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def safe_links(alert: Alert) -> list[str]:
    """Return the links of the alert's articles, in their order; those that are not safe are left out."""
    return [link for article in alert.articles if (link := safe_link(article.url))]


def kind_in_words(kind: AlertKind) -> str:
    """Return a word or two for why the alert was sent."""
    return _KINDS[kind]


def occasion_in_words(notice: Notice) -> str:
    """Return why it is told now, as "Digest: 3 alerts of the day", or nothing for an alert by itself.

    A test says so first, whatever else there is to say.
    """
    delivery = notice.delivery
    word = _OCCASIONS[delivery.occasion]
    parts = [one_line(delivery.note, 300)] if delivery.note else []
    if not parts and notice.others:
        parts = [f"{len(notice.alerts)} alerts"]
    if delivery.repeat:
        parts.append(f"told {times_in_words(delivery.repeat)} before")
    if notice.missing:
        parts.append(f"{notice.missing} more are not in the archive any more")
    said = "; ".join(parts)
    return f"{word}: {said}" if word and said else word or said


def times_in_words(number: int) -> str:
    """Return "once", "twice" or "3 times"."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def subject_in_words(alert: Alert) -> str:
    """Return what the alert is about, as people call it: the storyline's title, the feed's, or the host."""
    if alert.emerging is not None:
        return "No storyline yet"
    if alert.silence is not None:
        return f"Silence {alert.silence}"
    if alert.trouble is None:
        return one_line(alert.storyline_title, 120)
    return one_line(alert.trouble.name, 120) or _OUTAGES.get(alert.trouble.scope, "")


def standing_in_words(alert: Alert) -> str:
    """Return how what the alert is about stands: its sources, its state and where they differ; since when its
    feeds are in trouble; which silence ends."""
    if alert.trouble is not None:
        return trouble_in_words(alert.trouble)
    if alert.silence is not None:
        return f"silence {alert.silence}"
    parts = (sources_in_words(alert), state_in_words(alert), contradictions_in_words(alert))
    return "; ".join(part for part in parts if part)


def state_in_words(alert: Alert) -> str:
    """Return the state of what an alert is about where its kind does not say it, or nothing."""
    if alert.state is AlertState.QUIET:
        return "settled" if alert.emerging is not None else "quiet"
    return "reopened" if alert.state is AlertState.REOPENED else ""


def contradictions_in_words(alert: Alert) -> str:
    """Return where sources differ, as "sources differ on killed: 12 killed (Tide), at least 17 (Herald,
    …)"."""
    said = []
    for contradiction in alert.contradictions[:_SHOWN_FACTS]:
        claims = (
            f"{one_line(claim.figure, 60)} ({_named(claim.sources)})"
            for claim in contradiction.claims[:_SHOWN_CLAIMS]
        )
        said.append(f"{one_line(contradiction.what, 60)}: {', '.join(claims)}")
    return f"sources differ on {'; on '.join(said)}" if said else ""


def rate_in_words(alert: Alert) -> str:
    """Return how many reports came in which time, and how many are usual, or nothing."""
    return surge.in_words(alert.rate) if alert.rate is not None else ""


def _named(sources: Sequence[str]) -> str:
    shown = ", ".join(one_line(source, 60) for source in sources[:_SHOWN_CLAIMS])
    return shown + (", …" if len(sources) > _SHOWN_CLAIMS else "")


def trouble_in_words(trouble: Trouble) -> str:
    """Return since when, how often and how far, as "since 2026-03-01 03:00 UTC; 3 failed polls in a row"."""
    parts = [f"since {clock_time(trouble.since)}"]
    if trouble.over_at is not None:
        parts = [f"from {clock_time(trouble.since)} to {clock_time(trouble.over_at)}"]
    if trouble.scope != "feed":
        count = "1 feed" if trouble.affected == 1 else f"{trouble.affected} feeds"
        named = ", ".join(trouble.feeds[:_SHOWN_FEEDS])
        more = trouble.affected - _SHOWN_FEEDS
        parts.append(f"{count}: {named}" + (f" and {more} more" if more > 0 else ""))
        return "; ".join(parts)
    if trouble.failures:
        polls = "1 failed poll" if trouble.failures == 1 else f"{trouble.failures} failed polls"
        parts.append(f"{polls} in a row")
    if trouble.over_at is None:
        read, new = trouble.last_success_at, trouble.last_new_at
        parts.append(f"last read {clock_time(read)}" if read else "never read yet")
        parts += [f"last new {clock_time(new)}"] if new else []
    return "; ".join(parts)


def hint_in_words(alert: Alert) -> str:
    """Return what to do about trouble with feeds, as "hint: …", or nothing."""
    advice = advice_in_words(alert)
    return f"hint: {advice}" if advice else ""


def advice_in_words(alert: Alert) -> str:
    """Return what to do about trouble with feeds, or nothing."""
    return one_line(alert.trouble.hint, 300) if alert.trouble else ""


def sources_in_words(alert: Alert) -> str:
    """Return the independent sources, counted and (the first few) named."""
    names = list(dict.fromkeys(one_line(article.source, 60) for article in alert.articles))
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    count = "1 source" if alert.sources == 1 else f"{alert.sources} independent sources"
    return f"{count}: {shown}"


def added_in_words(alert: Alert) -> str:
    """Return what the newest report adds, as "adds: 12 killed; names Ashton Carter", or nothing."""
    news = news_in_words(alert)
    return f"adds: {news}" if news else ""


def news_in_words(alert: Alert) -> str:
    """Return what the newest report adds, as "12 killed; names Ashton Carter", or nothing.

    Where it adds neither figures nor names, its weightiest new sentence is quoted.
    """
    novelty = alert.novelty
    if novelty is None or alert.kind is AlertKind.MORE_OF_THE_SAME:
        return ""
    figures = ", ".join(one_line(figure, 60) for figure in novelty.figures[:_SHOWN_FACTS])
    actors = ", ".join(one_line(actor, 60) for actor in novelty.actors[:_SHOWN_FACTS])
    parts = [figures, f"names {actors}" if actors else ""]
    if not any(parts):
        parts = [f"“{one_line(novelty.quote, 160)}”" if novelty.quote else ""]
    return "; ".join(part for part in parts if part)


def clock_time(moment: datetime) -> str:
    """Return a moment as people at a desk read it, with its zone."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def timestamp(moment: datetime) -> str:
    """Return a moment of UTC as programs read it (RFC 3339)."""
    return moment.isoformat().replace("+00:00", "Z")

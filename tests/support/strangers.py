"""What strangers write onto topics: garbage of every kind, straight through the broker.

`BAD` and `HUGE` hold it by name, with the reason it must be buried for; `write` puts messages onto the
embedded broker of a state folder while no worker runs there.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.broker.topics import ensure_topics
from agents.topics import specs
from nightdesk.settings import Settings
from schemas import DeadLetterReason
from tests.support.broker_apps import Item, make_app, publish, unique

R = DeadLetterReason
SEEN = "2026-02-03T04:05:00Z"

CONSUMED = {
    "reports": "normalise",
    "articles": "nominate",
    "candidates": "decide",
    "matches": "alert",
    "alerts": "deliver",
}
"""The stage that reads each topic."""

BAD: Mapping[str, tuple[bytes | None, DeadLetterReason]] = {
    "no value": (None, R.NOT_JSON),
    "empty": (b"", R.NOT_JSON),
    "binary": (bytes(range(256)) * 4, R.NOT_JSON),
    "words": (b"the lamps are out", R.NOT_JSON),
    "half": (b'{"schema_version": 1, "id": "half', R.NOT_JSON),
    "deep": (b"[" * 100_000, R.NOT_JSON),
    "list": (b"[1, 2, 3]", R.BREAKS_CONTRACT),
    "no fields": (b"{}", R.BREAKS_CONTRACT),
    "later version": (b'{"schema_version": 2}', R.BREAKS_CONTRACT),
    "control characters": (
        json.dumps({"\x1b[2J\u202eevil\x00": "\x07"}).encode(),
        R.BREAKS_CONTRACT,
    ),
}

HUGE: Mapping[str, tuple[bytes | None, DeadLetterReason]] = {
    "3 MB of nothing": (b"x" * 3_000_000, R.NOT_JSON),
    "3 MB of fields": (json.dumps({"id": "x" * 3_000_000}).encode(), R.BREAKS_CONTRACT),
    "6 MB": (json.dumps("x" * 6_000_000).encode(), R.TOO_LARGE),
}
"""What is large besides: enough for one topic."""


Document = dict[str, Any]


def article(**changes: Any) -> Document:
    """An article as a stranger may make it."""
    return {
        "id": "article-stranger",
        "report": "report-stranger",
        "feed": "stranger",
        "source": "A stranger",
        "title": "Quillhaven keeps its lantern tax",
        "text": "Ottoline Brask of Quillhaven spoke for the lantern tax.",
        "seen_at": SEEN,
        "content_hash": "0" * 32,
    } | changes


def candidate(storyline: str, of: Document | None = None, **changes: Any) -> Document:
    """A candidate of a storyline that need not exist."""
    return {
        "id": f"candidate-{storyline}",
        "storyline": storyline,
        "storyline_version": 1,
        "article": of or article(),
        "score": 4.0,
        "nominated_at": SEEN,
    } | changes


def match(storyline: str, of: Document | None = None, **changes: Any) -> Document:
    """A match of a storyline that need not exist."""
    return {
        "id": f"match-{storyline}",
        "storyline": storyline,
        "storyline_version": 1,
        "article": of or article(),
        "decision": "fits",
        "probability": 0.9,
        "score": 4.0,
        "decided_at": SEEN,
    } | changes


def report(**changes: Any) -> Document:
    """A report as a stranger may make it."""
    return {
        "id": "report-stranger",
        "feed": "stranger",
        "source": "A stranger",
        "entry": "stranger-1",
        "title": "Quillhaven keeps its lantern tax",
        "seen_at": SEEN,
    } | changes


def write(state: Path, messages: Sequence[tuple[str, bytes | None, bytes | None]]) -> None:
    """Write (topic, key, value) messages; topics that are missing are made as the service makes them."""
    url = f"sqlite:///{state}/broker.sqlite"

    async def work() -> None:
        await ensure_topics(make_app(url, unique("maker")), specs(Settings(state_dir=state)))
        for topic in dict.fromkeys(topic for topic, _, _ in messages):
            items = [Item(key, value) for of, key, value in messages if of == topic]
            await publish(url, topic, items)

    asyncio.run(work())

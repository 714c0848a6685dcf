"""The page at `/`: the account, the latest alerts and the feeds' health, in one look and without scripts."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Connection

from nightdesk import __version__
from nightdesk.accounting import Balance, check
from nightdesk.archive import accounts, alerts, deadletters, deliveries, feeds, left_alone
from nightdesk.archive.left_alone import LeftAlone
from nightdesk.delivery.wording import (
    added_in_words,
    clock_time,
    hint_in_words,
    kind_in_words,
    one_line,
    safe_link,
    standing_in_words,
    subject_in_words,
)
from nightdesk.feeds.health import words_of
from nightdesk.web.dependencies import WebDependencies
from schemas.alert import Alert
from schemas.deadletter import DeadLetterReason
from schemas.delivery import DeliveryState

_SHOWN_ALERTS = 20
_SHOWN_FEEDS = 200
_WELL = {"ok", "unchanged", "never_polled", "empty"}


@dataclass(frozen=True, slots=True)
class _Troubled:
    """A feed that is not well, with the words, the reason and the hint that its last poll left."""

    feed: feeds.FeedHealth
    health: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class _Glance:
    """What the page shows of one moment."""

    now: datetime
    totals: dict[str, dict[str, int]]
    balances: list[Balance]
    alerts: list[Alert]
    health: Counter[str]
    troubled: list[_Troubled]
    letters: dict[tuple[str, DeadLetterReason], int]
    deliveries: dict[DeliveryState, int]
    left_alone: list[LeftAlone]


def page_routes(deps: WebDependencies) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(tags=["page"])
    template = _environment().get_template("index.html")

    @router.get("/", response_class=HTMLResponse)
    async def index() -> HTMLResponse:
        """What happened, at a glance."""

        def render() -> str:
            return template.render(glance=_look(deps), version=__version__)

        return HTMLResponse(await deps.in_thread(render))

    return router


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("nightdesk.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        line=one_line,
        link=safe_link,
        time=clock_time,
        kind=kind_in_words,
        subject=subject_in_words,
        standing=standing_in_words,
        hint=hint_in_words,
        added=added_in_words,
    )
    return environment


def _troubled(connection: Connection, health: list[feeds.FeedHealth]) -> list[_Troubled]:
    rows = [feed for feed in health if feed.health not in _WELL][:_SHOWN_FEEDS]
    states = feeds.load(connection, [row.feed for row in rows])
    told = {feed: json.loads(document) for feed, (_, document) in states.items()}
    return [
        _Troubled(
            row,
            str(told[row.feed].get("health_words") or words_of(row.health)),
            str(told[row.feed].get("health_reason", "")),
            str(told[row.feed].get("health_hint", "")),
        )
        for row in rows
    ]


def _look(deps: WebDependencies) -> _Glance:
    with deps.archive.read() as connection:
        totals = accounts.totals(connection)
        health = feeds.health(connection)
        return _Glance(
            now=deps.clock.now(),
            totals=totals,
            balances=check(totals),
            alerts=alerts.recent(connection, limit=_SHOWN_ALERTS),
            health=Counter(words_of(feed.health) for feed in health),
            troubled=_troubled(connection, health),
            letters=deadletters.counts(connection),
            deliveries=deliveries.count_by_state(connection),
            left_alone=left_alone.find(connection),
        )

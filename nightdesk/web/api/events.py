"""`/events`: alerts as they are raised, changed and handled; and what reached a subscription's receiver."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from nightdesk.alerts.filtering import AlertFilter
from nightdesk.archive import alerts as archive
from nightdesk.archive import definitions, handling, happenings
from nightdesk.web.api.alert_shapes import AlertItem, AlertQuery
from nightdesk.web.api.hub import Event
from nightdesk.web.api.operations import Answer, Call, Operation, Routes, read_query
from nightdesk.web.api.streams import stream_of
from nightdesk.web.gate import Caller
from nightdesk.web.problems import not_found
from schemas.alert import Alert
from schemas.handling import Handling
from schemas.receivers import EventsReceiver

if TYPE_CHECKING:
    from nightdesk.web.api.app import Api

routes = Routes("events")


async def _stream(api: Api, operation: Operation, request: Request) -> Response:
    caller = cast("Caller", request.scope["state"]["caller"])
    caller.must(operation.scope)
    query = read_query(operation, request)
    assert isinstance(query, AlertQuery)
    return await stream_of(
        api.hub,
        api.gate,
        api.deps.api,
        name="alerts",
        look=partial(_alerts, api),
        caller=caller,
        asked=query.filter(),
        last=request.headers.get("last-event-id", ""),
    )


@routes.add(
    "GET",
    "/events",
    scope="read",
    query=AlertQuery,
    headers=("Last-Event-ID",),
    answers={200: None},
    stream=_stream,
)
def stream_events(call: Call) -> Answer:
    """Follow alerts as server-sent events: as they are raised and changed, and as people handle them.

    `event: alert` is a change of an alert, `event: handling` what somebody did about one; `data` is the alert
    and its handling, as in the list.  Who comes back with Last-Event-ID has what it missed, at most the last
    1,000 (an `event: gap` says so), and perhaps some of the last half minute again, under the same ids.
    """
    raise AssertionError(call)


async def subscription_stream(api: Api, name: str, caller: Caller, last: str) -> Response:
    """Return the stream of what reached the `events` receiver of a subscription.  Raises Problem."""

    def find() -> EventsReceiver | None:
        with api.deps.archive.read() as connection:
            latest = definitions.subscription_in_force(connection, name)
        if latest is None:
            return None
        found = [r for r in latest.definition.receivers if isinstance(r, EventsReceiver)]
        return found[0] if found else None

    receiver = await api.deps.working(find)
    if receiver is None:
        raise not_found("subscription with an events receiver", name)
    return await stream_of(
        api.hub,
        api.gate,
        api.deps.api,
        name=f"subscription {name} {receiver.name}",
        look=partial(_told, name, receiver.name),
        caller=caller,
        last=last,
        most=receiver.entries,
    )


def _alerts(
    api: Api, connection: Connection, since: datetime, known: Container[str]
) -> Iterable[Event]:
    changed = list(happenings.changes(connection, since, known))
    acted = happenings.handled(connection, since, known)
    if not changed and not acted:
        return []
    current = api.current(connection)
    its = handling.of_alerts(connection, (alert.id for _, alert in changed))
    found = [
        _event(
            at, happenings.change_key(alert.id, alert.sequence), alert, its.get(alert.id), current
        )
        for at, alert in changed
    ]
    about = archive.latest_of(connection, (handled.alert for _, handled in acted))
    for at, handled in acted:
        if alert := about.get(handled.alert):
            key = happenings.handling_key(alert.id, handled.version)
            found.append(_event(at, key, alert, handled, current, kind="handling"))
    return sorted(found, key=lambda event: (event.at, event.key))


def _event(
    at: datetime,
    key: str,
    alert: Alert,
    handled: Handling | None,
    current: definitions.Definitions,
    *,
    kind: str = "alert",
) -> Event:
    tags = current.tags_of(alert)
    item = AlertItem(alert=alert, handling=handled or Handling(alert=alert.id))

    def wanted(asked: object) -> bool:
        return not isinstance(asked, AlertFilter) or asked.takes(alert, handled, tags)

    return Event(at, key, kind, item.model_dump_json(), wanted)


def _told(
    subscription: str,
    receiver: str,
    connection: Connection,
    since: datetime,
    known: Container[str],
) -> Iterable[Event]:
    for one in happenings.told(connection, subscription, receiver, since, known):
        data = {
            "delivery": one.delivery.model_dump(mode="json"),
            "alerts": [alert.model_dump(mode="json") for alert in one.alerts],
        }
        yield Event(one.at, one.delivery.id, "delivery", json.dumps(data))

"""`/alerts`: which there are, all that is known of one, and what people do about it."""

from __future__ import annotations

from collections.abc import Callable

from nightdesk.archive import alert_list, deliveries, handling
from nightdesk.archive import alerts as archive
from nightdesk.pipeline.handling import Wanted, act
from nightdesk.web.api import cursors
from nightdesk.web.api.alert_shapes import (
    AlertItem,
    AlertListQuery,
    AlertWhole,
    Assigning,
    AttemptAt,
    DeliveryOf,
    Handled,
    Remark,
    Said,
    Snoozing,
)
from nightdesk.web.api.conditions import etag, must_match
from nightdesk.web.api.operations import Answer, Call, Handler, Routes
from nightdesk.web.api.shapes import In, Page
from nightdesk.web.problems import not_found

routes = Routes("alerts")
_MOST_CHANGES, _MOST_DELIVERIES, _MOST_ACTIONS = 200, 500, 500


@routes.add("GET", "/alerts", scope="read", query=AlertListQuery, answers={200: Page[AlertItem]})
def list_alerts(call: Call) -> Answer:
    """List alerts as they stand now, last raised first.

    One page looks at 2,000 alerts at most: it may hold few, or none, and still have one that follows.
    """
    asked = call.asked(AlertListQuery)
    with call.api.deps.archive.read() as connection:
        found = alert_list.page(
            connection,
            asked.filter(),
            call.api.current(connection),
            limit=asked.limit,
            before=cursors.unpack_moment(asked.cursor),
        )
    items = tuple(AlertItem(alert=alert, handling=its) for alert, its in found.items)
    following = cursors.pack(*found.next) if found.next else None
    return Answer(Page[AlertItem](items=items, next=following))


@routes.add(
    "GET", "/alerts/{id}", scope="read", answers={200: AlertWhole}, gives=("ETag",), refuses=(404,)
)
def show_alert(call: Call) -> Answer:
    """Show one alert: its changes, deliveries with each try, how it is handled, and what people did.

    The ETag is that of its handling.
    """
    name = call.path("id")
    with call.api.deps.archive.read() as connection:
        changes = archive.history(connection, name)
        if not changes:
            raise not_found("alert", name)
        its = handling.of_alert(connection, name)
        told = deliveries.of_alert(connection, name)[-_MOST_DELIVERIES:]
        tried = deliveries.attempts_of_each(connection, (one.id for one in told))
        actions = handling.actions(connection, name)[-_MOST_ACTIONS:]
    whole = AlertWhole(
        alert=changes[-1],
        handling=its,
        changes=tuple(changes[-_MOST_CHANGES:]),
        deliveries=tuple(
            DeliveryOf(
                delivery=one,
                attempts=tuple(
                    AttemptAt(
                        started_at=attempt.started_at,
                        seconds=attempt.seconds,
                        outcome=attempt.outcome,
                        detail=attempt.detail,
                    )
                    for attempt in tried[one.id]
                ),
            )
            for one in told
        ),
        actions=tuple(actions),
    )
    return Answer(whole, headers={"ETag": etag(its.version)})


def _doing(path: str, body: type[In]) -> Callable[[Handler], Handler]:
    return routes.add(
        "POST",
        f"/alerts/{{id}}/{path}",
        scope="write",
        body=body,
        takes=("application/json",),
        headers=("If-Match",),
        gives=("ETag",),
        answers={200: Handled},
        refuses=(404, 409, 412),
        kind="alert",
    )


@_doing("ack", Remark)
def acknowledge_alert(call: Call) -> Answer:
    """Acknowledge an alert: somebody has seen it, and more of the same is not sent."""
    return _act(call, Wanted("acknowledge", call.caller.name, call.given(Remark).comment))


@_doing("unack", Remark)
def unacknowledge_alert(call: Call) -> Answer:
    """Take an acknowledgement back."""
    return _act(call, Wanted("unacknowledge", call.caller.name, call.given(Remark).comment))


@_doing("assign", Assigning)
def assign_alert(call: Call) -> Answer:
    """Give an alert to somebody, or to nobody."""
    given = call.given(Assigning)
    return _act(call, Wanted("assign", call.caller.name, given.comment, to=given.to.strip()))


@_doing("snooze", Snoozing)
def snooze_alert(call: Call) -> Answer:
    """Send nothing of an alert for a while."""
    given, now = call.given(Snoozing), call.api.deps.clock.now()
    wanted = Wanted(
        "snooze",
        call.caller.name,
        given.comment,
        until=given.end(now),
        more_sources=given.more_sources,
        until_new_fact=given.until_new_fact,
    )
    return _act(call, wanted)


@_doing("unsnooze", Remark)
def unsnooze_alert(call: Call) -> Answer:
    """End a snooze."""
    return _act(call, Wanted("unsnooze", call.caller.name, call.given(Remark).comment))


@_doing("comment", Said)
def comment_on_alert(call: Call) -> Answer:
    """Say something about an alert, for the record."""
    return _act(call, Wanted("comment", call.caller.name, call.given(Said).comment))


def _act(call: Call, wanted: Wanted) -> Answer:
    name, deps = call.path("id"), call.api.deps
    with deps.archive.begin() as connection:
        if archive.latest(connection, name) is None:
            raise not_found("alert", name)
        version = handling.of_alert(connection, name).version
        must_match(call.header("if-match"), "", version, asked=False)
        done = act(connection, name, wanted, deps.clock.now())
        call.api.note(call, connection, wanted.what, name, done.action.detail)
    body = Handled(handling=done.after, action=done.action)
    return Answer(body, headers={"ETag": etag(done.after.version)})

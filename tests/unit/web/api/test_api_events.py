"""Server-sent events: on a real socket, with readers who come, go, come back, dawdle and vanish."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
from sqlalchemy import event

from nightdesk.access.tokens import digest
from nightdesk.alerts.handling import acknowledge
from nightdesk.archive import (
    Archive,
    alerts,
    definitions,
    deliveries,
    handling,
    happenings,
    tokens,
)
from nightdesk.archive.deliveries import Attempt
from nightdesk.archive.tables import alerts as alert_rows
from nightdesk.errors import ArchiveError
from schemas import AlertKind, DeliveryState, EventsReceiver, Handling
from schemas.severity import Severity
from tests.support.alerting import NOON, make_alert, make_delivery, make_subscription
from tests.support.apiclient import FREELY, Caller, problem
from tests.support.served import Listener, listening, served
from tests.support.tokens import make_token
from tests.support.waiting import until

QUICK = replace(FREELY, look_every=0.01, heartbeat_every=0.2)
EVENTS = "/api/v1/events"


@pytest.fixture
def api(sqlite_archive: Archive) -> Caller:
    return Caller(sqlite_archive, api=QUICK)


def record(api: Caller, name: str, **changes) -> None:
    with api.archive.begin() as connection:
        values = {"raised_at": api.clock.now()} | changes
        alerts.record(connection, [make_alert(identity=name, **values)])


async def readers(api: Caller) -> int:
    return len((await api.app.state.later.made()).hub.readers)


async def test_alerts_come_as_they_are_raised_changed_and_handled(api: Caller) -> None:
    record(api, "before")
    async with served(api) as address, listening(address, EVENTS, api.tokens["read"]) as listener:
        assert listener.response.headers["content-type"].startswith("text/event-stream")
        assert "content-length" not in listener.response.headers
        record(api, "alert-1")
        first = await listener.next()
        assert (first.kind, first.data["alert"]["id"]) == ("alert", "alert-1")
        record(api, "alert-1", sequence=2, kind=AlertKind.GROWN)
        grown = await listener.next()
        assert grown.data["alert"]["sequence"] == 2
        await api.call("POST", "/alerts/alert-1/ack", json={"comment": "on it"})
        handled = await listener.next()
        assert handled.kind == "handling"
        assert handled.data["handling"]["acknowledged"]["comment"] == "on it"
        # One that is committed later than the moment it bears is not missed.
        api.wait(20)
        record(api, "alert-2")
        assert (await listener.next()).data["alert"]["id"] == "alert-2"
        record(api, "late", raised_at=api.clock.now() - timedelta(seconds=15))
        assert (await listener.next()).data["alert"]["id"] == "late"


async def test_filters_are_those_of_the_list(api: Caller) -> None:
    path = f"{EVENTS}?severity=critical&text=denies"
    async with served(api) as address, listening(address, path, api.tokens["read"]) as listener:
        record(api, "alert-1")
        record(api, "alert-2", severity=Severity.CRITICAL)
        assert (await listener.next()).data["alert"]["id"] == "alert-2"
    problem(await api.get("/events?severity=loud"), 422)
    problem(await api.get("/events?limit=3"), 422)
    problem(await api.get("/events", scope=None), 401)
    feed = make_token(api.archive, "feed:desk")
    problem(await api.get("/events", scope=feed), 403)


async def test_who_comes_back_has_what_it_missed(api: Caller) -> None:
    async with served(api) as address:
        async with listening(address, EVENTS, api.tokens["read"]) as listener:
            record(api, "alert-1")
            last = (await listener.next()).id
        api.wait(3_600)
        for number in range(2, 5):
            record(api, f"alert-{number}")
        async with listening(address, EVENTS, api.tokens["read"], last) as listener:
            missed = [(await listener.next()).data["alert"]["id"] for _ in range(3)]
            assert missed == ["alert-2", "alert-3", "alert-4"]
            record(api, "alert-5")
            assert (await listener.next()).data["alert"]["id"] == "alert-5"
    for bad in ("x", "\x7f", "W10", "a" * 5_000):
        problem(await api.get("/events", headers={"last-event-id": bad}), 422)


async def test_of_too_much_that_was_missed_the_last_is_told_and_that_there_was_more(
    api: Caller,
) -> None:
    async with served(api) as address:
        async with listening(address, EVENTS, api.tokens["read"]) as listener:
            record(api, "alert-0")
            last = (await listener.next()).id
        for number in range(1, 1_101):
            api.wait(1)
            record(api, f"alert-{number}")
        async with listening(address, EVENTS, api.tokens["read"], last) as listener:
            assert (await listener.next()).kind == "gap"
            assert (await listener.next()).data["alert"]["id"] == "alert-101"


async def test_a_quiet_stream_shows_signs_of_life_and_ends_with_its_token(api: Caller) -> None:
    token = make_token(api.archive, name="brief")
    async with served(api) as address, listening(address, EVENTS, token) as listener:
        assert (await listener.next(comments=True)).comment == "still here"
        with api.archive.begin() as connection:
            found = tokens.by_hash(connection, digest(token))
            assert found is not None
            tokens.revoke(connection, found.id, api.clock.now())
        await ended(listener)
        await until_left(api)


async def ended(listener: Listener) -> None:
    """Read to the end of a stream, however it ends."""
    with suppress(EOFError, httpx.HTTPError):
        while True:
            await listener.next(comments=True)


async def until_left(api: Caller) -> None:
    hub = (await api.app.state.later.made()).hub
    await until(lambda: not hub.readers)
    assert hub._poller is None
    assert api.registry.get_sample_value("nightdesk_api_event_clients") == 0


async def test_who_vanishes_is_noticed(api: Caller) -> None:
    async with served(api) as address:
        request = (
            f"GET {EVENTS} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {api.tokens['read']}\r\n\r\n"
        )
        reading, writing = await asyncio.open_connection(address.host, address.port)
        writing.write(request.encode())
        await reading.readuntil(b"from now on")
        assert await readers(api) == 1
        # No farewell: the connection is reset.
        raw = writing.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        writing.transport.abort()
        await until_left(api)


async def test_who_comes_while_the_first_look_lasts_waits_for_it_and_looks_where_it_fails(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = (await api.app.state.later.made()).hub
    gates = [asyncio.Event(), asyncio.Event()]
    looks: list[asyncio.Event] = []

    async def looked(topic: object) -> list[object]:
        looks.append(gates[len(looks)])
        await looks[-1].wait()
        if len(looks) == 1:
            raise ArchiveError("the archive is away")
        return []

    monkeypatch.setattr(hub, "_look", looked)
    who = SimpleNamespace(token="t")
    first, second = (
        asyncio.create_task(hub.join("alerts", lambda *_: [], who, None)) for _ in range(2)
    )
    await until(lambda: len(hub.readers) == 2)
    assert not first.done()
    assert not second.done()
    gates[0].set()
    with pytest.raises(ArchiveError):
        await first
    await until(lambda: len(looks) == 2)
    assert not second.done()
    gates[1].set()
    hub.leave(await second)
    assert not hub.readers


async def test_who_dawdles_is_dropped_and_holds_up_nobody(sqlite_archive: Archive) -> None:
    api = Caller(sqlite_archive, api=replace(QUICK, event_buffer=5, heartbeat_every=30.0))
    async with served(api) as address, AsyncExitStack() as stack:
        slow = socket.create_connection((address.host, address.port))
        stack.callback(slow.close)
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        request = (
            f"GET {EVENTS} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {api.tokens['read']}\r\n\r\n"
        )
        slow.sendall(request.encode())
        quick = await stack.enter_async_context(listening(address, EVENTS, api.tokens["admin"]))
        hub = (await api.app.state.later.made()).hub
        await until(lambda: len(hub.readers) == 2)
        name = "nightdesk_api_event_clients_dropped_total"
        told = 0
        while not api.registry.get_sample_value(name):
            record(api, f"alert-{told}", title="x" * 200_000)
            assert (await quick.next(seconds=60)).data["alert"]["id"] == f"alert-{told}"
            told += 1
            assert told < 500, "never dropped"
        await until(lambda: len(hub.readers) == 1)
        record(api, "last")
        assert (await quick.next(seconds=60)).data["alert"]["id"] == "last"


async def test_one_that_cannot_be_read_holds_up_no_other(api: Caller) -> None:
    async with served(api) as address, listening(address, EVENTS, api.tokens["read"]) as listener:
        record(api, "alert-1")
        assert (await listener.next()).data["alert"]["id"] == "alert-1"
        with api.archive.begin() as connection:
            alerts.record(connection, [make_alert(identity="odd", raised_at=api.clock.now())])
            connection.execute(
                alert_rows.update().where(alert_rows.c.id == "odd"), {"document": "{}"}
            )
        record(api, "alert-2")
        assert (await listener.next()).data["alert"]["id"] == "alert-2"


def test_what_is_known_is_not_read_again(api: Caller) -> None:
    since = api.clock.now() - timedelta(seconds=30)
    for name in ("a", "b"):
        record(api, name)
        deliver(api, f"told-{name}", id=f"delivery-{name}")
    with api.archive.begin() as connection:
        for name in ("a", "b"):
            done = acknowledge(Handling(alert=name), by="Ines", comment="", now=api.clock.now())
            handling.save(connection, *done, api.clock.now())
    known = {"a/1", "told-a/1", "told-b/1", "a/handling/1", "delivery-a"}
    with api.archive.read() as connection:
        found = happenings.changes(connection, since, known)
        assert [one.id for _, one in found] == ["b"]
        assert [one.alert for _, one in happenings.handled(connection, since, known)] == ["b"]
        told = happenings.told(connection, "desk", "events", since, known)
        assert [one.delivery.id for one in told] == ["delivery-b"]


def test_the_stream_of_a_subscription_asks_an_index(api: Caller) -> None:
    asked = []
    with api.archive.read() as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
        happenings.told(connection, "desk", "events", NOON)
        [(statement, values)] = asked
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    assert "ix_deliveries_subscription_changed_at (subscription=? AND changed_at>?)" in str(plan)


async def test_only_so_many_listen(sqlite_archive: Archive) -> None:
    options = replace(QUICK, event_clients=3, event_clients_of_one=2)
    api = Caller(sqlite_archive, api=options)
    async with served(api) as address, AsyncExitStack() as stack:

        async def listen(scope: str) -> int:
            stream = listening(address, EVENTS, api.tokens[scope])
            return (await stack.enter_async_context(stream)).response.status_code

        assert [await listen("read") for _ in range(3)] == [200, 200, 503]
        assert [await listen("write") for _ in range(2)] == [200, 503]


async def test_a_stream_never_delays_the_end_of_the_server(api: Caller) -> None:
    async with AsyncExitStack() as stack:
        async with served(api) as address:
            listener = await stack.enter_async_context(
                listening(address, EVENTS, api.tokens["read"])
            )
        await ended(listener)
    await until_left(api)


PATH = "/subscriptions/desk/events"


def deliver(api: Caller, name: str, **changes) -> None:
    alert = make_alert(identity=name)
    told = make_delivery(alert, receiver="events", channel="events", **changes)
    done = told.model_copy(
        update={
            "state": DeliveryState.DELIVERED,
            "attempts": 1,
            "changed_at": api.clock.now(),
        }
    )
    with api.archive.begin() as connection:
        alerts.record(connection, [alert])
        deliveries.plan(connection, [told], due_at=NOON)
        deliveries.finish(connection, done, attempt=Attempt(NOON, 0.1, "delivered"))


async def test_a_subscription_has_a_stream_of_its_own(api: Caller) -> None:
    desk = make_subscription(receivers=(EventsReceiver(),))
    with api.archive.begin() as connection:
        definitions.put(connection, desk, author="test", now=NOON)
    own = make_token(api.archive, "feed:desk")
    other = make_token(api.archive, "feed:other")
    async with served(api) as address:
        async with listening(address, f"{PATH}?token={own}", None) as listener:
            deliver(api, "other", subscription="elsewhere")
            deliver(api, "alert-1")
            sent = await listener.next()
            assert sent.kind == "delivery"
            assert sent.data["delivery"]["subscription"] == "desk"
            assert [alert["id"] for alert in sent.data["alerts"]] == ["alert-1"]
        api.wait(600)
        deliver(api, "alert-2")
        async with listening(address, PATH, api.tokens["read"], sent.id) as listener:
            assert (await listener.next()).data["delivery"]["alert"] == "alert-2"

    async def refused(path: str, token: str | None, status: int) -> None:
        query = f"?token={token}" if token else ""
        problem(await api.get(path + query, scope=None, prefix=""), status)

    await refused(PATH, None, 401)
    await refused(PATH, other, 403)
    await refused(PATH, own[:-1], 401)
    await refused("/subscriptions/none/events", own, 403)
    await refused("/subscriptions/none/events", api.tokens["read"], 404)

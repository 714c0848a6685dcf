"""The week itself: reports, what people do, and what falls due, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from sqlalchemy import literal_column, select

from nightdesk.alerts import handling as handle
from nightdesk.archive import (
    alerts,
    definitions,
    deliveries,
    dispatch,
    handling,
    notifications,
    open_archive,
)
from nightdesk.archive.deliveries import Attempt
from nightdesk.archive.engine import Archive
from nightdesk.archive.outbox import Outgoing
from nightdesk.archive.tables import deliveries as table
from nightdesk.archive.tables import delivery_decisions as decisions
from nightdesk.bundles import load
from nightdesk.clock import SettableClock
from nightdesk.ids import content_id
from nightdesk.pipeline import quiet
from nightdesk.pipeline.bare import BareLoop
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.notify import tell_due
from schemas import Alert, AlertKind, Arrival, Delivery, DeliveryState, Report

BERLIN = ZoneInfo("Europe/Berlin")
_MONDAY = datetime(2026, 3, 23, tzinfo=BERLIN)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LOOK_EVERY = timedelta(minutes=30)
_END = datetime(2026, 3, 30, 12, tzinfo=BERLIN)

_DECIDED = (
    select(
        decisions.c.delivery, decisions.c.n, decisions.c.state, decisions.c.reason, table.c.document
    )
    .join(table, table.c.id == decisions.c.delivery)
    .order_by(decisions.c.decided_at, literal_column("delivery_decisions.rowid"))
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline: at a moment, `what` (sent, held, …) for whom, and the rest in words."""

    at: datetime
    what: str
    who: str
    said: str

    def __str__(self) -> str:
        moment = self.at.astimezone(BERLIN)
        day = moment.strftime("%a %H:%M")
        return f"{day}  {self.what:<10} {self.who:<10} {self.said}".rstrip()


def timeline() -> list[Line]:
    """Live through the week, and return what happened."""
    archive = open_archive("sqlite://")
    archive.migrate()
    try:
        return list(_Week(archive).live())
    finally:
        archive.close()


class _Week:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._clock = SettableClock(_MONDAY.astimezone(UTC))
        self._catalogues = CatalogueCache()
        self._loop = BareLoop(archive, self._clock, catalogues=self._catalogues)
        self._reports: dict[str, str] = {}
        self._seen = 0
        self._looked = self._clock.now()
        here = files("demo.week")
        loaded = load(here / "desk.yaml")  # type: ignore[arg-type]
        self._script = YAML(typ="safe").load((here / "script.yaml").read_text("utf-8"))
        bundle = loaded.bundle
        assert bundle is not None, loaded.problems
        with archive.begin() as connection:
            declared: tuple[definitions.Definition, ...] = (
                *bundle.storylines,
                *bundle.subscriptions,
                *bundle.silences,
            )
            for definition in declared:
                definitions.put(connection, definition, author="Mara", now=self._clock.now())

    def live(self) -> Iterator[Line]:
        for entry in self._script:
            at = _moment(entry["at"])
            yield from self._until(at)
            self._clock.set(at)
            if "do" in entry:
                yield self._act(entry)
            else:
                yield from self._report(entry)
            yield from self._tell()
        yield from self._until(_END.astimezone(UTC))

    def _until(self, end: datetime) -> Iterator[Line]:
        """Tell what falls due before `end`, each when it does, and what goes quiet, looking twice an hour."""
        while True:
            look = self._looked + _LOOK_EVERY
            with self._archive.read() as connection:
                due = min(notifications.next_due(connection) or look, look)
            if due >= end:
                return
            self._clock.set(max(due, self._clock.now()))
            if due == look:
                self._looked = look
                yield from self._look()
            yield from self._tell()

    def _look(self) -> Iterator[Line]:
        """Find what went quiet."""
        now = self._clock.now()
        for id_ in quiet.find(self._archive, {"strait-ferries"}, now=now).due:
            raised = [message for _, message in quiet.go_quiet(self._archive, id_, now=now)]
            yield from self._take([*raised, *self._loop.feed(raised)])

    def _report(self, entry: dict[str, str]) -> Iterator[Line]:
        now = self._clock.now()
        before = self._reports.get(entry["id"], "")
        id_ = content_id("report", entry["id"], entry["title"], before)
        self._reports[entry["id"]] = id_
        report = Report(
            id=id_,
            entry=entry["id"],
            feed=entry["source"].lower().replace(" ", "-"),
            source=entry["source"],
            url=f"https://{entry['id']}.example/",
            guid=entry["id"],
            title=entry["title"],
            content=entry["text"],
            language="en",
            published_at=now,
            seen_at=now,
            arrival=Arrival.LIVE,
        )
        yield Line(now, "report", "", f"{entry['source']}: {entry['title']}")
        yield from self._take(list(self._loop.run([report])))

    def _take(self, sent: Sequence[Outgoing]) -> Iterator[Line]:
        """Tell of the changes of alerts, and of who was not told, among messages that were sent."""
        now = self._clock.now()
        for message in sent:
            if message.topic == "alerts":
                alert = Alert.model_validate_json(message.value)
                reason = alert.reason
                if alert.kind is AlertKind.NEW_DEVELOPMENT:
                    # Why it fits at all is the engine's to tell: `nightdesk explain`.
                    reason = reason.partition(": ")[0]
                yield Line(now, f"change {alert.sequence}", "", f"{alert.kind.value}: {reason}")
        for message in sent:
            if message.topic == "deliveries":
                one = Delivery.model_validate_json(message.value)
                if one.state is DeliveryState.SUPPRESSED:
                    yield Line(now, "not sent", one.subscription, one.reason)
        yield from self._sent(now)

    def _act(self, entry: dict[str, Any]) -> Line:
        """Do something about the alert that was raised last."""
        now = self._clock.now()
        with self._archive.begin() as connection:
            (latest,) = alerts.recent(connection, limit=1)
            before = handling.of_alert(connection, latest.id)
            if entry["do"] == "acknowledge":
                done = handle.acknowledge(before, by=entry["by"], comment=entry["comment"], now=now)
            else:
                done = handle.snooze(
                    before,
                    latest,
                    by=entry["by"],
                    comment=entry["comment"],
                    more_sources=entry["more_sources"],
                    now=now,
                )
            handling.save(connection, *done, now)
        detail = f" {done[1].detail}" if done[1].detail else ""
        return Line(now, entry["do"], entry["by"], f"“{latest.title}”{detail}: {entry['comment']}")

    def _tell(self) -> Iterator[Line]:
        now = self._clock.now()
        tell_due(self._archive, self._catalogues, now)
        with self._archive.read() as connection:
            rows = connection.execute(_DECIDED).all()
        for _, _, state, reason, document in rows[self._seen :]:
            one = Delivery.model_validate_json(document)
            if state == DeliveryState.HELD.value:
                yield Line(now, "held", one.subscription, f"{self._name(one)}: {reason}")
            elif state == DeliveryState.SUPPRESSED.value:
                yield Line(now, "not sent", one.subscription, f"{self._name(one)}: {reason}")
        self._seen = len(rows)
        yield from self._sent(now)

    def _sent(self, now: datetime) -> Iterator[Line]:
        """Take what is due to the receivers, who have it at once."""
        with self._archive.begin() as connection:
            due, _ = dispatch.claim(
                connection, worker="week", now=now, lease=timedelta(minutes=1), limit=100
            )
            for one in due:
                done = one.model_copy(update={"state": DeliveryState.DELIVERED, "attempts": 1})
                deliveries.finish(connection, done, attempt=Attempt(now, 0.0, "delivered"))
        for one in due:
            told = [self._name(one), *(self._name_of(ref.alert, ref.sequence) for ref in one.also)]
            note = f"[{one.note}] " if one.note else ""
            yield Line(now, "sent", one.subscription, note + "; ".join(told))

    def _name(self, one: Delivery) -> str:
        return self._name_of(one.alert, one.sequence)

    def _name_of(self, alert: str, sequence: int) -> str:
        with self._archive.read() as connection:
            change = alerts.history(connection, alert)[sequence - 1]
        sources = "1 source" if change.sources == 1 else f"{change.sources} sources"
        return f"{change.kind.value} “{change.title}” (change {sequence}, {sources})"


def _moment(said: str) -> datetime:
    day, clock = said.split()
    hours, minutes = map(int, clock.split(":"))
    date = _MONDAY.date() + timedelta(days=_DAYS.index(day))
    local = datetime(date.year, date.month, date.day, hours, minutes, tzinfo=BERLIN)
    return local.astimezone(UTC)

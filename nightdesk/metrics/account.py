"""The exact account, read from the archive for each scrape: it survives restarts, and every worker
exposes the same.

In comes a function that reads the archive (`read_archive`); out go the families that the catalogue
calls the archive's.  A reading is kept for a moment, so that scrapes never hammer the database; a slow
or failing archive leaves these families out and sets `nightdesk_archive_up` to 0, and breaks nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from nightdesk.accounting import IDENTITIES, Totals, check
from nightdesk.archive import accounts, deadletters, deliveries, emerging, hub_subscriptions
from nightdesk.archive.engine import Archive
from nightdesk.clock import Ticks
from nightdesk.feeds.websub.subscription import HubState
from nightdesk.metrics import catalogue
from schemas.deadletter import DeadLetterReason
from schemas.delivery import DeliveryState
from schemas.offer import OfferState

log = structlog.get_logger(__name__)

_TERMS = [term for identity in IDENTITIES for term in identity.left + identity.right]


@dataclass(frozen=True, slots=True)
class ArchiveReading:
    """What the archive says at one moment."""

    totals: Totals = field(default_factory=dict)
    dead_letters: Mapping[tuple[str, DeadLetterReason], int] = field(default_factory=dict)
    deliveries: Mapping[DeliveryState, int] = field(default_factory=dict)
    offers: Mapping[OfferState, int] = field(default_factory=dict)
    hub_subscriptions: Mapping[str, int] = field(default_factory=dict)


def read_archive(archive: Archive) -> ArchiveReading:
    """Return a consistent reading.  Raises ArchiveError."""
    with archive.read() as connection:
        return ArchiveReading(
            totals=accounts.totals(connection),
            dead_letters=deadletters.counts(connection),
            deliveries=deliveries.count_by_state(connection),
            offers=emerging.counts(connection),
            hub_subscriptions=hub_subscriptions.count_by_state(connection),
        )


class AccountCollector(Collector):
    """Exposes `read()`, asked for at most once in `keep` seconds and waited for at most `patience`."""

    def __init__(
        self,
        read: Callable[[], ArchiveReading],
        registry: CollectorRegistry,
        *,
        ticks: Ticks,
        keep: float = 2.0,
        patience: float = 3.0,
    ) -> None:
        self._read = read
        self._keep, self._patience, self._ticks = keep, patience, ticks
        self._asking = threading.Lock()
        self._under_way: _Asked | None = None
        self._last: tuple[float, ArchiveReading | None] | None = None
        registry.register(self)

    def describe(self) -> Iterator[Metric]:
        """Return the families without their samples: registering reads no archive."""
        yield from _families(ArchiveReading())
        yield _up(False)

    def collect(self) -> Iterator[Metric]:
        """Return the families of a fresh or just kept reading; without one only `archive_up 0`."""
        reading = self._reading()
        yield _up(reading is not None)
        if reading is not None:
            yield from _families(reading)

    def _reading(self) -> ArchiveReading | None:
        with self._asking:
            now = self._ticks()
            if self._last is not None and now - self._last[0] < self._keep:
                return self._last[1]
            # One question at a time: an archive that hangs is not asked again until it answers.
            asked = self._under_way or _Asked(self._read)
            self._under_way = asked if not asked.wait(self._patience) else None
            reading = None if self._under_way else asked.reading
            self._last = (self._ticks(), reading)
            return reading


class _Asked:
    """One question to the archive, on a thread of its own that nobody has to wait for."""

    def __init__(self, read: Callable[[], ArchiveReading]) -> None:
        self.reading: ArchiveReading | None = None
        self._read = read
        self._answered = threading.Event()
        threading.Thread(target=self._run, name="account", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        return self._answered.wait(seconds)

    def _run(self) -> None:
        try:
            self.reading = self._read()
        except Exception as error:
            log.warning("account_unreadable", error=str(error))
        finally:
            self._answered.set()


def _families(reading: ArchiveReading) -> Iterator[Metric]:
    messages = _counter(catalogue.ACCOUNT_MESSAGES)
    # What has not happened yet reads 0 and not nothing: a first one is then an increase.
    counts = dict.fromkeys(_TERMS, 0)
    for stage, outcomes in reading.totals.items():
        counts |= {(stage, outcome): count for outcome, count in outcomes.items()}
    for (stage, outcome), count in sorted(counts.items()):
        messages.add_metric([stage, outcome], count)
    yield messages
    imbalance = _gauge(catalogue.ACCOUNT_IMBALANCE)
    for balance in check(reading.totals):
        identity = f"{balance.left_words} = {balance.right_words}"
        scope = "between" if balance.between else "inside"
        imbalance.add_metric([identity, scope], balance.left - balance.right)
    yield imbalance
    waiting = _gauge(catalogue.DEAD_LETTERS_WAITING)
    for (stage, reason), count in sorted(reading.dead_letters.items()):
        waiting.add_metric([stage, reason.value], count)
    yield waiting
    by_state = _gauge(catalogue.DELIVERIES)
    for state in DeliveryState:
        by_state.add_metric([state.value], reading.deliveries.get(state, 0))
    yield by_state
    offers = _gauge(catalogue.EMERGING_OFFERS)
    for made in OfferState:
        offers.add_metric([made.value], reading.offers.get(made, 0))
    yield offers
    subscribed = _gauge(catalogue.HUB_SUBSCRIPTIONS)
    for word in HubState:
        subscribed.add_metric([word.value], reading.hub_subscriptions.get(word.value, 0))
    yield subscribed


def _up(up: bool) -> GaugeMetricFamily:
    family = GaugeMetricFamily(catalogue.ARCHIVE_UP.name, catalogue.ARCHIVE_UP.help)
    family.add_metric([], 1.0 if up else 0.0)
    return family


def _gauge(metric: catalogue.Metric) -> GaugeMetricFamily:
    return GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)


def _counter(metric: catalogue.Metric) -> CounterMetricFamily:
    return CounterMetricFamily(metric.name, metric.help, labels=metric.labels)

"""What one worker counts and times, in a registry that is passed in: two workers can share a process."""

from __future__ import annotations

import platform
from collections.abc import Collection, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

from nightdesk import __version__
from nightdesk.feeds.health import FeedHealth
from nightdesk.feeds.pages.outcome import PageOutcome
from nightdesk.feeds.websub.outcome import PushOutcome
from nightdesk.metrics import catalogue
from nightdesk.metrics.catalogue import Metric
from schemas.deadletter import DeadLetterReason
from schemas.delivery import Occasion
from schemas.topics import TOPICS

STEPS = (
    "published_to_seen",
    "seen_to_normalised",
    "seen_to_matched",
    "seen_to_alerted",
    "alerted_to_delivered",
)
"""The steps of a report's way that are timed.  From published to delivered is the sum of the first and
the last two."""

DROPPING = ("first_sight", "learned")
"""The kinds of rules by which lines are dropped from articles."""

API_OUTCOMES = (
    "done",
    "unauthenticated",
    "forbidden",
    "not_found",
    "conflict",
    "invalid",
    "limited",
    "failed",
)
"""How requests of the API end."""


class Metrics:
    """The metrics of one worker.  Every method is cheap and safe from any thread."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._latency = _histogram(catalogue.STAGE_LATENCY, registry)
        self._batch_seconds = _histogram(catalogue.BATCH_SECONDS, registry)
        self._batch_messages = _histogram(catalogue.BATCH_MESSAGES, registry)
        self._fetch = _histogram(catalogue.FETCH_SECONDS, registry)
        self._lateness = _histogram(catalogue.POLL_LATENESS, registry)
        self._pages = _counter(catalogue.PAGES, registry)
        self._pushes = _counter(catalogue.PUSHES, registry)
        self._notifications = _counter(catalogue.NOTIFICATIONS, registry)
        self._attempt = _histogram(catalogue.ATTEMPT_SECONDS, registry)
        self._breakers = _gauge(catalogue.BREAKERS_OPEN, registry)
        self._dead_letters = _counter(catalogue.DEAD_LETTERS, registry)
        self._boilerplate = _counter(catalogue.BOILERPLATE_LINES, registry)
        self._api = _counter(catalogue.API_REQUESTS, registry)
        self._event_clients = _gauge(catalogue.API_EVENT_CLIENTS, registry)
        self._event_clients_dropped = _counter(catalogue.API_EVENT_CLIENTS_DROPPED, registry)
        self._lag = _gauge(catalogue.TOPIC_LAG, registry)
        self._commit_age = _gauge(catalogue.COMMIT_AGE, registry)
        self._heartbeat_age = _gauge(catalogue.HEARTBEAT_AGE, registry)
        self._feeds = _gauge(catalogue.FEEDS, registry)
        self.outbox_pending = _gauge(catalogue.OUTBOX_PENDING, registry)
        info = Info("nightdesk_build", catalogue.BUILD_INFO.help, registry=registry)
        info.info({"version": __version__, "python": platform.python_version()})
        for step in STEPS:
            self._latency.labels(step)
        # What can be counted is there from the start: a series that begins at one has not increased.
        for rule in DROPPING:
            self._boilerplate.labels(rule)
        for outcome in API_OUTCOMES:
            self._api.labels(outcome)
        for page in PageOutcome:
            self._pages.labels(page.value)
        for occasion in Occasion:
            self._notifications.labels(occasion.value)
        for push in PushOutcome:
            self._pushes.labels(push.value)

    def latency(self, step: str, seconds: float) -> None:
        """Note that a live report took `seconds` for `step`, one of STEPS; less than 0 counts as 0.

        Raises ValueError for another step, for each would be a time series for good.
        """
        if step not in STEPS:
            raise ValueError(f"not a step that is timed: {step!r}; one of {', '.join(STEPS)}")
        self._latency.labels(step).observe(max(0.0, seconds))

    def batch(self, stage: str, messages: int, seconds: float | None = None) -> None:
        """Note that `stage` committed a batch of `messages`, in `seconds` if that was measured."""
        self._batch_messages.labels(stage).observe(messages)
        if seconds is not None:
            self._batch_seconds.labels(stage).observe(seconds)

    def fetch(self, outcome: str, seconds: float) -> None:
        """Note that fetching a feed took `seconds` and ended as `outcome`, a word of feed health."""
        self._fetch.labels(outcome).observe(seconds)

    def late(self, seconds: float) -> None:
        """Note that a poll began so many `seconds` after it was due."""
        self._lateness.observe(max(0.0, seconds))

    def page(self, outcome: PageOutcome) -> None:
        """Note what became of the page of one report."""
        self._pages.labels(outcome.value).inc()

    def push(self, outcome: PushOutcome, number: int = 1) -> None:
        """Note what became of a push, or of so many."""
        self._pushes.labels(outcome.value).inc(number)

    def notified(self, occasion: Occasion, number: int = 1) -> None:
        """Note notifications that were made of what waited, and why they were told then."""
        self._notifications.labels(occasion.value).inc(number)

    def attempt(self, channel: str, outcome: str, seconds: float) -> None:
        """Note an attempt at a delivery; `outcome` is `delivered` or a failure's own word."""
        self._attempt.labels(channel, outcome).observe(seconds)

    def breakers_open(self, receivers: int) -> None:
        """Set how many receivers are left alone for a while."""
        self._breakers.set(receivers)

    def dead_letter(self, stage: str, reason: DeadLetterReason) -> None:
        """Note a message put into quarantine."""
        self._dead_letters.labels(stage, reason.value).inc()

    def boilerplate(self, rule: str, lines: int) -> None:
        """Note that so many lines were dropped by a `rule` of DROPPING.  Raises ValueError for another."""
        if rule not in DROPPING:
            raise ValueError(f"not a kind of rule: {rule!r}; one of {', '.join(DROPPING)}")
        self._boilerplate.labels(rule).inc(lines)

    def api(self, outcome: str) -> None:
        """Note an answer of the API; `outcome` is one of API_OUTCOMES."""
        self._api.labels(outcome).inc()

    def event_clients(self, number: int) -> None:
        """Set how many readers of events there are."""
        self._event_clients.set(number)

    def event_client_dropped(self) -> None:
        """Note a reader of events that was too slow."""
        self._event_clients_dropped.inc()

    def topic(self, topic: str, *, lag: int, commit_age: float) -> None:
        """Set how many messages of `topic` wait, and for how long (seconds) none was committed."""
        self._lag.labels(topic).set(lag)
        self._commit_age.labels(topic).set(commit_age)

    def keep_topics(self, topics: Collection[str]) -> None:
        """Take off all topics but `topics`: those that this worker lost are no concern of it."""
        for gone in TOPICS.keys() - set(topics):
            self._lag.remove_by_labels({"topic": gone})
            self._commit_age.remove_by_labels({"topic": gone})

    def feeds_by_health(self, counts: Mapping[str, int]) -> None:
        """Set how many feeds are in each state of health; states that are not named hold none."""
        for health in FeedHealth:
            self._feeds.labels(health.value).set(counts.get(health.value, 0))

    def heartbeat_age(self, seconds: float) -> None:
        """Set how long the canary message has been silent."""
        self._heartbeat_age.set(seconds)


def api_outcome(status: int) -> str:
    """Return the one of API_OUTCOMES for an HTTP status."""
    named = {401: "unauthenticated", 403: "forbidden", 404: "not_found", 429: "limited"}
    conflicts = {409, 412, 428}
    if status < 400:
        return "done"
    if status >= 500:
        return "failed"
    return named.get(status) or ("conflict" if status in conflicts else "invalid")


def _histogram(metric: Metric, registry: CollectorRegistry) -> Histogram:
    return Histogram(
        metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=registry
    )


def _counter(metric: Metric, registry: CollectorRegistry) -> Counter:
    return Counter(metric.name, metric.help, metric.labels, registry=registry)


def _gauge(metric: Metric, registry: CollectorRegistry) -> Gauge:
    return Gauge(metric.name, metric.help, metric.labels, registry=registry)

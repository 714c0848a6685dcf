"""Every metric that Nightdesk exposes, in one table: name, type, labels and what it means.

Names follow `nightdesk_<noun>_<unit>`, in base units; every label takes its values from a closed list
(a stage, a topic, a reason), never from the news or from a URL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram", "info"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One family.  `name` is as exposed, without a histogram's suffixes.

    `of` says who counts: `worker` (from this worker's start) or `archive` (for good, for all workers).
    """

    name: str
    kind: Kind
    of: Literal["worker", "archive"]
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()


_LATENCY = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    *(300, 900, 3_600, 14_400, 86_400),
)
_WORK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_NETWORK = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
_BATCH = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)

STAGE_LATENCY = Metric(
    "nightdesk_stage_latency_seconds",
    "histogram",
    "worker",
    ("step",),
    "How long live reports take for each step of their way, from published to delivered.",
    _LATENCY,
)
BATCH_SECONDS = Metric(
    "nightdesk_stage_batch_seconds",
    "histogram",
    "worker",
    ("stage",),
    "How long a stage takes for one batch of messages, its transaction included.",
    _WORK,
)
BATCH_MESSAGES = Metric(
    "nightdesk_stage_batch_messages",
    "histogram",
    "worker",
    ("stage",),
    "How many messages a stage takes in one transaction.",
    _BATCH,
)
FETCH_SECONDS = Metric(
    "nightdesk_feed_fetch_seconds",
    "histogram",
    "worker",
    ("outcome",),
    "How long fetching a feed takes, by how it ended (a word of feed health).",
    _NETWORK,
)
POLL_LATENESS = Metric(
    "nightdesk_feed_poll_lateness_seconds",
    "histogram",
    "worker",
    (),
    "How long after it was due a poll begins: for want of room, or because its host must rest.",
    _NETWORK,
)
PAGES = Metric(
    "nightdesk_pages_total",
    "counter",
    "worker",
    ("outcome",),
    "Pages of articles that feeds with `full_text` asked for, by what became of them.",
)
PUSHES = Metric(
    "nightdesk_websub_pushes_total",
    "counter",
    "worker",
    ("outcome",),
    "Pushes of feeds by their hubs, by what became of them.",
)
NOTIFICATIONS = Metric(
    "nightdesk_notifications_total",
    "counter",
    "worker",
    ("occasion",),
    "Notifications made of what waited, by why it was told then: its group, a digest, quiet hours over.",
)
ATTEMPT_SECONDS = Metric(
    "nightdesk_delivery_attempt_seconds",
    "histogram",
    "worker",
    ("channel", "outcome"),
    "How long one attempt at a delivery takes, by channel and how it ended.",
    _NETWORK,
)
BREAKERS_OPEN = Metric(
    "nightdesk_delivery_breakers_open",
    "gauge",
    "worker",
    (),
    "Receivers that this worker leaves alone for a while, since they failed again and again.",
)
DEAD_LETTERS = Metric(
    "nightdesk_dead_letters_total",
    "counter",
    "worker",
    ("stage", "reason"),
    "Messages that this worker put into quarantine.",
)
BOILERPLATE_LINES = Metric(
    "nightdesk_boilerplate_lines_total",
    "counter",
    "worker",
    ("rule",),
    "Lines dropped from articles, by rules that hold everywhere (`first_sight`) or as learned of a source.",
)
API_REQUESTS = Metric(
    "nightdesk_api_requests_total",
    "counter",
    "worker",
    ("outcome",),
    "Requests of the API, by how they ended.",
)
API_EVENT_CLIENTS = Metric(
    "nightdesk_api_event_clients",
    "gauge",
    "worker",
    (),
    "Readers of event streams that are connected now.",
)
API_EVENT_CLIENTS_DROPPED = Metric(
    "nightdesk_api_event_clients_dropped_total",
    "counter",
    "worker",
    (),
    "Readers of event streams that were dropped, for they read too slowly.",
)
TOPIC_LAG = Metric(
    "nightdesk_topic_lag_messages",
    "gauge",
    "worker",
    ("topic",),
    "Messages in this worker's partitions of a topic that wait to be processed.",
)
COMMIT_AGE = Metric(
    "nightdesk_topic_commit_age_seconds",
    "gauge",
    "worker",
    ("topic",),
    "Time since this worker last moved forward in a topic that has messages waiting; 0 where none waits.",
)
HEARTBEAT_AGE = Metric(
    "nightdesk_heartbeat_age_seconds",
    "gauge",
    "worker",
    (),
    "How long this worker's oldest canary message without an echo has been waited for; 0 if none is.",
)
OUTBOX_PENDING = Metric(
    "nightdesk_outbox_pending_messages",
    "gauge",
    "worker",
    (),
    "Messages that are committed to the archive and not yet known to be on the broker.",
)
BUILD_INFO = Metric(
    "nightdesk_build_info",
    "info",
    "worker",
    ("version", "python"),
    "Always 1; the labels tell what runs.",
)
ARCHIVE_UP = Metric(
    "nightdesk_archive_up",
    "gauge",
    "worker",
    (),
    "1 where the archive could be read for this scrape, else 0: then the archive's families are left out.",
)
ACCOUNT_MESSAGES = Metric(
    "nightdesk_account_messages_total",
    "counter",
    "archive",
    ("stage", "outcome"),
    "Messages of each stage by what became of them; counted in the transaction of the effect itself.",
)
ACCOUNT_IMBALANCE = Metric(
    "nightdesk_account_imbalance_messages",
    "gauge",
    "archive",
    ("identity", "scope"),
    "Left side less right side of an identity of account.  Scope `inside` a stage is 0 at any moment; "
    "`between` stages it is what is under way.",
)
FEEDS = Metric(
    "nightdesk_feeds",
    "gauge",
    "worker",
    ("health",),
    "Feeds by how their last poll went: all feeds, on every worker the same.",
)
DEAD_LETTERS_WAITING = Metric(
    "nightdesk_dead_letters_waiting",
    "gauge",
    "archive",
    ("stage", "reason"),
    "Messages in quarantine that nobody has sent again yet.",
)
DELIVERIES = Metric(
    "nightdesk_deliveries",
    "gauge",
    "archive",
    ("state",),
    "Deliveries by how they stand now.",
)

EMERGING_OFFERS = Metric(
    "nightdesk_emerging_offers",
    "gauge",
    "archive",
    ("state",),
    "Candidate storylines, made of reports that no storyline holds, by what became of them.",
)
HUB_SUBSCRIPTIONS = Metric(
    "nightdesk_websub_subscriptions",
    "gauge",
    "archive",
    ("state",),
    "Subscriptions at the hubs of feeds, by how they stand.",
)

CATALOGUE: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        STAGE_LATENCY,
        BATCH_SECONDS,
        BATCH_MESSAGES,
        FETCH_SECONDS,
        POLL_LATENESS,
        PAGES,
        PUSHES,
        NOTIFICATIONS,
        ATTEMPT_SECONDS,
        BREAKERS_OPEN,
        DEAD_LETTERS,
        BOILERPLATE_LINES,
        API_REQUESTS,
        API_EVENT_CLIENTS,
        API_EVENT_CLIENTS_DROPPED,
        TOPIC_LAG,
        COMMIT_AGE,
        HEARTBEAT_AGE,
        OUTBOX_PENDING,
        FEEDS,
        BUILD_INFO,
        ARCHIVE_UP,
        ACCOUNT_MESSAGES,
        ACCOUNT_IMBALANCE,
        DEAD_LETTERS_WAITING,
        DELIVERIES,
        EMERGING_OFFERS,
        HUB_SUBSCRIPTIONS,
    )
}
"""All metrics by name, in the order in which docs/metrics.md lists them."""


def series_names(metrics: Iterable[Metric] = CATALOGUE.values()) -> frozenset[str]:
    """Return every name that a query may use: a histogram has three."""
    suffixes = ("_bucket", "_sum", "_count")
    return frozenset(
        metric.name + suffix
        for metric in metrics
        for suffix in (suffixes if metric.kind == "histogram" else ("",))
    )

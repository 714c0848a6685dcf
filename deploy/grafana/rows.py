"""What the dashboard shows: rows of panels, each with a title, a question it answers, and its queries.

`build.py` writes the JSON that Grafana is provisioned with.  A test holds every query to the metrics that
exist, and every metric to a panel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Query:
    """One query, and how its series are called."""

    expr: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """One panel.  `bad_from` colours a number red from there on."""

    title: str
    question: str
    queries: tuple[Query, ...]
    unit: str = "short"
    kind: Literal["number", "lines"] = "lines"
    width: int = 8
    bad_from: float | None = None


def _number(
    title: str, question: str, expr: str, unit: str = "short", bad: float | None = None
) -> Panel:
    return Panel(title, question, (Query(expr),), unit, "number", 4, bad)


_QUANTILE = (
    "histogram_quantile({q}, sum by (step, le) "
    "(rate(nightdesk_stage_latency_seconds_bucket[$__rate_interval])))"
)

_WELL = "ok|unchanged|empty|frozen|never_polled"

ROWS: dict[str, tuple[Panel, ...]] = {
    "At a glance": (
        _number("Workers", "How many answer?", 'sum(up{job="nightdesk"})'),
        _number(
            "Silence of the canary",
            "Does every worker hear the broker?",
            "max(nightdesk_heartbeat_age_seconds)",
            "s",
            60,
        ),
        _number(
            "Feeds that fail",
            "How many of the feeds bring nothing?",
            f'sum(max by (health) (nightdesk_feeds{{health!~"{_WELL}"}})) or vector(0)',
            bad=1,
        ),
        _number(
            "Deliveries that wait",
            "Is anybody not told yet?",
            'sum(max by (state) (nightdesk_deliveries{state=~"pending|retrying"}))',
            bad=10,
        ),
        _number(
            "Dead letters",
            "Does anything wait for a human?",
            "sum(max by (stage, reason) (nightdesk_dead_letters_waiting)) or vector(0)",
            bad=1,
        ),
        _number(
            "Account out of balance",
            "Was anything lost or counted twice?",
            'sum(max by (identity) (abs(nightdesk_account_imbalance_messages{scope="inside"})))',
            bad=1,
        ),
    ),
    "News": (
        Panel(
            "What became of polled entries",
            "Does news come in?",
            (
                Query(
                    "max by (outcome) (rate(nightdesk_account_messages_total"
                    '{stage="poll",outcome!="polled"}[$__rate_interval]))',
                    "{{outcome}}",
                ),
            ),
            "cps",
        ),
        Panel(
            "What was decided",
            "Do reports fit storylines?",
            (
                Query(
                    "max by (outcome) (rate(nightdesk_account_messages_total"
                    '{stage="decide",outcome=~"fits|possible|not"}[$__rate_interval]))',
                    "{{outcome}}",
                ),
            ),
            "cps",
        ),
        Panel(
            "Feeds by health",
            "Which trouble do feeds have?",
            (Query("max by (health) (nightdesk_feeds) > 0", "{{health}}"),),
        ),
        Panel(
            "From published to alerted, median",
            "How old is news when it reaches us?",
            (Query(_QUANTILE.format(q="0.5"), "{{step}}"),),
            "s",
        ),
        Panel(
            "From published to alerted, nine in ten",
            "And the slow ones?",
            (Query(_QUANTILE.format(q="0.9"), "{{step}}"),),
            "s",
        ),
        Panel(
            "Candidate storylines",
            "What is told by many and followed by nobody?",
            (Query("max by (state) (nightdesk_emerging_offers)", "{{state}}"),),
        ),
        Panel(
            "Lines dropped in an hour",
            "Is boilerplate dropped as ever, or suddenly much more?",
            (Query("sum by (rule) (increase(nightdesk_boilerplate_lines_total[1h]))", "{{rule}}"),),
            width=24,
        ),
    ),
    "Stream": (
        Panel(
            "Messages that wait",
            "Does a stage fall behind?",
            (Query("sum by (topic) (nightdesk_topic_lag_messages)", "{{topic}}"),),
        ),
        Panel(
            "Age of the last commit",
            "Does a stage stand still?",
            (Query("max by (topic) (nightdesk_topic_commit_age_seconds)", "{{topic}}"),),
            "s",
        ),
        Panel(
            "Under way between stages",
            "Does anything go missing on the way?",
            (
                Query(
                    'min by (identity) (nightdesk_account_imbalance_messages{scope="between"})',
                    "{{identity}}",
                ),
            ),
        ),
        Panel(
            "Batches, nine in ten",
            "How long do transactions take?",
            (
                Query(
                    "histogram_quantile(0.9, sum by (stage, le) "
                    "(rate(nightdesk_stage_batch_seconds_bucket[$__rate_interval])))",
                    "{{stage}}",
                ),
            ),
            "s",
        ),
        Panel(
            "Messages in a batch, mean",
            "Are stages pressed?",
            (
                Query(
                    "sum by (stage) (rate(nightdesk_stage_batch_messages_sum[$__rate_interval]))"
                    " / sum by (stage) (rate(nightdesk_stage_batch_messages_count[$__rate_interval]))",
                    "{{stage}}",
                ),
            ),
        ),
        Panel(
            "Outbox",
            "Does the broker take what we send?",
            (Query("nightdesk_outbox_pending_messages", "{{instance}}"),),
        ),
    ),
    "Telling people": (
        Panel(
            "Deliveries ended",
            "Are people told?",
            (
                Query(
                    "max by (outcome) (rate(nightdesk_account_messages_total"
                    '{stage="deliveries"}[$__rate_interval]))',
                    "{{outcome}}",
                ),
            ),
            "cps",
        ),
        Panel(
            "Notifications by occasion",
            "Why are people told when they are, and how much waits?",
            (
                Query(
                    "sum by (occasion) (rate(nightdesk_notifications_total[$__rate_interval]))",
                    "{{occasion}}",
                ),
                Query('max(nightdesk_deliveries{state="held"})', "held"),
            ),
        ),
        Panel(
            "Attempts by outcome",
            "How do receivers fail?",
            (
                Query(
                    "sum by (channel, outcome) "
                    "(rate(nightdesk_delivery_attempt_seconds_count[$__rate_interval]))",
                    "{{channel}} {{outcome}}",
                ),
            ),
            "cps",
        ),
        Panel(
            "Receivers left alone",
            "Which receivers fail so often that they are tried now and then only?",
            (Query("nightdesk_delivery_breakers_open", "{{instance}}"),),
        ),
        Panel(
            "Attempts, nine in ten",
            "Which channel is slow?",
            (
                Query(
                    "histogram_quantile(0.9, sum by (channel, le) "
                    "(rate(nightdesk_delivery_attempt_seconds_bucket[$__rate_interval])))",
                    "{{channel}}",
                ),
            ),
            "s",
        ),
        Panel(
            "Fetching feeds, nine in ten",
            "Is the network slow, and do polls begin when they are due?",
            (
                Query(
                    "histogram_quantile(0.9, sum by (outcome, le) "
                    "(rate(nightdesk_feed_fetch_seconds_bucket[$__rate_interval])))",
                    "{{outcome}}",
                ),
                Query(
                    "histogram_quantile(0.9, sum by (le) "
                    "(rate(nightdesk_feed_poll_lateness_seconds_bucket[$__rate_interval])))",
                    "late",
                ),
            ),
            "s",
        ),
        Panel(
            "Pages read in an hour",
            "Do feeds of teasers get the text of their articles?",
            (
                Query(
                    "sum by (outcome) (increase(nightdesk_pages_total[1h]))",
                    "{{outcome}}",
                ),
            ),
        ),
        Panel(
            "Pushes in an hour",
            "Do hubs push what they promised, and is any of it lost?",
            (
                Query(
                    "sum by (outcome) (increase(nightdesk_websub_pushes_total[1h]))",
                    "{{outcome}}",
                ),
                Query(
                    "max by (state) (nightdesk_websub_subscriptions)",
                    "subscriptions {{state}}",
                ),
            ),
        ),
        Panel(
            "Requests of the API in an hour",
            "Does anybody try tokens, ask too often, or meet faults of ours?",
            (
                Query(
                    "sum by (outcome) (increase(nightdesk_api_requests_total[1h]))",
                    "{{outcome}}",
                ),
            ),
        ),
        Panel(
            "Readers of events",
            "How many listen, and is anybody too slow?",
            (
                Query("sum(nightdesk_api_event_clients)", "connected"),
                Query(
                    "sum(increase(nightdesk_api_event_clients_dropped_total[1h]))",
                    "dropped in an hour",
                ),
            ),
        ),
        Panel(
            "New dead letters in an hour",
            "What cannot be used, and why?",
            (
                Query(
                    "sum by (stage, reason) (increase(nightdesk_dead_letters_total[1h]))",
                    "{{stage}} {{reason}}",
                ),
            ),
        ),
    ),
}

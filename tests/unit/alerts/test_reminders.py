"""A silence is told of before it ends, under an id of its version."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nightdesk.alerts.reminders import reminder
from schemas import AlertKind, Matcher, Severity, Silence
from tests.support.alerting import NOON

SILENCE = Silence(
    id="fog-week",
    matchers=(Matcher(label="source", value="Harbour Post"),),
    starts_at=NOON,
    ends_at=NOON + timedelta(hours=10),
    author="Mara",
    comment="sensor is broken",
    remind_before=timedelta(hours=1),
)


@pytest.mark.parametrize(("hours", "due"), [(0, False), (8.9, False), (9, True), (10, False)])
def test_it_is_due_before_the_end_and_not_after(hours: float, due: bool) -> None:
    assert (reminder(SILENCE, 1, NOON + timedelta(hours=hours)) is not None) is due


def test_it_says_who_and_why() -> None:
    alert = reminder(SILENCE, 1, NOON + timedelta(hours=9))
    assert alert is not None
    assert (alert.kind, alert.silence) == (AlertKind.SILENCE_EXPIRING, "fog-week")
    assert alert.severity is Severity.INFO
    assert alert.reason == "Mara silenced this: sensor is broken"
    assert alert.title == "Silence fog-week ends at 2024-05-17 22:00 UTC"
    other = reminder(SILENCE, 2, NOON + timedelta(hours=9))
    assert other is not None
    assert other.id != alert.id


def test_one_that_asks_for_none_or_has_not_begun_is_not_told_of() -> None:
    none = SILENCE.model_copy(update={"remind_before": None})
    long = SILENCE.model_copy(update={"remind_before": timedelta(days=9)})
    assert reminder(none, 1, NOON + timedelta(hours=9)) is None
    assert reminder(long, 1, NOON - timedelta(hours=1)) is None
    assert reminder(long, 1, NOON) is not None

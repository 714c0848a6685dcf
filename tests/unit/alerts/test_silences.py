"""Silences: their interval is half open, and every matcher must hold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nightdesk.alerts.labels import Labelled
from nightdesk.alerts.silences import in_force, silenced_by
from schemas import Alert, AlertKind, Matcher, Silence
from tests.support.alerting import NOON, make_alert


def make_silence(*matchers: tuple[str, str]) -> Silence:
    return Silence(
        id="s",
        matchers=tuple(Matcher(label=label, value=value) for label, value in matchers),
        starts_at=NOON,
        ends_at=NOON + timedelta(hours=1),
        author="Ines",
        comment="quiet please",
    )


def matches(silence: Silence, alert: Alert) -> bool:
    return Labelled(alert, (), "desk").fulfils(silence.matchers)


@pytest.mark.parametrize(
    ("minutes", "expected"), [(-1, False), (0, True), (59, True), (60, False), (61, False)]
)
def test_the_first_moment_is_inside_and_the_last_is_not(minutes, expected):
    silence = make_silence(("storyline", "patrol-denial"))
    moment = NOON + timedelta(minutes=minutes)
    assert in_force(silence, moment) is expected
    assert (
        silenced_by([silence], Labelled(make_alert(), (), "desk"), moment) is silence
    ) is expected


@pytest.mark.parametrize(
    ("matcher", "expected"),
    [
        (("storyline", "patrol-denial"), True),
        (("storyline", "patrol"), False),
        (("kind", "grown"), True),
        (("kind", "revision"), False),
        (("subscription", "desk"), True),
        (("subscription", "night"), False),
        (("source", "Harbour Post"), True),
        (("source", "harbour post"), False),
    ],
)
def test_each_label_holds_where_the_alert_has_that_value(matcher, expected):
    alert = make_alert(kind=AlertKind.GROWN)
    assert matches(make_silence(matcher), alert) is expected


def test_all_matchers_must_hold():
    silence = make_silence(("storyline", "patrol-denial"), ("kind", "revision"))
    assert not matches(silence, make_alert())
    assert matches(silence, make_alert(kind=AlertKind.REVISION))


def test_a_silenced_source_does_not_hide_another_that_tells_the_same():
    silence = make_silence(("source", "A"))
    assert matches(silence, make_alert(sources=("A", "A")))
    assert not matches(silence, make_alert(sources=("A", "B")))

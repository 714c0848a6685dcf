"""What an alert adds is told the same on every channel, and hostile words stay harmless."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from nightdesk.delivery.console import render
from nightdesk.delivery.wording import (
    added_in_words,
    contradictions_in_words,
    kind_in_words,
    occasion_in_words,
    rate_in_words,
    state_in_words,
)
from nightdesk.web.atom import atom_feed
from schemas import AlertKind, AlertState, Claim, Contradiction, Novelty, Occasion, Rate
from tests.support.alerting import (
    NOON,
    make_alert,
    make_alert_of,
    make_feed_alert,
    make_notice,
    make_subscription,
)

FACTS = Novelty(
    share=0.4,
    figures=("12 killed", "$3 million", "30 %", "7 ships"),
    actors=("Ashton Carter",),
    quote="The pier burned down",
)


def test_figures_and_names_are_told_the_first_of_each() -> None:
    alert = make_alert(kind=AlertKind.GROWN, novelty=FACTS)
    said = "adds: 12 killed, $3 million, 30 %; names Ashton Carter"
    assert added_in_words(alert) == said
    assert f"  {said}\n" in render(make_notice(alert), io.StringIO())
    feed = atom_feed(make_subscription(), [alert], address="http://x/", since=NOON)
    assert said in feed.decode()


def test_without_figures_and_names_the_weightiest_new_sentence_is_quoted() -> None:
    told = FACTS.model_copy(update={"figures": (), "actors": ()})
    assert added_in_words(make_alert(novelty=told)) == "adds: “The pier burned down”"
    assert added_in_words(make_alert(novelty=Novelty(share=0.0))) == ""


def test_more_of_the_same_and_the_first_alert_add_nothing() -> None:
    assert added_in_words(make_alert()) == ""
    same = make_alert(kind=AlertKind.MORE_OF_THE_SAME, novelty=FACTS)
    assert added_in_words(same) == ""
    assert kind_in_words(same.kind) == "More of the same"
    assert "MORE OF THE SAME" in render(make_notice(same), io.StringIO())


def test_every_kind_has_a_word_and_a_style() -> None:
    for kind in AlertKind:
        assert kind_in_words(kind).upper() in render(
            make_notice(make_alert_of(kind)), io.StringIO()
        )


def test_trouble_with_a_feed_is_told_the_same_on_every_channel() -> None:
    alert = make_feed_alert(over_at=None)
    stands = (
        "since 2024-05-17 10:00 UTC; 4 failed polls in a row; last read 2024-05-17 09:00 UTC; "
        "last new 2024-05-17 07:00 UTC"
    )
    shown = render(make_notice(alert), io.StringIO())
    feed = atom_feed(make_subscription(), [alert], address="http://x/", since=NOON).decode()
    for said in (stands, "Harbour Post", "answered with 503", "hint: tell the publisher"):
        assert said in shown
        assert said.replace("'", "&#x27;") in feed or said in feed
    assert "source" not in shown
    assert "<ul>" not in feed


def test_what_is_over_says_from_when_to_when_and_what_was_never_read_says_so() -> None:
    over = make_feed_alert(kind=AlertKind.FEED_RECOVERED, over_at=NOON, failures=0, hint="")
    said = "from 2024-05-17 10:00 UTC to 2024-05-17 12:00 UTC"
    assert f"  {said} (" in render(make_notice(over), io.StringIO())
    assert "hint" not in render(make_notice(over), io.StringIO())
    new = make_feed_alert(last_success_at=None, last_new_at=None)
    assert "never read yet" in render(make_notice(new), io.StringIO())


def test_an_outage_names_its_first_feeds_and_counts_the_others() -> None:
    names = [f"f{number}" for number in range(7)]
    said = render(make_notice(make_feed_alert(scope="network", feeds=names)), io.StringIO())
    assert "Our network" in said
    assert "7 feeds: f0, f1, f2, f3, f4 and 2 more" in said
    assert "harbour.example" in render(make_notice(make_feed_alert(scope="host")), io.StringIO())


def test_hostile_facts_move_no_cursor() -> None:
    nasty = Novelty(share=1.0, figures=("12\x1b[2J",), actors=("\u202eX" * 400,), quote="\x07")
    said = added_in_words(make_alert(novelty=nasty))
    assert not set("\x1b\u202e\x07") & set(said)
    assert len(said) < 200


def test_where_sources_differ_is_told_on_every_channel() -> None:
    differ = Contradiction(
        what="killed",
        claims=(
            Claim(figure="12 killed", sources=("Tide",)),
            Claim(figure="at least 17 people", sources=("Herald", "Post", "Wire", "Ledger")),
        ),
    )
    alert = make_alert(kind=AlertKind.GROWN, contradictions=(differ,))
    said = "sources differ on killed: 12 killed (Tide), at least 17 people (Herald, Post, Wire, …)"
    assert contradictions_in_words(alert) == said
    assert said in render(make_notice(alert), io.StringIO())
    feed = atom_feed(make_subscription(), [alert], address="http://x/", since=NOON)
    assert said in feed.decode()
    assert contradictions_in_words(make_alert()) == ""


def test_state_and_rate_are_told_where_the_kind_does_not_say_them() -> None:
    quiet = make_alert(
        kind=AlertKind.GONE_QUIET,
        state=AlertState.QUIET,
        rate=Rate(reports=0, hours=12, expected=6),
    )
    said = render(make_notice(quiet), io.StringIO())
    assert "1 source: Harbour Post; quiet" in said
    assert "no reports in 12 h, where 6 are usual" in said
    surge = make_alert(kind=AlertKind.SURGE, rate=Rate(reports=9, hours=6, expected=1.5))
    assert rate_in_words(surge) == "9 reports in 6 h, where 1.5 are usual"
    slow = make_alert(kind=AlertKind.SURGE, rate=Rate(reports=1, hours=6.25, expected=0.0449))
    assert rate_in_words(slow) == "1 report in 6.2 h, where 0.04 are usual"
    assert rate_in_words(make_alert()) == ""
    assert state_in_words(make_alert(state=AlertState.REOPENED)) == "reopened"
    assert state_in_words(make_alert(state=AlertState.DEVELOPING)) == ""


def test_what_is_about_no_storyline_says_what_it_is_about() -> None:
    emerging = render(make_notice(make_alert_of(AlertKind.EMERGING)), io.StringIO())
    assert "No storyline yet" in emerging
    assert "%" not in emerging, "nothing asks for it: it fits nothing"
    silence = render(make_notice(make_alert_of(AlertKind.SILENCE_EXPIRING)), io.StringIO())
    assert "Silence fog-week" in silence
    assert "0 independent sources" not in silence


@pytest.mark.parametrize("occasion", Occasion)
def test_each_occasion_is_told_and_a_test_says_so_first(occasion) -> None:
    notice = make_notice(occasion=occasion, note="because\nof that")
    said = occasion_in_words(notice)
    assert said.endswith("because of that")
    assert said.startswith("TEST: ") is (occasion is Occasion.TEST)
    assert said in render(notice, io.StringIO())


def test_an_alert_by_itself_needs_no_word_and_what_is_missing_is_told() -> None:
    notice = make_notice()
    assert occasion_in_words(notice) == ""
    again = make_notice(occasion="repeat", repeat=2)
    assert occasion_in_words(again) == "Again: told twice before"
    lost = replace(notice, missing=3)
    assert occasion_in_words(lost) == "3 more are not in the archive any more"
    two = make_notice(make_alert(), make_alert(identity="b"), occasion="group")
    assert occasion_in_words(two) == "Together: 2 alerts"
    shown = render(two, io.StringIO())
    assert "alert alert-1, change 1" in shown
    assert "alert b, change 1" in shown

"""Definitions that break their contracts: each fault is told with place, words and hint."""

from __future__ import annotations

import pytest

from nightdesk.bundles.load import parse
from tests.unit.bundles.support import check, edited, only


@pytest.mark.parametrize(
    ("before", "after", "where", "message", "hint"),
    [
        (
            "url: https://h",
            "ulr: https://h",
            "feeds[0].ulr",
            "unknown field `ulr`",
            "did you mean `url`?",
        ),
        ("    source: Harbour Wire\n", "", "feeds[0]", "`source` is missing", "add `source:`"),
        (
            "interval: 5m",
            "interval: 5 minutes",
            "feeds[0].interval",
            "not a duration",
            "write a number",
        ),
        ("interval: 5m", "interval: 300", "feeds[0].interval", "should be a length of time", "90s"),
        (
            "interval: 5m",
            "interval: 0s",
            "feeds[0].interval",
            "polling more often",
            "docs/bundles.md",
        ),
        (
            "https://harbour.example/rss",
            "harbour.example/rss",
            "feeds[0].url",
            "not a web",
            "write a full",
        ),
        ("harbour-wire", "Harbour Wire!", "feeds[0].id", "not a name", "harbour-wire"),
        ("source: Harbour Wire", "source: 7", "feeds[0].source", "should be text", "quotes"),
        (
            "source: Harbour Wire",
            "source: ''",
            "feeds[0].source",
            "must not be empty",
            "say something",
        ),
        (
            "kind: saga",
            "kind: sage",
            "storylines[0].kind",
            "'sage' is not one of",
            "did you mean saga?",
        ),
        (
            "kind: saga",
            "enabled: yes",
            "storylines[0].enabled",
            "should be true or false",
            "without quotes",
        ),
        (
            "[dock workers, UDW]",
            "UDW",
            "storylines[0].entities[0].any_of",
            "should be a list",
            "a dash",
        ),
        (
            "[dock workers, UDW]",
            "[]",
            "storylines[0].entities[0].any_of",
            "must not be empty",
            "at least one",
        ),
        (
            "[dock workers, UDW]",
            "[UDW, 7]",
            "storylines[0].entities[0].any_of[1]",
            "should be text",
            "quotes",
        ),
        (
            "[football]",
            "[football]\n      suporting: []",
            "storylines[0].cues.suporting",
            "unknown",
            "supporting",
        ),
        (
            "T00:00:00+01:00",
            "T00:00:00",
            "storylines[1].window.since",
            "should be a time with a zone",
            "Z",
        ),
        ("T00:00:00+01:00", "", "storylines[1].window.since", "not a time", "2026-01-31T18:00:00Z"),
        (
            "channel: console",
            "channel: pager",
            "subscriptions[0].receivers[0]",
            "'pager' is not",
            "console",
        ),
        (
            "channel: console",
            "name: x",
            "subscriptions[0].receivers[0]",
            "`channel` is missing",
            "atom",
        ),
        (
            "- channel: console",
            "- console",
            "subscriptions[0].receivers[0]",
            "should be a mapping",
            "indented",
        ),
        (
            "{label: storyline",
            "{label: story",
            "silences[0].matchers[0].label",
            "'story' is not",
            "storyline",
        ),
        (
            "2026-03-02T10",
            "2026-02-02T10",
            "silences[0]",
            "the silence ends before",
            "`starts_at` must",
        ),
        ("comment: The", "commnet: The", "silences[0]", "`comment` is missing", "add `comment:`"),
    ],
)
def test_a_wrong_field(before: str, after: str, where: str, message: str, hint: str) -> None:
    loaded = edited(before, after)
    assert loaded.bundle is None
    [problem] = [p for p in loaded.errors if p.where == where][:1]
    assert problem.message.startswith(message)
    assert hint in problem.hint


def test_the_place_is_that_of_the_value_or_of_the_unknown_key() -> None:
    wrong = edited("kind: saga", "kind: sage").errors[0]
    assert (wrong.line, wrong.column) == (10, 11)
    unknown = edited("kind: saga", "knid: saga").errors[0]
    assert (unknown.line, unknown.column) == (10, 5)


def test_a_receivers_channel_is_no_step_of_the_place() -> None:
    loaded = check(
        """
        subscriptions:
          - id: s
            receivers:
              - channel: webhook
                url: ftp://x
                secert_env: X
              - channel: webhook
                name: second
                url: http://x.example
        """
    )
    assert [(p.where, p.line) for p in loaded.errors] == [
        ("subscriptions[0].receivers[0].url", 6),
        ("subscriptions[0].receivers[0].secert_env", 7),
        ("subscriptions[0].receivers[1]", 8),
    ]
    assert loaded.errors[1].hint == "did you mean `secret_env`?"
    assert "give one of `secret_env`" in loaded.errors[2].hint


def test_bounds_and_what_is_left_empty_are_told_with_their_mend() -> None:
    text = "storylines:\n- {id: a, title: A, entities: [{name: N, any_of: [NN], weight: %s}]}"
    for weight, said, hint in (
        ("0", "should be more than 0, not 0", "write a larger number"),
        ("99", "should be at most 10, not 99", "write a smaller number"),
    ):
        [problem] = check(text % weight).errors
        assert (problem.message, problem.hint) == (said, hint)
    entity = "storylines:\n- {id: a, title: A, description: d, entities: [%s]}"
    assert check(entity % "5").errors[0].hint.startswith("put it in quotes if it is meant as text")
    assert check(entity % "' '").errors[0].hint == "say something, or remove it"


def test_digits_in_quotes_are_no_time() -> None:
    problem = only(edited("since: 2026-01-01T00:00:00+01:00", "since: '2026'"))
    assert problem.message == "not a time: '2026'"
    assert problem.where == "storylines[1].window.since"


def test_an_item_that_is_no_mapping_is_told() -> None:
    problem = only(check("feeds:\n  - harbour"))
    assert problem.message == "should be a mapping of fields, not the text 'harbour'"


def test_a_section_with_nothing_below_it_is_empty() -> None:
    loaded = check("feeds:\nsilences:\nstorylines:\n  - {id: a, title: A, entities: [UDW]}\n")
    assert loaded.bundle is not None
    assert loaded.bundle.feeds == ()


def test_a_problem_prints_as_one_would_click_it() -> None:
    assert str(edited("kind: saga", "kind: sage").errors[0]) == (
        "b.yaml:10:11: error: storylines[0].kind: 'sage' is not one of the choices\n"
        "  hint: did you mean saga? Possible are event, saga"
    )


@pytest.mark.parametrize(
    ("field", "said", "hint"),
    [
        ('quiet_hours: [{start: "22:00", end: "25:00"}]', "not a time of day: '25:00'", "07:30"),
        ("digest: {at: noon}", "not a time of day: 'noon'", "07:30"),
        (
            "receivers: [{channel: mail, to: [a b@c], sender: x@y.org, host: h}]",
            "not a mail address: 'a b@c'",
            "desk@example.org",
        ),
        (
            "mute_times: [{weekdays: [caturday], zone: UTC}]",
            "not one of the choices",
            "saturday",
        ),
        ("quiet_hours: [{start: '00:00', end: '24:00', passes: null}]", "never end", "enabled"),
        ("digest: {every: week, at: '07:00'}", "names its day", ""),
        (
            "inhibit: [{by: [{label: state, value: loud}], holds: [{label: kind, value: grown}]}]",
            "no state of an alert `loud`",
            "quiet",
        ),
    ],
)
def test_what_says_when_is_wrong_is_told_with_its_mend(field, said, hint):
    receivers = "" if field.startswith("receivers") else ", receivers: [{channel: console}]"
    text = f"subscriptions:\n  - {{id: a, {field}{receivers}}}\n"
    told = [problem for problem in parse(text).errors if said in problem.message]
    assert len(told) == 1, parse(text).errors
    assert hint in told[0].hint


@pytest.mark.parametrize(
    ("wishes", "storylines", "warned"),
    [
        ("", 10, True),
        ("", 9, False),
        (", min_severity: info", 10, True),
        (", tags: [sea]", 10, False),
        (", rate_limit: {most: 5}", 10, False),
        (", enabled: false", 10, False),
    ],
)
def test_a_subscription_that_matches_everything_is_warned_of(wishes, storylines, warned):
    lines = [
        f"  - {{id: s{n}, title: Ferry {n}, description: Ferry {n} was held, tags: [sea]}}"
        for n in range(storylines)
    ]
    text = "\n".join(
        [
            "storylines:",
            *lines,
            "subscriptions:",
            f"  - {{id: a, receivers: [{{channel: console}}]{wishes}}}",
            "",
        ]
    )
    said = [w.message for w in parse(text).warnings if "nothing bounds how many" in w.message]
    assert bool(said) is warned

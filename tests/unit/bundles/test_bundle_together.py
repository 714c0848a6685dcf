"""Definitions that are sound by themselves and wrong together, useless, or over."""

from __future__ import annotations

import pytest

from tests.unit.bundles.support import GOOD, check, edited, only


def test_repeated_ids_name_the_first() -> None:
    problem = only(
        check(
            """
            feeds:
              - {id: a, url: "http://a.example", source: A}
              - {id: a, url: "http://b.example", source: B}
            """
        )
    )
    assert problem.where == "feeds[1].id"
    assert problem.message == "`a` is the id of feeds[0] already"


def test_one_id_may_serve_in_two_sections() -> None:
    assert edited("id: night\n", "id: port-strike\n").problems == ()


@pytest.mark.parametrize(
    ("before", "after", "message", "hint"),
    [
        ("rivals: [rail-strike]", "rivals: [rial-strike]",
         "there is no storyline `rial-strike`", "did you mean `rail-strike`?"),
        ("value: port-strike", "value: x", "there is no storyline `x`", "declare"),
        ("{label: storyline, value: port-strike}", "{label: subscription, value: nigth}",
         "there is no subscription `nigth`", "did you mean `night`?"),
        ("{label: storyline, value: port-strike}", "{label: kind, value: new}",
         "there is no kind of alert `new`", "new_development"),
        ("{label: storyline, value: port-strike}", "{label: feed, value: harbour-wier}",
         "there is no feed `harbour-wier`", "did you mean `harbour-wire`?"),
        ("    tags: [labour]\n    receivers", "    tags: [labour]\n    feeds: [wire]\n    receivers",
         "there is no feed `wire`", "declare the feed"),
    ],
)  # fmt: skip
def test_unknown_names_are_errors(before: str, after: str, message: str, hint: str) -> None:
    problem = only(edited(before, after))
    assert problem.severity == "error"
    assert problem.message == message
    assert hint in problem.hint


def test_a_file_wrong_throughout_is_told_of_in_bounded_time() -> None:
    storylines = "".join(
        f"  - {{id: s-{n}, title: T, entities: [UDW], rivals: [x-{n}]}}\n" for n in range(400)
    )
    errors = check(f"storylines:\n{storylines}").errors
    assert len(errors) == 400
    assert sum("did you mean" in problem.hint for problem in errors) == 20


def test_names_that_the_archive_knows_are_known() -> None:
    text = GOOD.replace("rivals: [rail-strike]", "rivals: [tram-strike]")
    assert check(text).errors
    assert check(text, known={"storylines": {"tram-strike"}}).problems == ()


def test_a_feed_of_many_publishers_is_known_as_one() -> None:
    url = "https://news.google.com/rss/search?q=lamps"
    line = f"  - {{id: many, url: '{url}', source: Many}}\n"
    text = GOOD.replace("storylines:\n", f"{line}storylines:\n")
    (problem,) = check(text).problems
    assert (problem.where, problem.severity) == ("feeds[1].url", "warning")
    declared = text.replace("source: Many", "source: Many, aggregator: true")
    assert check(declared).problems == ()
    # Whoever they are, a storyline may name one of them.
    one_of_them = declared.replace("rivals:", "sources: [The Herald]\n    rivals:")
    assert "The Herald" in one_of_them
    assert check(one_of_them).problems == ()


@pytest.mark.parametrize("login", ["me:s3cret", "s3cret", ":s3cret", "a@b:s3cret"])
def test_a_login_in_a_url_is_refused_unless_it_is_polled_already(login: str) -> None:
    url = f"https://{login}@shut.example/rss"
    text = GOOD.replace(
        "storylines:\n", f"  - {{id: shut, url: '{url}', source: T}}\nstorylines:\n"
    )
    (problem,) = check(text).problems
    assert (problem.where, problem.severity) == ("feeds[1].url", "error")
    assert "access" in problem.hint
    assert "s3cret" not in problem.message + problem.hint
    (problem,) = check(text, logins={url}).problems
    assert problem.severity == "warning"
    assert check(text, logins={url.replace("s3cret", "0ther")}).errors


@pytest.mark.parametrize(
    "url",
    [
        "https://harbour.example/rss",
        "http://HARBOUR.example:80/rss",
        "https://harbour.example:443/rss#top",
    ],
)
def test_two_feeds_with_one_url(url: str) -> None:
    twin = f"  - id: twin\n    url: {url}\n    source: T\nstorylines:\n"
    problem = only(edited("storylines:\n", twin))
    assert problem.where == "feeds[1].url"
    assert "`harbour-wire` polls this URL already" in problem.message


def test_a_disabled_twin_and_another_query_are_fine() -> None:
    more = (
        "  - {id: t, url: 'https://harbour.example/rss', source: T, enabled: false}\n"
        "  - {id: u, url: 'https://harbour.example/rss?desk=world', source: T}\nstorylines:\n"
    )
    assert edited("storylines:\n", more).problems == ()


def test_a_subscription_that_takes_nothing_is_warned_of() -> None:
    loaded = edited("tags: [labour]\n    receivers", "tags: [labor]\n    receivers")
    assert loaded.bundle is not None
    assert [p.where for p in loaded.warnings] == [
        "storylines[0]",
        "storylines[1]",
        "subscriptions[0]",
    ]
    assert "labour" in loaded.warnings[-1].hint


def test_a_storyline_that_nobody_takes_is_warned_of() -> None:
    problem = only(
        edited("tags: [labour]\n    receivers", "storylines: [port-strike]\n    receivers")
    )
    assert problem.message == "no subscription takes the storyline `rail-strike`"
    assert problem.severity == "warning"


def test_a_subscription_to_disabled_storylines_is_warned_of() -> None:
    loaded = check(
        """
        storylines:
          - {id: a, title: A, entities: [UDW], enabled: false}
          - {id: b, title: B, entities: [UDW]}
        subscriptions:
          - {id: s, storylines: [a], receivers: [{channel: console}]}
          - {id: t, storylines: [b], receivers: [{channel: console}]}
        """
    )
    assert only(loaded).message == "every storyline that the subscription takes is disabled"
    assert only(loaded).where == "subscriptions[0]"


def test_everything_disabled_is_warned_of() -> None:
    assert only(edited("interval: 5m", "enabled: false")).message == "all feeds are disabled"


def test_unknown_sources_are_warned_of_only_where_all_feeds_are_known() -> None:
    problem = only(
        edited("tags: [labour]\n  - id", "sources: [Harbor Wire]\n    tags: [labour]\n  - id")
    )
    assert problem.severity == "warning"
    assert problem.hint == "did you mean `Harbour Wire`?"
    alone = "storylines:\n  - {id: a, title: A, entities: [UDW], sources: [Elsewhere]}\n"
    assert check(alone).problems == ()


def test_a_source_that_is_empty_would_let_no_report_in() -> None:
    [problem] = check("storylines:\n- {id: a, title: A, entities: [UDW], sources: ['']}").errors
    assert problem.where == "storylines[0].sources[0]"
    assert "no report comes from there" in problem.message


def test_a_language_that_is_no_code_is_an_error() -> None:
    problem = only(edited("rivals:", "languages: [en, English]\n    rivals:"))
    assert problem.where == "storylines[0].languages[1]"
    assert problem.severity == "error"
    assert problem.hint == "write `en` for English"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("ends_at: 2026-03-02", "ends_at: 2026-03-01T11:00:00Z #", "the silence `maintenance` ended"),
        ("ends_at: 2026-03-02", "ends_at: 2027-03-02", "holds alerts back until 2027-03-02"),
        ("since: 2026-01-01T00:00:00+01:00", "until: 2026-01-01T00:00:00+01:00", "the window closed"),
        ("since: 2026-01-01T00:00:00+01:00", "since: 2062-01-01T00:00:00+01:00", "more than a year"),
    ],
)  # fmt: skip
def test_what_has_run_out_is_warned_of(before: str, after: str, message: str) -> None:
    problem = only(edited(before, after))
    assert problem.severity == "warning"
    assert message in problem.message


@pytest.mark.parametrize(
    ("after", "where", "message"),
    [
        ("until: 2026-12-31T00:00:00Z", "window", "364 days long, and an event is over in days"),
        ("until: 2025-12-31T23:30:00Z", "window", "open for 30m only"),
    ],
)
def test_a_window_that_does_not_suit_its_storyline_is_warned_of(
    after: str, where: str, message: str
) -> None:
    begin = "since: 2026-01-01T00:00:00+01:00"
    text = GOOD.replace(begin, f"{begin}\n      {after}\n    kind: event")
    loaded = check(text, now=None)
    assert only(loaded).where == f"storylines[1].{where}"
    assert message in only(loaded).message
    assert only(loaded).severity == "warning"


def test_a_window_that_ends_before_it_begins_is_an_error() -> None:
    begin = "since: 2026-01-01T00:00:00+01:00"
    problem = only(edited(begin, f"{begin}\n      until: 2025-12-31T00:00:00Z"))
    assert problem.severity == "error"
    assert problem.where == "storylines[1].window"
    assert problem.hint == "`since` must be before `until`"


def test_a_gap_of_no_time_would_raise_an_alert_for_each_report() -> None:
    assert "raise a new alert" in only(edited("kind: saga", "development_gap: 0s")).message


def test_without_a_time_nothing_runs_out() -> None:
    text = GOOD.replace("ends_at: 2026-03-02", "ends_at: 2026-03-01T11:00:00Z #")
    assert check(text, now=None).problems == ()


FEED_DESK = """\
  - id: feed-desk
    kinds: [feed_broken, feed_quiet, feed_recovered]
    tags: [wires]
    receivers:
      - channel: console
silences:
"""


def test_a_subscription_to_feeds_alone_is_sound_and_hears_no_storyline() -> None:
    assert edited("silences:\n", FEED_DESK).problems == ()
    alone = GOOD.replace("silences:\n", FEED_DESK).replace("tags: [labour]\n    receivers", "X")
    alone = alone.replace("    X", "    feeds: [harbour-wire]\n    receivers")
    messages = [problem.message for problem in check(alone).problems]
    assert messages == [
        "no subscription takes the storyline `port-strike`",
        "no subscription takes the storyline `rail-strike`",
    ]


@pytest.mark.parametrize(
    ("kinds", "feeds", "message"),
    [
        (
            "feed_broken, feed_quiet",
            "harbour-wire",
            "nobody will be told when a feed is well again",
        ),
        ("grown", "harbour-wire", "the subscription names feeds, but no kind of alert about them"),
    ],
)
def test_a_subscription_to_feeds_that_misses_something_is_warned_of(
    kinds: str, feeds: str, message: str
) -> None:
    text = f"tags: [labour]\n    kinds: [{kinds}, revision]\n    feeds: [{feeds}]\n    receivers"
    problem = only(edited("tags: [labour]\n    receivers", text))
    assert (problem.severity, problem.message) == ("warning", message)

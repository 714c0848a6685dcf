"""Headlines: which of them are the same, which say too little, and which stand for several articles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.feeds.pages.headlines import (
    MOST_HEADLINES,
    Headlines,
    folded,
    is_about_then,
    without_outlet,
)
from nightdesk.feeds.parsed import ParsedEntry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TITLE = "Harbour bridge closed after ferry collision"
URL = "https://post.example/1"


def listed(*titles: str, at: datetime | None = NOON) -> Headlines:
    found = Headlines()
    found.add(
        ParsedEntry(url=f"https://post.example/{number}", title=title, published_at=at)
        for number, title in enumerate(titles, 1)
    )
    return found


def find(
    found: Headlines, title: str, at: datetime | None = NOON, outlet: str = "The Post"
) -> str | None:
    return found.find(title, outlet, at, lambda _: True)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (TITLE, f"{TITLE} - The Post"),
        (f"{TITLE} | The Post", f"{TITLE} - The Post"),
        (f"{TITLE} \u2014 THE POST", TITLE),
        (
            "It\u2019s the harbour\u2019s \u201csecond\u201d fire",
            "It's the harbour's \"second\" fire - The Post",
        ),
        ("Fire &amp; flood at the docks", "Fire & flood at the docks - The Post"),
        ("\ufb01re at the north docks", "Fire at the North Docks"),
        ("Feu au cafe\u0301 du vieux port", "Feu au caf\xe9 du vieux port - The Post"),
        (
            "Semi-final: port \u2013 town \u2013 2:1",
            "Semi\u2010final: port - town - 2:1 - The Post",
        ),
        ("港の橋がフェリー衝突で閉鎖された", "港の橋がフェリー衝突で閉鎖された - The Post"),
    ],
)
def test_the_same_words_are_the_same_headline(theirs: str, ours: str) -> None:
    assert find(listed("Something else was told here", theirs), ours) == "https://post.example/2"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (TITLE, f"{TITLE} again - The Post"),
        (TITLE, f"{TITLE} - The Times"),
        ("Three killed in harbour fire", "Thirty killed in harbour fire"),
        ("Harbour open to all", "Harbour open to all ships"),
        ("Morning briefing", "Morning briefing - The Post"),
        ("港の橋", "港の橋"),
        ("The Post - The Post - The Post", "The Post - The Post"),
        ("", ""),
    ],
)
def test_other_words_or_too_few_are_not(theirs: str, ours: str) -> None:
    assert find(listed(theirs), ours) is None


def test_one_that_is_cut_is_found_by_its_beginning_where_that_is_one_articles_alone() -> None:
    whole = "Harbour bridge closed after ferry collision in thick fog"
    ours = "Harbour bridge closed after ferry collis... - The Post"
    assert find(listed(whole, "Another story of the harbour"), ours) == URL
    assert find(listed(whole, f"{whole} again"), ours) is None
    assert find(listed(whole), "Harbour bridge closed after\u2026 - The Post") is None
    assert find(listed("Harbour bridge closed after all is said\u2026"), whole) is None


@pytest.mark.parametrize(
    ("at", "listed_at", "may_be"),
    [
        (NOON, NOON + timedelta(hours=19), True),
        (NOON, NOON - timedelta(hours=19), True),
        (NOON, NOON + timedelta(hours=21), False),
        (NOON, NOON - timedelta(days=1), False),
        (NOON, None, True),
        (None, NOON, True),
        (NOON, NOON.replace(hour=0), True),
        (NOON + timedelta(hours=23), NOON.replace(hour=0), True),
        (NOON + timedelta(hours=25), NOON.replace(hour=0), False),
        (NOON - timedelta(hours=25), NOON.replace(hour=0), False),
        (NOON, datetime.max.replace(tzinfo=UTC), False),
        (NOON, datetime.min.replace(tzinfo=UTC), False),
    ],
)
def test_what_was_published_at_another_time_is_another_article(
    at: datetime | None, listed_at: datetime | None, may_be: bool
) -> None:
    assert is_about_then(at, listed_at) is may_be


def test_of_several_under_one_headline_the_one_of_the_time_is_taken() -> None:
    found = listed(TITLE, at=NOON - timedelta(days=1))
    today = "https://post.example/today"
    found.add([ParsedEntry(url=today, title=TITLE, published_at=NOON)])
    assert find(found, TITLE) == today
    assert find(found, TITLE, at=None) is None
    found.add([ParsedEntry(url="https://post.example/also", title=TITLE)])
    assert find(found, TITLE) is None


def test_only_what_is_right_counts_and_spellings_of_one_address_are_one() -> None:
    found = Headlines()
    for url in (URL, f"{URL}?utm_source=x", "http://www.post.example/1", "https://evil.example/1"):
        found.add([ParsedEntry(url=url, title=TITLE)])
    assert found.find(TITLE, "", None, lambda url: "evil" not in url) == URL
    assert found.find(TITLE, "", None, lambda _: True) is None


def test_under_what_too_many_are_listed_nothing_is_found_though_the_rest_is_elsewhere() -> None:
    found = Headlines()
    found.add(ParsedEntry(url=f"https://evil.example/{n}", title=TITLE) for n in range(4))
    found.add([ParsedEntry(url=URL, title=TITLE)])
    assert found.find(TITLE, "", None, lambda url: "evil" not in url) == URL
    found.add(ParsedEntry(url=f"{URL}/{n}", title=TITLE) for n in range(9))
    assert found.find(TITLE, "", None, lambda url: url == URL) is None


def test_there_is_no_room_without_end() -> None:
    found = listed(
        *(f"The story of the harbour, part {number}" for number in range(MOST_HEADLINES + 9))
    )
    assert len(found) == MOST_HEADLINES
    found = Headlines()
    found.add(ParsedEntry(url=f"{URL}{number}", title=TITLE) for number in range(10_000))
    assert found.size < 5_000
    assert find(found, TITLE, None) is None
    found = Headlines()
    found.add([ParsedEntry(url=URL + "x" * 2_000, title=TITLE), ParsedEntry(url=None, title=TITLE)])
    assert len(found) == 0


@pytest.mark.parametrize(
    ("title", "outlet", "headline"),
    [
        ("Fire at docks - The Post", "The Post", "Fire at docks"),
        ("Fire - flood - The Post", "The Post", "Fire - flood"),
        ("Fire at docks - The Post - Sport", "The Post - Sport", "Fire at docks"),
        ("Fire at docks \u2013  the post ", "The Post", "Fire at docks"),
        ("Fire at The Post", "The Post", "Fire at The Post"),
        ("Fire at docks - The Post", "", "Fire at docks - The Post"),
        ("Fire at docks-The Post", "The Post", "Fire at docks-The Post"),
    ],
)
def test_the_name_of_the_outlet_is_no_part_of_its_headline(
    title: str, outlet: str, headline: str
) -> None:
    assert without_outlet(title, outlet) == headline


@given(st.text(max_size=80), st.text(max_size=20))
def test_any_title_is_found_under_itself_or_says_too_little(title: str, outlet: str) -> None:
    found = listed(title)
    for ours in (title, f"{title} - {outlet}"):
        taken = found.find(ours, outlet, NOON, lambda _: True)
        assert taken in {None, URL}
    if len(folded(title).split()) >= 6:
        assert found.find(title, "Nobody's", NOON, lambda _: True) == URL


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=4, max_size=9), st.randoms())
def test_case_and_punctuation_never_count_and_words_always_do(
    words: list[str], random: object
) -> None:
    choose = random.choice  # type: ignore[attr-defined]
    marks = [" ", ", ", " \u2013 ", ": ", "\u00a0", "\u2026 ", "' ", " \u201c"]
    spelled = "".join(choose([word, word.upper(), word.title()]) + choose(marks) for word in words)
    assert folded(spelled) == " ".join(words)
    assert folded(" ".join(words[:-1])) != folded(" ".join(words))

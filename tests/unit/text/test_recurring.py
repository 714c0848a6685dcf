"""Lines that recur in a source: what makes boilerplate of one, what never does, and what is forgotten."""

from __future__ import annotations

import struct

import pytest

from nightdesk.text.recurring import (
    FORGOTTEN_AFTER,
    LEAST_ARTICLES,
    LEAST_DAYS,
    LONGEST,
    MOST_LINES,
    LineCounts,
    candidates,
    key_of,
    without,
)

LINE = "Write to our night desk"
PROSE = "More than nine thousand people have left the valley since the dam was closed in spring."


def news(n: int, *more: str, lines: int = 4) -> str:
    """Return an article of lines that stand in no other, with `more` behind them."""
    body = [
        f"What number {n} has to say in its line {at} is said nowhere else." for at in range(lines)
    ]
    return "\n".join([*body, *more])


def count(counts: LineCounts, text: str, day: int, title: str = "A title") -> set[str]:
    return set(counts.count(candidates(text, title), len(text), day).values())


def test_a_line_is_boilerplate_once_it_stood_in_enough_articles_on_enough_days() -> None:
    counts = LineCounts()
    told = [count(counts, news(n, LINE), day=n // 2) for n in range(LEAST_ARTICLES + 2)]
    assert LEAST_DAYS <= LEAST_ARTICLES // 2
    assert told == [set()] * (LEAST_ARTICLES - 1) + [{LINE}] * 3
    one_day = LineCounts()
    assert not any(count(one_day, news(n, LINE), day=7) for n in range(50))


def test_spelling_and_links_do_not_matter_and_letters_do() -> None:
    assert key_of("Read or share: https://a.example/1") == key_of(
        "read or SHARE https://b.example/2"
    )
    assert key_of("* * *") is key_of("2026-03-01") is key_of("") is None
    assert key_of("Page 1") != key_of("Page 2")


@pytest.mark.parametrize(("line", "every", "learned"), [(LINE, 8, True), (LINE, 15, False)])
def test_it_has_to_stand_in_a_tenth_of_all(line: str, every: int, learned: bool) -> None:
    assert _recurs(line, every) is learned


@pytest.mark.parametrize(("every", "learned"), [(2, True), (5, False)])
def test_a_sentence_has_to_stand_in_a_third_of_all(every: int, learned: bool) -> None:
    assert _recurs(PROSE, every) is learned
    assert _recurs(LINE, every)


def _recurs(line: str, every: int) -> bool:
    counts = LineCounts()
    told = [
        count(counts, news(n, *[line] * (n % every == 0)), day=n // 5) for n in range(12 * every)
    ]
    return {line} in told


def test_copies_do_not_count() -> None:
    counts = LineCounts()
    for day in range(FORGOTTEN_AFTER):
        assert count(counts, news(1, LINE, f"A note {day}"), day=day) == set()
    assert counts.articles == 1


def test_what_is_too_long_a_title_or_in_the_middle_is_no_candidate() -> None:
    assert candidates("Ferry sinks!\nOne.", "Ferry sinks") == [(key_of("One."), "One.")]
    assert candidates("w " * LONGEST, "") == []
    text = "\n".join(f"{'long ' * 30}line {n}" for n in range(100))
    assert len(candidates(text, "")) == 18
    assert len(candidates("\n".join(f"line {n}" for n in range(100)), "")) == 38


def test_old_lines_are_met_for_the_first_time() -> None:
    counts = LineCounts()
    for n in range(LEAST_ARTICLES - 1):
        count(counts, news(n, LINE), day=n)
    late = LEAST_ARTICLES + FORGOTTEN_AFTER
    assert count(counts, news(90, LINE), day=late) == set()
    for n in range(1, LEAST_ARTICLES - 1):
        assert count(counts, news(90 + n, LINE), day=late + n) == set()
    assert count(counts, news(99, LINE), day=late + 9) == {LINE}


def test_days_that_come_late_are_no_further_days() -> None:
    counts = LineCounts()
    assert not any(count(counts, news(n, LINE), day=1_000 - n) for n in range(20))


def test_space_is_bounded_and_what_recurs_is_remembered() -> None:
    counts = LineCounts()
    told = set()
    for n in range(400):
        told = count(counts, news(n, *[LINE] * (n % 9 == 0), lines=30), day=n // 20)
        assert len(counts.lines) <= MOST_LINES + 200
        assert len(counts.to_bytes()) < 20_000
    assert told <= {LINE}
    assert key_of(LINE) in counts.lines
    assert count(counts, news(999, LINE), day=21) == {LINE}


def test_what_is_too_old_is_forgotten_first() -> None:
    counts = LineCounts()
    for n in range(30):
        count(counts, news(n, LINE), day=n)
    for n in range(100, 130):
        count(counts, news(n, lines=30), day=60 + FORGOTTEN_AFTER)
    assert key_of(LINE) not in counts.lines


def test_counts_are_read_back_as_they_were() -> None:
    counts = LineCounts()
    for n in range(40):
        count(counts, news(n, LINE), day=700_000 + n)
    again = LineCounts.from_bytes(counts.to_bytes())
    assert again == counts
    assert list(again.lines) == list(counts.lines)
    with pytest.raises(struct.error):
        LineCounts.from_bytes(counts.to_bytes()[:-1])


def drop(text: str, *lines: str, title: str = "A title") -> str:
    keys = {key_of(line) for line in lines}
    kept, gone = without(text, candidates(text, title), keys.__contains__)
    assert gone <= keys
    return kept


def test_lines_go_and_the_others_stay_as_they_were() -> None:
    text = news(1, "", LINE, "", "Last  words,  spaced.")
    assert drop(text, LINE) == text.replace(f"{LINE}\n\n", "")
    assert drop(text, "Something else") is text
    assert drop(f"{LINE.upper()}!\n{text}", LINE) == drop(text, LINE)


def test_a_title_and_what_is_most_of_a_text_stay() -> None:
    assert drop(news(1, LINE), LINE, title=LINE.upper()) == news(1, LINE)
    assert drop(f"It rains.\n{LINE}", LINE) == f"It rains.\n{LINE}"
    several = ("Short line", "A line a bit longer", "A line that is the longest one here")
    text = "\n".join(["News of today, forty characters of it now", *several])
    assert drop(text, *several) == "\n".join(
        ["News of today, forty characters of it now", several[2]]
    )

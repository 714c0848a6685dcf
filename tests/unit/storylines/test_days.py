"""Reports that name the same day, or near ones, have words in common."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.storylines.days import MOST, hints
from nightdesk.storylines.missing import missing
from nightdesk.storylines.nominate import assess_alone, nominate
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.reading import Reading
from nightdesk.text.tokens import Tokens
from tests.unit.storylines.build import NOON, make_article, make_index, make_storyline

MAY_3 = {"may02", "may03", "may04", "=may", "~apr"}


def told(text: str, came: datetime | None = None) -> set[str]:
    return {hint.word for hint in hints(Tokens(text), came)}


def days(text: str) -> list[str]:
    """The first hint of each day, which is the day itself."""
    found = [hint.word for hint in hints(Tokens(text))]
    return found[::5]


@pytest.mark.parametrize(
    "text",
    [
        "May 3", "on May 3rd, 2013", "3 May 2013", "the 3rd of May", "MAY 3 , 2013 10:15 AM",
        "at 10:15 May 3, 2013", "3 de mayo del 2012", "le 3 mai", "am 3. Mai", "3 maja", "3-го мая",
        "3 мая 2012 года", "يوم 3 مايو", "2013年5月3日", "5月3日", "５月３日",
    ],
)  # fmt: skip
def test_a_day_is_told_by_month_and_day_in_many_languages(text: str) -> None:
    assert told(text) == MAY_3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("between May 3, June 5, and 7 July", ["may03", "jun05", "jul07"]),
        ("In 2013, 12 people died on Dec. 31 and on 1 January.", ["dec31", "jan01"]),
        ("on 29 February", ["feb29"]),
        ("1er août, 3. März", ["aug01", "mar03"]),
    ],
)
def test_each_day_of_a_text_is_found_once(text: str, expected: list[str]) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "May", "in May 2013", "they may 300 times", "Feb 30", "June 31", "May 0", "May; 45 dead",
        "knocked out 3 rivals", "won set 2", "mag 5", "月", "月 3", "5 月", "13月3日", "2013-05-03",
        "3/5/2013",
    ],
)  # fmt: skip
def test_what_names_no_day_tells_none(text: str) -> None:
    assert told(text) == set()


def test_near_days_and_those_of_one_month_have_words_in_common() -> None:
    day = told("May 3")
    assert len(day & told("May 4")) == 4
    assert len(day & told("May 5")) == 3
    assert len(day & told("May 14")) == 2
    assert day & told("May 28") == {"=may"}
    assert day & told("April 20") == {"~apr"}
    assert not day & told("June 3")
    assert len(told("December 31") & told("January 1")) == 3


def test_a_day_about_when_the_report_came_is_told_by_itself_alone() -> None:
    came = datetime(2013, 5, 5, 23, 59, tzinfo=UTC)
    assert told("May 3, and again on May 9", came) == {"may03", *told("May 9")}
    new_year = datetime(2013, 12, 31, tzinfo=UTC)
    assert told("on January 1", new_year) == {"jan01"}
    assert told("on January 4", new_year) == told("January 4")


def test_what_came_on_the_leap_day_is_no_trouble() -> None:
    assert told("on March 1", datetime(2012, 2, 29, tzinfo=UTC)) == {"mar01"}


def test_of_a_calendar_the_first_days_are_read() -> None:
    text = " ".join(f"May {day}." for day in range(1, 32))
    assert days(text) == [f"may{day:02}" for day in range(1, MOST + 1)]


@given(
    st.lists(
        st.sampled_from(
            ["may", "May", "3", "31", "32", "of", "de", "2013", "月", "го", "-", "12,"]
        ),
        max_size=12,
    )
)
def test_whatever_is_written_a_hint_stands_where_a_month_and_a_number_do(words: list[str]) -> None:
    tokens = Tokens(" ".join(words))
    for hint in hints(tokens):
        assert 0 <= hint.start < hint.end <= len(tokens)
        said = tokens.words[hint.start : hint.end]
        assert {"may", "月"} & set(said)
        assert any(word.isdigit() for word in said)


def test_a_day_is_weighed_and_counts_as_no_word_that_was_said() -> None:
    rarity, text = shipped_rarity(), "The trial began on May 3 in Salem."
    reading = Reading("", "", text)
    assert set(reading.weights(rarity)[0]) >= MAY_3
    assert not MAY_3 & set(reading.counts)
    assert reading.length == 8


def test_what_is_explained_is_the_day_as_it_is_written() -> None:
    storyline = make_storyline(
        exemplars=[{"text": "The trial of the mayor opened in Salem on May 3, 2013."}]
    )
    index = make_index(storyline)
    text = "A jury heard the mayor of Salem, whose trial began on 3 May."
    article = make_article(text).model_copy(update={"published_at": NOON})
    found = assess_alone(article, index.storylines["s"])
    (span,) = [span for span in found.spans if span.name == "3 may"]
    assert text[span.start : span.end] == "3 May"
    assert all(word not in part.detail for part in found.contributions for word in MAY_3)


def test_a_day_that_is_missing_is_named_once() -> None:
    storyline = make_storyline(exemplars=[{"text": "The trial opened in Salem on May 3."}])
    lacks = missing(make_article("A jury in Salem"), make_index(storyline), "s").words
    assert lacks.count("may 3") == 1
    assert not MAY_3 & set(lacks)


@pytest.mark.parametrize(
    "other",
    [
        "The parliament of Norway will vote on the budget deal that was reached on May 3.",
        "Markets have lost a tenth since their peak of 3 May, traders said.",
    ],
)
def test_a_day_alone_makes_no_report_near(other: str) -> None:
    storyline = make_storyline(
        exemplars=[{"text": "A quake shook Salem on May 3 and many fled the town in fear."}]
    )
    index = make_index(storyline)
    assert not nominate(make_article(other, title="Other news"), index, now=NOON)


def test_days_count_for_no_more_than_the_words_in_common() -> None:
    rarity = shipped_rarity()
    quake = "A quake shook Salem on {} and many fled the town in fear."
    storyline = make_storyline(exemplars=[{"text": quake.format("May 3")}])
    compiled = make_index(storyline).storylines["s"]

    def cosine(text: str) -> float:
        return Reading("", "", text).meets(rarity, compiled.profile)[0]

    def likeness(text: str) -> float:
        (found,) = compiled.shelf.likeness(Reading("", "", text).packed(rarity))
        return float(found)

    for text in (quake.format("May 3"), quake.format("May 9"), "Salem voted on May 3.", "On May 3"):
        assert likeness(text) == pytest.approx(cosine(text), abs=0.002)
    assert cosine(quake.format("May 3")) == pytest.approx(1.0)
    assert cosine("Salem voted on May 3.") < 2 * cosine("Salem voted on Monday.") + 0.05
    assert cosine("On May 3") < 0.15


def test_twins_come_apart_by_the_day_they_name() -> None:
    storyline = make_storyline(
        exemplars=[{"text": "A quake shook Salem on May 3 and many fled the town in fear."}]
    )
    index = make_index(storyline)
    later = NOON + timedelta(days=60)

    def score(day: str) -> float:
        article = make_article(f"People fled Salem in fear when a quake shook the town {day}.")
        article = article.model_copy(update={"published_at": later})
        return assess_alone(article, index.storylines["s"]).score

    assert score("on May 3") > score("on 4 May") > score("on 20 May") > score("on 2 March")

"""In a brief text a country is weighed under one name, however it is mentioned."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nightdesk.storylines.nominate import assess_alone, nominate
from nightdesk.storylines.places import BRIEF, hints, word_of
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.reading import Reading
from nightdesk.text.tokens import Tokens
from tests.unit.storylines.build import NOON, make_article, make_index, make_storyline

LATAKIA = "A car bomb kills at least seven people in the Latakia Governorate."


def told(text: str) -> set[str]:
    return {hint.word for hint in hints(Tokens(text))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LATAKIA, {"syria"}),
        ("Kunduz's governor flees as the city falls.", {"afghanistan"}),
        ("Shelling of Homs and Aleppo goes on.", {"syria"}),
        ("Protesters gather in Kharkiv Oblast.", {"ukraine"}),
        ("The airport of Port-au-Prince is closed.", {"haiti"}),
        ("Iraqi troops near Mosul", {"iraq"}),
        ("Turkish jets, Dutch courts and British envoys", {"turkiye", "holland", "british"}),
        ("London and the United Kingdom", {"british"}),
        ("Envoys fly from Baghdad to Kunduz.", {"iraq", "afghanistan"}),
    ],
)
def test_names_people_and_cities_tell_a_country(text: str, expected: set[str]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The shelling of homs and aleppo goes on.",
        "Washington answers; Clinton and Jackson disagree with Americans.",
        "A Surprise at the Split Mission in Spring.",
        "Governor Aleppo Kunduz speaks.",
        "Congolese troops, of one Congo or the other",
        "",
    ],
)
def test_what_is_common_or_in_doubt_tells_nothing(text: str) -> None:
    assert told(text) == set()


@pytest.mark.parametrize("country", ["GB", "KR", "CI", "TR", "VA", "FJ"])
def test_each_country_has_a_word(country: str) -> None:
    word = word_of(country)
    assert word
    assert " " not in word


def test_a_long_text_is_taken_as_it_is() -> None:
    rarity = shipped_rarity()
    assert "syria" in Reading("", "", LATAKIA.ljust(BRIEF)).weights(rarity)[0]
    assert "syria" not in Reading("", "", LATAKIA.ljust(BRIEF + 1)).weights(rarity)[0]


def test_a_country_that_is_named_already_counts_no_more() -> None:
    rarity = shipped_rarity()
    for text in ("Syria: bomb in Latakia.", "A Syrian bomb in Latakia."):
        weights = Reading("", "", text).weights(rarity)[0]
        assert weights["syria"] == Reading("", "", "Syria's fall").weights(rarity)[0]["syria"]


def test_the_country_is_weighed_and_counts_as_no_word_that_was_said() -> None:
    rarity = shipped_rarity()
    reading = Reading("", "", LATAKIA)
    assert "syria" in reading.weights(rarity)[0]
    assert "syria" in reading.terms(rarity)
    assert "syria" not in reading.counts
    assert reading.length == 12
    assert "syria" not in Reading("", "", LATAKIA.replace("Latakia", "northern")).weights(rarity)[0]


def test_reports_of_one_war_meet_by_their_country_and_the_city_is_quoted() -> None:
    storyline = make_storyline(
        exemplars=[{"text": "Seven die as the Syrian army shells a market."}]
    )
    article = make_article(LATAKIA, title="Blast in the north")
    (candidate,) = nominate(article, make_index(storyline), now=NOON)
    assert candidate.likeness is not None
    assert candidate.likeness.cosine > 0
    index = make_index(storyline)
    spans = assess_alone(article, index.storylines["s"]).spans
    (span,) = [span for span in spans if span.name == "syria"]
    assert span.field == "text"
    assert LATAKIA[span.start : span.end] == "Latakia"


@pytest.mark.parametrize("field", ["title", "text"])
def test_a_city_of_any_field_is_quoted_where_it_stands(field: str) -> None:
    storyline = make_storyline(exemplars=[{"text": "Rebels take towns of Syria in an offensive."}])
    texts = {"title": "Rebels near the coast", "text": "An offensive goes on."}
    texts[field] = "Rebels take Deir ez-Zor, Homs and Idlib"
    article = make_article(texts["text"], title=texts["title"])
    spans = assess_alone(article, make_index(storyline).storylines["s"]).spans
    (span,) = [span for span in spans if span.name == "syria"]
    assert span.field == field
    assert texts[field][span.start : span.end] in {"Deir ez-Zor", "Homs"}


def test_an_entity_is_not_met_by_what_was_not_said() -> None:
    storyline = make_storyline(
        exemplars=[{"text": "A car bomb kills people in Latakia, Syria."}],
        entities=[{"name": "Syria", "any_of": ["Syria"]}],
    )
    index = make_index(storyline)
    parts = assess_alone(make_article(LATAKIA), index.storylines["s"]).contributions
    assert {part.name for part in parts} & {"entities", "missing"} == {"missing"}


def test_long_texts_do_not_load_the_cities() -> None:
    code = (
        "import sys\n"
        "from nightdesk.storylines.reading import Reading\n"
        "from nightdesk.storylines.places import _cities\n"
        "Reading('Title', '', 'The army shells Homs. ' * 200)\n"
        "print(_cities.cache_info().currsize, 'babel' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "False"]

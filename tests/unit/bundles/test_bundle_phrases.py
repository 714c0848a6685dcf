"""Phrases of storylines that cannot do their work: too common, repeated, contradictory, too long."""

from __future__ import annotations

import pytest

from nightdesk.bundles.phrases import why_too_common
from nightdesk.storylines import spoken
from tests.unit.bundles.support import GOOD, check, edited, only


@pytest.mark.parametrize(
    "phrase",
    [
        "the",
        "Of the",
        "THE",
        "a",
        "x",
        "7",
        "-",
        "…",
        "us",
        "who",
        "y",
        "в",
        "俄",
        "كان في",
        "και",
        "של",
        "का",
        "که",
        "그",
        "これ",
        "ที่",
        "або",
    ],
)
def test_phrases_that_every_article_holds(phrase: str) -> None:
    assert why_too_common(phrase)


def test_function_words_of_latin_scripts_are_such_in_their_own_language() -> None:
    assert why_too_common("über", ["de"])
    assert why_too_common("van het", ["en", "nl"])
    assert why_too_common("van", ["en"]) is None
    assert why_too_common("van Gogh", ["nl"]) is None


@pytest.mark.parametrize(("languages", "refused"), [("[nl]", True), ("[en]", False)])
def test_an_alias_is_refused_by_the_language_of_its_storyline(
    languages: str, refused: bool
) -> None:
    loaded = check(f"storylines:\n- {{id: a, title: A, entities: [van], languages: {languages}}}")
    assert [p.where for p in loaded.errors] == ["storylines[0].entities[0].any_of[0]"] * refused


def test_no_language_is_worked_out_where_no_phrase_hangs_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spoken, "_told", lambda _: pytest.fail("asked for the language"))
    assert check(GOOD).problems == ()
    monkeypatch.setattr(spoken, "_told", lambda _: ["en"])
    assert edited("[dock workers, UDW]", "[UDW, the]").errors


def test_the_hint_names_the_country_that_may_be_meant() -> None:
    text = "storylines:\n- {id: a, title: A, entities: [%s]}"
    [norway], [states], [other] = (check(text % name).errors for name in ("NO", "us", "the"))
    assert norway.hint == 'write a longer phrase; all names of Norway are `country: "NO"`'
    assert "in capitals: US; all names of United States are `country: " in states.hint
    assert other.hint == "write a longer phrase"


@pytest.mark.parametrize(
    "phrase",
    [
        "US",
        "WHO",
        "IT",
        "俄军",
        "G7",
        "The Hague",
        "ETA",
        "x-ray",
        "of Gaza",
        "غزة",
        "그리스",
        "van",
        "AT&T",
        "S&P",
        "E.ON",
        "B-2",
        "war",
        "CAR",
    ],
)
def test_phrases_that_may_well_be_names(phrase: str) -> None:
    assert why_too_common(phrase) is None


@pytest.mark.parametrize(
    ("before", "after", "where", "effect"),
    [
        ("[dock workers, UDW]", "[UDW, the]", "storylines[0].entities[0].any_of[1]", "match"),
        ("[walk out]", "[to be]", "storylines[0].cues.supporting[0]", "match"),
        ("[football]", "['!']", "storylines[0].cues.opposing[0]", "match"),
        ("rivals:", "exclusions: [we]\n    rivals:", "storylines[0].exclusions[0]", "exclude"),
    ],
)
def test_a_phrase_too_common_is_an_error(before: str, after: str, where: str, effect: str) -> None:
    problem = only(edited(before, after))
    assert problem.where == where
    assert f"it would {effect} everything" in problem.message
    assert problem.severity == "error"


CUES = "storylines:\n- {id: a, title: A, cues: {supporting: [%s]}%s}"


@pytest.mark.parametrize("phrase", ["AT&T", "S&P", "M&S", "P&O", "E.ON", "B-2"])
def test_names_of_letters_that_signs_join_are_sound(phrase: str) -> None:
    assert check(CUES % (phrase, "")).problems == ()


@pytest.mark.parametrize("phrase", ["car", "war", "die", "hat", "CAR"])
def test_a_function_word_of_another_language_is_a_cue(phrase: str) -> None:
    assert check(CUES % (phrase, ", languages: [en]")).problems == ()
    assert (
        check(CUES % (phrase, ', description: "The rebels of the north met on a hill"')).errors
        == ()
    )


def test_where_other_languages_are_let_in_it_is_warned_of() -> None:
    problem = only(check(CUES % ("war", "")))
    assert problem.severity == "warning"
    assert "stands in nearly every report in German" in problem.message
    assert "languages: [en]" in problem.hint


def test_a_function_word_of_the_language_of_the_texts_is_refused() -> None:
    german = ', description: "Der Streik in dem Hafen ist zu Ende, und Schiffe fahren"'
    problem = only(check(CUES % ("war", german)))
    assert problem.severity == "error"
    assert "or declare `languages`, if they are others than de" in problem.hint


def test_repeated_aliases_are_warned_of() -> None:
    problem = only(edited("[dock workers, UDW]", "[dock workers, Dock  Workers]"))
    assert problem.severity == "warning"
    assert problem.where == "storylines[0].entities[0].any_of[1]"
    assert edited("[dock workers, UDW]", "[ICE, ice]").problems == ()


def test_a_cue_for_and_against_is_an_error() -> None:
    assert "supporting and opposing at once" in only(edited("[football]", "[Walk Out]")).message


@pytest.mark.parametrize(
    ("supporting", "opposing"),
    [("cease-fire", "ceasefire"), ("ceasefire", "cease fire"), ("US", "United States")],
)
def test_it_is_so_in_any_spelling(supporting: str, opposing: str) -> None:
    cues = f"[{supporting}]\n      opposing: [{opposing}]"
    [problem] = edited("[walk out]\n      opposing: [football]", cues).errors
    assert "supporting and opposing at once" in problem.message


def test_an_exclusion_of_what_is_looked_for_is_an_error() -> None:
    problem = only(edited("rivals:", "exclusions: [udw]\n    rivals:"))
    assert problem.severity == "error"
    assert "is a phrase that the storyline looks for" in problem.message


COUNTRY = (
    "storylines:\n- {id: a, title: A, languages: [en], description: A quarrel over herring in the north"
    " sea between coast guards, entities: [{country: 'NO'%s}], exclusions: [%s]}"
)


@pytest.mark.parametrize("name", ["Norway", "Norwegian", "NORWEGIANS"])
def test_an_exclusion_of_a_country_that_is_looked_for_is_an_error(name: str) -> None:
    problem = only(check(COUNTRY % ("", name)))
    assert problem.severity == "error"
    assert problem.where == "storylines[0].exclusions[0]"
    assert "is a name of the country `NO`" in problem.message
    assert check(COUNTRY % (", optional: true}, {name: x, any_of: [herring]", name)).problems == ()


def test_an_exclusion_of_its_capital_is_warned_of() -> None:
    problem = only(check(COUNTRY % ("", "Oslo")))
    assert problem.severity == "warning"
    assert "capital: false" in problem.hint
    assert check(COUNTRY % (", capital: false", "Oslo")).problems == ()
    assert check(COUNTRY % ("", "Sweden")).problems == ()


def test_an_exclusion_that_would_exclude_an_exemplar_is_warned_of() -> None:
    problem = only(edited("rivals:", "exclusions: [night shifts]\n    rivals:"))
    assert problem.severity == "warning"
    assert "exemplars[0]" in problem.message


def test_an_exclusion_is_found_in_exemplars_as_it_will_be_in_articles() -> None:
    # Plural endings are folded, so the singular finds the plural, and would exclude it.
    assert only(edited("rivals:", "exclusions: [Night-Shift]\n    rivals:")).severity == "warning"
    assert edited("rivals:", "exclusions: [night shifting]\n    rivals:").problems == ()


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [
        ("[walk out]", "[walk out, government]", 12),
        ("[football]", "[football, year]", 4),
        ("rivals:", "exclusions: [the police]\n    rivals:", 33),
        ("[dock workers, UDW]", "[UDW, people]", 12),
    ],
)
def test_a_word_of_very_many_reports_is_warned_of(before: str, after: str, share: int) -> None:
    problem = only(edited(before, after))
    assert problem.severity == "warning"
    assert f"one report in {share} of any kind" in problem.message


def test_a_name_in_all_the_news_is_still_a_name() -> None:
    assert edited("[dock workers, UDW]", "[US, Obama, American]").problems == ()


def test_a_phrase_that_is_a_whole_report_is_warned_of() -> None:
    sentence = "pilots walked out over rosters at dawn and then " * 200
    problem = only(edited("[walk out]", f"[{sentence}]"))
    assert problem.severity == "warning"
    assert "only the first 16 are looked for" in problem.message

"""What a storyline is told by can do its work, or words say why not: languages, countries, descriptions."""

from __future__ import annotations

import time

import pytest

from tests.unit.bundles.support import REPORT, TELLING, check, exemplar, only, storyline

SPANISH = (
    "La compañía de transbordadores suspendió el martes todas las salidas hacia las islas porque sus "
    "tripulaciones se negaron a trabajar con los nuevos turnos. Los pasajeros durmieron en el muelle."
)


def test_an_exemplar_in_a_language_that_is_not_let_in_is_warned_of() -> None:
    loaded = storyline("languages: [en]", "exemplars:", f"  - {REPORT}", f"  - {SPANISH}")
    assert only(loaded).where == "storylines[0].exemplars[1]"
    assert "written in Spanish (`es`)" in only(loaded).message
    assert only(loaded).severity == "warning"


def test_a_language_without_an_exemplar_is_warned_of() -> None:
    loaded = exemplar(REPORT, "languages: [en, ar]")
    assert only(loaded).where == "storylines[0].languages[1]"
    assert "no exemplar is in Arabic (`ar`)" in only(loaded).message
    assert storyline("languages: [en, ar]", f"description: {TELLING}").problems == ()


def test_where_the_language_of_an_exemplar_is_unclear_nothing_is_said() -> None:
    short = "text: Ferries halted; crews refuse rosters"
    told = ("languages: [en, es]", "entities: [Lindane]", f"exemplars: [{{{short}}}]")
    assert storyline(*told).problems == ()


@pytest.mark.parametrize(
    ("code", "severity", "hint"),
    [
        ("eng", "error", "write `en` for English"),
        ("EN", "error", "write `en` for English"),
        ("en-GB", "error", "write `en` for English"),
        ("español", "error", "write `es` for Spanish"),
        ("ua", "error", "write `uk` for Ukrainian"),
        ("klingon", "error", "the two letters of ISO 639-1"),
        ("se", "warning", "write `sv` for Swedish"),
    ],
)
def test_a_code_that_no_article_carries(code: str, severity: str, hint: str) -> None:
    problem = only(storyline(f"languages: [{code}]", f"description: {TELLING}"))
    assert problem.severity == severity
    assert hint in problem.hint


def test_a_language_given_twice_is_warned_of() -> None:
    assert only(storyline("languages: [en, en]", f"description: {TELLING}")).severity == "warning"


@pytest.mark.parametrize(
    ("written", "message", "hint"),
    [
        ("Syria", "not the code of a country: 'Syria'", "write SY for Syria"),
        ("sy", "not the code of a country: 'sy'", "write SY for Syria"),
        ("SYR", "not the code of a country: 'SYR'", "write SY for Syria"),
        ("QQ", "there is no country `QQ`", "ISO 3166-1"),
        ("UK", "there is no country `UK`", "write GB for United Kingdom"),
        ("uk", "not the code of a country: 'uk'", "write GB for United Kingdom"),
        ("Atlantis", "not the code of a country", "ISO 3166-1"),
    ],
)
def test_a_country_that_is_none_is_an_error(written: str, message: str, hint: str) -> None:
    problem = only(storyline("entities:", f"  - country: {written}"))
    assert problem.severity == "error"
    assert problem.where == "storylines[0].entities[0].country"
    assert message in problem.message
    assert hint in problem.hint


def test_one_country_twice_is_warned_of() -> None:
    problem = only(storyline("entities:", "  - country: SY", "  - {name: Damascus, country: SY}"))
    assert "entities[0] is the country `SY` already" in problem.message


def test_an_entity_needs_names_or_a_country() -> None:
    problem = only(storyline("entities:", "  - name: The crews"))
    assert problem.severity == "error"
    assert problem.message == "must not be empty"
    assert "`country:`" in problem.hint


@pytest.mark.parametrize("field", ["exemplars", "entities", "languages", "cues", "exclusions"])
@pytest.mark.parametrize("value", ["7", "[7]", "{}", "[[]]", "[null]", "[{}]", "true"])
def test_nonsense_in_a_field_is_told_of_and_never_raises(field: str, value: str) -> None:
    loaded = storyline(f"description: {TELLING}", f"{field}: {value}")
    assert loaded.bundle is not None or loaded.errors


def test_a_description_of_function_words_alone_is_an_error() -> None:
    problem = only(storyline("description: of the and"))
    assert problem.severity == "error"
    assert problem.where == "storylines[0].description"
    assert "no word that tells a report from any other" in problem.message


def test_beside_something_else_it_is_warned_of() -> None:
    assert only(storyline("description: of the and", "entities: [UDW]")).severity == "warning"


def test_a_description_of_a_few_words_is_warned_of() -> None:
    problem = only(storyline("description: Ferries idle"))
    assert problem.severity == "warning"
    assert "title and description hold only 4 telling words" in problem.message
    text = f"exemplars: [{{title: Ferries stand still, text: '{REPORT * 2}'}}]"
    assert storyline("description: Ferries idle", text).problems == ()


def test_a_description_that_is_a_report_is_warned_of() -> None:
    problem = only(storyline(f"description: {REPORT * 40}"))
    assert problem.severity == "warning"
    assert problem.where == "storylines[0].description"


def test_a_title_of_a_report_is_warned_of() -> None:
    loaded = check(f"storylines: [{{id: a, title: '{REPORT * 3}', description: Ferries}}]")
    assert only(loaded).where == "storylines[0].title"


@pytest.mark.parametrize("phrase", ["word " * 100_000, "x" * 500_000, "俄罗斯" * 100_000])
def test_an_enormous_alias_is_warned_of_in_good_time(phrase: str) -> None:
    began = time.monotonic()
    loaded = storyline(f"entities: [{{name: Crews, any_of: [{phrase}]}}]")
    assert only(loaded).severity == "warning"
    assert len(only(loaded).message) < 300
    assert time.monotonic() - began < 20

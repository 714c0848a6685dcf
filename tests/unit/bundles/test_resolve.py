"""Short forms are spelt out; articles of the archive and names of countries are filled in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nightdesk.bundles import Loaded
from nightdesk.bundles.resolve import Copied, Missing, NoArticles
from nightdesk.bundles.shorthand import names_article, spell_out
from schemas import Exemplar, Storyline
from tests.unit.bundles.support import REPORT, check, only
from tests.unit.bundles.test_bundle_storylines import SPANISH

URL = "https://harbour.example/2026/ferries-halted"
ID = "article-0123456789abcdef01234567"


class OneArticle:
    """An archive of one article."""

    def find(self, storyline: str, name: str) -> Copied | Missing:
        if name in {URL, ID}:
            exemplar = Exemplar(title="Ferries halted", text=f"<p>{REPORT}</p>")
            return Copied(exemplar, datetime(2026, 2, 1, tzinfo=UTC))
        return Missing(f"no {name} for {storyline}", "look again")


def ferries(*lines: str, **options: object) -> Loaded:
    more = "\n".join(f"    {line}" for line in lines)
    text = f"storylines:\n  - id: ferries\n    title: Ferries stand still\n{more}\n"
    return check(text, **options)


def first(loaded: Loaded) -> Storyline:
    assert loaded.bundle is not None, loaded.problems
    return loaded.bundle.storylines[0]


def test_short_forms_say_the_same_as_long_ones() -> None:
    short = ferries(f"exemplars: ['{REPORT}', {URL}]", "entities: [The Crews, {country: GR}]")
    long = ferries(
        "exemplars:",
        f"  - text: '{REPORT}'",
        f"  - article: {URL}",
        "entities:",
        "  - {name: The Crews, any_of: [The Crews]}",
        "  - {name: Greece, country: GR}",
    )
    assert first(short) == first(long)


@pytest.mark.parametrize("text", [URL, f" {URL}\n", "HTTP://a.example/b", ID, "article-0123"])
def test_an_address_or_an_id_names_an_article(text: str) -> None:
    assert names_article(text)


@pytest.mark.parametrize(
    "text", [REPORT, f"See {URL}", "article-xyz", "article 9 of the treaty", "", "www.a.example"]
)
def test_other_texts_are_an_articles_words(text: str) -> None:
    assert not names_article(text)


@pytest.mark.parametrize(
    "data", [None, 7, [], {"storylines": 7}, {"storylines": [7, {"exemplars": 7, "entities": [7]}]}]
)
def test_what_has_no_short_form_stays_as_it_is(data: object) -> None:
    assert spell_out(data) == data


def test_an_exemplar_is_rid_of_signs_that_do_not_show_as_articles_are() -> None:
    loaded = ferries(
        "exemplars: ['Cr\u00adews of\u00a0the fer\u200bries walk out for more pay and sleep']"
    )
    assert first(loaded).exemplars[0].text == "Crews of the ferries walk out for more pay and sleep"


@pytest.mark.parametrize("name", [URL, ID])
def test_an_articles_words_are_copied_and_their_origin_kept(name: str) -> None:
    loaded = ferries(f"exemplars: [{name}]", articles=OneArticle())
    assert loaded.problems == ()
    assert first(loaded).exemplars == (Exemplar(title="Ferries halted", text=REPORT, article=name),)


def test_words_beside_an_article_are_not_looked_up() -> None:
    lines = ("exemplars:", f"  - {{text: '{REPORT}', article: {URL}/of-no-archive}}")
    loaded = ferries(*lines, articles=OneArticle())
    assert loaded.problems == ()
    assert first(loaded).exemplars[0].text == REPORT


def test_an_article_that_is_not_there_is_an_error_at_its_line() -> None:
    problem = only(
        ferries("exemplars:", f"  - '{REPORT}'", "  - article-7777", articles=OneArticle())
    )
    assert problem.severity == "error"
    assert problem.line == 6
    assert problem.message == "no article-7777 for ferries"


def test_without_an_archive_it_is_said_that_none_was_looked_at() -> None:
    loaded = ferries(f"exemplars: [{URL}]")
    assert only(loaded).severity == "warning"
    assert "no archive was looked at" in only(loaded).message
    assert first(loaded).exemplars[0].article == URL


def test_a_replay_has_no_use_for_a_mere_name() -> None:
    problem = only(ferries(f"exemplars: [{URL}]", articles=NoArticles("no archive here")))
    assert (problem.severity, problem.message) == ("error", "no archive here")


def test_an_article_outside_of_the_window_is_warned_of() -> None:
    loaded = ferries(
        f"exemplars: [{URL}]", "window: {since: 2026-02-15T00:00:00Z}", articles=OneArticle()
    )
    assert only(loaded).severity == "warning"
    assert "of 2026-02-01, before the window opens" in only(loaded).message


def names(loaded: Loaded) -> tuple[str, ...]:
    return first(loaded).entities[0].any_of


def test_a_country_gets_its_names_in_the_languages_declared() -> None:
    both = names(ferries("entities: [{country: SY}]", "languages: [en, ar]"))
    assert both[:3] == ("Syria", "Syrian", "Damascus")
    assert "سوريا" in both


def test_else_in_those_of_its_exemplars_and_else_in_english() -> None:
    assert names(ferries("entities: [{country: SY}]", f"exemplars: ['{SPANISH}']"))[0] == "Siria"
    assert names(ferries("entities: [{country: SY}]")) == ("Syria", "Syrian", "Damascus")


def test_names_of_ones_own_come_first_and_the_capital_may_stay_out() -> None:
    lines = ("entities:", "  - {name: Damascus, country: SY, capital: false, any_of: [Assad]}")
    assert names(ferries(*lines)) == ("Assad", "Syria", "Syrian")


def test_a_country_alone_is_called_as_english_calls_it() -> None:
    entity = first(ferries("entities: [{country: SY, optional: true}, UDW]")).entities[0]
    assert (entity.name, entity.optional) == ("Syria", True)


def test_what_is_filled_in_once_stays_as_it_is() -> None:
    once = first(ferries("entities: [{country: SY}]", f"exemplars: [{URL}]", articles=OneArticle()))
    again = check(f'{{"storylines": [{once.model_dump_json()}]}}')
    assert first(again) == once

"""Whatever stands in a storyline, `check` answers, and what it lets through the engine looks for."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from nightdesk.bundles import Loaded, parse
from nightdesk.bundles.no_text import not_text
from nightdesk.bundles.phrases import why_too_common
from nightdesk.bundles.shorthand import spell_out
from nightdesk.storylines.compile import compile_storyline, ignored_phrases
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.text.entities import LONGEST_PHRASE, PhraseBook, variants
from nightdesk.text.gazetteer import country_codes, country_names
from nightdesk.text.repair import repair
from nightdesk.text.tokens import Tokens
from tests.unit.bundles.support import NOW

_TOKENS = (
    "the of US u.s. the-the WHO who в 俄 俄罗斯 سوريا في 서울 strike cease-fire - ' ’s <p> 1 1,000 😀"
    " AT&T E.ON S&P B-2 war die EU CAR d'un"
)
WORDS = st.sampled_from([*_TOKENS.split(), "A" * 70 + "==", "\ufffd", "\u202e", "\ud800", "\x00"])
TEXT = st.lists(WORDS | st.text(max_size=8), max_size=12).map(" ".join)
PHRASES = st.lists(TEXT, max_size=3)
CODES = st.sampled_from(["en", "EN", "xx", "Syria", "SY", "QQ", "", "ar", "klingon"]) | st.text(
    max_size=4
)
ENTITY: Any = TEXT | st.fixed_dictionaries(
    {"name": TEXT},
    optional={"any_of": PHRASES, "country": CODES, "capital": st.booleans(), "weight": st.floats()},
)
STORYLINE = st.fixed_dictionaries(
    {"id": st.sampled_from(["a", "b", "c"]), "title": TEXT},
    optional={
        "description": TEXT,
        "exemplars": st.lists(
            TEXT
            | st.fixed_dictionaries({}, optional={"title": TEXT, "text": TEXT, "article": TEXT}),
            max_size=3,
        ),
        "entities": st.lists(ENTITY, max_size=3),
        "cues": st.fixed_dictionaries({}, optional={"supporting": PHRASES, "opposing": PHRASES}),
        "exclusions": PHRASES,
        "languages": st.lists(CODES, max_size=2),
        "rivals": st.lists(st.sampled_from(["a", "b", "z"]), max_size=2),
    },
)


def check(storylines: list[dict[str, Any]]) -> Loaded:
    return parse(json.dumps({"storylines": storylines}), now=NOW, compare=True)


@settings(max_examples=300, deadline=None)
@given(st.lists(STORYLINE, min_size=1, max_size=3))
def test_any_storyline_is_answered(storylines: list[dict[str, Any]]) -> None:
    loaded = check(storylines)
    assert (loaded.bundle is None) == bool(loaded.errors)
    for problem in loaded.problems:
        assert problem.message
        assert problem.hint
        assert str(problem)
    if loaded.bundle is not None:
        for storyline in loaded.bundle.storylines:
            assert all(entity.any_of for entity in storyline.entities)
            compile_storyline(storyline, 1, rarity=shipped_rarity())


@settings(max_examples=300, deadline=None)
@given(TEXT)
@example("俄")
@example("THE")
@example("كان في")
def test_what_the_engine_would_leave_out_is_an_error_and_nothing_else_is(phrase: str) -> None:
    # Empty text and halves of characters are told of by themselves.
    assume(phrase.strip() and "\ud800" not in phrase)
    loaded = check([{"id": "a", "title": "A", "entities": [{"name": "N", "any_of": [phrase]}]}])
    refused = any("it would match everything" in problem.message for problem in loaded.errors)
    if loaded.bundle is None:
        assert refused
    else:
        assert ignored_phrases(loaded.bundle.storylines[0]) == ()
    assert refused == (why_too_common(phrase.strip()) is not None)


@settings(max_examples=300, deadline=None)
@given(TEXT, st.text(st.characters(categories=["L", "Zs"]), max_size=10))
@example("\u00e1\x80", "")
def test_a_phrase_is_found_in_a_text_that_holds_it(phrase: str, around: str) -> None:
    forms = variants(phrase)
    # Lone marks and underscores are words of no letter, which a phrase leaves out.
    assume(forms and len(forms[0]) < LONGEST_PHRASE and "_" not in Tokens(phrase).words)
    # Articles are repaired before they are read. What looks like mojibake is mended by what stands
    # beside it, and is then another word.
    article = repair(f"{around} \n {phrase} \n {around}")
    assume(repair(phrase).strip() in article)
    found = PhraseBook(forms).find(Tokens(article))
    assert any(occurrence.phrase == 0 for occurrence in found)


@given(st.text(max_size=300))
def test_any_text_is_judged_text_or_not(text: str) -> None:
    assert not_text(text) is None or not_text(text * 2) is not None or len(text) < 60


@given(st.recursive(st.none() | st.text(max_size=5) | st.integers(), lambda inner: (
    st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["storylines", "exemplars", "entities", "country", "name"]), inner)
), max_leaves=10))  # fmt: skip
def test_spelling_out_takes_any_data_and_is_done_once(data: Any) -> None:
    once = spell_out(data)
    assert spell_out(once) == once


@settings(deadline=None)
@given(
    st.sampled_from(sorted(country_codes())),
    st.lists(st.sampled_from(["en", "es", "fr", "de", "ru", "ar", "zh", "ja", "tr"]), max_size=3),
    st.booleans(),
)
def test_names_of_a_country_are_phrases_and_each_finds_itself_alone(
    code: str, languages: list[str], capital: bool
) -> None:
    names = country_names(code, languages, capital=capital)
    # Jersey is a shirt in most languages: outside English nothing can be looked for but its capital.
    assert bool(names) == bool(languages) or code == "JE"
    assert len({variants(name)[0] for name in names}) == len(names)
    # Togo in Russian is "of that", which every report holds: only its capital is looked for.
    assert {name for name in names if why_too_common(name)} <= {"Того"}
    given_ = chain.from_iterable(variants(name)[:1] for name in names)
    assert all(phrase for phrase in given_)

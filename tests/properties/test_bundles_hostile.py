"""Whatever bytes come as a bundle: an answer, never an exception; each problem with place and hint."""

from __future__ import annotations

import json
from textwrap import indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.bundles import Loaded, parse
from nightdesk.bundles.render import as_yaml
from nightdesk.text.repair import repair
from schemas import Feed, Storyline
from tests.unit.bundles.support import GOOD, NOW

YAMLISH = st.text(st.sampled_from(list("abc01 \n\t:-[]{}#&*!|>'\"%@`,?~<.=é\u2028")), max_size=120)
PLAIN = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=40
).filter(str.strip)


def _is_sound(loaded: Loaded) -> None:
    assert (loaded.bundle is None) == bool(loaded.errors)
    for problem in loaded.problems:
        assert problem.message
        assert problem.hint
        assert 0 <= problem.line <= len(loaded.lines) + 1
        assert str(problem)


@given(st.binary(max_size=200))
def test_bytes(data: bytes) -> None:
    _is_sound(parse(data, now=NOW))


@given(YAMLISH)
def test_text_that_looks_like_yaml(text: str) -> None:
    _is_sound(parse(text, now=NOW))


@given(YAMLISH)
def test_a_section_of_text_that_looks_like_yaml(text: str) -> None:
    _is_sound(parse("storylines:\n  - id: a\n    title: A\n" + indent(text, "    "), now=NOW))


@settings(max_examples=150)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 12), YAMLISH)
def test_a_good_bundle_with_a_piece_replaced(start: int, length: int, piece: str) -> None:
    _is_sound(parse(GOOD[:start] + piece + GOOD[start + length :], now=NOW))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "url", "channel", "receivers", "entities", "any_of", "matchers", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("section", ["feeds", "storylines", "subscriptions", "silences"])
@given(items=st.lists(JSON, min_size=1, max_size=3))
@settings(max_examples=60)
def test_any_data_in_a_section(section: str, items: list[object]) -> None:
    _is_sound(parse(json.dumps({section: items}), now=NOW))


@given(PLAIN, PLAIN, st.lists(PLAIN, max_size=3))
def test_what_is_rendered_reads_back_equal(title: str, text: str, exclusions: list[str]) -> None:
    # An exemplar is read as articles are, without signs that do not show.
    text = repair(text).strip() or "a"
    storyline = Storyline.model_validate(
        {
            "id": "a",
            "title": title,
            "exemplars": ({"text": text},),
            "exclusions": tuple(exclusions),
        },
    )
    feed = Feed.model_validate({"id": "b", "url": "http://b.example", "source": title})
    document = "".join(
        f"{section}:\n  -\n{indent(as_yaml(definition), '    ', lambda line: True)}\n"
        for section, definition in (("storylines", storyline), ("feeds", feed))
    )
    loaded = parse(document)
    # What is said may be of no use to a storyline; how it is written must not be wrong.
    useless = ("exclusion", "this exemplar")
    assert not [p for p in loaded.errors if not any(u in p.message for u in useless)], document
    if loaded.bundle is not None:
        assert loaded.bundle.storylines == (storyline,)
        assert loaded.bundle.feeds == (feed,)

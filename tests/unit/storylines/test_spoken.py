"""The languages of a storyline are those that it declares, else those of its texts, else English."""

from __future__ import annotations

from typing import Any

import pytest

from nightdesk.storylines.spoken import Spoken
from tests.unit.storylines.build import make_storyline

GERMAN = "Der Streik in dem Hafen ist zu Ende, und die Schiffe fahren wieder."
ENGLISH = "The strike in the port is over, and ships are sailing again."


@pytest.mark.parametrize(
    ("parts", "languages"),
    [
        ({"languages": ["fr", "es"], "description": ENGLISH}, ("fr", "es")),
        ({"description": GERMAN}, ("de",)),
        ({"description": ENGLISH}, ("en",)),
        ({"exemplars": [{"text": GERMAN}, {"text": ENGLISH}]}, ("de", "en")),
        ({"exemplars": [{"text": GERMAN}], "description": ENGLISH}, ("de",)),
        ({"exemplars": [{"article": "article-5f2c9a1e"}], "description": ENGLISH}, ("en",)),
        ({"entities": [{"name": "Hafen", "any_of": ["Hafen"]}]}, ("en",)),
        ({"description": "أنهى مفاوضو مصر جولة المحادثات"}, ("en",)),
        ({"description": "Die Hard"}, ("en",)),
    ],
)
def test_the_languages_of_a_storyline(parts: dict[str, Any], languages: tuple[str, ...]) -> None:
    assert Spoken.of(make_storyline(**parts)).own == languages


def test_english_is_preferred_where_function_words_tie() -> None:
    assert Spoken((), ["van over"]).own == ("nl",)
    assert Spoken((), ["in over"]).own == ("en",)

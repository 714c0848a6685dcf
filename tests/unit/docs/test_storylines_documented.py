"""docs/storylines.md: every example passes `check` without a word, and its table of spellings is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nightdesk.bundles import parse
from nightdesk.bundles.resolve import Copied
from nightdesk.storylines.sought import sought
from nightdesk.storylines.spoken import Spoken
from nightdesk.text.entities import PhraseBook
from nightdesk.text.tokens import Tokens
from schemas import Exemplar, Storyline

PAGE = (Path(__file__).parents[3] / "docs" / "storylines.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ROWS = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)


class AnyArticle:
    """An archive that holds whatever the page names."""

    def find(self, storyline: str, name: str) -> Copied:
        words = f"The dam of the upper reservoir seeps near the village, report {name} says."
        return Copied(Exemplar(title=name, text=words))


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_sound(example: str) -> None:
    loaded = parse(example, articles=AnyArticle(), compare=True)
    assert loaded.problems == ()
    assert loaded.bundle is not None
    assert loaded.bundle.storylines


def test_the_examples_use_every_field_of_the_language() -> None:
    shown = "".join(EXAMPLES)
    silent = {"schema_version", "settling_window", "severity", "tags", "enabled"}
    assert [f for f in Storyline.model_fields if f not in silent and f"{f}:" not in shown] == []


def _finds(phrase: str, text: str) -> bool:
    return bool(PhraseBook(sought(phrase, Spoken(()))).find(Tokens(text)))


@pytest.mark.parametrize(("written", "found", "other"), ROWS)
def test_a_phrase_is_found_as_the_table_says(written: str, found: str, other: str) -> None:
    assert [text for text in found.split(", ") if not _finds(written, f"… {text} …")] == []
    assert [text for text in other.split(", ") if _finds(written, f"… {text} …")] == []


def test_there_are_examples_and_rows() -> None:
    assert len(EXAMPLES) >= 6
    assert len(ROWS) >= 12


@pytest.mark.parametrize("useless", ["of the", "в", "من"])
def test_what_the_page_calls_an_error_is_one(useless: str) -> None:
    cue = f"storylines:\n  - {{id: a, title: A, cues: {{supporting: ['{useless}']}}}}\n"
    assert parse(cue).errors

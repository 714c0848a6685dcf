"""docs/templates.md names all that a template sees and may do, and its examples work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nightdesk.delivery.sample import samples
from nightdesk.delivery.sandbox import FILTERS, MAX_OUTPUT, MAX_STEPS, MAX_TEXT
from nightdesk.delivery.templates import VARIABLES, Templates
from nightdesk.delivery.views import MOST_ALERTS, MOST_ARTICLES, view_of
from tests.support.alerting import NOON

PAGE = (Path(__file__).parents[3] / "docs" / "templates.md").read_text("utf-8")
EXAMPLES = re.findall(r"```jinja\n(.*?)```", PAGE, re.DOTALL)
SAMPLES = samples("desk", "mail", "mail", NOON)


@pytest.mark.parametrize("source", EXAMPLES)
@pytest.mark.parametrize("part", ["text", "html"])
def test_the_examples_work(source, part):
    assert Templates(lambda: 0.0).faults(source, part, SAMPLES) == []


def test_the_examples_say_what_they_promise():
    view = view_of(SAMPLES[0])
    phone, sources, new = (Templates(lambda: 0.0).render(one, view, "html") for one in EXAMPLES)
    assert "Quillhaven, harbour, collision https://harbour.example" in phone
    assert "  1. Harbour Ledger: Quillhaven, harbour, collision" in sources
    assert "killed: 12 killed by Harbour Ledger; 9 killed by Meridian Wire" in sources
    assert "3. Kestrel" not in sources
    assert "<p>New: 12 killed Ottoline Brask</p>" in new


def test_every_field_is_told():
    view = view_of(SAMPLES[0])
    article = view["alert"]["articles"][0]
    for fields in (VARIABLES, view["alert"], article, view["delivery"], view["subscription"]):
        assert [name for name in fields if f"`{name}`" not in PAGE] == []
    for name in view["alert"]["new"]:
        assert f"`new.{name}`" in PAGE


def test_filters_and_bounds_are_told():
    assert [name for name in FILTERS if f"`{name}`" not in PAGE and name != "e"] == []
    assert f"{MAX_STEPS:,} turns" in PAGE
    assert f"writes {MAX_OUTPUT:,} characters" in PAGE
    assert f"more than {MAX_TEXT:,}" in PAGE
    assert f"the first {MOST_ALERTS}" in PAGE
    assert f"the first {MOST_ARTICLES}" in PAGE

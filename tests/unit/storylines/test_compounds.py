"""Words that some write as one and some as two are found as either."""

from __future__ import annotations

import pytest

from nightdesk.storylines.compounds import compounds


@pytest.mark.parametrize(
    ("phrase", "forms"),
    [
        ("ceasefire", [("cease", "fire")]),
        ("cease fire", [("ceasefire",)]),
        ("a ceasefire in Gaza", [("a", "cease", "fire", "in", "gaza")]),
        ("airstrikes", [("air", "strike")]),
        ("air strike", [("airstrike",)]),
        ("walkout", [("walk", "out")]),
        ("walk out", [("walkout",)]),
    ],
)
def test_the_other_way_to_write_it(phrase: str, forms: list[tuple[str, ...]]) -> None:
    assert list(compounds(phrase)) == forms


@pytest.mark.parametrize(
    "phrase",
    [
        "Whitehead",
        "White House",
        "prime minister",
        "protest",
        "personally",
        "trafficking",
        "therapist",
        "cease-fire",
        "over out",
        "停火",
        "",
    ],
)
def test_what_is_no_compound_stays_as_it_is(phrase: str) -> None:
    assert list(compounds(phrase)) == []

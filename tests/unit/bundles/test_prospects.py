"""Storylines that no report can fit are told of, and those that a large part of all news fits."""

from __future__ import annotations

import pytest

from tests.unit.bundles.support import TELLING, check, only

STORYLINE = "storylines:\n- {id: a, title: A, %s}"


@pytest.mark.parametrize(
    "parts",
    [
        "entities: [{name: UDW, any_of: [UDW], optional: true}]",
        "entities: [{country: SY, optional: true}], sensitivity: strict",
        "entities: [{name: UDW, any_of: [UDW], optional: true}], cues: {supporting: [walk out]}",
    ],
)
def test_what_is_all_optional_is_an_error(parts: str) -> None:
    problem = only(check(STORYLINE % parts))
    assert problem.severity == "error"
    assert problem.where == "storylines[0]"
    assert "no report can fit" in problem.message
    assert "take `optional` off an entity" in problem.hint


def test_what_can_be_possible_at_most_is_warned_of() -> None:
    problem = only(check(STORYLINE % "entities: [UDW], sensitivity: strict"))
    assert problem.severity == "warning"
    assert "comes to 0.599, and `sensitivity: strict` asks for 0.6" in problem.message


@pytest.mark.parametrize(
    "parts",
    [
        "entities: [UDW]",
        "entities: [UDW, {name: Dock, any_of: [dock], optional: true}], sensitivity: strict",
        "cues: {supporting: [walk out]}",
        f"description: {TELLING}, entities: [{{name: UDW, any_of: [UDW], optional: true}}]",
        "entities: [{name: UDW, any_of: [UDW], optional: true, weight: 10}]",
    ],
)
def test_what_can_fit_is_sound(parts: str) -> None:
    assert check(STORYLINE % parts).problems == ()


@pytest.mark.parametrize(
    ("entities", "share"),
    [("[{country: US}]", 2), ("[Obama]", 4), ("[{country: US}, Obama]", 11)],
)
def test_names_of_a_large_part_of_all_news_are_warned_of(entities: str, share: int) -> None:
    problem = only(check(STORYLINE % f"languages: [en], entities: {entities}"))
    assert problem.severity == "warning"
    assert problem.where == "storylines[0].entities"
    assert f"about one report in {share} of any kind fits" in problem.message


@pytest.mark.parametrize(
    "parts",
    [
        "entities: [{country: RU}]",
        "entities: [{country: US}, {country: RU}]",
        "entities: [{country: US}], cues: {supporting: [walk out]}",
        f"entities: [{{country: US}}], description: {TELLING}",
    ],
)
def test_names_with_something_else_are_sound(parts: str) -> None:
    assert check(STORYLINE % f"languages: [en], {parts}").problems == ()

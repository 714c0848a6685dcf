"""Storylines that may be taken for each other are told of, with the line that mends it."""

from __future__ import annotations

import pytest

from nightdesk.bundles import load
from tests.unit.bundles.support import check
from tests.unit.docs.test_bundles_documented import ROOT

CAST = """
        entities:
          - {country: RU}
          - {country: SY}
"""
DENIAL = """
      - id: denial
        title: White House denies coordination
        exemplars:
          - The White House denied on Thursday that its forces coordinate air strikes with Russia in
            Syria. No agreement on joint operations exists, its spokesman said, whatever reports may claim.
            He was asked twice.
"""
PROPOSAL = """
      - id: proposal
        title: Russia proposes joint strikes
        exemplars:
          - Russia's defence minister proposed joint air strikes on rebels in Syria on Friday. Washington
            answered coolly to the agreement on joint operations that its spokesman had denied before. He
            was asked twice.
"""
FERRIES = """
      - id: ferries
        title: Ferries stand still
        exemplars:
          - The ferry company halted all sailings to the islands after its crews refused new rosters.
            Passengers slept on the quay; the union says that nights have become too short to be safe.
"""


def warnings(*storylines: str) -> dict[str, tuple[str, str]]:
    loaded = check("    storylines:\n" + "".join(storylines), compare=True)
    assert loaded.bundle is not None, loaded.problems
    return {p.where: (p.message, p.hint) for p in loaded.problems}


def test_a_close_pair_is_named_on_both_sides_with_the_line_to_write() -> None:
    found = warnings(DENIAL, PROPOSAL, FERRIES)
    assert set(found) == {"storylines[0].rivals", "storylines[1].rivals"}
    message, hint = found["storylines[0].rivals"]
    assert message.startswith("`denial` is close to `proposal` (0.")
    assert hint.startswith("write `rivals: [proposal]`")


def test_who_names_the_other_is_not_told_again() -> None:
    rival = "        rivals: [{}]\n"
    both = (DENIAL + rival.format("proposal"), PROPOSAL + rival.format("denial"))
    assert warnings(*both) == {}
    assert set(warnings(both[0], PROPOSAL)) == {"storylines[1].rivals"}


def test_rivals_that_stand_there_stand_in_the_line_to_write() -> None:
    _, hint = warnings(DENIAL + "        rivals: [ferries]\n", PROPOSAL, FERRIES)[
        "storylines[0].rivals"
    ]
    assert "`rivals: [ferries, proposal]`" in hint


def test_one_cast_is_said_to_be_one() -> None:
    found = warnings(DENIAL + CAST, PROPOSAL + CAST)
    assert "both need Russia, Syria" in found["storylines[0].rivals"][0]


def test_storylines_of_entities_alone_are_compared_by_these() -> None:
    bare = "      - id: {}\n        title: T\n"
    found = warnings(
        bare.format("a") + CAST,
        bare.format("b") + CAST,
        bare.format("c") + "        cues: {supporting: [x-ray]}\n",
    )
    assert set(found) == {"storylines[0].rivals", "storylines[1].rivals"}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("languages: [en]", "languages: [fr]"),
        ("enabled: false", "tags: [a]"),
        ("window: {until: 2026-04-01T00:00:00Z}", "window: {since: 2026-04-02T00:00:00Z}"),
    ],
)
def test_two_that_no_report_can_both_reach_are_no_pair(left: str, right: str) -> None:
    found = warnings(f"{DENIAL}        {left}\n", f"{PROPOSAL}        {right}\n")
    assert not [where for where in found if where.endswith("rivals")]


def test_nothing_is_compared_unless_asked_for() -> None:
    assert check(f"    storylines:\n{DENIAL}{PROPOSAL}").problems == ()


def test_the_example_names_all_its_rivals() -> None:
    assert load(ROOT / "examples" / "bundle.yaml", compare=True).problems == ()

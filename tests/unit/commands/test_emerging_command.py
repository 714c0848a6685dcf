"""`nightdesk emerging`: what is on offer, its draft, and putting it away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nightdesk.archive import Archive, emerging
from schemas.offer import Offer, OfferState
from tests.contract.test_archive_emerging import offer
from tests.unit.commands.conftest import Run

DRAFT = "storylines:\n  - id: ferry-aground\n    title: Ferry\n    description: A ferry aground.\n"


@pytest.fixture(autouse=True)
def offers(archive: Archive) -> list[Offer]:
    made = [
        offer("emerging-aa11", 1, title="Ferry \x1b[31maground", draft=DRAFT),
        offer("emerging-aa22", 5, title="Bakers on strike", outlets=40),
        offer("emerging-bb33", 3),
    ]
    with archive.begin() as conn:
        emerging.save(conn, made)
        emerging.set_state(conn, "emerging-bb33", OfferState.TAKEN, made[0].changed_at)
    return made


def state_of(archive: Archive, id_: str) -> OfferState:
    with archive.read() as conn:
        [found] = emerging.find(conn, id_)
    return found.state


def test_list_shows_what_is_on_offer_and_on_demand_the_rest(nightdesk: Run) -> None:
    said = nightdesk("emerging", "list")
    assert [line.split()[0] for line in said.out.splitlines()] == [
        "id",
        "emerging-aa22",
        "emerging-aa11",
    ]
    assert "\x1b" not in said.out
    assert "taken" in nightdesk("emerging", "list", "--all").out
    assert "2 offers in all" in nightdesk("emerging", "list", "--limit", "1").out
    data = json.loads(nightdesk("emerging", "list", "--all", "--json").out)
    assert [one["id"] for one in data] == ["emerging-aa22", "emerging-bb33", "emerging-aa11"]


def test_nothing_on_offer_is_said(nightdesk: Run, archive: Archive) -> None:
    with archive.begin() as conn:
        emerging.drop(conn, ["emerging-aa11", "emerging-aa22"])
    assert "Nothing is on offer" in nightdesk("emerging", "list").out


def test_show_prints_who_tells_it_and_the_draft(nightdesk: Run) -> None:
    said = nightdesk("emerging", "show", "aa11")
    assert "4 outlets, 5 reports" in said.out
    assert "- id: ferry-aground" in said.out
    assert "\x1b" not in said.out
    assert json.loads(nightdesk("emerging", "show", "aa11", "--json").out)["outlets"] == 4


def test_the_draft_alone_can_be_checked(nightdesk: Run, desk: Path) -> None:
    said = nightdesk("emerging", "show", "emerging-aa11", "--yaml")
    assert said.out == DRAFT
    (desk / "ferry.yaml").write_text(said.out)
    assert nightdesk("check", "ferry.yaml").code == 0


def test_dismiss_puts_away_for_good(nightdesk: Run, archive: Archive) -> None:
    assert "dismissed" in nightdesk("emerging", "dismiss", "emerging-aa2").out
    assert state_of(archive, "emerging-aa22") is OfferState.DISMISSED
    assert state_of(archive, "emerging-aa11") is OfferState.OFFERED
    assert (
        json.loads(nightdesk("emerging", "dismiss", "aa11", "--json").out)["state"] == "dismissed"
    )
    assert "Nothing is on offer" in nightdesk("emerging", "list").out


@pytest.mark.parametrize("name", ["zz", "", "%", "emerging-aa1%"])
def test_an_offer_that_does_not_exist_is_no_traceback(nightdesk: Run, name: str) -> None:
    said = nightdesk("emerging", "show", name)
    assert said.code == 1
    assert "there is no offer" in said.err


def test_a_beginning_of_several_names_them(nightdesk: Run) -> None:
    said = nightdesk("emerging", "dismiss", "aa")
    assert said.code == 1
    assert "emerging-aa11, emerging-aa22" in said.err

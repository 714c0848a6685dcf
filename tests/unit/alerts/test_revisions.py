"""Later revisions of reports that were told: told where title or figures differ, or much is new."""

from __future__ import annotations

from schemas import AlertKind, Change, ChangeClass, Edit
from tests.support.freighter import OTHER, REPORT, Desk, make_match


def test_a_revision_that_adds_much_is_told_though_title_and_figures_stay() -> None:
    desk = Desk()
    desk.take(make_match("gazette"))
    result = desk.take(make_match("gazette", f"{REPORT} {OTHER}", revision=2))
    assert result.outcome == "revised"
    assert "of it is new" in result.reason
    assert result.alert is not None
    assert result.alert.novelty is not None
    assert desk.take(make_match("gazette", f"{REPORT} {OTHER} ", revision=3)).alert is None


def test_a_revision_is_told_if_title_or_figures_changed_and_only_then() -> None:
    desk = Desk()
    desk.take(make_match("gazette"))
    comma = desk.take(make_match("gazette", REPORT.replace("fog.", "fog;"), revision=2))
    assert (comma.outcome, comma.alert) == ("unchanged", None)
    clock = desk.take(make_match("gazette", f"Updated 14:05. {REPORT}", revision=3))
    assert (clock.outcome, clock.alert) == ("unchanged", None)
    figures = desk.take(make_match("gazette", REPORT.replace("Some", "Twelve"), revision=4))
    assert figures.outcome == "revised"
    assert figures.alert is not None
    assert (figures.alert.kind, figures.alert.sequence) == (AlertKind.REVISION, 2)
    assert "new figures: 12" in figures.reason
    assert figures.alert.articles[0].revision == 4
    titled = desk.take(make_match("gazette", REPORT.replace("Some", "12"), title="New", revision=5))
    assert titled.outcome == "revised"
    assert titled.alert is not None
    assert titled.alert.title == "New"
    assert desk.take(make_match("gazette", revision=2)).outcome == "unchanged"


def test_a_page_that_could_be_read_at_last_is_told_as_no_edit() -> None:
    desk = Desk()
    desk.take(make_match("gazette", text="A freighter ran aground."))
    whole = {"text": f"{REPORT} {OTHER} Twelve were hurt.", "edit": Edit(), "text_from": "page"}
    late = desk.take(make_match("gazette", revision=2, **whole))
    assert (late.outcome, late.alert) == ("unchanged", None)
    again = desk.take(make_match("gazette", revision=3, **(whole | {"edit": None})))
    assert again.alert is None, "what the page held counts as told"
    edited = desk.take(make_match("gazette", whole["text"].replace("Twelve", "40"), revision=4))
    assert edited.outcome == "revised"


def test_a_revision_tells_who_says_it_now_and_what_is_said_no_more() -> None:
    desk = Desk()
    desk.take(make_match("gazette"))
    edit = Edit(
        changes=(
            Change(kind=ChangeClass.FIGURE, field="text", before="Some", after="Twelve"),
            Change(kind=ChangeClass.ATTRIBUTION, field="text", before="A said", after="B said"),
            Change(kind=ChangeClass.REMOVAL, field="text", before="Nobody knew."),
        )
    )
    text = REPORT.replace("Some", "Twelve")
    told = desk.take(make_match("gazette", text, revision=2, edit=edit))
    assert told.reason == (
        "gazette edited its report: new figures: 12; attributed otherwise: “A said” became “B said”; "
        "no longer said: “Nobody knew.”"
    )
    # What revision 4 changed, it changed in one that nobody was told of.
    later = desk.take(make_match("gazette", revision=4, title="New", edit=edit))
    assert later.outcome == "revised"
    assert "attributed otherwise" not in later.reason
    # The edit alone raises no alert.
    quiet = desk.take(make_match("gazette", revision=5, title="New", edit=edit))
    assert (quiet.outcome, quiet.alert) == ("unchanged", None)


def test_a_later_revision_never_takes_the_place_of_a_development_out_of_sight() -> None:
    first = Desk().take(make_match("gazette"))
    moved = Desk().take(make_match("gazette", revision=2, hours=500))
    assert first.development is not None
    assert moved.development is not None
    assert first.development.id != moved.development.id

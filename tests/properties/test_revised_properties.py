"""Whatever an edit does: it is told in bounds, the same each time, and nothing is told of nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.text.identity import words
from nightdesk.text.revised import LONGEST_QUOTE, MOST_CHANGES, edit_of
from schemas import Article, ChangeClass, Edit
from tests.unit.text.test_revised import made

SENTENCES = (
    "Two people were killed when a bridge fell, police said.",
    "The mayor came at noon and spoke to the families.",
    "Traffic stands still on the northern road!",
    "“We heard it,” said Ann Miller.",
    "Según el ministro, murieron 12 personas.",
    "По словам министра, мост упал.",
    "橋が落ちた。",
    "Updated at 14:05",
    "12",
    "",
)
prose = st.lists(st.sampled_from(SENTENCES), max_size=8, unique=True).map("\n".join)
texts = st.one_of(prose, st.text(max_size=120))
reports = st.builds(made, texts, title=st.one_of(st.sampled_from(SENTENCES), st.text(max_size=40)))


@settings(max_examples=150)
@given(reports, reports)
def test_told_in_bounds_and_in_order(before: Article, after: Article) -> None:
    edit = edit_of(before, after)
    assert edit == edit_of(before, after)
    assert Edit.model_validate_json(edit.to_bytes()) == edit
    assert len(edit.changes) <= MOST_CHANGES
    gravity = [list(ChangeClass).index(change.kind) for change in edit.changes]
    assert gravity == sorted(gravity)
    for change in edit.changes:
        assert max(len(change.before), len(change.after)) <= LONGEST_QUOTE
        assert change.before or change.after
    headlines = [c for c in edit.changes if c.kind is ChangeClass.HEADLINE]
    assert bool(headlines) == (words(before.title) != words(after.title))


@given(reports)
def test_nothing_is_told_of_nothing(report: Article) -> None:
    assert edit_of(report, report) == Edit()


@settings(max_examples=60)
@given(st.lists(st.sampled_from(SENTENCES[:7]), min_size=2, max_size=7, unique=True), st.randoms())
def test_moving_paragraphs_is_cosmetic(parts: list[str], random: object) -> None:
    moved = list(parts)
    random.shuffle(moved)  # type: ignore[attr-defined]
    edit = edit_of(made("\n\n".join(parts)), made("\n\n".join(moved)))
    assert {change.kind for change in edit.changes} <= {ChangeClass.COSMETIC}

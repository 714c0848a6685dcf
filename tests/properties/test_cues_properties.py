"""Cues inside cues: whatever overlaps, the same places count as if each were held against each."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.storylines.reading import Found
from nightdesk.storylines.score import apart

Cues = dict[int, list[Found]]


@st.composite
def places(draw: st.DrawFn) -> Found:
    start = draw(st.integers(0, 90))
    return Found(draw(st.integers(0, 2)), start, start + draw(st.integers(1, 16)))


# In reading order, as `hits_of` gives them; the same place may be that of several cues.
found = st.dictionaries(
    st.integers(0, 5), st.lists(places(), min_size=1, max_size=12).map(sorted), max_size=5
)


def one_by_one(cues: Cues) -> list[tuple[int, list[Found]]]:
    """What `apart` returns, by its plain meaning: the longest first, each beside all that was taken."""
    ordered = sorted(
        ((place, number) for number, own in cues.items() for place in own),
        key=lambda item: (item[0].start - item[0].end, item[0].field, item[0].start, item[1]),
    )
    taken: list[Found] = []
    kept: Cues = {}
    for place, number in ordered:
        if not any(overlap(place, other) for other in taken):
            taken.append(place)
            kept.setdefault(number, []).append(place)
    return sorted(kept.items(), key=lambda item: (not any(f.lead for f in item[1]), item[0]))


def overlap(left: Found, right: Found) -> bool:
    return left.field == right.field and left.start < right.end and right.start < left.end


@given(found)
@settings(max_examples=500)
def test_the_same_cues_are_apart_as_one_by_one(cues: Cues) -> None:
    assert apart(cues) == one_by_one(cues)


@given(found)
def test_no_two_cues_that_are_apart_overlap(cues: Cues) -> None:
    kept = [place for _, own in apart(cues) for place in own]
    for at, place in enumerate(kept):
        assert not any(overlap(place, other) for other in kept[at + 1 :])

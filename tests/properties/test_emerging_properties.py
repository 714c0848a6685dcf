"""What holds of clusters whatever is reported: no order matters, and each report has one place."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.storylines.emerging import find_clusters
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.seen import Seen
from tests.support.newsdesk import FERRY, OTHERS, report

texts = st.one_of(
    st.sampled_from(FERRY),
    st.sampled_from(OTHERS),
    st.tuples(st.sampled_from(FERRY), st.sampled_from(OTHERS)).map(" ".join),
    st.text(max_size=60),
)
reports = st.lists(
    st.tuples(texts, st.integers(0, 6), st.integers(0, 400)), max_size=25, unique_by=lambda r: r[2]
)


@given(reports, st.integers(1, 5), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_clusters_are_the_same_in_any_order_and_keep_their_word(rows, outlets, chance) -> None:
    seen = [
        Seen.of(report(text, f"Outlet {source}", number), shipped_rarity())
        for text, source, number in rows
    ]
    found = find_clusters(seen, outlets=outlets)
    shuffled = list(seen)
    chance.shuffle(shuffled)
    assert find_clusters(shuffled, outlets=outlets) == found
    placed = [one.id for cluster in found for one in cluster.reports]
    assert len(placed) == len(set(placed))
    for cluster in found:
        sources = {one.source for one in cluster.reports}
        assert len(set(cluster.outlets)) == len(cluster.outlets) >= outlets
        assert set(cluster.outlets) <= sources
        assert set(cluster.central) <= {one.id for one in cluster.reports}
        times = [one.event_time for one in cluster.reports]
        assert times == sorted(times)

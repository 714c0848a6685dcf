"""What reports count: whatever they say, it can be stored; the order in which they come is no matter."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.alerts.contradictions import Statement, disputes, stated
from nightdesk.storylines.counted import counted
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.reading import Reading
from schemas import Article
from tests.support.freighter import NOON, make_match

SAID = (
    "killed dead wounded people civilians at least up to some about nearly , . - % $ million rockets fired"
    " Aleppo 12 17 1,200 9.5 1.2.3 twelve and"
)
words = st.one_of(
    st.sampled_from(SAID.split()),
    st.integers(0, 10**30).map(str),
    st.text(max_size=8),
    st.just("9" * 400),
)


@given(st.lists(words, max_size=30).map(" ".join))
@settings(max_examples=200)
def test_whatever_is_said_can_be_counted_and_stored(text: str) -> None:
    counts = counted(Reading(text[:40], "", text), shipped_rarity())
    said = stated((), make_match("gazette").article, counts)
    for statement in said:
        assert Statement.model_validate_json(statement.to_bytes()) == statement
        assert len(statement.text) <= 60
    for count in counts:
        assert 0 <= count.low <= count.high
    assert disputes(said) == ()


reports = st.builds(
    lambda number, source, toll, hours: (
        make_match(
            f"r{number}", f"{toll} killed", source=source, hours=hours, title=f"r{number}"
        ).article
    ),
    number=st.integers(0, 999),
    source=st.sampled_from(["gazette", "herald", "tide"]),
    toll=st.sampled_from([12, 17, 19]),
    hours=st.integers(0, 40),
)


def state(articles: list[Article]) -> tuple[Statement, ...]:
    said: tuple[Statement, ...] = ()
    for article in articles:
        reading = Reading("", "", article.text)
        said = stated(said, article, counted(reading, shipped_rarity()))
    return said


@given(
    st.lists(reports, max_size=8, unique_by=(lambda a: a.id, lambda a: (a.source, a.seen_at))),
    st.randoms(use_true_random=False),
)
@settings(max_examples=150)
def test_the_order_in_which_reports_come_is_no_matter(
    several: list[Article], chance: object
) -> None:
    mixed = list(several)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert disputes(state(mixed)) == disputes(state(several))


@given(st.lists(reports, max_size=8, unique_by=lambda a: a.id))
@settings(max_examples=150)
def test_a_dispute_is_between_sources_and_within_hours(several: list[Article]) -> None:
    for dispute in disputes(state(several)):
        told = dispute.told()
        assert len(told.claims) >= 2
        assert len({source for claim in told.claims for source in claim.sources}) >= 2
        latest = max(statement.at for statement in dispute.statements)
        assert latest >= NOON
        assert any(
            timedelta(0) < abs(one.at - other.at) <= timedelta(hours=6) or one.at == other.at
            for one in dispute.statements
            for other in dispute.statements
            if one.source != other.source
        )

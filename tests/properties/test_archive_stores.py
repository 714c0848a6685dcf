"""Whatever is stored comes back: words, times, keys, arrays; and counts add up in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nightdesk.archive import Archive, accounts, articles, feeds, open_archive, outbox
from nightdesk.archive.feeds import Poll
from nightdesk.archive.outbox import Outgoing
from nightdesk.archive.types import LONGEST_KEY, clean, digest, fold
from tests.support.archive_samples import NOON, article

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
ENCODABLE = st.text(st.characters(codec="utf-8"), max_size=60)
MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 3),  # noqa: DTZ001
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.timezones(),
)
TWICE = datetime(2016, 10, 30, 1, fold=1, tzinfo=ZoneInfo("America/Monterrey"))
"""The second time of an hour that its zone has twice."""


@pytest.fixture(
    scope="module", params=["memory", pytest.param("server", marks=pytest.mark.postgresql)]
)
def store(request: pytest.FixtureRequest) -> Iterator[Archive]:
    url = "sqlite://"
    if request.param == "server":
        url = request.getfixturevalue("postgresql_server").create_database()
    archive = open_archive(url)
    archive.migrate()
    yield archive
    archive.close()


class _Undo(Exception):
    """Ends an example's transaction without a trace."""


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ENCODABLE, st.binary(max_size=40)), max_size=8), MOMENTS)
@example([("k", b"v")], TWICE)
def test_messages_come_back_as_they_were(
    store: Archive, pairs: list[tuple[str, bytes]], now: datetime
) -> None:
    messages = [Outgoing("articles", key, value) for key, value in pairs]
    with pytest.raises(_Undo), store.begin() as conn:  # noqa: PT012
        ids = outbox.enqueue(conn, "s", messages, now)
        # Added in UTC: Python adds on the wall clock, and forgets which of two like hours it was.
        later = now.astimezone(UTC) + timedelta(microseconds=1)
        found = outbox.pending(conn, before=later, limit=99)
        kept = [Outgoing(m.topic, clean(m.key), m.value) for m in messages]
        assert found == list(zip(ids, kept, strict=True))
        assert outbox.pending(conn, before=now, limit=99) == []
        raise _Undo


@settings(max_examples=60, deadline=None)
@given(MOMENTS, ANY_TEXT, st.floats(0, 1e6))
def test_polls_come_back_with_clean_words_and_times_in_utc(
    store: Archive, moment: datetime, detail: str, seconds: float
) -> None:
    poll = Poll("f", moment, None, "dns", 1, 2, 3, 4, seconds, detail)
    with pytest.raises(_Undo), store.begin() as conn:  # noqa: PT012
        feeds.add_polls(conn, [poll])
        (found,) = feeds.polls_of(conn, "f", limit=9)
        # Compared in UTC: Python holds an hour that a zone has twice unequal to all of other zones.
        assert found.polled_at == moment.astimezone(UTC)
        assert found.polled_at.utcoffset() == timedelta(0)
        assert (found.detail, found.seconds) == (clean(detail), seconds)
        raise _Undo


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(ANY_TEXT, st.sampled_from("abc"), max_size=8), ENCODABLE)
def test_any_string_is_a_key(store: Archive, owners: dict[str, str], title: str) -> None:
    keys = {id_: [k for k, owner in owners.items() if owner == id_] for id_ in "abc"}
    with pytest.raises(_Undo), store.begin() as conn:  # noqa: PT012
        stored = [article(id_, title=title) for id_ in "abc"]
        articles.add_revisions(conn, stored, keys)
        assert articles.resolve(conn, [*owners, "none of them " * 9]) == owners
        assert {articles.get(conn, id_) for id_ in "abc"} == set(stored)
        raise _Undo


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["new", "old", 'qu"o\\te']), st.integers(0, 2**40)),
        max_size=5,
    )
)
def test_accounts_are_sums(store: Archive, batches: list[dict[str, int]]) -> None:
    expected: Counter[str] = Counter()
    with pytest.raises(_Undo), store.begin() as conn:  # noqa: PT012
        for n, batch in enumerate(batches):
            accounts.count(conn, str(n % 2), "poll", batch)
            expected.update(batch)
        assert accounts.totals(conn).get("poll", {}) == {k: n for k, n in expected.items() if n}
        raise _Undo


@given(ANY_TEXT, ANY_TEXT)
def test_clean_text_can_be_stored_and_cleaning_is_done_once(one: str, other: str) -> None:
    kept = clean(one)
    kept.encode()
    assert "\x00" not in kept
    assert clean(kept) == kept
    assert (digest(one) == digest(other)) == (one == other)


@given(st.text(min_size=LONGEST_KEY - 2, max_size=LONGEST_KEY + 2))
def test_folded_keys_are_short_and_stay_apart(key: str) -> None:
    assert len(fold(key)) <= LONGEST_KEY
    if len(key) > LONGEST_KEY:
        assert fold(key) != fold(key + "x")


def test_a_time_without_a_zone_is_refused(store: Archive) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(Exception, match="without a zone"), store.begin() as conn:
        outbox.enqueue(conn, "s", [Outgoing("t", "k", b"")], naive)

"""What was learnt of the rarity of words keeps its versions on every kind of database."""

from __future__ import annotations

from nightdesk.archive import Archive, articles, definitions, rarities
from nightdesk.archive.rarities import FIRST, KEPT, Learnt, Place
from tests.support.archive_samples import NOON, article, at

MANY = b"\x00\xff" * 500_000


def test_nothing_is_in_force_before_the_first(archive: Archive) -> None:
    with archive.begin() as conn:
        assert rarities.in_force(conn) is None
        assert rarities.version(conn) == 0
        assert rarities.put(conn, None, author="mara", now=NOON) == 0
        assert definitions.epoch(conn) == 0


def test_each_change_is_a_version_and_moves_the_epoch_once(archive: Archive) -> None:
    with archive.begin() as conn:
        assert rarities.put(conn, MANY, author="mara", now=NOON, since=at(-9)) == 1
        assert rarities.in_force(conn) == Learnt(1, "mara", NOON, at(-9), MANY)
        assert definitions.epoch(conn) == 1
    with archive.begin() as conn:
        assert rarities.put(conn, MANY, author="somebody", now=at(1)) == 1
        assert definitions.epoch(conn) == 1
        assert rarities.put(conn, b"other", author="mara", now=at(2)) == 2
        assert rarities.put(conn, None, author="mara", now=at(3)) == 3
        assert rarities.in_force(conn) == Learnt(3, "mara", at(3), None, None)
        assert (rarities.version(conn), definitions.epoch(conn)) == (3, 3)


def test_what_is_rolled_back_was_never_in_force(archive: Archive) -> None:
    try:
        with archive.begin() as conn:
            rarities.put(conn, b"counts", author="mara", now=NOON)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    with archive.read() as conn:
        assert (rarities.version(conn), definitions.epoch(conn)) == (0, 0)


def test_old_versions_are_forgotten(archive: Archive) -> None:
    with archive.begin() as conn:
        for n in range(KEPT + 3):
            rarities.put(conn, b"%d" % n, author="mara", now=at(n))
        assert rarities.version(conn) == KEPT + 3
        kept = conn.exec_driver_sql("SELECT count(*) FROM rarities").scalar()
    assert kept == KEPT


def test_articles_are_counted_and_paged_in_the_order_in_which_they_were_seen(
    archive: Archive,
) -> None:
    several = [article(f"a{n}", seen_at=at(n // 3)) for n in range(9)]
    with archive.begin() as conn:
        articles.add_revisions(conn, several, {})
    with archive.read() as conn:
        assert (rarities.count(conn), rarities.count(conn, at(1))) == (9, 6)
        place, read = Place(FIRST, ""), []
        while page := rarities.ids(conn, place, 2):
            place = page[-1]
            read += [one.article for one in page]
        assert read == [f"a{n}" for n in range(9)]
        since = rarities.ids(conn, Place(at(1), ""), 99)
    assert [one.article for one in since] == [f"a{n}" for n in range(3, 9)]

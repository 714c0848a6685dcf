"""Counts and learned lines of sources, on every kind of database."""

from __future__ import annotations

import threading

import pytest

from nightdesk.archive import Archive, boilerplate
from nightdesk.archive.boilerplate import LAPSES_AFTER, LearnedLine
from nightdesk.archive.errors import ArchiveConflict
from nightdesk.archive.types import fold
from tests.support.archive_samples import NOON, at

MANY = b"\x00\xff'\\" * 5_000
KEY, OTHER = b"\x00'\"\\\xff{},", b"12345678"
SOURCES = ("Wire", "Wíre \x00 'of' \"all\"", "W" * 900)


def line(source: str = "Wire", key: bytes = KEY, **changes: object) -> LearnedLine:
    values = {
        "words": "Write to our night desk",
        "learned_at": NOON,
        "seen_at": NOON,
        "dropped": 0,
        "undone_at": None,
    }
    return LearnedLine(source, key, **(values | changes))  # type: ignore[arg-type]


def test_counts_are_kept_by_source(archive: Archive) -> None:
    folded = [fold(source) for source in SOURCES]
    with archive.begin() as conn:
        assert boilerplate.counts(conn, SOURCES) == {}
        boilerplate.save_counts(conn, [(name, NOON, MANY) for name in folded], ())
    with archive.begin() as conn:
        found = boilerplate.counts(conn, [*SOURCES, "Nobody"])
        assert found == dict.fromkeys(folded, MANY)
        boilerplate.save_counts(conn, [(folded[0], at(1), b"new")], found)
        assert boilerplate.counts(conn, SOURCES)[folded[0]] == b"new"
        assert boilerplate.counts(conn, SOURCES)[folded[1]] == MANY


def test_the_first_counts_of_a_source_are_stored_once(archive: Archive) -> None:
    with archive.begin() as conn:
        boilerplate.save_counts(conn, [("Wire", NOON, b"1")], ())
    with pytest.raises(ArchiveConflict), archive.begin() as conn:
        boilerplate.save_counts(conn, [("Wire", NOON, b"2")], ())
    with archive.read() as conn:
        assert [row[0] for row in conn.exec_driver_sql("SELECT payload FROM line_counts")]


def test_who_read_counts_holds_them_until_the_commit(archive_url: str) -> None:
    from nightdesk.archive import open_archive

    one, other = open_archive(archive_url), open_archive(archive_url)
    one.migrate()
    with one.begin() as conn:
        boilerplate.save_counts(conn, [("Wire", NOON, b"0")], ())
    began = threading.Event()

    def add(archive: Archive) -> None:
        with archive.begin() as conn:
            payload = boilerplate.counts(conn, ["Wire"])["Wire"]
            boilerplate.save_counts(conn, [("Wire", NOON, payload + b"+")], ["Wire"])

    def beside() -> None:
        began.set()
        add(other)

    with one.begin() as conn:
        payload = boilerplate.counts(conn, ["Wire"])["Wire"]
        thread = threading.Thread(target=beside)
        thread.start()
        began.wait()
        boilerplate.save_counts(conn, [("Wire", NOON, payload + b"+")], ["Wire"])
    thread.join()
    with one.begin() as conn:
        assert boilerplate.counts(conn, ["Wire"]) == {"Wire": b"0++"}
    one.close()
    other.close()


def test_lines_add_up_and_keep_what_is_theirs(archive: Archive) -> None:
    with archive.begin() as conn:
        boilerplate.put(conn, [line(dropped=2), line(key=OTHER), line("Gazette")])
        assert boilerplate.set_undone(conn, "Wire", KEY, at(5))
        assert not boilerplate.set_undone(conn, "Wire", b"nothing.", at(5))
        boilerplate.put(conn, [line(words="x", learned_at=at(9), seen_at=at(9), dropped=3)])
        of_wire = {one.line: one for one in boilerplate.lines(conn, ["Wire"])}
    assert of_wire == {
        KEY: line(seen_at=at(9), dropped=5, undone_at=at(5)),
        OTHER: line(key=OTHER),
    }
    with archive.begin() as conn:
        assert boilerplate.set_undone(conn, "Wire", KEY, None)
        assert [one.dropped for one in boilerplate.listed(conn)] == [5, 0, 0]
        assert [one.source for one in boilerplate.listed(conn, "Gazette")] == ["Gazette"]
        assert boilerplate.listed(conn, "Nobody") == []


def test_a_line_holds_until_it_is_undone_or_lapses() -> None:
    assert line().holds(NOON + LAPSES_AFTER)
    assert not line().holds(at(1) + LAPSES_AFTER)
    assert not line(undone_at=NOON).holds(NOON)

"""The alert stage on a real archive: what it tells does not depend on how messages were batched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nightdesk.archive import Archive, alerts, definitions, matches, open_archive, paces
from nightdesk.pipeline.alert import AlertStage
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.stage import Incoming, Received
from schemas import Alert, AlertKind, Match
from tests.support.freighter import (
    NEWS,
    NOON,
    OTHER,
    REPORT,
    STORYLINE,
    Desk,
    make_match,
)

STREAM = [
    make_match("gazette"),
    make_match("herald", REPORT[:180], title="Freighter aground", hours=1),
    make_match("tribune", f"{NEWS} {REPORT}", hours=2),
    make_match("gazette", f"{REPORT} {OTHER}", revision=2, hours=3).model_copy(
        update={"version": 2}
    ),
    make_match("mirror", f"{NEWS} {REPORT}", hours=120),
    make_match("late", f"{OTHER} {NEWS}", hours=80),
    make_match("herald2", OTHER, source="herald", hours=300),
]


def expected_pace(batches: Sequence[Sequence[Match]]) -> str:
    """Return the pace that the pure domain comes to, report by report."""
    desk = Desk()
    for match in (match for batch in batches for match in batch):
        desk.take(match)
    return desk.pace.model_dump_json()


def told(
    folder: Path, batches: Sequence[Sequence[Match]], stream: Sequence[Match] = STREAM
) -> list[Alert]:
    """Run the stage over `batches`, each in a transaction, and return every change of every alert."""
    folder.mkdir()
    archive: Archive = open_archive(f"sqlite:///{folder}/archive.sqlite")
    archive.migrate()
    stage = AlertStage(CatalogueCache())
    raised: list[Alert] = []
    with archive.begin() as connection:
        definitions.put(connection, STORYLINE, author="test", now=NOON)
        matches.record(connection, [(m, f"c{n}") for n, m in enumerate(stream)])
    for batch in batches:
        with archive.begin() as connection:
            received = [
                Received(Incoming("matches", 0, n, None, None), m) for n, m in enumerate(batch)
            ]
            work = stage.process(connection, received, NOON)
            raised += [Alert.model_validate_json(row.value) for row in work.outputs]
        stage.forget()
    with archive.read() as connection:
        assert paces.load(connection, "port") == expected_pace(batches)
        kept = [a for alert in {a.id for a in raised} for a in alerts.history(connection, alert)]
    assert sorted(kept, key=str) == sorted(raised, key=str)
    archive.close()
    return raised


def test_a_surge_is_told_whatever_the_batches_and_a_replay_tells_nothing(tmp_path: Path) -> None:
    past = [make_match(f"past{n}", f"past{n} " * 30, hours=-240 + 60 * n) for n in range(4)]
    rush = [make_match(f"rush{n}", f"rush{n} word{n} " * 20, hours=n / 60) for n in range(9)]
    stream = past + rush
    one_by_one = told(tmp_path / "a", [[match] for match in stream], stream)
    assert told(tmp_path / "b", [stream], stream) == one_by_one
    assert told(tmp_path / "c", [[*stream, *stream]], stream) == one_by_one
    assert [alert.kind for alert in one_by_one].count(AlertKind.SURGE) == 1


def test_batches_are_no_matter(tmp_path: Path) -> None:
    one_by_one = told(tmp_path / "a", [[match] for match in STREAM])
    assert told(tmp_path / "b", [STREAM]) == one_by_one
    assert told(tmp_path / "c", [STREAM[:2], STREAM[2:5], STREAM[5:]]) == one_by_one
    assert [alert.kind.value for alert in one_by_one] == [
        "new_development",
        "more_of_the_same",
        "grown",
        "revision",
        "more_of_the_same",
        "new_development",
    ]

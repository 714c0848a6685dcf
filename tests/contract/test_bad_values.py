"""Values that no database can hold: buried alone, the same on every archive, and never tried for ever."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from nightdesk.archive import Archive, accounts, deadletters
from nightdesk.clock import SettableClock
from nightdesk.pipeline.bare import build_stages
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.runner import BatchRunner
from nightdesk.pipeline.stage import Incoming
from schemas import DeadLetterReason
from tests.support.strangers import Document, article, match

HUGE = 10**30


@pytest.mark.parametrize(
    ("stage", "bad", "sound", "fates"),
    [
        (
            "nominate",
            article(id="bad", revision=HUGE),
            article(id="sound"),
            {0: DeadLetterReason.BREAKS_CONTRACT},
        ),
        (
            "alert",
            match("lamp", id="bad", version=HUGE),
            match("lamp", id="sound"),
            {0: DeadLetterReason.BREAKS_CONTRACT, 1: DeadLetterReason.UNKNOWN_STORYLINE},
        ),
    ],
)
def test_a_number_beyond_all_bounds_is_buried_alone(
    archive: Archive,
    stage: str,
    bad: Document,
    sound: Document,
    fates: dict[int, DeadLetterReason],
) -> None:
    found = next(one for one in build_stages(CatalogueCache()) if one.name == stage)
    runner = BatchRunner(found, archive, SettableClock(datetime(2026, 2, 3, tzinfo=UTC)))
    values = [json.dumps(one).encode() for one in (bad, sound)]
    runner.run([Incoming(found.topic, 0, n, None, value) for n, value in enumerate(values)])
    with archive.read() as connection:
        letters = {one.offset: one for one in deadletters.list_letters(connection, limit=10)}
        totals = accounts.totals(connection)[stage]
    assert {offset: letter.reason for offset, letter in letters.items()} == fates
    assert totals["received"] == 2
    assert totals["dead_letter"] == len(fates)
    assert "beyond all bounds" in letters[0].detail
    assert "find it" in letters[0].hint

"""The learner: it learns when the archive's own account says that it is due, and where it is asked to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.learning import Learner
from agents.runtime import Runtime
from nightdesk.archive import articles, rarities
from nightdesk.clock import SettableClock
from nightdesk.pipeline.rarity import bring_into_force, in_force
from nightdesk.settings import Settings
from nightdesk.storylines.rarity import UNKNOWN
from tests.unit.storylines.build import NOON, make_article

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOON)


@pytest.fixture
def desk(tmp_path: Path, clock: SettableClock) -> Iterator[Runtime]:
    runtime = Runtime(Settings(state_dir=tmp_path, rarity_interval=DAY), clock=clock)
    yield runtime
    runtime.close()


def learner(runtime: Runtime) -> Learner:
    canary: Any = SimpleNamespace(owned=lambda: frozenset({0}))
    return Learner(runtime, canary)


def fill(runtime: Runtime, number: int, days_ago: int = 0) -> None:
    several = [
        make_article(
            "El gobierno habla del puerto.",
            id=f"d{days_ago}-{n}",
            language="es",
            seen_at=NOON - days_ago * DAY,
        )
        for n in range(number)
    ]
    with runtime.archive.begin() as connection:
        articles.add_revisions(connection, several, {})


async def test_what_it_learns_is_in_force_at_once(desk: Runtime) -> None:
    fill(desk, 250)
    fill(desk, 250, days_ago=91)
    assert await learner(desk).learn() == 1
    with desk.archive.read() as connection:
        learnt = rarities.in_force(connection)
        assert in_force(connection).weight("gobierno") < UNKNOWN
    assert learnt is not None
    assert (learnt.author, learnt.made_at, learnt.since) == ("learner", NOON, NOON - 90 * DAY)


async def test_it_is_due_an_interval_after_the_last_version_whoever_made_it(
    desk: Runtime, clock: SettableClock
) -> None:
    assert await learner(desk).is_due()
    fill(desk, 250)
    await learner(desk).learn()
    # A worker that starts again asks the archive.
    assert not await learner(desk).is_due()
    clock.set(NOON + DAY)
    assert await learner(desk).is_due()
    with desk.archive.begin() as connection:
        bring_into_force(connection, None, author="mara", now=clock.now())
    assert not await learner(desk).is_due()


async def test_what_is_too_little_changes_nothing_and_is_not_read_again_at_once(
    desk: Runtime,
) -> None:
    fill(desk, 20)
    one = learner(desk)
    assert await one.learn() is None
    assert not await one.is_due()
    with desk.archive.read() as connection:
        assert rarities.version(connection) == 0


async def test_without_an_interval_it_is_never_due(tmp_path: Path) -> None:
    runtime = Runtime(Settings(state_dir=tmp_path), clock=SettableClock(NOON))
    assert not await learner(runtime).is_due()
    runtime.close()

"""Workers that start together apply their bundles one after the other, and none of them fails for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from agents.commands.run import apply_bundle
from agents.runtime import Runtime
from nightdesk.archive import Archive, definitions, open_archive
from nightdesk.archive.errors import ArchiveLocked
from nightdesk.bundles.apply import apply
from nightdesk.bundles.plan import plan
from nightdesk.errors import ConfigurationError
from nightdesk.settings import Settings
from schemas import Bundle
from tests.support.pipes import PipedBundle
from tests.support.service import until
from tests.unit.bundles.support import GOOD, NOW, check

WORKERS = 4
OTHER = GOOD.replace("harbour-wire", "coast-wire").replace("interval: 5m", "interval: 7m")

MakeRuntime = Callable[..., Runtime]


@pytest.fixture
def make_runtime(archive_url: str, tmp_path: Path) -> Iterator[MakeRuntime]:
    """Makes workers' runtimes on one archive, with connections of their own."""
    with ExitStack() as stack:

        def make(**options: float) -> Runtime:
            archive = open_archive(archive_url, **options)
            archive.migrate()
            runtime = Runtime(Settings(state_dir=tmp_path, web_port=0), archive=archive)
            stack.callback(runtime.close)
            return runtime

        yield make


def _bundle(text: str = GOOD) -> Bundle:
    bundle = check(text).bundle
    assert bundle is not None
    return bundle


def _versions(archive: Archive) -> dict[str, int]:
    with archive.read() as conn:
        current = definitions.current(conn)
    kinds = (current.feeds, current.storylines, current.subscriptions, current.silences)
    return {name: held.version for kind in kinds for name, held in kind.items()}


def _start_together(
    make_runtime: MakeRuntime, folder: Path, texts: list[str], *, at_once: bool
) -> list[Runtime]:
    """Let one worker for each text apply it, after all of them have looked at the archive.

    They apply it `at_once`, or each after the one before it is done.
    """
    runtimes = [make_runtime() for _ in texts]
    with ThreadPoolExecutor(len(texts)) as pool, ExitStack() as stack:
        pipes = [
            stack.enter_context(PipedBundle(folder / f"bundle-{number}.yaml"))
            for number in range(len(texts))
        ]
        started: list[Future[None]] = [
            pool.submit(apply_bundle, runtime, pipe.path)
            for runtime, pipe in zip(runtimes, pipes, strict=True)
        ]
        for pipe in pipes:
            pipe.await_reader()
        for pipe, text, one in zip(pipes, texts, started, strict=True):
            pipe.write(text)
            if not at_once:
                one.result()
        for one in started:
            one.result()
    return runtimes


@pytest.mark.parametrize("at_once", [True, False])
def test_workers_that_start_together_on_an_empty_archive_all_start(
    make_runtime: MakeRuntime, tmp_path: Path, at_once: bool
) -> None:
    runtimes = _start_together(make_runtime, tmp_path, [GOOD] * WORKERS, at_once=at_once)
    versions = _versions(runtimes[0].archive)
    assert set(versions.values()) == {1}
    assert len(versions) == 5


@pytest.mark.parametrize("at_once", [True, False])
def test_workers_with_bundles_that_differ_all_start(
    make_runtime: MakeRuntime, tmp_path: Path, at_once: bool
) -> None:
    texts = [GOOD, OTHER] * (WORKERS // 2)
    runtimes = _start_together(make_runtime, tmp_path, texts, at_once=at_once)
    versions = _versions(runtimes[0].archive)
    assert versions["harbour-wire"] == versions["coast-wire"] == 1
    assert len(versions) == 6


def test_a_plan_that_somebody_else_carried_out_changes_nothing(archive: Archive) -> None:
    with archive.read() as conn:
        stale = plan(definitions.current(conn), _bundle())
    with archive.begin() as conn:
        assert len(apply(conn, stale, author="mara", now=NOW)) == 5
    with archive.begin() as conn:
        assert apply(conn, stale, author="tom", now=NOW) == {}
    with archive.read() as conn:
        empty = plan(definitions.current(conn), Bundle(), prune=True)
    for done in (5, 0):
        with archive.begin() as conn:
            assert len(apply(conn, empty, author="tom", now=NOW)) == done
    assert _versions(archive) == {}


def test_a_plan_is_refused_where_somebody_else_went_another_way(archive: Archive) -> None:
    with archive.read() as conn:
        stale = plan(definitions.current(conn), _bundle())
    other = GOOD.replace("interval: 5m", "interval: 7m")
    with archive.begin() as conn:
        apply(conn, plan(definitions.current(conn), _bundle(other)), author="mara", now=NOW)
    with pytest.raises(ConfigurationError, match="by somebody else"), archive.begin() as conn:
        apply(conn, stale, author="tom", now=NOW)


def test_a_start_waits_for_a_worker_that_applies_a_large_bundle(
    make_runtime: MakeRuntime, tmp_path: Path
) -> None:
    (tmp_path / "bundle.yaml").write_text(GOOD)
    first, second = make_runtime(), make_runtime(busy_timeout=0.3)
    with capture_logs() as told, ThreadPoolExecutor(1) as pool:
        with first.archive.begin() as conn:
            definitions.hold(conn)
            start = pool.submit(apply_bundle, second, tmp_path / "bundle.yaml")
            until(lambda: start.done() or told, "a word of the second worker's wait")
        start.result()
    assert told[0]["event"] == "bundle_waits"
    assert len(_versions(first.archive)) == 5


def test_a_start_does_not_wait_for_ever(make_runtime: MakeRuntime, tmp_path: Path) -> None:
    (tmp_path / "bundle.yaml").write_text(GOOD)
    first, second = make_runtime(), make_runtime(busy_timeout=0.02)
    with first.archive.begin() as conn:
        definitions.hold(conn)
        with pytest.raises(ArchiveLocked):
            apply_bundle(second, tmp_path / "bundle.yaml")
    assert _versions(first.archive) == {}

"""Workers started together on one empty archive, as a deployment does it: each of them comes up."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from nightdesk.archive import definitions
from tests.support.pipes import PipedBundle
from tests.support.service import Service
from tests.unit.bundles.support import GOOD

BUNDLE = GOOD.replace("  - id: harbour-wire\n", "  - id: harbour-wire\n    enabled: false\n")


def test_both_of_two_workers_start(archive_url: str, tmp_path: Path) -> None:
    workers = [Service(tmp_path / name, ARCHIVE_URL=archive_url) for name in ("one", "two")]
    with ExitStack() as stack:
        bundles = []
        for worker in workers:
            bundle = stack.enter_context(PipedBundle(tmp_path / f"{worker.folder.name}.yaml"))
            worker.start("--bundle", str(bundle.path))
            stack.callback(worker.kill)
            bundles.append(bundle)
        # Both have looked at the empty archive before either may go on.
        for bundle in bundles:
            bundle.await_reader()
        for worker, bundle in zip(workers, bundles, strict=True):
            bundle.write(BUNDLE)
            assert worker.web_address()
        with workers[0].archive() as archive, archive.read() as connection:
            feeds = definitions.current(connection).feeds
        assert {name: feed.version for name, feed in feeds.items()} == {"harbour-wire": 1}
        for worker in workers:
            code, _ = worker.stop()
            assert code == 0, worker.said()

"""The pipeline without a stream: the same stages, runners and archive, driven from memory.

Comes in: reports, or messages of a later topic.  Goes out: every message that any stage sent, in
order.  `nightdesk replay` and `backtest` run on this, and so does the benchmark that tells what the
stream itself costs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from nightdesk.archive import outbox
from nightdesk.archive.engine import Archive
from nightdesk.archive.outbox import Outgoing
from nightdesk.clock import Clock
from nightdesk.dense.encoder import Encoder
from nightdesk.pipeline.alert import AlertStage
from nightdesk.pipeline.decide import DecideStage
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.deliver import DeliverStage
from nightdesk.pipeline.nominate import NominateStage
from nightdesk.pipeline.normalise import NormaliseStage
from nightdesk.pipeline.runner import BatchRunner
from nightdesk.pipeline.stage import Incoming, Stage
from schemas import Report

T = TypeVar("T")


def build_stages(
    catalogues: CatalogueCache, encoder: Encoder | None = None
) -> tuple[Stage[Any], ...]:
    """Return all stages in the order of the pipeline.  Each worker builds its own.

    With an `encoder` reports are compared by their meaning too.
    """
    return (
        NormaliseStage(),
        NominateStage(catalogues, encoder),
        DecideStage(catalogues, encoder),
        AlertStage(catalogues),
        DeliverStage(catalogues),
    )


class BareLoop:
    """Feeds reports through all stages, a batch at a time, each topic being one partition.

    `stages` are the names of those to run, if not all: what they send to others is yielded alone.
    """

    def __init__(
        self,
        archive: Archive,
        clock: Clock,
        *,
        catalogues: CatalogueCache | None = None,
        stages: Collection[str] = (),
        encoder: Encoder | None = None,
    ) -> None:
        self._runners = [
            BatchRunner(stage, archive, clock)
            for stage in build_stages(catalogues or CatalogueCache(), encoder)
            if not stages or stage.name in stages
        ]
        self._archive = archive
        self._offsets: dict[str, int] = {}
        self._sent: list[int] = []

    def run(self, reports: Sequence[Report]) -> Iterator[Outgoing]:
        """Take `reports` through to the end; yield what each stage sent, `deliveries` included."""
        return self.feed([Outgoing("reports", r.feed, r.to_bytes()) for r in reports])

    def feed(self, messages: Iterable[Outgoing]) -> Iterator[Outgoing]:
        """The same with messages of any topic that one of the stages reads."""
        queues: dict[str, deque[Incoming]] = {r.stage.topic: deque() for r in self._runners}
        for message in messages:
            queues[message.topic].append(self._place(message))
        for runner in self._runners:
            queue = queues[runner.stage.topic]
            if not queue:
                continue
            done = runner.run(list(queue), sent=self._sent)
            self._sent = [row for row, _ in done.to_send]
            for _, message in done.to_send:
                if message.topic in queues:
                    queues[message.topic].append(self._place(message))
                yield message

    def finish(self) -> None:
        """Discard the last outbox rows; call it when no report is left."""
        with self._archive.begin() as connection:
            outbox.discard(connection, self._sent)
        self._sent = []

    def _place(self, message: Outgoing) -> Incoming:
        offset = self._offsets.get(message.topic, -1) + 1
        self._offsets[message.topic] = offset
        return Incoming(message.topic, 0, offset, message.key, message.value)


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut `items` into lists of `size`, the last one perhaps shorter."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk

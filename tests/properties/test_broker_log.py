"""The log against a model of it: whatever is done, it does what plain lists would do."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from agents.broker.cleaning import clean
from agents.broker.headers import decode_headers, encode_headers
from agents.broker.log import Log
from agents.broker.model import Draft, Partition, Record, weigh

PARTITIONS = st.integers(0, 1)
KEYS = st.sampled_from([None, b"", b"a", b"b", b"c"])
VALUES = st.one_of(st.none(), st.binary(max_size=40))
HEADERS = st.lists(st.tuples(st.text(max_size=5), st.none() | st.binary(max_size=5)), max_size=3)
MESSAGES = st.tuples(PARTITIONS, st.integers(-(2**50), 2**50), HEADERS, KEYS, VALUES)
TOMBSTONE_MS = 50


class Kept:
    """The model of a partition: the messages that are kept, with the time of their append."""

    def __init__(self) -> None:
        self.records: list[tuple[Record, int]] = []
        self.start = 0
        self.end = 0


class LogAgainstModel(RuleBasedStateMachine):
    """Appends, failures, commits, cleaning and reopening, in any order."""

    @initialize(
        compacting=st.booleans(),
        retention_ms=st.none() | st.integers(0, 200),
        retention_bytes=st.none() | st.integers(0, 200),
    )
    def open(self, compacting, retention_ms, retention_bytes):
        self.folder = Path(tempfile.mkdtemp())
        self.now_ms = 0
        self.settings = (retention_ms, retention_bytes, compacting)
        self.model = [Kept() for _ in range(2)]
        self.positions: dict[str, dict[int, int]] = {}
        self.log = Log(self.folder / "broker.db")
        self.log.ensure_topic(
            "t",
            2,
            retention_ms=retention_ms,
            retention_bytes=retention_bytes,
            compacting=compacting,
            now_ms=0,
        )

    def teardown(self):
        if hasattr(self, "log"):
            self.log.close()
            shutil.rmtree(self.folder)

    @property
    def partitions(self) -> list[Partition]:
        return self.log.topics["t"].partitions

    @rule(milliseconds=st.integers(1, 100))
    def wait(self, milliseconds):
        self.now_ms += milliseconds

    @rule(
        messages=st.lists(MESSAGES, min_size=1, max_size=10), times=st.sampled_from([1, 1, 1, 40])
    )
    def append(self, messages, times):
        messages = messages * times
        drafts = [
            Draft(self.partitions[number], timestamp_ms, encode_headers(headers), key, value)
            for number, timestamp_ms, headers, key, value in messages
        ]
        offsets = self.log.append(drafts, now_ms=self.now_ms)
        for draft, offset in zip(drafts, offsets, strict=True):
            kept = self.model[draft.partition.number]
            assert offset == kept.end
            kept.end += 1
            kept.records.append((Record(offset, *draft[1:]), self.now_ms))
        for (_, _, headers, _, _), draft in zip(messages, drafts, strict=True):
            assert list(decode_headers(draft.headers)) == headers

    @rule(messages=st.lists(MESSAGES, min_size=1, max_size=5))
    def fail_to_append(self, messages):
        """A value that SQLite cannot take, at the end: nothing of the batch may be kept."""
        drafts = [
            Draft(self.partitions[number], *rest)
            for number, *rest in [(m[0], m[1], encode_headers(m[2]), m[3], m[4]) for m in messages]
        ]
        drafts.append(Draft(self.partitions[0], 2**63, None, None, b""))
        try:
            self.log.append(drafts, now_ms=self.now_ms)
        except OverflowError:
            return
        raise AssertionError("2**63 does not fit")

    @rule(group=st.sampled_from(["g", "h"]), number=PARTITIONS, share=st.floats(0, 1))
    def commit(self, group, number, share):
        position = int(self.model[number].end * share)
        self.log.commit(group, {self.partitions[number]: position}, now_ms=self.now_ms)
        self.positions.setdefault(group, {})[number] = position

    @rule(group=st.sampled_from(["g", "h"]))
    def forget(self, group):
        self.log.forget_group(group)
        self.positions.pop(group, None)

    @rule(budget=st.sampled_from([3, 1000]))
    def clean_up(self, budget):
        while clean(self.log, now_ms=self.now_ms, budget=budget, tombstone_ms=TOMBSTONE_MS):
            pass
        for number, kept in enumerate(self.model):
            floor = min(
                (p[number] for p in self.positions.values() if number in p), default=kept.end
            )
            self._expire(kept, floor)
            if self.settings[2]:
                self._compact(kept, floor)

    def _expire(self, kept: Kept, floor: int) -> None:
        retention_ms, retention_bytes, _ = self.settings
        while kept.records:
            record, appended_ms = kept.records[0]
            size = sum(weigh(each) for each, _ in kept.records)
            old = retention_ms is not None and appended_ms < self.now_ms - retention_ms
            over = retention_bytes is not None and size > retention_bytes
            if record.offset >= floor or not (old or over):
                return
            kept.records.pop(0)
            kept.start = record.offset + 1

    def _compact(self, kept: Kept, floor: int) -> None:
        last = {record.key: record.offset for record, _ in kept.records}
        kept.records = [
            (record, appended_ms)
            for record, appended_ms in kept.records
            if record.key is None
            or record.offset >= floor
            or (
                last[record.key] == record.offset
                and not (record.value is None and appended_ms <= self.now_ms - TOMBSTONE_MS)
            )
        ]

    @rule()
    def reopen(self):
        self.log.close()
        self.log = Log(self.folder / "broker.db")

    @rule(
        number=PARTITIONS, share=st.floats(0, 1), most=st.integers(1, 20), size=st.integers(0, 99)
    )
    def fetch(self, number, share, most, size):
        kept = self.model[number]
        offset = int(kept.end * share)
        got = self.log.fetch(self.partitions[number], offset, max_records=most, max_bytes=size)
        expected = [record for record, _ in kept.records if record.offset >= offset][:most]
        while len(expected) > 1 and sum(map(weigh, expected)) > size:
            expected.pop()
        assert got == expected

    @invariant()
    @precondition(lambda self: hasattr(self, "log"))
    def counters_agree(self):
        for partition, kept in zip(self.partitions, self.model, strict=True):
            assert partition.end == kept.end
            assert partition.start == kept.start
            assert partition.bytes == sum(weigh(record) for record, _ in kept.records)

    @invariant()
    @precondition(lambda self: hasattr(self, "log"))
    def positions_agree(self):
        for group in ("g", "h"):
            expected = {("t", n): at for n, at in self.positions.get(group, {}).items()}
            assert self.log.positions(group) == expected


LogAgainstModel.TestCase.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
test_log_against_model = LogAgainstModel.TestCase

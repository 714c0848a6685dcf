"""The domain reads no clock: what it knows of time is passed in (nightdesk/clock.py says how)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import nightdesk

DOMAIN = Path(nightdesk.__file__).parent
CLOCK = DOMAIN / "clock.py"
READERS = {
    *("monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "process_time", "time_ns"),
    *("thread_time", "utcnow", "today"),
}


def readings(source: str) -> Iterator[str]:
    """Yield each place where `source` reads a clock, or takes one over to read it elsewhere."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            taken = [name.name for name in node.names if name.name in {"time", *READERS}]
            yield from (f"line {node.lineno}: time.{name}" for name in taken)
        if not isinstance(node, ast.Attribute):
            continue
        whole = ast.unparse(node)
        if node.attr in READERS or whole in {"time.time", "datetime.now"}:
            yield f"line {node.lineno}: {whole}"


def test_no_module_reads_a_clock() -> None:
    found = {
        str(path.relative_to(DOMAIN)): places
        for path in DOMAIN.rglob("*.py")
        if path != CLOCK and (places := list(readings(path.read_text("utf-8"))))
    }
    assert found == {}, "take a Clock or Ticks in, see nightdesk/clock.py"


@pytest.mark.parametrize(
    "source",
    [
        "from time import perf_counter",
        "import time\nbegan = time.monotonic()",
        "import time\ndef f(ticks=time.monotonic): ...",
        "import time\nstamp = time.time()",
        "datetime.now(UTC)",
        "date.today()",
    ],
)
def test_a_reading_is_found(source: str) -> None:
    assert len(list(readings(source))) == 1


def test_a_pause_is_no_reading() -> None:
    assert list(readings("import time\ntime.sleep(1)\nclock.now()\nvalue = time.struct_time")) == []

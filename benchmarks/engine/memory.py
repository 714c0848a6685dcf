"""What the engine keeps: bytes a compiled storyline, and bytes of what a busy one remembers.

    python -m benchmarks.engine.memory STORYLINES

Prints one JSON line.  Counted by tracemalloc, which slows all down: so it is a process of its own.  The
definitions, which the archive holds as well, are told apart from what compiling makes of them.  What is
remembered of words, within bounds and for all storylines together, has been filled before by others.
"""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc

from benchmarks.engine.material import NOW, made_up
from nightdesk.storylines.compile import compile_storylines
from nightdesk.storylines.decide import decide
from nightdesk.storylines.memory import Memory
from nightdesk.storylines.nominate import nominate
from nightdesk.storylines.rarity import shipped_rarity

_BUSY = 10
_REPORTS = 200
_OTHERS = 2_000
_OTHER_SEED = 8


def measure(storylines: int) -> dict[str, float]:
    """Return KB a storyline: `compiled`, `definition`, `busy` and how many reports that is."""
    shipped_rarity()
    tracemalloc.start()
    others = made_up(_OTHERS, 0, busy=2, seed=_OTHER_SEED)
    compile_storylines([(s, 1) for s in others.storylines], rarity=shipped_rarity())
    del others
    start = _used()
    material = made_up(storylines, 0, busy=0)
    defined = _used()
    index = compile_storylines([(s, 1) for s in material.storylines], rarity=shipped_rarity())
    compiled = _used()
    del index
    busy = _remembered()
    tracemalloc.stop()
    return {
        "compiled": (compiled - defined) / storylines / 1e3,
        "definition": (defined - start) / storylines / 1e3,
        **busy,
    }


def _remembered() -> dict[str, float]:
    """Fill memories with as many reports as they hold, and read them back as a worker would."""
    material = made_up(_BUSY, 0, busy=_REPORTS * _BUSY)
    index = compile_storylines([(s, 1) for s in material.storylines], rarity=shipped_rarity())
    full: dict[str, Memory] = {}
    for article in material.busy:
        for candidate in nominate(article, index, now=NOW):
            name = candidate.storyline
            storyline = index.storylines[name]
            full[name] = decide(candidate, storyline, full.get(name) or Memory(), now=NOW).memory
    busy = sorted(full, key=lambda name: -len(full[name].reports))[:_BUSY]
    kept = {name: full[name].to_bytes() for name in busy}
    full.clear()
    before = _used()
    memories = {name: Memory.from_bytes(data) for name, data in kept.items()}
    for name, memory in memories.items():
        memory.settled.measured(index.storylines[name])
    held = sum(len(memory.reports) + len(memory.beliefs) for memory in memories.values()) / 2
    return {
        "busy": (_used() - before) / len(memories) / 1e3,
        "busy_stored": sum(map(len, kept.values())) / len(kept) / 1e3,
        "busy_reports": held / len(memories),
    }


def _used() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def main() -> None:
    """Run from the command line."""
    print(json.dumps(measure(int(sys.argv[1]))))


if __name__ == "__main__":
    main()

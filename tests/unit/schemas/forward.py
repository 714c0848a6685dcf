"""Bring the baseline forward to what the contracts accept today, so that this too is kept from now on.

    python -m tests.unit.schemas.forward

Refuses, with 1, where a contract would no longer accept what its baseline does: that is a break to
mend, or a new version of the contract, and never a baseline to replace.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from schemas.export import CONTRACTS, json_schema, write
from tests.unit.schemas.compatibility import breaks

BASELINE = Path(__file__).with_name("baseline")


def baselines(folder: Path = BASELINE) -> dict[str, dict[str, Any]]:
    """Return the baseline: the schema of each contract by its name."""
    return {
        path.name.removesuffix(".schema.json"): json.loads(path.read_text("utf-8"))
        for path in sorted(folder.iterdir())
    }


def broken(folder: Path = BASELINE) -> list[str]:
    """Return, contract by contract, what the baseline accepts and the models refuse."""
    return [
        f"{name}: {line}"
        for name, schema in baselines(folder).items()
        for line in (
            breaks(schema, json_schema(CONTRACTS[name]))
            if name in CONTRACTS
            else ["the contract was removed"]
        )
    ]


def behind(folder: Path = BASELINE) -> list[str]:
    """Return, contract by contract, what the models accept and the baseline does not know of."""
    known = baselines(folder)
    return [
        f"{name}: {line}"
        for name, model in sorted(CONTRACTS.items())
        for line in (
            breaks(json_schema(model), known[name]) if name in known else ["it has no baseline"]
        )
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, or with `arguments` (a folder in place of the baseline's)."""
    given = sys.argv[1:] if arguments is None else arguments
    folder = Path(given[0]) if given else BASELINE
    if lines := broken(folder):
        print("\n".join(lines))
        print("these are breaks: mend them; the baseline was left as it was", file=sys.stderr)
        return 1
    for name in write(folder):
        print(f"brought forward {folder / name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What happened to something, one line for each thing that did."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Happened:
    """At a moment (None where it is not on record) a `stage` did something; `said` tells what and why.

    `depth` says of which line above it is a part: an attempt is one of its delivery.
    """

    at: datetime | None
    stage: str
    said: str
    depth: int = 0

    def plain(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "at": self.at.isoformat() if self.at else None}

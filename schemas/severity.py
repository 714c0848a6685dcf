"""How grave an alert is: what a desk sorts by, and what passes its quiet hours."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """In rising order.  The words are those of Alertmanager."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for the least grave."""
        return _ORDER.index(self)

    def passes(self, least: Severity | None) -> bool:
        """Whether it is at least so grave; nothing is where `least` is None."""
        return least is not None and self.rank >= least.rank


_ORDER = tuple(Severity)

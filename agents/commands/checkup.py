"""What a check-up is made of: named checks, each of which says how it is and what to do.

A check never ends the check-up: what it raises becomes its own bad news.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One line of a check-up."""

    check: str
    state: State
    message: str
    hint: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the line as plain data, for JSON."""
        return asdict(self)


Check = Callable[[], Iterable[Finding]]


def ok(check: str, message: str) -> Finding:
    """Return a line that says all is well."""
    return Finding(check, "ok", message)


def warn(check: str, message: str, hint: str) -> Finding:
    """Return a line that somebody should look at."""
    return Finding(check, "warn", message, hint)


def fail(check: str, message: str, hint: str) -> Finding:
    """Return a line about what does not work."""
    return Finding(check, "fail", message, hint)


def examine(checks: Iterable[tuple[str, Check]]) -> Iterator[Finding]:
    """Yield the findings of each named check; an error that one raises is a finding too."""
    for name, check in checks:
        try:
            yield from check()
        except Exception as error:
            message = getattr(error, "message", None) or (error.args or [error])[0]
            hint = getattr(error, "hint", None)
            if hint is None:
                message = f"{type(error).__name__}: {error}"
                hint = "the check itself failed: this is a fault of Nightdesk, please report it"
            yield fail(name, str(message), str(hint))

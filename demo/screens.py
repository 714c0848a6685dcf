"""Where the demo speaks: a live screen on a terminal, plain lines anywhere else.

Both take the same calls; `open_screen` chooses.  Plain lines hold no control codes, and each thing is
said once: a wave, a report's fate, a change of an alert, a change of a feed's health.
"""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live

from demo.feed_view import feed_text
from demo.report_view import fate
from demo.snapshot import Progress, Snapshot
from demo.view import screen
from nightdesk.delivery.wording import one_line


class Screen(Protocol):
    """Shows how the evening goes.  `pace` is how long a reader wants to see a wave, in seconds."""

    pace: float

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def update(self, snapshot: Snapshot, progress: Progress) -> None:
        """Show this moment."""


def open_screen(console: Console) -> Screen:
    """Return the live screen where `console` is a terminal that can show one, else plain lines."""
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveScreen(console)
    return PlainScreen(console)


class LiveScreen:
    """The whole terminal, redrawn at each update, given back at the end."""

    pace = 4.0

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(
            screen(Snapshot(), Progress(0, 0, 0, "starting"), *console.size),
            console=console,
            screen=True,
            auto_refresh=False,
        )

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def update(self, snapshot: Snapshot, progress: Progress) -> None:
        width, height = self._console.size
        self._live.update(screen(snapshot, progress, width, height), refresh=True)


class PlainScreen:
    """One line for each thing that happens."""

    pace = 0.0

    def __init__(self, console: Console) -> None:
        self._console = console
        self._phase = ""
        self._reports: set[str] = set()
        self._alerts: dict[str, int] = {}
        self._failing: dict[str, bool] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to give back."""

    def update(self, snapshot: Snapshot, progress: Progress) -> None:
        if progress.phase != self._phase:
            self._phase = progress.phase
            self._say(progress, "demo", progress.phase)
        for feed in snapshot.feeds:
            if feed.failing != self._failing.get(feed.id, False):
                self._failing[feed.id] = feed.failing
                self._say(progress, "feed", feed_text(feed).plain)
        for line in snapshot.reports:
            if line.is_settled and line.id not in self._reports:
                self._reports.add(line.id)
                mark, words, _ = fate(line, {})
                said = f"{line.source}: {one_line(line.title, 90)}"
                self._say(progress, "report", f"{mark} {said}  [{words}]")
        for card in snapshot.alerts:
            alert = card.alert
            if self._alerts.get(alert.id, 0) < alert.sequence:
                self._alerts[alert.id] = alert.sequence
                paged = "ALERT" if alert.pages else "kept"
                words = ", ".join(card.words[:8])
                self._say(progress, paged, f"{alert.storyline_title}: {one_line(alert.title, 120)}")
                self._say(progress, "", f"  {one_line(alert.reason)}; words: {words}")

    def _say(self, progress: Progress, subject: str, words: str) -> None:
        line = f"{progress.seconds:5.1f} s  {subject:<7} {words}"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

"""The console channel: prints alerts where Nightdesk was started.

Comes in: a notice.  Goes out: a few lines for each of its alerts, on the stream passed in, coloured and with
links on a terminal, plain elsewhere.  Each notice is one write, so that two never mix.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TextIO

from rich.console import Console
from rich.text import Text

from nightdesk.delivery.errors import ReceiverUnreachable
from nightdesk.delivery.notice import Notice
from nightdesk.delivery.wording import (
    added_in_words,
    clock_time,
    hint_in_words,
    kind_in_words,
    occasion_in_words,
    one_line,
    safe_link,
    standing_in_words,
    subject_in_words,
)
from schemas.alert import Alert, AlertedArticle, AlertKind
from schemas.receivers import ConsoleReceiver

_STYLES = {
    AlertKind.NEW_DEVELOPMENT: "bold white on red",
    AlertKind.GROWN: "bold white on blue",
    AlertKind.MORE_OF_THE_SAME: "white on bright_black",
    AlertKind.REVISION: "bold black on yellow",
    AlertKind.SURGE: "bold white on dark_orange3",
    AlertKind.GONE_QUIET: "white on bright_black",
    AlertKind.EMERGING: "bold white on dark_green",
    AlertKind.FEED_BROKEN: "bold white on magenta",
    AlertKind.FEED_QUIET: "bold black on cyan",
    AlertKind.FEED_RECOVERED: "bold white on green",
    AlertKind.SILENCE_EXPIRING: "bold black on white",
}
_SHOWN_ARTICLES = 5
_SHOWN_WORDS = 8


class ConsoleChannel:
    """Prints to `stream`, which may be closed, blocked or of a narrow encoding."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._writing = threading.Lock()

    async def deliver(
        self,
        notice: Notice,
        receiver: ConsoleReceiver,  # noqa: ARG002
    ) -> None:
        """Print `notice`.  Raises ReceiverUnreachable where the stream is gone."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def tell(error: Exception | None) -> None:
            if not done.done():
                done.set_result(None) if error is None else done.set_exception(error)

        def write() -> None:
            failure: Exception | None = None
            try:
                text = render(notice, self._stream)
                with self._writing:
                    self._stream.write(text)
                    self._stream.flush()
            except (OSError, ValueError) as error:
                failure = error
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(tell, failure)

        # A stopped terminal (Ctrl-S, a full pipe) blocks the write for as long as it likes: a daemon
        # thread keeps neither the event loop nor the end of the process waiting.
        threading.Thread(target=write, daemon=True, name="console").start()
        try:
            await done
        except (OSError, ValueError) as error:
            raise ReceiverUnreachable(
                f"the console is gone: {error}",
                hint="the terminal or pipe that Nightdesk printed to was closed",
            ) from error


def render(notice: Notice, stream: TextIO) -> str:
    """Return `notice` as text that suits `stream`: styled if it is a terminal, in its own encoding."""
    console = Console(
        file=stream,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=True,
        legacy_windows=False,
    )
    with console.capture() as capture:
        if said := occasion_in_words(notice):
            console.print(Text(f" {said} ", "bold black on white"))
        for alert in notice.alerts:
            for line in _lines(alert):
                console.print(line)
            console.print()
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return capture.get().encode(encoding, "replace").decode(encoding, "replace")


def _lines(alert: Alert) -> list[Text]:
    head = Text.assemble(
        (f" {kind_in_words(alert.kind).upper()} ", _STYLES[alert.kind]),
        " ",
        (subject_in_words(alert), "bold cyan"),
        (f"  {clock_time(alert.raised_at)}", "dim"),
    )
    lines = [
        head,
        Text.assemble("  ", (one_line(alert.title, 200), "bold")),
        Text.assemble("  ", standing_in_words(alert), (f" ({one_line(alert.reason)})", "dim")),
    ]
    if added := added_in_words(alert):
        lines.append(Text.assemble("  ", (added, "yellow")))
    if hint := hint_in_words(alert):
        lines.append(Text.assemble("  ", (hint, "yellow")))
    for article in alert.articles[:_SHOWN_ARTICLES]:
        lines.extend(_article_lines(article))
    hidden = len(alert.articles) - _SHOWN_ARTICLES
    if hidden > 0:
        lines.append(Text(f"  … and {hidden} more reports", "dim"))
    lines.append(Text(f"  alert {alert.id}, change {alert.sequence}", "dim"))
    return lines


def _article_lines(article: AlertedArticle) -> list[Text]:
    link = safe_link(article.url)
    title = Text(one_line(article.title, 160) or "(no title)", f"link {link}" if link else "")
    words = ", ".join(one_line(word, 40) for word in article.words[:_SHOWN_WORDS])
    copy = " (a copy)" if article.copy_of else ""
    lines = [
        Text.assemble(
            "  • ",
            (one_line(article.source, 60), "bold"),
            f" {article.probability:.0%}{copy}  ",
            title,
        )
    ]
    if words:
        lines.append(Text.assemble("    words  ", (words, "green")))
    if link:
        lines.append(Text.assemble("    link   ", (link, "dim")))
    return lines

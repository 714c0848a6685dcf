"""The console channel: what people read, plain and on a terminal, whatever the news sends."""

from __future__ import annotations

import io
import os
import threading

import pytest

from nightdesk.delivery.console import ConsoleChannel, render
from nightdesk.delivery.errors import ReceiverUnreachable
from schemas import AlertKind, ConsoleReceiver
from tests.support.alerting import make_alert, make_article, make_notice


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def printed(alert, stream=None) -> str:
    stream = stream or io.StringIO()
    await ConsoleChannel(stream).deliver(make_notice(alert), ConsoleReceiver())
    return stream.getvalue()


async def test_an_alert_in_plain_lines():
    alert = make_alert(sources=("Harbour Post", "Delta Wire"), kind=AlertKind.GROWN, sequence=2)
    assert (await printed(alert)).splitlines() == [
        " GROWN  Denials of joint patrols  2024-05-17 12:00 UTC",
        "  Ministry denies any talks on shared patrols",
        "  2 independent sources: Harbour Post, Delta Wire (a first report of a new development)",
        "  • Harbour Post 93%  Ministry denies any talks on shared patrols",
        "    words  denies, shared patrols",
        "    link   https://harbour.example/denial",
        "  • Delta Wire 93%  Ministry denies any talks on shared patrols",
        "    words  denies, shared patrols",
        "    link   https://harbour.example/denial",
        "  alert alert-1, change 2",
        "",
    ]


def test_a_terminal_gets_colours_and_links():
    text = render(make_notice(), Terminal())
    assert "\x1b[" in text
    assert "]8;" in text
    assert "https://harbour.example/denial" in text


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_hostile_text_moves_no_cursor_and_styles_nothing(stream):
    nasty = "\x1b]0;owned\x07\x1b[2J[bold red]x[/]\u202egnp.exe\r\nforged line\x9b31m"
    article = make_article(nasty, title=nasty, words=(nasty,), url="http://x/\x1b]8;;evil")
    alert = make_alert(title=nasty, storyline_title=nasty, reason=nasty, articles=(article,))
    text = render(make_notice(alert), stream)
    for sequence in ("\x07", "\x1b]0", "\x1b[2J", "\u202e", "\r", "\x9b", "evil"):
        assert sequence not in text
    assert "[bold red]x[/]" in text
    assert not any(line.startswith("forged") for line in text.splitlines())


def test_many_articles_and_long_titles_stay_short():
    articles = tuple(make_article(f"Source {n}", title="x" * 100_000) for n in range(500))
    text = render(make_notice(make_alert(articles=articles)), io.StringIO())
    assert len(text) < 5_000
    assert "… and 495 more reports" in text


def test_a_narrow_encoding_does_not_fail():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert "?" in render(make_notice(make_alert(title="Zürich → naïve")), stream)


async def test_a_closed_stream_is_a_transient_failure():
    stream = io.StringIO()
    stream.close()
    channel = ConsoleChannel(stream)
    alert = make_alert()
    with pytest.raises(ReceiverUnreachable):
        await channel.deliver(make_notice(alert), ConsoleReceiver())


async def test_a_pipe_whose_reader_is_gone_is_a_transient_failure():
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    with pytest.raises(ReceiverUnreachable):
        await printed(make_alert(), stream)
    os.close(os.dup(writing))
    with pytest.raises(BrokenPipeError):
        stream.close()


async def test_a_blocked_terminal_does_not_hold_the_event_loop():
    import asyncio

    release, blocked = threading.Event(), threading.Event()

    class Stopped(io.StringIO):
        def write(self, text: str) -> int:
            blocked.set()
            release.wait(30)
            return super().write(text)

    task = asyncio.ensure_future(printed(make_alert(), Stopped()))
    while not blocked.is_set():
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    release.set()

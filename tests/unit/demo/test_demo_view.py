"""The picture: whole, within its width, at all sizes; and plain lines where there is no terminal."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from demo.excerpt import marked_excerpt, marked_title
from demo.palette import EARNED
from demo.reports import load_outlets
from demo.screens import LiveScreen, PlainScreen, open_screen
from demo.snapshot import Progress, Snapshot
from demo.view import screen
from schemas import Article, Span
from tests.unit.demo.evening import NOW, evening

OUTLETS = load_outlets()
SNAPSHOT, POSTS = evening(OUTLETS)
PROGRESS = Progress(3, 4, 12.4, "wave 3 is out")


def drawn(snapshot: Snapshot, width: int, height: int) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, height=height, force_terminal=True, color_system=None)
    console.print(screen(snapshot, PROGRESS, width, height), height=height)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 100, 104, 120, 140])
@pytest.mark.parametrize("height", [24, 30, 40, 50])
def test_the_screen_fits_and_shows_all_parts(width: int, height: int) -> None:
    lines = drawn(SNAPSHOT, width, height)
    assert len(lines) == height
    assert all(cell_len(line) <= width for line in lines)
    text = "\n".join(lines)
    for part in ("poll", "normalise", "nominate", "decide", "alert", "deliver"):
        assert part in text
    for part in ("reports", "alerts", "feeds", "coordination-denial", "12 s"):
        assert part in text


def test_an_empty_evening_has_a_screen_too() -> None:
    text = "\n".join(drawn(Snapshot(), 80, 24))
    assert "nothing to tell yet" in text


def test_a_large_screen_tells_each_alert_with_its_words_and_each_feed() -> None:
    text = "\n".join(drawn(SNAPSHOT, 140, 50))
    assert text.count("are not coordinating what they do") == 3
    assert "≈ Gullwing Digest (copy)" in text
    assert "pages nobody" in text
    assert "kestrel-evening not a feed" in text
    assert "after a 429" in text


def test_the_words_that_earned_an_alert_are_highlighted() -> None:
    out = io.StringIO()
    console = Console(file=out, width=120, height=40, force_terminal=True, color_system="standard")
    console.print(screen(SNAPSHOT, PROGRESS, 120, 40), height=40)
    style = console.get_style(EARNED)
    assert style.render("not coordinating") in out.getvalue()


def test_plain_lines_hold_no_control_codes_and_say_each_thing_once() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=False, no_color=True, width=80)
    plain = open_screen(console)
    assert isinstance(plain, PlainScreen)
    with plain:
        for _ in range(3):
            plain.update(SNAPSHOT, PROGRESS)
    text = out.getvalue()
    assert "\x1b" not in text
    assert "\r" not in text
    lines = text.splitlines()
    assert len(lines) == len(set(lines))
    reports = [line for line in lines if "  report " in line]
    assert len(reports) == len(SNAPSHOT.reports)
    assert sum(" ALERT " in line for line in lines) == 3
    assert sum(" kept " in line for line in lines) == 1
    assert any("✖ kestrel-evening not a feed" in line for line in lines)
    assert any("coordinating" in line for line in lines if "words:" in line)


def test_a_terminal_gets_the_live_screen_and_gets_itself_back() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, height=30, color_system="standard")
    live = open_screen(console)
    assert isinstance(live, LiveScreen)
    with live:
        live.update(SNAPSHOT, PROGRESS)
    assert "\x1b[?1049h" in out.getvalue()
    assert out.getvalue().rstrip().endswith("\x1b[?25h") or "\x1b[?1049l" in out.getvalue()


def article(title: str, text: str) -> Article:
    return Article(
        id="a",
        report="r",
        feed="f",
        source="S",
        title=title,
        text=text,
        seen_at=NOW,
        content_hash="h",
    )


def span(whole: str, words: str, weight: float = 1.0, field: str = "text") -> Span:
    start = whole.index(words)
    return Span.model_validate(
        {"field": field, "start": start, "end": start + len(words), "weight": weight}
    )


def test_an_excerpt_is_the_stretch_that_earned_most() -> None:
    text = "Rain fell. " * 40 + "They are not coordinating military operations. " + "Sun. " * 40
    spans = [
        span(text, "Rain", 0.2),
        span(text, "not coordinating", 1.4),
        span(text, "military operations", 1.0),
        span(text, "Sun", -3.0),
    ]
    pieces = marked_excerpt(article("T", text), spans, 120)
    assert [piece.text for piece in pieces if piece.earned] == [
        "not coordinating",
        "military operations",
    ]
    whole = "".join(piece.text for piece in pieces)
    assert whole.startswith("… They are not coordinating")
    assert len(whole) <= 125


def test_an_excerpt_without_earning_words_is_the_beginning() -> None:
    pieces = marked_excerpt(article("T", "Nothing here.\nAt all."), [], 120)
    assert [(piece.text, piece.earned) for piece in pieces] == [("Nothing here. At all.", False)]


def test_overlapping_words_of_a_title_are_marked_once() -> None:
    title = "White House denies a pact"
    spans = [
        span(title, "White House", field="title"),
        span(title, "House denies", field="title"),
    ]
    pieces = marked_title(article(title, ""), spans)
    assert [(piece.text, piece.earned) for piece in pieces] == [
        ("White House denies", True),
        (" a pact", False),
    ]


def test_an_article_without_any_text_has_an_empty_excerpt() -> None:
    assert marked_excerpt(article("T", ""), []) == ()

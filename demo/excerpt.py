"""The words that earned an alert, in their surroundings.

In come an article and the spans of its match; out come pieces of text, each marked as earning or
not: the whole title, and the stretch of the body that earned most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas import Article, Span

_BLANKS = re.compile(r"\s+")
_LEAD = 60
"""Characters of text shown before the first earning word of an excerpt, at the most."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `earned` where the match's score rests on it."""

    text: str
    earned: bool


def marked_title(article: Article, spans: Iterable[Span]) -> tuple[Piece, ...]:
    """Return the title in pieces."""
    return _pieces(article.title, _merged(spans, "title"), 0, len(article.title))


def marked_excerpt(article: Article, spans: Sequence[Span], width: int = 320) -> tuple[Piece, ...]:
    """Return the `width` characters of text or description whose words earned most, in pieces.

    Where no word of the body earned anything, its beginning is returned.
    """
    best: tuple[float, str, int, tuple[tuple[int, int], ...]] | None = None
    for name in ("text", "description"):
        body = getattr(article, name)
        ranges = _merged(spans, name)
        for start, _ in ranges:
            earned = sum(
                span.weight
                for span in spans
                if span.field == name
                and span.weight > 0
                and start <= span.start
                and span.end <= start + width
            )
            if best is None or earned > best[0]:
                best = (earned, body, start, ranges)
    if best is None:
        body = article.text or article.description
        return _pieces(body, (), 0, min(len(body), width))
    _, body, start, ranges = best
    return _cut(body, ranges, _sentence_start(body, start), width)


def _sentence_start(body: str, at: int) -> int:
    """Return where the sentence around `at` begins, or a word not too far before it."""
    before = body[:at]
    begin = max(before.rfind(mark) for mark in (". ", ".\n", "\n", "? ", "! "))
    begin = 0 if begin < 0 else begin + 1
    if at - begin > _LEAD:
        begin = body.find(" ", at - _LEAD, at) + 1 or at
    while begin < at and body[begin].isspace():
        begin += 1
    return begin


def _cut(
    body: str, ranges: tuple[tuple[int, int], ...], start: int, width: int
) -> tuple[Piece, ...]:
    end = min(len(body), start + width)
    if end < len(body):
        end = max(body.rfind(" ", start, end), start + width // 2)
    pieces = _pieces(body, ranges, start, end)
    lead = (Piece("… ", False),) if start and body[start - 1] not in "\n" else ()
    tail = (Piece(" …", False),) if end < len(body) else ()
    return (*lead, *pieces, *tail)


def _merged(spans: Iterable[Span], name: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges of the spans that speak for the match, overlaps and neighbours joined."""
    ranges: list[tuple[int, int]] = []
    for start, end in sorted((s.start, s.end) for s in spans if s.field == name and s.weight > 0):
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
        elif start < end:
            ranges.append((start, end))
    return tuple(ranges)


def _pieces(
    body: str, ranges: tuple[tuple[int, int], ...], start: int, end: int
) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = start
    for first, last in ranges:
        first, last = max(first, start), min(last, end)  # noqa: PLW2901
        if first >= last:
            continue
        pieces += [Piece(_flat(body[at:first]), False), Piece(_flat(body[first:last]), True)]
        at = last
    pieces.append(Piece(_flat(body[at:end]), False))
    return tuple(piece for piece in pieces if piece.text)


def _flat(text: str) -> str:
    return _BLANKS.sub(" ", text)

"""What an edit changed: the article before and after, compared sentence by sentence.

Comes in: two versions of one article.  Goes out: an `Edit`, a bounded list of classed changes.

    lines that only tell when, and boilerplate ─▶ cosmetic, and set aside
    title: other words ────────────────────────▶ headline (and figure, where a number differs)
    sentences on both sides ───────────────────▶ nothing; cosmetic where punctuation differs or they moved
    sentences alike ───────────────────────────▶ a change, classed by what differs (`versions.classes`)
    sentences on one side alone ───────────────▶ removal, addition

The work is bounded whatever the texts are: time grows with their length, and only so many sentences are
compared with each other.  Pure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from nightdesk.text.identity import words
from nightdesk.text.normalise import cut
from nightdesk.text.stamps import is_stamp
from nightdesk.text.versions import Piece, classes, pieces
from schemas.article import Article
from schemas.edit import Change, ChangeClass, Edit

MOST_CHANGES = 20
"""Changes that are told; the others are counted."""

MOST_CHARACTERS = 40_000
MOST_SENTENCES = 1_500
"""Of each text, from the first line to the last one that differ, so much is compared: some 400 sentences."""

MOST_COMPARED = 120
"""Sentences of each side that are looked at for being versions of one another: all with all."""

LONGEST_QUOTE = 240
"""Characters of the words before, and of those after."""

_CONTEXT = 60
_ALIKE = 0.5
_HELD = 0.8
_FEWEST_HELD = 4
_GRAVITY = {kind: at for at, kind in enumerate(ChangeClass)}

Field = Literal["title", "description", "text"]


def edit_of(
    before: Article, after: Article, *, is_boilerplate: Callable[[str], bool] = lambda _: False
) -> Edit:
    """Return what differs between two versions of an article.

    `is_boilerplate` tells, for a line, whether its coming and going is no change of the report.
    """
    found: dict[tuple[ChangeClass, str, str], Change] = {}
    changes = [
        *_title(before.title, after.title),
        *_field("text", before.text, after.text, is_boilerplate),
        *_field("description", before.description, after.description, is_boilerplate),
    ]
    for change in changes:
        # A description is mostly the beginning of the text: what was told of it there is told.
        found.setdefault((change.kind, change.before, change.after), change)
    ordered = sorted(found.values(), key=lambda change: _GRAVITY[change.kind])
    return Edit(changes=tuple(ordered[:MOST_CHANGES]), left_out=max(0, len(ordered) - MOST_CHANGES))


def _title(before: str, after: str) -> Iterator[Change]:
    if before == after:
        return
    if words(before) == words(after):
        yield _change(ChangeClass.COSMETIC, "title", before, after)
        return
    yield _change(ChangeClass.HEADLINE, "title", before, after)
    was, now = _whole(before), _whole(after)
    if was and now and ChangeClass.FIGURE in classes(was, now):
        yield _change(ChangeClass.FIGURE, "title", *_differing(before, after))


def _field(
    field: Field, before: str, after: str, is_boilerplate: Callable[[str], bool]
) -> Iterator[Change]:
    if before == after:
        return
    was, aside = _prose(before, is_boilerplate)
    now, beside = _prose(after, is_boilerplate)
    if aside != beside:
        yield _change(ChangeClass.COSMETIC, field, " / ".join(aside), " / ".join(beside))
    head = _common(was, now)
    tail = _common(was[head:][::-1], now[head:][::-1])
    old, new = _pieces(
        "\n".join(was[head : len(was) - tail]), "\n".join(now[head : len(now) - tail])
    )
    kept = _kept(old, new)
    for i, j in kept:
        if old[i].raw != new[j].raw:
            yield _change(ChangeClass.COSMETIC, field, old[i].raw, new[j].raw)
    for i, j in _moved(kept):
        yield _change(ChangeClass.COSMETIC, field, old[i].raw, new[j].raw)
    yield from _reworded(field, old, new, kept)


def _reworded(
    field: Field, old: Sequence[Piece], new: Sequence[Piece], kept: Sequence[tuple[int, int]]
) -> Iterator[Change]:
    stayed, found = {i for i, _ in kept}, {j for _, j in kept}
    gone = [i for i in range(len(old)) if i not in stayed]
    come = [j for j in range(len(new)) if j not in found]
    after = dict(_versions(old, new, gone[:MOST_COMPARED], come[:MOST_COMPARED]))
    for i in gone:
        j = after.get(i)
        if j is None:
            yield _change(ChangeClass.REMOVAL, field, old[i].raw, "")
        else:
            for kind in classes(old[i], new[j]):
                yield _change(kind, field, old[i].raw, new[j].raw)
    paired = set(after.values())
    for j in come:
        if j not in paired:
            yield _change(ChangeClass.ADDITION, field, "", new[j].raw)


def _prose(text: str, is_boilerplate: Callable[[str], bool]) -> tuple[list[str], list[str]]:
    """Part the filled lines of a text: those that tell of the news, and the others."""
    prose: list[str] = []
    aside: list[str] = []
    for line in text.split("\n"):
        bare = line.strip()
        if bare:
            (aside if is_stamp(bare) or is_boilerplate(bare) else prose).append(bare)
    return prose, aside


def _pieces(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Cut two texts into sentences; of long ones those from where they part to where they meet again."""
    if max(len(before), len(after)) > MOST_CHARACTERS:
        start = before.rfind(". ", 0, _common(before, after)) + 1
        before, after = before[start:], after[start:]
        met = before.find(". ", len(before) - _common(before[::-1], after[::-1]))
        same = len(before) - met - 1 if met >= 0 else 0
        before, after = before[: len(before) - same], after[: len(after) - same]
    return (
        pieces(cut(before, MOST_CHARACTERS), MOST_SENTENCES),
        pieces(cut(after, MOST_CHARACTERS), MOST_SENTENCES),
    )


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Return how many items two sequences begin with alike."""
    return next(
        (n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )


def _kept(old: Sequence[Piece], new: Sequence[Piece]) -> list[tuple[int, int]]:
    """Pair the sentences that stand on both sides, in the order of the old ones."""
    places: defaultdict[tuple[str, ...], deque[int]] = defaultdict(deque)
    for j, piece in enumerate(new):
        places[piece.key].append(j)
    return [
        (i, waiting.popleft()) for i, piece in enumerate(old) if (waiting := places.get(piece.key))
    ]


def _moved(kept: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pairs that must have moved: those outside of the longest run that kept its order."""
    lowest: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for n, (_, j) in enumerate(kept):
        length = bisect_left(lowest, j)
        before.append(ends[length - 1] if length else -1)
        if length == len(lowest):
            lowest.append(j)
            ends.append(n)
        else:
            lowest[length], ends[length] = j, n
    run = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        run.add(at)
        at = before[at]
    return [pair for n, pair in enumerate(kept) if n not in run]


def _versions(
    old: Sequence[Piece], new: Sequence[Piece], gone: Sequence[int], come: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Pair sentences that read alike, the likest first, each with one other at most."""
    ranked = sorted(
        (-likeness, abs(at / len(gone) - to / len(come)), i, j)
        for at, i in enumerate(gone)
        for to, j in enumerate(come)
        if (likeness := _likeness(old[i].shape, new[j].shape)) >= _ALIKE
    )
    taken: set[int] = set()
    given: set[int] = set()
    for _, _, i, j in ranked:
        if i not in taken and j not in given:
            taken.add(i)
            given.add(j)
            yield i, j


def _likeness(a: frozenset[str], b: frozenset[str]) -> float:
    """Dice's coefficient of two sentences' words; or the share that one has of the other, if more."""
    common, fewer = len(a & b), min(len(a), len(b))
    share = common / fewer if fewer >= _FEWEST_HELD else 0.0
    return max(2 * common / (len(a) + len(b)), share * _ALIKE if share >= _HELD else 0.0)


def _whole(text: str) -> Piece | None:
    found = pieces(text, MOST_SENTENCES)
    if not found:
        return None
    words_ = [word for piece in found for word in piece.words]
    spans = [span for piece in found for span in piece.spans]
    return Piece(text, words_, spans, 0, len(text))


def _differing(before: str, after: str) -> tuple[str, str]:
    """Return the words that differ, with one word more on each side."""
    a, b = before.split(), after.split()
    head = _common(a, b)
    tail = _common(a[head:][::-1], b[head:][::-1])
    first = max(0, head - 1)
    return (
        " ".join(a[first : len(a) - tail + 1]),
        " ".join(b[first : len(b) - tail + 1]),
    )


def _change(kind: ChangeClass, field: Field, before: str, after: str) -> Change:
    start = 0
    if max(len(before), len(after)) > LONGEST_QUOTE and before and after:
        # Two long versions are quoted from shortly before the place where they part.
        parted = _common(before, after)
        start = before.rfind(" ", 0, parted - _CONTEXT) + 1 if parted > 2 * _CONTEXT else 0
    return Change(kind=kind, field=field, before=_cut(before, start), after=_cut(after, start))


def _cut(text: str, start: int) -> str:
    cut = f"…{text[start:]}" if start and text else text
    return cut if len(cut) <= LONGEST_QUOTE else f"{cut[: LONGEST_QUOTE - 1].rstrip()}…"

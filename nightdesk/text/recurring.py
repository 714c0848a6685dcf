"""Recurring lines: which lines stand in article after article of one source, counted in bounded space.

Comes in: the texts of a source's articles, one by one, each with its title and day.  Goes out: the lines
that are boilerplate from now on.  `LineCounts` remembers the hashes of lines that were met lately, those
met again longer; it is what it was whether articles come one by one or in batches.  Cautious: a line
has to stand in several articles on several days, in a tenth of all that came since it was first met, and
in a third where it is long and reads as a sentence.  Pure.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from operator import itemgetter
from struct import Struct

from nightdesk.text.identity import words

Candidates = Sequence[tuple[bytes, str]]
"""Keys and lines of a text that may be boilerplate, in order."""

LEAST_ARTICLES = 6
LEAST_DAYS = 3
"""Articles that a line has to stand in, and days on which these were seen."""

LEAST_SHARE = 0.1
LEAST_SHARE_OF_PROSE = 0.3
"""Share of the source's articles, since the line was first met, that it has to stand in."""

MOST_LINES = 512
"""Lines that are remembered of a source: those of its last 20 articles or so, and what recurred."""

FORGOTTEN_AFTER = 30
"""Days after which a line that was not met again is met for the first time."""

LONGEST = 600
"""Characters of a line that can be boilerplate."""

MOST_OF_A_TEXT = 0.5
"""Share of a text's characters that may be dropped as boilerplate."""

_HEAD, _TAIL, _SHORT, _MOST_SHORT = 6, 12, 120, 20
_PROSE_WORDS = 12
_COPY = 0.5
_CREDIT = 20
_SLACK = 128
_LIMIT = 65_535
_RECORD = Struct("<8sIIIHH")
_TOTAL = Struct("<I")
_NEVER = (b"", 0, 0, 0, 0, 0)
_SENTENCE_END = re.compile(r"[.!?…。！？؟۔][\"'”’»)\]]*$")


_Met = tuple[bytes, int, int, int, int, int]
"""A line that was met: its key; the last day, an ordinal; the first and the last article of the source, by
number; in how many articles, on how many days."""


@dataclass(slots=True)
class LineCounts:
    """What is remembered of one source: `articles` counted so far, and lines by their key."""

    articles: int = 0
    lines: dict[bytes, _Met] = field(default_factory=dict)

    def count(self, found: Candidates, size: int, day: int) -> dict[bytes, str]:
        """Count one article; return key -> line for those of its lines that are boilerplate by now.

        `found` are its candidates, `size` the characters of its text, `day` the ordinal of the day on which
        it was seen.  What is mostly made of lines that were met before is a copy of something, and is not
        counted.
        """
        once = dict(found)
        known = sum(len(line) for key, line in once.items() if self._is_known(key, day))
        if not once or known > _COPY * size:
            return {}
        self.articles += 1
        for key in once:
            self._meet(key, day)
        recurring = {key: line for key, line in once.items() if self._recurs(key, line)}
        if len(self.lines) > MOST_LINES + _SLACK:
            self._forget(day)
        return recurring

    def to_bytes(self) -> bytes:
        """Return it packed: 24 bytes a line."""
        return _TOTAL.pack(self.articles) + b"".join(starmap(_RECORD.pack, self.lines.values()))

    @classmethod
    def from_bytes(cls, packed: bytes) -> LineCounts:
        """Read what `to_bytes` wrote.  Raises struct.error for anything else."""
        (articles,) = _TOTAL.unpack_from(packed)
        met = list(_RECORD.iter_unpack(packed[_TOTAL.size :]))
        return cls(articles, dict(zip(map(itemgetter(0), met), met, strict=True)))

    def _is_known(self, key: bytes, day: int) -> bool:
        met = self.lines.get(key)
        return met is not None and day - met[1] <= FORGOTTEN_AFTER

    def _meet(self, key: bytes, day: int) -> None:
        _, before, first, _, articles, days = self.lines.pop(key, _NEVER)
        if not articles or day - before > FORGOTTEN_AFTER:
            self.lines[key] = (key, day, self.articles, self.articles, 1, 1)
            return
        articles, days = min(articles + 1, _LIMIT), min(days + (day > before), _LIMIT)
        self.lines[key] = (key, max(day, before), first, self.articles, articles, days)

    def _recurs(self, key: bytes, line: str) -> bool:
        _, _, first, _, articles, days = self.lines[key]
        if articles < LEAST_ARTICLES or days < LEAST_DAYS:
            return False
        least = LEAST_SHARE_OF_PROSE if _is_prose(line) else LEAST_SHARE
        return articles >= min(_LIMIT, least * (self.articles - first + 1))

    def _forget(self, day: int) -> None:
        """Forget down to `MOST_LINES`: what is too old first, then what was met longest ago; what recurred
        later than what did not."""
        fresh = (met for met in self.lines.values() if day - met[1] <= FORGOTTEN_AFTER)
        kept = sorted(fresh, key=lambda met: (-(met[3] + _CREDIT * met[4]), met[0]))
        self.lines = {met[0]: met for met in kept[:MOST_LINES]}


def key_of(line: str) -> bytes | None:
    """Return 8 bytes that stand for a line's words; None for a line without a letter."""
    said = " ".join(words(line))
    if not any(char.isalpha() for char in said):
        return None
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def candidates(text: str, title: str) -> Candidates:
    """Return (key, line) of the lines that may be boilerplate: the first ones, the last ones, short ones.

    Never a title, never what is too long, and never more than 38.
    """
    lines = [line for part in text.split("\n") if (line := part.strip())]
    headline = key_of(title)
    found = []
    short = 0
    for at, line in enumerate(lines):
        if _HEAD <= at < len(lines) - _TAIL:
            if len(line) > _SHORT or short == _MOST_SHORT:
                continue
            short += 1
        if len(line) > LONGEST:
            continue
        key = key_of(line)
        if key is not None and key != headline:
            found.append((key, line))
    return found


def without(
    text: str, found: Candidates, is_boilerplate: Callable[[bytes], bool]
) -> tuple[str, frozenset[bytes]]:
    """Return `text` without those of its candidates that are boilerplate, and the keys of what went.

    Never more than `MOST_OF_A_TEXT` of it: the shortest lines go first, and what is most of it stays.
    """
    recurring = {line: key for key, line in found if is_boilerplate(key)}
    if not recurring:
        return text, frozenset()
    lines = [(line, recurring.get(line.strip())) for line in text.split("\n")]
    sizes: Counter[bytes] = Counter()
    for line, key in lines:
        if key is not None:
            sizes[key] += len(line)
    room = MOST_OF_A_TEXT * len(text)
    gone: set[bytes] = set()
    for key in sorted(sizes, key=lambda key: (sizes[key], key)):
        room -= sizes[key]
        if room < 0:
            break
        gone.add(key)
    if not gone:
        return text, frozenset()
    kept = "\n".join(line for line, key in lines if key not in gone)
    return re.sub(r"\n{3,}", "\n\n", kept).strip("\n"), frozenset(gone)


def _is_prose(line: str) -> bool:
    return bool(_SENTENCE_END.search(line)) and len(line.split()) >= _PROSE_WORDS

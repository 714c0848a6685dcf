"""The tables that come with Nightdesk: numbers that were learnt, in text files under `data/`.

Comes in: names of files.  Goes out: their text; and of those that have a line for each whole number
(`number<TAB>words`), the number of each word, and back.  Some count in tenths.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Final

_TENTHS: Final = 10


def shipped(name: str) -> str:
    """Return the text of a table."""
    return resources.files("nightdesk.storylines").joinpath("data", name).read_text("utf-8")


def parse(table: str) -> dict[str, int]:
    """Return the number of each word.  Raises ValueError for a line that begins with none."""
    numbers: dict[str, int] = {}
    for line in table.splitlines():
        number, _, words = line.partition("\t")
        numbers.update(dict.fromkeys(words.split(), int(number)))
    return numbers


def format_table(words: Mapping[int, Iterable[str]]) -> str:
    """Write what `parse` reads: the words of each number, in the order given."""
    return "".join(f"{number}\t{' '.join(told)}\n" for number, told in sorted(words.items()))


def parse_tenths(table: str) -> dict[str, float]:
    """Return the number of each word, of a table that counts in tenths."""
    return {word: tenths / _TENTHS for word, tenths in parse(table).items()}


def format_tenths(numbers: Mapping[str, float]) -> str:
    """Write what `parse_tenths` reads, rounded, words of one number in the order given."""
    words: dict[int, list[str]] = {}
    for word, number in numbers.items():
        words.setdefault(round(number * _TENTHS), []).append(word)
    return format_table(words)

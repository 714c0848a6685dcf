"""The index: all compiled storylines at once, from an article's words to the few that use them.

Comes in: compiled storylines, in any order, and the rarity that weighed them.  Goes out: a gate over
their profiles, one book of all their phrases, and what a mention is worth to which storyline.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nightdesk.storylines.gate import Gate
from nightdesk.storylines.mentions import Mentions
from nightdesk.storylines.rarity import Rarity

if TYPE_CHECKING:
    from nightdesk.storylines.compile import CompiledStoryline

_ANEW = 4
"""One storyline in so many may be changed before the index is built anew."""


@dataclass(frozen=True)
class Index:
    """Read-only.  `storylines` by id; a place is a storyline's number in `placed`.

    In `placed` stand storylines that were dropped too: the gate is shut to them.
    """

    rarity: Rarity
    storylines: dict[str, CompiledStoryline]
    placed: tuple[CompiledStoryline, ...]
    gate: Gate
    mentions: Mentions

    @classmethod
    def of(cls, compiled: Iterable[CompiledStoryline], rarity: Rarity) -> Index:
        """Build the index of storylines that were compiled with `rarity`."""
        placed = tuple(compiled)
        named = {storyline.id: storyline for storyline in placed}
        return cls(rarity, named, placed, Gate.of(placed, rarity), Mentions.of(placed, rarity))

    def __len__(self) -> int:
        return len(self.storylines)

    def changed(self, added: Sequence[CompiledStoryline], dropped: Collection[str] = ()) -> Index:
        """Return the index with more storylines, and without those of the ids `dropped`.

        What is added takes the place of what had its name.  A few changes take milliseconds; after
        many the index is built anew.
        """
        gone = {*dropped, *(storyline.id for storyline in added)} & self.storylines.keys()
        kept = self.storylines.copy()
        for name in gone:
            del kept[name]
        kept |= {storyline.id: storyline for storyline in added}
        placed = (*self.placed, *added)
        if len(placed) - min(len(kept), self.gate.profiles.at_first) > len(kept) / _ANEW:
            return Index.of(kept.values(), self.rarity)
        shut = [at for at, s in enumerate(self.placed) if s.definition.id in gone] if gone else []
        mentions = (
            self.mentions.with_more(added, len(self.placed), self.rarity)
            if added
            else self.mentions
        )
        return Index(self.rarity, kept, placed, self.gate.changed(added, shut), mentions)

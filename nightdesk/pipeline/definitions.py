"""The worker's copy of the definitions, compiled with the rarity in force: refreshed inside each
transaction when either moved.

Reading one integer a transaction keeps every decision consistent with what the archive holds at
that moment, on all workers, without a message or a timer.
"""

from __future__ import annotations

import threading
from functools import cached_property

from sqlalchemy import Connection

from nightdesk.alerts.echoes import waited_for
from nightdesk.alerts.selection import Selection
from nightdesk.archive import definitions
from nightdesk.archive.definitions import Definitions
from nightdesk.errors import PoisonMessage
from nightdesk.pipeline.rarity import RarityCache
from nightdesk.storylines.compile import CompiledStoryline
from nightdesk.storylines.index import Index
from nightdesk.storylines.rarity import Rarity
from nightdesk.storylines.refresh import refresh
from schemas import DeadLetterReason, Silence, Storyline


class DefinitionsCache:
    """The definitions as of the archive's present epoch, one copy for all of a worker: 10,000 feeds take
    10 MB."""

    def __init__(self) -> None:
        self._current: Definitions | None = None
        self._lock = threading.Lock()

    def get(self, connection: Connection) -> Definitions:
        """Return the definitions as of `connection`'s transaction: the same object until one changes."""
        with self._lock:
            self._current = definitions.renewed(connection, self._current)
            return self._current

    def held(self, connection: Connection) -> Definitions:
        """Return the definitions while nobody else may change them, and do not keep them: what a transaction
        sees that is rolled back later never was."""
        definitions.hold(connection)
        return definitions.current(connection, before=self._current)


class Catalogue:
    """One consistent view of the definitions of an epoch; `index` is of all enabled storylines.

    `before`, the index of the view before, saves compiling again what did not change.
    """

    def __init__(self, current: Definitions, rarity: Rarity, before: Index | None = None) -> None:
        self.current = current
        self.index = refresh(before, _enabled(current), rarity=rarity)
        self._waited_for: dict[str, frozenset[int]] = {}

    @property
    def epoch(self) -> int:
        """The epoch of this view: any change of any definition moves it."""
        return self.current.epoch

    def storyline(self, name: str) -> CompiledStoryline | None:
        """Return the compiled storyline, or None where it is gone or disabled."""
        return self.index.storylines.get(name)

    @cached_property
    def selection(self) -> Selection:
        """All subscriptions, disabled ones too, in the order of their ids."""
        return Selection(s.definition for _, s in sorted(self.current.subscriptions.items()))

    def waited_for(self, storyline: str) -> frozenset[int]:
        """Return the numbers of independent sources that subscriptions wait for of a storyline."""
        known = self._waited_for.get(storyline)
        if known is None:
            stored = self.current.storylines.get(storyline)
            tags = stored.definition.tags if stored else ()
            taking = self.selection.of_storyline(storyline, tags)
            known = waited_for(one for one in taking if one.takes_storylines)
            self._waited_for[storyline] = known
        return known

    @cached_property
    def silences(self) -> tuple[Silence, ...]:
        """All silences, expired ones too, in the order of their ids."""
        return tuple(s.definition for _, s in sorted(self.current.silences.items()))


class CatalogueCache:
    """Hands out the catalogue of the archive's present epoch; all stages of a worker share one.

    It is compiled with the rarity that is in force in the archive, unless with `rarity`.  `known` is where
    the worker keeps its definitions.
    """

    def __init__(
        self,
        rarity: Rarity | None = None,
        *,
        rarities: RarityCache | None = None,
        known: DefinitionsCache | None = None,
    ) -> None:
        self._known = known or DefinitionsCache()
        self._rarity = rarity
        self._rarities = rarities or RarityCache()
        self._catalogue: Catalogue | None = None
        self._lock = threading.Lock()

    def get(self, connection: Connection) -> Catalogue:
        """Return the catalogue as of `connection`'s transaction."""
        with self._lock:
            old = self._catalogue
            current = self._known.get(connection)
            if old is not None and current is old.current:
                return old
            # Read after the epoch, as they are: should it change in between, the epoch tells.
            rarity = self._rarity or self._rarities.get(connection)
            self._catalogue = Catalogue(current, rarity, old.index if old else None)
            return self._catalogue


def _enabled(current: Definitions) -> list[tuple[Storyline, int]]:
    stored = (s for s in current.storylines.values() if s.definition.enabled)
    return [(s.definition, s.version) for s in stored]


def unknown_storyline(connection: Connection, name: str) -> PoisonMessage | None:
    """Return what to bury a message with that names a storyline nobody ever declared, else None.

    What was retired or disabled ends without a word; a name that never was is somebody's mistake, or an
    archive older than the broker's messages.
    """
    if definitions.ever_known(connection, "storyline", name):
        return None
    return PoisonMessage(
        DeadLetterReason.UNKNOWN_STORYLINE,
        f"no storyline {name!r} was ever declared in this archive",
        hint="declare it (`nightdesk apply`) and retry, or find what else writes to this topic",
    )

"""What the archive refuses, in names of ours: no driver's exception leaves this room.

ArchiveError                 `transient` says whether trying again later can help
├── ArchiveLocked            transient   another writer held the database too long, or a deadlock was broken
├── ArchiveFull              transient   no space left
├── ArchiveReadOnly          transient   the file, the disk or the server takes no writes
├── ArchiveUnreachable       transient   no such file or folder, no server, or the connection broke
├── ArchiveConflict          transient   another worker wrote first: read again, then write
│   ├── MarkMoved            a stage's mark is not where it was read
│   ├── FeedStateMoved       a feed's state is not the version that was read
│   └── LeaseLost            a delivery is leased to somebody else by now
├── ArchiveDenied            the server knows neither this user nor this database, or forbids it
├── ArchiveCorrupt           the file is damaged, or no database at all
├── ArchiveTooNew            written by a later Nightdesk
├── ArchiveForeign           holds tables of our names that Nightdesk did not make
├── DocumentUnreadable       a stored document no longer fits its contract
├── ArchiveRefusesValue      a value that the database cannot hold: trying again never helps
└── ArchiveMisused           a statement or value that the database cannot take: a fault of ours
"""

from __future__ import annotations

from nightdesk.errors import ArchiveError


class ArchiveLocked(ArchiveError):
    """Another writer held the database longer than the busy timeout, or a deadlock was broken."""

    transient = True


class ArchiveFull(ArchiveError):
    """The disk, or the database's own bound, has no space left."""

    transient = True


class ArchiveReadOnly(ArchiveError):
    """The file, the disk, the server or this connection takes no writes."""

    transient = True


class ArchiveUnreachable(ArchiveError):
    """There is no such file or server, or the connection broke on the way."""

    transient = True


class ArchiveConflict(ArchiveError):
    """Another worker wrote the same thing first; the whole transaction, reads too, may be tried again."""

    transient = True


class MarkMoved(ArchiveConflict):
    """Another worker moved this stage's mark: what this batch did is rolled back."""


class FeedStateMoved(ArchiveConflict):
    """Another poller saved this feed's state since it was read."""


class LeaseLost(ArchiveConflict):
    """The delivery's lease ran out and somebody else holds it, or the delivery has ended."""


class ArchiveDenied(ArchiveError):
    """The server refuses this user, this password or this database."""


class ArchiveCorrupt(ArchiveError):
    """The file is damaged, or is not a database."""


class ArchiveTooNew(ArchiveError):
    """The database has a later revision than this Nightdesk knows."""


class ArchiveForeign(ArchiveError):
    """The database holds tables of our names, but no record of our migrations."""


class DocumentUnreadable(ArchiveError):
    """A document in the archive does not fit the contract it was stored under."""


class ArchiveRefusesValue(ArchiveError):
    """A value is too large, or of a kind that the database cannot hold: one row's fault, not its own."""


class ArchiveMisused(ArchiveError):
    """Anything else that a driver raises: a statement or value that the database cannot take."""


__all__ = [
    "ArchiveConflict",
    "ArchiveCorrupt",
    "ArchiveDenied",
    "ArchiveError",
    "ArchiveForeign",
    "ArchiveFull",
    "ArchiveLocked",
    "ArchiveMisused",
    "ArchiveReadOnly",
    "ArchiveRefusesValue",
    "ArchiveTooNew",
    "ArchiveUnreachable",
    "DocumentUnreadable",
    "FeedStateMoved",
    "LeaseLost",
    "MarkMoved",
]

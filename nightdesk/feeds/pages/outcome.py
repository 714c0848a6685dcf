"""What can come of one page: a closed list of words, for metrics and logs."""

from __future__ import annotations

from enum import StrEnum


class PageOutcome(StrEnum):
    """`taken` gives the report its text; everything else leaves it what the feed says."""

    TAKEN = "taken"
    NO_LINK = "no_link"
    """The entry links to no page of its own."""
    NO_TIME = "no_time"
    """The poll had no time left, or had read as many pages as it may."""
    ROBOTS = "robots"
    """robots.txt asks us to stay away, or could not be read."""
    REFUSED = "refused"
    """An address that may not be fetched."""
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    FAILED = "failed"
    """Any other fault of network or server."""
    UNRESOLVED = "unresolved"
    """A redirector that leads nowhere else."""
    UNLISTED = "unlisted"
    """A link that only an aggregator can resolve, of an article that its publisher does not list, or not
    beyond doubt."""
    WALL = "wall"
    """A page that wants a browser, a consent or a login."""
    NOT_READABLE = "not_readable"
    """No HTML, or HTML that is hostile."""
    SLOW = "slow"
    """Extraction took too long."""
    NO_GAIN = "no_gain"
    """No more text than the feed has."""
    OFF_TOPIC = "off_topic"
    """Text that shares too little with the entry's title and teaser."""
    REPEATED = "repeated"
    """The very text of another page of that host."""
    BROKE = "broke"
    """A fault of ours."""

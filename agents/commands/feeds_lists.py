"""Lists of feeds from and for other readers: OPML to a bundle, the archive's feeds to OPML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agents.commands.looking import (
    archive_to_read,
    definitions_in_force,
    existing_archive,
    read_file,
)

if TYPE_CHECKING:
    from nightdesk.feeds.opml import Subscriptions


def bundle_of(path: Path) -> tuple[str, Subscriptions]:
    """Return the bundle that an OPML file makes, as YAML, and what was read of it.

    Ids that the archive has already, if there is one, are not given again.  Raises ConfigurationError
    where the file cannot be read, OpmlError where it is none.
    """
    from nightdesk.bundles.render import as_yaml
    from nightdesk.feeds.opml import LARGEST_FILE, read_opml
    from schemas import Bundle

    body = read_file(path, LARGEST_FILE, hint="give the path of an OPML file")
    with archive_to_read(required=False) as archive:
        known = definitions_in_force(archive).feeds
    found = read_opml(body, taken=known)
    return as_yaml(Bundle(feeds=found.feeds)), found


def opml_of_archive() -> bytes:
    """Return the feeds in force as OPML."""
    from nightdesk.clock import SystemClock
    from nightdesk.feeds.opml import write_opml

    with existing_archive() as archive:
        stored = definitions_in_force(archive).feeds
    feeds = [stored[name].definition for name in sorted(stored)]
    return write_opml(feeds, title="Feeds of Nightdesk", created=SystemClock().now())

"""What commands that only look share: an archive that is opened and never changed, drafts in files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agents.commands.check import read_bundle, show_problems
from agents.commands.terminal import console

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from nightdesk.archive import Archive
    from nightdesk.archive.definitions import Definitions
    from nightdesk.dense.encoder import Encoder
    from nightdesk.storylines.rarity import Rarity
    from schemas import Bundle, Storyline


@contextmanager
def archive_to_read(*, required: bool) -> Iterator[Archive | None]:
    """Open the archive of the settings for reading; None where there is none and none is required.

    Raises ConfigurationError where there is none, or where it has another version's tables: unlike a
    worker, who only looks never makes or moves tables.
    """
    from nightdesk.archive import open_archive, schema
    from nightdesk.errors import ConfigurationError
    from nightdesk.settings import load_settings, sqlite_path

    settings = load_settings()
    path = sqlite_path(settings.archive_url)
    if path is not None and not path.exists():
        if required:
            raise ConfigurationError(
                f"there is no archive at {path}",
                hint="`nightdesk run` and `nightdesk apply` make it; is NIGHTDESK_STATE_DIR, or "
                "NIGHTDESK_ARCHIVE_URL, that of the desk?",
            )
        yield None
        return
    archive = open_archive(
        settings.archive_url, synchronous="full" if settings.durability == "power" else "normal"
    )
    try:
        with archive.read() as conn:
            current = schema.is_current(conn, archive.address)
        if not current:
            raise ConfigurationError(
                f"{archive.address} has the tables of an earlier Nightdesk, or none",
                hint="`nightdesk run` and `nightdesk apply` bring it up to date",
            )
        yield archive
    finally:
        archive.close()


def read_file(path: Path, most: int, *, hint: str) -> bytes:
    """Return the bytes of a file, `most` and one at most.  Raises ConfigurationError, with `hint`, where it
    cannot be read."""
    from nightdesk.errors import ConfigurationError

    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", hint=hint) from None


def encoder_in_use() -> Encoder | None:
    """Return the encoder that the settings name, None where they name none.  Raises ConfigurationError."""
    from nightdesk.dense.loading import load_encoder
    from nightdesk.settings import load_settings

    name = load_settings().dense_model
    return load_encoder(name) if name else None


@contextmanager
def existing_archive() -> Iterator[Archive]:
    """Open the archive that the settings name, for what there is in it to look at or to mend.

    Raises ConfigurationError as `archive_to_read` does: of what never was there is nothing to show.
    """
    with archive_to_read(required=True) as archive:
        assert archive is not None
        yield archive


def definitions_in_force(archive: Archive | None) -> Definitions:
    """Return what the archive holds; nothing where there is no archive."""
    from nightdesk.archive import definitions

    if archive is None:
        return definitions.Definitions(0, {}, {}, {}, {})
    with archive.read() as conn:
        return definitions.current(conn)


def rarity_in_force(archive: Archive | None) -> Rarity:
    """Return how much words tell in the archive; the shipped rarity where there is no archive."""
    from nightdesk.pipeline.rarity import in_force
    from nightdesk.storylines.rarity import shipped_rarity

    if archive is None:
        return shipped_rarity()
    with archive.read() as conn:
        return in_force(conn)


def read_drafts(path: Path, archive: Archive | None, current: Definitions) -> Bundle:
    """Read a bundle that may refer to what is in force, and to articles of the archive.

    Raises ConfigurationError, its problems shown.
    """
    from nightdesk.bundles.archived import ArchivedArticles
    from nightdesk.bundles.plan import ids_of, logins_of
    from nightdesk.bundles.resolve import NoArticles
    from nightdesk.errors import ConfigurationError
    from nightdesk.pipeline.rarity import in_force

    if archive is None:
        nowhere = NoArticles(
            "there is no archive to look into, and this exemplar only names an article"
        )
        loaded = read_bundle(path, articles=nowhere)
    else:
        with archive.read() as conn:
            loaded = read_bundle(
                path,
                ids_of(current),
                logins=logins_of(current),
                articles=ArchivedArticles(conn, current),
                rarity=in_force(conn),
            )
    if loaded.bundle is None:
        show_problems(loaded, console(stderr=True))
        raise ConfigurationError(
            f"{loaded.file} has errors",
            hint="mend them, and look with `nightdesk check` until it is sound",
        )
    return loaded.bundle


def storyline_named(name: str, known: list[Storyline], where: str) -> Storyline:
    """Return the storyline of that id.  Raises ConfigurationError that names those like it."""
    from nightdesk.errors import ConfigurationError

    found = next((storyline for storyline in known if storyline.id == name), None)
    if found is None:
        raise ConfigurationError(
            f"there is no storyline {name!r} in {where}", hint=_others(name, known)
        )
    return found


def alert_named(conn: Connection, name: str) -> str:
    """Return the id of the alert that `name` means.  Raises ConfigurationError."""
    from nightdesk.archive import alert_list
    from nightdesk.errors import ConfigurationError

    found = alert_list.named(conn, name)
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigurationError(
            f"several alerts are meant by {name!r}", hint=f"one of {', '.join(found)}"
        )
    raise ConfigurationError(
        f"there is no alert {name!r}", hint="`nightdesk alerts list` names them"
    )


def _others(name: str, known: list[Storyline]) -> str:
    import difflib

    ids = sorted(storyline.id for storyline in known)
    by_title = {storyline.title.casefold(): storyline.id for storyline in known}
    like = difflib.get_close_matches(name[:200], ids, 3, 0.5)
    like += [by_title[t] for t in difflib.get_close_matches(name.casefold()[:200], by_title, 2)]
    if like:
        return f"did you mean {' or '.join(dict.fromkeys(like))}?"
    return f"there are {', '.join(ids[:10])}" if ids else "none is declared there"

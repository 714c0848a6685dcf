"""What `nightdesk feeds try` does: read each input as the desk would, one after the other, and tell."""

from __future__ import annotations

import asyncio
import json
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.commands.looking import archive_to_read, definitions_in_force, read_file
from agents.commands.terminal import clean, console, plural
from nightdesk.clock import SystemClock
from nightdesk.errors import ConfigurationError, FeedError
from nightdesk.feeds.errors import AddressRefused, TooLarge
from nightdesk.feeds.trial import Trial, failed, name_of, try_document
from nightdesk.feeds.unpack import without_gzip
from schemas import Feed

if TYPE_CHECKING:
    from rich.console import Console

    from nightdesk.clock import Clock

_STDIN = "-"
_PRIVATE_HINT = (
    "if it really lives on your own network, try it with --allow-private, and declare it with "
    "`allow_private: true`"
)
_SMALL = (
    b"<rss version='2.0'><item><title>Dockers walk out of the northern port</title></item></rss>"
)
_HTTP = ("http://", "https://")
_MARKS = {"ok": "green", "empty": "yellow"}


@dataclass(frozen=True)
class Tried:
    """One input as it was given, what came of it, and the seconds that it took.  `is_nothing` where it is no
    address that may be fetched, no file that can be read and no declared feed."""

    input: str
    trial: Trial
    seconds: float
    is_nothing: bool = False


def try_all(inputs: Sequence[str], *, allow_private: bool) -> Iterator[Tried]:
    """Try each input, one after the other.  What is nothing that could be tried is told as such, too."""
    clock = SystemClock()
    _warm_up(clock, fetches=any(given.lower().startswith(_HTTP) for given in inputs))
    for given in inputs:
        began = time.perf_counter()
        try:
            feed, path = _planned(given, allow_private=allow_private)
            trial = _try_url(feed, clock) if path is None else _try_file(feed, path, clock)
        except ConfigurationError as error:
            health = "refused by policy" if "://" in given else "not found"
            trial = Trial(health, reason=f"{error.message}.", hint=error.hint)
            yield Tried(given, trial, time.perf_counter() - began, is_nothing=True)
        else:
            yield Tried(given, trial, time.perf_counter() - began)


def _warm_up(clock: Clock, *, fetches: bool) -> None:
    """Read something small: what is loaded with the first document is no time of that document."""
    if fetches:
        import_module("agents.runtime")
    feed = _undeclared("warm", "http://file.invalid/", allow_private=False)
    try_document(feed, _SMALL, None, url=feed.url, now=clock.now())


def as_line(tried: Tried) -> str:
    """Return what was tried as one line of JSON."""
    trial = tried.trial
    data: dict[str, Any] = {
        "input": tried.input,
        "health": trial.health,
        "reason": trial.reason,
        "hint": trial.hint,
        "format": trial.format,
        "title": trial.title,
        "entries": [asdict(entry) for entry in trial.entries],
        "left_out": trial.left_out,
        "note": trial.note,
        "advertised": [asdict(one) for one in trial.advertised],
        "seconds": round(tried.seconds, 4),
    }
    # What steers a terminal is written as an escape by default.
    return json.dumps(data, default=lambda moment: moment.isoformat())


def show_trial(tried: Tried, *, most: int) -> None:
    """Print what was tried: a line for the feed, one for each of its first entries."""
    trial, out = tried.trial, console()
    colour = _MARKS.get(trial.health, "red")
    out.print(clean(tried.input), style="bold", end=": ")
    out.print(clean(trial.health), style=colour, end="")
    told = [trial.format, plural(len(trial.entries), "entry").replace("entrys", "entries")]
    out.print(f" ({', '.join(told)}, {tried.seconds:.2f} s)" if trial.is_feed else "")
    for words in filter(None, (trial.title, trial.reason, trial.hint, trial.note)):
        out.print(f"  {clean(words)}")
    for one in trial.advertised:
        out.print(clean(f"  it advertises {one.url}  {one.kind} {one.title}".rstrip()))
    _show_entries(trial, out, most)


def _show_entries(trial: Trial, out: Console, most: int) -> None:
    for entry in trial.entries[:most]:
        when = f"{entry.published:%Y-%m-%d %H:%M}" if entry.published else "no date".ljust(16)
        title = entry.title or "(no title)"
        out.print(clean(f"  {when}  {entry.text_chars:>6,} chars  {title[:120]}"))
        if entry.url:
            out.print(clean(f"  {'':16}  {'':12}  {entry.url}"), style="dim")
        if entry.rejected:
            out.print(clean(f"  {'':16}  {'':12}  left out: {entry.rejected}"), style="yellow")
    more = len(trial.entries) - most
    if more > 0:
        out.print(f"  and {more:,} more")
    if trial.left_out:
        out.print(f"  {trial.left_out:,} more are not read: {clean(trial.note) or 'too many'}")


def _planned(given: str, *, allow_private: bool) -> tuple[Feed, Path | None]:
    """Return the feed to read as, and the file to read if it is one."""
    if given.lower().startswith(_HTTP):
        return _undeclared(given, given, allow_private=allow_private), None
    path = Path(given)
    kind = _kind_of(path)
    if given == _STDIN or kind in {stat.S_IFREG, stat.S_IFIFO}:
        return _undeclared(given, "http://file.invalid/", allow_private=False), path
    if kind == stat.S_IFDIR:
        raise ConfigurationError(f"{given!r} is a folder", hint="give the files that are in it")
    with archive_to_read(required=False) as archive:
        known = definitions_in_force(archive).feeds
    if given in known:
        feed = known[given].definition
        return feed.model_copy(update={"allow_private": feed.allow_private or allow_private}), None
    raise ConfigurationError(
        f"{given!r} is no address, no file, and no declared feed",
        hint="give an http:// or https:// address, a file that exists, or the id of a declared feed",
    )


def _kind_of(path: Path) -> int:
    """Return the kind of file that `path` names, as `stat` has it; 0 where it names none."""
    try:
        return stat.S_IFMT(path.stat().st_mode)
    except (OSError, ValueError):
        # None such, too long for a name, below a folder that we may not read, or no name at all.
        return 0


def _undeclared(given: str, url: str, *, allow_private: bool) -> Feed:
    from pydantic import ValidationError

    try:
        return Feed(id="trial", url=url, source=name_of(given), allow_private=allow_private)
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ConfigurationError(
            f"{given!r} cannot be fetched: {why}",
            hint="give the http:// or https:// address of a feed",
        ) from None


def _try_url(feed: Feed, clock: Clock) -> Trial:
    from agents.runtime import read_secret
    from nightdesk.feeds.fetch import Fetcher
    from nightdesk.feeds.fetched import Fetched, Validators
    from nightdesk.settings import load_settings

    async def fetched() -> Fetched:
        agent = load_settings().user_agent
        async with Fetcher(
            user_agent=agent, clock=clock, ticks=time.monotonic, secrets=read_secret
        ) as fetcher:
            return await fetcher.fetch(feed, Validators())

    try:
        answer = asyncio.run(fetched())
    except FeedError as error:
        trial = failed(error)
        if isinstance(error, AddressRefused) and "allow_private" in error.hint:
            trial = replace(trial, hint=_PRIVATE_HINT)
        return trial
    return try_document(
        feed, answer.body or b"", answer.content_type, url=answer.url, now=clock.now()
    )


def _try_file(feed: Feed, path: Path, clock: Clock) -> Trial:
    if str(path) == _STDIN:
        held = sys.stdin.buffer.read(feed.max_bytes + 1)
    else:
        held = read_file(path, feed.max_bytes, hint="check the file's permissions")
    body = without_gzip(held, feed.max_bytes)
    if body is None or len(held) > feed.max_bytes:
        return failed(TooLarge(path.name, feed.max_bytes))
    return try_document(feed, body, None, url=feed.url, now=clock.now())

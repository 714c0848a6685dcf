"""Which article is meant: one of the archive, or one in a file, read as the service would read it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agents.commands.terminal import note
from nightdesk.clock import SystemClock
from nightdesk.errors import ConfigurationError, PoisonMessage
from nightdesk.lenient import as_text
from nightdesk.records import Record, read_record

if TYPE_CHECKING:
    from nightdesk.archive import Archive
    from schemas import Article

_LONGEST = 100_000_000
_SHOWN = 5
_SUFFIXES = {".json", ".jsonl", ".ndjson", ".txt", ".text", ".html", ".htm", ".md"}


def article_in_archive(archive: Archive | None, name: str) -> Article:
    """Return the archived article that `name` means.  Raises ConfigurationError with those like it."""
    from nightdesk.archive import articles, finding

    if Path(name).suffix.lower() in _SUFFIXES and "://" not in name:
        raise ConfigurationError(f"there is no file {name}", hint="look at the path")
    if archive is None:
        raise ConfigurationError(
            "there is no archive to look the article up in",
            hint="give a file instead, or set NIGHTDESK_STATE_DIR to the desk's folder",
        )
    with archive.read() as conn:
        found = finding.find(conn, name)
        article = articles.get(conn, found[0]) if len(found) == 1 else None
        if article is not None:
            return article
        like = found or finding.near(conn, name)
    if found:
        raise ConfigurationError(
            f"several articles are meant by {name!r}", hint=f"one of {', '.join(found)}"
        )
    raise ConfigurationError(
        f"the archive holds no article {name!r}",
        hint=f"nearest are {', '.join(like)}"
        if like
        else "give an id, at least 4 characters of its beginning, a URL, or a file",
    )


def article_in_file(name: str) -> Article | None:
    """Return the article in the file that `name` means; None where it means none."""
    if name == "-":
        return _read(sys.stdin.buffer.read(_LONGEST + 1), "stdin", None)
    path, chosen = _split(name)
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            return _read(file.read(_LONGEST + 1), str(path), chosen)
    except OSError as error:
        raise ConfigurationError(
            f"cannot read {path}: {error.strerror}", hint="name a file, or an article's id or URL"
        ) from None


def _split(name: str) -> tuple[Path | None, str | None]:
    """Part `FILE`, `FILE#ID` and `FILE:LINE`; no path where there is no such file."""
    if _exists(name):
        return Path(name), None
    for sign in "#:":
        path, found, chosen = name.rpartition(sign)
        if found and chosen and _exists(path) and (sign == "#" or chosen.isdecimal()):
            return Path(path), sign + chosen
    return None, None


def _exists(name: str) -> bool:
    try:
        return bool(name) and Path(name).exists()
    except (OSError, ValueError):
        return False


def _read(data: bytes, name: str, chosen: str | None) -> Article:
    if len(data) > _LONGEST:
        raise ConfigurationError(
            f"{name} is larger than {_LONGEST:,} bytes", hint="cut the one report out of it"
        )
    lines = data.splitlines()
    if chosen is not None:
        return _article(_chosen(lines, name, chosen))
    if not data.strip():
        raise ConfigurationError(f"{name} is empty", hint="it should hold one report")
    whole = _object(data)
    if whole is not None:
        return _article(_record(json.dumps({"id": name} | whole), name))
    filled = [line for line in lines if line.strip()]
    if _object(filled[0]) is None:
        return _article(Record(id=name, text=data.decode("utf-8-sig", "replace")))
    if len(filled) > 1:
        ids = [_id(known) for line in filled[:_SHOWN] if (known := _object(line)) and "id" in known]
        raise ConfigurationError(
            f"{name} holds {len(filled):,} reports",
            hint=f"choose one as {name}#ID or {name}:LINE; the first ids are {', '.join(ids)}",
        )
    return _article(_record(filled[0], f"{name}, line 1"))


def _chosen(lines: list[bytes], name: str, chosen: str) -> Record:
    wanted = chosen[1:]
    if chosen[0] == ":":
        number = int(wanted)
        if not 0 < number <= len(lines):
            raise ConfigurationError(
                f"{name} has no line {number}", hint=f"it has {len(lines):,} lines"
            )
        return _record(lines[number - 1], f"{name}, line {number}")
    for number, line in enumerate(lines, start=1):
        if wanted in line.decode("utf-8", "replace") or "\\u" in line.decode("utf-8", "replace"):
            known = _object(line)
            if known is not None and _id(known) == wanted:
                return _record(line, f"{name}, line {number}")
    ids = [_id(known) for line in lines if (known := _object(line))]
    from difflib import get_close_matches

    like = get_close_matches(wanted[:200], ids[:20_000], _SHOWN) or ids[:_SHOWN]
    raise ConfigurationError(
        f"{name} holds no report {wanted!r}", hint=f"nearest are {', '.join(like)}" if like else ""
    )


def _id(line: dict[str, object]) -> str:
    return str(as_text({"id": line.get("id")})[0]["id"])


def _object(data: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _record(line: str | bytes, where: str) -> Record:
    try:
        record = read_record(line)
    except ValueError as error:
        raise ConfigurationError(
            f"{where} is no report: {error}",
            hint='a report is a JSON object with "id", "title", "text", "published", "source", …',
        ) from None
    for odd in record.odd():
        note(f"{where}: {odd}")
    return record


def _article(record: Record) -> Article:
    from nightdesk.text.normalise import normalise

    report = record.report(seen_at=record.published_at() or SystemClock().now())
    try:
        normalised = normalise(report)
    except PoisonMessage as poison:
        raise ConfigurationError(poison.message, hint=poison.hint) from None
    return normalised.article(report, name=normalised.article_id)

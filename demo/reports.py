"""The corpus: fictional outlets and their reports, from `demo/corpus/*.yaml`.

In comes a folder of YAML files, one an outlet.  Out come `Outlet`s: feeds (format, manners of the
server) and reports, each with the wave that releases it and with what should become of it.  All
texts were written for Nightdesk; the events are made up, however familiar the actors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

from schemas.base import parse_duration

CORPUS = Path(__file__).with_name("corpus")

Format = Literal["rss", "atom", "rdf", "json", "page"]
Fate = Literal["fits", "none", "dead_letter", "rejected"]
Role = Literal["original", "report", "rewrite", "back_catalogue"]


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """A feed and the manners of its server.

    `page` is no feed at all, but a web page in a feed's place.  `delay` is in seconds, before each
    answer.  `too_many_requests` counts the first answers that are 429, with `Retry-After: 2`.
    """

    id: str
    title: str
    format: Format
    path: str
    gzip: bool = False
    weak_etag: bool = False
    encoding: str = "utf-8"
    delay: float = 0.0
    too_many_requests: int = 0


@dataclass(frozen=True, slots=True)
class Expectation:
    """What should become of a report.

    `fate` `fits` goes with `storyline` and `role`: the `original` opens the alert's development, a
    `report` of another outlet adds a source to it, a `rewrite` adds none, for it copies the report
    `of`; what is in the `back_catalogue` fits and pages nobody.  `none` raises nothing.
    """

    fate: Fate
    storyline: str | None = None
    role: Role | None = None
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """A silent edit: from `wave` on, the body says `replace`'s values in place of its keys."""

    wave: int
    replace: dict[str, str]


@dataclass(frozen=True, slots=True)
class DemoReport:
    """A report as its outlet publishes it.

    `wave` 0 is there at the first fetch, 1 and later are released while the demo runs.  `age` is the
    time between the claimed publication and the release.  `repeat` prints the entry twice in one
    feed, under one guid.  A `bare` entry has neither guid nor link nor text.
    """

    slug: str
    wave: int
    age: timedelta
    title: str
    summary: str
    body: str
    feeds: tuple[str, ...]
    expect: Expectation
    revised: Revision | None = None
    repeat: bool = False
    bare: bool = False

    def body_at(self, wave: int) -> str:
        """Return the HTML body as it stands once `wave` is out."""
        body = self.body
        if self.revised is not None and wave >= self.revised.wave:
            for old, new in self.revised.replace.items():
                body = body.replace(old, new)
        return body


@dataclass(frozen=True, slots=True)
class Outlet:
    """A publisher: one server, one or more feeds."""

    id: str
    name: str
    language: str
    feeds: tuple[FeedSpec, ...]
    reports: tuple[DemoReport, ...]


def load_outlets(folder: Path = CORPUS) -> tuple[Outlet, ...]:
    """Read the corpus, in the order of its file names.

    Raises ValueError where a report is not what this module describes.
    """
    yaml = YAML(typ="safe", pure=True)
    outlets = tuple(_outlet(yaml.load(path)) for path in sorted(folder.glob("*.yaml")))
    slugs = [report.slug for report in all_reports(outlets)]
    twice = {slug for slug in slugs if slugs.count(slug) > 1}
    if twice:
        raise ValueError(f"two reports share a slug: {', '.join(sorted(twice))}")
    return outlets


def all_reports(outlets: tuple[Outlet, ...]) -> Iterator[DemoReport]:
    """Iterate over the reports of all outlets."""
    for outlet in outlets:
        yield from outlet.reports


def last_wave(outlets: tuple[Outlet, ...]) -> int:
    """Return the number of the last wave."""
    return max(
        max(report.wave, report.revised.wave if report.revised else 0)
        for report in all_reports(outlets)
    )


def _outlet(document: dict[str, Any]) -> Outlet:
    head = document["outlet"]
    feeds = tuple(FeedSpec(**feed) for feed in head["feeds"])
    known = {feed.id for feed in feeds}
    reports = tuple(_report(raw, (feeds[0].id,)) for raw in document["reports"])
    for report in reports:
        if not set(report.feeds) <= known:
            raise ValueError(f"{report.slug}: stands in a feed that {head['id']} does not have")
    return Outlet(head["id"], head["name"], head["language"], feeds, reports)


def _report(raw: dict[str, Any], feeds: tuple[str, ...]) -> DemoReport:
    age = parse_duration(raw["age"])
    if not isinstance(age, timedelta):
        raise ValueError(f"{raw['slug']}: `age` is not a duration")
    revised = raw.get("revised")
    return DemoReport(
        slug=raw["slug"],
        wave=raw["wave"],
        age=age,
        title=raw["title"],
        summary=raw["summary"],
        body=raw["body"],
        feeds=tuple(raw.get("feeds", feeds)),
        expect=_expectation(raw["expect"]),
        revised=Revision(**revised) if revised else None,
        repeat=raw.get("repeat", False),
        bare=raw.get("bare", False),
    )


def _expectation(raw: Fate | dict[str, Any]) -> Expectation:
    return Expectation("fits", **raw) if isinstance(raw, dict) else Expectation(raw)

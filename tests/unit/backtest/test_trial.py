"""Trials: the stages' own decisions, whatever the pages; the last word counts, changed minds are told."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from nightdesk.archive import Archive, matches, open_archive
from nightdesk.backtest import FileSource, Outcome, Trial, compare
from nightdesk.backtest.sources import PAGE, Item, Page
from nightdesk.bundles import parse
from nightdesk.replay import Replay
from schemas import Article, Cues, Decision, Match, Storyline
from tests.unit.commands.newsroom import MONDAY, STRIKE, bundle, lines, record, reports

Fresh = Callable[[], Archive]


@pytest.fixture
def fresh() -> Iterator[Fresh]:
    opened: list[Archive] = []

    def make() -> Archive:
        archive = open_archive("sqlite://")
        archive.migrate()
        opened.append(archive)
        return archive

    yield make
    for archive in opened:
        archive.close()


def strike() -> Storyline:
    loaded = parse(bundle(STRIKE))
    assert loaded.bundle is not None
    return loaded.bundle.storylines[0]


def items(fresh: Fresh, days: int = 3) -> list[Item]:
    source = FileSource(io.BytesIO(lines(reports(days)).encode()), fresh())
    return [item for page in source.pages() for item in page.items]


def outcome(fresh: Fresh, found: list[Item], size: int) -> Outcome:
    trial = Trial(fresh(), strike())
    for start in range(0, len(found), size):
        page = tuple(found[start : start + size])
        trial.take(Page(page, len(page)))
    return trial.outcome()


def test_pages_of_any_size_come_to_the_same(fresh: Fresh) -> None:
    found = items(fresh)
    first = outcome(fresh, found, 1)
    assert len(first.of(Decision.FITS)) == 9
    for size in (2, 5, len(found)):
        again = outcome(fresh, found, size)
        assert again.judged == first.judged
        assert again.raised == first.raised


def test_a_trial_decides_and_alerts_as_a_replay_does(fresh: Fresh) -> None:
    told = lines(reports()).splitlines()
    loaded = parse(bundle(STRIKE))
    assert loaded.bundle is not None
    events = list(Replay(fresh(), loaded.bundle).events(told))
    tried = outcome(fresh, items(fresh), PAGE)
    fits = {e["article"]: e["probability"] for e in events if e.get("decision") == "fits"}
    assert {j.name: j.probability for j in tried.of(Decision.FITS)} == fits
    alerts = [(e["development"], e["kind"], e["sources"]) for e in events if e["type"] == "alert"]
    assert [(r.development, r.kind.value, r.sources) for r in tried.raised] == alerts


def test_the_last_word_counts_and_changed_minds_are_told(fresh: Fresh) -> None:
    scratch = fresh()
    trial = Trial(scratch, strike())
    found = items(fresh)
    trial.take(Page(tuple(found), len(found)))
    with scratch.begin() as conn:
        fits = [d.match for d in matches.of_storyline(conn, "port-strike", 99) if _hit(d.match)]
        retracted, restored = fits[:2]
        matches.record(
            conn,
            [
                (_again(retracted, 2, Decision.POSSIBLE), "c"),
                (_again(retracted, 3, Decision.NOT), "c"),
                (_again(restored, 2, Decision.NOT), "c"),
                (_again(restored, 3, Decision.FITS), "c"),
                # An edited report that is decided otherwise is no changed mind.
                (_again(fits[2], 2, Decision.NOT, revision=2), "d"),
            ],
        )
    tried = trial.outcome()
    assert tried.reconsidered == 2
    assert tried.changes == {
        (Decision.FITS, Decision.POSSIBLE): 1,
        (Decision.POSSIBLE, Decision.NOT): 1,
        (Decision.FITS, Decision.NOT): 1,
        (Decision.NOT, Decision.FITS): 1,
    }
    last = {judged.article: judged.decision for judged in tried.judged}
    assert last[retracted.article.id] is Decision.NOT
    assert last[restored.article.id] is Decision.FITS
    assert last[fits[2].article.id] is Decision.NOT


def _hit(match: Match) -> bool:
    return match.decision is Decision.FITS


def _again(match: Match, version: int, decision: Decision, revision: int = 1) -> Match:
    article: Article = match.article.model_copy(update={"revision": revision})
    return match.model_copy(update={"version": version, "decision": decision, "article": article})


def test_what_is_near_to_its_own_bar_stands_at_the_threshold(fresh: Fresh) -> None:
    """The bar of a storyline moves: what fits may be less probable than what was possible."""
    found = outcome(fresh, items(fresh), PAGE)
    first = found.judged[0]
    told = {
        "fits far": (Decision.FITS, 0.9, 0.3),
        "fits near": (Decision.FITS, 0.34, 0.33),
        "fits high": (Decision.FITS, 0.52, 0.49),
        "possible near": (Decision.POSSIBLE, 0.28, 0.33),
        "possible high": (Decision.POSSIBLE, 0.42, 0.49),
        "not": (Decision.NOT, 0.1, 0.3),
    }
    judged = tuple(
        replace(first, article=name, decision=decision, probability=probability, bar=bar)
        for name, (decision, probability, bar) in told.items()
    )
    tried = replace(found, judged=judged)
    assert [j.article for j in tried.just_above(2)] == ["fits high", "fits near"]
    assert [j.article for j in tried.just_below(3)] == ["possible near", "possible high", "not"]
    assert [j.article for j in tried.best(Decision.POSSIBLE, 1)] == ["possible near"]


def test_many_in_doubt_and_few_that_fit_tell_of_a_subject(fresh: Fresh) -> None:
    found = outcome(fresh, items(fresh), PAGE)
    hit, first = found.of(Decision.FITS)[0], found.judged[0]
    doubted = tuple(
        replace(first, article=f"in doubt {n}", decision=decision, probability=probability)
        for n, (decision, probability) in enumerate(
            [(Decision.POSSIBLE, 0.2), *[(Decision.NOT, 0.07)] * 9, *[(Decision.NOT, 0.06)] * 9]
        )
    )
    declared = found.storyline
    bare = declared.model_copy(update={"cues": Cues()})
    tried = replace(found, judged=(hit, *doubted), storyline=bare)
    assert tried.in_doubt == 10
    assert tried.tells_subject
    assert not replace(tried, judged=(hit, hit, *doubted)).tells_subject, "too few"
    assert declared.cues.supporting
    assert not replace(tried, storyline=declared).tells_subject, "its cues tell it apart"


def test_each_is_held_against_the_bar_of_its_last_decision(fresh: Fresh) -> None:
    scratch = fresh()
    trial = Trial(scratch, strike())
    found = items(fresh)
    trial.take(Page(tuple(found), len(found)))
    with scratch.read() as conn:
        bars = {
            d.match.article.id: d.match.bar.fits
            for d in matches.of_storyline(conn, "port-strike", 99)
            if d.match.bar
        }
    assert {j.article: j.bar for j in trial.outcome().judged} == bars
    assert len(set(bars.values())) > 1


def test_quiet_days_between_hits_are_days_too(fresh: Fresh) -> None:
    title = "Dockers of Velmora walk out again over night shifts"
    told = [record(f"r{n}", f"{title} {n}", MONDAY + timedelta(days=n)) for n in (0, 3)]
    source = FileSource(io.BytesIO(lines(told).encode()), fresh())
    trial = Trial(fresh(), strike())
    for page in source.pages():
        trial.take(page)
    days = trial.outcome().days()
    assert [day.fits for day in days] == [1, 0, 0, 1]
    assert all(b.day - a.day == timedelta(days=1) for a, b in pairwise(days))


def test_a_comparison_accounts_for_every_hit_of_either(fresh: Fresh) -> None:
    found = items(fresh)
    draft = outcome(fresh, found[:14], PAGE)
    in_force = outcome(fresh, found[7:], PAGE)
    compared = compare(draft, in_force)
    assert len(compared.same) + len(compared.new) == len(draft.of(Decision.FITS))
    assert len(compared.same) + len(compared.lost) == len(in_force.of(Decision.FITS))
    assert len(compared.same) == len(compared.new) == len(compared.lost) == 3


def test_a_file_larger_than_a_page_is_read_whole_and_in_order(fresh: Fresh) -> None:
    days = PAGE // 7 + 3
    shuffled = sorted(reports(days), key=lambda r: r["id"][::-1])
    source = FileSource(io.BytesIO(lines(shuffled).encode()), fresh())
    pages = list(source.pages())
    assert [page.read for page in pages] == [PAGE, 7 * days - PAGE]
    when = [item.article.event_time for page in pages for item in page.items]
    assert len(when) == source.total == source.usable == 7 * days
    assert when == sorted(when)
    assert (source.first, source.last) == (when[0], when[-1])


def test_an_edit_that_is_taken_back_is_read_across_pages(fresh: Fresh) -> None:
    first = record("one", "Dockers of Velmora walk out", MONDAY)
    edited = first | {"title": "Dockers of Velmora stay at work"}
    filling = [record(f"r{n}", f"Pear harvest of orchard {n} delayed", MONDAY) for n in range(PAGE)]
    file = lines([first, edited, *filling, first, first])
    source = FileSource(io.BytesIO(file.encode()), fresh())
    revisions = [
        i.article.revision for page in source.pages() for i in page.items if i.name == "one"
    ]
    assert revisions == [1, 2, 3]
    assert source.fates()["redelivered"] == 1


def test_reports_before_the_first_date_of_a_file_stand_with_it(fresh: Fresh) -> None:
    told = [
        record("early", "Dockers of Velmora walk out", None),
        record("first", "Pears are early", MONDAY),
        record("older", "Pears were late", MONDAY - timedelta(days=1)),
    ]
    source = FileSource(io.BytesIO(lines(told).encode()), fresh())
    when = {i.name: i.article.event_time for page in source.pages() for i in page.items}
    assert when == {
        "older": MONDAY - timedelta(days=1),
        "early": MONDAY,
        "first": MONDAY,
    }
    assert source.extent == (MONDAY - timedelta(days=1), MONDAY)


def test_half_a_character_in_a_file_ends_nothing(fresh: Fresh) -> None:
    odd = lines([record("odd", "Dockers of Velmora \ud800 walk out", MONDAY)])
    assert "\\ud800" in odd
    source = FileSource(io.BytesIO(odd.encode()), fresh())
    titles = [item.article.title for page in source.pages() for item in page.items]
    assert titles == ["Dockers of Velmora \ufffd walk out"]

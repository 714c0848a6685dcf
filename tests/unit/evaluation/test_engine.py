"""The engine under judgement is the shipped one, and stories that are not rivals never touch."""

from __future__ import annotations

import numpy as np

from evaluation.engine import follow, storylines, track
from evaluation.learnt import Weighing
from evaluation.made_up import made_up
from evaluation.stream import Trial, trial
from nightdesk.storylines.compile import compile_storylines
from nightdesk.storylines.decide import Memory, decide
from nightdesk.storylines.nominate import nominate
from nightdesk.storylines.rarity import shipped_rarity
from schemas import Decision

CORPUS = made_up(stories=12)


def test_what_is_decided_is_what_the_service_would_decide() -> None:
    laid = trial(CORPUS.reports, 1)
    tracked = track(laid)
    story = storylines(laid, rivals=False)[3]
    index = compile_storylines([(story, 1)], rarity=shipped_rarity())
    memory, last = Memory(), {}
    for column, report in enumerate(laid.stream):
        if not laid.judged[3, column]:
            continue
        for candidate in nominate(report.article, index, now=report.article.seen_at):
            verdict = decide(
                candidate, index.storylines[story.id], memory, now=report.article.seen_at
            )
            memory = verdict.memory
            first = verdict.match
            assert tracked.nominated[3, column]
            assert tracked.at_once.accepted[3, column] == (first.decision is Decision.FITS)
            assert tracked.at_once.probability[3, column] == first.probability
            last[report.id] = first.probability
            last.update((change.article, change.probability) for change in verdict.changes)
    assert last
    assert tracked.nominated[3].sum() == len(last)
    for column, report in enumerate(laid.stream):
        assert tracked.settled.probability[3, column] == last.get(report.id, 0.0)


def test_a_story_is_decided_the_same_whatever_else_is_followed() -> None:
    laid = trial(CORPUS.reports, 1)
    together = track(laid)
    for row in (0, 5, 11):
        alone = track(Trial(1, (laid.stories[row],), laid.stream))
        for name in ("at_once", "settled"):
            ours, theirs = getattr(alone, name), getattr(together, name)
            assert ours.accepted[0].tolist() == theirs.accepted[row].tolist()
            assert ours.probability[0].tolist() == theirs.probability[row].tolist()


def test_rivals_are_all_others_and_only_where_asked() -> None:
    laid = trial(CORPUS.reports, 1)
    names = {story.id for story in storylines(laid, rivals=True)}
    assert len(names) == len(laid.stories) == 12
    assert all(set(s.rivals) == names - {s.id} for s in storylines(laid, rivals=True))
    assert not any(s.rivals for s in storylines(laid, rivals=False))


def test_what_is_not_judged_leaves_no_trace() -> None:
    laid = trial(CORPUS.reports, 1)
    declared = storylines(laid, rivals=False)
    judged = laid.judged.copy()
    judged[:, ::2] = False
    tracked = follow(declared, laid.stream, judged)
    odd = [report for at, report in enumerate(laid.stream) if at % 2]
    beside = follow(declared, odd, laid.judged[:, 1::2])
    assert not tracked.nominated[:, ::2].any()
    assert np.array_equal(tracked.settled.probability[:, 1::2], beside.settled.probability)


def test_without_memory_each_report_is_judged_as_the_first() -> None:
    laid = trial(CORPUS.reports, 1)
    alone = Trial(1, laid.stories, laid.stream[-5:])
    whole = track(laid, remember=False)
    judged = laid.judged[:, -5:]
    tail = follow(storylines(laid, rivals=False), alone.stream, judged, remember=False)
    assert np.array_equal(whole.at_once.probability[:, -5:], tail.at_once.probability)


def test_counts_of_the_file_and_of_a_background_move_weights() -> None:
    reports = made_up(stories=60).reports
    shipped = Weighing().rarity(reports)
    assert shipped is shipped_rarity()
    own = Weighing(own_counts=True).rarity(reports)
    more = Weighing(own_counts=True, background=reports).rarity(reports)
    assert own.weights != shipped.weights
    assert more.weights != own.weights
    foreign = Weighing(foreign=True).rarity(reports)
    assert not any(foreign.weights.values())
    taught = Weighing(own_counts=True, foreign=True).rarity(reports)
    assert any(taught.weights.values())

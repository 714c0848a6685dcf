"""Nominate and decide: what speaks for a storyline, against it, and what forbids it."""

from __future__ import annotations

import time
from math import fsum
from random import Random
from typing import Any

import pytest

from nightdesk.storylines import weights
from nightdesk.storylines.compile import ignored_phrases
from nightdesk.storylines.decide import Memory, decide
from nightdesk.storylines.explain import explain_match
from nightdesk.storylines.missing import missing
from nightdesk.storylines.nominate import assess_article, nominate
from schemas import Article, Decision, Match, Storyline
from tests.unit.storylines.build import (
    FREIGHTER,
    GROUNDING,
    NOON,
    make_article,
    make_index,
    make_storyline,
)

FISHING = make_article(
    "Parliament voted on herring quotas after a long debate.", title="Quotas cut"
)


def judge(storyline: Storyline, article: Article, memory: Memory | None = None) -> Match | None:
    index = make_index(storyline)
    for candidate in nominate(article, index, now=NOON):
        compiled = index.storylines[candidate.storyline]
        return decide(candidate, compiled, memory or Memory(), now=NOON).match
    return None


@pytest.mark.parametrize(
    "parts",
    [
        {"exemplars": [FREIGHTER]},
        {"exemplars": [FREIGHTER], "entities": [{"name": "Port", "any_of": ["Port Lindane"]}]},
        {
            "entities": [
                {"name": "Port", "any_of": ["Port Lindane"]},
                {"name": "Ship", "any_of": ["freighter"]},
            ]
        },
        {
            "entities": [{"name": "Port", "any_of": ["Port Lindane"]}],
            "cues": {"supporting": ["off the sandbank"]},
        },
        {"cues": {"supporting": ["off the sandbank"]}},
        {
            "description": "A freighter with grain on a sandbank at Port Lindane; the harbour is closed."
        },
    ],
)
def test_whatever_a_storyline_has_to_go_by_it_finds_its_report_and_no_other(
    parts: dict[str, Any],
) -> None:
    storyline = make_storyline(**parts)
    match = judge(storyline, GROUNDING)
    assert match is not None
    assert match.decision is Decision.FITS, explain_match(match)
    assert judge(storyline, FISHING) is None


def test_contributions_sum_to_the_score_and_the_reason_quotes_them() -> None:
    storyline = make_storyline(exemplars=[FREIGHTER], cues={"supporting": ["free freighter"]})
    match = judge(storyline, GROUNDING)
    assert match is not None
    assert fsum(part.value for part in match.contributions) == pytest.approx(match.score, abs=1e-9)
    assert "“free freighter”" in match.reason
    assert "exemplar 1" in match.reason
    assert "free freighter" in explain_match(match)


def test_a_summary_that_is_all_there_is_counts_once() -> None:
    summary = "The White House denies that it coordinates strikes with Russia in Syria."
    exemplars = [{"text": summary}]
    told = make_storyline(exemplars=exemplars)
    twice = make_storyline(exemplars=[{"description": summary, "text": summary}])
    for storyline in (told, twice):
        index = make_index(storyline)
        (once,) = nominate(make_article(summary), index, now=NOON)
        (same,) = nominate(make_article(summary, description=summary), index, now=NOON)
        assert same.likeness == once.likeness
        assert same.likeness is not None
        assert same.likeness.words == len(summary.split())
        assert (same.score, same.spans) == (once.score, once.spans)


def test_an_entity_that_is_missing_costs_much_and_is_named() -> None:
    entities = [{"name": "Coast guard", "any_of": ["coast guard"]}]
    without = judge(make_storyline(exemplars=[FREIGHTER]), GROUNDING)
    missing = judge(make_storyline(exemplars=[FREIGHTER], entities=entities), GROUNDING)
    assert without is not None
    assert missing is None or missing.score < without.score - 1.5
    index = make_index(make_storyline(exemplars=[FREIGHTER], entities=entities))
    parts = {part.name: part for part in assess_article(GROUNDING, index, "s").contributions}
    assert parts["missing"].detail == "without Coast guard"


def test_opposing_cues_subtract_and_an_exclusion_forbids() -> None:
    plain = judge(make_storyline(exemplars=[FREIGHTER]), GROUNDING)
    opposed = judge(
        make_storyline(exemplars=[FREIGHTER], cues={"opposing": ["in vain"]}), GROUNDING
    )
    excluded = judge(make_storyline(exemplars=[FREIGHTER], exclusions=["In Vain"]), GROUNDING)
    assert plain is not None
    assert opposed is not None
    assert excluded is not None
    assert opposed.score == pytest.approx(plain.score - 1.8)
    assert excluded.decision is Decision.NOT
    assert "excluded by “In Vain”" in excluded.reason


def test_a_cue_inside_a_longer_cue_counts_once() -> None:
    one = judge(
        make_storyline(exemplars=[FREIGHTER], cues={"supporting": ["free freighter"]}), GROUNDING
    )
    two = judge(
        make_storyline(
            exemplars=[FREIGHTER], cues={"supporting": ["free freighter", "freighter at"]}
        ),
        GROUNDING,
    )
    assert one is not None
    assert two is not None
    assert one.score == two.score


def test_an_article_that_says_cues_without_end_takes_no_longer_than_it_is_long() -> None:
    storyline = make_storyline(
        exemplars=[FREIGHTER],
        entities=[
            {"name": "Port", "any_of": ["Port Lindane"]},
            {"name": "Tug", "any_of": ["Skua"]},
        ],
        cues={"supporting": ["叙利", "利亚", "grain ship", "ship"], "opposing": ["no ship"]},
    )
    index = make_index(storyline)
    for piece in ("叙利亚", "grain ship ", "no ship "):
        article = make_article(GROUNDING.text + piece * (100_000 // len(piece)))
        began = time.process_time()
        assess_article(article, index, "s")
        missing(article, index, "s")
        assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("limits", "admitted"),
    [
        ({"window": {"since": "2016-07-15T00:00:00Z"}}, False),
        ({"window": {"until": "2016-07-14T00:00:00Z"}}, False),
        ({"window": {"since": "2016-07-14T00:00:00Z", "until": "2016-07-15T00:00:00Z"}}, True),
        ({"languages": ["fr"]}, False),
        ({"languages": ["en", "fr"]}, True),
        ({"sources": ["Other"]}, False),
        ({"sources": ["WIRE"]}, True),
    ],
)
def test_window_languages_and_sources_are_limits(limits: dict[str, Any], admitted: bool) -> None:
    assert bool(judge(make_storyline(exemplars=[FREIGHTER], **limits), GROUNDING)) is admitted


def test_sensitivity_moves_the_threshold_and_not_the_score() -> None:
    article = make_article(
        "The freighter waits off the harbour in fog, a master said.", title="Fog"
    )
    found = {
        name: judge(make_storyline(exemplars=[FREIGHTER], sensitivity=name), article)
        for name in ("strict", "balanced", "wide")
    }
    scores = {match.score for match in found.values() if match}
    ranks = [
        ["not", "possible", "fits"].index(match.decision.value) if match else 0
        for match in found.values()
    ]
    assert len(scores) == 1
    assert ranks == sorted(ranks)


def copy_of(article: Article, number: int, **changes: Any) -> Article:
    return article.model_copy(update={"id": f"copy{number}", **changes})


def test_a_copy_inherits_the_decision_of_its_original_and_names_it() -> None:
    storyline = make_storyline(exemplars=[FREIGHTER])
    index = make_index(storyline)
    compiled = index.storylines["s"]
    (first,) = nominate(GROUNDING, index, now=NOON)
    verdict = decide(first, compiled, Memory(), now=NOON)
    page = copy_of(
        GROUNDING, 1, text=f"Share. {GROUNDING.text} Weather. Sports.", title="Ship stuck"
    )
    (second,) = nominate(page, index, now=NOON)
    after = decide(second, compiled, verdict.memory, now=NOON)
    assert after.match.score == pytest.approx(verdict.match.score, abs=1e-5)
    assert after.match.decision is verdict.match.decision
    assert "copy of “Tugs fail to free freighter at Port Lindane” (Wire)" in after.match.reason


def test_a_copy_that_says_the_opposite_is_decided_by_itself() -> None:
    """Reworded by two words, it is a copy to every count of words, and another report to who reads it."""
    storyline = make_storyline(exemplars=[FREIGHTER], cues={"opposing": ["pulled free"]})
    index = make_index(storyline)
    compiled = index.storylines["s"]
    (first,) = nominate(GROUNDING, index, now=NOON)
    verdict = decide(first, compiled, Memory(), now=NOON)
    freed = GROUNDING.text.replace("tried in vain to pull", "at last pulled free")
    (second,) = nominate(copy_of(GROUNDING, 1, text=freed), index, now=NOON)
    after = decide(second, compiled, verdict.memory, now=NOON).match
    assert "copy" not in [part.name for part in after.contributions]
    assert "opposing cues" in [part.name for part in after.contributions]
    assert after.score < verdict.match.score


def test_what_was_accepted_speaks_for_its_like_and_never_for_itself() -> None:
    storyline = make_storyline(exemplars=[FREIGHTER])
    index = make_index(storyline)
    compiled = index.storylines["s"]
    (candidate,) = nominate(GROUNDING, index, now=NOON)
    verdict = decide(candidate, compiled, Memory(), now=NOON)
    again = decide(candidate, compiled, verdict.memory, now=NOON)
    assert again == verdict
    later = make_article(
        "Divers looked at the hull of the stranded freighter at Port Lindane; tugs wait for the tide.",
        title="Divers at stranded freighter",
        id="a2",
    )
    (candidate,) = nominate(later, index, now=NOON)
    names = [
        part.name
        for part in decide(candidate, compiled, verdict.memory, now=NOON).match.contributions
    ]
    assert "neighbours" in names


def in_another_order(exemplar: dict[str, str], seed: int) -> dict[str, str]:
    """The same words several times over and shuffled, so that neither is a reprint of another."""
    words = exemplar["text"].split() * 10
    return {**exemplar, "text": " ".join(Random(seed).sample(words, len(words) - 9 * seed))}


def test_what_was_decided_before_is_held_to_the_bar_of_what_has_settled() -> None:
    storyline = make_storyline(exemplars=[in_another_order(FREIGHTER, n) for n in range(4)])
    index = make_index(storyline)
    (candidate,) = nominate(GROUNDING, index, now=NOON)
    at_once = decide(candidate, index.storylines["s"], Memory(), now=NOON)
    again = candidate.model_copy(update={"article": GROUNDING.model_copy(update={"revision": 2})})
    revised = decide(again, index.storylines["s"], at_once.memory, now=NOON)
    assert at_once.match.bar
    assert revised.match.bar
    assert at_once.match.bar.fits == pytest.approx(1.5 * revised.match.bar.fits, abs=0.02)


def test_no_storylines_and_empty_articles_are_no_trouble() -> None:
    assert nominate(GROUNDING, make_index(), now=NOON) == ()
    assert (
        nominate(make_article(), make_index(make_storyline(exemplars=[FREIGHTER])), now=NOON) == ()
    )


@pytest.mark.parametrize(
    "parts",
    [
        {"entities": [{"name": "X", "any_of": ["the", "..."]}]},
        {"cues": {"supporting": ["of the", "will not"]}},
        {"exemplars": [{"title": "the of and"}]},
        {"exemplars": [{"title": "?!"}]},
    ],
)
def test_what_says_nothing_matches_nothing(parts: dict[str, Any]) -> None:
    storyline = make_storyline(**parts)
    everything = make_article(
        "The cat of the house will not sit on the mat, and that is all of it."
    )
    assert judge(storyline, everything) is None
    given = ignored_phrases(storyline)
    assert bool(given) is ("exemplars" not in parts)


def test_acronyms_that_read_like_function_words_do_say_something() -> None:
    storyline = make_storyline(entities=[{"name": "WHO", "any_of": ["WHO"]}])
    health = make_article("The WHO warns of a new virus.", title="WHO warns")
    asked = make_article("Nobody knows who warned of it.", title="Who warned")
    assert judge(storyline, health) is not None
    assert judge(storyline, asked) is None


@pytest.mark.parametrize(
    "text", ["U." * 1_000_000, "a-" * 1_000_000, "白宫" * 500_000, "x" * 3_000_000]
)
def test_enormous_and_odd_texts_take_little_time(text: str) -> None:
    storyline = make_storyline(exemplars=[FREIGHTER])
    article = make_article(f"{GROUNDING.text} {text}", title=GROUNDING.title)
    assert judge(storyline, article) is not None


def test_words_are_quoted_at_once_or_when_it_is_decided_all_the_same() -> None:
    index = make_index(make_storyline(exemplars=[FREIGHTER]))
    (candidate,) = nominate(GROUNDING, index, now=NOON)
    assert candidate.spans
    words, *others = (p for p in candidate.contributions if p.name == "words in common")
    vague = words.model_copy(update={"detail": "likeness 0.50"})
    told = tuple(vague if p is words else p for p in candidate.contributions)
    bare = candidate.model_copy(update={"spans": (), "contributions": told})
    early, late = (
        decide(c, index.storylines["s"], Memory(), now=NOON).match for c in (candidate, bare)
    )
    assert not others
    assert early == late


QUOTAS = make_article(
    f"{FISHING.text} Boats off the sandbank may land less from spring on, the ministry told the"
    " two unions of skippers on Tuesday evening, after weeks of protest in every small bay. Hake, whiting"
    " and monkfish are spared for another year, and Brussels pays for nets with wider meshes.",
    title=FISHING.title,
)


def test_words_are_quoted_where_a_report_may_fit_and_only_there() -> None:
    index = make_index(make_storyline(exemplars=[FREIGHTER]))
    matches = {}
    for article in (GROUNDING, QUOTAS):
        (candidate,) = nominate(article, index, now=NOON)
        match = decide(candidate, index.storylines["s"], Memory(), now=NOON).match
        matches[match.decision] = match
    fits, passed = matches[Decision.FITS], matches[Decision.NOT]
    assert "exemplar 1" in fits.reason
    assert "sandbank" in {span.name for span in fits.spans}
    assert passed.spans == ()
    assert "likeness 0." in passed.reason


def test_words_are_quoted_at_once_where_a_report_names_what_is_declared() -> None:
    cues = {"supporting": ["off the sandbank"]}
    index = make_index(make_storyline(exemplars=[FREIGHTER], cues=cues))
    further = (
        " A fleet of eleven trawlers, most of them owned by families, has to be laid up under the plan. In"
        " Hvalsund and Tornvik pensioners remember when the cannery employed four hundred women."
    )
    far = make_article(QUOTAS.text + further, title=QUOTAS.title)
    (candidate,) = nominate(far, index, now=NOON)
    assert candidate.likeness
    assert candidate.likeness.cosine < weights.QUOTED_NEAR * index.storylines["s"].near
    assert "off the sandbank" in {span.name for span in candidate.spans}

"""Five real reports of three confusable storylines, as scraped: each fits its own, and no other.

The storylines are those of examples/bundle.yaml.  Beside them, 804 reports of the same war and 12,000
of the same years: hardly any may fit.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from nightdesk.storylines.decide import Memory, decide
from nightdesk.storylines.explain import explain_match
from nightdesk.storylines.nominate import nominate
from schemas import Article, Decision, Match, Storyline
from tests.support.seeds import seed_exemplars, seed_records
from tests.support.shared import shared_path
from tests.unit.storylines.build import (
    NOON,
    example_storylines,
    make_article,
    make_index,
    make_storyline,
)

FURNITURE = 8
"""Lines of fewer words are the page's, not the report's."""


def read(record: dict[str, Any], *, scraped: bool = True) -> Article:
    published = record.get("published")
    when = datetime.fromisoformat(published).replace(tzinfo=UTC) if published else None
    text = record.get("text") or ""
    if not scraped:
        text = "\n".join(line for line in text.split("\n") if len(line.split()) > FURNITURE)
    return make_article(
        text,
        id=record["id"],
        title=record.get("title") or "",
        description=record.get("description") or "",
        source=record.get("source") or "unknown",
        published_at=when,
    )


def judged(articles: list[Article], storylines: list[Storyline] | None = None) -> list[Match]:
    index = make_index(*(storylines or example_storylines()))
    memories: dict[str, Memory] = {}
    matches = []
    for article in articles:
        for candidate in nominate(article, index, now=NOON):
            name = candidate.storyline
            memory = memories.get(name, Memory())
            verdict = decide(candidate, index.storylines[name], memory, now=NOON)
            memories[name] = verdict.memory
            matches.append(verdict.match)
    return matches


def corpus(name: str, *, dated: bool = False) -> list[Article]:
    path = shared_path("data", "dev", f"{name}.jsonl")
    rows: dict[str, dict[str, Any]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows.setdefault(row["id"], row if dated else {**row, "published": None})
    articles = [read(row) for row in rows.values()]
    return sorted(articles, key=lambda article: article.event_time)


@pytest.mark.parametrize("scraped", [True, False])
@pytest.mark.parametrize("backwards", [False, True])
def test_each_seed_fits_its_own_storyline_and_no_other(scraped: bool, backwards: bool) -> None:
    records = seed_records()
    articles = [read(record, scraped=scraped) for record in records]
    matches = judged(articles[::-1] if backwards else articles)
    fits = {(m.article.id, m.storyline) for m in matches if m.decision is Decision.FITS}
    assert fits == {(record["id"], record["storyline"]) for record in records}
    sure = [m for m in matches if m.decision is Decision.FITS]
    assert min(m.probability for m in sure) > 0.9, "\n".join(map(explain_match, sure))
    assert not [m for m in matches if m.decision is Decision.POSSIBLE]


def test_at_most_one_in_a_hundred_reports_of_the_same_war_fits() -> None:
    articles = corpus("syria")
    fits = [m for m in judged(articles) if m.decision is Decision.FITS]
    assert len(fits) <= len(articles) // 100, "\n".join(map(explain_match, fits))


def test_neither_does_where_nothing_but_the_seeds_is_shown() -> None:
    articles = corpus("syria", dated=True)
    storylines = [
        make_storyline(id=name, exemplars=shown) for name, shown in seed_exemplars().items()
    ]
    matches = judged(articles, storylines)
    fits = [m for m in matches if m.decision is Decision.FITS]
    assert len(matches) > len(articles), "most come near"
    assert len(fits) <= len(storylines) * len(articles) // 100, "\n".join(map(explain_match, fits))


def test_reports_at_large_do_not_fit() -> None:
    found = Counter(m.decision for m in judged(corpus("background")))
    assert found[Decision.FITS] <= 2
    assert found[Decision.POSSIBLE] <= 12

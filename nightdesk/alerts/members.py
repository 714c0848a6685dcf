"""Members: what a development keeps of each of its reports, and which reports it keeps.

Comes in: a match.  Goes out: the `Member` that stands for its report; of many members those that are worth
their room.  Copies go first: an original that is forgotten would let its next copy pass for a source.  Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from nightdesk.alerts import grouping
from nightdesk.alerts.grouping import Member
from nightdesk.text.copies import Sketch
from schemas import AlertedArticle, Article, Match

_QUOTED = 8


def member_of(
    match: Match, signature: Sketch, original: Member | None, *, copy_of: str | None = None
) -> Member:
    """Return what is kept of a report, which copies `original` or the article `copy_of`, if any."""
    article = match.article
    return Member(
        told=alerted(
            article,
            probability=match.probability,
            words=words_of(match),
            copy_of=original.told.id if original else copy_of,
        ),
        event_time=article.event_time,
        figures=grouping.figures_of(article),
        signature=signature.to_text(),
    )


def alerted(
    article: Article,
    *,
    probability: float,
    words: tuple[str, ...] = (),
    copy_of: str | None = None,
) -> AlertedArticle:
    """Return an article as alerts tell of it."""
    return AlertedArticle(
        id=article.id,
        revision=article.revision,
        source=article.source,
        title=article.title,
        url=article.url,
        language=article.language,
        published_at=article.published_at,
        seen_at=article.seen_at,
        arrival=article.arrival,
        probability=probability,
        words=words,
        copy_of=copy_of,
    )


def bounded(members: Sequence[Member]) -> tuple[Member, ...]:
    """Keep the opening report and the newest others, sketches of fewer; copies are the first to go."""
    first, rest = members[0], list(members[1:])
    kept = _worth(rest, grouping.MOST_ARTICLES)
    rest = [member for at, member in enumerate(rest) if at in kept]
    sketched = _worth(rest, grouping.MOST_SKETCHES)
    return (
        first,
        *(
            member if at in sketched else member.model_copy(update={"signature": ""})
            for at, member in enumerate(rest)
        ),
    )


def _worth(members: Sequence[Member], most: int) -> set[int]:
    """Return the places of the `most` members that are worth most: originals, then the newest."""
    ranked = sorted(range(len(members)), key=lambda at: (members[at].told.copy_of is not None, -at))
    return set(ranked[:most])


def words_of(match: Match) -> tuple[str, ...]:
    """Return the heaviest words that earned the match, as they stand in the article."""
    article = match.article
    texts = {"title": article.title, "description": article.description, "text": article.text}
    ranked = sorted(match.spans, key=lambda s: (-s.weight, s.field, s.start))
    quoted = (texts[span.field][span.start : span.end] for span in ranked if span.weight > 0)
    return tuple(dict.fromkeys(" ".join(words.split()) for words in quoted))[:_QUOTED]

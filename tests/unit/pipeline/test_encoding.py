"""The stages with an encoder: candidates carry vectors, and a text on which it fails goes on by its words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nightdesk.archive import accounts, definitions
from nightdesk.archive.engine import Archive
from nightdesk.clock import SettableClock
from nightdesk.dense.encoder import Encoder, Steady
from nightdesk.pipeline.bare import build_stages
from nightdesk.pipeline.definitions import CatalogueCache
from nightdesk.pipeline.runner import BatchRunner
from nightdesk.pipeline.stage import Incoming
from schemas import Article, Candidate, Match
from tests.support.encoders import FailingEncoder, SubjectEncoder
from tests.unit.storylines.build import NOON, make_article, make_storyline

TITLES = (
    "Freighter Oriana runs aground near Mill Point",
    "Parliament adopts the budget",
    "Cursed vessel Oriana towed off Mill Point",
)


class Desk:
    """Two stages over one archive, which hold a storyline about a ship."""

    def __init__(self, archive: Archive, encoder: Encoder | None) -> None:
        self.archive = archive
        stages = build_stages(CatalogueCache(), encoder)
        clock = SettableClock(NOON + timedelta(minutes=1))
        self._runners = {s.topic: BatchRunner(s, archive, clock) for s in stages}
        told = make_storyline(exemplars=[{"title": "Ship Oriana aground off Mill Point"}])
        with archive.begin() as connection:
            definitions.put(connection, told, author="test", now=NOON)

    def send(self, topic: str, *values: bytes) -> list[bytes]:
        batch = [Incoming(topic, 0, n, "s", value) for n, value in enumerate(values)]
        return [message.value for _, message in self._runners[topic].run(batch).to_send]

    def candidates(self) -> list[Candidate]:
        articles: list[Article] = [
            make_article(id=f"a{n}", title=title) for n, title in enumerate(TITLES)
        ]
        sent = self.send("articles", *(article.to_bytes() for article in articles))
        return [Candidate.model_validate_json(value) for value in sent]

    def counted(self, name: str) -> int:
        with self.archive.read() as connection:
            return accounts.totals(connection)["nominate"].get(name, 0)


@pytest.mark.parametrize("dense", [False, True])
def test_candidates_carry_a_vector_where_there_is_an_encoder(archive: Archive, dense: bool) -> None:
    encoder = SubjectEncoder() if dense else None
    desk = Desk(archive, encoder)
    candidates = desk.candidates()
    assert [c.article.title for c in candidates] == [TITLES[0], TITLES[2]]
    assert [bool(c.likeness and c.likeness.dense) for c in candidates] == [bool(encoder)] * 2
    assert desk.counted("encoded") == (2 if encoder else 0)
    if encoder:
        assert encoder.asked == [[TITLES[0], TITLES[2]]]
    decided = desk.send("candidates", *(candidate.to_bytes() for candidate in candidates))
    assert all(Match.model_validate_json(value).storyline == "s" for value in decided)


def test_a_text_on_which_the_encoder_fails_goes_on_by_its_words(archive: Archive) -> None:
    encoder = Steady(FailingEncoder("Cursed"))
    desk = Desk(archive, encoder)
    sound, cursed = desk.candidates()
    assert sound.likeness is not None
    assert cursed.likeness is not None
    assert (bool(sound.likeness.dense), cursed.likeness.dense) == (True, "")
    assert (encoder.failed, desk.counted("encoded")) == (1, 1)
    desk.send("candidates", sound.to_bytes(), cursed.to_bytes())
    with archive.read() as connection:
        assert accounts.totals(connection)["decide"]["received"] == 2

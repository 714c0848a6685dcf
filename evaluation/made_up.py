"""Made-up reports, for when there is no file: stories of a few reports each, in a few stock sentences.

Goes out: a `Corpus`, the same for the same numbers.  Reports of one story share place, actors and event,
and tell it in different sentences; those of different stories share no more than stock phrases.
"""

from __future__ import annotations

import json
import random

from evaluation.reports import Corpus, corpus_of

_PLACES = (
    "Lindane",
    "Morvik",
    "Castelrosso",
    "Dunmarrow",
    "Ostrava-Nord",
    "Petit-Havre",
    "Kalinsk",
    "Tarrabeen",
)
_ACTORS = (
    "harbour-master",
    "mayor",
    "minister",
    "union",
    "bishop",
    "prosecutor",
    "engineer",
    "farmers",
)
_EVENTS = ("grounding", "flood", "strike", "trial", "blackout", "quarantine", "landslide", "merger")
_THINGS = (
    "freighter",
    "bridge",
    "refinery",
    "orchard",
    "archive",
    "tramline",
    "reservoir",
    "stadium",
)
_SENTENCES = (
    "The {event} in {place} went on for a {nth} day on {day}, and the {actor} asked for patience.",
    "Some {n} people were brought away from the {thing}, the {actor} of {place} said on {day}.",
    "Nobody could say when the {thing} would be of use again; {n} families wait for an answer.",
    "An inquiry will ask why warnings about the {thing} had been left in a drawer for {n} months.",
    "“We did what we could with {n} hands,” the {actor} told reporters before the {event} hearing.",
    "Neighbouring towns sent {n} volunteers, blankets and soup to {place} late on {day}.",
    "Insurers put the damage of the {event} at {n} million, more than the {thing} had cost.",
    "Opposition members want the {actor} to resign if the {nth} report on {place} is held back.",
    "In the market square of {place} {n} candles were lit beside the gates of the {thing}.",
    "The {thing} was built {n} years ago by a firm that has since moved its seat abroad.",
    "Trains to {place} will run every {nth} hour from {day} until the {event} is over.",
    "A court in the capital hears the {actor} on {day}; {n} witnesses have been called.",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NTHS = ("second", "third", "fourth", "fifth", "sixth")


REPORTS = 3
"""Reports of a story: each has its own third of the sentences."""


def made_up(*, stories: int = 100, seed: int = 1) -> Corpus:
    """Return a corpus of so many stories, with `REPORTS` reports each."""
    return corpus_of("made up", made_up_lines(stories=stories, seed=seed))


def made_up_lines(*, stories: int, seed: int = 1) -> list[bytes]:
    """Return the same as lines of a file."""
    chance = random.Random(seed)
    lines = []
    for story in range(stories):
        facts = {
            "place": f"{chance.choice(_PLACES)} {chance.choice(_PLACES)}",
            "actor": chance.choice(_ACTORS),
            "event": chance.choice(_EVENTS),
            "thing": f"{chance.choice(_THINGS)} {chance.choice(_THINGS)}",
        }
        sentences = chance.sample(_SENTENCES, len(_SENTENCES))
        for number in range(REPORTS):
            told = [
                sentence.format(
                    **facts,
                    n=chance.randint(2, 900),
                    day=chance.choice(_DAYS),
                    nth=chance.choice(_NTHS),
                )
                for sentence in sentences[number::REPORTS]
            ]
            record = {
                "id": f"made-up-{story}-{number}",
                "title": f"{facts['event'].capitalize()} in {facts['place']}: part {number + 1}",
                "text": " ".join(told),
                "story": f"story {story}",
                "lang": "en",
            }
            lines.append(json.dumps(record).encode())
    return lines

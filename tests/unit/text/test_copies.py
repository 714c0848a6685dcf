"""Copies and light rewrites are known by their runs of words; different reports are not."""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from nightdesk.text.copies import COPY_WINDOW, SCHEME, SLOTS, Sketch, Sketches, original_of, sketch
from tests.support.shared import shared_path

NOON = datetime(2024, 5, 17, 12, tzinfo=UTC)
REPORT = (
    "The harbour of Port Lindane was closed on Monday after a freighter ran aground in fog. Pilots"
    " warned of the sandbank for years, the harbour master said, and the ministry promised a dredger"
    " that never came. Twelve sailors were brought ashore unhurt; the cargo of grain is to be unloaded"
    " onto barges before the next spring tide, which is expected on Friday."
)
OTHER = (
    "Tugs from the mainland reached the stranded grain ship this morning, but a falling tide stopped"
    " them from fixing a line. Fishermen complain that nobody can leave the basin before the salvage"
    " company has finished, and demand compensation from the shipping line for each lost day."
)
SPUN = (("Monday", "the first day of the week"), ("ministry", "government"), ("unhurt", "unharmed"))


def long_text(seed: int, words: int = 500) -> list[str]:
    """Return words of a vocabulary with the skew of a language, so that runs repeat as they do."""
    chance = random.Random(seed)
    return [f"w{int(chance.paretovariate(0.6)) % 5_000}" for _ in range(words)]


def replaced(words: list[str], share: float) -> str:
    chance = random.Random(7)
    return " ".join(f"x{n}" if chance.random() < share else w for n, w in enumerate(words))


@dataclass(frozen=True)
class Report:
    event_time: datetime
    sketch: Sketch


def test_a_text_is_a_copy_of_itself_and_of_a_page_that_swallowed_it() -> None:
    page = f"Share. Follow us. {REPORT} Read more about ports, fog and grain on our other pages."
    assert sketch(REPORT).containment(sketch(REPORT)) == 1.0
    assert sketch(page).is_copy_of(sketch(REPORT))
    whole = " ".join([*long_text(1, 1_000), REPORT, *long_text(2, 1_000)])
    assert sketch(whole).containment(sketch(" ".join(long_text(1, 1_000)))) > 0.9


def test_a_light_rewrite_is_a_copy() -> None:
    spun = REPORT
    for word, instead in SPUN:
        spun = spun.replace(word, instead)
    assert sketch(spun).is_copy_of(sketch(REPORT))


@pytest.mark.parametrize("share", [0.05, 0.15])
@pytest.mark.parametrize("seed", range(5))
def test_a_copy_may_have_one_word_in_seven_replaced(share: float, seed: int) -> None:
    words = long_text(seed)
    assert sketch(replaced(words, share)).is_copy_of(sketch(" ".join(words)))


def test_a_cut_copy_and_one_with_an_appendix_are_copies() -> None:
    words = long_text(3)
    for other in (words[:200], words + long_text(4, 300)):
        assert sketch(" ".join(other)).is_copy_of(sketch(" ".join(words)))


def test_another_report_and_a_text_too_short_are_no_copies() -> None:
    other = "Parliament voted on the fishing quota after a night of debate, " * 5
    assert sketch(other).containment(sketch(REPORT)) == 0.0
    assert not sketch(OTHER).is_copy_of(sketch(REPORT))
    assert not sketch("A short line").is_copy_of(sketch("A short line"))
    assert sketch("", "") == Sketch(0)


def test_short_texts_must_share_more_to_be_copies() -> None:
    title = "Harbour of Port Lindane closed for a week after freighter runs aground in fog"
    assert sketch(title.upper()).is_copy_of(sketch(title))
    assert sketch(f"UPDATE 1: {title}").is_copy_of(sketch(title))
    half = "Harbour of Port Lindane closed for a week as pilots strike for higher pay"
    assert sketch(half).containment(sketch(title)) > 0.4
    assert not sketch(half).is_copy_of(sketch(title))


def test_runs_do_not_cross_fields() -> None:
    words = [f"word{number}" for number in range(30)]
    fields = [" ".join(words[at : at + 2]) for at in range(0, 30, 2)]
    assert sketch(*fields) == Sketch(0)
    assert sketch(" ".join(words)).runs == 28
    assert sketch(" ".join(words[:15]), " ".join(words[15:])).runs == 26


def test_sketches_stay_as_they_are_for_ever() -> None:
    # Archives hold them.  If this fails, rensa or the hashing changed: give SCHEME another number.
    made = sketch(REPORT)
    assert SCHEME == "r2.3.192"
    assert made.runs == 60
    assert hashlib.sha256(made.packed).hexdigest()[:16] == "74026a815cb0384e"
    assert len(made.packed) == 2 * SLOTS <= 500


def test_a_sketch_survives_a_checkpoint_and_one_of_another_scheme_resembles_nothing() -> None:
    for made in (sketch(REPORT), sketch("A short line"), Sketch(0)):
        assert Sketch.from_text(made.to_text()) == made
    foreign = sketch(REPORT).to_text().replace(SCHEME, "r1.4.96")
    assert not sketch(REPORT).is_copy_of(Sketch.from_text(foreign))


@pytest.mark.parametrize("text", ["", "62", f"{SCHEME}:62:", f"{SCHEME}:x:AAAA", f"{SCHEME}:62:?"])
def test_a_damaged_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Sketch.from_text(text)


def test_the_original_is_the_report_that_is_copied_most_within_the_window() -> None:
    cut = Report(NOON, sketch(REPORT[:200]))
    whole = Report(NOON - COPY_WINDOW, sketch(f"{REPORT} {OTHER}"))
    again = Report(NOON + COPY_WINDOW, sketch(f"{REPORT} {OTHER}"))
    copy = sketch(f"{REPORT} {OTHER} Read more on our pages.")
    assert original_of(copy, NOON, [Report(NOON, sketch(OTHER)), whole, again]) is whole
    late = Report(NOON + COPY_WINDOW + timedelta(seconds=1), copy)
    assert original_of(copy, NOON, [late]) is None
    assert original_of(sketch(REPORT), NOON, [Report(NOON, sketch("Short")), cut, late]) is cut
    assert original_of(sketch("Short"), NOON, [cut]) is None
    assert original_of(copy, NOON, []) is None


def test_sketches_side_by_side_are_those_that_were_given() -> None:
    given = [sketch(REPORT), sketch("A short line"), Sketch(0), sketch(OTHER)]
    made = Sketches(given[:1]).followed_by(Sketches(given[1:]))
    assert made.each() == given
    assert made.only([1, 3]).each() == [given[1], given[3]]
    assert made.common(sketch(REPORT)) == [(0, given[0].runs, SLOTS)]
    assert made.common(sketch("A short line")) == []


def test_the_five_seeds_are_five_reports() -> None:
    texts = [path.read_text("utf-8") for path in sorted(shared_path("seeds").glob("*.txt"))]
    made = [sketch(text) for text in texts]
    assert len(made) == 5
    assert max(a.containment(b) for a in made for b in made if a is not b) < 0.2


def test_a_seed_spun_as_the_aggregator_spins_is_a_copy() -> None:
    text = shared_path("seeds", "denial-voa.txt").read_text("utf-8")
    spun = re.sub(r"\bRussia\b", "Russian Federation", text).replace("U.S.", "USA")
    spun = spun.replace("said", "stated").replace("leave", "quit")
    assert spun != text
    assert sketch(f"Share\n\nAdvertisement\n\n{spun}").is_copy_of(sketch(text))

"""What a report adds: its new sentences, figures and names, against all that was told."""

from __future__ import annotations

import pytest

from nightdesk.storylines.facts import MOST_WORDS, Facts
from nightdesk.storylines.novelty import MOST_NAMES, Known, adds, novelty
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.reading import Reading
from schemas import Novelty
from tests.support.seeds import seed_records

TITLE = "Freighter aground off Port Lindane"
REPORT = (
    "The harbour of Port Lindane was closed on Monday after a freighter ran aground in fog. Pilots had"
    " warned of the sandbank for years, the harbour master said, and the ministry promised a dredger"
    " that never came. Some sailors were brought ashore unhurt and the grain is to be unloaded."
)
NEWS = (
    "Rescuers said at least 14 people were hurt when a crane toppled, and envoy Ada Marsh flew in."
)


def facts(text: str, title: str = TITLE) -> Facts:
    return Facts.of(Reading(title, "", text), shipped_rarity())


def against(text: str, *told: str, title: str = TITLE) -> Novelty:
    known = Known()
    for one in told:
        known = known.plus(facts(one))
    return novelty(facts(text, title), known)


def test_all_of_a_first_report_is_new() -> None:
    found = against(REPORT)
    assert (found.share, found.actors[0]) == (1.0, "Port Lindane")
    assert adds(found)


def test_a_report_again_adds_nothing() -> None:
    assert against(REPORT, REPORT) == Novelty(share=0.0)
    assert not adds(against(REPORT, NEWS, REPORT))


def test_a_light_rewrite_is_more_of_the_same() -> None:
    spun = REPORT.replace("Monday", "Tuesday").replace("ministry", "government")
    found = against(spun.replace("unhurt", "unharmed"), REPORT)
    assert not adds(found)
    assert found.share < 0.2


def test_a_new_paragraph_is_quoted_with_its_figures_and_names() -> None:
    text = f"{REPORT} {NEWS}"
    found = against(text, REPORT)
    assert adds(found)
    [span] = found.sentences
    assert f"{text[span.start : span.end]}." == NEWS
    assert span.weight == found.share
    assert (found.figures, found.actors) == (("at least 14 people",), ("Ada Marsh",))
    assert found.quote == NEWS.rstrip(".")


def test_a_figure_in_the_title_alone_is_a_development() -> None:
    found = against(REPORT, REPORT, title="Freighter aground off Port Lindane: 14 hurt")
    assert found.leads
    assert adds(found)
    assert found.figures == ("14 hurt",)


def test_a_known_person_under_a_longer_name_is_no_stranger() -> None:
    told = f"{REPORT} The envoy Ada Marsh flew in and then Marsh spoke."
    assert against(f"{REPORT} They heard Minister Ada Marsh speak.", told).actors == ()
    assert against(f"{REPORT} They heard Minister Ada Olin speak.", told).actors[0].endswith("Olin")
    generic = f"{REPORT} They met at the Marsh Institute."
    assert against(f"{REPORT} They met at the Olin Institute.", generic).actors == (
        "Olin Institute",
    )


@pytest.mark.parametrize(
    ("told", "beginning", "added"),
    [
        (
            "Порт закрыли после аварии сухогруза.",
            "Порт закрыли. ",
            "Министр Олин Марш объявил траур",
        ),
        (
            "أغلق الميناء بعد جنوح السفينة.",
            "أغلق الميناء. ",
            "وصل فريق الإنقاذ إلى مكان الحادث صباحا",
        ),
        ("货轮搁浅后港口关闭。", "货轮搁浅后港口关闭。", "救援人员周二抵达现场并开始卸粮"),
    ],
)
def test_any_script_has_new_sentences(told: str, beginning: str, added: str) -> None:
    text = f"{beginning}{added}"
    known = Known().plus(facts(told, ""))
    assert novelty(facts(told, ""), known).share == 0
    [span] = novelty(facts(text, ""), known).sentences
    assert text[span.start : span.end] == added


def test_what_is_known_survives_a_checkpoint_and_is_bounded() -> None:
    known = Known()
    assert Known.from_text(known.to_text()) == Known.from_text("") == known
    for number in range(40):
        words = " ".join(f"Aa{number}x{n} bb{number}x{n}" for n in range(300))
        long = facts(f"{words}. {number + 10} ships and {number + 100} boats", "")
        known = known.plus(long)
        assert novelty(long, known) == Novelty(share=0.0)
    assert Known.from_text(known.to_text()) == known
    assert len(known.to_text()) < 26_000
    assert len(known.names) <= 4 * MOST_NAMES


@pytest.mark.parametrize("text", ["k1", "k0:::", "k1:AAAA:::", "k1:AAA=::", "k1:?::"])
def test_a_damaged_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Known.from_text(text)


def test_a_report_that_says_nothing_adds_nothing() -> None:
    for text in ("", "...", "the of and", "—"):
        assert against(text, title="") == Novelty(share=0.0)


def test_only_the_beginning_of_an_endless_page_is_read() -> None:
    read = facts("Word " * 50_000, "")
    assert sum(len(s.weights) for s in read.sentences) <= MOST_WORDS["text"]


def test_the_seeds_tell_what_they_add_to_each_other() -> None:
    known = Known()
    found: dict[str, Novelty] = {}
    for record in seed_records():
        if record["storyline"] == "coordination-denial":
            read = facts(str(record["text"]), str(record["title"]))
            found[str(record["id"])] = novelty(read, known)
            known = known.plus(read)
    asharq = found["denial-asharq-al-awsat"]
    assert "at least 12" in " ".join(asharq.figures)
    assert {"Aleppo", "Ibrahim al-Haj"} <= set(asharq.actors)
    assert all(adds(one) for one in found.values())

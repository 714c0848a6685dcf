"""A storyline drafted from examples: what they share, each with its reason, and nothing that they do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.bundles import parse
from nightdesk.storylines.drafted import to_yaml
from nightdesk.storylines.examples import Example, example_of
from nightdesk.storylines.rarity import shipped_rarity
from nightdesk.storylines.suggest import MOST_EXEMPLARS, Draft, suggest
from nightdesk.text.tokens import Tokens
from schemas import StorylineKind
from tests.support.seeds import seed_records

DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)
REPORTS = (
    (
        "Norway recalls its envoy over the seized trawler",
        "Norway recalled its ambassador from Reykjavik on Sunday after Icelandic coast guards seized a "
        "trawler in disputed waters. Prime Minister Astrid Holmedal called the boarding an outrage. "
        "Iceland says the crew fished without a licence. The crew will be released, Reykjavik added.",
    ),
    (
        "Oslo demands that Iceland return the seized trawler",
        "Astrid Holmedal told parliament in Oslo that the seized trawler was fishing lawfully. Iceland "
        "rejects that. Norwegian skippers blocked a harbour in protest, and Holmedal asked them to stop. "
        "The catch rots in the hold, an owner said.",
    ),
    (
        "Iceland will not return the seized trawler, minister says",
        "The minister said that the fine has to be paid first. Norwegian officials had hoped for a quick "
        "end of the quarrel over disputed waters. Holmedal flies to Reykjavik on Thursday.",
    ),
)


def example(number: int, **changes: object) -> Example:
    title, text = REPORTS[number]
    when = DAY + timedelta(days=number)
    values = {"title": title, "origin": f"r{number}.txt", "published_at": when, **changes}
    return example_of(text, **values)  # type: ignore[arg-type]


def draft(*examples: Example, id_: str | None = None) -> Draft:
    made = suggest(examples, rarity=shipped_rarity(), id_=id_)
    assert made is not None
    return made


@pytest.fixture(scope="module")
def trawler() -> Draft:
    return draft(*(example(n) for n in range(3)))


def test_countries_are_grouped_with_all_their_names(trawler: Draft) -> None:
    countries = {actor.country: actor for actor in trawler.actors if actor.country}
    assert set(countries) == {"NO", "IS"}
    assert all(actor.central for actor in countries.values())
    assert countries["NO"].reason.startswith("in 3 of 3 examples; in title or lead of 3, as Nor")


def test_a_name_that_the_examples_share_is_an_actor_by_its_long_and_short_form(
    trawler: Draft,
) -> None:
    [person] = [actor for actor in trawler.actors if not actor.country]
    assert (person.name, person.aliases) == ("Astrid Holmedal", ("Astrid Holmedal", "Holmedal"))
    assert "in 3 of 3 examples" in person.reason


def cast(*texts: str) -> dict[str, tuple[str, ...]]:
    """What the examples make of a text, each with an end of its own, as names with their aliases."""
    told = [
        example_of(f"{text} {filler}.", title=f"Number {n}", origin=f"{n}")
        for n, (text, filler) in enumerate(zip(texts, FILLERS, strict=False))
    ]
    return {actor.name: actor.aliases for actor in draft(*told).actors if not actor.country}


FILLERS = [
    " ".join(f"{first}{last} pears" for last in ("dor", "lin", "mar", "nel", "pos", "ran", "sut"))
    for first in ("ka", "be", "gu")
]


def test_a_given_name_is_no_actor_beside_the_whole_name() -> None:
    found = cast(
        "On Monday Tara Reid went home. Reid smiled, and Tara waved.",
        "Nobody saw Tara Reid again. Tara called, and so did Reid.",
        "It was Tara Reid who came, not the sister of Tara; Reid said so.",
    )
    assert found == {"Tara Reid": ("Tara Reid", "Reid")}


def test_a_common_word_or_one_that_never_stands_alone_is_no_alias() -> None:
    texts = (
        "The spokesman called Josh Earnest has left the clinic that is known as Betty Ford in the desert."
        " When asked, Earnest said that he had seen American Pie there.",
        "In the film that is called American Pie nobody plays the spokesman Josh Earnest. On the way out"
        " Earnest was seen near the clinic known as Betty Ford again.",
        "They came from the clinic known as Betty Ford and went home with the spokesman Josh Earnest."
        " On the way Earnest said that he had liked American Pie.",
    )
    found = cast(*texts)
    assert found["Josh Earnest"] == ("Josh Earnest",)
    assert found["American Pie"] == ("American Pie",)
    assert found["Betty Ford"] == ("Betty Ford",)


def test_a_word_of_a_country_behind_an_article_is_no_name() -> None:
    texts = [
        f"Quarter of {place} Syria's Military Source The Syrian army said so. They saw the Syrian army."
        for place in ("Homs", "Hama", "Idlib")
    ]
    assert not any("Syrian" in name.split()[-1] for name in cast(*texts))


def test_phrases_that_the_examples_share_are_cues(trawler: Draft) -> None:
    told = {cue.text: cue for cue in trawler.cues}
    assert told["seized trawler"].sure
    assert not told["disputed waters"].sure
    assert told["disputed waters"].reason == "in 2 of 3 examples"
    assert not any("said" in text or "Sunday" in text for text in told)
    assert trawler.storyline().cues.supporting == tuple(c.text for c in trawler.cues if c.sure)


def test_of_one_or_two_examples_phrases_are_only_offered() -> None:
    title, text = REPORTS[1]
    again = example_of(f"{text} Other skippers blocked a harbour as well.", title=title)
    for made in (draft(again), draft(example(0), example(1))):
        assert made.cues
        assert not any(cue.sure for cue in made.cues)
        assert f"#     - {made.cues[0].text}" in to_yaml(made)


def test_title_and_id_come_of_the_example_most_like_the_others(trawler: Draft) -> None:
    assert trawler.title in {title for title, _ in REPORTS}
    assert trawler.id.isascii()
    assert "trawler" in trawler.id
    assert draft(example(0), id_="my-own").id == "my-own"


def test_kind_and_window_come_of_the_dates(trawler: Draft) -> None:
    assert trawler.kind is StorylineKind.EVENT
    assert trawler.reasons["kind"] == "the examples lie within 2 days"
    assert trawler.since == datetime(2026, 2, 27, tzinfo=UTC)
    published = [exemplar.published for exemplar in trawler.storyline().exemplars]
    assert published == [chosen.example.published_at for chosen in trawler.exemplars]
    late = example(2, published_at=DAY + timedelta(days=60))
    saga = draft(example(0), example(1), late)
    assert saga.kind is StorylineKind.SAGA
    assert saga.reasons["kind"] == "the examples lie 60 days apart, 59 at most between two"
    same_day = draft(*(example(n, published_at=DAY) for n in range(3)))
    assert same_day.reasons["kind"] == "the examples lie within a day"
    undated = draft(example(0, published_at=None))
    assert undated.since is None
    assert "carry no dates" in undated.reasons["window"]


def test_a_description_that_the_text_repeats_counts_once() -> None:
    title, text = REPORTS[1]
    teaser = f"{text[:90]}…"
    for said in (text, teaser):
        told, once = example_of(text, title=title, description=said), example_of(text, title=title)
        assert to_yaml(draft(told)) == to_yaml(draft(once))
    other = example_of(text, title=title, description="What else Oslo asks for.")
    assert "description: >-\n          What else Oslo asks for." in to_yaml(draft(other))


def test_a_title_without_a_latin_letter_has_an_id_of_its_own() -> None:
    first, second = (
        draft(example_of(f"{title}. Спасатели прибыли к руднику.", title=title))
        for title in ("Обрушение на руднике", "Забастовка докеров в порту")
    )
    assert first.id != second.id
    assert first.id.startswith("draft-")


def test_a_cue_holds_no_half_of_a_pair_of_quotation_marks() -> None:
    made = draft(
        *(
            example_of(f"Кровля рухнула на руднике «Северный», передаёт {who}.", title="Рудник")
            for who in ("радио", "газета", "станция")
        )
    )
    cues = [cue.text for cue in made.cues]
    assert any("руднике Северный" in cue for cue in cues)
    assert not any(set("«»") & set(cue) for cue in cues)
    chinese = [
        example_of(f"{where}码头工人宣布「罢工」，{who}报道。", title=f"{where}「罢工」")
        for where, who in (("上海", "电台"), ("青岛", "报纸"), ("宁波", "电视台"))
    ]
    for cue in draft(*chinese).cues:
        words = Tokens(cue.text).words
        assert any(" ".join(words) in " ".join(Tokens(one.text).words) for one in chinese)


def test_copies_are_left_out_and_named() -> None:
    copy = example(0, title="NORWAY RECALLS ITS ENVOY OVER THE SEIZED TRAWLER", origin="copy.txt")
    made = draft(example(0), copy, example(1))
    assert len(made.exemplars) == 2
    assert made.left_out == ("copy.txt copies r0.txt",)


def test_a_report_that_says_the_opposite_is_named_with_its_twin() -> None:
    agreed = (
        "Envoy Ashvale met Envoy Brask in Quillhaven on Tuesday, and the two sides reached agreement on the"
        " fishing grounds. Ashvale said that his government supports a lasting settlement of the quarrel."
    )
    failed = agreed.replace(
        "and the two sides reached agreement", "but the two sides failed to agree"
    )
    made = draft(*(example_of(t, origin=o) for t, o in ((agreed, "yes.txt"), (failed, "no.txt"))))
    assert "# left out: no.txt copies yes.txt but for a few words: take it in if" in to_yaml(made)


def test_copies_are_no_further_examples() -> None:
    copies = [example(0, origin=f"copy {n}") for n in range(3)]
    assert not any(cue.sure for cue in draft(*copies).cues)
    once, thrice = draft(example(0), example(1)), draft(example(0), *copies, example(1))
    assert (thrice.cues, thrice.actors, thrice.title) == (once.cues, once.actors, once.title)
    assert len(thrice.left_out) == 3


def test_many_examples_are_not_all_needed() -> None:
    fillers = (" ".join(f"w{n}x{word}y" for word in range(80)) for n in range(9))
    texts = [f"{REPORTS[n % 3][1]} {filler}" for n, filler in enumerate(fillers)]
    made = draft(
        *(example_of(t, title=f"Trawler report {n}", origin=f"{n}") for n, t in enumerate(texts))
    )
    assert len(made.exemplars) == MOST_EXEMPLARS
    assert len(made.left_out) == 3


def test_the_odd_one_out_is_pointed_at() -> None:
    other = example_of(
        "A pastry chef in Lisbon baked a cake of two tonnes for the city's birthday.",
        title="Two tonnes of cake",
        origin="cake.txt",
    )
    made = draft(example(0), example(1), example(2), other)
    reasons = {chosen.example.origin: chosen.reason for chosen in made.exemplars}
    assert "the odd one out" in reasons["cake.txt"]
    assert "the odd one out" not in reasons["r0.txt"]


def test_one_example_gives_what_stands_early_and_again(trawler: Draft) -> None:
    made = draft(example(0))
    assert {actor.country for actor in made.actors} == {"NO", "IS"}
    assert len(made.exemplars) == 1
    assert "alike" not in made.exemplars[0].reason


def test_where_a_script_has_no_capitals_countries_are_still_found() -> None:
    made = draft(
        example_of(
            "نفى البيت الأبيض يوم الخميس أن تكون الولايات المتحدة تنسق العمليات العسكرية مع روسيا"
            " في سوريا. وقال المتحدث إن روسيا تدعم الحكومة السورية وإن واشنطن لا تنسق معها."
        )
    )
    assert {"RU", "SY", "US"} <= {actor.country for actor in made.actors}


@pytest.mark.parametrize("title", ["2016", "Null", "14 on 9"])
def test_an_id_that_is_no_word_is_read_as_text(title: str) -> None:
    made = draft(example(0, title=title))
    loaded = parse(to_yaml(made))
    assert loaded.bundle is not None
    assert loaded.bundle.storylines[0].id == made.id


def test_nothing_comes_of_nothing() -> None:
    assert suggest([], rarity=shipped_rarity()) is None
    assert suggest([example_of("the of and"), example_of("")], rarity=shipped_rarity()) is None


def test_the_draft_is_sound_yaml_that_says_the_same(trawler: Draft) -> None:
    text = to_yaml(trawler, source="3 reports")
    loaded = parse(text, compare=True)
    assert loaded.problems == ()
    assert loaded.bundle is not None
    stored, meant = loaded.bundle.storylines[0], trawler.storyline()
    assert (stored.id, stored.title, stored.kind) == (meant.id, meant.title, meant.kind)
    assert (stored.cues, stored.window) == (meant.cues, meant.window)
    assert [(e.name, e.country) for e in stored.entities] == [
        (e.name, e.country) for e in meant.entities
    ]
    assert "# in 3 of 3 examples" in text
    assert "Norwegian" in stored.entities[0].any_of + stored.entities[1].any_of


WILD = st.text(
    st.sampled_from("aeé ß俄ع\n\t#:-'\"[]{}&*!|>%@`,?\\\x00\x1b\u2028\ufeff\ud800😀Aß1.")
    | st.characters(),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(WILD, WILD), min_size=1, max_size=4))
def test_any_text_makes_yaml_that_is_read_without_an_error_of_syntax(
    texts: list[tuple[str, str]],
) -> None:
    # A text that begins with a sign of copyright is taken for a notice, and nothing is left of it.
    said = "The harbour pilots of Norway and Iceland refuse to board the seized trawler. "
    examples = [example_of(said + text, title=title, origin=title) for title, text in texts]
    made = suggest(examples, rarity=shipped_rarity())
    assert made is not None
    loaded = parse(to_yaml(made, source=texts[0][1]))
    # Such words may be of no use as an exemplar, a title or a cue; they must not break the file.
    allowed = ("this exemplar", "cue", "alias", "`title`", "must not be empty")
    assert not [p for p in loaded.errors if not any(word in p.message for word in allowed)]


SEEDS = {
    "coordination-denial": {"US", "RU", "SY"},
    "joint-strikes-proposal": {"US", "RU", "SY"},
    "aid-conditioned-cooperation": {"US", "RU", "SY"},
}


@pytest.mark.parametrize("storyline", SEEDS)
def test_the_seeds_make_sound_drafts(storyline: str) -> None:
    records = [record for record in seed_records() if record["storyline"] == storyline]
    made = draft(
        *(example_of(record["text"] or "", origin=str(record["id"])) for record in records)
    )
    assert {a.country for a in made.actors if a.country and a.central} == SEEDS[storyline]
    assert made.cues
    assert parse(to_yaml(made), compare=True).problems == ()
    # Titles of scraped pages stand in their headings.
    titles = {record["title"] for record in records}
    assert {chosen.example.title for chosen in made.exemplars} == titles
    if storyline == "coordination-denial":
        assert "not conducting or coordinating" in {cue.text for cue in made.cues if cue.sure}
        assert "Josh Earnest" in {actor.name for actor in made.actors}

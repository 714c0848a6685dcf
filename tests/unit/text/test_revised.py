"""What an edit changed: each class by examples, in several languages; and hostile texts in bounded time."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from nightdesk.text.revised import LONGEST_QUOTE, MOST_CHANGES, edit_of
from schemas import Article, Edit

PARTS = [
    "Two people were killed when a bridge fell, police said.",
    "The mayor came at noon and spoke to the families.",
    "Traffic stands still on the northern road.",
]


def made(text: str, title: str = "A bridge falls", description: str = "") -> Article:
    return Article(
        id="article-1",
        report="report-1",
        feed="wire",
        source="The Wire",
        title=title,
        description=description,
        text=text,
        seen_at=datetime(2026, 3, 1, tzinfo=UTC),
        content_hash="0",
    )


def told(edit: Edit) -> list[tuple[str, str, str]]:
    return [(change.kind.value, change.before, change.after) for change in edit.changes]


def kinds(before: str, after: str) -> list[str]:
    return [kind for kind, _, _ in told(edit_of(made(before), made(after)))]


def test_equal_articles_have_no_changes() -> None:
    assert edit_of(made(" ".join(PARTS)), made(" ".join(PARTS))) == Edit()


def test_each_class_the_gravest_first() -> None:
    before = made(
        f"{PARTS[0]} {PARTS[1]}\n\n{PARTS[2]}\nUpdated at 14:05", title="Two dead at the bridge"
    )
    after = made(
        "Nobody was hurt at the school. Twelve people were killed when a bridge fell, police said.\n\n"
        f"{PARTS[2]}\nUpdated at 15:05",
        title="Twelve dead at the bridge",
    )
    edit = edit_of(before, after)
    assert told(edit) == [
        ("headline", "Two dead at the bridge", "Twelve dead at the bridge"),
        ("figure", "Two dead", "Twelve dead"),
        ("figure", PARTS[0], "Twelve people were killed when a bridge fell, police said."),
        ("removal", PARTS[1], ""),
        ("addition", "", "Nobody was hurt at the school."),
        ("cosmetic", "Updated at 14:05", "Updated at 15:05"),
    ]
    assert [change.field for change in edit.changes][:3] == ["title", "title", "text"]
    assert edit.left_out == 0


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Two people died there.", "Three people died there.", ["figure"]),
        ("Some 30 people drowned.", "At least 30 people drowned.", ["figure"]),
        ("It cost $3 million then.", "It cost $3 billion then.", ["figure"]),
        ("The vote is on 3 March.", "The vote is on 4 March.", ["figure"]),
        ("They killed 2 and hurt 3 men.", "They killed 3 and hurt 2 men.", ["figure"]),
        ("Twelve people died there.", "12 people died there.", ["cosmetic"]),
        ("It lost 1.2 million litres.", "It lost 1,200,000 litres.", ["cosmetic"]),
        ("The bridge fell, police said.", "The bridge fell, the mayor said.", ["attribution"]),
        ("The bridge fell at noon.", "The bridge fell at noon, police said.", ["attribution"]),
        ("It fell, according to the army.", "It fell, according to rebels.", ["attribution"]),
        ("“It fell,” said Ann Miller.", "“It fell,” said John Miller.", ["attribution"]),
        ("The army said the bridge fell.", "The army claimed the bridge fell.", ["attribution"]),
        ("El ministro dijo que cayó.", "La policía dijo que cayó.", ["attribution"]),
        ("El puente cayó, según Ana Ruiz.", "El puente cayó, según el alcalde.", ["attribution"]),
        ("Le pont est tombé, selon elle.", "Le pont est tombé, selon le maire.", ["attribution"]),
        ("Laut Polizei fiel die Brücke.", "Laut Feuerwehr fiel die Brücke.", ["attribution"]),
        ("Der Polizei zufolge fiel sie.", "Der Feuerwehr zufolge fiel sie.", ["attribution"]),
        ("По словам министра, мост упал.", "По словам мэра, мост упал.", ["attribution"]),
        ("Об этом сообщил министр.", "Об этом сообщил губернатор.", ["attribution"]),
        (
            "Two men died there, police said.",
            "Three men died there, the mayor said.",
            ["figure", "attribution"],
        ),
        ("He was not guilty of theft.", "He was guilty of theft.", ["removal"]),
        ("He was guilty of theft.", "He was not guilty of theft.", ["addition"]),
        ("The rebels hold the town.", "The army holds the town.", ["addition"]),
        ("The colour of the water.", "The color of the water.", ["cosmetic"]),
        ("The goverment met again.", "The government met again.", ["cosmetic"]),
        ("They organise the defence.", "They organize the defense.", ["cosmetic"]),
        ("The cease-fire holds.", "The ceasefire holds.", ["cosmetic"]),
        ("A bridge fell, they wrote!", "a bridge fell - they wrote", ["cosmetic"]),
        ("The bridge fell again.", "A bridge fell again.", ["cosmetic"]),
        ("The vote was legal then.", "The vote was illegal then.", ["addition"]),
        ("It fell.\nUpdated 3 hours ago", "It fell.\nUpdated 4 hours ago", ["cosmetic"]),
    ],
)
def test_one_sentence(before: str, after: str, expected: list[str]) -> None:
    assert kinds(before, after) == expected


def test_a_moved_paragraph_is_cosmetic_and_told_once() -> None:
    after = made("\n\n".join([PARTS[1], PARTS[2], PARTS[0]]))
    edit = edit_of(made("\n\n".join(PARTS)), after)
    assert told(edit) == [("cosmetic", PARTS[0], PARTS[0])]


def test_a_headline_in_other_letters_is_cosmetic() -> None:
    edit = edit_of(made("x", title="Bridge falls"), made("x", title="BRIDGE FALLS!"))
    assert told(edit) == [("cosmetic", "Bridge falls", "BRIDGE FALLS!")]


def test_what_the_description_repeats_is_told_once() -> None:
    one, other = PARTS[0], PARTS[0].replace("Two", "Nine")
    edit = edit_of(made(one, description=one), made(other, description=other))
    assert told(edit) == [("figure", one, other)]


def test_boilerplate_is_set_aside() -> None:
    edit = edit_of(
        made(f"{PARTS[0]}\nWrite to our night desk."),
        made(PARTS[0]),
        is_boilerplate=lambda line: "night desk" in line,
    )
    assert told(edit) == [("cosmetic", "Write to our night desk.", "")]


def test_quotation_marks_belong_to_the_sentence_that_they_open() -> None:
    edit = edit_of(made(f"{PARTS[1]} “We heard it.”"), made(PARTS[1]))
    assert told(edit) == [("removal", "“We heard it.”", "")]


def test_long_versions_are_quoted_where_they_part() -> None:
    long = "and so on with many small words " * 9
    before, after = (
        f"Then {long} came two men from there.",
        f"Then {long} came three men from there.",
    )
    ((kind, was, now),) = told(edit_of(made(before), made(after)))
    assert kind == "figure"
    assert was.startswith("…")
    assert was.endswith("came two men from there.")
    assert now.endswith("came three men from there.")
    assert max(len(was), len(now)) <= LONGEST_QUOTE


def test_changes_are_bounded_and_the_others_counted() -> None:
    names = [f"{a}{b}" for a in "bcdfgh" for b in ("arnow", "elmet", "orvik", "undal", "ystra")]
    edit = edit_of(made("x"), made("\n".join(f"{name.title()} was named." for name in names)))
    assert len(edit.changes) == MOST_CHANGES
    assert len(edit.changes) + edit.left_out == len(names) + 1


def test_an_edit_late_in_a_long_line_is_found() -> None:
    long = " ".join(f"Witness {n} said nothing new." for n in range(3_000))
    after = f"{long} {PARTS[1]} {PARTS[2]} {long}"
    edit = edit_of(made(f"{long} {PARTS[1]} {long}"), made(after))
    assert told(edit) == [("addition", "", PARTS[2])]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a. A. " * 16_000, "b. A. " * 16_000),
        ("a.\n" * 33_000, "b.\n" * 33_000),
        ("word " * 20_000, "wird " * 20_000),
        ("1 " * 50_000, "2 " * 50_000),
        ("111 " * 25_000, "222 " * 25_000),
        ("said according to " * 6_000, "told according to " * 6_000),
        ("a" * 100_000, "b" * 100_000),
        ("e\u0301\u0300" * 33_000, "\u0301e" * 50_000),
        (". ! ? " * 16_000, "? ! . " * 16_000),
        ("".join(map(chr, range(0x4E00, 0x4E00 + 9_000))) * 9, "中文" * 50_000),
        (
            "".join(f"W{n} came to w{n % 7}. " for n in range(5_000)),
            "".join(f"W{n} went to v{n % 7}. " for n in range(5_000)),
        ),
    ],
)
def test_hostile_texts_are_compared_in_bounded_time(before: str, after: str) -> None:
    began = time.process_time()
    edit = edit_of(made(before), made(after))
    assert time.process_time() - began < 5
    assert len(edit.changes) <= MOST_CHANGES

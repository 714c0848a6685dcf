"""Exemplars can do their work, or words say why not: empty, brief, no text, enormous, old, given twice."""

from __future__ import annotations

import base64
import json
import random
import time
from pathlib import Path

import pytest

from nightdesk.bundles.no_text import not_text
from nightdesk.text.normalise import LONGEST_TEXT
from tests.unit.bundles.support import REPORT, check, exemplar, only, storyline

PDF = (
    "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R]"
    " /Count 1 >>\nendobj\n4 0 obj\n<< /Length 44 >>\nstream\nBT /F1 24 Tf (Hello World) Tj ET\nendstream"
)


def test_a_report_is_fine_as_an_exemplar() -> None:
    loaded = exemplar(REPORT)
    assert loaded.problems == ()
    assert loaded.bundle is not None
    assert loaded.bundle.storylines[0].exemplars[0].text == REPORT


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_an_empty_exemplar_is_an_error(text: str) -> None:
    problem = only(exemplar(text))
    assert problem.severity == "error"
    assert problem.where == "storylines[0].exemplars[0]"
    assert problem.line == 4
    assert "an exemplar needs a title, a description, a text or an article" in problem.message


@pytest.mark.parametrize("text", ["the", "It is what it is.", "!!!", "- - -", "في من على"])
def test_an_exemplar_that_says_nothing_is_an_error(text: str) -> None:
    problem = only(exemplar(text))
    assert problem.severity == "error"
    assert "no word that tells it from any other report" in problem.message


@pytest.mark.parametrize(
    ("text", "count"), [("Ferries", "one telling word"), ("The ferries stand still", "3 telling")]
)
def test_a_few_words_are_too_little_to_compare_with(text: str, count: str) -> None:
    problem = only(exemplar(text))
    assert problem.severity == "warning"
    assert count in problem.message
    assert "`entities`" in problem.hint


SENTENCE = (
    "The ferry company halted all sailings to the islands after its crews refused new rosters"
)


def test_a_sentence_by_itself_takes_what_has_nothing_to_do_with_it() -> None:
    problem = only(storyline(f"exemplars: [{SENTENCE}]"))
    assert (problem.where, problem.severity) == ("storylines[0].exemplars", "warning")
    assert "each example is a sentence" in problem.message
    assert "`entities`" in problem.hint


@pytest.mark.parametrize(
    "told",
    ["entities: [Lindane]", "cues: {supporting: [refused new rosters]}", "sensitivity: strict"],
)
def test_a_sentence_beside_what_else_is_asked_for_is_enough(told: str) -> None:
    assert storyline(f"exemplars: [{SENTENCE}]", told).problems == ()
    optional = "entities: [{name: Lindane, optional: true}]"
    assert len(storyline(f"exemplars: [{SENTENCE}]", optional).problems) == 1


def random_bytes(count: int) -> bytes:
    return random.Random(1).randbytes(count)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (base64.b64encode(random_bytes(3_000)).decode(), "encoded data"),
        (random_bytes(600).hex(), "encoded data"),
        (random_bytes(900).decode("latin-1"), "a binary file"),
        (random_bytes(900).decode("utf-8", "replace"), "binary file"),
        (
            "Caf\ufffd fermé, Élys\ufffde ferm\ufffde, r\ufffdunion report\ufffde",
            "a wrong encoding",
        ),
        ("{1: [2, 3, 4], 5: (6, 7.0)}; == 8 && 9 || 10 <> 11 + 12 / 13", "code or a table"),
        (PDF, "code or data"),
        ("body{margin:0;padding:0}.a>.b{color:#fff;background:url(x.png)}" * 3, "code or data"),
        (json.dumps([{"title": "Ferries stand still", "source": "Herald"}] * 5), "code or data"),
        (Path(__file__).read_text("utf-8"), "code or data"),
        ("def f(x):\n    return x+1\nfor i in range(10):\n    print(f(i))", "code or data"),
        ('{"id": "abc", "title": "Ferries", "nested": {"a": null}}', "code or data"),
    ],
)
def test_what_is_no_text_is_an_error(text: str, why: str) -> None:
    assert why in str(not_text(text))


@pytest.mark.parametrize(
    "text",
    [
        REPORT,
        "俄罗斯军队周二在叙利亚北部发动空袭，造成至少十二人死亡，多人受伤。",
        "أعلن البيت الأبيض أنه لا ينسق العمليات العسكرية مع روسيا في سوريا.",
        "दिल्ली में मंगलवार को हुई बैठक में कोई फैसला नहीं हुआ।",
        "กรุงเทพฯ เมื่อวันอังคาร รัฐบาลประกาศปิดท่าเรือทั้งหมด",
        "12 dead, 30 hurt at 06:45",
        "Ποιος έκλεισε το λιμάνι; 🚢🚢 — «κανείς»",
        "",
        "- 1 -",
        'Minister: "No deal" (Reuters) [Updated]; more at https://a.example/x?id=1&u=_b',
        'Q: Who closed the port? A: "Nobody," said the master (59). ' * 5,
        "Shares of Herring (NYSE: HRG) rose 2.3% to $45.10; Kelt (NYSE: KLT) fell 1.2%. " * 3,
        '新华社北京(记者 李明):"停火协议"将于周二生效(完)。外交部: "双方均已同意"(张)。' * 2,
        "#Syria #Aleppo @reporter_at_large: convoy hit, *again* ~ 12 dead",
    ],
)
def test_text_in_any_script_and_with_signs_is_text(text: str) -> None:
    assert not_text(text) is None


def test_a_binary_exemplar_is_told_of_at_its_place() -> None:
    problem = only(exemplar(base64.b64encode(random_bytes(3_000)).decode()))
    assert (problem.severity, problem.line) == ("error", 4)
    assert "looks like encoded data" in problem.message


def test_tags_do_not_make_code_of_a_report() -> None:
    loaded = exemplar(f"<div class='a' id='b'><p style='c: d;'>{REPORT[:120]}</p></div>" * 2)
    assert loaded.errors == ()


def test_tags_are_left_out_with_a_warning() -> None:
    soup = f"<div class='a'><p>{REPORT}</p><script>var x = 1;</script></div>"
    loaded = exemplar(soup)
    assert only(loaded).severity == "warning"
    assert "this is HTML" in only(loaded).message
    assert loaded.bundle is not None
    assert loaded.bundle.storylines[0].exemplars[0].text == REPORT


def test_megabytes_are_cut_with_a_warning_and_in_good_time() -> None:
    began = time.monotonic()
    loaded = storyline("exemplars:", "  - text: >-", *[f"      {REPORT}"] * 10_000)  # 2 MB
    took = time.monotonic() - began
    assert only(loaded).severity == "warning"
    assert "only the first 100,000 are kept" in only(loaded).message
    assert loaded.bundle is not None
    assert len(loaded.bundle.storylines[0].exemplars[0].text) <= LONGEST_TEXT
    # The YAML parser itself takes most of it; what is checked must not add to that noticeably.
    assert took < 60


def test_ten_megabytes_and_more_are_refused_before_they_are_read() -> None:
    began = time.monotonic()
    problem = only(storyline("exemplars:", "  - " + "word " * 2_100_000))
    assert "larger than 10 MB" in problem.message
    assert "shorten exemplars, of which the first 100,000 characters count" in problem.hint
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("window", "message"),
    [
        ("since: 2026-02-02T00:00:00Z", "is of 2026-02-01, before the window opens"),
        ("until: 2026-01-31T00:00:00Z", "is of 2026-02-01, after the window closes"),
    ],
)
def test_an_exemplar_from_outside_of_the_window_is_warned_of(window: str, message: str) -> None:
    told = f"{{text: '{REPORT * 2}', published: 2026-02-01T12:00:00Z}}"
    problem = only(storyline(f"exemplars: [{told}]", f"window: {{{window}}}", now=None))
    assert (problem.severity, problem.where) == ("warning", "storylines[0].exemplars[0]")
    assert message in problem.message
    assert storyline(f"exemplars: [{told}]", "window: {since: 2026-02-01T00:00:00Z}").problems == ()


@pytest.mark.parametrize(("when", "count"), [("2026-03-02T11:00", 0), ("2062-02-01T12:00", 1)])
def test_an_exemplar_that_is_yet_to_come_is_warned_of(when: str, count: int) -> None:
    told = f"exemplars: [{{text: '{REPORT * 2}', published: '{when}:00Z'}}]"
    problems = storyline(told).problems
    assert [p.where for p in problems] == ["storylines[0].exemplars[0].published"] * count
    assert all("which is yet to come" in p.message for p in problems)
    assert storyline(told, now=None).problems == ()


def test_an_exemplar_given_twice_is_warned_of() -> None:
    twice = REPORT.upper().replace(".", " ...")
    problem = only(storyline("exemplars:", f"  - {REPORT}", f"  - text: {twice}"))
    assert problem.severity == "warning"
    assert problem.where == "storylines[0].exemplars[1]"
    assert problem.message.startswith("this exemplar repeats exemplars[0]")


def test_a_light_rewrite_is_warned_of() -> None:
    rewrite = REPORT.replace("on Tuesday", "yesterday")
    problem = only(storyline("exemplars:", f"  - {REPORT}", f"  - {rewrite}"))
    assert "is a light rewrite of exemplars[0]" in problem.message


def test_two_storylines_with_one_exemplar_are_warned_of() -> None:
    loaded = check(
        f"""
        storylines:
          - {{id: a, title: A, exemplars: ["{REPORT}"]}}
          - {{id: b, title: B, exemplars: ["{REPORT}"]}}
        """
    )
    assert only(loaded).where == "storylines[1].exemplars[0]"
    assert "the storyline `a` has this exemplar too" in only(loaded).message


@pytest.mark.parametrize(("count", "severity"), [(20, None), (21, "warning"), (201, "error")])
def test_too_many_exemplars(count: int, severity: str | None) -> None:
    words = (" ".join(f"{a}{b}{c}" for b in "bdfghklm" for c in "aeiou") for a in _names(count))
    loaded = storyline("exemplars:", *(f"  - {line}" for line in words))
    assert [p.severity for p in loaded.problems] == ([severity] if severity else [])


def _names(count: int) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [a + b for a in letters for b in letters][:count]

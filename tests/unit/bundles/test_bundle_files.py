"""Files that are no bundles: each told in words, with a place where there is one, none raising."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nightdesk.bundles import load
from nightdesk.bundles.nodes import MAX_DEPTH, MAX_NODES
from nightdesk.bundles.source import MAX_BYTES
from tests.unit.bundles.support import GOOD, check, only


def test_a_good_bundle_has_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    path.write_text(GOOD)
    loaded = load(path)
    assert loaded.problems == ()
    assert loaded.bundle is not None
    assert [s.id for s in loaded.bundle.storylines] == ["port-strike", "rail-strike"]
    assert loaded.bundle.storylines[0].entities[0].any_of == ("dock workers", "UDW")


def test_a_missing_file_names_what_lies_beside(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text("")
    problem = only(load(tmp_path / "dask.yaml"))
    assert problem.message == "there is no such file"
    assert "desk.yaml" in problem.hint
    assert problem.line == 0
    assert "no folder" in only(load(tmp_path / "nowhere" / "desk.yaml")).hint


def test_a_folder_is_not_a_bundle(tmp_path: Path) -> None:
    assert "folder" in only(load(tmp_path)).message


def test_a_locked_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "locked.yaml"
    path.write_text(GOOD)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert "cannot be read" in only(load(path)).message


def test_a_path_that_cannot_be_one_is_told() -> None:
    assert only(load("a\0b")).message.startswith("cannot be read")


def test_too_large_is_told_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert only(load(path)).message == "larger than 10 MB"


def test_what_is_not_utf_8_is_told_with_its_place() -> None:
    problem = only(check(b"feeds:\n  - id: caf\xe9\n"))
    assert (problem.line, problem.column) == (2, 12)
    assert "0xe9" in problem.message
    assert "UTF-16" in only(check("feeds: []".encode("utf-16"))).message


def test_line_separators_of_pasted_text_are_text() -> None:
    loaded = check(
        "# one\u2028still one\nstorylines:\n  - id: a\n    title: A\n    exemplars:\n"
        "      - text: |\n          one\u2028two\x85three\n          four\n    enabled: maybe\n"
    )
    assert (only(loaded).line, only(loaded).column) == (9, 14)
    fine = check("storylines: [{id: a, title: A, entities: [UDW], description: x\u2029\U000f0000}]")
    assert fine.bundle is not None
    assert fine.bundle.storylines[0].description == "x\u2029\U000f0000"


def test_a_byte_order_mark_and_foreign_line_ends_are_fine() -> None:
    assert check(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()).problems == ()


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("", "the file is empty", 1),
        ("# only a comment\n", "the file is empty", 1),
        ("- a\n- b\n", "a bundle is a mapping of sections", 1),
        ("just words", "a bundle is a mapping of sections", 1),
        ("feeds: harbour", "`feeds` should be a list", 1),
        ("feedz: []", "unknown section `feedz`", 1),
        ("{}", "the bundle declares nothing", 1),
        ("schema_version: 2\nfeeds:", "this Nightdesk reads bundles of schema version 1", 1),
        ("schema_version: true\nfeeds:", "this Nightdesk reads bundles of schema version 1", 1),
    ],
)
def test_documents_that_are_no_bundle(text: str, message: str, line: int) -> None:
    problem = check(text).problems[0]
    assert problem.message.startswith(message)
    assert problem.line == line
    assert problem.hint


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("feeds:\n\t- id: x", "a tab stands where YAML wants spaces", 2, 1),
        ("feeds:\n  - title: Talks: round two", "a `name: value` pair cannot begin here", 2, 17),
        ("feeds:\n  - id: a\n - id: b", "this line's indentation fits neither", 3, 2),
        ("feeds: [a, b", "a list in square brackets is not closed", 1, 13),
        ("feeds: {a: b", "a mapping in curly brackets is not closed", 1, 13),
        ("a: 'x", "the text ends within quotes", 1, 6),
        ("a: @x", "text cannot begin with this character", 1, 4),
        ('a: "\\q"', "an unknown escape in double quotes", 1, 6),
        ("a: 1\n---\nb: 2", "a second document begins here", 2, 1),
        ("a: *b", "no anchor is called 'b'", 1, 4),
        ("a: &x\n  b: *x", "the alias *x stands inside of what it names", 2, 6),
        ("a: !!python/object:os.system x", "the tag", 1, 4),
        ("? [a]\n: b", "a list or a mapping stands where a field's name should", 1, 3),
        ("a: \x01", "not YAML", 0, 0),
        ("%YAML 3.0\n---\na: 1", "this is no YAML 1.x document", 1, 1),
    ],
)
def test_broken_yaml_is_told_in_words(text: str, message: str, line: int, column: int) -> None:
    problem = only(check(text.encode()))
    assert problem.message.startswith(message)
    assert (problem.line, problem.column) == (line, column)
    assert problem.hint


def test_depth_is_bounded() -> None:
    assert "nested deeper" in only(check("a: " + "[" * (MAX_DEPTH + 5))).message
    assert "nested deeper" in only(check("a: " + "[" * 100_000)).message


@pytest.mark.slow
def test_the_number_of_nodes_is_bounded() -> None:
    assert "keys and values" in only(check("a: [" + "1," * (MAX_NODES + 1) + "]")).message


def test_billion_laughs_are_not_spelt_out() -> None:
    lines = ["a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert "aliases" in only(check("\n".join(lines))).message


def test_a_chain_of_aliases_is_not_followed_for_ever() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 3_000))]
    assert "aliases" in only(check("\n".join(lines))).message


def test_merges_of_merges_are_bounded() -> None:
    lines = ["a0: &a0 {k0: v}"]
    lines += [
        f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]}}" for n in range(1, 30)
    ]
    assert check("\n".join(lines)).errors


def test_anchors_and_merges_work_and_the_nearest_wins() -> None:
    loaded = check(
        """
        feeds:
          - &first
            id: a
            url: https://a.example/
            source: A
            tags: &tags [world]
          - <<: *first
            id: b
            url: https://b.example/
          - id: c
            url: https://c.example/
            source: C
            tags: *tags
        """
    )
    assert loaded.bundle is not None, loaded.problems
    assert [(f.id, f.source, f.tags) for f in loaded.bundle.feeds] == [
        ("a", "A", ("world",)),
        ("b", "A", ("world",)),
        ("c", "C", ("world",)),
    ]


def test_a_merge_of_something_else_is_told() -> None:
    assert "can only bring in a mapping" in only(check("feeds:\n  - <<: 3\n    id: a")).message


def test_duplicate_keys_are_told_with_both_lines() -> None:
    problem = only(
        check("feeds:\n  - id: a\n    url: http://a.example\n    source: A\n    id: b\n")
    )
    assert problem.message == "`id` is given twice, first in line 2"
    assert (problem.line, problem.column) == (5, 5)


def test_scalars_are_those_of_yaml_1_2() -> None:
    loaded = check(
        """
        feeds:
          - {id: no, url: 'http://a.example', source: off, max_bytes: 0x1000, enabled: True, language: ~}
        """
    )
    assert loaded.bundle is not None, loaded.problems
    feed = loaded.bundle.feeds[0]
    assert (feed.id, feed.source, feed.max_bytes, feed.language) == ("no", "off", 4096, None)


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf", "1e999", "9" * 5_000, "1e5"])
def test_numbers_that_no_field_takes_are_told(number: str) -> None:
    text = GOOD.replace("any_of: [dock workers, UDW]", f"any_of: [UDW]\n        weight: {number}")
    assert check(text).errors[0].where.startswith("storylines[0].entities[0].weight")


def test_half_a_character_pair_is_told() -> None:
    problem = check('feeds:\n  - {id: a, url: "http://a.example", source: "\\ud800"}').problems[0]
    assert "half of a character pair" in problem.message


def test_json_escapes_of_far_characters_are_one_character() -> None:
    loaded = check(
        '{"storylines": [{"id": "a", "title": "\\ud83d\\ude00 fair", "description": "Fair"}]}'
    )
    assert loaded.bundle is not None
    assert loaded.bundle.storylines[0].title == "😀 fair"

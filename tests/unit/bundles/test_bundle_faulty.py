"""Definitions with faults: what else is found in them and about them, and where each problem stands."""

from __future__ import annotations

from tests.unit.bundles.support import GOOD, check, edited


def test_problems_come_all_at_once_in_the_order_of_the_file() -> None:
    text = (
        GOOD.replace("interval: 5m", "interval: soon")
        .replace("kind: saga", "kind: sage")
        .replace("rivals: [rail-strike]", "rivals: [rail-stirke]")
        .replace("tags: [labour]\n    receivers", "storylines: [port]\n    receivers")
        .replace("opposing: [football]", "opposing: [the]")
        .replace("value: port-strike", "value: tram-strike")
    )
    loaded = check(text)
    assert [p.where for p in loaded.errors] == [
        "feeds[0].interval",
        "storylines[0].kind",
        "storylines[0].cues.opposing[0]",
        "storylines[0].rivals[0]",
        "subscriptions[0].storylines[0]",
        "silences[0].matchers[0].value",
    ]
    assert [p.line for p in loaded.errors] == sorted(p.line for p in loaded.errors)


def test_a_faulty_definition_still_counts_as_there() -> None:
    loaded = edited("title: Strike on the railway", "titel: Strike on the railway")
    assert {p.where for p in loaded.errors} == {"storylines[1]", "storylines[1].titel"}


def test_references_of_a_faulty_definition_are_checked_all_the_same() -> None:
    text = GOOD.replace("- channel: console", "- channel: pager").replace(
        "tags: [labour]\n    receivers", "storylines: [port-stirke]\n    receivers"
    )
    assert {p.where for p in check(text).errors} == {
        "subscriptions[0].storylines[0]",
        "subscriptions[0].receivers[0]",
    }


def test_all_else_is_checked_where_many_fields_are_faulty_and_each_stands_in_its_place() -> None:
    loaded = check(
        """\
        storylines:
          - id: one
            title: One
            exemplars:
              - 12
              - true
              - {text: }
              - the of and
            entities:
              - {name: X, any_of: here}
              - 5
              - the
            cues:
              supporting: ["", "of the"]
            rivals: [one]
            window: {since: 2026-05-01T00:00:00Z, until: 2026-04-01T00:00:00Z}
            languages: [1, english]
        """
    )
    assert [(p.line, p.where.removeprefix("storylines[0].")) for p in loaded.errors] == [
        (5, "exemplars[0]"),
        (6, "exemplars[1]"),
        (7, "exemplars[2].text"),
        (8, "exemplars[3]"),
        (10, "entities[0].any_of"),
        (11, "entities[1]"),
        (12, "entities[2].any_of[0]"),
        (14, "cues.supporting[0]"),
        (14, "cues.supporting[1]"),
        (15, "rivals"),
        (16, "window"),
        (17, "languages[0]"),
        (17, "languages[1]"),
    ]


def test_more_than_ten_faulty_items_leave_the_others_in_their_places() -> None:
    entities = [*range(11), "the", *range(3), "of"]
    loaded = check(f"storylines:\n- {{id: a, title: A, entities: {entities}, description: d}}")
    common = [p.where for p in loaded.errors if "holds only words" in p.message]
    assert common == [f"storylines[0].entities[{n}].any_of[0]" for n in (11, 15)]


def test_warnings_of_a_faulty_definition_wait() -> None:
    text = GOOD.replace("ends_at: 2026-03-02", "ends_at: 2026-03-01T11:00:00Z #").replace(
        "author: Mara", "author: 7"
    )
    assert [p.where for p in check(text).problems] == ["silences[0].author"]

"""Plans: pure, complete, and shown as diffs of what their writer wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

import pytest

from nightdesk.bundles.plan import Action, Plan, field_changes, ids_of, plan
from nightdesk.bundles.render import as_yaml, diff_lines
from schemas import Bundle, Feed, Silence, Storyline, Subscription
from tests.unit.bundles.support import GOOD, check

T = TypeVar("T")


@dataclass(frozen=True)
class Stored(Generic[T]):
    definition: T
    version: int = 1


@dataclass(frozen=True)
class Current:
    feeds: dict[str, Stored[Feed]] = field(default_factory=dict)
    storylines: dict[str, Stored[Storyline]] = field(default_factory=dict)
    subscriptions: dict[str, Stored[Subscription]] = field(default_factory=dict)
    silences: dict[str, Stored[Silence]] = field(default_factory=dict)


def _bundle(text: str = GOOD) -> Bundle:
    bundle = check(text).bundle
    assert bundle is not None
    return bundle


def _stored(bundle: Bundle) -> Current:
    return Current(
        **{
            section: {d.id: Stored(d, 3) for d in getattr(bundle, section)}
            for section in ("feeds", "storylines", "subscriptions", "silences")
        }
    )


def _actions(planned: Plan) -> dict[str, Action]:
    return {f"{c.section}/{c.id}": c.action for c in planned.changes}


def test_into_an_empty_archive_everything_is_created() -> None:
    planned = plan(Current(), _bundle())
    assert set(_actions(planned).values()) == {Action.CREATE}
    assert planned.count(Action.CREATE) == 5
    assert [c.section for c in planned.changes] == sorted(
        (c.section for c in planned.changes),
        key=["feeds", "storylines", "subscriptions", "silences"].index,
    )


def test_the_same_bundle_changes_nothing() -> None:
    planned = plan(_stored(_bundle()), _bundle(), prune=True)
    assert planned.effective == ()
    assert planned.count(Action.UNCHANGED) == 5


def test_an_update_names_its_fields() -> None:
    changed = GOOD.replace("interval: 5m", "interval: 10m").replace(
        "[football]", "[football, rugby]"
    )
    planned = plan(_stored(_bundle()), _bundle(changed))
    feed, storyline = planned.effective
    assert (feed.action, feed.id, feed.version) == (Action.UPDATE, "harbour-wire", 3)
    assert [(f.name, f.before, f.after) for f in feed.fields] == [("interval", "5m", "10m")]
    assert [f.name for f in storyline.fields] == ["cues.opposing"]


def test_what_the_bundle_lacks_is_kept_and_retired_only_when_pruned() -> None:
    current = _stored(_bundle())
    only_feeds = _bundle(GOOD[: GOOD.index("storylines:")])
    kept = plan(current, only_feeds)
    assert kept.effective == ()
    assert kept.count(Action.KEPT) == 4
    pruned = plan(current, only_feeds, prune=True)
    assert pruned.count(Action.RETIRE) == 4
    assert all(c.after is None and c.before is not None for c in pruned.effective)


def test_the_archives_ids_are_known_by_section() -> None:
    assert ids_of(_stored(_bundle()))["storylines"] == {"port-strike", "rail-strike"}


def test_yaml_leaves_out_defaults_and_reads_back_the_same() -> None:
    bundle = _bundle()
    feed = as_yaml(bundle.feeds[0])
    assert feed == (
        "id: harbour-wire\nurl: https://harbour.example/rss\nsource: Harbour Wire\ninterval: 5m\n"
    )
    assert "channel: console" in as_yaml(bundle.subscriptions[0])
    assert as_yaml(None) == ""


def test_a_diff_shows_old_and_new() -> None:
    planned = plan(_stored(_bundle()), _bundle(GOOD.replace("interval: 5m", "interval: 10m")))
    lines = list(diff_lines(planned.effective[0]))
    assert "-interval: 5m" in lines
    assert "+interval: 10m" in lines
    created = plan(Current(), _bundle()).changes[0]
    assert all(line.startswith("+") for line in diff_lines(created))


def _diff(before: str, after: str) -> list[str]:
    """Return the signed lines of the diff from one wording of the good bundle to another."""
    [change] = plan(_stored(_bundle(before)), _bundle(after)).effective
    return [line for line in diff_lines(change) if line[0] in "+-"]


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        (("interval: 5m", "interval: 15m"), ["-interval: 5m", "+interval: 15m"]),
        (
            ("interval: 5m\n", "interval: 5m\n    enabled: false\n"),
            ["-enabled: true", "+enabled: false"],
        ),
        (
            ("interval: 5m\n", "interval: 5m\n    allow_private: true\n"),
            ["-allow_private: false", "+allow_private: true"],
        ),
        (("interval: 5m\n", "interval: 5m\n    language: fr\n"), ["+language: fr"]),
        (
            ("any_of: [dock workers, UDW]", "any_of: [dock workers, UDW]\n        optional: true"),
            ["-    optional: false", "+    optional: true"],
        ),
        (
            ("- channel: console", "- channel: console\n        name: desk"),
            ["-    name: console", "+    name: desk"],
        ),
    ],
)
def test_a_default_that_changes_is_shown_on_both_sides(
    written: tuple[str, str], lines: list[str]
) -> None:
    changed = GOOD.replace(*written)
    assert _diff(GOOD, changed) == lines
    other = {"+": "-", "-": "+"}
    assert sorted(_diff(changed, GOOD)) == sorted(other[line[0]] + line[1:] for line in lines)


def test_equal_definitions_have_no_field_changes() -> None:
    storyline = _bundle().storylines[0]
    assert field_changes(storyline, storyline) == ()

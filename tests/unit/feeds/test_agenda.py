"""The agenda: one request a host at a time, spaced; nothing that is due is forgotten, whatever happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from nightdesk.feeds.agenda import AT_ONCE, Agenda

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def names(begun: list[tuple[str, datetime]]) -> list[str]:
    return [feed for feed, _ in begun]


def agenda(**feeds: tuple[str, float]) -> Agenda:
    made = Agenda(2 * SECOND)
    made.renew({name: (host, NOW + at * SECOND) for name, (host, at) in feeds.items()})
    return made


def test_longest_due_first_and_one_of_a_host() -> None:
    made = agenda(a=("x", -5), b=("x", -9), c=("y", -7), d=("z", 1))
    assert names(made.begin(NOW, 9)) == ["b", "c"]
    assert made.begin(NOW, 9) == []
    made.done("b", NOW + SECOND)
    assert names(made.begin(NOW + 2 * SECOND, 9)) == ["d"], "the host rests"
    assert made.begin(NOW + 3 * SECOND, 9) == [("a", NOW - 5 * SECOND)]


def test_no_more_than_there_is_room_for() -> None:
    made = agenda(a=("x", -1), b=("y", -2), c=("z", -3))
    assert names(made.begin(NOW, 2)) == ["c", "b"]
    assert names(made.begin(NOW, 2)) == ["a"]


def test_a_feed_that_was_begun_waits_until_it_is_put_again() -> None:
    made = agenda(a=("x", -1))
    made.begin(NOW, 9)
    made.renew({"a": ("x", AT_ONCE)})
    made.done("a", NOW)
    assert made.begin(NOW + 9 * SECOND, 9) == []
    made.put("a", NOW + 10 * SECOND)
    made.put("a", NOW + 10 * SECOND)
    assert names(made.begin(NOW + 10 * SECOND, 9)) == ["a"]
    made.done("a", NOW + 10 * SECOND)
    assert made.begin(NOW + 60 * SECOND, 9) == []


def test_strange_hosts_are_put_off_and_taken_up_once_they_are_ours() -> None:
    made = agenda(a=("x", -1), b=("y", -1))
    assert names(made.begin(NOW, 9, lambda host: host == "y")) == ["b"]
    assert names(made.begin(NOW + 2 * SECOND, 9)) == ["a"]


def test_what_another_worker_polls_day_after_day_piles_nothing_up() -> None:
    made = agenda(a=("x", 0))
    for poll in range(1_000):
        made.begin(NOW + poll * 60 * SECOND, 9, lambda _: False)
        made.renew({"a": ("x", NOW + (poll + 1) * 60 * SECOND)})
    assert len(made._ready) <= 2
    assert len(made._hosts["x"].waiting) <= 2
    assert names(made.begin(NOW + 1_000 * 60 * SECOND, 9)) == ["a"], "it may be ours a moment later"


def test_what_a_poll_found_while_it_was_looked_up_is_newer() -> None:
    made = agenda(a=("x", 0), b=("y", 0))
    assert names(made.begin(NOW, 9)) == ["a", "b"]
    made.look_up()
    made.put("a", NOW + 300 * SECOND)
    made.done("a", NOW + SECOND)
    made.done("b", NOW + SECOND)
    made.renew({"a": ("x", NOW), "b": ("y", NOW)})
    assert names(made.begin(NOW + 9 * SECOND, 9)) == ["b"], "a was polled meanwhile"
    made.look_up()
    made.renew({"a": ("x", NOW)})
    assert names(made.begin(NOW + 9 * SECOND, 9)) == ["a"], "what is looked up later counts again"


def test_a_host_that_asks_for_patience_gets_it() -> None:
    made = agenda(a=("x", -1), b=("x", -2))
    made.rest("x", NOW + 60 * SECOND)
    assert made.begin(NOW + 59 * SECOND, 9) == []
    assert names(made.begin(NOW + 60 * SECOND, 9)) == ["b"]
    made.done("b", NOW + 61 * SECOND)
    made.rest("x", NOW + 30 * SECOND)
    assert made.begin(NOW + 62 * SECOND, 9) == []


def test_what_moves_or_goes_is_not_begun_at_its_old_place() -> None:
    made = agenda(a=("x", -1), b=("x", -2))
    made.renew({"a": ("y", NOW)})
    assert made.begin(NOW, 9) == [("a", NOW)]
    assert made.host_of("a") == "y"
    assert made.host_of("b") is None
    made.put("b", NOW)
    made.done("a", NOW)
    made.done("stranger", NOW)
    assert made.begin(NOW + 99 * SECOND, 9) == []


FEEDS = st.sampled_from("abcdef")
HOSTS = st.sampled_from("xyz")


class Days(RuleBasedStateMachine):
    """An agenda beside the simplest thing that could be right: look at everything, each time."""

    def __init__(self) -> None:
        super().__init__()
        self.agenda = Agenda(2 * SECOND)
        self.now = NOW
        self.due: dict[str, datetime] = {}
        self.host: dict[str, str] = {}
        self.running: dict[str, str] = {}
        self.free_at: dict[str, datetime] = {}

    @rule(seconds=st.integers(0, 10))
    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @rule(feeds=st.dictionaries(FEEDS, st.tuples(HOSTS, st.integers(-5, 5))))
    def renew(self, feeds: dict[str, tuple[str, int]]) -> None:
        found = {name: (host, self.now + at * SECOND) for name, (host, at) in feeds.items()}
        self.agenda.renew(found)
        self.host = {name: host for name, (host, _) in found.items()}
        self.due = {name: due for name, (_, due) in found.items() if name not in self.running}

    @rule(feed=FEEDS, host=HOSTS, seconds=st.integers(0, 9))
    def rest(self, feed: str, host: str, seconds: int) -> None:
        until = self.now + seconds * SECOND
        self.agenda.rest(host, until)
        self.free_at[host] = max(self.free_at.get(host, AT_ONCE), until)

    @rule(most=st.integers(1, 4))
    def begin(self, most: int) -> None:
        for feed, due in self.agenda.begin(self.now, most):
            host = self.host[feed]
            assert self.due.pop(feed) == due <= self.now
            assert host not in self.running.values(), "two at a time"
            assert self.free_at.get(host, AT_ONCE) <= self.now, "no rest"
            self.running[feed] = host

    @precondition(lambda self: self.running)
    @rule(data=st.data(), again=st.none() | st.integers(0, 5))
    def done(self, data: st.DataObject, again: int | None) -> None:
        feed = data.draw(st.sampled_from(sorted(self.running)))
        host = self.running.pop(feed)
        self.agenda.done(feed, self.now)
        self.free_at[host] = max(self.free_at.get(host, AT_ONCE), self.now + 2 * SECOND)
        if again is not None:
            due = self.now + again * SECOND
            self.agenda.put(feed, due)
            if feed in self.host:
                self.due[feed] = due

    @invariant()
    def nothing_that_could_begin_is_held_back(self) -> None:
        busy = set(self.running.values())
        could = {
            self.host[feed]
            for feed, due in self.due.items()
            if due <= self.now
            and self.host[feed] not in busy
            and self.free_at.get(self.host[feed], AT_ONCE) <= self.now
        }
        begun = self.agenda.begin(self.now, 99)
        assert {self.host[feed] for feed, _ in begun} == could
        for feed, _ in begun:
            self.due.pop(feed)
            self.running[feed] = self.host[feed]


TestDays = Days.TestCase
TestDays.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)

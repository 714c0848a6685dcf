"""Labels: what of an alert can be asked for, by silences, inhibitions and groups.

Comes in: an alert, the tags of what it is about, the subscription that would carry it.  Goes out: the values
of each label, and whether a matcher holds.  Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from nightdesk.text.tokens import fold
from schemas.alert import Alert
from schemas.matcher import Label, Matcher

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Labelled:
    """An alert on its way to a subscription ("" where none is asked about).

    What is worked out of the alert is remembered, and shared with `to` others.
    """

    alert: Alert
    tags: Collection[str] = ()
    subscription: str = ""
    _known: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)
    _words: list[str] = field(default_factory=list, compare=False, repr=False)

    def to(self, subscription: str) -> Labelled:
        """Return the same alert on its way to another subscription."""
        return Labelled(self.alert, self.tags, subscription, self._known, self._words)

    @property
    def words(self) -> str:
        """What the alert tells of its reports, folded: titles, matched words, and what the newest one adds.

        Words have a space between them, and one before the first and after the last of each text.
        """
        if not self._words:
            alert = self.alert
            texts = [alert.title]
            for report in alert.articles:
                texts += [report.title, *report.words]
            if alert.novelty is not None:
                texts += [alert.novelty.quote, *alert.novelty.figures, *alert.novelty.actors]
            self._words.append("|".join(f" {' '.join(fold(text))} " for text in texts))
        return self._words[0]

    def values(self, label: Label) -> frozenset[str]:
        """Return the values of a label: several of tags alone, none where it does not apply.

        `source` and `language` are told where all reports agree: a silenced outlet must not hide the
        second one.  So is `feed`, of an outage too.
        """
        if label == "subscription":
            return _one(self.subscription)
        known = self._known.get(label)
        if known is None:
            known = self._known[label] = _VALUES[label](self)
        return known

    def fulfils(self, matchers: Iterable[Matcher]) -> bool:
        """Tell whether all of `matchers` hold."""
        return all((m.value in self.values(m.label)) is not m.is_not for m in matchers)


def _only(values: Iterable[str]) -> frozenset[str]:
    found = frozenset(values)
    return found if len(found) == 1 else _NOTHING


def _one(value: str | None) -> frozenset[str]:
    return frozenset({value}) if value else _NOTHING


_VALUES: Mapping[Label, Callable[[Labelled], frozenset[str]]] = {
    "alert": lambda it: _one(it.alert.id),
    "feed": lambda it: _only(it.alert.trouble.feeds if it.alert.trouble else ()),
    "kind": lambda it: _one(it.alert.kind.value),
    "language": lambda it: _only(article.language for article in it.alert.articles),
    "severity": lambda it: _one(it.alert.severity.value),
    "source": lambda it: _only(article.source for article in it.alert.articles),
    "state": lambda it: _one(it.alert.state.value),
    "storyline": lambda it: _one(it.alert.storyline),
    "tag": lambda it: frozenset(it.tags),
}

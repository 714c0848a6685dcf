"""Finds what many outlets report and no storyline holds: clusters of unmatched reports.

Comes in: reports, each read into a `Seen`.  Goes out: `Cluster`s, the widest told first.  One pass in event
time puts each report to the nearest cluster by the cosine to its centroid, looked up by rare words; a
second pass lets each choose among the finished clusters; then clusters whose centroids are near are one.
The same reports in any order give the same clusters.  Pure.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nightdesk.storylines.seen import TERMS, Seen, Terms, weigh
from nightdesk.text.copies import original_of

LIKE = 0.35
"""Cosine to a cluster's centroid from which a report belongs to it."""

ALIKE = 0.45
"""Cosine of two centroids from which clusters are one."""

LOOKED_UP = 12
"""Words of a report, the heaviest, that lead to clusters; two must lead to the same."""

CROWDED = 200
"""A word that more clusters share leads to none: the work grows with the reports, not with their square."""

_KEYS_SHARED = 2
_TELLING = 3.0
_SHARED = 0.5
_CORE = 2
_MOST_COMPARED = 400


@dataclass(frozen=True, slots=True)
class Cluster:
    """Reports of one thing, in event time; `central` names those nearest to the middle, copies left out.

    `outlets` are the sources that reported it independently: who copies another's report is none.
    """

    reports: tuple[Seen, ...]
    outlets: tuple[str, ...]
    central: tuple[str, ...]


def find_clusters(reports: Iterable[Seen], *, outlets: int) -> tuple[Cluster, ...]:
    """Return the clusters that at least `outlets` independent outlets tell, the widest told first."""
    ordered = sorted(reports, key=lambda report: (report.event_time, report.id))
    vectors = list(zip(ordered, weigh(ordered), strict=True))
    groups = _merged(_chosen(vectors, _gathered(vectors)))
    found = [
        _cluster(group)
        for group in groups
        if len({report.source for report, _ in group.members}) >= outlets and _holds(group)
    ]
    wide = [cluster for cluster in found if len(cluster.outlets) >= outlets]
    return tuple(sorted(wide, key=lambda c: (-len(c.outlets), c.reports[0].id)))


def resembling(cluster: Cluster, told: Mapping[str, Sequence[Seen]]) -> str | None:
    """Return the name under which reports were `told` before that are one thing with the cluster's.

    The nearest, if several are; None where none is.
    """
    names = [name for name, reports in told.items() for _ in reports]
    earlier = [report for reports in told.values() for report in reports]
    groups: dict[str, _Group] = defaultdict(_Group)
    own = _Group()
    whole = [*cluster.reports, *earlier]
    for at, (report, terms) in enumerate(zip(whole, weigh(whole), strict=True)):
        mine = at < len(cluster.reports)
        (own if mine else groups[names[at - len(cluster.reports)]]).add(report, terms)
    near = {name: group.nearness(own.total, own.length) for name, group in groups.items()}
    nearest = min(near, key=lambda name: (-near[name], name), default=None)
    return nearest if nearest is not None and near[nearest] >= ALIKE else None


class _Group:
    """A cluster in the making: members, and the sum of their vectors."""

    __slots__ = ("keys", "length", "members", "total")

    def __init__(self) -> None:
        self.members: list[tuple[Seen, Terms]] = []
        self.total: Terms = {}
        self.keys: set[int] = set()
        self.length = 0.0

    def add(self, report: Seen, terms: Terms) -> list[int]:
        """Take a report in; return the keys by which the group was not found before."""
        self.members.append((report, terms))
        if len(self.members) == 1:
            # Most stay alone: the one vector is copied only when a second comes.
            self.total, self.length = terms, sum(value * value for value in terms.values())
        else:
            self._sum(terms)
        new = [key for key in _keys(terms) if key not in self.keys]
        self.keys.update(new)
        return new

    def _sum(self, terms: Terms) -> None:
        total = dict(self.total) if len(self.members) == 2 else self.total
        for term, value in terms.items():
            before = total.get(term, 0.0)
            total[term] = before + value
            self.length += value * (2 * before + value)
        self.total = total

    def nearness(self, terms: Mapping[int, float], length: float = 1.0) -> float:
        """Return the cosine of the centroid and a vector whose squared length is `length`."""
        total = self.total
        product = 0.0
        for term, value in terms.items():
            if term in total:
                product += value * total[term]
        return product / math.sqrt(self.length * length) if self.length * length > 0 else 0.0


def _keys(terms: Terms) -> list[int]:
    """The heaviest terms; a unit vector lists them first."""
    return list(terms)[:LOOKED_UP]


def _nearest(terms: Terms, groups: Sequence[_Group], places: Mapping[int, list[int]]) -> int | None:
    """Return the group that is nearest and near enough, the earliest of equals."""
    best, found = LIKE, None
    shared: Counter[int] = Counter()
    for key in _keys(terms):
        listed = places.get(key, ())
        if len(listed) <= CROWDED:
            shared.update(listed)
    for number in sorted(number for number, keys in shared.items() if keys >= _KEYS_SHARED):
        near = groups[number].nearness(terms)
        if near > best or (near == best and found is None):
            best, found = near, number
    return found


def _gathered(vectors: Sequence[tuple[Seen, Terms]]) -> list[_Group]:
    groups: list[_Group] = []
    places: dict[int, list[int]] = defaultdict(list)
    for report, terms in vectors:
        nearest = _nearest(terms, groups, places)
        number = len(groups) if nearest is None else nearest
        if nearest is None:
            groups.append(_Group())
        for key in groups[number].add(report, terms):
            places[key].append(number)
    return [group for group in groups if len(group.members) > 1]


def _chosen(vectors: Sequence[tuple[Seen, Terms]], groups: Sequence[_Group]) -> list[_Group]:
    """Let each report choose among the finished groups, where the first ones had little choice."""
    places: dict[int, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        for key in sorted(group.keys):
            places[key].append(number)
    chosen = [_Group() for _ in groups]
    for report, terms in vectors:
        nearest = _nearest(terms, groups, places)
        if nearest is not None:
            chosen[nearest].add(report, terms)
    return [group for group in chosen if group.members]


def _merged(groups: Sequence[_Group]) -> list[_Group]:
    """Make one of groups that are near, the larger first."""
    merged: list[_Group] = []
    places: dict[int, set[int]] = defaultdict(set)
    for group in sorted(groups, key=lambda g: (-len(g.members), g.members[0][0].id)):
        heaviest = sorted(group.total, key=lambda term: (-group.total[term], term))[:TERMS]
        near = {
            number: merged[number].nearness(group.total, group.length)
            for number in sorted({n for term in heaviest[:LOOKED_UP] for n in places[term]})
        }
        nearest = max(near, key=lambda number: (near[number], -number), default=len(merged))
        if near.get(nearest, 0.0) < ALIKE:
            nearest = len(merged)
            merged.append(_Group())
        for report, terms in group.members:
            merged[nearest].add(report, terms)
        for term in heaviest[:LOOKED_UP]:
            places[term].add(nearest)
    return merged


def _holds(group: _Group) -> bool:
    """Whether some telling words stand in half of the reports: else it is a chain, not one thing."""
    counts = Counter(
        term
        for report, terms in group.members
        for term, _, rarity in report.terms()
        if rarity >= _TELLING and term in terms
    )
    least = _SHARED * len(group.members)
    return sum(count >= least for count in counts.values()) >= _CORE


def _cluster(group: _Group) -> Cluster:
    members = sorted(group.members, key=lambda member: (member[0].event_time, member[0].id))
    originals: list[tuple[Seen, Terms]] = []
    for report, terms in members:
        compared = [seen for seen, _ in originals[-_MOST_COMPARED:]]
        if original_of(report.sketch, report.event_time, compared) is None:
            originals.append((report, terms))
    central = sorted(originals, key=lambda member: (-group.nearness(member[1]), member[0].id))
    return Cluster(
        tuple(report for report, _ in members),
        tuple(dict.fromkeys(report.source for report, _ in originals)),
        tuple(report.id for report, _ in central),
    )

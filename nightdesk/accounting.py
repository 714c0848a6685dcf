"""The account: every message of every stage met exactly one fate, and none went missing between.

Comes in: the totals that the archive keeps, stage -> outcome -> number (`archive.accounts.totals`).
Goes out: one `Balance` for each identity, with both sides.  Identities *inside* a stage hold at any
moment, since both sides are written in one transaction.  Those *between* stages hold once nothing is
under way; until then the left side is ahead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Totals = Mapping[str, Mapping[str, int]]
Term = tuple[str, str]
"""A stage and one of its outcomes."""


@dataclass(frozen=True)
class Identity:
    """The sum of `left` equals the sum of `right`; `between` stages only when nothing is under way."""

    stage: str
    left: tuple[Term, ...]
    right: tuple[Term, ...]
    between: bool = False


@dataclass(frozen=True)
class Balance:
    """An identity with its numbers."""

    stage: str
    left: int
    right: int
    left_words: str
    right_words: str
    between: bool

    @property
    def holds(self) -> bool:
        """Whether both sides are equal."""
        return self.left == self.right

    def __str__(self) -> str:
        sign = "=" if self.holds else "≠"
        return f"{self.stage}: {self.left_words} {self.left} {sign} {self.right} {self.right_words}"


def _inside(stage: str, *outcomes: str) -> Identity:
    return Identity(stage, ((stage, "received"),), tuple((stage, name) for name in outcomes))


def _between(stage: str, sender: str, sent: str) -> Identity:
    return Identity(
        stage,
        ((sender, sent), (stage, "retried"), (stage, "redelivered")),
        ((stage, "received"),),
        between=True,
    )


IDENTITIES: tuple[Identity, ...] = (
    Identity(
        "poll",
        (("poll", "polled"),),
        tuple(("poll", name) for name in ("new", "unchanged", "duplicate", "rejected")),
    ),
    _between("normalise", "poll", "new"),
    _inside("normalise", "new", "revision", "duplicate", "redelivered", "dead_letter"),
    Identity(
        "nominate",
        (
            ("normalise", "new"),
            ("normalise", "revision"),
            ("nominate", "retried"),
            ("nominate", "redelivered"),
        ),
        (("nominate", "received"),),
        between=True,
    ),
    _inside("nominate", "nominated", "not_nominated", "redelivered", "dead_letter"),
    _between("decide", "nominate", "candidates"),
    _inside(
        "decide", "fits", "possible", "not", "retired", "superseded", "redelivered", "dead_letter"
    ),
    _between("alert", "decide", "matches"),
    _inside(
        "alert",
        "opened",
        "grew",
        "echoed",
        "copy",
        "revised",
        "unchanged",
        "held",
        "retired",
        "redelivered",
        "dead_letter",
    ),
    Identity(
        "deliver",
        (
            ("alert", "alerts"),
            ("poll", "alerts"),
            ("deliver", "retried"),
            ("deliver", "redelivered"),
        ),
        (("deliver", "received"),),
        between=True,
    ),
    _inside("deliver", "routed", "suppressed", "unsubscribed", "redelivered", "dead_letter"),
    Identity(
        "deliver",
        tuple(
            [("deliver", "deliveries")]
            + [("deliveries", name) for name in ("retried", "repeated", "fallbacks")]
        ),
        tuple(
            ("deliveries", name)
            for name in ("delivered", "failed", "fell_back", "suppressed", "included")
        ),
        between=True,
    ),
)
"""All identities, in the order of the pipeline.  `redelivered` counts messages that were sent again
after a crash, under another offset: they stand on both sides.  So do those that were `retried` by hand: each
is received, and judged, once more.  A delivery that falls back ends so, and plans another, counted among
`fallbacks`."""


def check(totals: Totals) -> list[Balance]:
    """Return each identity with its numbers, in the order of the pipeline."""
    return [
        Balance(
            identity.stage,
            _sum(totals, identity.left),
            _sum(totals, identity.right),
            _words(identity.left),
            _words(identity.right),
            identity.between,
        )
        for identity in IDENTITIES
    ]


def broken(totals: Totals) -> list[Balance]:
    """Return the identities inside stages that do not hold: each is a fault of Nightdesk."""
    return [balance for balance in check(totals) if not balance.between and not balance.holds]


def settled(totals: Totals) -> bool:
    """Whether nothing is under way and every identity holds."""
    return all(balance.holds for balance in check(totals))


def _sum(totals: Totals, terms: tuple[Term, ...]) -> int:
    return sum(totals.get(stage, {}).get(outcome, 0) for stage, outcome in terms)


def _words(terms: tuple[Term, ...]) -> str:
    stages = {stage for stage, _ in terms}
    lead = terms[0][0]
    if len(stages) == 1:
        return (
            f"{lead}.{{{', '.join(outcome for _, outcome in terms)}}}"
            if terms[1:]
            else (f"{lead}.{terms[0][1]}")
        )
    return " + ".join(f"{stage}.{outcome}" for stage, outcome in terms)

"""Matchers: which alerts a silence or an inhibition is about."""

from __future__ import annotations

from typing import Literal

from schemas.base import Contract, Text

Label = Literal[
    "alert",
    "feed",
    "kind",
    "language",
    "severity",
    "source",
    "state",
    "storyline",
    "subscription",
    "tag",
]
"""What of an alert can be asked for.  `source` and `language` hold only where all its reports agree, so
that a silenced outlet never hides the second one."""


class Matcher(Contract):
    """Holds where the alert's `label` is `value` or, with `is_not`, where it is anything else."""

    label: Label
    value: Text
    is_not: bool = False

"""A bundle: the definitions of one desk in one YAML file, checked together."""

from __future__ import annotations

from typing import Literal

from schemas.base import Contract
from schemas.feed import Feed
from schemas.silence import Silence
from schemas.storyline import Storyline
from schemas.subscription import Subscription


class Bundle(Contract):
    """What `nightdesk check`, `apply` and `run --bundle` read.

    References between definitions (rivals, a subscription's storylines, repeated ids) are checked by
    `nightdesk.bundles`, which knows files and lines.
    """

    schema_version: Literal[1] = 1
    feeds: tuple[Feed, ...] = ()
    storylines: tuple[Storyline, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    silences: tuple[Silence, ...] = ()

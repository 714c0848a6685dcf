"""All operations, in the order of the document."""

from __future__ import annotations

from nightdesk.web.api import (
    alerts,
    articles,
    audit,
    backtests,
    bundles,
    definitions,
    events,
    receivers,
)
from nightdesk.web.api.operations import Operation, Routes

_ALL: tuple[Routes, ...] = (
    definitions.routes,
    bundles.routes,
    alerts.routes,
    articles.routes,
    backtests.routes,
    events.routes,
    receivers.routes,
    audit.routes,
)


def operations() -> list[Operation]:
    """Return them."""
    return [operation for routes in _ALL for operation in routes.operations]

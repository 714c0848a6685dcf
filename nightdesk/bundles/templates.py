"""Templates of receivers: each is read, its variables looked up, and tried on samples.

Comes in: the parts of a file.  Goes out: errors, each with its line: a service that runs sends our own words
in place of faulty ones, but nobody means to apply them.  Jinja2 is imported only where a receiver has a
template of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from nightdesk.bundles.contract import Part
from nightdesk.bundles.problems import Finding
from schemas import Subscription, Wording

_ANY_DAY = datetime(2024, 5, 17, 12, tzinfo=UTC)
_MOST_TOLD = 5


def check_templates(parts: Iterable[Part]) -> Iterator[Finding]:
    """Find what is wrong with templates, each with its line in the template."""
    for part in parts:
        if not isinstance(part.readable, Subscription):
            continue
        for index, receiver in enumerate(part.readable.receivers):
            wording = getattr(receiver, "wording", None)
            if isinstance(wording, Wording) and wording != Wording():
                path = (*part.path, "receivers", index, "wording")
                yield from _faults(path, wording, receiver.name, receiver.channel)


def _faults(
    path: tuple[str | int, ...], wording: Wording, receiver: str, channel: str
) -> Iterator[Finding]:
    from nightdesk.delivery.sample import samples
    from nightdesk.delivery.templates import PARTS, Templates

    # Here no time is kept: what a template does is bounded by the number of its steps as well.
    templates = Templates(lambda: 0.0)
    tries = samples("desk", receiver, channel, _ANY_DAY)
    for part in PARTS:
        source = getattr(wording, part)
        if source is None:
            continue
        for fault in templates.faults(source, part, tries)[:_MOST_TOLD]:
            line = f"line {fault.line} of the template: " if fault.line else "the template: "
            yield Finding(
                (*path, part),
                line + fault.message,
                "docs/templates.md lists what a template sees and may do; until it is mended ours is sent",
            )

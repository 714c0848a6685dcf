"""The demo's bundle: the outlets' feeds on loopback, the example's storylines, three ways to be told.

In come the running servers, the receiver's address and `examples/bundle.yaml`; out comes a bundle as
YAML, checked against the contract.  The storylines are the example's own, so that what the demo
shows is what a newcomer's first `nightdesk run` looks for.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from demo.servers import OutletServer
from schemas import Bundle

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "bundle.yaml"
SECRET_VARIABLE = "DEMO_WEBHOOK_SECRET"
ATOM_SUBSCRIPTION = "demo-reader"


def demo_bundle(
    servers: Sequence[OutletServer], webhook: str, example: Path = EXAMPLE
) -> dict[str, Any]:
    """Return the bundle as plain data.  Raises pydantic.ValidationError where it breaks the contract."""
    storylines = YAML(typ="safe", pure=True).load(example)["storylines"]
    bundle = {
        "schema_version": 1,
        "feeds": [
            {
                "id": feed.id,
                "url": server.url(feed),
                "source": server.outlet.name,
                "title": feed.title,
                "language": server.outlet.language,
                "interval": "1s",
                "timeout": "5s",
                "allow_private": True,
            }
            for server in servers
            for feed in server.outlet.feeds
        ],
        "storylines": storylines,
        "subscriptions": [
            {
                "id": "demo-desk",
                "title": "The terminal of the night desk",
                "receivers": [{"channel": "console"}],
            },
            {
                "id": ATOM_SUBSCRIPTION,
                "title": "All alerts, for a feed reader",
                "receivers": [{"channel": "atom"}],
            },
            {
                "id": "demo-hook",
                "title": "All alerts, as signed JSON",
                "receivers": [
                    {
                        "channel": "webhook",
                        "url": webhook,
                        "secret_env": SECRET_VARIABLE,
                        "allow_private": True,
                        "timeout": "5s",
                    }
                ],
            },
        ],
        "silences": [],
    }
    Bundle.model_validate_json(json.dumps(bundle, default=str))
    return bundle


def to_yaml(bundle: dict[str, Any]) -> str:
    """Return `bundle` as a YAML document."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    out = io.StringIO()
    yaml.dump(bundle, out)
    return out.getvalue()

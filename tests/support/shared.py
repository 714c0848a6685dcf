"""Where the shared corpora lie, if they are there.  Tests that need them skip where they are not.

`NIGHTDESK_SHARED` names the folder; without it, `shared` beside the checkout is tried.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2].parent / "shared"


def shared_path(*parts: str) -> Path:
    """Return the path of a shared file or folder; skip the calling test where it is absent."""
    path = Path(os.environ.get("NIGHTDESK_SHARED") or _BESIDE).joinpath(*parts)
    if not path.exists():
        pytest.skip(f"no shared corpus {'/'.join(parts)!r}: set NIGHTDESK_SHARED to its folder")
    return path

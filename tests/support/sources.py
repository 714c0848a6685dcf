"""Lets a process interpret the loops that it would run compiled, and tells which modules are compiled."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

PACKAGE = "nightdesk"


class _Sources(MetaPathFinder):
    """Finds the source of a module that has a `.pxd` beside it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.split(".", maxsplit=1)[0] == PACKAGE:
            for folder in path or ():
                source = Path(folder, fullname.rpartition(".")[2] + ".py")
                if source.with_suffix(".pxd").exists():
                    return spec_from_file_location(fullname, source)
        return None


def interpret() -> None:
    """From here on import sources, not what was made of them."""
    sys.meta_path.insert(0, _Sources())


def compiled() -> list[str]:
    """Return the names of our modules that are compiled, of those that were imported."""
    return sorted(
        name
        for name, module in sys.modules.items()
        if name.split(".")[0] == PACKAGE
        and str(getattr(module, "__file__", "")).endswith(tuple(EXTENSION_SUFFIXES))
    )

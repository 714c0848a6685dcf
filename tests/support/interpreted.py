"""Modules of compiled loops as plain Python, to compare one with the other."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest


def interpreted(module: ModuleType) -> ModuleType:
    """Return a module with its loops interpreted; skips the tests of the caller where it is so anyway.

    Call it where the tests stand, not inside one.
    """
    loaded = Path(module.__file__ or "")
    source = loaded.with_name(module.__name__.rpartition(".")[2] + ".py")
    if loaded == source:
        reason = f"{module.__name__} is not compiled: no C compiler"
        pytest.skip(reason, allow_module_level=True)
    spec = spec_from_file_location(module.__name__, source)
    assert spec is not None
    assert spec.loader is not None
    plain = module_from_spec(spec)
    spec.loader.exec_module(plain)
    return plain

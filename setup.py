"""Compiles the innermost loops, where a C compiler is found; everything else is in pyproject.toml.

A module with a `.pxd` beside it is plain Python, and the `.pxd` says which of its names are numbers of C.
Compiled it does the same some fifty times as fast; what could not be compiled is interpreted.
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import setup

_FLAGS = ["-O3", "-ffp-contract=off", "-g0"]
"""Products and sums are rounded one by one, as Python rounds them."""

_LOOPS = cythonize(
    [str(path.with_suffix(".py")) for path in sorted(Path("nightdesk").rglob("*.pxd"))],
    build_dir="build",
    language_level=3,
    compiler_directives={
        "annotation_typing": False,
        "boundscheck": False,
        "wraparound": False,
        "cdivision": True,
        "infer_types": True,
    },
)
for loop in _LOOPS:
    loop.extra_compile_args = _FLAGS
    loop.optional = True

setup(options={"build_ext": {"parallel": os.cpu_count() or 1}}, ext_modules=_LOOPS)

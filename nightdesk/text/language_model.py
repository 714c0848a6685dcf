"""py3langid's model, laid out so that a worker can afford it.

The package keeps 75 MB resident.  Here its two large tables lie in a deleted temporary file, the weights
for languages that news is written in alone.  Only what texts really walk through is read and remembered,
within bounds: of the automaton single steps (10 million; 23,000 English, Spanish and French reports take
106,000 of them, 38,000 of which the first thousand), of the weights single rows (26,000 of 100,000).
Where the package's file is laid out otherwise, or no temporary file can be had, its own loader is taken.
"""

from __future__ import annotations

import lzma
import os
import shutil
import tempfile
import threading
import weakref
import zipfile
from array import array
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

_CHUNK = 1 << 20
_ROWS = 4_096

_STEPS = 87_000
"""Steps that are remembered: as many as fit into a dictionary before it doubles, 8 MB with their numbers."""

_WEIGHTS = 32_768
"""Rows of weights that are remembered, 5 MB."""

# Left out: constructed, extinct and regional ones, which short news texts are mistaken for
# (Latin, Esperanto, Breton, Volapük …), and dialects without a two-letter code.
_NEWS = """
am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu ha he hi hr hu hy id is it ja ka kk
km kn ko ku ky lo lt lv mk ml mn mr ms my ne nl no pa pl ps pt ro ru si sk sl so sq sr sv sw ta te tg th
tl tr uk ur uz vi zh
"""
_LANGUAGES = frozenset(_NEWS.split())


class Steps(dict[int, int]):
    """The automaton's table: `steps[row * 256 + byte]` is the next state.  Steps are read when taken.

    When there are too many it starts anew.
    """

    def __init__(self, file: int, start: int, *, most: int = _STEPS) -> None:
        super().__init__()
        self._file, self._start, self._most = file, start, most
        weakref.finalize(self, os.close, file)

    def __missing__(self, at: int) -> int:
        state = int.from_bytes(os.pread(self._file, 4, self._start + at * 4), "little")
        if len(self) >= self._most:
            self.clear()
        self[at] = state
        return state


class Weights:
    """The weights by feature and language: `weights[features]` are rows of them, read when asked for.

    When there is no more room it starts anew.
    """

    def __init__(self, file: int, height: int, width: int, *, most: int = _WEIGHTS) -> None:
        self._file = file
        self._place = np.full(height, -1, np.int32)
        self._rows = np.empty((most, width), np.float16)
        self._held = 0
        self._lock = threading.Lock()
        weakref.finalize(self, os.close, file)

    def __getitem__(self, features: NDArray[np.intp]) -> NDArray[np.float16]:
        with self._lock:
            missing = features[self._place[features] < 0]
            if self._held + len(missing) > len(self._rows):
                self._forget(len(features))
                missing = features
            for feature in missing.tolist():
                self._read(feature)
            return self._rows[self._place[features]]

    def _forget(self, needed: int) -> None:
        self._place.fill(-1)
        self._held = 0
        if needed > len(self._rows):
            self._rows = np.empty((needed, self._rows.shape[1]), np.float16)

    def _read(self, feature: int) -> None:
        size = self._rows.strides[0]
        row = os.pread(self._file, size, feature * size)
        self._rows[self._held] = np.frombuffer(row, np.float16)
        self._place[feature] = self._held
        self._held += 1


def load_identifier() -> Any:
    """Return an identifier with `classify(text) -> (language, confidence in 0..1)`.  Takes 0.5 s."""
    try:
        return _lean()
    except (OSError, KeyError, ValueError, AttributeError, zipfile.BadZipFile, lzma.LZMAError):
        identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        identifier.set_languages(sorted(_LANGUAGES & set(identifier.labels)))
        return identifier


def _lean() -> Any:
    with tempfile.TemporaryFile(buffering=0) as kept, tempfile.TemporaryFile() as plain:
        with lzma.open(MODEL_DIR / MODEL_FILE) as packed:
            shutil.copyfileobj(packed, plain, _CHUNK)
        with zipfile.ZipFile(plain) as archive:
            classes = _array(archive, "classes").tolist()
            columns = [at for at, name in enumerate(classes) if name in _LANGUAGES]
            height = _keep_columns(archive, columns, kept)
            steps = _keep_steps(archive, kept)
            prior = _array(archive, "pc")[columns]
            starts = array("I", (_array(archive, "nextmove_row").astype(np.uint32) << 8).tobytes())
            feature_of_state = array("i", _array(archive, "out_feat").astype(np.int32).tobytes())
        weights = Weights(os.dup(kept.fileno()), height, len(columns))
    identifier = LanguageIdentifier(
        weights,
        prior,
        [classes[at] for at in columns],
        steps,
        feature_of_state,
        norm_probs=True,
        tk_row=(),
    )
    # Where each state's steps begin.  It would make a list of numbers of it, 4 MB for 0.4.
    identifier._rowbase = starts
    return identifier


def _array(archive: zipfile.ZipFile, name: str) -> Any:
    with archive.open(f"{name}.npy") as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def _shape(member: IO[bytes], kind: Any) -> tuple[int, ...]:
    """Return the shape of a stored array of `kind`.  Raises ValueError where it is of another."""
    if np.lib.format.read_magic(member) != (1, 0):
        raise ValueError("not the layout that is known here")
    shape, by_columns, dtype = np.lib.format.read_array_header_1_0(member)
    if by_columns or dtype != kind:
        raise ValueError("not the layout that is known here")
    return tuple(shape)


def _keep_columns(archive: zipfile.ZipFile, columns: list[int], kept: IO[bytes]) -> int:
    """Copy the weights of the kept languages, a few rows at a time; return how many rows there are."""
    with archive.open("ptc.npy") as member:
        height, width = _shape(member, np.float16)
        for first in range(0, height, _ROWS):
            count = min(_ROWS, height - first) * width
            block = np.frombuffer(member.read(count * 2), np.float16).reshape(-1, width)
            kept.write(np.ascontiguousarray(block[:, columns]).tobytes())
    return height


def _keep_steps(archive: zipfile.ZipFile, kept: IO[bytes]) -> Steps:
    """Copy the automaton behind the weights."""
    with archive.open("nextmove.npy") as member:
        _shape(member, np.uint32)
        start = kept.tell()
        shutil.copyfileobj(member, kept, _CHUNK)
    return Steps(os.dup(kept.fileno()), start)

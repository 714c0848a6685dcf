"""py3langid's model, laid out so that a worker can afford it.

The package keeps 75 MB resident.  Here its two large tables lie in a deleted temporary file: of the
automaton only the rows that texts really walk through are read (14,000 of 38,000 for 12,000 English,
Spanish and French reports), of the weights only languages that news is written in are kept, mapped.
Where the package's file is laid out otherwise, or no temporary file can be had, its own loader is taken.
"""

from __future__ import annotations

import lzma
import mmap
import os
import shutil
import tempfile
import weakref
import zipfile
from array import array
from typing import IO, Any

import numpy as np
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

_CHUNK = 1 << 20
_ROWS = 4_096
_ROW_BYTES = 256 * 4

# Left out: constructed, extinct and regional ones, which short news texts are mistaken for
# (Latin, Esperanto, Breton, Volapük …), and dialects without a two-letter code.
_NEWS = """
am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu ha he hi hr hu hy id is it ja ka kk
km kn ko ku ky lo lt lv mk ml mn mr ms my ne nl no pa pl ps pt ro ru si sk sl so sq sr sv sw ta te tg th
tl tr uk ur uz vi zh
"""
_LANGUAGES = frozenset(_NEWS.split())


class LazyRows:
    """The automaton's table: `table[row * 256 + byte]` is the next state.  Rows are read when walked."""

    def __init__(self, file: int, start: int, rows: int) -> None:
        self._file = file
        self._start = start
        self._rows: list[array[int] | None] = [None] * rows
        weakref.finalize(self, os.close, file)

    def __getitem__(self, at: int) -> int:
        row = self._rows[at >> 8]
        if row is None:
            row = array("I")
            place = self._start + (at >> 8) * _ROW_BYTES
            row.frombytes(os.pread(self._file, _ROW_BYTES, place))
            self._rows[at >> 8] = row
        return row[at & 255]


def load_identifier() -> Any:
    """Return an identifier with `classify(text) -> (language, confidence in 0..1)`.  Takes 0.5 s."""
    try:
        return _lean()
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, lzma.LZMAError):
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
            rows = _keep_rows(archive, kept)
            prior = _array(archive, "pc")[columns]
            row_of_state = _array(archive, "nextmove_row").tolist()
            feature_of_state = array("i", _array(archive, "out_feat").astype(np.int32).tobytes())
        pages = mmap.mmap(kept.fileno(), 0, access=mmap.ACCESS_READ)
    weights = np.frombuffer(pages, np.float16, height * len(columns))
    return LanguageIdentifier(
        weights.reshape(height, len(columns)),
        prior,
        [classes[at] for at in columns],
        rows,
        feature_of_state,
        norm_probs=True,
        tk_row=row_of_state,
    )


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


def _keep_rows(archive: zipfile.ZipFile, kept: IO[bytes]) -> LazyRows:
    """Copy the automaton behind the weights."""
    with archive.open("nextmove.npy") as member:
        (length,) = _shape(member, np.uint32)
        start = kept.tell()
        shutil.copyfileobj(member, kept, _CHUNK)
    return LazyRows(os.dup(kept.fileno()), start, length // 256)

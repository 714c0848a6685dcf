"""Peer: a linear scan.  Tokenise, then one sparse row times the matrix of all storylines.

Comes in: material.  Goes out: articles a second on one core, or the reason why there is no figure.
The words are weighed as ours are; scipy does the sum.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from math import log

import numpy as np

from benchmarks.engine.material import Material
from nightdesk.storylines.rarity import shipped_rarity

_WORD = re.compile(r"\w+")
_NEAR = 0.1


def measure(material: Material, *, seconds: float) -> tuple[float, str]:
    """Return articles a CPU second and what was left out, in words; 0 where scipy is missing."""
    try:
        from scipy.sparse import csr_matrix
    except ImportError as error:
        return 0.0, f"the linear scan is left out: {error}"
    weight = shipped_rarity().weight
    numbers: dict[str, int] = {}
    rare: list[float] = []
    rows, columns, values = [], [], []
    for place, storyline in enumerate(material.storylines):
        counts = Counter(w for e in storyline.exemplars for w in _words(f"{e.title} {e.text}"))
        weighed = {word: (1 + log(n)) * weight(word) for word, n in counts.items()}
        norm = max(sum(v * v for v in weighed.values()) ** 0.5, 1e-9)
        for word, value in weighed.items():
            row = numbers.setdefault(word, len(numbers))
            if row == len(rare):
                rare.append(weight(word))
            rows.append(row)
            columns.append(place)
            values.append(value / norm)
    shape = (len(numbers), len(material.storylines))
    matrix = csr_matrix((values, (rows, columns)), shape=shape)

    def near(text: str) -> int:
        counts = Counter(_words(text))
        known = [(numbers[word], n) for word, n in counts.items() if word in numbers]
        at = np.array([row for row, _ in known], np.int32)
        own = np.array([(1 + log(n)) * rare[row] for row, n in known])
        norm = max(float(np.sqrt(own @ own)), 1e-9)
        row = csr_matrix((own / norm, at, np.array([0, len(at)])), shape=(1, shape[0]))
        return int(np.count_nonzero((row @ matrix).data > _NEAR))

    texts = [f"{a.title}\n{a.text}" for a in material.articles]
    done = 0
    began = time.process_time()
    while (took := time.process_time() - began) < seconds:
        near(texts[done % len(texts)])
        done += 1
    return done / took, ""


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())

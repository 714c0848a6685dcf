"""Peers: what plain retrieval reaches on the same trial, with thresholds chosen on the answers.

Comes in: a trial.  Goes out: for each peer a table of scores, stories by reports, and how fast it came.
Peers see the whole file beforehand (their rarity is the file's own) and remember nothing; the libraries
come with the extra `evaluation`, and a peer whose library is missing is left out with the reason.

    tfidf      cosine to the mean of the examples (scikit-learn, logarithmic counts, English stop words)
    bm25       the examples as one query (bm25s, Lucene's formula), over what the examples score themselves
    keywords   how many of the examples' ten heaviest TF-IDF words a report holds
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.stream import Trial

Floats = NDArray[np.float64]

KEYWORDS = 10
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Scored:
    """One peer's scores, stories by reports; higher is nearer."""

    name: str
    scores: Floats
    articles_per_s: float


def run_peers(trial: Trial) -> tuple[list[Scored], list[str]]:
    """Return what the peers score, and why which of them is left out."""
    texts = [report.article.title + "\n" + report.article.description for report in trial.stream]
    texts = [f"{head}\n{r.article.text}" for head, r in zip(texts, trial.stream, strict=True)]
    place = {report.id: at for at, report in enumerate(trial.stream)}
    queries = [[place[example.id] for example in story.examples] for story in trial.stories]
    return score_all(texts, queries)


def score_all(
    texts: Sequence[str], queries: Sequence[Sequence[int]]
) -> tuple[list[Scored], list[str]]:
    """Score all `texts` for each query, which is a list of places in `texts`."""
    found, missing = [], []
    for name, (needs, peer) in _PEERS.items():
        try:
            for library in needs:
                import_module(library)
            start = time.perf_counter()
            scores = peer(texts, queries)
        except ImportError as error:
            missing.append(f"{name} is left out: {error}; pip install 'nightdesk[evaluation]'")
        except ValueError as error:
            missing.append(f"{name} is left out: {error}")
        else:
            found.append(Scored(name, scores, len(texts) / (time.perf_counter() - start)))
    return found, missing


def _tfidf(texts: Sequence[str], queries: Sequence[Sequence[int]]) -> Floats:
    rows, profiles = _vectors(texts, queries)
    return np.asarray((rows @ profiles.T).toarray().T, dtype=np.float64)


def _keywords(texts: Sequence[str], queries: Sequence[Sequence[int]]) -> Floats:
    rows, profiles = _vectors(texts, queries)
    for at in range(profiles.shape[0]):
        values = profiles.data[profiles.indptr[at] : profiles.indptr[at + 1]]
        light = np.argsort(-values, kind="stable")[KEYWORDS:]
        values[:] = 1.0
        values[light] = 0.0
    held = rows.copy()
    held.data[:] = 1.0
    return np.asarray((held @ profiles.T).toarray().T, dtype=np.float64)


def _vectors(texts: Sequence[str], queries: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    """Return the TF-IDF rows of all texts and the mean of each query's rows, of length one."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    rows = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts)
    asked = [(at, place) for at, query in enumerate(queries) for place in query]
    pick = csr_matrix(
        (np.ones(len(asked)), tuple(np.array(asked).T)), shape=(len(queries), len(texts))
    )
    return rows, normalize(pick @ rows).tocsr()


def _bm25(texts: Sequence[str], queries: Sequence[Sequence[int]]) -> Floats:
    import bm25s

    words = [_WORD.findall(text.lower()) for text in texts]
    engine = bm25s.BM25()
    engine.index(words, show_progress=False)
    scores = []
    for query in queries:
        asked = [word for place in query for word in words[place]]
        row = engine.get_scores(asked).astype(np.float64) if asked else np.zeros(len(texts))
        scores.append(row / max(float(np.mean(row[list(query)])), 1e-9))
    return np.array(scores)


_SKLEARN = ("scipy.sparse", "sklearn.feature_extraction.text", "sklearn.preprocessing")
_PEERS: dict[str, tuple[Sequence[str], Callable[[Sequence[str], Sequence[Sequence[int]]], Floats]]]
_PEERS = {
    "tfidf": (_SKLEARN, _tfidf),
    "bm25": (("bm25s",), _bm25),
    "keywords": (_SKLEARN, _keywords),
}

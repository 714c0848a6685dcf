"""Peers score as their names say, know their own examples best, and are left out with a reason."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from evaluation.judge import judge
from evaluation.made_up import made_up
from evaluation.peers import KEYWORDS, score_all

TEXTS = [
    "A freighter ran aground off Lindane and the harbour was closed to all grain ships by Monday night.",
    "The grain freighter that ran aground off Lindane was pulled free; the harbour opened again.",
    "Parliament voted to lower the fishing quota after a long night of debate and bitter adjournments.",
    "The fishing quota stays low, the minister told parliament; debate begins anew after Easter.",
]


def test_each_peer_ranks_the_example_first_and_its_sequel_second() -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("bm25s")
    scored, missing = score_all(TEXTS, [[0], [2]])
    assert missing == []
    assert [peer.name for peer in scored] == ["tfidf", "bm25", "keywords"]
    for peer in scored:
        assert np.argsort(-peer.scores, axis=1)[:, :2].tolist() == [[0, 1], [2, 3]]
    top = {peer.name: [peer.scores[0, 0], peer.scores[1, 2]] for peer in scored}
    assert top["tfidf"] == pytest.approx([1.0, 1.0])
    assert top["bm25"] == pytest.approx([1.0, 1.0])
    assert top["keywords"] == [KEYWORDS, KEYWORDS]


def test_tfidf_is_the_cosine_to_the_mean_of_the_examples() -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    rows = text.TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(TEXTS)
    dense = rows.toarray()
    mean = dense[[0, 2]].mean(axis=0)
    (scored,) = (peer for peer in score_all(TEXTS, [[0, 2]])[0] if peer.name == "tfidf")
    assert scored.scores[0] == pytest.approx(dense @ mean / np.linalg.norm(mean))


def test_a_peer_without_its_library_is_left_out_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "bm25s", None)
    monkeypatch.setitem(sys.modules, "sklearn.feature_extraction.text", None)
    judged = judge(made_up(stories=4), 1)
    assert [(row.system, row.decision) for row in judged.rows] == [
        ("nightdesk", "at_once"),
        ("nightdesk", "settled"),
    ]
    assert [note.split(" is left out")[0] for note in judged.notes] == ["tfidf", "bm25", "keywords"]
    assert all("nightdesk[evaluation]" in note for note in judged.notes)


def test_a_peer_that_finds_no_word_is_left_out_with_the_reason() -> None:
    pytest.importorskip("sklearn")
    scored, missing = score_all(["the of and", "to be or not"], [[0]])
    assert {"tfidf", "keywords"}.isdisjoint(peer.name for peer in scored)
    assert any("vocabulary" in reason for reason in missing)

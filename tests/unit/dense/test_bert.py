"""The forward pass, on a model of random numbers that is small enough for a test."""

from __future__ import annotations

import numpy as np
import pytest

from nightdesk.dense.bert import Bert, Shape

WIDTH, INNER, WORDS = 8, 16, 20
CONFIG = {
    "model_type": "bert",
    "hidden_size": WIDTH,
    "num_attention_heads": 2,
    "num_hidden_layers": 2,
    "max_position_embeddings": 12,
}


def random_weights(seed: int = 7) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (WORDS, WIDTH),
        "embeddings.position_embeddings.weight": (12, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        "pooler.dense.weight": (WIDTH, WIDTH),
    }
    normed = ["embeddings"]
    for layer in range(2):
        own = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            shapes[f"{own}.attention.self.{part}.weight"] = (WIDTH, WIDTH)
            shapes[f"{own}.attention.self.{part}.bias"] = (WIDTH,)
        for name, rows, columns in (
            ("attention.output.dense", WIDTH, WIDTH),
            ("intermediate.dense", INNER, WIDTH),
            ("output.dense", WIDTH, INNER),
        ):
            shapes[f"{own}.{name}.weight"], shapes[f"{own}.{name}.bias"] = (rows, columns), (rows,)
        normed += [f"{own}.attention.output", f"{own}.output"]
    for name in normed:
        shapes[f"{name}.LayerNorm.weight"] = shapes[f"{name}.LayerNorm.bias"] = (WIDTH,)
    return {name: chance.normal(size=s).astype(np.float32) for name, s in shapes.items()}


def test_a_text_means_the_same_in_a_batch_and_alone() -> None:
    model = Bert(random_weights(), Shape.of(CONFIG))
    texts = [[1, 2, 3], [4], [5, 6, 7, 8, 9, 10]]
    together = model.means(texts)
    assert together.shape == (3, WIDTH)
    for text, row in zip(texts, together, strict=True):
        assert model.means([text])[0] == pytest.approx(row, abs=1e-5)


def test_order_counts() -> None:
    model = Bert(random_weights(), Shape.of(CONFIG))
    one, other = model.means([[1, 2, 3], [3, 2, 1]])
    assert one != pytest.approx(other, abs=1e-3)


def test_names_may_stand_below_the_model() -> None:
    plain = Bert(random_weights(), Shape.of(CONFIG))
    below = Bert({f"bert.{n}": w for n, w in random_weights().items()}, Shape.of(CONFIG))
    assert (plain.means([[1, 2]]) == below.means([[1, 2]])).all()


@pytest.mark.parametrize(
    "change",
    [
        {"model_type": "roberta"},
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
        {"num_attention_heads": 3},
    ],
)
def test_other_models_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Shape.of({**CONFIG, **change})

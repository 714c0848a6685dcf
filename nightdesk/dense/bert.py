"""A sentence encoder of the BERT family in numpy: embeddings, attention, the mean of all tokens.

Comes in: weights by name, as `model.safetensors` has them, and tokens.  Goes out: a vector a text (Devlin
et al. 2019; mean pooling after Reimers and Gurevych 2019).  Texts of a batch lie end to end, unpadded: all
steps but attention take them as one table, and attention each by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Shape:
    """What `config.json` says of a model.  `positions` bounds the tokens of a text."""

    layers: int
    heads: int
    epsilon: float
    positions: int

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Shape:
        """Read a configuration.  Raises ValueError for another family than BERT, KeyError, TypeError."""
        kind, act = config["model_type"], config.get("hidden_act", "gelu")
        place = config.get("position_embedding_type") or "absolute"
        if (kind, act, place) != ("bert", "gelu", "absolute"):
            raise ValueError(f"a model of type {kind!r} ({act!r}, {place!r} positions)")
        heads, width = int(config["num_attention_heads"]), int(config["hidden_size"])
        if heads < 1 or width % heads:
            raise ValueError(f"{heads} heads share {width} dimensions")
        epsilon = float(config.get("layer_norm_eps", 1e-12))
        layers = int(config["num_hidden_layers"])
        return cls(layers, heads, epsilon, int(config["max_position_embeddings"]))


class Bert:
    """The forward pass alone, in single precision."""

    def __init__(self, weights: Mapping[str, Floats], shape: Shape) -> None:
        self._shape = shape
        named = {name.removeprefix("bert."): weights[name] for name in weights}
        self._weights = {
            name: np.ascontiguousarray(
                value.T if name.endswith(".dense.weight") else value, np.float32
            )
            for name, value in named.items()
            if name.startswith(("embeddings.", "encoder."))
        }
        self._joined = [self._queries_keys_values(layer) for layer in range(shape.layers)]
        words = self._weights["embeddings.word_embeddings.weight"]
        self.vocabulary, self.width = words.shape

    def means(self, texts: Sequence[Sequence[int]]) -> Floats:
        """Return the mean of the last layer over the tokens of each text (n, width); none is empty."""
        lengths = [len(text) for text in texts]
        bounds = list(pairwise(np.cumsum([0, *lengths]).tolist()))
        named = self._weights
        state = named["embeddings.word_embeddings.weight"][np.concatenate(texts)]
        places = np.concatenate([np.arange(length) for length in lengths])
        state = state + named["embeddings.position_embeddings.weight"][places]
        state = state + named["embeddings.token_type_embeddings.weight"][0]
        state = self._normed(state, "embeddings")
        for layer in range(self._shape.layers):
            name = f"encoder.layer.{layer}"
            seen = self._attended(state, layer, bounds)
            seen = self._dense(seen, f"{name}.attention.output.dense")
            state = self._normed(state + seen, f"{name}.attention.output")
            inner = _gelu(self._dense(state, f"{name}.intermediate.dense"))
            inner = self._dense(inner, f"{name}.output.dense")
            state = self._normed(state + inner, f"{name}.output")
        return np.stack([state[start:end].mean(axis=0) for start, end in bounds])

    def _attended(self, state: Floats, layer: int, bounds: Sequence[tuple[int, int]]) -> Floats:
        weights, biases = self._joined[layer]
        heads, part = self._shape.heads, self.width // self._shape.heads
        asked = (state @ weights + biases).reshape(len(state), 3, heads, part)
        result = np.empty((len(state), heads, part), np.float32)
        for start, end in bounds:
            query, key, value = asked[start:end].transpose(1, 2, 0, 3)
            scores = query @ key.transpose(0, 2, 1) / np.float32(sqrt(part))
            scores -= scores.max(axis=-1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=-1, keepdims=True)
            result[start:end] = (scores @ value).transpose(1, 0, 2)
        return result.reshape(len(state), self.width)

    def _queries_keys_values(self, layer: int) -> tuple[Floats, Floats]:
        own = f"encoder.layer.{layer}.attention.self"
        parts = ("query", "key", "value")
        weights = [self._weights.pop(f"{own}.{part}.weight").T for part in parts]
        biases = [self._weights.pop(f"{own}.{part}.bias") for part in parts]
        return np.ascontiguousarray(np.concatenate(weights, axis=1)), np.concatenate(biases)

    def _dense(self, state: Floats, name: str) -> Floats:
        result: Floats = state @ self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return result

    def _normed(self, state: Floats, name: str) -> Floats:
        centred = state - state.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + self._shape.epsilon)
        weight = self._weights[f"{name}.LayerNorm.weight"]
        result: Floats = centred / spread * weight + self._weights[f"{name}.LayerNorm.bias"]
        return result.astype(np.float32, copy=False)


def _gelu(x: Floats) -> Floats:
    """Return x times the normal distribution's share below x (error function: Abramowitz, Stegun 7.1.26)."""
    size = np.abs(x) * np.float32(sqrt(0.5))
    t = 1.0 / (1.0 + np.float32(0.3275911) * size)
    series = np.float32(1.061405429) * t
    for term in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series += np.float32(term)
        series *= t
    series *= np.exp(-size * size)
    result: Floats = x * np.where(x < 0.0, 0.5 * series, 1.0 - 0.5 * series)
    return result

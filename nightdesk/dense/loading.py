"""Loads an encoder: from a folder that holds a model, or from a hub by the model's name.

Comes in: a folder with `config.json`, `tokenizer.json` and `model.safetensors`, or a name such as
`sentence-transformers/all-MiniLM-L6-v2`.  Goes out: an `Encoder`, or a ConfigurationError that says what to
do.  Neither pickles nor code of others are run.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from nightdesk.dense.bert import Bert, Shape
from nightdesk.dense.encoder import Encoder, Steady
from nightdesk.dense.vectors import MARK, pack
from nightdesk.errors import ConfigurationError

FILES = ("config.json", "tokenizer.json", "model.safetensors")
"""What is read of a model."""

MOST_TOKENS = 256
"""Tokens of a text that are read."""

_AT_ONCE = 2_048
"""Tokens that go through the model at one time: 12 MB in its widest layer."""

_PART = 1 << 20
"""Bytes of the weights that are read at one time."""

_INSTALL = "pip install 'nightdesk[dense]', or unset NIGHTDESK_DENSE_MODEL"


class SentenceEncoder:
    """A model and its tokenizer.  `tokens` makes token numbers of a text, `MOST_TOKENS` at most."""

    def __init__(
        self, model: Bert, tokens: Callable[[Sequence[str]], list[list[int]]], mark: bytes
    ) -> None:
        self._model = model
        self._tokens = tokens
        self._mark = mark

    def encode(self, texts: Sequence[str]) -> list[bytes]:
        """Return a vector for each text; empty where it has no word."""
        told = self._tokens(texts)
        found = [b""] * len(texts)
        # Texts of like length together: none waits for a longer one.
        order = [at for at in sorted(range(len(told)), key=lambda at: len(told[at])) if told[at]]
        while order:
            count, tokens = 0, 0
            while count < len(order) and (
                not count or tokens + len(told[order[count]]) <= _AT_ONCE
            ):
                tokens += len(told[order[count]])
                count += 1
            batch, order = order[:count], order[count:]
            for at, vector in zip(
                batch, self._model.means([told[at] for at in batch]), strict=True
            ):
                found[at] = pack(vector, self._mark) if texts[at].strip() else b""
        return found


def load_encoder(name: str) -> Encoder:
    """Return the encoder of the folder or hub model `name`.  Raises ConfigurationError."""
    try:
        import safetensors.numpy
        import tokenizers
    except ImportError as error:
        raise ConfigurationError(
            f"the dense model {name!r} needs the package {error.name!r}", hint=_INSTALL
        ) from None
    folder = Path(name).expanduser()
    if not folder.is_dir():
        folder = _fetched(name)
    missing = [file for file in FILES if not (folder / file).is_file()]
    if missing:
        raise ConfigurationError(
            f"the dense model {name!r} has no {' and no '.join(missing)}",
            hint=f"the folder must hold {', '.join(FILES)}",
        )
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        shape = Shape.of(config)
        weights = safetensors.numpy.load_file(folder / "model.safetensors")
        model = Bert(weights, shape)
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        if tokenizer.get_vocab_size() > model.vocabulary:
            raise ValueError("its tokenizer knows more tokens than its weights")
        tokenizer.enable_truncation(min(MOST_TOKENS, shape.positions))
        tokenizer.no_padding()

        def tokens(texts: Sequence[str]) -> list[list[int]]:
            return [told.ids for told in tokenizer.encode_batch(list(texts))]

        encoder = SentenceEncoder(model, tokens, _mark_of(folder / "model.safetensors"))
        if not encoder.encode(["a report"])[0]:
            raise ValueError("it makes no vector of a text")
    # The libraries raise exceptions of their own, the tokenizer's a bare Exception.
    except Exception as error:
        raise ConfigurationError(
            f"the dense model {name!r} cannot be used: {error}",
            hint="it must be an encoder of the BERT family with mean pooling and weights as safetensors, "
            "such as sentence-transformers/all-MiniLM-L6-v2",
        ) from error
    return Steady(encoder)


def _mark_of(file: Path) -> bytes:
    """Return what tells the vectors of these weights from all others."""
    mark = 0
    with file.open("rb") as weights:
        while part := weights.read(_PART):
            mark = zlib.crc32(part, mark)
    return mark.to_bytes(MARK, "big")


def _fetched(name: str) -> Path:
    """Return the folder to which the hub's client brought the model; one it has is not fetched again."""
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(name, allow_patterns=list(FILES)))
    # Of what a client of a network may raise there is no end, and all of it means the same here.
    except Exception as error:
        raise ConfigurationError(
            f"the dense model {name!r} is no folder, and no hub gave it: {type(error).__name__}",
            hint="name a folder that holds " + ", ".join(FILES) + ", or the hub's name of a model",
        ) from error

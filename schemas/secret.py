"""A secret, by where it stands: it never stands in a definition itself."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from schemas.base import Contract


class Secret(Contract):
    """`env` names the environment variable, or `file` the file, that holds it: one of both."""

    env: str | None = None
    file: str | None = None

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        if bool(self.env) == bool(self.file):
            raise ValueError("say where the secret stands: one of `env` and `file`")
        return self

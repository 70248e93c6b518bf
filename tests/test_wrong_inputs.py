"""What people get wrong, from ids to damaged files: one sentence each, and nothing half-written."""

import json
import os
import resource
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import constants

from playground.engine.loading import open_parts
from playground.errors import PlaygroundError
from playground.models import hub, registry
from playground.settings import Settings
from tests.engine_models import model, save_model, save_sae, tokenizer
from tests.hub_server import Hub, local_hub, unfinished

MODEL = "me/small"
CONFIG, WEIGHTS = "config.json", "model.safetensors"
LONGEST = 440  # characters of a sentence
RELEASE, SAE = "gpt2-small-res-jb", "blocks.1.hook_resid_pre"
SAES_REPO = "jbloom/GPT2-Small-SAEs-Reformatted"
Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model and an SAE that fit each other."""
    folder = tmp_path_factory.mktemp("whole")
    save_model(folder / "model", "gpt2")
    save_sae(folder / "sae", 1)
    return folder


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    """A copy to do damage to."""
    shutil.copytree(whole, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def served(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with the model; whatever a test does, no part of a file may be left."""
    with local_hub(tmp_path, monkeypatch) as made:
        made.add(MODEL, whole / "model")
        yield made
        assert not unfinished(made)
        assert not (tmp_path / "data").exists()


def asking(home: Path, model: str = "", saes: Sequence[str] = ("sae",)) -> Settings:
    """saes: in the home where they are there."""
    named = tuple(str(home / each) if (home / each).is_dir() else each for each in saes)
    chosen = model or str(home / "model")
    return Settings(device="cpu", model=chosen, saes=named, data=home.parent / "data")


def refused(asked: Settings, *says: str) -> None:
    said = list[str]()
    with pytest.raises(PlaygroundError) as caught:
        open_parts(asked, said.append)
    check(str(caught.value), *says)


def check(sentence: str, *says: str) -> None:
    assert "\n" not in sentence and len(sentence) < LONGEST, sentence
    for each in says:
        assert each in sentence


# -- names and flags ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gpt-2", ("--model 'gpt-2'", "Did you mean gpt2", "There are pocket")),
        ("no/such/folder", ("--model 'no/such/folder'", "nor a folder", "There are pocket")),
        ("me/a--b", ("me/a--b", "is no id of the hub", "openai-community/gpt2")),
        ("openai-comunity/gpt2", ("no such repository", "openai-community/gpt2", "HF_TOKEN")),
    ],
)
def test_a_wrong_model(served: Hub, home: Path, name: str, says: tuple[str, ...]) -> None:
    refused(asking(home, name), *says)
    assert not served.cache.exists()


@pytest.mark.parametrize(
    ("saes", "says"),
    [
        (("nowhere",), ("--sae 'nowhere'", "neither a folder nor RELEASE/ID")),
        (("early=sae", "early=sae"), ("two SAEs for one site", "early")),
        (("early=a/b", "c/d"), ("name the sites of all SAEs", "or of none")),
        (("a/b",) * 4, ("given 4 times", "name each one's site")),
        ((f"{RELEASE}x/{SAE}",), (f"no release '{RELEASE}x'", f"nearest are {RELEASE}")),
        ((f"{RELEASE}/blocks.77",), ("no SAE 'blocks.77'", "nearest are blocks.")),
    ],
)
def test_wrong_saes(served: Hub, home: Path, saes: tuple[str, ...], says: tuple[str, ...]) -> None:
    sites = tuple(each.replace("=sae", f"={home / 'sae'}") for each in saes)
    refused(asking(home, MODEL, sites), *says)
    assert WEIGHTS not in served.asked


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there(served: Hub, home: Path) -> None:
    refused(asking(home).model_copy(update={"device": "cuda"}), "device 'cuda'", "there is", "cpu")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('dtype = "int4"', ("`models.a.dtype`: found 'int4'", "bfloat16")),
        ("memory = many", ("is no TOML",)),
        ('repo = "a/b"', ("give either folder, repo or wheel",)),
    ],
)
def test_a_wrong_registry(tmp_path: Path, line: str, says: tuple[str, ...]) -> None:
    path = tmp_path / "registry.toml"
    head = '[models.a]\ntitle = "A"\nlicence = "MIT"\nfolder = "a"\n'
    path.write_text(f"{head}{line}\nsaes.middle = {{ folder = 'x' }}\n")
    with pytest.raises(PlaygroundError) as caught:
        registry.load(path)
    check(str(caught.value), str(path), *says)


# -- the hub -----------------------------------------------------------------------------------
def test_gated_without_a_token(served: Hub, home: Path) -> None:
    gemma = "google/gemma-2-2b"
    served.add(gemma, home / "model", gated=True)
    page = f"(Gemma Terms of Use) at https://huggingface.co/{gemma}"
    refused(asking(home, "gemma-2-2b"), "is gated", page, "`hf auth login`", "HF_TOKEN=")
    assert not served.cache.exists()


def test_gated_for_this_account(served: Hub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served.repos[MODEL].gated = True
    monkeypatch.setenv("HF_TOKEN", "hf_stranger")
    refused(asking(home, MODEL), "the account of your token may not", f"huggingface.co/{MODEL}")


def test_a_token_of_nobody(served: Hub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_mistyped")
    refused(
        asking(home, MODEL), MODEL, "does not accept your token", "/settings/tokens", "HF_TOKEN"
    )
    assert not served.cache.exists()


def test_a_revision_that_is_not_there(served: Hub) -> None:
    with pytest.raises(PlaygroundError) as caught:
        hub.look(MODEL, "v9")
    check(str(caught.value), MODEL, "no revision 'v9'", "/commits")


@pytest.mark.parametrize(
    ("status", "says"), [(503, "answers with error 503"), (429, "asks to wait")]
)
def test_a_hub_in_trouble(served: Hub, home: Path, status: int, says: str) -> None:
    served.status = status
    refused(asking(home, MODEL), MODEL, says)
    assert not served.cache.exists()


def test_no_connection(served: Hub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    refused(asking(home, MODEL), MODEL, "connection to http://127.0.0.1:9 failed", "again")
    assert not served.cache.exists()


def test_offline_with_nothing(served: Hub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    refused(asking(home, MODEL), MODEL, "not been downloaded", "HF_HUB_OFFLINE=0")
    assert not served.cache.exists()


@pytest.mark.parametrize("shards", [False, True])
def test_offline_with_a_part(
    served: Hub, home: Path, monkeypatch: pytest.MonkeyPatch, shards: bool
) -> None:
    if shards:
        model("gpt2").save_pretrained(home / "cut", max_shard_size="40KB")
        tokenizer().save_pretrained(home / "cut")
        served.repos[MODEL].files.clear()
        served.add(MODEL, home / "cut")
    listing = hub.look(MODEL)
    names = [each for each in listing.sizes if each != WEIGHTS and "00002-of" not in each]
    hub.fetch(listing, names, list[str]().append)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    refused(asking(home, MODEL), MODEL, "only a part", "missing", "HF_HUB_OFFLINE=0")


def test_a_connection_that_breaks_for_good(served: Hub, home: Path) -> None:
    served.repos[MODEL].cut[WEIGHTS] = 1000
    refused(asking(home, MODEL), MODEL, "run the same command again", "whole files are kept")
    served.repos[MODEL].cut.clear()
    served.asked.clear()
    open_parts(asking(home, MODEL), list[str]().append)
    assert served.asked == [WEIGHTS]


def test_a_full_disk_is_foreseen(served: Hub, home: Path) -> None:
    served.repos[MODEL].told["tokenizer.json"] = 10**15
    refused(asking(home, MODEL), MODEL, "1,000,000.0 GB are to be downloaded", "free", "HF_HOME")
    assert served.asked == [CONFIG]


def test_a_disk_that_fills_up(served: Hub, home: Path) -> None:
    """The kernel ends each file at 1 MB, as a full disk would."""
    served.repos[MODEL].files[WEIGHTS] = bytes(3_000_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        refused(asking(home, MODEL), MODEL, f"{served.cache} is full", "make room")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_cache_that_is_no_folder(
    served: Hub, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").write_text("mine")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "file"))
    refused(asking(home, MODEL), MODEL, f"{home / 'file'} cannot be written", "HF_HOME")
    assert (home / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("gone", "added", "says"),
    [
        (CONFIG, "README.md", "has no config.json"),
        (WEIGHTS, "model.gguf", "there is model.gguf, which cannot be steered"),
        ("tokenizer.json", "README.md", "the tokenizer is missing"),
    ],
)
def test_a_repository_without(served: Hub, home: Path, gone: str, added: str, says: str) -> None:
    repo = served.repos[MODEL]
    del repo.files[gone]
    repo.files[added] = b"x"
    refused(asking(home, MODEL), MODEL, says)
    assert WEIGHTS not in served.asked


# -- what does not fit, before any weights come ------------------------------------------------
def changed(**fields: Any) -> Damage:
    """Of config.json."""

    def change(folder: Path) -> None:
        path = folder / CONFIG
        path.write_text(json.dumps(json.loads(path.read_text()) | fields))

    return change


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"model_type": "bert"}, ("models of the type 'bert'", "there are", "gpt2", "llama")),
        ({"model_type": None}, ("models of the type 'None'", "gpt2")),
        ({"n_embd": 48}, ("made for a width of 32, and the model has 48", "another model")),
        ({"n_layer": 1}, ("belongs in block 1, and the model has blocks 0 to 0",)),
        ({"n_layer": "three"}, ("config.json is damaged",)),
    ],
)
def test_a_model_that_does_not_fit(
    served: Hub, home: Path, fields: dict[str, object], says: tuple[str, ...]
) -> None:
    changed(**fields)(home / "model")
    served.add(MODEL, home / "model")
    refused(asking(home, MODEL), *says)
    assert served.asked == [CONFIG]


def test_an_sae_of_another_model(served: Hub, home: Path) -> None:
    """As wide, and with as many blocks."""
    served.add(SAES_REPO, home / "sae", under=f"{SAE}/")
    asked = asking(home, MODEL, (f"{RELEASE}/{SAE}",))
    refused(asked, f"{RELEASE}/{SAE} was trained on openai-community/gpt2, not on {MODEL}")
    assert WEIGHTS not in served.asked and "sae_weights.safetensors" not in "".join(served.asked)


def test_more_than_the_memory(served: Hub, home: Path) -> None:
    """A file that claims a tebibyte and takes no room."""
    size = 2**40
    tensor = {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}
    head = json.dumps({"transformer.wte.weight": tensor}).encode()
    with (home / "model" / WEIGHTS).open("wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        file.truncate(8 + len(head) + size)
    refused(asking(home), "need 1024.0 GiB of memory", "free", "smaller model")


# -- folders and files -------------------------------------------------------------------------
def shortened(name: str) -> Damage:
    return lambda folder: os.truncate(folder / name, (folder / name).stat().st_size // 2)


def without(name: str) -> Damage:
    return lambda folder: (folder / name).unlink()


def written(name: str, content: bytes) -> Damage:
    def write(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return write


def emptied(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


class Code:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("touch ran",)


def with_code(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    torch.save({"a": Code()}, folder / "pytorch_model.bin")


def half(folder: Path) -> None:
    """Weights of a model with fewer blocks."""
    changed(n_layer=4)(folder)


def shards_without_one(folder: Path) -> None:
    (folder / WEIGHTS).unlink()
    model("gpt2").save_pretrained(folder, max_shard_size="40KB")
    next(folder.glob("model-00002-of-*.safetensors")).unlink()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (emptied, ("is empty", CONFIG)),
        (without(CONFIG), ("holds no model", CONFIG, "save_pretrained")),
        (shortened(CONFIG), ("config.json is damaged", "download it again")),
        (written(CONFIG, b"[]"), ("config.json is damaged", "no table")),
        (changed(model_type="bert"), ("models of the type 'bert'",)),
        (without(WEIGHTS), ("no weights", "pytorch_model.bin")),
        (shortened(WEIGHTS), (f"{WEIGHTS}: is cut off", "download it again")),
        (written(WEIGHTS, b"<html>"), (f"{WEIGHTS}: is damaged", "download it again")),
        (shards_without_one, ("model-00002-of-", "is missing")),
        (half, ("lack 12 tensors", "two models")),
        (changed(n_positions=64), ("have not the sizes", "[512, 32] for [64, 32]")),
        (with_code, ("hold more than numbers", "nothing of them was run", "safetensors")),
        (without("tokenizer.json"), ("the tokenizer is missing", "tokenizer.json")),
        (shortened("tokenizer.json"), ("the tokenizer cannot be read", "again")),
    ],
)
def test_a_damaged_model(
    served: Hub, home: Path, monkeypatch: pytest.MonkeyPatch, damage: Damage,
    says: tuple[str, ...],
) -> None:  # fmt: skip
    damage(home / "model")
    monkeypatch.chdir(home)
    held = sorted(home.rglob("*"))
    refused(asking(home), str(home / "model"), *says)
    assert sorted(home.rglob("*")) == held and served.asked == []


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (emptied, ("is no SAE folder", "cfg.json")),
        (shortened("cfg.json"), ("cfg.json is damaged",)),
        (without("sae_weights.safetensors"), ("the weights are missing",)),
        (shortened("sae_weights.safetensors"), ("is damaged", "download it again")),
        (written("cfg.json", b'{"architecture": "magic"}'), ("architecture 'magic'", "topk")),
    ],
)
def test_a_damaged_sae(served: Hub, home: Path, damage: Damage, says: tuple[str, ...]) -> None:
    damage(home / "sae")
    refused(asking(home, MODEL), str(home / "sae"), *says)
    assert WEIGHTS not in served.asked
